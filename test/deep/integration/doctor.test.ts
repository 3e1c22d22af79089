/**
 * `vigie doctor` on a home and on a stage: what is in order is said, what is not is named with its mend, and ends with
 * 1.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { program } from '../../../lambdas/config/program.ts'
import type { Finding } from '../../../lambdas/domain/checkup/finding.ts'
import { mailedName, syntheticFolder } from '../../../lambdas/domain/report/synthetic.ts'
import {
  type AccountHere,
  denied,
  describedStack,
  type Reply,
  startAccount,
  subscriptions,
} from '../../support/account-here.ts'
import { jsonOf, newFolder, vigie, vigieJson } from '../../support/cli.ts'
import { ago, clockEnv, now } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { overwrite } from '../../support/files.ts'
import { ingestInto, openedOn, reportFrom } from '../../support/services.ts'
import { sharedTemplate } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

type Checkup = { readonly code: number | null; readonly ok: boolean; readonly findings: readonly Finding[] }
const doctor = async (words: readonly string[], env: Readonly<Record<string, string>>): Promise<Checkup> => {
  const ran = await vigie(['doctor', ...words, '--json'], { env })
  return { code: ran.code, ...jsonOf<Omit<Checkup, 'code'>>(ran) }
}
const about = ({ findings }: Checkup, check: string): Finding | undefined => findings.find((one) => one.check === check)
/** What is to be mended, by name. */
const undone = ({ findings }: Checkup): readonly string[] =>
  findings.filter(({ state }) => state === 'broken' || state === 'unread').map(({ check }) => check)

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  remove = made.remove
})
afterAll(() => remove())

describe('of a home', () => {
  let home: string
  beforeAll(async () => {
    home = join(folder, 'home')
    await openedOn(home, async (opened) => {
      await ingestInto(opened, [input({ id: 'a' })])
      await reportFrom(opened, 'NC', '2024-W20')
    })
  })

  test('that is in order', async () => {
    const found = await doctor([], { VIGIE_HOME: home })
    expect(undone(found)).toEqual([])
    expect(found).toMatchObject({ code: 0, ok: true })
    expect(about(found, 'archive')?.detail).toContain('the newest 1 of 1 version')
    expect(about(found, 'print')?.state).toBe('good')
    expect(about(found, 'fonts')?.detail).toMatch(/^all \d\d files/)
    const text = await vigie(['doctor', '--home', home])
    expect(text.stdout).toContain('✓ print: ')
    expect(text.stdout).toContain('all in order')
  })

  test('that is not there yet is none to mend, and is not made', async () => {
    const nowhere = join(folder, 'nowhere')
    const found = await doctor([], { VIGIE_HOME: nowhere })
    expect(found.code).toBe(0)
    expect(about(found, 'store')).toMatchObject({ state: 'note', detail: expect.stringContaining('no data folder') })
    await expect(rm(nowhere)).rejects.toThrow('ENOENT')
  })

  test('with a damaged report, a wrong vigie.json and a clock that is behind', async () => {
    const file = join(home, 'archive/reports/NC/2024-W20/amber/v0001/report.json')
    const before: Buffer[] = []
    await overwrite(file, (bytes) => {
      before.push(bytes)
      return `${bytes} `
    })
    await writeFile(join(home, 'vigie.json'), '{"acent":"#fff"}')
    const found = await doctor([], { VIGIE_HOME: home, ...clockEnv(-40 * 86_400_000) })
    await overwrite(file, () => before[0] ?? '')
    await rm(join(home, 'vigie.json'))
    expect(found.code).toBe(1)
    expect(undone(found)).toEqual(['stored', 'archive', 'house'])
    expect(about(found, 'archive')).toMatchObject({
      detail: expect.stringContaining('report.json has other bytes than its manifest states'),
      fix: expect.stringContaining('vigie archive verify'),
    })
    expect(about(found, 'house')?.detail).toContain('acent')
    expect(about(found, 'stored')?.detail).toContain('still to come')
  })

  test('without its key, or with a browser that is not there', async () => {
    await rm(join(home, 'signing.key'))
    const found = await doctor([], { VIGIE_HOME: home, CHROME_PATH: join(folder, 'no-chrome') })
    expect(undone(found)).toEqual(['archive', 'version', 'print'])
    expect(about(found, 'archive')).toMatchObject({
      state: 'unread',
      detail: expect.stringContaining('signing.key is not there'),
    })
    expect(about(found, 'print')?.detail).toContain('could not be checked')
  })

  test('whose store does not open', async () => {
    const broken = join(folder, 'broken')
    await mkdir(broken)
    await writeFile(join(broken, 'table.sqlite'), 'no table'.repeat(1_000))
    const found = await doctor([], { VIGIE_HOME: broken })
    expect(undone(found)).toEqual(['store', 'stored', 'history', 'archive', 'version'])
    expect(about(found, 'store')).toMatchObject({
      detail: `could not be checked: ${join(broken, 'table.sqlite')} is damaged`,
      fix: expect.stringMatching(/^put back a copy of table.sqlite/),
    })
  })
})

