/**
 * The table is lost or damaged, and comes back as it was earlier; the archive is complete. Rehearsed on the stand-ins.
 */
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateTableCommand, DeleteTableCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type AccountHere, denied, startAccount } from '../support/account-here.ts'
import { ended, jsonOf, newFolder, type ReportJson, type VerifyJson, vigie, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { testKey } from '../support/rights/enforce.ts'
import { sharedTemplate } from '../support/shared-assembly.ts'
import { type StackHere, startStack } from '../support/stack-here.ts'

type Items = readonly Record<string, unknown>[]
type Drill = {
  readonly ok: boolean
  readonly steps: readonly { readonly step: string; readonly ok: boolean; readonly said: string }[]
}

let folder: string
let remove: () => Promise<void>
let stack: StackHere
let account: AccountHere
let items: DynamoDBDocumentClient
let table: string
/** The table at the moment that it is restored to: one report, and the second one's claim. */
let earlier: Items
const mends: (() => void)[] = []

const tool = fileURLToPath(new URL('../../tools/restore-drill.ts', import.meta.url))
/** A restore is an administrator's work: it makes tables. */
const environment = () => ({ ...account.env, AWS_ACCESS_KEY_ID: testKey, VIGIE_HOME: join(folder, 'operator') })
const onStage = <Value>(...words: readonly string[]) =>
  vigieJson<Value>([...words, '--stage', 'test'], { env: environment() })
const drill = async (...words: readonly string[]) => {
  const child = spawn(process.execPath, [tool, '--stage', 'test', '--json', ...words], {
    env: { ...process.env, ...environment() },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ran = await ended(child)
  return { code: ran.code, stderr: ran.stderr, ...(ran.code === 2 ? { ok: false, steps: [] } : jsonOf<Drill>(ran)) }
}
const contents = async (TableName: string): Promise<Items> => {
  const found: Record<string, unknown>[] = []
  for (let next: Record<string, unknown> | undefined, more = true; more; more = next !== undefined) {
    const page = await items.send(new ScanCommand({ TableName, ExclusiveStartKey: next }))
    found.push(...(page.Items ?? []))
    next = page.LastEvaluatedKey
  }
  return found
}
const create = async (TableName: string, holding: Items): Promise<void> => {
  await stack.dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  )
  for (const Item of holding) await items.send(new PutCommand({ TableName, Item }))
}
const ingest = async (id: string) => {
  const file = join(folder, `${id}.ndjson`)
  await writeFile(file, `${JSON.stringify(input({ id }))}\n`)
  return onStage<{ accepted: number; duplicates: number }>('ingest', file)
}
const said = ({ steps }: Drill, step: string) => steps.filter((one) => one.step === step).map((one) => one.said)

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  remove = made.remove
  const assembly = await sharedTemplate()
  stack = await startStack(assembly)
  account = await startAccount(stack, assembly.template)
  items = DynamoDBDocumentClient.from(stack.dynamo)
  table = stack.outputs.TableName ?? ''
  await ingest('a')
  await onStage('report', 'NC', '2024-W20')
  await onStage('report', 'WF', '2024-W21')
  const before = await contents(table)
  await ingest('b')
  await onStage('report', 'NC', '2024-W20')
  await onStage('report', 'PF', '2024-W22')
  const second = (await contents(table)).find(({ pk, version }) => pk === 'REPORT#NC' && version === 2) ?? {}
  const { published: _, ...claim } = second
  earlier = [...before, { ...claim, state: 'claimed', leaseUntil: '2026-01-01T00:00:00.000Z' }]
  // DynamoDB's own part: another table, as it was.
  account.reply('dynamodb.RestoreTableToPointInTime', async (body) => {
    const { SourceTableName, TargetTableName } = JSON.parse(body)
    expect(SourceTableName).toBe(table)
    await create(TargetTableName, earlier)
    return { json: { TableDescription: { TableName: TargetTableName, TableStatus: 'CREATING' } } }
  })
})
afterEach(() => {
  for (const mend of mends.splice(0).toReversed()) mend()
})
afterAll(async () => {
  await account.close()
  await stack.close()
  await remove()
})

