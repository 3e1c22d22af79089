/** What a stage's stack is made of: its resources by the names that lib/ gives them. */
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import { StageError } from './stage.ts'

type StackResource = { readonly id: string; readonly type: string; readonly physical: string }

export type StackResources = {
  readonly all: readonly StackResource[]
  /** The physical name of the one whose logical id is this word and the CDK's eight digits. */
  find(name: string): string | undefined
}

/** @throws StageError where it cannot be read */
export const resourcesOf = async (stage: string): Promise<StackResources> => {
  const client = new CloudFormationClient({})
  const all: StackResource[] = []
  try {
    for await (const { StackResourceSummaries = [] } of paginateListStackResources(
      { client },
      { StackName: `vigie-${stage}` },
    )) {
      for (const {
        LogicalResourceId: id = '',
        ResourceType: type = '',
        PhysicalResourceId: physical = '',
      } of StackResourceSummaries)
        all.push({ id, type, physical })
    }
  } catch (cause) {
    const why = messageOf(cause)
    throw new StageError(
      `what the stack vigie-${stage} is made of cannot be read: ${why}. It takes cloudformation:ListStackResources, and the region and credentials that it is under`,
      { cause },
    )
  } finally {
    client.destroy()
  }
  return {
    all,
    find: (name) => all.find(({ id }) => id.startsWith(name) && /^[0-9A-F]{8}$/.test(id.slice(name.length)))?.physical,
  }
}
