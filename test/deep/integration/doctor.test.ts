/** `vigie doctor` on a home and on a stage: it reports what is in order, and what is not with its fix, ending with 1. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { program } from '../../../lambdas/config/program.ts'
import type { Finding } from '../../../lambdas/domain/checkup/finding.ts'
import {
  type AccountHere,
  denied,
  describedStack,
  type Reply,
  startAccount,
  subscriptions,
} from '../../support/account-here.ts'
import { jsonOf, newFolder, vigie, vigieJson, writeNdjson } from '../../support/cli.ts'
import { clockEnv, now } from '../../support/clock.ts'
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
/** The checks with something to fix, without the runtime's end: a run at another instant may be after it. */
const undone = ({ findings }: Checkup): readonly string[] =>
  findings
    .filter(({ check, state }) => check !== 'runtime' && (state === 'broken' || state === 'unread'))
    .map(({ check }) => check)

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
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

  test('that does not exist yet has nothing to fix, and is not created', async () => {
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
    expect(undone(found)).toEqual(['stored', 'archive', 'mail', 'house'])
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
    expect(undone(found)).toEqual(['store', 'stored', 'history', 'decisions', 'archive', 'version'])
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
  const undo: (() => void)[] = []
  beforeAll(async () => {
    const settings = { mail: { from: 'vigie@example.org' }, alarmMail: 'watch@example.org', kmsKey: 'create' }
    const assembly = await sharedTemplate(settings)
    stack = await startStack(assembly)
    account = await startAccount(stack, assembly.template)
    const ofKeys = Object.entries(assembly.template.Resources).filter(([, { Type }]) => Type === 'AWS::KMS::Key')
    keyId = ofKeys.find(([id]) => id.startsWith('Key'))?.[0] ?? ''
    const file = await writeNdjson(join(folder, 'one.ndjson'), input({ id: 'a' }))
    const options = { env: { ...stack.env, VIGIE_HOME: join(folder, 'operator') } }
    await vigieJson(['ingest', file, '--stage', 'test'], options)
    await vigieJson(['report', 'NC', '2024-W20', '--stage', 'test'], options)
  })
  afterEach(() => {
    for (const one of undo.splice(0).toReversed()) one()
  })
  afterAll(async () => {
    await account.close()
    await stack.close()
  })
  const look = (env: Readonly<Record<string, string>> = {}) => doctor(['--stage', 'test'], { ...account.env, ...env })
  const reply = (call: string, answer: Reply) => void undo.push(account.reply(call, () => answer))

  test('that is in order: every fact is read, and nothing is written', async () => {
    const before = account.calls.length
    const found = await look()
    expect(undone(found)).toEqual([])
    const isSupported = about(found, 'runtime')?.state !== 'broken'
    expect(found).toMatchObject({ code: isSupported ? 0 : 1, ok: isSupported })
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
      'stored',
      'history',
      'decisions',
      'archive',
      'version',
      'runtime',
    ])
    const actions = account.calls.slice(before).map(({ action }) => action)
    expect(actions.filter((action) => !/^(Get|List|Describe|Query|GET )/.test(action))).toEqual([])
    expect(about(found, 'archive')?.detail).toContain('signed by the key that signs now')
    expect(about(found, 'version')?.detail).toBe(`the stage is ${program}, as this is`)
    expect(about(found, 'concurrency')?.detail).toMatch(/may start \d+$/)
  })

  /** What each check finds, of answers that an account out of order gives at once: call, answer, check, words. */
  const wrong: Readonly<Record<string, readonly (readonly [string, Reply, string, string])[]>> = {
    'new, in the sandbox and unprotected': [
      [
        'lambda.GetAccountSettings',
        { json: { AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 } } },
        'concurrency',
        'runs 10 functions at once',
      ],
      ['sns.ListSubscriptionsByTopic', subscriptions('PendingConfirmation'), 'alarm mail', 'has not confirmed'],
      ['dynamodb.DescribeTable', { json: { Table: { TableStatus: 'ACTIVE' } } }, 'table', 'can be deleted'],
      [
        'dynamodb.DescribeContinuousBackups',
        {
          json: {
            ContinuousBackupsDescription: { PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: 'DISABLED' } },
          },
        },
        'recovery',
        'recovery is off',
      ],
      ['s3.GetBucketPolicy', { json: { Statement: [] } }, 'archive bucket', 'lets objects be replaced'],
      [
        'ses.GetAccount',
        { json: { ProductionAccessEnabled: false, SendingEnabled: true, EnforcementStatus: 'HEALTHY' } },
        'mail account',
        'sandbox',
      ],
      ['ses.GetEmailIdentity', { json: { VerifiedForSendingStatus: false } }, 'mail identity', 'is not verified'],
    ],
    'being shut down': [
      [
        'monitoring.DescribeAlarms',
        { json: { MetricAlarms: [{ AlarmName: 'ReportsDeadLettersAlarm0A1B2C3D', StateValue: 'ALARM' }] } },
        'alarms',
        'ReportsDeadLetters rings',
      ],
      [
        'kms.DescribeKey',
        { json: { KeyMetadata: { KeyState: 'PendingDeletion' } } },
        'signing key',
        'is PendingDeletion',
      ],
      [
        'secretsmanager.DescribeSecret',
        { json: { DeletedDate: 1_800_000_000 } },
        'pseudonym secret',
        'goes at 2027-01-15',
      ],
      [
        'ses.GetAccount',
        { json: { ProductionAccessEnabled: true, SendingEnabled: false, EnforcementStatus: 'SHUTDOWN' } },
        'mail account',
        'may send nothing',
      ],
      [
        'ses.GetEmailIdentity',
        { status: 404, headers: { 'x-amzn-errortype': 'NotFoundException' }, json: { message: 'no' } },
        'mail identity',
        'SES knows neither',
      ],
    ],
  }

  test.each(Object.entries(wrong))('in an account that is %s reports each fact with its fix', async (_, facts) => {
    for (const [call, answer] of facts) reply(call, answer)
    const found = await look()
    expect(undone(found).toSorted()).toEqual(facts.map(([, , check]) => check).toSorted())
    expect(found.code).toBe(1)
    for (const [, , check, words] of facts) {
      expect(about(found, check)).toMatchObject({
        ...{ state: 'broken', detail: expect.stringContaining(words), fix: expect.stringMatching(/\w+/) },
      })
    }
  })

  test('with a stack that failed and drifted, or that another version deployed without protection', async () => {
    const stackIs = (outputs: Readonly<Record<string, string>>, state: Parameters<typeof describedStack>[1]) =>
      reply('cloudformation.DescribeStacks', { xml: describedStack(outputs, state) })
    stackIs(stack.outputs, { status: 'UPDATE_ROLLBACK_FAILED', drift: 'DRIFTED' })
    expect(undone(await look())).toEqual(['stack', 'drift'])
    stackIs({ ...stack.outputs, Version: 'vigie 999.0.0' }, { isProtected: false })
    const found = await look()
    expect(undone(found)).toEqual(['stack', 'version'])
    expect(about(found, 'stack')?.fix).toContain('npm run deploy -- --stage test')
    expect(about(found, 'version')?.detail).toContain('the command line is older')
  })

  test('whose messages wait too long, and with dead letters', async () => {
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

  test('with its own key, whose policy forgets EventBridge', async () => {
    reply('sqs.GetQueueAttributes', { json: { Attributes: { KmsMasterKeyId: keyId, VisibilityTimeout: '1800' } } })
    const Statement = ['logs.eu-west-3', 's3', 'scheduler'].map((service) => ({
      ...{ Effect: 'Allow', Principal: { Service: `${service}.amazonaws.com` } },
      ...{ Action: ['kms:Decrypt', 'kms:GenerateDataKey*'], Resource: '*' },
    }))
    reply('kms.GetKeyPolicy', { json: { Policy: JSON.stringify({ Statement }) } })
    const found = await look()
    expect(undone(found)).toEqual(['storage key'])
    expect(about(found, 'storage key')?.detail).toContain('events.amazonaws.com')
  })

  test('with few rights: each fact is unread with the right that it takes, and the rest is reported', async () => {
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
    const latest = new Date(now().getTime() + 86_400_000).toISOString()
    await stack.stored.put({ pk: 'CLOCK', sk: 'LATEST', latest })
    const ahead = await look()
    expect(undone(ahead)).toEqual(['stored'])
    expect(about(ahead, 'stored')?.fix).toContain('watchdog')
  })

  test('that is not deployed', async () => {
    const ran = await vigie(['doctor', '--stage', 'nowhere'], { env: stack.env })
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('vigie-nowhere cannot be read') })
    // An operator of one stage does not learn whether there are others.
    stack.denied.splice(0)
  })
})
