/** What a report needs of a period before its own: small enough to be kept instead of counted again. */
import type { Marking } from '../core/marking.ts'
import type { Thread } from './counting/threads.ts'
import type { Wholes } from './counting/trees.ts'
import { type JointIn, type SharesBefore, shareAlone, type Tally, type Totals, totalsWhere } from './tally.ts'
import type { WatchedPeriod } from './watch/watched.ts'

export type PeriodSummary = {
  /** As they are where no source watched: whether one did is asked anew. */
  readonly totals: Totals
  /** Nothing counts, goes on or is undated. */
  readonly isEmpty: boolean
  /** Something of the period is above the cap. */
  readonly isHiding?: true
  readonly jointIn?: JointIn
  /** Every hashtag and narrative with its figures. */
  readonly names: SharesBefore
  /** All of them: what is cut here would be told as new later. */
  readonly threads: readonly Thread[]
  /** Wholes that are elsewhere, as they were followed: a change of one of them may change the count. */
  readonly wholes: readonly FollowedWhole[]
}

/** Where a part leads: to a whole that shows, or to one that does not or is not stored. */
type FollowedWhole = {
  readonly id: string
  readonly marking?: Marking
  readonly partOf?: string
  readonly campaign?: string
}

/** @param wholes as they were followed for the count */
export const summaryOf = (tally: Tally, wanted: Iterable<string>, wholes: Wholes): PeriodSummary => ({
  totals: totalsWhere(tally.totals, isEmptyIn(tally), undefined),
  isEmpty: isEmptyIn(tally),
  ...(tally.withheld > 0 && { isHiding: true as const }),
  ...(tally.jointIn && { jointIn: tally.jointIn }),
  names: { hashtags: tally.hashtags.map(shareAlone), narratives: tally.narratives.map(shareAlone) },
  threads: tally.threads,
  wholes: followed(wanted, wholes),
})

const isEmptyIn = ({ counted, ongoing, undatedHere }: Tally): boolean =>
  counted.length + ongoing.length + undatedHere.length === 0

/** The totals of a summarised period. */
export const totalsOf = (
  { totals, isEmpty }: Pick<PeriodSummary, 'totals' | 'isEmpty'>,
  watched: WatchedPeriod | undefined,
): Totals => totalsWhere(totals, isEmpty, watched)

/** What was found on the way from wanted wholes up, by id. */
export const followed = (wanted: Iterable<string>, wholes: Wholes): readonly FollowedWhole[] => {
  const met = new Map<string, FollowedWhole>()
  const follow = (id: string | undefined): void => {
    for (let at = id; at !== undefined && !met.has(at);) {
      const whole = wholes.get(at)
      const { partOf, campaign } = whole ?? {}
      met.set(at, {
        id: at,
        ...(whole && { marking: whole.marking }),
        ...(partOf !== undefined && { partOf }),
        ...(campaign !== undefined && { campaign }),
      })
      at = partOf
    }
  }
  for (const id of wanted) follow(id)
  return [...met.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}
