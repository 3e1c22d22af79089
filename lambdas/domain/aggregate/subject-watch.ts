import { eachWidened, type Total, widened, type WideningReason } from '../core/figures.ts'
import { type Marking, markings, strictest } from '../core/marking.ts'
import { type SubjectCode, subjectOf, type TerritoryCode, territoryOf } from '../core/place/territory.ts'
import { boundsIn, dayIn, daysOf, type Period } from '../core/time/period.ts'
import { byHandName } from '../detection/detection.ts'
import type { LevelWatch } from './level/level.ts'
import type { DayCount, Tally } from './tally.ts'
import { type SourceRecord, sourceOf, type VisibleSource, visibleSources } from './watch/watch.ts'
import { daysWhollyWatched, type WatchedPeriod, watchedIn, whollyWatched } from './watch/watched.ts'

/**
 * Fewer than half of its days make it *hardly watched*. *blind*: no source delivered. *by no source*: no visible source
 * watches it.
 */
export type MemberWatch = {
  readonly state: 'watched' | 'interrupted' | 'hardly watched' | 'blind' | 'by no source'
  /** Longest silence of a source, in hours. */
  readonly silentHours?: number
  /** In a running period, future days count as unwatched. */
  readonly isPartial?: true
  readonly marking: Marking
}

export type SubjectWatch = {
  readonly sources: readonly VisibleSource[]
  /** A group's day counts only if watched in each territory with a source. */
  of(period: Period): WatchedPeriod | undefined
  /** Always true for a single territory, whose report shows its own watch. */
  isWhole(period: Period): boolean
  /** Widens figures by how the period was watched: see {@link widenedFigures}. */
  widen<Figures extends Watched>(period: Period, figures: Figures): Figures
  widenMember<Figures extends Watched>(code: TerritoryCode, period: Period, figures: Figures): Figures
  /** Undefined where the member was not watched. */
  watchedOf(code: TerritoryCode, period: Period): WatchedPeriod | undefined
  member(code: TerritoryCode, period: Period, asOf: string): MemberWatch
  forLevel(code: TerritoryCode, period: Period): LevelWatch
  /**
   * Freest marking at which it is known that a source watched each day in each of its territories. Unnamed sources
   * prove nothing.
   */
  whollyBy(name: string, period: Period): Marking | undefined
}

export type Watched = Pick<Tally, 'totals'> &
  (Pick<Tally, 'days' | 'observedOn'> | { readonly days?: undefined; readonly observedOn?: undefined }) & {
    readonly joint?: Tally['joint'] | undefined
    readonly undated?: Tally['undated'] | undefined
  } & { readonly [name in (typeof namedRows)[number]]?: readonly { readonly posts: Total }[] | undefined }

const namedRows = ['platforms', 'kinds', 'campaigns', 'hashtags', 'narratives', 'languages'] as const

