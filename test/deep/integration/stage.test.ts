/** The command line on a deployed stage: what its stack keeps, found by the stack's outputs. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DeleteCommand, DynamoDBDocumentClient, QueryCommand } from '@aws-sdk/lib-dynamodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type IngestJson,
  jsonOf,
  newFolder,
  type ReportJson,
  type VerifyJson,
  vigie,
  vigieJson,
} from '../../support/cli.ts'
import { clockEnv } from '../../support/clock.ts'
import { sharedTemplate } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let items: DynamoDBDocumentClient
let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  remove = made.remove
  stack = await startStack(await sharedTemplate())
  items = DynamoDBDocumentClient.from(stack.dynamo)
})
afterAll(async () => {
  await stack.close()
  await remove()
})

const options = () => ({ env: { ...stack.env, VIGIE_HOME: join(folder, 'home') } })
const onStage = (...args: readonly string[]) => [...args, '--stage', 'test']

describe('--stage', () => {
  test('takes detections in, makes a report and verifies it, all on what the stack keeps', async () => {
    const file = join(folder, 'one.csv')
    await writeFile(file, 'id;titre;date;territoire;compte;nb de posts\nd-1;Salve;15/05/2024;NC;@somebody;12\n')
    const ingested = await vigieJson<IngestJson>(onStage('ingest', file), options())
    expect(ingested).toMatchObject({ read: 1, accepted: 1 })
    const report = await vigieJson<ReportJson>(onStage('report', 'NC', '2024-W20'), options())
    expect(report.totals.posts.value).toBe(12)
    const bucket = stack.outputs.ArchiveBucket
    expect(report.files.map(({ path }) => path)).toContain(
      `s3://${bucket}/reports/NC/2024-W20/amber/v0001/report.fr.pdf`,
    )
    expect(await stack.keys(bucket ?? '')).toHaveLength(9)
    const verified = await vigieJson<VerifyJson>(onStage('archive', 'verify'), options())
    expect(verified).toEqual({ versions: 1, files: 7, unsigned: 0, problems: [] })
  })

  test('rebuilds the index from the bucket where the table has lost it', async () => {
    const TableName = stack.outputs.TableName ?? ''
    const pk = 'REPORT#NC'
    const { Items = [] } = await items.send(
      new QueryCommand({ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }),
    )
    expect(Items).toHaveLength(1)
    for (const { sk } of Items) await items.send(new DeleteCommand({ TableName, Key: { pk, sk } }))
    const refused = await vigie(onStage('report', 'NC', '2024-W20'), options())
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('vigie archive reindex') })
    expect(await vigieJson(onStage('archive', 'reindex'), options())).toMatchObject({
      indexed: 1,
      stood: 0,
      refused: 0,
    })
    expect(await vigieJson(onStage('archive', 'reindex'), options())).toMatchObject({
      indexed: 0,
      stood: 1,
      refused: 0,
    })
    const verified = await vigieJson<VerifyJson>(onStage('archive', 'verify'), options())
    expect(verified).toEqual({ versions: 1, files: 7, unsigned: 0, problems: [] })
    const report = await vigieJson<ReportJson>(onStage('report', 'NC', '2024-W20'), options())
    expect(report).toMatchObject({ version: 1, isNew: false })
  })

  test('names accounts by the key that the stack’s functions use', async () => {
    const file = join(folder, 'accounts.csv')
    await writeFile(file, 'account\n@somebody\n')
    const local = { env: { ...stack.env, VIGIE_PSEUDONYM_KEY: 'ab'.repeat(32), VIGIE_HOME: join(folder, 'other') } }
    await vigieJson<IngestJson>(['ingest', file, '--format', 'accounts', '--set', 's'], local)
    await vigieJson<IngestJson>(onStage('ingest', file, '--format', 'accounts', '--set', 's'), options())
    const again = await vigieJson<IngestJson>(onStage('ingest', file, '--format', 'accounts', '--set', 's'), options())
    expect(again).toMatchObject({ read: 1, duplicates: 1 })
  })

  test('asks nobody to confirm where the stage has no mail, and puts nobody on the list', async () => {
    const ran = await vigie(onStage('recipients', 'add', 'ana@example.org', '--territory', 'NC', '--ask'), options())
    expect(ran).toMatchObject({ code: 1, stderr: expect.stringContaining('the stage test mails nobody') })
    expect(await vigieJson(onStage('recipients', 'list'), options())).toEqual([])
  })

  test('works by no clock that is behind what is stored, or while a fast one’s is not set back', async () => {
    const file = join(folder, 'fast.csv')
    await writeFile(file, 'id;titre;date;territoire;compte;nb de posts\nd-2;Salve;15/05/2024;NC;@somebody;3\n')
    const fast = { env: { ...options().env, ...clockEnv(40 * 86_400_000) } }
    await vigieJson(onStage('ingest', file), fast)
    const refused = await vigie(onStage('report', 'NC', '2024-W20'), options())
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('set the clock right') })
    expect(refused.stderr).toContain('the watchdog sets back what it stored')
  })

  test.each([
    [
      'that is not deployed',
      ['report', 'NC', '2024-W20', '--stage', 'nowhere'],
      1,
      'the stack vigie-nowhere cannot be read',
    ],
    ['is not for the demo', ['demo', '--stage', 'test'], 2, 'leave it out'],
  ])('%s says so', async (_, args, code, words) => {
    const ran = await vigie([...args, '--json'], options())
    expect(ran.code).toBe(code)
    expect(jsonOf<{ error: { message: string } }>(ran).error.message).toContain(words)
    // An operator of one stage is not told whether there are others.
    const others = stack.denied.splice(0)
    expect(others.filter((line) => !line.includes('cloudformation:DescribeStacks'))).toEqual([])
  })
})
