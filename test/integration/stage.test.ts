/** The command line on a deployed stage: what its stack keeps, found by the stack's outputs. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type IngestJson,
  jsonOf,
  newFolder,
  type ReportJson,
  type VerifyJson,
  vigie,
  vigieJson,
} from '../support/cli.ts'
import { type StackHere, startStack, synthesise } from '../support/stack-here.ts'

let stack: StackHere
let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  remove = made.remove
  stack = await startStack(await synthesise(join(folder, 'out'), {}, { bundled: false }))
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
  })
})
