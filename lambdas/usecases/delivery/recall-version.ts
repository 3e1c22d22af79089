/**
 * Recalls a version: its marking was raised or its mistake is grave. It stays in the archive and is delivered no more.
 */
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
 * Marks the version as recalled, for good. False where it already was, whose reason then stays.
 * @throws RecallError where no such version was published
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

/** A version that somebody may recall, with what that does. */
export type Recallable = {
  readonly entry: VersionEntry
  readonly marking: NonNullable<VersionEntry['published']>['marking']
  /** The one that stands now, and then; undefined where none does. */
  readonly currentVersion: number
  readonly currentVersionAfter: number | undefined
  /** Who was mailed it, or may have been. */
  readonly receivers: readonly ListedDelivery[]
}

/** Undefined where there is nothing to recall that somebody may read. */
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

/** Recalls a version as it was seen: undefined where somebody decided of it meanwhile. */
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
