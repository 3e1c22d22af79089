/** Refuses a report too large for the Lambda's time limit before it starts. */
import { fault } from '../../../domain/core/fault.ts'
import { boundsFor } from '../../../domain/core/place/subject.ts'
import { isCampaignCode, isFlashCode, isGroup, subjectOf } from '../../../domain/core/place/territory.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import type { Detections } from '../../../store/detections/detections.ts'
import { RefusedReportError } from './refused-report.ts'

/**
 * Stored revisions in a period. A million take 176 of the function's 600 seconds (docs/internals/performance.md); the
 * limit leaves room for longer detections and earlier periods.
 */
export const mostInPeriod = 1_500_000

/** Does not contain the count: some revisions are above the caller's clearance. */
export class PeriodTooLargeError extends RefusedReportError {
  override name = 'PeriodTooLargeError'
}

/**
 * Counts the stored revisions of an edition's period. Undefined where counting needs reading (local data, without a
 * time limit), and for dossiers and flash notes, which have their own limit.
 */
export const periodSize = async (
  { territory, period }: Pick<Edition, 'territory' | 'period'>,
  { detections }: { readonly detections: Pick<Detections, 'count'> },
): Promise<number | undefined> => {
  if (isCampaignCode(territory) || isFlashCode(territory)) return undefined
  const { from, to } = boundsFor(period, territory)
  let size = 0
  for (const member of subjectOf(territory).members) {
    const count = await detections.count(member, from, to)
    if (count === undefined) return undefined
    size += count
  }
  return size
}

/** @throws PeriodTooLargeError */
export const refuseTooLarge = async (
  edition: Pick<Edition, 'territory' | 'period'>,
  services: Parameters<typeof periodSize>[1],
): Promise<void> => {
  const found = (await periodSize(edition, services)) ?? 0
  if (found <= mostInPeriod) return
  const { territory, period } = edition
  const isGrouped = isGroup(territory) ? 'yes' : 'no'
  throw new PeriodTooLargeError(
    fault('period.tooLarge', { territory, period: period.id, most: mostInPeriod, isGroup: isGrouped }),
  )
}
