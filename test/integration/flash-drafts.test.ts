/** Flash notes that the organisation's rule drafts on a home: once, of new detections, with nothing from above the cap. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { draftRuleSchema } from '../../lambdas/domain/flash/draft-schema.ts'
import { approveFlash } from '../../lambdas/usecases/reports/flash/approve-flash.ts'
import { flashAsked } from '../../lambdas/usecases/reports/flash/ask-flash.ts'
import { draftFlashes } from '../../lambdas/usecases/reports/flash/draft-flashes.ts'
import { listFlash } from '../../lambdas/usecases/reports/flash/list-flash.ts'
import { refuseFlash } from '../../lambdas/usecases/reports/flash/refuse-flash.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { jsonOf, newFolder, vigie, writeNdjson } from '../support/cli.ts'
import { ago } from '../support/clock.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let home: string
let opened: Opened
let services: Services

beforeEach(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  opened = await openServices(home, '2024-05-20T12:00:00.000Z')
  services = { ...opened.services, flashDrafts: draftRuleSchema.parse({}) }
  return async () => {
    await opened.close()
    await remove()
  }
})
const grave = (changes: Partial<DetectionInput> = {}) =>
  input({
    ...{ id: 'grave', territories: ['NC'], observed: { from: '2024-05-19T02:00:00Z' }, marking: 'TLP:GREEN' },
    ...{ breakout: { category: 5 }, counts: { posts: 7_777 } },
    ...changes,
  })

const ingest = (...records: readonly DetectionInput[]) => ingestInto(opened, records)
const draftAll = async () => (await draftFlashes(services)).drafts.map(({ cap, reasons }) => [cap, ...reasons])
const makeByHand = async (ids: readonly string[], cap: Marking) =>
  generateReport(await flashAsked(ids, { cap }, services), services)

describe('the rule', () => {
  test('drafts once for a revision, and again for the next one, which waits for a new approval', async () => {
    await ingest(grave(), grave({ id: 'small', breakout: { category: 3 } }))
    expect(await draftAll()).toEqual([['TLP:AMBER', 'breakout']])
    expect(await draftAll()).toEqual([])
    const [listed] = await listFlash(services)
    expect(listed).toMatchObject({ state: 'waits', ids: ['grave'], draft: ['breakout'] })
    await approveFlash({ key: listed?.key ?? '', by: 'C. Morel' }, services)
    opened.at('2024-05-20T18:00:00.000Z')
    await ingest(grave({ counts: { posts: 8_888 }, observedEffect: { state: 'observed' } }))
    expect(await draftAll()).toEqual([['TLP:AMBER', 'breakout', 'effect']])
    expect(await listFlash(services)).toMatchObject([{ version: 2, state: 'waits' }])
  })

  test('is on unless the organisation turns it off', async () => {
    await ingest(grave(), grave({ id: 'denied', breakout: { category: 6, basis: 'answered' } }))
    expect(await draftFlashes({ ...opened.services, flashDrafts: false })).toEqual({ drafts: [], failed: [] })
    expect((await draftFlashes(opened.services)).drafts).toMatchObject([{ reasons: ['breakout'] }])
  })

  test('drafts nothing that an analyst made or refused', async () => {
    await ingest(grave(), grave({ id: 'other' }))
    await makeByHand(['grave'], 'TLP:AMBER')
    const { drafts } = await draftFlashes(services)
    expect(drafts).toHaveLength(1)
    const key = drafts[0]?.key ?? ''
    await refuseFlash({ key, by: 'C. Morel', reason: 'known' }, services)
    expect((await listFlash(services)).map((one) => one.ids)).toEqual([['grave']])
    const again = refuseFlash({ key, by: 'C. Morel' }, services)
    await expect(again).rejects.toThrow('was recalled (refused by C. Morel: known)')
    opened.at('2024-05-20T18:00:00.000Z')
    await ingest(grave({ counts: { posts: 1 } }), grave({ id: 'other', counts: { posts: 1 } }))
    expect(await draftAll()).toEqual([])
  })

  test('drafts a note again after a failure', async () => {
    await ingest(grave())
    const put = () => Promise.reject(new Error('the archive is gone'))
    const failing = await draftFlashes({ ...services, archive: { ...services.archive, put } })
    expect(failing).toMatchObject({ drafts: [], failed: [{ message: 'the archive is gone' }] })
    expect(await draftAll()).toEqual([['TLP:AMBER', 'breakout']])
  })

  test('drafts nothing that is old, withdrawn or without a place', async () => {
    await ingest(
      grave({ id: 'backfill', observed: { from: '2024-05-01' } }),
      ...['gone', 'late'].map((id) => grave({ id })),
      grave({ id: 'nowhere', territories: [] }),
    )
    for (const id of ['gone', 'late'])
      await services.detections.withdraw(id, { by: 'a test', reason: 'wrong' }, new Date('2024-05-20T12:30:00.000Z'))
    opened.at('2024-05-20T13:00:00.000Z')
    expect(await draftAll()).toEqual([])
    opened.at('2024-05-22T12:30:00.000Z')
    await ingest(grave({ id: 'late', counts: { posts: 2 } }))
    expect(await draftAll()).toEqual([])
  })

  test('drafts the same for an edition, whatever is above it', async () => {
    await ingest(grave())
    expect(await draftAll()).toEqual([['TLP:AMBER', 'breakout']])
    const inAmber = async () => (await listFlash(services)).filter(({ cap }) => cap === 'TLP:AMBER')
    const before = await inAmber()
    await ingest(grave({ id: 'red', marking: 'TLP:RED' }), grave({ id: 'strict', marking: 'TLP:AMBER+STRICT' }))
    expect(await draftAll()).toEqual([
      ['TLP:RED', 'breakout'],
      ['TLP:AMBER+STRICT', 'breakout'],
    ])
    expect(await inAmber()).toEqual(before)
    // A note by hand in a stricter edition.
    await ingest(grave({ id: 'next' }))
    await makeByHand(['next', 'red'], 'TLP:RED')
    expect(await draftAll()).toEqual([['TLP:AMBER', 'breakout']])
  })
})

test('commands name a draft without figures, list it, and refuse it', async () => {
  await writeFile(join(home, 'vigie.json'), JSON.stringify({ flashDrafts: { breakout: 4 } }))
  const file = await writeNdjson(join(home, '..', 'new.ndjson'), grave({ observed: { from: ago(3_600_000) } }))
  await opened.close()
  const run = (...words: readonly string[]) => vigie([...words, '--home', home])
  const { stdout } = await run('ingest', file)
  expect(stdout).toMatch(/drafted by the rule \(breakout\): flash note flash-nc-[0-9a-f]{12}, TLP:AMBER/)
  expect(stdout).toContain('vigie flash refuse flash-nc-')
  expect(stdout.replace(/[\s,.]/g, '')).not.toContain('7777')
  expect(jsonOf(await run('flash', 'draft', '--json'))).toEqual({ drafts: [], failed: [] })
  expect((await run('flash', 'list')).stdout).toContain('drafted by the rule (breakout), waits for approval')
  const [key = ''] = /flash-nc-[0-9a-f]{12}/.exec(stdout) ?? []
  expect((await run('flash', 'refuse', key, '--by', 'C. Morel')).stdout).toContain('refused by C. Morel')
  opened = await openServices(home, 'now')
})
