import { fault, quoted } from '../../../domain/core/fault.ts'
import { type Marking, shortMarking } from '../../../domain/core/marking.ts'
import { type FlashCode, isFlashCode } from '../../../domain/core/place/territory.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { flashCode, maxOnNote, placesOf, weekOfNote } from '../../../domain/flash/flash.ts'
import type { Services } from '../../services.ts'
import type { ReportRequest } from '../generate-report.ts'
import { notedAsOf } from '../reading/read-flash.ts'
import { RefusedReportError } from '../reading/refused-report.ts'

/**
 * @param named detection ids, or an existing note's key
 * @throws Error, or RefusedReportError, with one wording for not stored and for marked above the cap
 */
export const flashAsked = async (
  named: readonly string[],
  {
    until,
    cap,
    asOf,
  }: { readonly until?: string | undefined; readonly cap: Marking; readonly asOf?: string | undefined },
  services: Pick<Services, 'detections' | 'reports' | 'clock'>,
): Promise<ReportRequest> => {
  const now = services.clock().toISOString()
  if (until !== undefined && until <= now)
    throw new Error(`${until} is past: give the instant until which the note is to hold`)
  const ids = [...new Set(named.map((one) => one.trim()))]
  const [key = '', ...more] = ids.map((one) => one.toLowerCase())
  if (isFlashCode(key) && more.length === 0) {
    return { territory: key, period: await periodOf(key, services), cap, asOf, flash: { until } }
  }
  if (ids.length > maxOnNote) {
    throw new Error(`a flash note is one page: name at most ${maxOnNote} detections, and the report has all`)
  }
  const { seen } = await notedAsOf(ids, { cap, asOf: asOf ?? now }, services)
  const shown = new Set(seen.map(({ detection }) => detection.id))
  const missing = ids.find((id) => !shown.has(id))
  if (missing !== undefined) {
    throw new RefusedReportError(fault('flash.noDetection', { id: quoted(missing), cap: shortMarking(cap) }))
  }
  const bodies = seen.map(({ detection }) => detection)
  const territory = flashCode(ids, placesOf(bodies))
  // A note keeps its first period, even where a date was corrected since.
  const period = (await firstPeriod(territory, services)) ?? weekOfNote(bodies)
  return { territory, period, cap, asOf, flash: { ids, until } }
}

const firstPeriod = async (code: FlashCode, { reports }: Pick<Services, 'reports'>) => {
  for await (const { period } of reports.all({ territory: code })) return parsePeriod(period)
  return undefined
}

const periodOf = async (code: FlashCode, services: Pick<Services, 'reports'>) => {
  const period = await firstPeriod(code, services)
  if (!period) throw new RefusedReportError(fault('flash.noKey', { code }))
  return period
}
