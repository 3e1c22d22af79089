/** Recalls a version: its marking was raised or its mistake is grave. It stays in the archive and is delivered no more. */
import { type Edition, reportId } from '../../domain/report/manifest.ts'
import type { VersionEntry } from '../../store/reports.ts'
import type { Services } from '../services.ts'

class RecallError extends Error {
  override name = 'RecallError'
}

/**
 * Marks the version as recalled, for good. False where it already was, whose reason then stays.
 * @throws RecallError where no such version was published
 */
export const recallVersion = async (
  { edition, version, reason }: { edition: Edition; version: number; reason: string },
  { reports, clock }: Services,
): Promise<{ readonly entry: VersionEntry; readonly isNew: boolean }> => {
  for (;;) {
    const versions = await reports.versions(edition)
    const entry = versions.find((one) => one.version === version)
    if (!entry?.published) {
      const there = versions.filter(({ published }) => published).map((one) => one.version)
      throw new RecallError(
        `${reportId(edition, version)} was never published: ${there.length > 0 ? `versions ${there.join(', ')} were` : 'no version of it was'}`,
      )
    }
    if (entry.recalled) return { entry, isNew: false }
    const recalled: VersionEntry = { ...entry, recalled: { at: clock().toISOString(), reason } }
    if (await reports.change(entry, recalled)) return { entry: recalled, isNew: true }
  }
}
