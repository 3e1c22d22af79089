import { type Caller, mayReadEdition, mayReadVersion } from '../../domain/access/caller.ts'
import type { Totals } from '../../domain/aggregate/tally.ts'
import type { Reason } from '../../domain/core/fault.ts'
import type { Total } from '../../domain/core/figures.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { Report } from '../../domain/page/page.ts'
import type { Edition, ManifestFile } from '../../domain/report/manifest.ts'
import type { Recalled } from '../../domain/report/version.ts'
import { versionInForce } from '../../store/reports/reports.ts'
import { type ArchivedEntry, type ArchiveServices, readableOf } from './browse-archive.ts'
import { readVersion } from './read-version.ts'

/** Totals of the periods before a report, oldest first, as known when it was made. */
export type Past = readonly Total[]

type Pasts = {
  of(entries: readonly ArchivedEntry[], services: ArchiveServices): Promise<ReadonlyMap<string, Past>>
}

/** Cache size; versions never change. */
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
      // A version with damaged files stays listed; `archive verify` reports the damage.
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

export type VersionSeen = { readonly version: number; readonly asOf: string } & (
  | {
      readonly is: 'published'
      readonly marking: Marking
      readonly totals: Totals
      readonly reconstructed: boolean
      readonly isCurrent: boolean
      readonly report: Report
      readonly files: readonly ManifestFile[]
      /** For a flash note: the approver. */
      readonly approvedBy?: string
    }
  | { readonly is: 'held'; readonly reason: Reason }
  | ({ readonly is: 'recalled' } & Pick<Recalled, 'reason' | 'refusedBy'>)
)

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
    if (recalled) return { ...recalled, is: 'recalled', version, asOf }
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
