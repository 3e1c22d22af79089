/** Finds the flash notes that a weekly report replaces: those approved before the report was due. */
import { leavesAt } from '../../../domain/core/place/due.ts'
import { subjectOf } from '../../../domain/core/place/territory.ts'
import type { ReplacedFlash } from '../../../domain/flash/flash.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import type { Services } from '../../services.ts'

/** Only notes whose territories the report all covers: its reader may read them. */
export const flashesBefore = async (
  { territory, period, cap }: Edition,
  asOf: string,
  { reports }: Pick<Services, 'reports'>,
): Promise<readonly ReplacedFlash[]> => {
  if (period.cadence !== 'week') return []
  const { members } = subjectOf(territory)
  const due = new Date(leavesAt(period, territory)).toISOString()
  const codes = (await reports.flashes()).filter((code) =>
    subjectOf(code).members.every((one) => members.includes(one)),
  )
  const found = await Promise.all(
    codes.map(async (code): Promise<readonly ReplacedFlash[]> => {
      const sent = (await reports.versions({ territory: code, period, cap })).filter(
        ({ approved, published, recalled }) =>
          approved && published && !recalled && approved.at <= asOf && approved.at < due,
      )
      const newest = sent.at(-1)
      return newest?.published ? [{ key: code, version: newest.version, marking: newest.published.marking }] : []
    }),
  )
  return found.flat().sort((one, other) => (one.key < other.key ? -1 : 1))
}
