/** `vigie detections` and `vigie explain`: what an analyst reads about stored detections. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { ndjson, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'

let env: { readonly VIGIE_HOME: string }
let remove: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  env = { VIGIE_HOME: join(made.folder, 'home') }
  await vigieJson(['ingest', story.file], { env })
  await vigieJson(['report', 'NC', '2024-W20', '--cap', 'green'], { env })
})
afterAll(() => remove())

const ingest = (...records: readonly DetectionInput[]) => vigieJson(['ingest', '-'], { env, stdin: ndjson(...records) })

const linesOf = async (...args: readonly string[]): Promise<readonly string[]> => {
  const { stdout, code } = await vigie(args, { env })
  expect([args, code]).toEqual([args, 0])
  const lines = stdout.trimEnd().split('\n')
  expect(lines.filter((line) => line.length > 80 && !line.startsWith('more: '))).toEqual([])
  return lines
}

test('a list goes page by page under a heading', async () => {
  const list = ['detections', 'list', '--period', '2024-W20']
  const [head, ...lines] = await linesOf(...list, '--limit', '3')
  expect(head).toBe('id                         since      place   marking      kind')
  const cursor = lines.at(-1)?.replace('more: --after ', '') ?? ''
  expect(await linesOf(...list, '--limit', '3', '--after', cursor)).toHaveLength(3)
  const all = await vigieJson<{ detections: readonly unknown[]; next: null }>(list, { env })
  expect([all.detections.length, all.next]).toEqual([4, null])
  expect(await linesOf(...list, '--counts')).toContain('4 detections')
})

test('a search names the days that it read, or why it finds nothing', async () => {
  const search = (...words: readonly string[]) => linesOf('detections', 'search', ...words)
  expect(await search('UN-notorious', 'BIG', '--limit', '1')).toContain(
    '                           2024-10-08 MQ      CLEAR        video',
  )
  expect(await search('gossip', '--period', '2024-W20')).toEqual([
    'none from 2024-05-13 to 2024-05-19: --from and --to name other days',
  ])
  expect((await search('gossip')).join('\n')).toMatch(/^none so named at any time .id, .*\nno such words at any time$/)
  expect(await search('👍', '!?', '--period', '2024-W20')).toEqual([
    'there is no word in "👍 !?": give letters or digits',
  ])
})

test('explain shows batch, place, report, whole and versions of a part', async () => {
  const part = (await linesOf('explain', 'nc-2024-05-15-x', '--in', 'NC', '2024-W20')).join('\n')
  for (const words of [
    /1 {2}\S+Z {2}batch \S+/,
    /NC {2}its source states it/,
    /counts in 2024-W20 and 2024-05/,
    /CLEAR, GREEN, AMBER, AMBER\+STRICT, RED: counted; its first observation/,
    /a part of nc-2024-05-diverted-photo/,
    /NC 2024-W20 GREEN version 1/,
  ]) {
    expect(part).toMatch(words)
  }
  const whole = await linesOf('explain', 'nc-2024-05-diverted-photo', '--in', 'NC', '2024-W20')
  expect(whole.join('\n')).toMatch(/its parts there: nc-2024-05-15-facebook, nc-2024-05-15-x/)
})

test('an id above the cap gets the answer of an unknown id', async () => {
  await ingest(input({ id: 'secret', marking: 'TLP:RED' }))
  const answerTo = async (id: string, ...command: readonly string[]) => {
    const { stdout, stderr, code } = await vigie([...command, id, '--cap', 'amber'], { env })
    return [code, stdout, stderr.replaceAll(id, 'ID')]
  }
  for (const command of [['explain'], ['detections', 'show']]) {
    expect(await answerTo('secret', ...command)).toEqual(await answerTo('unknown', ...command))
    expect((await vigie([...command, 'secret'], { env })).code).toBe(0)
  }
})

test('a list of a territory has its local days, and figures with separators', async () => {
  const accounts = { value: 1_686, qualifier: 'at least' } as const
  const counts = { posts: 12_000_000, accounts, coordinatedAccounts: 1 }
  const evening = { observed: { from: '2026-11-15T13:00:00Z' }, counts }
  await ingest(
    input({ id: 'local-monday', territories: ['NC', 'MQ'], ...evening }),
    input({ id: 'whole-month', territories: ['NC'], observed: { from: '2026-11' } }),
  )
  const list = (territory: string, period: string) =>
    linesOf('detections', 'list', '--period', period, '--territory', territory)
  const listed = await list('NC', '2026-W47')
  expect(listed[1]).toMatch(/^local-monday +2026-11-16 NC \+1 /)
  expect(listed[2]).toMatch(/12,000,000 posts/)
  expect((await list('MQ', '2026-W46'))[1]).toMatch(/^local-monday +2026-11-15 MQ \+1 /)
  expect((await list('NC', '2026-11')).join('\n')).toMatch(/^whole-month +2026-11 {4}NC /m)
  expect(await linesOf('detections', 'show', 'local-monday')).toContain(
    'figures: at least 1,686 accounts, 1 coordinated account',
  )
})

test.each([
  [['detections', 'search', '\u200b '], 'words: must not be empty'],
  [['detections', 'search', 'a'.repeat(5_000)], 'at most 200 characters'],
  [['detections', 'list', '--campaign', ' '], '--campaign: must not be empty'],
  [['correct', 'a', '--set', 'kind=other', '--by', '', '--reason', 'why'], '--by: it is empty: give a name'],
  [['correct', 'a', '--set', 'kind=other', '--by', 'Ana', '--reason', ' '], '--reason: it is empty: give a reason'],
])('%j is wrong usage', async (args, message) => {
  expect(await vigie(args, { env })).toMatchObject({ code: 2, stderr: expect.stringContaining(message) })
})
