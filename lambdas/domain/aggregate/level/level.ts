/** The level of a territory in a week, 0 to 4: the first question answered with yes (docs/reports.md, Level). */
import { asMinimum, isEstimate, type StatedTotal, type Total, zero } from '../../core/figures.ts'
import { type Marking, strictest } from '../../core/marking.ts'
import { madFactor, medianOf, unusualFrom } from '../compare.ts'
import type { LevelClaim } from './level-effect.ts'
import { gravestReading, type Range, rangeOf, type Reading, readingOf } from './reading.ts'

export const levelFigures = ['posts', 'accounts', 'videos'] as const
export type LevelFigure = (typeof levelFigures)[number]

export const levelNumbers = [0, 1, 2, 3, 4] as const
type LevelNumber = (typeof levelNumbers)[number]

/** *interrupted*: nothing counts, and the watch proves nothing. */
export type LevelValue = LevelNumber | 'not watched' | 'interrupted'

/** What the detections of one week give to its level, and to the ordinary week of later ones. */
export type LevelBasis = {
  readonly detections: number
  /** Stated for detections of this territory alone; a figure that none states is left out. */
  readonly figures: { readonly [figure in LevelFigure]?: StatedTotal }
  readonly claim?: LevelClaim | undefined
  readonly marking: Marking
}

export type LevelWatch = {
  readonly isWatched: boolean
  /** Watched to its end, so that a missing figure is 0. */
  readonly isWhole: boolean
  /** Fewer than half of the expected inputs arrived, or a day that has begun is uncovered. */
  readonly isInterrupted: boolean
  readonly inputs?: Inputs | undefined
  readonly marking: Marking
}

/** By the sources' stated rhythms. */
type Inputs = { readonly arrived: number; readonly expected: number }

export type LevelWeek = {
  readonly basis: LevelBasis
  readonly watch: LevelWatch
  /** As the week's own report printed it. */
  readonly printed?: StatedLevel | undefined
}

/** A figure against the ordinary week; counts are whole numbers. */
export type LevelTest = {
  readonly figure: LevelFigure
  readonly total: StatedTotal
  readonly floor: number
  /** Missing where too few weeks are comparable; else the widest that their figures allow. */
  readonly ordinary?: {
    readonly least: number
    readonly most: number
    readonly weeks: number
    /** Weeks of these whose figure is a minimum. */
    readonly minimums?: number
    /** Some of them are estimates. */
    readonly isEstimate?: true
    /** Each of these weeks had 0. */
    readonly isNone?: true
  }
  /** Weeks with detections that are unusual or state no such figure: since the first compared one, else of all. */
  readonly leftOut?: number
  /** Mean of the weeks 10 to 13 before. */
  readonly earlier?: number
  /** Why the figure is unusual. */
  readonly above?: 'ordinary week' | 'earlier weeks' | 'floor'
}

export type Level = {
  readonly value: LevelValue
  /** A gap in the watch or something not shown may hide more. */
  readonly isAtLeast?: true
  /** Watched to the end of each week. */
  readonly isWhole: boolean
  readonly detections: number
  readonly claim?: LevelClaim | undefined
  /** Empty in a public edition, which is compared with no earlier week. */
  readonly tests: readonly LevelTest[]
  readonly inputs?: Inputs | undefined
  readonly marking: Marking
}

/** Of a report. */
export type PeriodLevel = Level & {
  /** Of a longer period: the week that gave the level, and how many weeks were at each. */
  readonly weeks?: {
    readonly gravest?: string
    readonly counts: readonly LevelCount[]
    /** Oldest first. */
    readonly each: readonly LevelOfWeek[]
  }
  /** Of the week before. */
  readonly last?: StatedLevel
  /** Something of the period is above the cap. */
  readonly isHiding?: true
  /** A compared week has something above the cap: the comparison holds for this edition. */
  readonly ofEditionAlone?: true
}

/** `posts` as the week's own report has them. */
export type LevelOfWeek = Pick<Level, 'value' | 'isAtLeast' | 'detections' | 'claim'> & {
  readonly period: string
  readonly posts: Total
  /** Several territories share some of the posts. */
  readonly isJoint?: true
  readonly reading: Reading
  /** Something of the week is above the cap: in no printed level. */
  readonly isHiding?: true
}

type LevelCount = { readonly value: LevelValue; readonly count: number }

/** Weeks before, in which comparable ones are sought. */
export const levelHistory = 26

const comparedWeeks = 8
const leastCompared = 4
const earlierWeeks = [10, 13] as const
const lastingRise = 3
const floorsWithoutHistory = 10

/** Posts by population, accounts a fifth of them. */
export const floorsOf = (population: number): Readonly<Record<LevelFigure, number>> => {
  const posts = Math.min(300, Math.max(20, Math.round(population / 3_000)))
  return { posts, accounts: Math.max(1, Math.round(posts / 5)), videos: 10 }
}

