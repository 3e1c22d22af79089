/** Commands on a home on a machine whose clock was wrong for a while. */
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { type IngestJson, jsonOf, newFolder, type ReportJson, vigie, vigieJson, writeNdjson } from '../support/cli.ts'
import { ago, clockEnv, now } from '../support/clock.ts'
import { input } from '../support/detections.ts'

let folder: string
beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  return made.remove
})

const days = 86_400_000
const report = ['report', 'NC', '2024-W20'] as const

test('what a clock stored that was 40 days ahead is reported, and is in the report once set right', async () => {
  const home = ['--home', join(folder, 'ahead')]
  const fast = { env: clockEnv(40 * days) }
  const first = await writeNdjson(join(folder, 'first.ndjson'), input({ id: 'a' }), input({ id: 'b' }), { ran: 1 })
  await vigie(['ingest', first, ...home], fast)
  const early = await vigieJson<ReportJson>([...report, ...home], fast)
  expect(early.totals).toMatchObject({ detections: 2 })

  const { stderr } = await vigie(['archive', 'list', ...home])
  expect(stderr).toMatch(/the clock was ahead when this was stored, from .*: detections 2, inputs 1, rejects 1/)
  expect(stderr).toContain('1 published version is of an instant that is still to come')

  const again = await vigie(['ingest', first, ...home, '--json'])
  expect(again.stderr).not.toContain('the clock')
  expect(jsonOf<IngestJson>(again)).toMatchObject({ duplicates: 2, accepted: 0 })
  const same = await vigieJson<ReportJson>([...report, ...home])
  expect(same).toMatchObject({ version: 1, isNew: false, totals: { detections: 2 } })

  await vigieJson(['ingest', await writeNdjson(join(folder, 'c.ndjson'), input({ id: 'c' })), ...home])
  const next = await vigieJson<ReportJson>([...report, ...home])
  expect(next).toMatchObject({ version: 2, isNew: true, reconstructed: false, totals: { detections: 3 } })
  expect(Math.abs(Date.parse(next.asOf) - now().getTime())).toBeLessThan(600_000)
})

test('a clock that is 40 days behind hides nothing, changes nothing, and is reported', async () => {
  const home = join(folder, 'behind')
  const week = ago(5 * days).slice(0, 10)
  const recent = (id: string) => input({ id, observed: { from: week } as never })
  const file = await writeNdjson(join(folder, 'recent.ndjson'), recent('a'))
  await vigieJson(['ingest', file, '--home', home])
  const slow = { env: clockEnv(-40 * days) }
  const range = `${week}--${week}`
  const made = await vigie(['report', 'NC', range, '--home', home, '--json'], slow)
  expect(made.stderr).toContain('the clock is behind, set it right')
  expect(jsonOf<ReportJson>(made)).toMatchObject({ version: 1, totals: { detections: 1 } })
  const late = await writeNdjson(join(folder, 'late.ndjson'), recent('b'))
  await vigieJson(['ingest', late, '--home', home], slow)
  const right = await vigie(['report', 'NC', range, '--home', home, '--json'])
  expect(right.stderr).not.toContain('the clock')
  expect(jsonOf<ReportJson>(right)).toMatchObject({ version: 2, reconstructed: false, totals: { detections: 2 } })
})