describe('the drill', () => {
  test('names what would come back and what is lacking, changes nothing that works, and removes its table', async () => {
    const [before, keys] = [await contents(table), await stack.keys(stack.outputs.ArchiveBucket ?? '')]
    const pem = join(folder, 'vigie.pem')
    await writeFile(pem, (await vigie(['archive', 'key', '--stage', 'test'], { env: environment() })).stdout)
    const secret = join(folder, 'pseudonym.key')
    await writeFile(secret, 'ab'.repeat(32))
    const done = await drill('--key', pem, '--pseudonym-key', secret)
    expect([done.ok, done.code, done.stderr]).toEqual([true, 0, expect.any(String)])
    expect(said(done, 'kept public key')).toEqual(['is the one that signs'])
    expect(said(done, 'pseudonym key')).toEqual(['your copy is the same'])
    // The claim of that moment is what its signed manifest says by now.
    expect(said(done, 'index')).toEqual(['2 versions known, 2 back from the archive, 0 refused'])
    expect(said(done, 'archive')).toEqual(['4 versions with 28 files: as archived and signed'])
    expect(said(done, 'report').toSorted()).toEqual([
      'NC/2024-W20/amber/v0002 would get a next version: 1 detection lacking in the table (b)',
      'PF/2024-W22/amber/v0001 would be the same version',
      'WF/2024-W21/amber/v0001 would be the same version',
    ])
    expect(await contents(table)).toEqual(before)
    expect(await stack.keys(stack.outputs.ArchiveBucket ?? '')).toEqual(keys)
    const { TableNames } = await stack.dynamo.send(new ListTablesCommand({}))
    expect(TableNames).toEqual([table])
  })

  test('fails where an archived file is damaged, a kept key is another, or a right is lacking', async () => {
    const bucket = stack.outputs.ArchiveBucket ?? ''
    const key = 'reports/WF/2024-W21/amber/v0001/report.json'
    const whole = await stack.object(bucket, key)
    const put = (Body: Buffer | string) => stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body }))
    await put(`${whole} `)
    const wrong = join(folder, 'wrong.key')
    await writeFile(wrong, 'cd'.repeat(32))
    const done = await drill('--pseudonym-key', wrong)
    await put(whole)
    expect(done.code).toBe(1)
    expect(done.steps.filter(({ ok }) => !ok).map(({ step }) => step)).toEqual(['pseudonym key', 'archive', 'report'])
    // A report is not made on a version that cannot be read.
    expect(done.steps.find(({ step, ok }) => step === 'report' && !ok)?.said).toContain('cannot be made')
    expect(said(done, 'archive')[0]).toContain('has other bytes than its manifest says')
    mends.push(account.reply('dynamodb.RestoreTableToPointInTime', () => denied('dynamodb:RestoreTableToPointInTime')))
    const refused = await drill()
    expect(refused.code).toBe(1)
    expect(said(refused, 'drill')[0]).toContain('It takes dynamodb:RestoreTableToPointInTime')
  })

  test.each([
    [['--at', 'yesterday'], 'is no instant'],
    [['--editions', 'all'], 'is no number'],
  ])('with %j is wrong usage', async (words, told) => {
    expect(await drill(...words)).toMatchObject({ code: 2, stderr: expect.stringContaining(told) })
  })
})

test('in earnest: the table is gone, and comes back under its name as it was', async () => {
  await stack.dynamo.send(new DeleteTableCommand({ TableName: table }))
  await create(table, earlier)
  const reindexed = await onStage<{ indexed: number; stood: number; refused: number }>('archive', 'reindex')
  expect(reindexed).toMatchObject({ indexed: 2, stood: 2, refused: 0 })
  expect(await onStage<VerifyJson>('archive', 'verify')).toMatchObject({ versions: 4, problems: [] })
  // What came after that moment comes in again; what was known is a duplicate.
  expect(await ingest('a')).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(await ingest('b')).toMatchObject({ accepted: 1, duplicates: 0 })
  const report = (territory: string, period: string) => onStage<ReportJson>('report', territory, period)
  expect(await report('NC', '2024-W20')).toMatchObject({ version: 2, isNew: false })
  expect(await report('PF', '2024-W22')).toMatchObject({ version: 1, isNew: false })
  expect(await onStage<VerifyJson>('archive', 'verify')).toMatchObject({ versions: 4, problems: [] })
})
