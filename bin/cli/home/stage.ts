import { CloudFormationClient, DescribeStacksCommand, paginateListStackResources } from '@aws-sdk/client-cloudformation'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { archiveBucket } from '../../../lambdas/archive/archive.s3.ts'
import type { Archive } from '../../../lambdas/archive/archive.ts'
import { picturesBucket } from '../../../lambdas/archive/pictures.s3.ts'
import type { Pictures } from '../../../lambdas/archive/pictures.ts'
import { systemClock } from '../../../lambdas/config/clock.ts'
import { messageOf } from '../../../lambdas/domain/core/text/thrown.ts'
import { isFarAhead } from '../../../lambdas/domain/core/time/instants.ts'
import { pseudonymKey, pseudonymOf } from '../../../lambdas/domain/detection/revisions/pseudonym.ts'
import type { Signer } from '../../../lambdas/domain/report/signature.ts'
import type { Pseudonyms } from '../../../lambdas/keys/pseudonyms.local.ts'
import { kmsSigner } from '../../../lambdas/keys/signer.kms.ts'
import type { Mailer } from '../../../lambdas/mail/mailer.ts'
import { openQueues } from '../../../lambdas/runtime/sqs-function.ts'
import { instantsIn } from '../../../lambdas/store/table/clock.ts'
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import type { Table } from '../../../lambdas/store/table/table.ts'

const outputNames = [
  'TableName',
  'ArchiveBucket',
  'PseudonymSecret',
  'SigningKey',
  'ReportQueueUrl',
  'DeliveryQueueUrl',
] as const

/** Only with mail, except `Version` and `PlatesBucket`, which older stages lack. */
const furtherOutputNames = ['Site', 'MailFrom', 'MailConfigurationSet', 'Version', 'PlatesBucket'] as const

type Outputs = Readonly<Record<(typeof outputNames)[number], string>> &
  Readonly<Partial<Record<(typeof furtherOutputNames)[number], string>>>

export type Stage = {
  readonly table: Table
  readonly archive: Archive
  /** Undefined on older stages. */
  readonly pictures: Pictures | undefined
  readonly signer: Signer
  pseudonyms(): Promise<Pseudonyms>
  send(queue: 'ReportQueueUrl' | 'DeliveryQueueUrl', message: unknown): Promise<void>
  /** @throws Error for a stage without mail */
  sender(): Promise<StageSender>
  close(): Promise<void>
}

type StageSender = { readonly mailer: Mailer; readonly from: string; readonly site: string }

/** Uses the environment's credentials and endpoints. @throws Error */
export const openStage = async (stage: string): Promise<Stage> => {
  const outputs = await outputsOf(stage)
  const table = openTable({}, outputs.TableName)
  await refuseOtherClock(stage, table)
  const archive = archiveBucket({}, outputs.ArchiveBucket)
  const pictures = outputs.PlatesBucket ? picturesBucket({}, outputs.PlatesBucket) : undefined
  const signer = kmsSigner(outputs.SigningKey)
  return {
    table,
    archive,
    pictures,
    signer,
    pseudonyms: () => readPseudonyms(outputs.PseudonymSecret),
    send: (queue, message) => openQueues().send(outputs[queue], message),
    sender: async () => {
      const { Site: site, MailFrom: from, MailConfigurationSet: configurationSet } = outputs
      if (!(site && from && configurationSet)) {
        throw new Error(`the stage ${stage} sends no mail: deploy it with "mail" in its settings`)
      }
      const { sesMailer } = await import('../../../lambdas/mail/mailer.ses.ts')
      return { mailer: sesMailer({}, { from, configurationSet }), from, site }
    },
    close: async () => {
      await table.close()
      archive.close()
      pictures?.close()
      signer.close()
    },
  }
}

/** The watchdog, on AWS's clock, finds out which clock is wrong. */
const refuseOtherClock = async (stage: string, table: Table): Promise<void> => {
  const now = systemClock().toISOString()
  const latest = await instantsIn(table).latest()
  if (latest === undefined || !isFarAhead(latest, now)) return
  await table.close()
  throw new Error(
    `this machine's clock shows ${now}, but something was stored on the stage ${stage} at ${latest}: set the clock right. If it is right, another machine's was ahead: the watchdog sets back what it stored, every hour or when it is invoked`,
  )
}

/**
 * The region defaults to the environment's.
 * @throws Error
 */
export const outputsOf = async (stage: string, region?: string): Promise<Outputs> => {
  const StackName = `vigie-${stage}`
  const { Stacks } = await asking((client) => client.send(new DescribeStacksCommand({ StackName })), {
    what: `the stack ${StackName}`,
    repair: 'Deploy it, or set the region and the credentials that it is under',
    ...(region !== undefined && { region }),
  })
  const outputs = new Map(Stacks?.[0]?.Outputs?.map(({ OutputKey, OutputValue = '' }) => [OutputKey, OutputValue]))
  const missing = outputNames.filter((name) => !outputs.get(name))
  if (missing.length > 0)
    throw new Error(`the stack ${StackName} has no output ${missing.join(', ')}: deploy it with this version`)
  return Object.fromEntries(
    [...outputNames, ...furtherOutputNames].map((name) => [name, outputs.get(name) ?? '']),
  ) as Outputs
}

/** @throws Error with the cause and a repair */
const asking = async <Answer>(
  ask: (client: CloudFormationClient) => Promise<Answer>,
  { what, repair, ...where }: { readonly what: string; readonly repair: string; readonly region?: string },
): Promise<Answer> => {
  const client = new CloudFormationClient(where)
  try {
    return await ask(client)
  } catch (cause) {
    throw new Error(`${what} cannot be read: ${messageOf(cause)}. ${repair}`, { cause })
  } finally {
    client.destroy()
  }
}

const readPseudonyms = async (secret: string): Promise<Pseudonyms> => {
  const client = new SecretsManagerClient({})
  try {
    const { SecretString = '' } = await client.send(new GetSecretValueCommand({ SecretId: secret }))
    const source = `the secret ${secret}`
    return { pseudonym: pseudonymOf(pseudonymKey(SecretString, source)), source, made: false }
  } finally {
    client.destroy()
  }
}

type StackResource = { readonly id: string; readonly type: string; readonly physical: string }

export type StackResources = {
  readonly all: readonly StackResource[]
  /** Takes the logical id without the CDK's eight digits. */
  find(name: string): string | undefined
}

/** @throws Error where it cannot be read */
export const resourcesOf = async (stage: string): Promise<StackResources> => {
  const StackName = `vigie-${stage}`
  const pages = await asking((client) => Array.fromAsync(paginateListStackResources({ client }, { StackName })), {
    what: `what the stack ${StackName} is made of`,
    repair: 'It takes cloudformation:ListStackResources, and the region and credentials that it is under',
  })
  const all = pages
    .flatMap(({ StackResourceSummaries = [] }) => StackResourceSummaries)
    .map(({ LogicalResourceId = '', ResourceType = '', PhysicalResourceId = '' }) => {
      return { id: LogicalResourceId, type: ResourceType, physical: PhysicalResourceId }
    })
  return {
    all,
    find: (name) => all.find(({ id }) => id.startsWith(name) && /^[0-9A-F]{8}$/.test(id.slice(name.length)))?.physical,
  }
}
