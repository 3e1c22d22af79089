/** The command line on a deployed stage, also where its table is lost and restored. Rehearsed on the stand-ins. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { CreateTableCommand, DeleteTableCommand } from '@aws-sdk/client-dynamodb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Item } from '../../../lambdas/store/table/table.ts'
import {
  jsonOf,
  newFolder,
  type ReportJson,
  type VerifyJson,
  vigie,
  vigieJson,
  writeNdjson,
} from '../../support/cli.ts'
import { clockEnv } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { testKey } from '../../support/rights/enforce.ts'
import { sharedTemplate } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  stack = await startStack(await sharedTemplate())
})
afterAll(async () => {
  await stack.close()
  await remove()
})

const operator = () => ({ env: { ...stack.env, VIGIE_HOME: join(folder, 'home') } })
const onStage = (...args: readonly string[]) => [...args, '--stage', 'test']

test('a lost table is restored as it was earlier, and the archive and the files sent again complete it', async () => {
  // A restore is an administrator's work: it creates tables.
  const administrator = { env: { ...operator().env, AWS_ACCESS_KEY_ID: testKey } }
  const run = <Value>(...words: readonly string[]) => vigieJson<Value>(onStage(...words), administrator)
  const report = (territory: string, period: string) => run<ReportJson>('report', territory, period)
  const ingest = async (id: string) =>
    run<{ accepted: number; duplicates: number }>(
      'ingest',
      await writeNdjson(join(folder, `${id}.ndjson`), input({ id })),
    )
  const stored = async () => (await Array.fromAsync(stack.stored.scan())).flat()
  await ingest('a')
  await report('NC', '2024-W20')
  await report('WF', '2024-W21')
  const before = await stored()
  await ingest('b')
  await report('NC', '2024-W20')
  await report('PF', '2024-W22')
  const second = (await stored()).find(({ pk, version }) => pk === 'REPORT#NC' && version === 2)
  const { published: _, ...claim } = second as Item
  const earlier = [...before, { ...claim, state: 'claimed', leaseUntil: '2026-01-01T00:00:00.000Z' }]

  const TableName = stack.outputs.TableName ?? ''
  await stack.dynamo.send(new DeleteTableCommand({ TableName }))
  await stack.dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  )
  for (const item of earlier) await stack.stored.put(item)

  expect(await run('archive', 'reindex')).toMatchObject({ indexed: 2, unchanged: 2, refused: 0 })
  expect(await run<VerifyJson>('archive', 'verify')).toMatchObject({ versions: 4, problems: [] })
  // What came after that moment is ingested again; what was known is a duplicate.
  expect(await ingest('a')).toMatchObject({ accepted: 0, duplicates: 1 })
  expect(await ingest('b')).toMatchObject({ accepted: 1, duplicates: 0 })
  expect(await report('NC', '2024-W20')).toMatchObject({ version: 2, isNew: false })
  expect(await report('PF', '2024-W22')).toMatchObject({ version: 1, isNew: false })
  expect(await run<VerifyJson>('archive', 'verify')).toMatchObject({ versions: 4, problems: [] })
})

test('a stage without mail asks no recipient to confirm, and adds none', async () => {
  const ran = await vigie(onStage('recipients', 'add', 'ana@example.org', '--territory', 'NC', '--ask'), operator())
  expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('the stage test sends no mail') })
  expect(await vigieJson(onStage('recipients', 'list'), operator())).toEqual([])
})

test('no report is made by a clock that is behind what is stored', async () => {
  const file = join(folder, 'fast.csv')
  await writeFile(file, 'id;titre;date;territoire;compte;nb de posts\nd-2;Salve;15/05/2024;NC;@somebody;3\n')
  await vigieJson(onStage('ingest', file), { env: { ...operator().env, ...clockEnv(40 * 86_400_000) } })
  const refused = await vigie(onStage('report', 'NC', '2024-W20'), operator())
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('set the clock right') })
  expect(refused.stderr).toContain('the watchdog sets back what it stored')
})

test.each([
  [
    'a stage that is not deployed',
    ['archive', 'list', '--stage', 'nowhere'],
    1,
    'the stack vigie-nowhere cannot be read',
  ],
  ['a stage for the demo', ['demo', '--stage', 'test'], 2, 'leave it out'],
])('%s is an error', async (_, args, code, words) => {
  const ran = await vigie([...args, '--json'], operator())
  expect(ran.code).toBe(code)
  expect(jsonOf<{ error: { message: string } }>(ran).error.message).toContain(words)
  // An operator of one stage does not learn whether there are others.
  const denied = stack.denied.splice(0)
  expect(denied.filter((line) => !line.includes('cloudformation:DescribeStacks'))).toEqual([])
})
