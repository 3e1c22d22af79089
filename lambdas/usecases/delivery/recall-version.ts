/** A recalled version stays archived but is no longer delivered. */
import { type Caller, mayReadVersion } from '../../domain/access/caller.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import { type Edition, reportId } from '../../domain/report/manifest.ts'
import { versionInForce, type VersionEntry } from '../../store/reports/reports.ts'
import { readableOf } from '../archive/browse-archive.ts'
import { readVersion } from '../archive/read-version.ts'
import type { Services } from '../services.ts'
import { type ListedDelivery, receiversOf } from './manage-deliveries.ts'

type Recalling = { readonly by: string; readonly reason: string }

type RecallServices = Pick<Services, 'reports' | 'clock'>

/**
 * Marks the version as recalled, permanently. False if it already was; the first reason remains.
 * @throws Error if no such version was published
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
      throw new Error(
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
  /** The version that would become current has the same figures. */
  readonly isSameAfter: boolean
  /** The other versions that are not recalled. */
  readonly others: readonly VersionEntry[]
  readonly receivers: readonly ListedDelivery[]
}

/** Undefined if there is no recallable version that the caller may read. */
export const recallable = async (
  edition: Edition,
  version: number,
  caller: Caller,
  services: Pick<Services, 'archive' | 'reports' | 'deliveries' | 'recipients' | 'clock'>,
): Promise<Recallable | undefined> => {
  const liveVersions = (await services.reports.versions(edition)).filter((one) => one.published && !one.recalled)
  const entry = liveVersions.find((one) => one.version === version)
  if (!entry?.published || !mayReadVersion(caller, readableOf(entry))) return undefined
  const { territory, period, cap, published } = entry
  const others = liveVersions.filter((one) => one.version !== version)
  const after = versionInForce(others)
  const figures = after && (await figuresIn(after, services))
  return {
    entry,
    marking: published.marking,
    currentVersion: versionInForce(liveVersions)?.version ?? version,
    currentVersionAfter: after?.version,
    isSameAfter: figures !== undefined && figures === (await figuresIn(entry, services)),
    others,
    receivers: await receiversOf({ territory, period, cap, version }, services),
  }
}

/** Undefined where the archived report is damaged: that version can be recalled too. */
const figuresIn = async (entry: VersionEntry, services: Pick<Services, 'archive'>): Promise<string | undefined> => {
  const version = await readVersion(entry, services).catch(() => undefined)
  return version && canonicalJson(version.report.totals)
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
