/** `vigie inbox`: all that waits, by one key each, decided by what is right for its kind. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import type { ListedInbox } from '../../bin/cli/answers.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { jsonOf, newFolder, vigie, writeNdjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'

let home: string
beforeEach(async () => {
  const made = await newFolder()
  home = made.folder
  return made.remove
})

const run = (...words: readonly string[]) => vigie([...words, '--home', home])
const file = (...records: readonly object[]) =>
  writeNdjson(join(home, 'records.ndjson'), ...(records as DetectionInput[]))
const listed = async () => jsonOf<readonly ListedInbox[]>(await run('inbox', 'list', '--json'))
const keyOf = async (kind: string) => (await listed()).find((one) => one.kind === kind)?.key ?? ''

test('lists what waits, oldest first, with what happens if nobody acts', async () => {
  expect((await run('ingest', await file(input({ id: 'c-1' })))).code).toBe(0)
  expect((await run('inbox', 'list')).stdout).toBe('nothing to do\n')
  await run('ingest', await file({ ...input({ id: 'nowhere' }), territories: [] }))
  await run('ingest', await file({ ...input({ id: 'wrong' }), kind: 'rumour' }))
  await run('ingest', await file(input({ id: 'c-1', detector: 'B', counts: { posts: 9 } })))
  const items = await listed()
  expect(items.map(({ kind }) => kind)).toEqual(['unplaced', 'reject', 'contested'])
  expect(items.map(({ since }) => since)).toEqual(items.map(({ since }) => since).sort())
  const { stdout } = await run('inbox', 'list')
  expect(stdout).toMatch(
    /^Key +Kind +Since +Title +Why +If nobody acts\nunplaced:nowhere +unplaced .* it counts in no report/,
  )
  const shown = (await run('inbox', 'show', await keyOf('contested'))).stdout
  expect(shown).toMatch(/change: number of posts: .*9.*"revision": 1/s)
  expect((await run('inbox', 'show', 'reject:none')).code).toBe(1)
  const [reject] = jsonOf<readonly ListedInbox[]>(await run('inbox', 'list', '--kind', 'reject', '--json'))
  expect(reject).toMatchObject({ title: expect.stringMatching(/line 1, wrong$/), why: expect.stringMatching(/^kind /) })
  const ofBatch = jsonOf<readonly ListedInbox[]>(await run('inbox', 'list', '--batch', reject?.batch ?? '', '--json'))
  expect(ofBatch.map(({ kind }) => kind)).toEqual(['reject'])
})

test('fixes, refuses and accepts by the kind of each, and asks the name once', async () => {
  await run('ingest', await file(input({ id: 'c-1' }), { ...input({ id: 'nowhere' }), territories: [] }))
  await run('ingest', await file(input({ id: 'c-1', detector: 'B' }), { ...input({ id: 'wrong' }), kind: 'rumour' }))
  const nameless = await run('inbox', 'fix', 'unplaced:nowhere', '--territory', 'NC')
  expect(nameless).toMatchObject({ code: 2, stderr: expect.stringContaining("required option '--by <name>'") })
  const placed = await run('inbox', 'fix', 'unplaced:nowhere', '--territory', 'NC', '--by', 'Ana')
  expect(placed.stdout).toBe('nowhere is placed in NC\n')
  const late = await run('inbox', 'refuse', 'unplaced:nowhere', '--reason', 'stale', '--by', 'Bea')
  expect(late).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('nowhere waits for no decision any more: decided by Ana'),
  })
  expect((await run('detections', 'show', 'nowhere')).stdout).not.toContain('withdrawn')

  const reject = await keyOf('reject')
  const wrong = await run('inbox', 'accept', reject, '--by', 'Ana')
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining(`vigie inbox fix ${reject} --text TEXT`) })
  const still = await run('inbox', 'fix', reject, '--text', '{"id":"wrong"}')
  expect(still).toMatchObject({ code: 1, stderr: expect.stringContaining(`${reject}: `) })
  const fixed = await run('inbox', 'fix', reject, '--text', JSON.stringify(input({ id: 'wrong' })), '--json')
  expect(jsonOf(fixed)).toMatchObject({ settled: [{ key: reject }], failed: [] })
  expect((await run('inbox', 'refuse', reject, '--reason', 'late')).stderr).toContain('decided by Ana')

  // Only the record of this key, though two have its id.
  await run('ingest', await file(input({ id: 'c-1', detector: 'C' })))
  const [first = '', second = ''] = (await listed()).map(({ key }) => key)
  const either = await run('inbox', 'refuse', 'c-1')
  expect(either).toMatchObject({ code: 1, stderr: `c-1: it may be ${first} or ${second}: name one\n` })
  expect((await run('inbox', 'refuse', first)).stdout).toBe('c-1 is refused\n')
  expect((await listed()).map(({ key }) => key)).toEqual([second])
  expect((await run('inbox', 'accept', second)).code).toBe(0)
  expect(await listed()).toEqual([])
  const history = jsonOf<readonly { by: string; did: string }[]>(await run('history', '--json'))
  expect(history.filter(({ did }) => ['refused', 'accepted', 'placed'].includes(did))).toMatchObject(
    Array.from({ length: 3 }, () => ({ by: 'Ana' })),
  )
  expect((await run('inbox', 'accept', second, '--by', 'Bea')).stderr).toContain('decided by Ana')
  expect((await run('inbox', 'accept', 'what')).stderr).toContain('nothing waits as "what": vigie inbox list')
})

test('decides on several at once, by key or batch, and one that fails stops no other', async () => {
  await run('ingest', await file(input({ id: 'c-1' }), input({ id: 'c-2' }), input({ id: 'c-3' })))
  const { stdout } = await run(
    'ingest',
    await file(
      ...['c-1', 'c-2', 'c-3'].map((id) => input({ id, detector: 'B' })),
      input({ id: 'c-3', detector: 'C' }),
      { ...input({ id: 'nowhere' }), territories: [] },
      { ...input({ id: 'wrong' }), kind: 'rumour' },
    ),
  )
  const batch = /batch (\S+)/.exec(stdout)?.[1] ?? ''
  const all = await run('inbox', 'accept', '--by', 'Ana')
  expect(all).toMatchObject({ code: 2, stderr: expect.stringContaining('--batch or --kind') })
  expect((await run('inbox', 'accept', 'nowhere', 'c-1', '--kind', 'candidate')).stderr).toMatch(
    /nowhere: it waits, but not in that batch or as that kind\nc-1: it waits/,
  )
  const first = await run('inbox', 'accept', 'none', 'c-1', '--json')
  expect(first.code).toBe(1)
  expect(jsonOf(first)).toMatchObject({
    settled: [{ key: expect.stringMatching(/^contested:c-1@/), under: 'c-1', lines: ['c-1 is a revision'] }],
    failed: [{ key: 'none', message: expect.stringContaining('nothing waits as "none"') }],
  })
  const accepted = await run('inbox', 'accept', '--batch', batch)
  expect(accepted).toMatchObject({ code: 1, stdout: 'c-2 is a revision\n' })
  expect(accepted.stderr.match(/c-3: . and . both wait under this id/g)).toHaveLength(2)
  expect((await run('inbox', 'fix', 'nowhere', '--territory', 'NC', '--as-new')).code).toBe(2)
  const unfit = await run('inbox', 'refuse', '--batch', batch)
  expect(unfit.stdout).toBe('c-3 is refused\nc-3 is refused\n')
  expect(unfit.stderr).toMatch(/unplaced:nowhere: give a reason: --reason\nreject:\w+: give a reason/)
  const rest = await run('inbox', 'refuse', '--batch', batch, '--reason', 'a test')
  expect(rest).toMatchObject({ code: 0, stdout: expect.stringMatching(/^nowhere is withdrawn\n\w+ is dropped\n$/) })
  expect(await listed()).toEqual([])
})

test('lists, shows and decides on a candidate without a territory', async () => {
  const copies = Array.from(
    { length: 12 },
    (_, at) => `${at},a${at},2024-05-14T10:00:${10 + at}Z,The same words by everybody`,
  )
  const posts = join(home, 'posts.csv')
  await writeFile(posts, ['id,account,time,text', ...copies].join('\n'))
  await run('detect', posts)
  const key = await keyOf('candidate')
  expect((await run('inbox', 'show', key)).stdout).toContain('AMBER, no territory\n')
  expect((await run('inbox', 'accept', key, '--by', 'Ana', '--as-new')).stderr).toContain('for contested records')
  expect((await run('inbox', 'refuse', key, '--by', 'Ana')).stderr).toContain('give a reason')
  expect((await run('inbox', 'refuse', key, '--reason', 'chance')).stdout).toMatch(/^\S+ is refused\n$/)
  expect(await listed()).toEqual([])
})

test('approves a flash note by its key', async () => {
  await run('ingest', await file(input({ id: 'c-1' })))
  await run('flash', 'c-1', '--until', '2999-01-01T00:00:00Z')
  const key = await keyOf('flash')
  expect((await run('inbox', 'accept', key, '--by', 'Ana')).stdout).toContain('approved by Ana')
  expect(await listed()).toEqual([])
})

test('the short help shows eight commands, and help all every one', async () => {
  const commandsIn = (text: string) => [...text.matchAll(/^ {2}([a-z]+) .*$/gm)].map(([, name]) => name)
  const short = (await run('--help')).stdout
  expect(commandsIn(short).sort()).toEqual([
    'demo',
    'detect',
    'doctor',
    'ingest',
    'recipients',
    'report',
    'serve',
    'weekly',
  ])
  const all = await vigie(['help', 'all'])
  expect(commandsIn(all.stdout)).toEqual(expect.arrayContaining(['inbox', 'archive', 'demo', 'upkeep'].slice(0, 3)))
  expect((await vigie(['help', 'inbox'])).stdout).toContain('accept [options]')
})

test('undoing an intake names the intakes in which its rows were repaired', async () => {
  const first = await run('ingest', await file({ ...input({ id: 'wrong' }), kind: 'rumour' }))
  const batch = /batch (\S+)/.exec(first.stdout)?.[1] ?? ''
  await run('inbox', 'fix', await keyOf('reject'), '--text', JSON.stringify(input({ id: 'wrong' })), '--by', 'Ana')
  const undone = await run('ingest', 'undo', batch, '--by', 'Ana')
  expect(undone.stdout).toMatch(/a row was repaired in \S+ and stays: undo that too/)
})
