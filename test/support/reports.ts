/** Reports on detections, put together as the use case does it, without a store. */

import { sinceBefore } from '../../lambdas/domain/aggregate/since.ts'
import { createCounter, type DetectionAsOf, type Tally } from '../../lambdas/domain/aggregate/tally.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { type TerritoryCode, territoryOf } from '../../lambdas/domain/core/place/territory.ts'
import { daysOf, parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../lambdas/domain/detection/campaigns.ts'
import { builtInDisarm } from '../../lambdas/domain/detection/frameworks/disarm-built-in.ts'
import type { DossierFacts } from '../../lambdas/domain/dossier/dossier.ts'
import { reportOf } from '../../lambdas/domain/page/build-page.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { noneGone } from '../../lambdas/domain/report/changes.ts'
import { factsOf, type Material, toShow } from '../../lambdas/domain/report/facts.ts'
import type { PrintedNote } from '../../lambdas/domain/report/note.ts'
import type { Organisation } from '../../lambdas/domain/report/organisation.ts'
import { csvTable } from '../../lambdas/render/exports/csv.ts'
import type { VersionEntry } from '../../lambdas/store/reports/reports.ts'

export type Asked = {
  readonly territory?: TerritoryCode
  readonly period?: string
  readonly cap?: Marking
  readonly notes?: readonly PrintedNote[]
  readonly house?: Organisation
  readonly isWatched?: boolean
  readonly sources?: Material['sources']
  readonly before?: Material['before']
  /** Makes it a report on this campaign. */
  readonly dossier?: DossierFacts
  readonly level?: Material['level']
}

/** Its `detections.csv`. */
export const csvOn = (
  found: readonly DetectionAsOf[],
  { territory = 'NC', period = '2024-W20', cap = 'TLP:AMBER' }: Asked = {},
): Uint8Array => {
  const table = csvTable({ territory, period: parsePeriod(period), cap })
  for (const one of found) table.add(one)
  return Buffer.from([...table.pieces()].join(''))
}

/** What is new where nothing is known of the periods before. */
export const noneBefore = ({ threads }: Pick<Tally, 'threads'>) =>
  sinceBefore(threads, [], { ended: [], whollyWatched: () => undefined })

/** The first version of a report on some detections, as of the Monday after. */
export const reportOn = (
  found: readonly DetectionAsOf[],
  {
    territory = 'NC',
    period: written = '2024-W20',
    cap = 'TLP:AMBER',
    notes = [],
    house = {},
    isWatched = true,
    sources = [],
    before = [],
    dossier,
    level,
  }: Asked = {},
): Report => {
  const period = parsePeriod(written)
  const counter = createCounter({ period, zone: territoryOf(territory).zone, cap })
  for (const one of found) counter.add(one)
  const days = new Set(daysOf(period))
  const tally = counter.tally(isWatched ? { watched: { marking: 'TLP:CLEAR', days, isWhole: true } } : {})
  const bodies = new Map(found.map((one) => [one.detection.id, one]))
  const material: Material = {
    edition: { territory: dossier ? campaignCode(dossier.name) : territory, period, cap },
    tally,
    before,
    taxonomy: builtInDisarm,
    shown: new Map(
      toShow(tally)
        .flatMap(({ id }) => bodies.get(id) ?? [])
        .map((one) => [one.detection.id, one]),
    ),
    sources,
    kept: { rejects: 0, unplaced: 0, marking: 'TLP:CLEAR' },
    notes,
    candidates: [],
    across: [],
    previous: undefined,
    gone: noneGone,
    ...(level && { level }),
    since: noneBefore(tally),
    threadTitles: new Map(found.map(({ detection: { id, title } }) => [id, title])),
    declared: new Map(),
    revisedBefore: [],
    house,
    dossier,
  }
  const version = { number: 1, asOf: '2024-05-20T00:00:00.000Z', reconstructed: false, snapshotSha256: 'a'.repeat(64) }
  return reportOf(factsOf(material, version))
}

/** Unusual activity by the posts of a week. */
export const unusualLevel = (posts = 500): NonNullable<Asked['level']> => ({
  ...{ value: 2, isWhole: true, detections: 1, marking: 'TLP:CLEAR' },
  tests: [
    {
      ...{ figure: 'posts', total: { value: posts, qualifier: 'exact' }, floor: 88, above: 'ordinary week' },
      ordinary: { least: 40, most: 90, weeks: 8 },
    },
  ],
  inputs: { arrived: 26, expected: 28 },
  last: { value: 0 },
})

/** A published version in the index, of NC's week 20. */
export const versionEntry = (changes: Partial<VersionEntry> = {}): VersionEntry => ({
  territory: 'NC',
  period: '2024-W20',
  cap: 'TLP:AMBER',
  version: 1,
  state: 'published',
  snapshotSha256: '',
  asOf: '2024-05-20T00:00:00.000Z',
  reconstructed: false,
  owner: 'test',
  leaseUntil: '2024-05-20T00:02:00.000Z',
  ...changes,
})
