/** An edition shows names, limits, runs and numbers of sources up to its cap alone. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportOutput } from '../../bin/cli/output/outputs.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { readRecords } from '../../lambdas/intake/formats.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { recountSummaries } from '../../lambdas/usecases/reports/reading/recount-summaries.ts'
import { ndjson, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { ingestInto, type Opened, openedOn, openServices, reportFrom } from '../support/services.ts'

let folder: string
let opened: Opened
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  opened = await openServices(join(folder, 'home'), '2024-05-15T00:00:00.000Z')
  cleanUp = async () => {
    await opened.close()
    await made.remove()
  }
})

afterAll(() => cleanUp())

const ingest = (...inputs: readonly Partial<DetectionInput>[]) =>
  ingestDetections(
    inputs.map((one) => ({ detection: detection(one) })),
    'file',
    opened.services,
  )

const report = (cap: Marking, territory: TerritoryCode = 'NC') =>
  generateReport({ territory, period: parsePeriod('2024-W20'), cap }, opened.services)

const textOf = async (made: MadeReport): Promise<string> => {
  const { files } = reportOutput(made, opened.services.archive)
  const texts = files.filter(({ name }) => /\.(?:json|html|csv)$/.test(name))
  return (await Promise.all(texts.map(({ path }) => readFile(path ?? '', 'utf8')))).join('\n')
}

describe('a report', () => {
  it('shows no source, run or number above its cap', async () => {
    const secret = {
      name: 'canary-name',
      version: 'canary-version',
      thresholds: { canary: 'canary-threshold' },
      knownError: 'canary-error',
      expectedRhythm: 'PT6H',
    }
    const open = { name: 'OpenSource', version: '1', marking: 'TLP:CLEAR' } as const
    await ingest(
      { id: 'a', marking: 'TLP:CLEAR', detector: open },
      { id: 'b', marking: 'TLP:RED', detector: { ...secret, name: 'OpenSource' } },
      { id: 'c', marking: 'TLP:RED', detector: secret },
      // A detection without a territory counts for the watch too.
      { id: 'd', marking: 'TLP:RED', detector: secret, territories: [] },
    )
    opened.at('2024-05-21T00:00:00.000Z')
    for (const cap of ['TLP:CLEAR', 'TLP:AMBER'] as const) {
      const made = await report(cap)
      expect(await textOf(made)).not.toContain('canary')
      expect(made.report.watch.unplaced).toBe(0)
      expect(made.report.sources).toMatchObject([
        { name: 'OpenSource', version: '1', marking: 'TLP:CLEAR', watch: { inputs: 1 } },
      ])
      expect(made.report.sources[0]?.watch.days.map(({ found }) => found)).toEqual([0, 0, 1, 0, 0, 0, 0])
    }
    const red = (await report('TLP:RED')).report
    expect(red.sources.map(({ name, marking }) => [name, marking])).toEqual([
      ['OpenSource', 'TLP:RED'],
      ['canary-name', 'TLP:RED'],
    ])
    expect(red.watch.unplaced).toBe(1)
  })

  it('shows a source without a marking from AMBER on, and no analyst’s name', async () => {
    const chunks = async function* () {
      yield Buffer.from(ndjson({ source: 'Quiet', ran: '2024-05-16T06:00:00Z', found: 0 }))
    }
    await ingestDetections(readRecords(chunks(), { file: 'ran', format: 'ndjson' }), 'ran', opened.services)
    await ingest({ id: 'hand', marking: 'TLP:CLEAR', detector: { name: 'canary-analyst', byHand: true } })
    opened.at('2024-05-22T00:00:00.000Z')
    const [clear, amber] = [await report('TLP:CLEAR'), await report('TLP:AMBER')]
    for (const made of [clear, amber]) expect(await textOf(made)).not.toContain('canary')
    expect(clear.report.sources.map(({ name }) => name)).toEqual(['OpenSource'])
    expect(amber.report.sources.map(({ name }) => name)).toEqual(['OpenSource', 'Quiet', 'by hand'])
    expect(await textOf(clear)).toContain('saisie à la main')
  })

  it('shows no source whose marking was raised since, by an operator or a later record', async () => {
    const common = { territories: ['TF'], marking: 'TLP:CLEAR' }
    await ingest({ id: 'r1', ...common, detector: 'RaisedByHand' }, { id: 'r2', ...common, detector: 'RaisedLater' })
    expect(await textOf(await report('TLP:CLEAR', 'TF'))).toContain('RaisedByHand')
    const { sources, clock } = opened.services
    await sources.declare('RaisedByHand', { marking: 'TLP:RED' }, { by: 'Ana' }, clock())
    const later = { name: 'RaisedLater', marking: 'TLP:RED' } as const
    await ingest({ id: 'r3', territories: ['GF'], marking: 'TLP:CLEAR', detector: later })
    const made = await report('TLP:CLEAR', 'TF')
    expect(made.report.version).toBe(2)
    expect(await textOf(made)).not.toMatch(/Raised/)
  })
})

it('the commands list sources, and replace what a source declared', async () => {
  const home = ['--home', join(folder, 'cli')]
  const detector = { name: 'D', marking: 'TLP:RED', territories: ['antilles'] }
  await openedOn(join(folder, 'cli'), ({ services }) =>
    ingestDetections([{ detection: detection({ detector }) }], 'cli', services),
  )
  const list = () => vigieJson(['sources', 'list', ...home])
  const antilles = ['BL', 'GP', 'MF', 'MQ']
  expect(await list()).toMatchObject([{ name: 'D', declared: 'TLP:RED', territories: antilles }])
  await vigieJson(['sources', 'mark', 'D', '--marking', 'green', ...home])
  expect(await list()).toMatchObject([{ name: 'D', declared: 'TLP:GREEN', territories: null }])
  const paced = ['sources', 'mark', 'D', '--rhythm', 'P1D', '--by', 'Ana', '--reason', 'nightly', ...home]
  expect(await vigieJson(paced)).toEqual({ name: 'D', marking: null, territories: null, rhythm: 'P1D' })
  expect(await list()).toMatchObject([{ name: 'D', declared: 'TLP:GREEN', territories: null, rhythm: 'P1D' }])
  for (const wrong of [['--rhythm', 'PT0S'], [], ['--rhythm', 'P1D', '--territory', 'NC']])
    expect((await vigie(['sources', 'mark', 'D', ...wrong, ...home])).code).toBe(2)
  const unknown = await vigie(['sources', 'mark', 'E', '--marking', 'green', ...home])
  expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('no source "E" has delivered')])
})

it('a quiet week that was watched is counted again as it was kept', () =>
  openedOn(join(folder, 'quiet'), async (home) => {
    await ingestInto(home, ndjson({ source: 'Quiet', ran: '2024-05-15T06:00:00Z', found: 4 }))
    await reportFrom(home, 'NC', '2024-W20')
    expect((await recountSummaries(home.services)).wrong).toEqual([])
  }))
