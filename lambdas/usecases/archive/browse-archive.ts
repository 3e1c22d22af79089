import {
  type Caller,
  isSubjectFor,
  mayReadEdition,
  mayReadVersion,
  type Readable,
  subjectsFor,
} from '../../domain/access/caller.ts'
import { statedValue } from '../../domain/aggregate/level/level.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { SubjectCode } from '../../domain/core/place/territory.ts'
import { type Cadence, type Period, parsePeriod } from '../../domain/core/time/period.ts'
import type { Report } from '../../domain/page/page.ts'
import {
  archiveKey,
  type Edition,
  type EditionNamed,
  editionOf,
  editionPath,
  type Manifest,
  manifestName,
  reportId,
} from '../../domain/report/manifest.ts'
import { signatureName } from '../../domain/report/signature.ts'
import { recallText } from '../../domain/report/version.ts'
import { type Reports, versionInForce, type VersionEntry } from '../../store/reports/reports.ts'
import type { Services } from '../services.ts'
import { readVersion } from './read-version.ts'

export type ArchiveServices = Pick<Services, 'reports' | 'archive'>

export type ArchiveFilter = {
  readonly territory?: SubjectCode | undefined
  readonly period?: string | undefined
  readonly cap?: Marking | undefined
  readonly cadence?: Cadence | undefined
  readonly from?: string | undefined
  readonly to?: string | undefined
  readonly after?: string | undefined
  readonly limit: number
}

export type ArchivedEntry = EditionNamed & {
  readonly id: string
  readonly version: number
  readonly marking: Marking
  readonly asOf: string
  /** Campaign name, for a dossier that the caller may read. */
  readonly campaign?: string
  /** Expiry and approver, for a flash note that the caller may read. */
  readonly flash?: { readonly until: string; readonly approvedBy?: string }
  readonly state: 'published' | 'recalled'
  readonly recalledAt?: string
  /** A later version of the same edition is in force. */
  readonly replaced: boolean
  /** Made later than a version with more recent data. */
  readonly reconstructed: boolean
  readonly totals: NonNullable<VersionEntry['published']>['totals']
  readonly joint?: NonNullable<VersionEntry['published']>['joint']
  readonly level?: ReturnType<typeof statedValue>
}

export type ArchivePage = { readonly entries: readonly ArchivedEntry[]; readonly next: string | undefined }

type Placed = { readonly order: string; readonly of: Period; readonly entry: VersionEntry }

/** Lists versions, newest first. Recalled versions are listed but cannot be opened. */
export const listArchive = async (
  filter: ArchiveFilter,
  caller: Caller,
  { reports }: Pick<ArchiveServices, 'reports'>,
): Promise<ArchivePage> => {
  const { territory, after = '~', limit } = filter
  const isWanted = wantedBy(filter)
  const known = (await knownVersions(territory, caller, reports)).flatMap((entry): readonly Placed[] => {
    const of = parsePeriod(entry.period)
    return isWanted(entry, of) ? [{ order: orderOf(entry, of), of, entry }] : []
  })
  const page = known
    .filter(({ order }) => order < after)
    .sort((one, other) => (one.order > other.order ? -1 : 1))
    .slice(0, limit + 1)
  const shown = page.slice(0, limit)
  const editions = Map.groupBy(
    known.map(({ entry }) => entry),
    pathOf,
  )
  const isReplaced = (entry: VersionEntry): boolean =>
    entry.version < (versionInForce(editions.get(pathOf(entry)) ?? [])?.version ?? 0)
  return {
    entries: shown.flatMap(({ entry }) => entryOf(entry, isReplaced(entry)) ?? []),
    next: page.length > limit ? shown.at(-1)?.order : undefined,
  }
}

/**
 * Returns the published versions that a caller may know of, with the recalled ones. Reads all entries, because no index
 * finds a new correction of an old period.
 */
export const knownVersions = async (
  territory: SubjectCode | undefined,
  caller: Caller,
  reports: ArchiveServices['reports'],
): Promise<readonly VersionEntry[]> => {
  const codes = territory ? [territory] : await subjectsSeen(caller, reports)
  const read = await Promise.all(codes.map((code) => Array.fromAsync(reports.all({ territory: code }))))
  return read
    .flat()
    .filter((entry) => entry.published && mayReadVersion(caller, { ...readableOf(entry), state: 'published' }))
}

