/** How the territories of a report were watched: one by itself, or each of a group. */
import { eachWidened, type Total, widened, type WideningReason } from '../core/figures.ts'
import { type Marking, markings, strictest } from '../core/marking.ts'
import { type SubjectCode, subjectOf, type TerritoryCode, territoryOf } from '../core/place/territory.ts'
import { boundsIn, dayIn, daysOf, type Period } from '../core/time/period.ts'
import { byHandName } from '../detection/detection.ts'
import type { DayCount, Tally } from './tally.ts'
import { type SourceRecord, sourceOf, type VisibleSource, visibleSources } from './watch/watch.ts'
import { daysWhollyWatched, type WatchedPeriod, watchedIn, whollyWatched } from './watch/watched.ts'

/**
 * *watched* without a silence, *interrupted* by one, *hardly watched* on fewer than half of its days, *blind* where no
 * source that watches it delivered, *by no source* where none that shows watches it.
 */
export type MemberWatch = {
  readonly state: 'watched' | 'interrupted' | 'hardly watched' | 'blind' | 'by no source'
  /** Hours of the longest silence of a source; left out where there is none. */
  readonly silentHours?: number
  /** Some source delivered, and not each of its days was watched: of a period that runs, those to come too. */
  readonly isPartial?: true
  readonly marking: Marking
}

export type SubjectWatch = {
  /** That watch any of it, as far as the edition may know them. */
  readonly sources: readonly VisibleSource[]
  /**
   * Undefined where none of it was watched. Of a group, a day was where it was in each territory that is meant to be
   * watched.
   */
  of(period: Period): WatchedPeriod | undefined
  /**
   * Each territory that is meant to be watched was, on each day. Always so of a territory alone, whose own report says
   * how it was watched.
   */
  isWhole(period: Period): boolean
  /** Figures that rest on the whole period, widened by how it was watched: see {@link widenedFigures}. */
  widen<Figures extends Watched>(period: Period, figures: Figures): Figures
  /** The same of a member's own. */
  widenMember<Figures extends Watched>(code: TerritoryCode, period: Period, figures: Figures): Figures
  /** Of one member; undefined where it was not watched. */
  watchedOf(code: TerritoryCode, period: Period): WatchedPeriod | undefined
  member(code: TerritoryCode, period: Period, asOf: string): MemberWatch
  /**
   * The freest marking at which it is known that a source watched each day of a period, in each territory that it
   * covers; undefined where it did not, or does not show. Sources that have no name here prove nothing.
   */
  whollyBy(name: string, period: Period): Marking | undefined
}

/** Figures that rest on how it was watched; what one detection or manoeuvre states does not. */
export type Watched = Pick<Tally, 'totals'> &
  (Pick<Tally, 'days' | 'observedOn'> | { readonly days?: undefined; readonly observedOn?: undefined }) & {
    readonly joint?: Tally['joint'] | undefined
    readonly undated?: Tally['undated'] | undefined
  } & { readonly [name in (typeof namedRows)[number]]?: readonly { readonly posts: Total }[] | undefined }

/** Rows by name. */
const namedRows = ['platforms', 'kinds', 'campaigns', 'hashtags', 'narratives', 'languages'] as const

/** @param context with the instant of which the days have begun; all are over where it is left out */
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
  // Where no source shows, it is not known which territories are meant to be watched.
  const isWhole = (period: Period): boolean =>
    members.length === 1 || (meant.length > 0 && meant.every((code) => watchedOf(code, period)?.isWhole))
  /** On fewer than half of the days that have begun there; not where nothing was delivered, which is told apart. */
  const isHardly = (code: TerritoryCode, period: Period): boolean => {
    const watched = watchedOf(code, period)
    const today = now === undefined ? period.last : dayIn(Date.parse(now), territoryOf(code).zone)
    const begun = daysOf(period).filter((day) => day <= today).length
    return watched !== undefined && 2 * watched.days.size < begun
  }
  /** Sources that fell silent against their rhythm, or delivered nothing when it was due. */
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
  /** The days that each of them wholly watched, and on which no source was silent. */
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
  return {
    sources,
    whollyBy,
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
        // That it was hardly watched rests on all that shows.
        marking: longest && !hardly ? longest.marking : strictest(sourceWatches.map(({ marking }) => marking)),
      }
    },
  }
}

/** Each is asked for several times: for figures, for whether they are whole, and for the row of a territory. */
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

/** That it was watched is known by the freest marking that tells it of every territory. */
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

/** Which days of widened figures are known all the same. */
type KnownDays = {
  /** Those that were watched to their end: what is known of them is all. */
  readonly wholeDays: ReadonlySet<string>
  /** The first that is not over everywhere: a 0 of it is none yet. All are over where it is left out. */
  readonly open?: string | undefined
}

/**
 * Figures that rest on a whole period, in which there may be more than was counted: the one place where they become
 * floors. What a single detection or manoeuvre states stays as it is.
 * @param reasons why; without any the figures are as they were
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
    // A day without anything is 0 or not watched, as its inputs say; while it goes on, it is no 0 yet.
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

/** There may be more on any day than is shown. */
export const noDayKnown: KnownDays = { wholeDays: new Set(), open: '' }

/** What is known of days where an edition stands for no whole period: there may be more on any. */
export const openDays = (codes: readonly TerritoryCode[], asOf: string): KnownDays => ({
  wholeDays: new Set(),
  open: firstOpenDay(codes, asOf),
})

/** By an instant, the first local day that is not over in each of these territories; undefined of none. */
const firstOpenDay = (codes: readonly TerritoryCode[], now: string): string | undefined =>
  codes.map((code) => dayIn(Date.parse(now), territoryOf(code).zone)).sort()[0]
