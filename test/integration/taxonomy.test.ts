/** DISARM from the command line to the report: imports make new versions, and earlier instants keep theirs. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parsePeriod } from '../../lambdas/domain/core/period.ts'
import { builtInDisarm } from '../../lambdas/domain/detection/disarm-built-in.ts'
import type { Taxonomy } from '../../lambdas/domain/detection/disarm.ts'
import type { ImportedSummary } from '../../lambdas/usecases/ingest/import-taxonomy.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { jsonOf, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { type Opened, openServices } from '../support/services.ts'
import { bundle, stixObject } from '../support/stix.ts'

let folder: string
let remove: () => Promise<void>

beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
})

afterAll(() => remove())

describe('vigie taxonomy', () => {
  it('shows what comes with Vigie, imports a bundle once, and shows that', async () => {
    const home = ['--home', join(folder, 'home')]
    const file = join(folder, 'disarm-v1.6.json')
    const tactic = stixObject('x-mitre-tactic', 'Develop Content', {
      external_references: [{ external_id: 'TA06' }],
      x_mitre_shortname: 'develop-content',
    })
    const technique = stixObject('attack-pattern', 'Use Copypasta', {
      external_references: [{ external_id: 'T0084.001' }],
      kill_chain_phases: [{ kill_chain_name: 'mitre-attack', phase_name: 'develop-content' }],
    })
    await writeFile(file, bundle(tactic, technique))
    await mkdir(join(folder, 'home/archive'), { recursive: true })
    expect(await vigieJson(['taxonomy', 'show', ...home])).toMatchObject({ techniques: 391, importedAt: null })
    const first = await vigieJson<ImportedSummary>(['taxonomy', 'import', file, ...home])
    expect(first).toMatchObject({ isNew: true, version: '1.6', tactics: 1, techniques: 1 })
    const again = await vigieJson<ImportedSummary>(['taxonomy', 'import', file, ...home])
    expect(again).toMatchObject({ isNew: false, importedAt: first.importedAt })
    expect(await vigieJson(['taxonomy', 'show', ...home])).toMatchObject({ techniques: 1, sha256: first.sha256 })
    const wrong = await vigie(['taxonomy', 'import', join(folder, 'none.json'), '--json', ...home])
    expect(wrong.code).toBe(1)
    expect(jsonOf<{ error: { message: string } }>(wrong).error.message).toContain('none.json is not there')
  })
})

describe('a report', () => {
  let opened: Opened

  beforeAll(async () => {
    opened = await openServices(join(folder, 'services'))
  })

  afterAll(() => opened.close())

  it('uses the taxonomy of its as-of instant', async () => {
    const { services, at } = opened
    const techniques = [{ id: 'T9068', name: 'Not of v1.6' }]
    await services.detections.saveAll([detection({ id: 't', techniques })], services.clock())
    const request = { territory: 'NC' as const, period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' as const }
    const before = await generateReport(request, services)
    expect(before.report.disarm).toMatchObject({ mentions: 1, outsideMatrix: 1, reported: [{ state: 'unknown' }] })

    at('2024-05-21T00:00:00.000Z')
    // Long enough for several parts.
    const filler = Array.from({ length: 2_000 }, (_, number) => ({
      id: `T${5_000 + number}`,
      tactic: 'TA01',
      names: { en: `Filler ${number} ${'x'.repeat(80)}` },
    }))
    const taxonomy: Taxonomy = {
      ...builtInDisarm,
      techniques: [{ id: 'T9068', tactic: 'TA14', names: { en: 'Of a later version' } }, ...filler],
      removed: [],
    }
    expect(await services.taxonomies.save(taxonomy, services.clock())).toBe(true)
    expect(await services.taxonomies.save(taxonomy, new Date('2024-05-22T00:00:00.000Z'))).toBe(false)
    expect((await services.taxonomies.asOf('2024-05-21T00:00:00.000Z'))?.taxonomy).toEqual(taxonomy)
    expect(await services.taxonomies.asOf('2024-05-20T23:59:59.999Z')).toBeUndefined()

    const after = await generateReport(request, services)
    expect(after).toMatchObject({ isNew: true, report: { version: 2, disarm: { outsideMatrix: 0 } } })
    expect(after.report.disarm.reported).toMatchObject([{ id: 'T9068', state: 'kept', rank: 4 }])
    const earlier = await generateReport({ ...request, asOf: before.report.asOf }, services)
    expect(earlier).toMatchObject({ isNew: false, report: { version: 1 } })
  })
})
