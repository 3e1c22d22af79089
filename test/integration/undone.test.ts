/** What an undoing takes back is told before and after, and what it could not by one word everywhere. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything } from '../../lambdas/domain/access/caller.ts'
import { jsonOf, ndjson, newFolder, vigie } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { roomOn } from '../support/room-on.ts'
import { openedOn } from '../support/services.ts'

let folder: string
let home: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  home = join(folder, 'home')
})
afterAll(() => remove())

const run = (...args: readonly string[]) => vigie(['--home', home, ...args])
const take = async (text: string) => {
  const file = join(folder, 'records.ndjson')
  await writeFile(file, text)
  const { stdout } = await run('ingest', file)
  return /batch (\S+)/.exec(stdout)?.[1] ?? ''
}
const pageOf = (batch: string) =>
  openedOn(
    home,
    async ({ services, table }) => (await roomOn(services, everything, table)(`/room/batches/${batch}`)).text,
  )

test('that a source ran is told of a batch that says so, before and after', async () => {
  const word = (day: number) => ({ source: 'Robot', ran: `2024-05-${day}T06:00:00Z`, found: 0 })
  const batch = await take(ndjson(input({ id: 'a' }), word(16) as never, word(17) as never))
  expect(await pageOf(batch)).toMatch(/2 words of runs count no more/)
  const { stdout } = await run('ingest', 'undo', batch)
  expect(stdout).toContain('taken back: 2 words of runs')
  expect(await pageOf(batch)).not.toMatch(/words of runs count no more/)
})

test('where nothing can be undone, the command, the list, the room and the history say so by one word', async () => {
  await take(ndjson(input({ id: 'b', counts: { posts: 1 } })))
  const why = ['--by', 'Ana', '--reason', 'counted']
  const { stdout } = await run('correct', 'b', '--set', 'counts.posts=2', ...why)
  const batch = /batch (\S+)\)/.exec(stdout)?.[1] ?? ''
  await run('correct', 'b', '--set', 'counts.posts=3', ...why)
  const undone = await run('ingest', 'undo', batch)
  expect([undone.code, undone.stdout]).toEqual([1, expect.stringMatching(/^nothing undone of /)])
  expect(undone.stdout).not.toContain('in part')
  const again = jsonOf(await run('--json', 'ingest', 'undo', batch))
  expect(again).toMatchObject({ isDone: false, did: 'nothing undone' })
  expect((await run('ingest', 'list')).stdout).toContain('nothing, 1 left')
  expect(await pageOf(batch)).toContain('nothing undone, 1 left')
  expect((await run('history', '--limit', '1')).stdout).toContain('nothing undone')
})

test('that parts count for themselves once their whole is withdrawn is told before and after', async () => {
  await take(
    ndjson(
      input({ id: 'whole', counts: { posts: 9 } }),
      input({ id: 'part-1', partOf: 'whole', counts: { posts: 4 } }),
      input({ id: 'part-2', partOf: 'whole', observed: { from: '2024-05-27' }, counts: { posts: 3 } }),
    ),
  )
  const pages = (path: string) =>
    openedOn(home, async ({ services, table }) => (await roomOn(services, everything, table)(path)).text)
  const before = (await pages('/room/detections/whole/withdraw')).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
  expect(before).toMatch(/Its parts counted within it 2 count for themselves: part-1 and part-2/)
  const { stdout } = await run('withdraw', 'whole', '--reason', 'wrong', '--by', 'Ana')
  expect(stdout).toContain('its parts count for themselves now: part-1, part-2')
  expect(await pages('/room/detections/whole?lang=en')).toMatch(/Its parts count for themselves:.*part-1/s)
  expect(await pages('/room/detections/part-1/withdraw')).not.toContain('Its parts')
})

test('undoing a batch that brought wholes tells which parts of other batches count for themselves', async () => {
  const batch = await take(
    ndjson(
      input({ id: 'whole-2', counts: { posts: 9 } }),
      input({ id: 'whole-3', territories: ['PF'], counts: { posts: 9 } }),
      input({ id: 'part-in-batch', partOf: 'whole-2', counts: { posts: 1 } }),
    ),
  )
  await take(
    ndjson(
      input({ id: 'part-3', partOf: 'whole-2', counts: { posts: 4 } }),
      input({ id: 'part-4', partOf: 'whole-3', territories: ['PF'], counts: { posts: 4 } }),
      input({ id: 'part-of-another', partOf: 'unknown', counts: { posts: 4 } }),
    ),
  )
  expect(await pageOf(batch)).toContain('Parts of what is withdrawn count for themselves then: part-3, part-4.')
  const { stdout } = await run('ingest', 'undo', batch)
  expect(stdout).toContain('  parts of it count for themselves now: part-3, part-4\n')
})

test('an undoing advises nothing that is done, and is offered no more where nothing is left to undo', async () => {
  const button = /value="undo"/
  const batch = await take(ndjson(input({ id: 'gone' }), input({ id: 'later', counts: { posts: 1 } })))
  await run('withdraw', 'gone', '--reason', 'wrong', '--by', 'Ana')
  const later = await take(ndjson(input({ id: 'later', counts: { posts: 2 } })))
  expect(await pageOf(batch)).toMatch(/One detection stays withdrawn, as an analyst decided\./)
  const first = await run('ingest', 'undo', batch)
  expect(first.stdout).not.toContain('vigie withdraw gone')
  expect(first.stdout).toContain('  withdrawn by an analyst before, and still so: 1 detection\n')
  expect(first.stdout).toContain('left, since it was changed or its lower marking was refused: later')
  const page = await pageOf(batch)
  expect(page).toMatch(/Nothing of it can be undone now\./)
  expect(page).toContain(`undo batch ${later} first`)
  expect(page).not.toMatch(button)
  expect(page).toMatch(/nothing undone, 1 left/)
  await run('ingest', 'undo', later)
  expect(await pageOf(batch)).toMatch(button)
  // Left by the first try, and withdrawn by a person since.
  const other = await take(ndjson(input({ id: 'both', counts: { posts: 1 } })))
  await take(ndjson(input({ id: 'both', counts: { posts: 2 } })))
  await run('ingest', 'undo', other)
  await run('withdraw', 'both', '--reason', 'wrong', '--by', 'Ana')
  const idle = await pageOf(other)
  expect(idle).toMatch(/<b[^>]*>nothing left to undo<\/b>/)
  expect(idle).not.toMatch(/1 left|value="undo"/)
  expect(jsonOf(await run('--json', 'ingest', 'undo', batch))).toMatchObject({ isDone: true, gone: 1, withdrawn: 1 })
})