describe('of a stage', () => {
  let stack: StackHere
  let account: AccountHere
  /** The key under which the stage keeps everything. */
  let keyId: string
  const mends: (() => void)[] = []
  beforeAll(async () => {
    const settings = { mail: { from: 'vigie@example.org' }, alarmMail: 'watch@example.org', kmsKey: 'create' }
    const assembly = await sharedTemplate(settings)
    stack = await startStack(assembly)
    account = await startAccount(stack, assembly.template)
    const ofKeys = Object.entries(assembly.template.Resources).filter(([, { Type }]) => Type === 'AWS::KMS::Key')
    keyId = ofKeys.find(([id]) => id.startsWith('Key'))?.[0] ?? ''
    const file = join(folder, 'one.ndjson')
    await writeFile(file, `${JSON.stringify(input({ id: 'a' }))}\n`)
    const options = { env: { ...stack.env, VIGIE_HOME: join(folder, 'operator') } }
    await vigieJson(['ingest', file, '--stage', 'test'], options)
    await vigieJson(['report', 'NC', '2024-W20', '--stage', 'test'], options)
    for (const name of ['manifest.json', mailedName])
      await stack.s3.send(new PutObjectCommand({ Bucket: archive(), Key: `${trial}${name}`, Body: '{}' }))
  })
  /** As generate and deliver leave it: aws-synthetic.test.ts. */
  const trial = syntheticFolder(ago(3_600_000))
  const archive = () => stack.outputs.ArchiveBucket ?? ''
  afterEach(() => {
    for (const mend of mends.splice(0).toReversed()) mend()
  })
  afterAll(async () => {
    await account.close()
    await stack.close()
  })
  const look = (env: Readonly<Record<string, string>> = {}) => doctor(['--stage', 'test'], { ...account.env, ...env })
  const reply = (call: string, said: Reply) => void mends.push(account.reply(call, () => said))

  test('that is in order: every fact is read, and nothing is written', async () => {
    const before = account.calls.length
    const found = await look()
    expect(undone(found)).toEqual([])
    expect(found).toMatchObject({ code: 0, ok: true })
    expect(found.findings.map(({ check }) => check)).toEqual([
      'clock',
      'stack',
      'drift',
      'concurrency',
      'alarm mail',
      'alarms',
      'queues',
      'dead letters',
      'table',
      'recovery',
      'archive bucket',
      'signing key',
      'pseudonym secret',
      'storage key',
      'mail account',
      'mail identity',
      'mail set',
      'daily trial',
      'stored',
      'history',
      'archive',
      'version',
      'runtime',
    ])
    const actions = account.calls.slice(before).map(({ action }) => action)
    expect(actions.filter((action) => !/^(Get|List|Describe|Query|GET )/.test(action))).toEqual([])
    expect(about(found, 'archive')?.detail).toContain('signed by the key that signs now')
    expect(about(found, 'version')?.detail).toBe(`the stage is ${program}, as this is`)
    // All queues of the stage with mail: generate, ingest, deliver, feedback.
    expect(about(found, 'concurrency')?.detail).toMatch(/may start \d+$/)
  })

  const refusals = [
    [
      'a new account',
      'concurrency',
      'lambda.GetAccountSettings',
      { json: { AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } } },
      'runs 10 functions at once',
    ],
    [
      'nobody who confirmed',
      'alarm mail',
      'sns.ListSubscriptionsByTopic',
      subscriptions('PendingConfirmation'),
      'has not confirmed',
    ],
    [
      'SES’s sandbox',
      'mail account',
      'ses.GetAccount',
      { json: { ProductionAccessEnabled: false, SendingEnabled: true, EnforcementStatus: 'HEALTHY' } },
      'sandbox',
    ],
    [
      'a paused account',
      'mail account',
      'ses.GetAccount',
      { json: { ProductionAccessEnabled: true, SendingEnabled: false, EnforcementStatus: 'SHUTDOWN' } },
      'may send nothing',
    ],
    [
      'an identity that waits',
      'mail identity',
      'ses.GetEmailIdentity',
      { json: { VerifiedForSendingStatus: false } },
      'is not verified',
    ],
    [
      'no identity',
      'mail identity',
      'ses.GetEmailIdentity',
      { status: 404, headers: { 'x-amzn-errortype': 'NotFoundException' }, json: { message: 'no' } },
      'SES knows neither',
    ],
    [
      'no recovery',
      'recovery',
      'dynamodb.DescribeContinuousBackups',
      {
        json: {
          ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' } },
        },
      },
      'recovery is off',
    ],
    [
      'a table that can go',
      'table',
      'dynamodb.DescribeTable',
      { json: { Table: { TableStatus: 'ACTIVE' } } },
      'can be deleted',
    ],
    [
      'a bucket that lets replace',
      'archive bucket',
      's3.GetBucketPolicy',
      { json: { Statement: [] } },
      'lets objects be replaced',
    ],
    [
      'a key that goes',
      'signing key',
      'kms.DescribeKey',
      { json: { KeyMetadata: { KeyState: 'PendingDeletion' } } },
      'is PendingDeletion',
    ],
    [
      'a secret that goes',
      'pseudonym secret',
      'secretsmanager.DescribeSecret',
      { json: { DeletedDate: 1_800_000_000 } },
      'goes at 2027-01-15',
    ],
    [
      'an alarm',
      'alarms',
      'monitoring.DescribeAlarms',
      {
        json: {
          MetricAlarms: [{ AlarmName: 'ReportsDeadLettersAlarm0A1B2C3D', StateValue: 'ALARM' }],
          CompositeAlarms: [],
        },
      },
      'ReportsDeadLetters rings',
    ],
  ] as const

  test.each(refusals)('with %s says what mends it', async (_, check, call, said, words) => {
    reply(call, said as Reply)
    const found = await look()
    expect(undone(found)).toEqual([check])
    expect(found.code).toBe(1)
    expect(about(found, check)).toMatchObject({
      state: 'broken',
      detail: expect.stringContaining(words),
      fix: expect.stringMatching(/\w+/),
    })
  })

  test('with a stack that failed, can be ended, or was changed by hand', async () => {
    const state = (said: Parameters<typeof describedStack>[1]) =>
      reply('cloudformation.DescribeStacks', { xml: describedStack(stack.outputs, said) })
    state({ status: 'UPDATE_ROLLBACK_FAILED', drift: 'DRIFTED' })
    expect(undone(await look())).toEqual(['stack', 'drift'])
    state({ isProtected: false })
    const found = await look()
    expect(about(found, 'stack')?.fix).toContain('npm run deploy -- --stage test')
    state({ drift: 'NOT_CHECKED' })
    expect(about(await look(), 'drift')?.state).toBe('good')
  })

  test('that another version deployed, or one that did not say so', async () => {
    const deployedBy = (outputs: Readonly<Record<string, string>>) =>
      reply('cloudformation.DescribeStacks', { xml: describedStack(outputs) })
    deployedBy({ ...stack.outputs, Version: 'vigie 999.0.0' })
    const newer = await look()
    expect(undone(newer)).toEqual(['version'])
    expect(about(newer, 'version')?.detail).toContain('the command line is older')
    const { Version: _version, ...silent } = stack.outputs
    deployedBy(silent)
    expect(about(await look(), 'version')?.fix).toContain('npm run deploy -- --stage test')
  })

  test('whose last trial was not mailed', async () => {
    await stack.s3.send(new DeleteObjectCommand({ Bucket: archive(), Key: `${trial}${mailedName}` }))
    const found = await look()
    await stack.s3.send(new PutObjectCommand({ Bucket: archive(), Key: `${trial}${mailedName}`, Body: '{}' }))
    expect(undone(found)).toEqual(['daily trial'])
    expect(about(found, 'daily trial')?.detail).toContain('was archived')
  })

  test('whose messages wait too long, and whose letters are dead', async () => {
    await stack.send(stack.queue('ReportsQueue'), { kind: 'requested' })
    await stack.send(stack.queue('DropsDeadLettersQueue'), {})
    reply('monitoring.GetMetricData', { json: { MetricDataResults: [{ Id: 'age', Values: [7_200] }] } })
    const found = await look()
    await stack.take(stack.queue('ReportsQueue'))
    await stack.take(stack.queue('DropsDeadLettersQueue'))
    expect(undone(found)).toEqual(['queues', 'dead letters'])
    expect(about(found, 'queues')?.detail).toBe('a message of reports has waited 2 hours')
    expect(about(found, 'dead letters')).toMatchObject({
      detail: '1 of drops',
      fix: expect.stringContaining('vigie redrive --stage test'),
    })
  })

  test('with a key of its own whose policy forgets EventBridge', async () => {
    reply('sqs.GetQueueAttributes', { json: { Attributes: { KmsMasterKeyId: keyId, VisibilityTimeout: '1800' } } })
    const allowed = (Service: string) => ({
      Effect: 'Allow',
      Principal: { Service },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Resource: '*',
    })
    const Policy = JSON.stringify({
      Statement: ['logs.eu-west-3.amazonaws.com', 's3.amazonaws.com', 'scheduler.amazonaws.com'].map(allowed),
    })
    reply('kms.GetKeyPolicy', { json: { Policy } })
    const found = await look()
    expect(undone(found)).toEqual(['storage key'])
    expect(about(found, 'storage key')?.detail).toContain('events.amazonaws.com')
  })

  test('under rights that are few: each fact is unread with the right that it takes, and the rest is said', async () => {
    const rights = {
      'lambda.GetAccountSettings': 'lambda:GetAccountSettings',
      'sns.ListSubscriptionsByTopic': 'sns:ListSubscriptionsByTopic',
      'monitoring.DescribeAlarms': 'cloudwatch:DescribeAlarms',
      'dynamodb.DescribeContinuousBackups': 'dynamodb:DescribeContinuousBackups',
      's3.GetBucketPolicy': 's3:GetBucketPolicy',
      'kms.DescribeKey': 'kms:DescribeKey',
      'ses.GetAccount': 'ses:GetAccount',
      'secretsmanager.DescribeSecret': 'secretsmanager:DescribeSecret',
    }
    for (const [call, right] of Object.entries(rights)) reply(call, denied(right))
    const found = await look()
    expect(found.code).toBe(1)
    const unread = found.findings.filter(({ state }) => state === 'unread')
    expect(unread).toHaveLength(Object.keys(rights).length)
    for (const right of Object.values(rights)) {
      const one = unread.find(({ detail: said }) => said.includes(right))
      expect([right, one?.fix]).toEqual([
        right,
        expect.stringContaining(`allow ${right.split(' ')[0]?.split(':')[0]}:`),
      ])
    }
    expect(about(found, 'table')?.state).toBe('good')
  })

  test('from a machine whose clock is wrong, and with something stored ahead', async () => {
    const found = await look(clockEnv(3 * 3_600_000))
    expect(undone(found)).toEqual(['clock'])
    expect(about(found, 'clock')?.detail).toContain('3 hours ahead')
    const items = DynamoDBDocumentClient.from(stack.dynamo)
    const TableName = stack.outputs.TableName ?? ''
    const latest = new Date(now().getTime() + 86_400_000).toISOString()
    await items.send(new PutCommand({ TableName, Item: { pk: 'CLOCK', sk: 'LATEST', latest } }))
    const ahead = await look()
    expect(undone(ahead)).toEqual(['stored'])
    expect(about(ahead, 'stored')?.fix).toContain('watchdog')
  })

  test('that is not deployed', async () => {
    const ran = await vigie(['doctor', '--stage', 'nowhere'], { env: stack.env })
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('vigie-nowhere cannot be read') })
    // An operator of one stage is not told whether there are others.
    stack.denied.splice(0)
  })
})
