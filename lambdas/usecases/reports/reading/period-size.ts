/** How much a report reads: refuses one that could not be made in the function's time, before it starts. */
import { FaultError, fault } from '../../../domain/core/fault.ts'
import { boundsFor } from '../../../domain/core/place/subject.ts'
import { isCampaignCode, isFlashCode, isGroup, subjectOf } from '../../../domain/core/place/territory.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import type { Detections } from '../../../store/detections/detections.ts'

/**
 * Stored revisions in a period. A million take 176 of the function's 600 seconds (docs/internals/performance.md): 1.5
 * million leave room for longer detections and for earlier periods.
 */
export const mostInPeriod = 1_500_000

/** It leaves out how many were found: some are above the caller's clearance. */
export class PeriodTooLargeError extends FaultError {
  override name = 'PeriodTooLargeError'
}

/**
 * Stored revisions of detections in an edition's period. Undefined where the table cannot count without reading, as on
 * a laptop, where no function's time is over; and of dossiers and flash notes, which follow links up to a limit.
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
