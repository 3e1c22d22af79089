/** The archive as a caller may see it: which versions there are, newest first, and what one of them holds. */
import { type Caller, mayReadEdition, mayReadVersion, type Readable, subjectsFor } from '../../domain/access/caller.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { type Cadence, cadences, type Period, parsePeriod } from '../../domain/core/period.ts'
import type { SubjectCode } from '../../domain/core/territory.ts'
import type { Report } from '../../domain/page/page.ts'
import {
  archiveKey,
  type Edition,
  editionOf,
  editionPath,
  type Manifest,
  manifestName,
  reportId,
} from '../../domain/report/manifest.ts'
import { signatureName } from '../../domain/report/signature.ts'
import type { Reports, VersionEntry } from '../../store/reports.ts'
import type { Services } from '../services.ts'
import { readVersion } from './read-version.ts'

export type ArchiveServices = Pick<Services, 'reports' | 'archive'>

export type ArchiveFilter = {
  readonly territory?: SubjectCode | undefined
  readonly period?: string | undefined
  readonly cap?: Marking | undefined
  readonly cadence?: Cadence | undefined
  /** Days, `YYYY-MM-DD`: periods that touch them. */
  readonly from?: string | undefined
  readonly to?: string | undefined
  /** Where the page before ended. */
  readonly after?: string | undefined
  readonly limit: number
}

export type ArchivedEntry = {
  readonly id: string
  readonly territory: SubjectCode
  readonly period: string
  readonly cap: Marking
  readonly version: number
  readonly marking: Marking
  readonly asOf: string
  /** Of a dossier that may be read: its campaign's name. */
  readonly campaign?: string
  readonly state: 'published' | 'recalled'
  /** ISO instant, of a recalled one. */
  readonly recalledAt?: string
  /** A later version of the same edition is published. */
  readonly replaced: boolean
  readonly totals: NonNullable<VersionEntry['published']>['totals']
}

export type ArchivePage = { readonly entries: readonly ArchivedEntry[]; readonly next: string | undefined }

/** A version among others: `order` is the greater, the newer it is. */
type Placed = { readonly order: string; readonly of: Period; readonly entry: VersionEntry }

/**
 * One page of the versions that a caller may know of; recalled ones are named, and open nothing. Each territory and
 * cadence is in order in the table: they are read from their newest on, side by side, no further than the page goes.
 */
export const listArchive = async (
  filter: ArchiveFilter,
  caller: Caller,
  { reports }: Pick<ArchiveServices, 'reports'>,
): Promise<ArchivePage> => {
  const { territory, period, cap, from = '', to = '9', after = '~', limit } = filter
  const wanted = period === undefined ? undefined : parsePeriod(period)
  const asked = wanted?.cadence ?? filter.cadence
  const allowed = ({ entry, of, order }: Placed): boolean =>
    order < after &&
    entry.published !== undefined &&
    (wanted === undefined || of.id === wanted.id) &&
    (filter.cadence === undefined || of.cadence === filter.cadence) &&
    (cap === undefined || entry.cap === cap) &&
    of.first <= to &&
    mayReadEdition(caller, entry) &&
    mayReadVersion(caller, { ...readableOf(entry), state: 'published' })
  // No period that begins later can be wanted, nor one that ends before `since`.
  const day = [to, wanted?.first ?? '9', after.slice(0, 10)].toSorted()[0]
  const since = wanted && wanted.last > from ? wanted.last : from
  const streams = (territory ? [territory] : await subjectsSeen(caller, reports)).flatMap((code) =>
    (asked ? [asked] : cadences).map((cadence) => newestFirst(code, cadence, { day, since }, reports)),
  )
  const page: Placed[] = []
  let heads = await Promise.all(streams.map(async (stream) => ({ stream, next: await nextOf(stream, allowed) })))
  while (page.length <= limit) {
    heads = heads.filter(({ next }) => next !== undefined)
    const [head] = heads.toSorted((a, b) => ((a.next?.order ?? '') > (b.next?.order ?? '') ? -1 : 1))
    if (!head?.next) break
    page.push(head.next)
    head.next = page.length <= limit ? await nextOf(head.stream, allowed) : undefined
  }
  await Promise.all(streams.map((stream) => stream.return(undefined)))
  const shown = page.slice(0, limit)
  const replaced = await replacedAmong(shown, filter.after !== undefined, caller, reports)
  return {
    entries: shown.flatMap(({ entry }) => entryOf(entry, replaced.has(entry)) ?? []),
    next: page.length > limit ? shown.at(-1)?.order : undefined,
  }
}

