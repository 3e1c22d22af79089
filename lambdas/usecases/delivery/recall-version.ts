/** A recalled version stays archived but is no longer delivered. */
import { type Caller, mayReadVersion } from '../../domain/access/caller.ts'
import { type Edition, reportId } from '../../domain/report/manifest.ts'
import { versionInForce, type VersionEntry } from '../../store/reports/reports.ts'
import { readableOf } from '../archive/browse-archive.ts'
import type { Services } from '../services.ts'
import { type ListedDelivery, receiversOf } from './manage-deliveries.ts'

class RecallError extends Error {
  override name = 'RecallError'
}

type Recalling = { readonly by: string; readonly reason: string }

type RecallServices = Pick<Services, 'reports' | 'clock'>

/**
 * Marks the version as recalled, permanently. False if it already was; the first reason remains.
 * @throws RecallError if no such version was published
 */
export const recallVersion = async (
  { edition, version, ...recalling }: { readonly edition: Edition; readonly version: number } & Recalling,
  services: RecallServices,
): Promise<{ readonly entry: VersionEntry; readonly isNew: boolean }> => {
  for (;;) {
    const versions = await services.reports.versions(edition)
    const entry = versions.find((one) => one.version === version)
    if (!entry?.published) {
      const there = versions.filter(({ published }) => published).map((one) => one.version)
      throw new RecallError(
        `${reportId(edition, version)} was never published: ${there.length > 0 ? `versions ${there.join(', ')} were` : 'no version of it was'}`,
      )
    }
    if (entry.recalled) return { entry, isNew: false }
    const recalled = await recallBy(entry, recalling, services)
    if (recalled) return { entry: recalled, isNew: true }
  }
}

export type Recallable = {
  readonly entry: VersionEntry
  readonly marking: NonNullable<VersionEntry['published']>['marking']
  readonly currentVersion: number
  readonly currentVersionAfter: number | undefined
  readonly receivers: readonly ListedDelivery[]
}

/** Undefined if there is no recallable version that the caller may read. */
export const recallable = async (
  edition: Edition,
  version: number,
  caller: Caller,
  services: Pick<Services, 'reports' | 'deliveries' | 'recipients' | 'clock'>,
): Promise<Recallable | undefined> => {
  const liveVersions = (await services.reports.versions(edition)).filter((one) => one.published && !one.recalled)
  const entry = liveVersions.find((one) => one.version === version)
  if (!entry?.published || !mayReadVersion(caller, readableOf(entry))) return undefined
  const { territory, period, cap, published } = entry
  return {
    entry,
    marking: published.marking,
    currentVersion: versionInForce(liveVersions)?.version ?? version,
    currentVersionAfter: versionInForce(liveVersions.filter((one) => one.version !== version))?.version,
    receivers: await receiversOf({ territory, period, cap, version }, services),
  }
}

/** Recalls a version unless its entry changed meanwhile; then returns undefined. */
export const recallBy = async (
  entry: VersionEntry,
  { by, reason }: Recalling,
  { reports, clock }: RecallServices,
): Promise<VersionEntry | undefined> => {
  const at = clock().toISOString()
  const recalled = { at, reason }
  const isDone = await reports.decide(entry, { recalled }, { at, did: 'recalled', by, reason })
  return isDone ? { ...entry, recalled } : undefined
}
