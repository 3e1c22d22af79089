/** A home on whose machine the clock was wrong for a while, by the command line. */
import { readFile } from 'node:fs/promises'
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
  writeNdjson,
} from '../support/cli.ts'
import { ago, clockEnv, now } from '../support/clock.ts'
import { input } from '../support/detections.ts'

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
})
afterAll(() => remove())

const days = 86_400_000
const report = ['report', 'NC', '2024-W20'] as const

describe('what a clock stored that was 40 days ahead', () => {
  test('is told at the next start, and is in the report: healed alone, and when the file comes again', async () => {
    const home = join(folder, 'ahead')
    const fast = { env: clockEnv(40 * days) }
    const first = await writeNdjson(join(folder, 'first.ndjson'), input({ id: 'a' }), input({ id: 'b' }), { ran: 1 })
    const stored = await vigie(['ingest', first, '--home', home], fast)
    expect(stored.stdout).toContain('2')
    // A report of the fast clock stays as it is.
    const early = await vigieJson<ReportJson>([...report, '--home', home], fast)
    expect(early.totals).toMatchObject({ detections: 2 })
    const manifest = early.files.find(({ name }) => name === 'manifest.json')
    const bytes = await readFile(String(manifest?.path))

    const alone = await vigie(['archive', 'list', '--home', home, '--json'])
    expect(alone.stderr).toMatch(/the clock was ahead when this was stored, from .*: detections 2, inputs 1, rejects 1/)
    expect(alone.stderr).toContain('1 published version is of an instant that is still to come')
    const [listed] = jsonOf<readonly { asOf: string }[]>(alone)
    expect(listed?.asOf).toBe(early.asOf)

    const again = await vigie(['ingest', first, '--home', home, '--json'])
    expect(again.stderr).not.toContain('the clock')
    expect(jsonOf<IngestJson>(again)).toMatchObject({ duplicates: 2, accepted: 0 })
    const stands = await vigieJson<ReportJson>([...report, '--home', home])
    expect(stands).toMatchObject({ version: 1, isNew: false, totals: { detections: 2 } })

    // What comes now makes a version of now, and no reconstructed one.
    await vigieJson(['ingest', await writeNdjson(join(folder, 'c.ndjson'), input({ id: 'c' })), '--home', home])
    const next = await vigieJson<ReportJson>([...report, '--home', home])
    expect(next).toMatchObject({ version: 2, isNew: true, reconstructed: false, totals: { detections: 3 } })
    expect(Math.abs(Date.parse(next.asOf) - now().getTime())).toBeLessThan(600_000)
    expect(await readFile(String(manifest?.path))).toEqual(bytes)
    expect((await vigieJson<VerifyJson>(['archive', 'verify', '--home', home])).problems).toEqual([])
  })
})

test('a clock that is 40 days behind hides nothing, changes nothing, and is told', async () => {
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
