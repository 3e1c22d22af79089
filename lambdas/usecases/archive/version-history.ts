/** What the reading room shows beside the archive's list: a report's past, and its versions with what changed. */

import { type Caller, mayReadEdition, mayReadVersion } from '../../domain/access/caller.ts'
import type { Totals } from '../../domain/aggregate/tally.ts'
import type { Reason } from '../../domain/core/fault.ts'
import type { Total } from '../../domain/core/figures.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { Report } from '../../domain/page/page.ts'
import type { Edition, ManifestFile } from '../../domain/report/manifest.ts'
import { versionInForce } from '../../store/reports/reports.ts'
import { type ArchivedEntry, type ArchiveServices, readableOf } from './browse-archive.ts'
import { readVersion } from './read-version.ts'

/** Of the periods before a report, oldest first, as they were known when it was made. */
export type Past = readonly Total[]

type Pasts = {
  /** Of the reports on a page, by their ids. */
  of(entries: readonly ArchivedEntry[], services: ArchiveServices): Promise<ReadonlyMap<string, Past>>
}

/** So many pasts are remembered: a version never changes. */
const maxRemembered = 5_000

export const rememberedPasts = (): Pasts => {
  const known = new Map<string, Past>()
  const pastOf = async (entry: ArchivedEntry, services: ArchiveServices): Promise<Past> => {
    const found = known.get(entry.id)
    if (found) return found
    try {
      const { report } = await readVersion(entry, services)
      const past = report.before.map(({ totals }) => totals.posts)
      if (known.size >= maxRemembered) known.clear()
      known.set(entry.id, past)
      return past
    } catch {
      // The list still tells of a version whose files are damaged; `archive verify` says what is wrong with them.
      return []
    }
  }
  return {
    of: async (entries, services) => {
      const published = entries.filter(({ state }) => state === 'published')
      return new Map(await Promise.all(published.map(async (one) => [one.id, await pastOf(one, services)] as const)))
    },
  }
}

/** A version beside the others of its edition: what is taken back or held shows no figure and opens nothing. */
export type VersionSeen = { readonly version: number; readonly asOf: string } & (
  | {
      readonly is: 'published'
      readonly marking: Marking
      readonly totals: Totals
      readonly reconstructed: boolean
      /** It speaks for its edition. */
      readonly isCurrent: boolean
      readonly report: Report
      readonly files: readonly ManifestFile[]
      /** Of a flash note: the person that approved it for sending. */
      readonly approvedBy?: string
    }
  | { readonly is: 'recalled' | 'held'; readonly reason: Reason }
)

/** The newest first; those below a number where one is given. */
export const versionHistory = async (
  edition: Edition,
  { before, limit }: { readonly before: number | undefined; readonly limit: number },
  caller: Caller,
  services: ArchiveServices,
): Promise<{ readonly versions: readonly VersionSeen[]; readonly more: boolean }> => {
  if (!mayReadEdition(caller, edition)) return { versions: [], more: false }
  const known = (await services.reports.versions(edition)).filter((entry) => {
    const kept = entry.published ?? entry.held
    const readable = { ...readableOf(entry), ...(kept && { marking: kept.marking }), state: 'published' } as const
    return kept !== undefined && mayReadVersion(caller, readable)
  })
  const current = versionInForce(known)
  const below = known.filter(({ version }) => version < (before ?? Number.POSITIVE_INFINITY))
  const wanted = below.toReversed().slice(0, limit)
  const versions = wanted.map(async (entry): Promise<VersionSeen> => {
    const { version, asOf, published, recalled, reconstructed } = entry
    if (recalled) return { is: 'recalled', version, asOf, reason: recalled.reason }
    if (!published) return { is: 'held', version, asOf, reason: entry.reason ?? '' }
    const { report, manifest } = await readVersion(entry, services)
    const { marking, totals } = published
    const approvedBy = entry.approved && { approvedBy: entry.approved.by }
    const { files } = manifest
    const isCurrent = entry === current
    return { is: 'published', version, asOf, marking, totals, reconstructed, isCurrent, report, files, ...approvedBy }
  })
  return { versions: await Promise.all(versions), more: below.length > limit }
}
