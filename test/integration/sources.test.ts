/** What an edition may know of who watched: names, limits, runs and numbers of sources by their marking. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reportOutput } from '../../bin/cli/output/outputs.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { readRecords } from '../../lambdas/intake/formats.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport, type MadeReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { ndjson, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { detection, input } from '../support/detections.ts'
import { type Opened, openedOn, openServices } from '../support/services.ts'

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

const ingest = (name: string, ...said: readonly Partial<DetectionInput>[]) =>
  ingestDetections(
    said.map((one) => ({ detection: detection(one) })),
    name,
    opened.services,
  )

const report = (cap: Marking) =>
  generateReport({ territory: 'NC', period: parsePeriod('2024-W20'), cap }, opened.services)

const texts = async (made: MadeReport): Promise<string> => {
  const { files } = reportOutput(made, opened.services.archive)
  const text = files.filter(({ name }) => /\.(?:json|html|csv)$/.test(name))
  return (await Promise.all(text.map(({ path }) => readFile(path ?? '', 'utf8')))).join('\n')
}

describe('a report', () => {
  it('knows nothing of a source, a run or a number above its cap', async () => {
    const open = { name: 'OpenSource', version: '1', marking: 'TLP:CLEAR' } as const
    const secret = {
      name: 'canary-name',
      version: 'canary-version',
      thresholds: { canary: 'canary-threshold' },
      knownError: 'canary-error',
      expectedRhythm: 'PT6H',
    }
    await ingest(
      'one',
      { id: 'a', marking: 'TLP:CLEAR', detector: open },
      { id: 'b', marking: 'TLP:RED', detector: { ...secret, name: 'OpenSource' } },
    )
    await ingest('two', { id: 'c', marking: 'TLP:RED', detector: secret })
    // A detection without a place is of the watch too.
    await ingest('three', { id: 'd', marking: 'TLP:RED', detector: secret, territories: [] })
    opened.at('2024-05-21T00:00:00.000Z')
    for (const cap of ['TLP:CLEAR', 'TLP:AMBER'] as const) {
      const made = await report(cap)
      expect(await texts(made)).not.toContain('canary')
      expect(made.report.watch.unplaced).toBe(0)
      expect(made.report.sources).toMatchObject([
        { name: 'OpenSource', version: '1', marking: 'TLP:CLEAR', watch: { inputs: 1 } },
      ])
      expect(made.report.sources[0]?.watch.days.map(({ found }) => found)).toEqual([0, 0, 1, 0, 0, 0, 0])
    }
    const red = await report('TLP:RED')
    expect(red.report.sources.map(({ name, marking }) => [name, marking])).toEqual([
      ['OpenSource', 'TLP:RED'],
      ['canary-name', 'TLP:RED'],
    ])
    expect(red.report.watch.unplaced).toBe(1)
  })

  it('has the words of a source that declares nothing from AMBER on, and no analyst’s name', async () => {
    const chunks = async function* () {
      yield Buffer.from(ndjson({ source: 'Quiet', ran: '2024-05-16T06:00:00Z', found: 0 }))
    }
    await ingestDetections(readRecords(chunks(), { file: 'ran', format: 'ndjson' }), 'ran', opened.services)
    const analyst = { name: 'canary-analyst', byHand: true }
    await ingest('hand', { id: 'hand', marking: 'TLP:CLEAR', detector: analyst })
    opened.at('2024-05-22T00:00:00.000Z')
    const [clear, amber] = [await report('TLP:CLEAR'), await report('TLP:AMBER')]
    for (const made of [clear, amber]) expect(await texts(made)).not.toContain('canary')
    expect(clear.report.sources.map(({ name }) => name)).toEqual(['OpenSource'])
    expect(amber.report.sources.map(({ name }) => name)).toEqual(['OpenSource', 'Quiet', 'by hand'])
    expect(await texts(clear)).toContain('saisie à la main')
  })

  it('names no source that was raised since, by an operator or a later record', async () => {
    const territories = ['TF']
    await ingest(
      'raised',
      { id: 'r1', territories, marking: 'TLP:CLEAR', detector: 'RaisedByHand' },
      { id: 'r2', territories, marking: 'TLP:CLEAR', detector: 'RaisedLater' },
    )
    const make = () =>
      generateReport({ territory: 'TF', period: parsePeriod('2024-W20'), cap: 'TLP:CLEAR' }, opened.services)
    expect(await texts(await make())).toContain('RaisedByHand')
    await opened.services.sources.declare(
      'RaisedByHand',
      { marking: 'TLP:RED' },
      { by: 'Ana' },
      opened.services.clock(),
    )
    const later = { name: 'RaisedLater', marking: 'TLP:RED' } as const
    await ingest('later', { id: 'r3', territories: ['GF'], marking: 'TLP:CLEAR', detector: later })
    const made = await make()
    expect(made.report.version).toBe(2)
    expect(await texts(made)).not.toMatch(/Raised/)
  })
})

describe('a set of accounts', () => {
  it('above a detection’s marking fills nothing of it in', async () => {
    const accounts = { id: 'canary-set', name: 'canary-set-name', accounts: ['anne', 'bob'] }
    await opened.services.accountSets.save(accounts, opened.services.clock())
    const named = { accountSet: { id: 'canary-set' }, accountRefs: ['anne', 'zoe'] }
    const tally = await ingest(
      'sets',
      { id: 'set-clear', marking: 'TLP:CLEAR', ...named },
      { id: 'set-amber', marking: 'TLP:AMBER', ...named },
    )
    expect(tally).toMatchObject({ accepted: 1, rejected: 1, rejects: [{ id: 'set-clear', path: 'accountSet' }] })
    expect(await texts(await report('TLP:CLEAR'))).not.toContain('canary-set')
    expect(await texts(await report('TLP:AMBER'))).toContain('canary-set-name')
  })
})

describe('vigie sources', () => {
  it('lists what is stored, and puts an operator’s word in the place of what was declared', async () => {
    const home = ['--home', join(folder, 'cli')]
    await openedOn(join(folder, 'cli'), ({ services }) =>
      ingestDetections(
        [
          {
            detection: detection({
              ...input(),
              detector: { name: 'D', marking: 'TLP:RED', territories: ['antilles'] },
            }),
          },
        ],
        'cli',
        services,
      ),
    )
    const list = () => vigieJson(['sources', 'list', ...home])
    const antilles = ['BL', 'GP', 'MF', 'MQ']
    expect(await list()).toMatchObject([{ name: 'D', declared: 'TLP:RED', territories: antilles }])
    await vigieJson(['sources', 'mark', 'D', '--marking', 'green', ...home])
    expect(await list()).toMatchObject([{ name: 'D', declared: 'TLP:GREEN', territories: null }])
    const paced = ['sources', 'mark', 'D', '--rhythm', 'P1D', '--by', 'Ana', '--reason', 'nightly', ...home]
    expect(await vigieJson(paced)).toEqual({ name: 'D', marking: null, territories: null, rhythm: 'P1D' })
    expect(await list()).toMatchObject([{ name: 'D', declared: 'TLP:GREEN', territories: null, rhythm: 'P1D' }])
    expect(await vigieJson(['history', ...home])).toMatchObject([
      { did: 'changed', of: 'source', id: 'D', by: 'Ana', reason: 'nightly', what: ['P1D'] },
      { did: 'changed', of: 'source', id: 'D', what: ['TLP:GREEN'] },
      { of: 'batch' },
    ])
    for (const wrong of [['--rhythm', 'daily'], ['--rhythm', 'PT0S'], [], ['--rhythm', 'P1D', '--territory', 'NC']])
      expect((await vigie(['sources', 'mark', 'D', ...wrong, ...home])).code).toBe(2)
    const unknown = await vigie(['sources', 'mark', 'E', '--marking', 'green', ...home])
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('no source "E" has delivered')])
  })
})