/**
 * Returns the level of each week; a week is compared with those before it.
 * @param weeks consecutive, oldest first
 */
export const levelsOf = (
  weeks: readonly LevelWeek[],
  floors: Readonly<Record<LevelFigure, number>>,
): readonly Level[] => {
  const levels: Level[] = []
  for (const [at, week] of weeks.entries()) {
    const from = Math.max(0, at - levelHistory)
    const before = weeks
      .slice(from, at)
      .map((one, index) => ({ ...one, level: (one.printed ?? levels[from + index])?.value }))
    const tests = levelFigures.flatMap((figure) => testOf(figure, week, before, floors[figure]) ?? [])
    levels.push(levelWith(week, tests, tests.length === 0 ? [week] : [week, ...before]))
  }
  return levels
}

export const levelAlone = (week: LevelWeek): Level => levelWith(week, [], [week])

/** The level in an edition that is compared with no earlier week. */
export const publicLevel = (week: LevelWeek): Level => {
  const level = levelAlone(week)
  // What may be published proves nothing about the watch.
  return asAtLeast({ ...level, value: typeof level.value === 'number' ? level.value : 0 })
}

export const noDetections: LevelBasis = { detections: 0, figures: {}, marking: 'TLP:CLEAR' }

/**
 * The highest of its weeks. What is known only to the month is in none of them, but its period's own count has it.
 * @param own without a comparison
 */
export const longerLevel = (own: Level, weeks: readonly CountedWeek[]): PeriodLevel => {
  const levels = weeks.map(({ level: one }) => one)
  const [gravest] = weeks.toSorted((a, b) => rankOf(b.level.value) - rankOf(a.level.value))
  const isOwn = !gravest || rankOf(own.value) > Math.max(0, rankOf(gravest.level.value))
  const highest = isOwn ? own : gravest.level
  // Nothing counts, and fewer than half of the weeks were watched.
  const isBlind = highest.value === 0 && 2 * levels.filter(({ value }) => value === 0).length < weeks.length
  const level: Level = isBlind ? { ...highest, value: 'interrupted' } : highest
  const isWhole = levels.every((one) => one.isWhole)
  const inputs = levels.flatMap((one) => one.inputs ?? [])
  const sum = (part: keyof Inputs) => inputs.reduce((total, one) => total + one[part], 0)
  const counts = [...Map.groupBy(levels, ({ value }) => value)].map(([value, { length: count }]) => ({ value, count }))
  return {
    ...(isWhole && ![own, ...levels].some(({ isAtLeast }) => isAtLeast) ? level : asAtLeast(level)),
    ...(inputs.length > 0 && { inputs: { arrived: sum('arrived'), expected: sum('expected') } }),
    weeks: {
      ...(!isOwn && { gravest: gravest.period }),
      counts: counts.toSorted((a, b) => rankOf(b.value) - rankOf(a.value)),
      each: weeks.map(ofWeek),
    },
    isWhole,
    marking: strictest([own, ...levels].map(({ marking }) => marking)),
  }
}

type CountedWeek = Pick<LevelOfWeek, 'period' | 'posts' | 'isJoint' | 'isHiding'> & { readonly level: Level }

const ofWeek = ({ level, ...week }: CountedWeek): LevelOfWeek => {
  const { value, isAtLeast, detections, claim, tests } = level
  return {
    ...week,
    ...{ value, detections, reading: gravestReading(tests.map(readingOf)) },
    ...(isAtLeast && { isAtLeast }),
    ...(claim && { claim }),
  }
}

/** Gravest highest. */
export const rankOf = (value: LevelValue): number =>
  typeof value === 'number' ? value : value === 'interrupted' ? -1 : -2

type StatedLevel = Pick<Level, 'value' | 'isAtLeast'>

export const statedValue = ({ value, isAtLeast }: StatedLevel): StatedLevel => ({
  value,
  ...(isAtLeast && { isAtLeast }),
})

/** As kept with a version: whether an effect waits for a confirmation. */
export const keptLevel = (level: Level): StoredLevel => ({
  ...statedValue(level),
  ...(level.claim?.is === 'reported' && { toConfirm: true }),
})

export type StoredLevel = StatedLevel & { readonly toConfirm?: true }

/** Marks a level that something hidden may raise. */
export const asAtLeast = <One extends StatedLevel>(level: One): One =>
  typeof level.value === 'number' && level.value < 4 ? { ...level, isAtLeast: true } : level

const levelWith = ({ basis, watch }: LevelWeek, tests: readonly LevelTest[], compared: readonly LevelWeek[]): Level => {
  const { detections, claim } = basis
  const level: Level = {
    value: valueOf(basis, watch, tests),
    isWhole: watch.isWhole,
    detections,
    ...(claim && { claim }),
    tests,
    ...(watch.inputs && { inputs: watch.inputs }),
    marking: strictest(compared.flatMap((one) => [one.basis.marking, one.watch.marking])),
  }
  return watch.isWhole ? level : asAtLeast(level)
}

