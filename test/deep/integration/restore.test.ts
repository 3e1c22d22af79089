/**
 * The table is lost or damaged, and comes back as it was earlier; the archive is complete. Rehearsed on the stand-ins.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AccountHere, startAccount } from '../../support/account-here.ts'
import { newFolder, type ReportJson, type VerifyJson, vigieJson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { testKey } from '../../support/rights/enforce.ts'
import { sharedTemplate } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

type Items = readonly Record<string, unknown>[]

let folder: string
let remove: () => Promise<void>
let stack: StackHere
let account: AccountHere
let items: DynamoDBDocumentClient
let table: string
/** The table at the moment that it is restored to: one report, and the second one's claim. */
let earlier: Items

/** A restore is an administrator's work: it makes tables. */
const environment = () => ({ ...account.env, AWS_ACCESS_KEY_ID: testKey, VIGIE_HOME: join(folder, 'operator') })
const onStage = <Value>(...words: readonly string[]) =>
  vigieJson<Value>([...words, '--stage', 'test'], { env: environment() })
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
})
afterAll(async () => {
  await account.close()
  await stack.close()
  await remove()
})

test('the table is gone, and comes back under its name as it was', async () => {
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
