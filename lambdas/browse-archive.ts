/** The archive as a caller may see it: which versions there are, newest first, and what one of them holds. */
import { type Caller, mayReadEdition, mayReadVersion, type Readable } from './domain/caller.ts'
import { archiveKey, type Edition, type Manifest, reportId } from './domain/manifest.ts'
import type { Marking } from './domain/marking.ts'
import type { Report } from './domain/page.ts'
import { type Period, parsePeriod } from './domain/period.ts'
import type { TerritoryCode } from './domain/territory.ts'
import { editionOf, readVersion } from './read-version.ts'
import type { Services } from './services.ts'
import type { VersionEntry } from './store/reports.ts'

export type ArchiveServices = Pick<Services, 'reports' | 'archive'>

export type ArchiveFilter = {
  readonly territory?: TerritoryCode | undefined
  readonly period?: string | undefined
  readonly cap?: Marking | undefined
  /** Days, `YYYY-MM-DD`: periods that touch them. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Where the page before ended. */
  readonly after?: string | undefined
  readonly limit: number
}

export type ArchivedEntry = {
  readonly id: string
  readonly territory: TerritoryCode
  readonly period: string
  readonly cap: Marking
  readonly version: number
  readonly marking: Marking
  readonly asOf: string
  readonly state: 'published' | 'recalled'
  readonly totals: NonNullable<VersionEntry['published']>['totals']
}

export type ArchivePage = { readonly entries: readonly ArchivedEntry[]; readonly next: string | undefined }

/** One page of the versions that a caller may know of; recalled ones are named, and open nothing. */
export const listArchive = async (
  filter: ArchiveFilter,
  caller: Caller,
  { reports }: ArchiveServices,
): Promise<ArchivePage> => {
  const { territory, period, cap, from = '', to = '~', after, limit } = filter
  const wanted: { readonly order: string; readonly entry: VersionEntry }[] = []
  for (const code of territory ? [territory] : caller.territories) {
    for await (const entry of reports.all({ territory: code, ...(period !== undefined && { period }) })) {
      if (!entry.published || !mayReadEdition(caller, entry) || (cap && entry.cap !== cap)) continue
      if (!mayReadVersion(caller, { ...readableOf(entry), state: 'published' })) continue
      const of = parsePeriod(entry.period)
      if (of.last >= from && of.first <= to) wanted.push({ order: orderOf(entry, of), entry })
    }
  }
  wanted.sort((a, b) => (a.order > b.order ? -1 : 1))
  const begun = after === undefined ? wanted : wanted.filter(({ order }) => order < after)
  const page = begun.slice(0, limit)
  return {
    entries: page.flatMap(({ entry }) => entryOf(entry) ?? []),
    next: begun.length > limit ? page.at(-1)?.order : undefined,
  }
}

/** By the period's last day, then its first, then what is one and the same. */
const orderOf = ({ territory, cap, version }: VersionEntry, { first, last, id }: Period): string =>
  [last, first, id, territory, cap, String(version).padStart(6, '0')].join(' ')

const entryOf = (entry: VersionEntry): ArchivedEntry | undefined => {
  const { territory, period, cap, version, asOf, published, recalled } = entry
  if (!published) return undefined
  const { marking, totals } = published
  const state = recalled ? 'recalled' : 'published'
  return { id: reportId(editionOf(entry), version), territory, period, cap, version, marking, asOf, state, totals }
}

export const readableOf = ({ territory, cap, published, recalled }: VersionEntry): Readable => ({
  territory,
  cap,
  // What was never published has no marking that anybody is cleared for.
  marking: published?.marking ?? 'TLP:RED',
  state: recalled ? 'recalled' : published ? 'published' : 'held',
})

export type Found =
  | { readonly is: 'found'; readonly entry: VersionEntry; readonly manifest: Manifest; readonly report: Report }
  /** It is not there, or the caller may not know that it is. */
  | { readonly is: 'unknown' }
  | { readonly is: 'recalled'; readonly reason: string }

/** A version, or the newest one that stands. */
export const findVersion = async (
  edition: Edition,
  wanted: number | 'latest',
  caller: Caller,
  services: ArchiveServices,
): Promise<Found> => {
  if (!mayReadEdition(caller, edition)) return { is: 'unknown' }
  const published = (await services.reports.versions(edition)).filter((entry) => entry.published)
  const standing = published.filter(({ recalled }) => !recalled)
  const entry = wanted === 'latest' ? standing.at(-1) : published.find(({ version }) => version === wanted)
  if (!entry) return { is: 'unknown' }
  const readable = readableOf(entry)
  if (!mayReadVersion(caller, { ...readable, state: 'published' })) return { is: 'unknown' }
  if (entry.recalled) return { is: 'recalled', reason: entry.recalled.reason }
  return { is: 'found', entry, ...(await readVersion(entry, services)) }
}

/** The archive's key of a file that a manifest names; undefined where it names none such. */
export const fileKey = (manifest: Manifest, entry: VersionEntry, name: string) => {
  const file = manifest.files.find((one) => one.name === name)
  return file && { key: archiveKey(editionOf(entry), entry.version, name), contentType: file.contentType }
}
