/** VIGINUM's own bundle, where the real data are at hand: as `vigie ingest` takes it, and by it. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ingestFiles } from '../../bin/cli/ingest-files.ts'
import { parseObserved } from '../../lambdas/domain/core/time/observed.ts'
import { type IngestJson, jsonOf, newFolder, vigie } from '../support/cli.ts'
import { isShared, shared } from '../support/intake.ts'
import { type Opened, openServices, reportFrom } from '../support/services.ts'

const bundle = fileURLToPath(shared('viginum/2024-12_un-notorious-big.stix.json'))

describe.skipIf(!isShared)('VIGINUM’s bundle (skipped where ../shared/data is absent)', () => {
  let home: string
  let opened: Opened
  let cleanUp: () => Promise<void>

  beforeAll(async () => {
    const { folder, remove } = await newFolder()
    home = join(folder, 'home')
    opened = await openServices(home, 'now')
    cleanUp = async () => {
      await opened.close()
      await remove()
    }
  })

  afterAll(() => cleanUp())

  const ingest = (...more: readonly string[]) => vigie(['ingest', bundle, ...more, '--home', home, '--json'])

  it('has no time of observation: its campaign is a reject that says what to do', async () => {
    const ran = await ingest()
    expect(ran.code).toBe(1)
    const tally = jsonOf<IngestJson>(ran)
    expect(tally).toMatchObject({ read: 1, accepted: 0, unplaced: 0, rejected: 1 })
    for (const { path, message } of tally.rejects) {
      expect(path).toBe('observed')
      expect(message).toContain('--observed')
    }
    expect(tally.unused).toMatchObject({ relationship: expect.any(Number), 'marking-definition': 1 })
  })

  it('with --observed is a detection in Corsica and overseas; the campaign that it only mentions is none', async () => {
    const ran = await ingest('--observed', '2023-07..2024-10')
    expect(ran.code).toBe(0)
    expect(jsonOf(ran)).toMatchObject({ read: 1, accepted: 1, unplaced: 0, rejected: 0 })
    const stated = { files: [bundle], format: 'auto', observed: parseObserved('2023-07..2024-10') } as const
    expect(await ingestFiles(stated, opened.context)).toMatchObject({ read: 1, duplicates: 1 })
  })

  it('stands in the reports of its territories, said to be stated by hand, with what was reported', async () => {
    for (const territory of ['COR', 'NC', 'TF'] as const) {
      const report = await reportFrom(opened, territory, '2023-07')
      // The bundle is CLEAR; the source that took it in declares no marking.
      expect(report).toMatchObject({ marking: 'TLP:AMBER', totals: { detections: 1 } })
      const facts = JSON.parse(
        await readFile(report.files.find(({ name }) => name === 'report.json')?.path ?? '', 'utf8'),
      )
      const [manoeuvre] = facts.manoeuvres
      expect(manoeuvre.observed).toMatchObject({ from: '2023-07', to: '2024-10', statedByHand: true })
      expect(manoeuvre.markingSource).toBeDefined()
      expect(manoeuvre.techniques.length).toBeGreaterThan(0)
      const place = manoeuvre.territories.find(({ code }: { code: string }) => code === territory)
      expect(place.method).toBe(territory === 'COR' ? 'explicit' : 'group')
    }
  })

  it('goes on in a week of 2024, and counts in none', async () => {
    const report = await reportFrom(opened, 'NC', '2024-W20')
    expect(report.totals.detections).toBe(0)
    expect(report.ongoing).toHaveLength(1)
  })
})