const wantedBy = ({ period, cadence, cap, from = '', to = '9' }: ArchiveFilter) => {
  const id = period === undefined ? undefined : parsePeriod(period).id
  return (entry: VersionEntry, of: Period): boolean =>
    (id === undefined || of.id === id) &&
    (cadence === undefined || of.cadence === cadence) &&
    (cap === undefined || entry.cap === cap) &&
    of.first <= to &&
    of.last >= from
}

/** Dossiers cover every territory, flash notes the territories in their codes. */
const subjectsSeen = async (
  caller: Caller,
  reports: Pick<Reports, 'campaigns' | 'flashes'>,
): Promise<readonly SubjectCode[]> => {
  const own = subjectsFor(caller)
  const flashes = (await reports.flashes()).filter((code) => isSubjectFor(caller, code))
  return [...own, ...(own.includes('ALL') ? await reports.campaigns() : []), ...flashes]
}

const pathOf = (entry: VersionEntry): string => editionPath(editionOf(entry))

export const cursorTo = (place: string): string => Buffer.from(place).toString('base64url')

export const placeOf = (cursor: string): string | undefined => {
  const place = Buffer.from(cursor, 'base64url').toString()
  return /^\d{4}-\d\d-\d\dT[\d:.]+Z [\x20-\x7e]{1,200}$/.test(place) ? place : undefined
}

/** Orders by instant, then the period's last and first day, then identifying fields. */
const orderOf = ({ territory, cap, version, asOf }: VersionEntry, { first, last, id }: Period): string =>
  [asOf, last, first, id, territory, cap, String(version).padStart(6, '0')].join(' ')

const entryOf = (entry: VersionEntry, replaced: boolean): ArchivedEntry | undefined => {
  const { territory, period, cap, version, asOf, published, recalled, reconstructed } = entry
  if (!published) return undefined
  const { marking, totals, joint, level } = published
  const state = recalled ? 'recalled' : 'published'
  const id = reportId(editionOf(entry), version)
  const { campaign, flash } = published
  return {
    ...{ id, territory, period, cap, version, marking, asOf, state, replaced, reconstructed, totals },
    ...(joint && { joint }),
    ...(level && { level: statedValue(level) }),
    ...(recalled
      ? { recalledAt: recalled.at }
      : {
          ...(campaign !== undefined && { campaign }),
          ...(flash && { flash: { until: flash.until, ...(entry.approved && { approvedBy: entry.approved.by }) } }),
        }),
  }
}

export const readableOf = ({ territory, cap, published, recalled }: VersionEntry): Readable => ({
  territory,
  cap,
  // A version that was never published has no marking, so it gets the strictest.
  marking: published?.marking ?? 'TLP:RED',
  state: recalled ? 'recalled' : published ? 'published' : 'held',
})

export type Found =
  | { readonly is: 'found'; readonly entry: VersionEntry; readonly manifest: Manifest; readonly report: Report }
  /** The version does not exist, or the caller may not know it. */
  | { readonly is: 'unknown' }
  | { readonly is: 'recalled'; readonly reason: string }

export const findVersion = async (
  edition: Edition,
  wanted: number | 'latest',
  caller: Caller,
  services: ArchiveServices,
): Promise<Found> => {
  if (!mayReadEdition(caller, edition)) return { is: 'unknown' }
  const published = (await services.reports.versions(edition)).filter((entry) => entry.published)
  const entry = wanted === 'latest' ? versionInForce(published) : published.find(({ version }) => version === wanted)
  if (!entry) return { is: 'unknown' }
  const readable = readableOf(entry)
  if (!mayReadVersion(caller, { ...readable, state: 'published' })) return { is: 'unknown' }
  if (entry.recalled) return { is: 'recalled', reason: recallText(entry.recalled) }
  return { is: 'found', entry, ...(await readVersion(entry, services)) }
}

const proof = [
  { name: manifestName, contentType: 'application/json' },
  { name: signatureName, contentType: 'application/octet-stream' },
]

export const fileKey = (manifest: Manifest, entry: VersionEntry, name: string) => {
  const file = [...manifest.files, ...proof].find((one) => one.name === name)
  return file && { key: archiveKey(editionOf(entry), entry.version, name), contentType: file.contentType }
}