/** All that a caller may read versions about: dossiers tell of every territory. */
const subjectsSeen = async (caller: Caller, reports: Pick<Reports, 'campaigns'>): Promise<readonly SubjectCode[]> => {
  const own = subjectsFor(caller)
  return own.includes('ALL') ? [...own, ...(await reports.campaigns())] : own
}

/** Versions of one edition follow each other, the latest first; those of the first one may have stood on the page before. */
const replacedAmong = async (
  shown: readonly Placed[],
  follows: boolean,
  caller: Caller,
  reports: Reports,
): Promise<ReadonlySet<VersionEntry>> => {
  const [first] = shown
  const before = follows && first ? await reports.versions(editionOf(first.entry)) : []
  const latestVersions = new Map<string, number>()
  const replaced = new Set<VersionEntry>()
  for (const entry of [...before.toReversed(), ...shown.map((placed) => placed.entry)]) {
    const edition = editionPath(editionOf(entry))
    if ((latestVersions.get(edition) ?? 0) > entry.version) replaced.add(entry)
    else if (mayReadVersion(caller, readableOf(entry))) latestVersions.set(edition, entry.version)
  }
  return replaced
}

const newestFirst = async function* (
  territory: SubjectCode,
  cadence: Cadence,
  { day, since }: { readonly day: string | undefined; readonly since: string },
  reports: Reports,
): AsyncGenerator<Placed, undefined> {
  const ranges: Placed[] = []
  for await (const entry of reports.newest(territory, cadence, day)) {
    const of = parsePeriod(entry.period)
    const placed = { order: orderOf(entry, of), of, entry }
    if (cadence === 'range') ranges.push(placed)
    else if (of.last < since) return
    else yield placed
  }
  // Of ranges, one that begins later may end earlier.
  yield* ranges.filter(({ of }) => of.last >= since).sort((a, b) => (a.order > b.order ? -1 : 1))
}

const nextOf = async (
  stream: AsyncGenerator<Placed, undefined>,
  allowed: (placed: Placed) => boolean,
): Promise<Placed | undefined> => {
  for (;;) {
    const { value, done } = await stream.next()
    if (done) return undefined
    if (allowed(value)) return value
  }
}

/** A place in the list as an address can hold it. */
export const cursorTo = (place: string): string => Buffer.from(place).toString('base64url')

/** The place of a cursor, or undefined where it is none of {@link cursorTo}. */
export const placeOf = (cursor: string): string | undefined => {
  const place = Buffer.from(cursor, 'base64url').toString()
  return /^\d{4}-\d\d-\d\d [\x20-\x7e]{1,200}$/.test(place) ? place : undefined
}

/** By the period's last day, then its first, then what is one and the same. */
const orderOf = ({ territory, cap, version }: VersionEntry, { first, last, id }: Period): string =>
  [last, first, id, territory, cap, String(version).padStart(6, '0')].join(' ')

const entryOf = (entry: VersionEntry, replaced: boolean): ArchivedEntry | undefined => {
  const { territory, period, cap, version, asOf, published, recalled } = entry
  if (!published) return undefined
  const { marking, totals } = published
  const state = recalled ? 'recalled' : 'published'
  const id = reportId(editionOf(entry), version)
  const { campaign } = published
  return {
    ...{ id, territory, period, cap, version, marking, asOf, state, replaced, totals },
    ...(recalled ? { recalledAt: recalled.at } : campaign !== undefined && { campaign }),
  }
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

/** A version, or the newest one that is not recalled. */
export const findVersion = async (
  edition: Edition,
  wanted: number | 'latest',
  caller: Caller,
  services: ArchiveServices,
): Promise<Found> => {
  if (!mayReadEdition(caller, edition)) return { is: 'unknown' }
  const published = (await services.reports.versions(edition)).filter((entry) => entry.published)
  const current = published.filter(({ recalled }) => !recalled)
  const entry = wanted === 'latest' ? current.at(-1) : published.find(({ version }) => version === wanted)
  if (!entry) return { is: 'unknown' }
  const readable = readableOf(entry)
  if (!mayReadVersion(caller, { ...readable, state: 'published' })) return { is: 'unknown' }
  if (entry.recalled) return { is: 'recalled', reason: entry.recalled.reason }
  return { is: 'found', entry, ...(await readVersion(entry, services)) }
}

/** What proves a version, beside the files that its manifest names. */
const proof = [
  { name: manifestName, contentType: 'application/json' },
  { name: signatureName, contentType: 'application/octet-stream' },
]

/** The archive's key of a file that a manifest names, and of what proves it; undefined for any other name. */
export const fileKey = (manifest: Manifest, entry: VersionEntry, name: string) => {
  const file = [...manifest.files, ...proof].find((one) => one.name === name)
  return file && { key: archiveKey(editionOf(entry), entry.version, name), contentType: file.contentType }
}
