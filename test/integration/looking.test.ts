/** The way of an analyst who looks at what went in: a list, a search, and why it counts where it does. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ndjson, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'

const story = fileURLToPath(new URL('../../bin/cli/samples/story.ndjson', import.meta.url))

let env: { readonly VIGIE_HOME: string }
let remove: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  env = { VIGIE_HOME: join(made.folder, 'home') }
  await vigieJson(['ingest', story], { env })
  await vigieJson(['report', 'NC', '2024-W20', '--cap', 'green'], { env })
})
afterAll(() => remove())

const linesOf = async (...args: readonly string[]): Promise<readonly string[]> => {
  const { stdout, code } = await vigie(args, { env })
  expect([args, code]).toEqual([args, 0])
  const lines = stdout.trimEnd().split('\n')
  expect(lines.filter((line) => line.length > 80 && !line.startsWith('more: '))).toEqual([])
  return lines
}

test('lists page by page, with a head', async () => {
  const [head, ...lines] = await linesOf('detections', 'list', '--period', '2024-W20', '--limit', '3')
  expect(head).toBe('id                         since      place   marking      kind')
  const cursor = lines.at(-1)?.replace('more: --after ', '') ?? ''
  const rest = await linesOf('detections', 'list', '--period', '2024-W20', '--limit', '3', '--after', cursor)
  expect(rest).toHaveLength(3)
  const all = await vigieJson<{ detections: { id: string }[]; next: null }>(
    ['detections', 'list', '--period', '2024-W20'],
    { env },
  )
  expect([all.detections.length, all.next]).toEqual([4, null])
})

test('finds by a key, and says which days it read for words', async () => {
  expect(await linesOf('detections', 'search', 'UN-notorious', 'BIG', '--limit', '1')).toContain(
    '                           2024-10-08 MQ      CLEAR        video',
  )
  expect(await linesOf('detections', 'search', 'gossip', '--period', '2024-W20')).toEqual([
    'none from 2024-05-13 to 2024-05-19: --from and --to name other days',
  ])
  expect((await linesOf('detections', 'search', 'gossip')).join('\n')).toMatch(
    /^none so named at any time .id, .*\nno such words from \S+ to \S+: --from and --to name/,
  )
  expect(await linesOf('detections', 'search', '👍', '!?', '--period', '2024-W20')).toEqual([
    'there is no word in "👍 !?": give letters or digits',
  ])
  expect(await linesOf('detections', 'list', '--counts', '--period', '2024-W20')).toContain('4 detections')
})

test('explains a part: its intake, its place, its report and the versions that show it', async () => {
  const told = (await linesOf('explain', 'nc-2024-05-15-x', '--in', 'NC', '2024-W20')).join('\n')
  for (const words of [
    /1 {2}\S+Z {2}batch \S+/,
    /NC {2}its source states it/,
    /counts in 2024-W20 and 2024-05/,
    /CLEAR, GREEN, AMBER, AMBER\+STRICT, RED: counted; its first observation/,
    /a part of nc-2024-05-diverted-photo/,
    /NC 2024-W20 GREEN version 1/,
  ]) {
    expect(told).toMatch(words)
  }
  const [, ...whole] = await linesOf('explain', 'nc-2024-05-diverted-photo', '--in', 'NC', '2024-W20')
  expect(whole.join('\n')).toMatch(/its parts there: nc-2024-05-15-facebook, nc-2024-05-15-x/)
})

test('answers alike for an id that nobody stored and one above the cap', async () => {
  const red = join(env.VIGIE_HOME, 'red.ndjson')
  await writeFile(red, ndjson(input({ id: 'secret', marking: 'TLP:RED' })))
  await vigieJson(['ingest', red], { env })
  const answerTo = async (id: string, ...command: readonly string[]) => {
    const { stdout, stderr, code } = await vigie([...command, id, '--cap', 'amber'], { env })
    return [code, stdout, stderr.replaceAll(id, 'ID')]
  }
  for (const command of [['explain'], ['detections', 'show']]) {
    expect(await answerTo('secret', ...command)).toEqual(await answerTo('nobody', ...command))
    expect((await vigie([...command, 'secret'], { env })).code).toBe(0)
  }
})

test('shows the figures of one, accounts among them', async () => {
  const file = join(env.VIGIE_HOME, 'figures.ndjson')
  const counts = { posts: 12, accounts: { value: 1_686, qualifier: 'at least' as const }, coordinatedAccounts: 1 }
  await writeFile(file, ndjson(input({ id: 'with-figures', territories: ['NC'], counts })))
  await vigieJson(['ingest', file], { env })
  expect(await linesOf('detections', 'show', 'with-figures')).toContain(
    'figures: at least 1,686 accounts, 1 coordinated account',
  )
})

test('lists a day of the territory that is asked about, as the period counts it', async () => {
  const file = join(env.VIGIE_HOME, 'local-day.ndjson')
  const evening = { observed: { from: '2026-11-15T13:00:00Z' }, counts: { posts: 12_000_000 } }
  await writeFile(
    file,
    ndjson(
      input({ id: 'local-monday', territories: ['NC', 'MQ'], ...evening }),
      input({ id: 'whole-month', territories: ['NC'], observed: { from: '2026-11' } }),
    ),
  )
  await vigieJson(['ingest', file], { env })
  const listed = await linesOf('detections', 'list', '--period', '2026-W47', '--territory', 'NC')
  expect(listed[1]).toMatch(/^local-monday +2026-11-16 NC \+1 /)
  expect(listed[2]).toMatch(/12,000,000 posts/)
  const there = await linesOf('detections', 'list', '--period', '2026-W46', '--territory', 'MQ')
  expect(there[1]).toMatch(/^local-monday +2026-11-15 MQ \+1 /)
  expect(await linesOf('detections', 'list', '--period', '2026-11', '--territory', 'NC')).toContainEqual(
    expect.stringMatching(/^whole-month +2026-11 {4}NC /),
  )
})

test('says in plain words that a text cannot be looked for', async () => {
  const answer = async (...args: readonly string[]) => {
    const { stderr, code } = await vigie(['detections', ...args], { env })
    return [code, stderr]
  }
  for (const blank of ['   ', '\u200b\u2060', '\ufe0f'])
    expect(await answer('search', blank)).toEqual([2, expect.stringContaining('words: must not be empty')])
  expect(await answer('search', '\u00a0', '--by', 'key')).toEqual([2, expect.stringContaining('must not be empty')])
  expect(await answer('search', 'a'.repeat(5_000))).toEqual([2, expect.stringContaining('at most 200 characters')])
  expect(await answer('list', '--campaign', ' ')).toEqual([2, expect.stringContaining('--campaign: must not be empty')])
})

test('an empty name is asked for as a name, and an empty reason as a reason', async () => {
  const asked = async (by: string, reason: string) =>
    (await vigie(['correct', 'a', '--set', 'kind=other', '--by', by, '--reason', reason], { env })).stderr
  expect(await asked('', 'why')).toContain('--by: it is empty: give a name')
  expect(await asked('Ana', ' ')).toContain('--reason: it is empty: give a reason')
})
