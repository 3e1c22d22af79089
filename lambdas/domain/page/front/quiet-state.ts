/** How far an edition that shows nothing may say so. */
import { isFloorOfNone } from '../../core/figures.ts'
import type { Facts } from '../../report/facts.ts'

/** What may be said where nothing is shown: of how much of the period, and whether of the edition alone. */
export const quietState = ({
  totals,
  group,
  withheld = 0,
}: Pick<Facts, 'totals' | 'group' | 'withheld'>): {
  readonly state: 'earlier' | 'unwatched' | 'partly' | 'someDays' | 'statement'
  /** The number of what is withheld is all that an edition may know of it. */
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
