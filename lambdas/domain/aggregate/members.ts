/** A group's report, territory by territory: each member's own figures, and where each campaign was seen. */
import { type Marking, strictest } from '../core/marking.ts'
import { type TerritoryCode, territoryOf } from '../core/place/territory.ts'
import { localInterval, type Observed, periodFit } from '../core/time/observed.ts'
import { boundsIn, type Period } from '../core/time/period.ts'
import type { Detection } from '../detection/detection.ts'
import type { Linked } from './across.ts'
import { type EffectInRow, effectInRow } from './counting/effects.ts'
import { byShownDay, daysFrom, type Lag, lagOf } from './counting/lag.ts'
import type { MemberWatch } from './subject-watch.ts'
import type { Joint, Tally, Totals } from './tally.ts'

/** What a member's own report would say of the same data: by its own days. */
export type MemberRow = EffectInRow & {
  readonly territory: TerritoryCode
  readonly totals: Totals
  /** Posts that several territories have together, in its totals. */
  readonly joint?: Joint
  /** Nothing counts there: of what goes on, or else is undated, its figures are not given. */
  readonly standing?: 'ongoing' | 'undated'
  /** The posts that the group's total counts targeted it, and its own totals have them too. */
  readonly inTotal?: true
  readonly watch: MemberWatch
  /** Something of its period is above the cap. */
  readonly isHiding?: true
  /** Its newest report of this cap, where that says other figures. */
  readonly published?: { readonly version: number; readonly asOf: string }
  /** Its newest report of this period and cap, where the page can lead to it. */
  readonly report?: number
  /** A person had paused its own report of the period when that was due: it did not come by itself. */
  readonly paused?: true
  readonly marking: Marking
}

export const memberRow = (
  territory: TerritoryCode,
  { totals, joint, effects, ongoing, undatedHere, withheld }: Tally,
  watch: MemberWatch,
  { published, report, paused }: Pick<MemberRow, 'published' | 'report' | 'paused'>,
  targeted: readonly TerritoryCode[] = [],
): MemberRow => ({
  territory,
  totals,
  ...(joint && { joint }),
  ...(totals.detections === 0 && ongoing.length > 0 && { standing: 'ongoing' as const }),
  ...(totals.detections === 0 && ongoing.length === 0 && undatedHere.length > 0 && { standing: 'undated' as const }),
  ...(totals.posts.value && targeted.includes(territory) && { inTotal: true as const }),
  ...effectInRow(effects),
  watch,
  ...(withheld > 0 && { isHiding: true as const }),
  ...(published && { published }),
  ...(report !== undefined && { report }),
  ...(paused && { paused }),
  marking: strictest([totals.marking, watch.marking, ...(joint ? [joint.marking] : [])]),
})

/**
 * *active* in this period, *before* it only, *undated* where it is known to a month that is not wholly before it nor in
 * it, or never seen; a group alone may have placed it.
 */
export type CampaignCell = {
  readonly territory: TerritoryCode
  readonly state: 'active' | 'before' | 'undated' | 'unseen'
  /** When it was first seen there, as precisely as is known; not of what was never seen. */
  readonly first?: Observed
  /** How long after the first of all. */
  readonly lag?: Lag
  readonly groupOnly: boolean
}

export type CampaignRow = {
  readonly campaign: string
  readonly cells: readonly CampaignCell[]
  /**
   * The territory that saw it first: its clock says on which day an instant was, in every cell. Missing where none saw
   * it.
   */
  readonly clock?: TerritoryCode
  /** Its newest dossier of this cap, where the page can lead to it. */
  readonly dossier?: { readonly period: string; readonly version: number }
  /** More was found than was followed: what is *unseen* may have been seen later. */
  readonly more: boolean
  readonly marking: Marking
}

/** So many campaigns are shown on the map of campaigns. */
export const maxCampaignsMapped = 6

/**
 * Where a campaign was seen up to the end of the period.
 * @param linked what bears its name, under the cap, the earliest first
 */
export const campaignRow = (
  campaign: string,
  { linked, more }: { readonly linked: readonly Linked[]; readonly more?: Marking | undefined },
  members: readonly TerritoryCode[],
  period: Period,
): CampaignRow => {
  const seen = new Map(members.map((code) => [code, seenIn(code, linked, period)]))
  const known = [...seen.values()].flatMap((one) => one ?? [])
  const [earliest] = known
    .flatMap(({ territory, sightings }) => sightings.map((one) => ({ territory, ...one })))
    .sort((a, b) => a.at - b.at)
  const clock = earliest && territoryOf(earliest.territory).zone
  return {
    campaign,
    ...(earliest && { clock: earliest.territory }),
    cells: members.map((territory): CampaignCell => {
      const here = seen.get(territory)
      const [first] = clock === undefined ? [] : (here?.sightings.toSorted(byShownDay(clock)) ?? [])
      if (!here || !first || !earliest || !clock) return { territory, state: 'unseen', groupOnly: false }
      const { state, groupOnly } = here
      // On one clock no instant has an earlier day than one before it; and no date began elsewhere before it did for
      // the first.
      const days = daysFrom(earliest.observed, first.observed, clock)
      return { territory, state, first: first.observed, lag: lagOf(days, first.observed, earliest.observed), groupOnly }
    }),
    more: more !== undefined,
    marking: strictest([...linked.map(({ marking }) => marking), ...(more ? [more] : [])]),
  }
}

const seenIn = (code: TerritoryCode, linked: readonly Linked[], period: Period) => {
  const { zone } = territoryOf(code)
  const bounds = boundsIn(period, zone)
  const here = linked.flatMap(({ observed, territories }) => {
    const placed = territories.find((one) => one.code === code)
    if (!placed) return []
    const interval = localInterval(observed, zone)
    const fit = periodFit(interval, bounds)
    // A day or a month begins after the period where its zone's clock is behind another's.
    if (interval.first.from >= bounds.to) return []
    return [{ observed, at: interval.first.from, fit, method: placed.method }]
  })
  if (here.length === 0) return undefined
  const isActive = here.some(({ fit }) => fit === 'counted' || fit === 'ongoing')
  return {
    territory: code,
    sightings: here.map(({ observed, at }) => ({ observed, at })),
    state: isActive
      ? ('active' as const)
      : here.every(({ fit }) => fit === 'undated')
        ? ('undated' as const)
        : ('before' as const),
    groupOnly: here.every(({ method }) => method === 'group'),
  }
}

/** What the group counted in the period before. */
export type CountedEarlier = Pick<Detection, 'id' | 'title' | 'marking'> & {
  readonly territories: readonly TerritoryCode[]
  /** In whose edition it counts. */
  readonly period: string
}

/** So many are told by title. */
export const maxEarlierListed = 20

/** What a group's report says of its members. */
export type GroupFacts = {
  /** In their fixed order. */
  readonly rows: readonly MemberRow[]
  readonly campaigns: readonly CampaignRow[]
  /** So many more campaigns there are. */
  readonly moreCampaigns: number
  /** Every territory that is meant to be watched was. */
  readonly isWhole: boolean
  /**
   * Detections that a member counts in this period, and the group counted in the one before, by another member's
   * earlier day.
   */
  readonly countedEarlier: number
  /**
   * These, the earliest first, at most {@link maxEarlierListed}; left out where there are none.
   */
  readonly earlier?: readonly CountedEarlier[]
  readonly marking: Marking
}