const valueOf = ({ detections, claim }: LevelBasis, watch: LevelWatch, tests: readonly LevelTest[]): LevelValue => {
  if (claim?.is === 'act') return 4
  if (claim?.is === 'effect') return 3
  if (claim || tests.some(({ above }) => above !== undefined)) return 2
  if (detections > 0) return 1
  if (!watch.isWatched) return 'not watched'
  return watch.isInterrupted ? 'interrupted' : 0
}

type Before = LevelWeek & { readonly level: LevelValue | undefined }

/** A week without a stated figure is 0 if it was watched to its end and has no detection, else unknown. */
const knownIn = ({ basis, watch }: LevelWeek, figure: LevelFigure): Range | undefined => {
  const stated = basis.figures[figure]
  if (stated) return rangeOf(asWatched(stated, watch))
  return watch.isWhole && basis.detections === 0 ? { least: 0, most: 0 } : undefined
}

const asWatched = (total: StatedTotal, { isWhole }: LevelWatch): StatedTotal => (isWhole ? total : asMinimum(total))

const testOf = (
  figure: LevelFigure,
  week: LevelWeek,
  before: readonly Before[],
  floor: number,
): LevelTest | undefined => {
  const stated = week.basis.figures[figure]
  if (stated === undefined) return undefined
  const total = asWatched(stated, week.watch)
  const known = before.flatMap(({ level, ...one }, at) => {
    const past = knownIn(one, figure)
    const isAbout = isEstimate(one.basis.figures[figure] ?? zero)
    return past === undefined ? [] : [{ at, past, isAbout, isOrdinary: typeof level !== 'number' || level < 2 }]
  })
  const ordinaryWeeks = known.filter(({ isOrdinary }) => isOrdinary).slice(-comparedWeeks)
  const bounded = ordinaryOf(ordinaryWeeks.map(({ past }) => past))
  const ordinary = bounded && {
    ...bounded,
    ...(ordinaryWeeks.some(({ isAbout }) => isAbout) && { isEstimate: true as const }),
  }
  const [nearest, farthest] = earlierWeeks
  const past = before.length < farthest ? [] : before.slice(before.length - farthest, before.length - nearest + 1)
  const earlierKnown = past.flatMap((one) => knownIn(one, figure)?.most ?? [])
  const mean = earlierKnown.reduce((sum, one) => sum + one, 0) / earlierKnown.length
  const earlier = Number.isFinite(mean) ? mean : undefined
  const comparable = ordinary ? ordinaryWeeks : known.filter((one) => one.isOrdinary)
  const compared = new Set(comparable.map(({ at }) => at))
  const since = ordinary ? (ordinaryWeeks[0]?.at ?? 0) : 0
  const leftOut = before.filter(({ basis }, at) => at >= since && basis.detections > 0 && !compared.has(at)).length
  const above = aboveOf({ value: total.value, floor, ordinary, earlier })
  return {
    ...{ figure, total, floor },
    ...(ordinary && { ordinary }),
    ...(leftOut > 0 && { leftOut }),
    ...(earlier !== undefined && { earlier: Math.round(earlier) }),
    ...(above && { above }),
  }
}

const aboveOf = ({
  value,
  floor,
  ordinary,
  earlier,
}: {
  readonly value: number
  readonly floor: number
  readonly ordinary: { readonly most: number } | undefined
  readonly earlier: number | undefined
}): LevelTest['above'] => {
  if (value < floor) return undefined
  if (ordinary && value > ordinary.most) return 'ordinary week'
  if (earlier !== undefined && value > lastingRise * earlier) return 'earlier weeks'
  return !ordinary && value >= floorsWithoutHistory * floor ? 'floor' : undefined
}

/**
 * Median and three normalised deviations, each at least 1; whole, and not under 0. Of minimums the widest band that is
 * possible: what is above it is above whatever they were. Undefined where too few weeks bound it.
 */
const ordinaryOf = (weeks: readonly Range[]): LevelTest['ordinary'] => {
  if (weeks.length < leastCompared) return undefined
  const [least, most] = [medianOf(weeks.map((one) => one.least)), medianOf(weeks.map((one) => one.most))]
  const deviation = medianOf(weeks.map((one) => Math.max(one.most - least, most - one.least)))
  const far = unusualFrom * Math.max(1, madFactor * deviation)
  if (!Number.isFinite(most + far)) return undefined
  const minimums = weeks.filter((one) => one.most > one.least).length
  return {
    ...{ least: Math.max(0, Math.ceil(least - far)), most: Math.floor(most + far), weeks: weeks.length },
    ...(minimums > 0 && { minimums }),
    ...(weeks.every((one) => one.most === 0) && { isNone: true as const }),
  }
}
