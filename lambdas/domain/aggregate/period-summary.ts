import type { Marking } from '../core/marking.ts'
import type { Thread } from './counting/threads.ts'
import type { Wholes } from './counting/trees.ts'
import type { LevelBasis } from './level/level.ts'
import { type JointIn, type SharesBefore, shareAlone, type Tally, type Totals, totalsWhere } from './tally.ts'
import type { WatchedPeriod } from './watch/watched.ts'

export type PeriodSummary = {
  /** Stored as if no source watched: the watch is checked again on reading. */
  readonly totals: Totals
  /** Nothing here has figures. */
  readonly isEmpty: boolean
  /** Something of the period is above the cap. */
  readonly isHiding?: true
  readonly jointIn?: JointIn
  /** Of a single territory. */
  readonly level?: LevelBasis
  readonly names: SharesBefore
  /** Complete: a missing thread would later appear as new. */
  readonly threads: readonly Thread[]
  readonly wholes: readonly FollowedWhole[]
}

/** Without a marking, the whole is hidden or not stored. */
type FollowedWhole = {
  readonly id: string
  readonly marking?: Marking
  readonly partOf?: string
  readonly campaign?: string
}

export const summaryOf = (tally: Tally, wanted: Iterable<string>, wholes: Wholes): PeriodSummary => ({
  totals: totalsWhere(tally.totals, tally.isEmpty, undefined),
  isEmpty: tally.isEmpty,
  ...(tally.withheld > 0 && { isHiding: true as const }),
  ...(tally.jointIn && { jointIn: tally.jointIn }),
  ...(tally.level && { level: tally.level }),
  names: { hashtags: tally.hashtags.map(shareAlone), narratives: tally.narratives.map(shareAlone) },
  threads: tally.threads,
  wholes: followed(wanted, wholes),
})

export const totalsOf = (
  { totals, isEmpty }: Pick<PeriodSummary, 'totals' | 'isEmpty'>,
  watched: WatchedPeriod | undefined,
): Totals => totalsWhere(totals, isEmpty, watched)

/** Collects wholes on the chains up from the wanted ids. */
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
