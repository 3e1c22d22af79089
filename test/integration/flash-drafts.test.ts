/**
 * Flash notes that the house's rule drafts, on a home: once, of what is new, told without figures, and nothing of what
 * lies above.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { draftRuleSchema } from '../../lambdas/domain/flash/draft-schema.ts'
import { approveFlash } from '../../lambdas/usecases/reports/flash/approve-flash.ts'
import { flashAsked } from '../../lambdas/usecases/reports/flash/ask-flash.ts'
import { draftFlashes } from '../../lambdas/usecases/reports/flash/draft-flashes.ts'
import { listFlash } from '../../lambdas/usecases/reports/flash/list-flash.ts'
import { refuseFlash } from '../../lambdas/usecases/reports/flash/refuse-flash.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { jsonOf, newFolder, vigie } from '../support/cli.ts'
import { ago } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let home: string
let opened: Opened
let services: Services
let cleanUp: () => Promise<void>

beforeEach(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, '2024-05-20T12:00:00.000Z')
  services = { ...opened.services, flashDrafts: draftRuleSchema.parse({}) }
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})
afterEach(() => cleanUp())

const grave = (said: Partial<DetectionInput> = {}) =>
  input({
    id: 'grave',
    territories: ['NC'],
    observed: { from: '2024-05-19T02:00:00Z' },
    breakout: { category: 5 },
    counts: { posts: 7_777 },
    marking: 'TLP:GREEN',
    ...said,
  })

const take = (...records: readonly DetectionInput[]) => ingestInto(opened, records)

const keysOf = async () => (await draftFlashes(services)).drafts.map(({ cap, reasons }) => [cap, ...reasons])

describe('the rule of the house', () => {
  test('drafts once for a revision, and again for the next one, which waits anew', async () => {
    await take(grave(), grave({ id: 'small', breakout: { category: 3 } }))
    expect(await keysOf()).toEqual([['TLP:AMBER', 'breakout']])
    expect(await keysOf()).toEqual([])
    const [listed] = await listFlash(services)
    expect(listed).toMatchObject({ state: 'waits', ids: ['grave'], draft: ['breakout'] })
    await approveFlash({ key: listed?.key ?? '', by: 'C. Morel' }, services)
    opened.at('2024-05-20T18:00:00.000Z')
    await take(grave({ counts: { posts: 8_888 }, observedEffect: { state: 'observed' } }))
    expect(await keysOf()).toEqual([['TLP:AMBER', 'breakout', 'effect']])
    expect(await listFlash(services)).toMatchObject([{ version: 2, state: 'waits' }])
    expect(await keysOf()).toEqual([])
  })

  test('is off where the house has none', async () => {
    await take(grave())
    expect(await draftFlashes(opened.services)).toEqual({ drafts: [], failed: [] })
  })

  test('leaves alone what a person made, and what a person refused', async () => {
    await take(grave(), grave({ id: 'other' }))
    await generateReport(await flashAsked(['grave'], { cap: 'TLP:AMBER' }, services), services)
    const drafted = await draftFlashes(services)
    expect(drafted.drafts).toHaveLength(1)
    const key = drafted.drafts[0]?.key ?? ''
    await refuseFlash({ key, by: 'C. Morel', reason: 'known' }, services)
    expect((await listFlash(services)).map((one) => one.ids)).toEqual([['grave']])
    await expect(refuseFlash({ key, by: 'C. Morel' }, services)).rejects.toThrow(
      'was recalled (refused by C. Morel: known)',
    )
    opened.at('2024-05-20T18:00:00.000Z')
    await take(grave({ counts: { posts: 1 } }), grave({ id: 'other', counts: { posts: 1 } }))
    expect(await keysOf()).toEqual([])
  })

  test('drafts a note again whose making has failed', async () => {
    await take(grave())
    const { archive } = services
    const put = () => Promise.reject(new Error('the archive is gone'))
    const failing = await draftFlashes({ ...services, archive: { ...archive, put } })
    expect(failing).toMatchObject({ drafts: [], failed: [{ message: 'the archive is gone' }] })
    expect(await keysOf()).toEqual([['TLP:AMBER', 'breakout']])
  })

  test('drafts nothing of what came two days ago, nor of a backfill, nor of what is withdrawn or belongs nowhere', async () => {
    await take(
      grave({ id: 'backfill', observed: { from: '2024-05-01' } }),
      grave({ id: 'gone' }),
      grave({ id: 'nowhere', territories: [] }),
      grave({ id: 'late' }),
    )
    await services.detections.withdraw('gone', { by: 'a test', reason: 'wrong' }, new Date('2024-05-20T12:30:00.000Z'))
    await services.detections.withdraw(
      'late',
      { by: 'a test', reason: 'for now' },
      new Date('2024-05-20T12:30:00.000Z'),
    )
    opened.at('2024-05-20T13:00:00.000Z')
    expect(await keysOf()).toEqual([])
    opened.at('2024-05-22T12:30:00.000Z')
    await take(grave({ id: 'late', counts: { posts: 2 } }))
    expect(await keysOf()).toEqual([])
  })

  test('makes the same of an edition, whatever lies above it', async () => {
    await take(grave())
    const before = await keysOf()
    expect(before).toEqual([['TLP:AMBER', 'breakout']])
    const seen = async () => (await listFlash(services)).filter(({ cap }) => cap === 'TLP:AMBER')
    const listed = await seen()
    await take(grave({ id: 'red', marking: 'TLP:RED' }), grave({ id: 'strict', marking: 'TLP:AMBER+STRICT' }))
    expect(await keysOf()).toEqual([
      ['TLP:RED', 'breakout'],
      ['TLP:AMBER+STRICT', 'breakout'],
    ])
    expect(await seen()).toEqual(listed)
    // A person's note in a stricter edition has no say in the usual one.
    await take(grave({ id: 'next' }))
    await generateReport(await flashAsked(['next', 'red'], { cap: 'TLP:RED' }, services), services)
    expect(await keysOf()).toEqual([['TLP:AMBER', 'breakout']])
  })
})

test('on a laptop the command says so, without a figure, and the list does', async () => {
  await writeFile(join(home, 'vigie.json'), JSON.stringify({ flashDrafts: { breakout: 4 } }))
  const file = join(home, '..', 'new.ndjson')
  const from = ago(3_600_000)
  await writeFile(file, `${JSON.stringify(grave({ observed: { from } }))}\n`)
  await opened.close()
  const said = await vigie(['ingest', file, '--home', home])
  expect(said.stdout).toMatch(/drafted by the rule \(breakout\): flash note flash-nc-[0-9a-f]{12}, TLP:AMBER/)
  expect(said.stdout).toContain('vigie flash refuse flash-nc-')
  expect(said.stdout.replace(/[\s,.]/g, '')).not.toContain('7777')
  const again = await vigie(['flash', 'draft', '--home', home, '--json'])
  expect(jsonOf(again)).toEqual({ drafts: [], failed: [] })
  const listed = await vigie(['flash', 'list', '--home', home])
  expect(listed.stdout).toContain('drafted by the rule (breakout), waits for approval')
  const [one] = jsonOf(await vigie(['flash', 'list', '--home', home, '--json'])) as { readonly key: string }[]
  const refused = await vigie(['flash', 'refuse', one?.key ?? '', '--by', 'C. Morel', '--home', home])
  expect(refused.stdout).toContain('refused by C. Morel')
  const late = await vigie(['flash', 'approve', one?.key ?? '', '--by', 'B. Roy', '--home', home])
  expect(late.stderr).toContain('was recalled (refused by C. Morel): nothing of it waits')
  opened = await openServices(home, 'now')
})
