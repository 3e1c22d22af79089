/** A stage's stack as CloudFormation knows it: whether it stands, what it says, and its template. */
import {
  CloudFormationClient,
  DescribeStacksCommand,
  GetTemplateCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation'
import { messageOf } from '../lambdas/domain/core/text/thrown.ts'
import type { TemplateOf } from '../lib/replacements.ts'

type DeployedStack = {
  /** `failed`: its creation was rolled back, and it never held anything. */
  readonly state: 'absent' | 'failed' | 'there'
  readonly isProtected: boolean
  readonly outputs: Readonly<Record<string, string>>
}

/** CloudFormation could not delete something, and goes on by itself neither forward nor back. */
class StuckStackError extends Error {
  override name = 'StuckStackError'

  constructor(stackName: string, status: string) {
    super(
      `the stack ${stackName} is ${status}: its events name what could not be deleted. Take the deletion protection off table and pool, empty the log bucket, whichever it is, delete the stack, and deploy again: docs/aws.md#a-failed-first-deployment`,
    )
  }
}

export type DeployedStacks = ReturnType<typeof deployedStacks>

/** Under the credentials and the region of the environment. */
export const deployedStacks = () => {
  const client = new CloudFormationClient({})
  const ask = async <Answer>(stackName: string, work: () => Promise<Answer>): Promise<Answer> => {
    try {
      return await work()
    } catch (cause) {
      if (cause instanceof StuckStackError) throw cause
      const why = messageOf(cause)
      throw new Error(
        `the stack ${stackName} cannot be asked about: ${why}. Set the region and the credentials that it is under`,
        {
          cause,
        },
      )
    }
  }
  return {
    /** Undefined where nothing says one: `find` throws then, and says what to set. */
    region: (): Promise<string | undefined> => client.config.region().catch(() => undefined),
    /** @throws Error that says what to set, where AWS does not answer */
    find: (stackName: string): Promise<DeployedStack> =>
      ask(stackName, async () => {
        try {
          const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }))
          const status = stack?.StackStatus ?? ''
          if (status.endsWith('DELETE_FAILED') || status === 'ROLLBACK_FAILED')
            throw new StuckStackError(stackName, status)
          const said = stack?.Outputs?.map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const)
          return {
            state: isFailedCreation(status) ? 'failed' : 'there',
            isProtected: stack?.EnableTerminationProtection ?? false,
            outputs: Object.fromEntries(said ?? []),
          }
        } catch (error) {
          // CloudFormation has no error of its own for it.
          if (error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist')) {
            return { state: 'absent', isProtected: false, outputs: {} }
          }
          throw error
        }
      }),
    /** As it was deployed. */
    template: (stackName: string): Promise<TemplateOf> =>
      ask(stackName, async () => {
        const { TemplateBody = '{}' } = await client.send(
          new GetTemplateCommand({ StackName: stackName, TemplateStage: 'Original' }),
        )
        return JSON.parse(TemplateBody) as TemplateOf
      }),
    unprotect: (stackName: string): Promise<void> =>
      ask(stackName, async () => {
        await client.send(
          new UpdateTerminationProtectionCommand({ StackName: stackName, EnableTerminationProtection: false }),
        )
      }),
    close: () => client.destroy(),
  }
}

const isFailedCreation = (status: string): boolean =>
  ['CREATE_FAILED', 'ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS'].includes(status)
