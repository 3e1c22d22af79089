/** What commands and the reading room show of an undo. What it changes is test/usecases/ingest/undo-batch.test.ts. */
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { everything } from '../../lambdas/domain/access/caller.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { jsonOf, newFolder, vigie, writeNdjson } from '../support/cli.ts'
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
const ingest = async (...records: readonly DetectionInput[]) => {
  const { stdout } = await run('ingest', await writeNdjson(join(folder, 'records.ndjson'), ...records))
  return /batch (\S+)/.exec(stdout)?.[1] ?? ''
}
const withdraw = (id: string) => run('withdraw', id, '--reason', 'wrong', '--by', 'Ana')
const page = (path: string) =>
  openedOn(home, async ({ services, table }) => (await roomOn(services, everything, table)(path)).text)
const pageOf = (batch: string) => page(`/room/batches/${batch}`)
const counts = (posts: number) => ({ counts: { posts } })

test('a withdrawal shows before and after which parts count for themselves', async () => {
  await ingest(
    input({ id: 'whole', ...counts(9) }),
    input({ id: 'part-1', partOf: 'whole', ...counts(4) }),
    input({ id: 'part-2', partOf: 'whole', observed: { from: '2024-05-27' }, ...counts(3) }),
  )
  const before = (await page('/room/detections/whole/withdraw')).replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
  expect(before).toMatch(/Its parts counted within it 2 count for themselves: part-1 and part-2/)
  const { stdout } = await withdraw('whole')
  expect(stdout).toContain('its parts count for themselves now: part-1, part-2')
  expect(await page('/room/detections/whole?lang=en')).toMatch(/Its parts count for themselves:.*part-1/s)
  expect(await page('/room/detections/part-1/withdraw')).not.toContain('Its parts')
})

test('an undo shows before and after which parts of other batches count for themselves', async () => {
  const batch = await ingest(
    input({ id: 'whole-2', ...counts(9) }),
    input({ id: 'part-in-batch', partOf: 'whole-2', ...counts(1) }),
  )
  await ingest(
    input({ id: 'part-3', partOf: 'whole-2', ...counts(4) }),
    input({ id: 'part-4', partOf: 'whole-2', ...counts(4) }),
    input({ id: 'part-of-another', partOf: 'unknown', ...counts(4) }),
  )
  expect(await pageOf(batch)).toContain('Parts of what is withdrawn count for themselves then: part-3, part-4.')
  expect((await run('ingest', 'undo', batch)).stdout).toContain(
    '  parts of it count for themselves now: part-3, part-4\n',
  )
})

test('an undo shows how many runs of a source it takes back', async () => {
  const ran = (day: number) => ({ source: 'Robot', ran: `2024-05-${day}T06:00:00Z`, found: 0 }) as never
  const batch = await ingest(input({ id: 'a' }), ran(16), ran(17))
  expect((await run('ingest', 'undo', batch)).stdout).toContain('taken back: 2 words of runs')
})

test('an undo shows what it leaves, and is offered while something is left to undo', async () => {
  const button = /value="undo"/
  const batch = await ingest(input({ id: 'gone' }), input({ id: 'later', ...counts(1) }))
  await withdraw('gone')
  const later = await ingest(input({ id: 'later', ...counts(2) }))
  expect(await pageOf(batch)).toMatch(/One detection stays withdrawn, as an analyst decided\./)
  const first = await run('ingest', 'undo', batch)
  expect([first.code, first.stdout]).toEqual([1, expect.stringMatching(/^nothing undone of /)])
  expect(first.stdout).not.toMatch(/in part|vigie withdraw gone/)
  expect(first.stdout).toContain('  withdrawn by an analyst before, and still so: 1 detection\n')
  expect(first.stdout).toContain('left, since it was changed or its lower marking was refused: later')
  expect((await run('ingest', 'list')).stdout).toContain('nothing, 1 left')
  expect((await run('history', '--limit', '1')).stdout).toContain('nothing undone')
  const blocked = await pageOf(batch)
  expect(blocked).toMatch(/Nothing of it can be undone now\./)
  expect(blocked).toContain(`undo batch ${later} first`)
  expect(blocked).toMatch(/nothing undone, 1 left/)
  expect(blocked).not.toMatch(button)
  await run('ingest', 'undo', later)
  expect(await pageOf(batch)).toMatch(button)
  expect(jsonOf(await run('--json', 'ingest', 'undo', batch))).toMatchObject({ isDone: true, gone: 1, withdrawn: 1 })
})

test('an undo is not offered once an analyst withdrew what it left', async () => {
  const batch = await ingest(input({ id: 'both', ...counts(1) }))
  await ingest(input({ id: 'both', ...counts(2) }))
  await run('ingest', 'undo', batch)
  await withdraw('both')
  const idle = await pageOf(batch)
  expect(idle).toMatch(/<b[^>]*>nothing left to undo<\/b>/)
  expect(idle).not.toMatch(/1 left|value="undo"/)
})