export const subjectWatch = (
  records: readonly SourceRecord[],
  { subject, cap, asOf: now }: { readonly subject: SubjectCode; readonly cap: Marking; readonly asOf?: string },
): SubjectWatch => {
  const { members } = subjectOf(subject)
  const sources = visibleSources(records, { cap, territories: members })
  const sourcesOf = new Map(
    members.map((code) => [
      code,
      members.length === 1 ? sources : visibleSources(records, { cap, territories: [code] }),
    ]),
  )
  const meant = members.filter((code) => (sourcesOf.get(code) ?? []).length > 0)
  const isRunning = (code: TerritoryCode, period: Period): boolean =>
    now !== undefined && Date.parse(now) < boundsIn(period, territoryOf(code).zone).to
  const watchedOf = remembered((code, period) =>
    watchedIn(sourcesOf.get(code) ?? [], periodIn(code, period), !isRunning(code, period)),
  )
  // Without a visible source it is unknown which territories should be watched.
  const isWhole = (period: Period): boolean =>
    members.length === 1 || (meant.length > 0 && meant.every((code) => watchedOf(code, period)?.isWhole))
  /** False without any delivery, which has a separate state. */
  const isHardly = (code: TerritoryCode, period: Period): boolean => {
    const watched = watchedOf(code, period)
    const today = now === undefined ? period.last : dayIn(Date.parse(now), territoryOf(code).zone)
    const begun = daysOf(period).filter((day) => day <= today).length
    return watched !== undefined && 2 * watched.days.size < begun
  }
  /** Sources with a gap against their rhythm. */
  const silentIn = remembered((code, period): readonly VisibleSource[] => {
    const within = periodIn(code, period)
    const until = now ?? new Date(within.bounds.to).toISOString()
    return (sourcesOf.get(code) ?? []).filter((source) => sourceOf(source, within, until).watch.gaps.length > 0)
  })
  const reasonsOf = (code: TerritoryCode, period: Period): readonly WideningReason[] => [
    ...(isRunning(code, period) ? (['running'] as const) : []),
    ...(isHardly(code, period) ? (['hardly watched'] as const) : []),
    ...(silentIn(code, period).length > 0 ? (['input missing'] as const) : []),
  ]
  const reasonsOfAll = (period: Period): readonly WideningReason[] => [
    ...new Set(members.flatMap((code) => reasonsOf(code, period))),
    ...(isWhole(period) ? [] : (['not wholly watched'] as const)),
  ]
  /** Days that each territory wholly watched, without a silent source. */
  const wholeDays = (codes: readonly TerritoryCode[], period: Period): ReadonlySet<string> => {
    const until = now === undefined ? Number.POSITIVE_INFINITY : Date.parse(now)
    const each = codes.flatMap((code) =>
      [sourcesOf.get(code) ?? [], ...silentIn(code, period).map((source) => [source])].map((sources) =>
        daysWhollyWatched(sources, periodIn(code, period), until),
      ),
    )
    const [first = new Set<string>(), ...others] = each
    return new Set([...first].filter((day) => others.every((days) => days.has(day))))
  }
  const widenedIn = <Figures extends Watched>(
    figures: Figures,
    period: Period,
    reasons: readonly WideningReason[],
    codes: readonly TerritoryCode[],
  ): Figures =>
    widenedFigures(figures, reasons, {
      wholeDays: figures.days && reasons.length > 0 ? wholeDays(codes, period) : new Set(),
      open: now === undefined ? undefined : firstOpenDay(codes, now),
    })
  const whollyBy = (name: string, period: Period): Marking | undefined => {
    const each = members.flatMap((code) => {
      const [source] = (sourcesOf.get(code) ?? []).filter((one) => one.name === name && name !== byHandName)
      return source ? [whollyWatched(source, periodIn(code, period))] : []
    })
    const known = each.flatMap((one) => one ?? [])
    return each.length > 0 && known.length === each.length ? strictest(known) : undefined
  }
  const forLevel = (code: TerritoryCode, period: Period): LevelWatch => {
    const own = sourcesOf.get(code) ?? []
    const within = periodIn(code, period)
    const until = now ?? new Date(within.bounds.to).toISOString()
    const watched = watchedOf(code, period)
    const rhythmic = own.flatMap((source) => {
      const { expected, inputs } = sourceOf(source, within, until).watch
      return expected === undefined ? [] : [{ expected, arrived: Math.min(inputs, expected) }]
    })
    const sum = (part: 'expected' | 'arrived') => rhythmic.reduce((total, one) => total + one[part], 0)
    const inputs = { arrived: sum('arrived'), expected: sum('expected') }
    const overDays = daysOf(period).filter((day) => day < dayIn(Date.parse(until), territoryOf(code).zone))
    return {
      isWatched: own.length > 0,
      isWhole: watched?.isWhole === true && reasonsOf(code, period).length === 0,
      isInterrupted: !watched || 2 * inputs.arrived < inputs.expected || overDays.some((day) => !watched.days.has(day)),
      ...(inputs.expected > 0 && { inputs }),
      marking: watched?.marking ?? 'TLP:CLEAR',
    }
  }
  return {
    sources,
    whollyBy,
    forLevel,
    of: (period) => together(meant.map((code) => watchedOf(code, period))),
    isWhole,
    widen: (period, figures) => widenedIn(figures, period, reasonsOfAll(period), meant),
    widenMember: (code, period, figures) => widenedIn(figures, period, reasonsOf(code, period), [code]),
    watchedOf,
    member: (code, period, asOf) => {
      const own = sourcesOf.get(code) ?? []
      if (own.length === 0) return { state: 'by no source', marking: 'TLP:CLEAR' }
      const watched = watchedOf(code, period)
      if (!watched) return { state: 'blind', marking: freest(own) }
      const sourceWatches = own.map((one) => sourceOf(one, periodIn(code, period), asOf))
      const silences = sourceWatches.flatMap(({ watch: { gaps }, marking }) =>
        gaps.map(({ hours }) => ({ hours, marking })),
      )
      const [longest] = silences.sort((a, b) => b.hours - a.hours)
      const hardly = isHardly(code, period)
      return {
        state: hardly ? 'hardly watched' : longest ? 'interrupted' : 'watched',
        ...(longest && { silentHours: longest.hours }),
        ...(!watched.isWhole && { isPartial: true as const }),
        // The state *hardly watched* depends on all visible sources.
        marking: longest && !hardly ? longest.marking : strictest(sourceWatches.map(({ marking }) => marking)),
      }
    },
  }
}

