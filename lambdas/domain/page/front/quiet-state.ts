import { isFloorOfNone } from '../../core/figures.ts'
import type { Facts } from '../../report/facts.ts'

/** How far an edition without detections may state that there were none. */
export const quietState = ({
  totals,
  group,
  withheld = 0,
}: Pick<Facts, 'totals' | 'group' | 'withheld'>): {
  readonly state: 'earlier' | 'unwatched' | 'partly' | 'someDays' | 'statement'
  /** The edition may know only the number of withheld detections. */
  readonly edition: 'part' | 'all'
} => {
  const edition = withheld > 0 ? 'part' : 'all'
  if (group && group.countedEarlier > 0) return { state: 'earlier', edition }
  if (!totals.watched) return { state: 'unwatched', edition }
  if (group) {
    const isAll = group.isWhole && group.rows.every(({ watch: { state } }) => state !== 'by no source')
    return { state: isAll ? 'statement' : 'partly', edition }
  }
  return { state: isFloorOfNone(totals.posts) ? 'someDays' : 'statement', edition }
}
