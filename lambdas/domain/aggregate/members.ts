import { type Marking, strictest } from '../core/marking.ts'
import { type TerritoryCode, territoryOf } from '../core/place/territory.ts'
import { firstDayIn, lastDayIn, localInterval, type Observed, periodFit } from '../core/time/observed.ts'
import { boundsIn, lengthOf, type Period } from '../core/time/period.ts'
import type { Detection } from '../detection/detection.ts'
import type { Linked } from './across.ts'
import { type EffectInRow, effectInRow } from './counting/effects.ts'
import { byShownDay } from './counting/lag.ts'
import type { PeriodLevel } from './level/level.ts'
import type { MemberWatch } from './subject-watch.ts'
import type { Joint, Tally, Totals } from './tally.ts'

/** Figures as in the member's own report, by its own days. */
export type MemberRow = EffectInRow & {
  readonly territory: TerritoryCode
  readonly totals: Totals
  /** Posts in its totals that several territories share. */
  readonly joint?: Joint
  /** Nothing counts, but something is ongoing or undated; the figures are *not given*. */
  readonly standing?: 'ongoing' | 'undated'
  readonly watch: MemberWatch
  readonly isHiding?: true
  readonly published?: { readonly version: number; readonly asOf: string }
  /** Newest report of this period and cap, where the page can link to it. */
  readonly report?: number
  /** A user had paused its own report when it was due. */
  readonly paused?: true
  readonly level?: PeriodLevel
  readonly marking: Marking
}

export const memberRow = (
  territory: TerritoryCode,
  { totals, joint, effects, ongoing, undatedHere, withheld }: Tally,
  watch: MemberWatch,
  { published, report, paused, level }: Pick<MemberRow, 'published' | 'report' | 'paused' | 'level'>,
): MemberRow => ({
  territory,
  totals,
  ...(joint && { joint }),
  ...(totals.detections === 0 && ongoing.length > 0 && { standing: 'ongoing' as const }),
  ...(totals.detections === 0 && ongoing.length === 0 && undatedHere.length > 0 && { standing: 'undated' as const }),
  ...effectInRow(effects),
  watch,
  ...(withheld > 0 && { isHiding: true as const }),
  ...(published && { published }),
  ...(report !== undefined && { report }),
  ...(paused && { paused }),
  ...(level && { level }),
  marking: strictest([totals.marking, watch.marking, ...[joint, level].flatMap((one) => one?.marking ?? [])]),
})

/**
 * The state is *undated* where the month known is neither wholly before nor inside the period. `groupOnly`: only a
 * group placed it here.
 */
type CampaignCell = {
  readonly territory: TerritoryCode
  readonly state: 'active' | 'before' | 'undated' | 'unseen'
  readonly first?: Observed
  readonly groupOnly: boolean
}

/** Local days, both included. */
export type DaySpan = { readonly first: string; readonly last: string }

export type CampaignRow = {
  readonly campaign: string
  readonly cells: readonly CampaignCell[]
  /** Territory of the first sighting; its clock gives the days of every cell. */
  readonly clock?: TerritoryCode
  /** When it was seen up to the period's end; missing in reports of earlier programs. */
  readonly spans?: readonly DaySpan[]
  /** Newest dossier of this cap, where the page can link to it. */
  readonly dossier?: { readonly period: string; readonly version: number }
  /** Not all detections were followed, so an *unseen* territory may have seen it later. */
  readonly more: boolean
  readonly marking: Marking
}

export const maxCampaignsMapped = 6

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
    ...(earliest && clock && { clock: earliest.territory, spans: spansOf(linked, clock, period) }),
    cells: members.map((territory): CampaignCell => {
      const here = seen.get(territory)
      const [first] = clock === undefined ? [] : (here?.sightings.toSorted(byShownDay(clock)) ?? [])
      if (!here || !first || !earliest || !clock) return { territory, state: 'unseen', groupOnly: false }
      const { state, groupOnly } = here
      return { territory, state, first: first.observed, groupOnly }
    }),
    more: more !== undefined,
    marking: strictest([...linked.map(({ marking }) => marking), ...(more ? [more] : [])]),
  }
}

/** A silence of up to a week is part of a span. */
const silenceDays = 7

const spansOf = (linked: readonly Linked[], zone: string, { last }: Period): readonly DaySpan[] => {
  const spans: DaySpan[] = []
  const seen = linked
    .map(({ observed }) => ({ first: firstDayIn(observed, zone), last: lastDayIn(observed, zone) }))
    .filter(({ first }) => first <= last)
    .toSorted((a, b) => (a.first < b.first ? -1 : 1))
  for (const one of seen) {
    const end = one.last < last ? one.last : last
    const before = spans.at(-1)
    if (before && (one.first <= before.last || lengthOf({ first: before.last, last: one.first }) - 2 <= silenceDays)) {
      spans[spans.length - 1] = { first: before.first, last: end > before.last ? end : before.last }
    } else spans.push({ first: one.first, last: end })
  }
  return spans
}

const seenIn = (code: TerritoryCode, linked: readonly Linked[], period: Period) => {
  const { zone } = territoryOf(code)
  const bounds = boundsIn(period, zone)
  const here = linked.flatMap(({ observed, territories }) => {
    const placed = territories.find((one) => one.code === code)
    if (!placed) return []
    const interval = localInterval(observed, zone)
    const fit = periodFit(interval, bounds)
    // In zones behind, a day or a month may begin after the period.
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

/** A detection that the group counted in the previous period. */
export type CountedEarlier = Pick<Detection, 'id' | 'title' | 'marking'> & {
  readonly territories: readonly TerritoryCode[]
  readonly period: string
}

export const maxEarlierListed = 20

export type GroupFacts = {
  readonly rows: readonly MemberRow[]
  readonly campaigns: readonly CampaignRow[]
  readonly moreCampaigns: number
  /** Every territory with a source was watched wholly. */
  readonly isWhole: boolean
  /** Detections of this period that the group counted in the previous one, by another member's earlier day. */
  readonly countedEarlier: number
  /** Earliest first, at most {@link maxEarlierListed}. */
  readonly earlier?: readonly CountedEarlier[]
  readonly marking: Marking
}
