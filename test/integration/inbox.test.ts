/** `vigie inbox`: all that waits, by one key each, decided by what is right for its kind. */
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
    /^Key +Kind +Since +Title +If nobody acts\nunplaced:nowhere +unplaced .* it counts in no report/,
  )
  const shown = (await run('inbox', 'show', await keyOf('contested'))).stdout
  expect(shown).toMatch(/change: number of posts: .*9.*"revision": 1/s)
  expect((await run('inbox', 'show', 'reject:none')).code).toBe(1)
})

test('fixes, refuses and accepts by the kind of each, and asks the name once', async () => {
  await run('ingest', await file(input({ id: 'c-1' }), { ...input({ id: 'nowhere' }), territories: [] }))
  await run('ingest', await file(input({ id: 'c-1', detector: 'B' }), { ...input({ id: 'wrong' }), kind: 'rumour' }))
  const nameless = await run('inbox', 'fix', 'unplaced:nowhere', '--territory', 'NC')
  expect(nameless).toMatchObject({ code: 2, stderr: expect.stringContaining("required option '--by <name>'") })
  const placed = await run('inbox', 'fix', 'unplaced:nowhere', '--territory', 'NC', '--by', 'Ana')
  expect(placed.stdout).toBe('nowhere is placed in NC\n')
  const late = await run('inbox', 'refuse', 'unplaced:nowhere', '--reason', 'stale')
  expect(late).toMatchObject({ code: 1, stderr: expect.stringContaining('nothing waits as "unplaced:nowhere"') })

  const reject = await keyOf('reject')
  const wrong = await run('inbox', 'accept', reject)
  expect(wrong).toMatchObject({ code: 2, stderr: expect.stringContaining(`vigie inbox fix ${reject} --text TEXT`) })
  const fixed = await run('inbox', 'fix', reject, '--text', JSON.stringify(input({ id: 'wrong' })), '--json')
  expect(jsonOf(fixed)).toMatchObject({ tried: 1, resolved: 1 })

  // Only the record of this key, though two have its id.
  await run('ingest', await file(input({ id: 'c-1', detector: 'C' })))
  const [first = '', second = ''] = (await listed()).map(({ key }) => key)
  expect((await run('inbox', 'refuse', first)).stdout).toBe('c-1 is refused\n')
  expect((await listed()).map(({ key }) => key)).toEqual([second])
  expect((await run('inbox', 'accept', second)).code).toBe(0)
  expect(await listed()).toEqual([])
  const history = jsonOf<readonly { by: string; did: string }[]>(await run('history', '--json'))
  expect(history.filter(({ did }) => ['refused', 'accepted', 'placed'].includes(did))).toMatchObject(
    Array.from({ length: 3 }, () => ({ by: 'Ana' })),
  )
  expect((await run('inbox', 'accept', 'what')).stderr).toContain('vigie inbox list names the keys')
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
  expect((await vigie(['help', 'candidates'])).stdout).toContain('sign [options]')
})

test('undoing an intake names the intakes in which its rows were repaired', async () => {
  const first = await run('ingest', await file({ ...input({ id: 'wrong' }), kind: 'rumour' }))
  const batch = /batch (\S+)/.exec(first.stdout)?.[1] ?? ''
  await run('inbox', 'fix', await keyOf('reject'), '--text', JSON.stringify(input({ id: 'wrong' })), '--by', 'Ana')
  const undone = await run('ingest', 'undo', batch, '--by', 'Ana')
  expect(undone.stdout).toMatch(/a row was repaired in \S+ and stays: undo that too/)
})