/** Caches results: each is needed several times. */
const remembered = <Found>(find: (code: TerritoryCode, period: Period) => Found): typeof find => {
  const known = new Map<string, { readonly found: Found }>()
  return (code, period) => {
    const key = `${code} ${period.id}`
    const { found } = known.get(key) ?? { found: find(code, period) }
    known.set(key, { found })
    return found
  }
}

const periodIn = (code: TerritoryCode, period: Period) => {
  const { zone } = territoryOf(code)
  return { bounds: boundsIn(period, zone), dates: daysOf(period), zone }
}

/** Takes the strictest marking over the territories: all must be known. */
const together = (each: readonly (WatchedPeriod | undefined)[]): WatchedPeriod | undefined => {
  const known = each.flatMap((one) => one ?? [])
  const [first] = known
  if (!first) return undefined
  const days =
    known.length < each.length ? [] : [...first.days].filter((day) => known.every((one) => one.days.has(day)))
  const isWhole = known.length === each.length && known.every((one) => one.isWhole)
  return { marking: strictest(known.map(({ marking }) => marking)), days: new Set(days), isWhole }
}

const freest = (sources: readonly VisibleSource[]): Marking =>
  markings.find((marking) => sources.some((one) => one.marking === marking)) ?? 'TLP:CLEAR'

type KnownDays = {
  /** Days watched to their end. */
  readonly wholeDays: ReadonlySet<string>
  /** First day not over everywhere, from which a 0 is not final; absent if all are over. */
  readonly open?: string | undefined
}

/**
 * Turns period figures into floors; the only place that does so. Figures of a single detection or manoeuvre stay exact.
 * @param reasons if empty, the figures are unchanged
 */
export const widenedFigures = <Figures extends Watched>(
  figures: Figures,
  reasons: readonly WideningReason[],
  { wholeDays, open }: KnownDays,
): Figures => {
  if (reasons.length === 0) return figures
  const wide = (total: Total): Total => widened(total, reasons)
  const { days, joint, undated } = figures
  const isKnown = ({ date, posts }: DayCount): boolean =>
    wholeDays.has(date) ||
    // Until a day is over, its 0 is not final.
    !(figures.observedOn?.has(date) || (open !== undefined && date >= open && posts.value === 0))
  return {
    ...figures,
    totals: { ...eachWidened(figures.totals, reasons), isFloor: true },
    ...(joint && { joint: { ...joint, posts: wide(joint.posts), ...(joint.own && { own: wide(joint.own) }) } }),
    ...(days && {
      days: days.map((day) => (isKnown(day) ? day : { ...day, posts: wide(day.posts), isFloor: true })),
    }),
    ...(undated && { undated: { ...undated, posts: wide(undated.posts) } }),
    ...Object.fromEntries(
      namedRows.flatMap((name) =>
        figures[name] ? [[name, figures[name].map((row) => ({ ...row, posts: wide(row.posts) }))]] : [],
      ),
    ),
  }
}

/** Any day may have more than shown. */
export const noDayKnown: KnownDays = { wholeDays: new Set(), open: '' }

/** For editions that cover no whole period: any day may have more. */
export const openDays = (codes: readonly TerritoryCode[], asOf: string): KnownDays => ({
  wholeDays: new Set(),
  open: firstOpenDay(codes, asOf),
})

/** Returns the first local day not over in each territory. */
const firstOpenDay = (codes: readonly TerritoryCode[], now: string): string | undefined =>
  codes.map((code) => dayIn(Date.parse(now), territoryOf(code).zone)).sort()[0]
