/** The rules of docs/reports.md, section Level, once more: written from the papers, sharing no code with lambdas/. */
import { Temporal } from 'temporal-polyfill'
import * as counts from './counting.ts'
import type { Branch, Held, Question, Sent, Told, Watcher, World } from './counting.ts'

export const figures = ['posts', 'accounts', 'videos'] as const
export type Figure = (typeof figures)[number]
export type Known = Extract<Told, { readonly value: number }>
export type Value = 0 | 1 | 2 | 3 | 4 | 'not watched' | 'interrupted'
export type Reading = (typeof readingsInOrder)[number]

export type Claim = {
  readonly is: 'act' | 'effect' | 'reported'
  /** The statements that may be the one: equal ones are in no order. */
  readonly among: readonly { readonly id: string; readonly field: string; readonly degree?: string | undefined }[]
}

export type Test = {
  readonly figure: Figure
  readonly total: Known
  readonly floor: number
  readonly ordinary?: Range & {
    readonly weeks: number
    readonly minimums: number
    readonly isNone: boolean
    readonly isEstimate: boolean
  }
  readonly leftOut: number
  readonly earlier?: number
  readonly above?: 'ordinary week' | 'earlier weeks' | 'floor'
}

type Level = {
  readonly value: Value
  readonly isAtLeast: boolean
  readonly claim: Claim | undefined
  readonly tests: readonly Test[]
  readonly detections: number
}

export type RowOfWeek = Level & { readonly posts: Told; readonly reading: Reading }

export type ExpectedLevel = Level & {
  readonly manoeuvres: number
  readonly compared: readonly counts.Compared[]
  /** Comparisons hold *in this edition*. */
  readonly isOfEdition: boolean
  readonly weeks?: readonly RowOfWeek[]
  /** The week that gave the level of a month. */
  readonly gravest?: string
}

// ---- Effects ----

type Statement = {
  readonly sent: Sent
  readonly is: 'act' | 'effect' | 'pick-up'
  readonly claim: Claim['among'][number]
  readonly source: string
  /** 2: confirmed by an analyst; 1: evidence; 0: neither. */
  readonly support: number
  readonly gravity: number
}

const statementsIn = (sent: Sent): readonly Statement[] => {
  const { id, observedEffect: effect, breakout, reliability = '', credibility = 0 } = sent
  const supportOf = (evidence?: string, confirmed?: object): number => {
    if (evidence === undefined || ['E', 'F'].includes(reliability) || credibility >= 5) return 0
    return confirmed ? 2 : 1
  }
  const found: Statement[] = []
  if (effect?.state === 'observed') {
    const { degree, text, confirmed, source = counts.nameOf(sent) } = effect
    const gravity = 10 + ['online', 'media', undefined, 'act'].indexOf(degree)
    const claim = { id, field: 'effect', ...(degree && { degree }) }
    const support = supportOf(text, confirmed)
    found.push({ sent, is: degree === 'act' ? 'act' : 'effect', claim, source: source.toLowerCase(), support, gravity })
  }
  const { category: gravity = 0, basis, evidence, confirmed } = breakout ?? {}
  if (gravity >= 4 && ['amplified', 'decided', undefined].includes(basis)) {
    const support = basis === undefined ? 0 : supportOf(evidence, confirmed)
    const claim = { id, field: 'breakout' }
    found.push({ sent, is: 'pick-up', claim, source: counts.nameOf(sent), support, gravity })
  }
  return found
}

const isConfirmed = (all: readonly Statement[]): boolean => {
  const backed = all.filter(({ support }) => support > 0)
  const areIndependent = (one: Statement, other: Statement) =>
    counts.nameOf(one.sent) !== counts.nameOf(other.sent) && one.source !== other.source
  return backed.some((one) => one.support === 2 || backed.some((other) => areIndependent(one, other)))
}

const best = (all: readonly Statement[], weigh: (one: Statement) => number): Claim['among'] => {
  const most = Math.max(...all.map(weigh))
  return all.filter((one) => weigh(one) === most).map(({ claim }) => claim)
}

const claimOf = (branch: Branch, territory: string): Claim | undefined => {
  const all = counts.allOf(branch).flatMap(statementsIn)
  const of = (...kinds: readonly string[]) => all.filter(({ is }) => kinds.includes(is))
  const supported = (some: readonly Statement[]) => best(some, ({ support, gravity }) => 100 * support + gravity)
  if (isConfirmed(of('act'))) return { is: 'act', among: supported(of('act')) }
  if (isConfirmed(of('act', 'effect'))) return { is: 'effect', among: supported(of('effect')) }
  if (isConfirmed(of('pick-up'))) return { is: 'effect', among: supported(of('pick-up')) }
  const own = all.filter(({ sent }) => !isByGroup(sent, territory))
  return own.length > 0 ? { is: 'reported', among: best(own, ({ gravity }) => gravity) } : undefined
}

// ---- One week ----

const isByGroup = ({ territories }: Sent, territory: string): boolean =>
  territories.some(({ code, method }) => code === territory && method === 'group')

const isJoint = ({ top }: Branch, territory: string): boolean =>
  new Set(top.territories.map(({ code }) => code)).size > 1 || isByGroup(top, territory)

/** Of a joint whole, the parts that are of this territory alone. */
const ownBranches = (all: readonly Branch[], territory: string): readonly Branch[] =>
  all.flatMap((one) => (isJoint(one, territory) ? ownBranches(one.parts, territory) : [one]))

const weekOf = (world: World, question: Question, isWatched: boolean) => {
  const { territory } = question
  const { zone, days, counting } = counts.placed(world, question)
  const all = counts.branchesOf(counting, world.seen)
  const own = ownBranches(all, territory)
  const stated = (own.length > 0 ? figures : []).flatMap((figure) => {
    const isSum = figure !== 'accounts'
    const total = counts.told(
      isSum ? counts.totalOf(own, counts.ownSum(figure), zone).sum : counts.distinct(own, figure),
    )
    return total.value === null ? [] : [[figure, total] as const]
  })
  const manoeuvres = counts.manoeuvresOf(all, world, zone).map(({ branch }) => branch)
  const claiming = manoeuvres.filter((branch) => claimOf(branch, territory))
  const ordered = claiming.length > 1 ? counts.byGravity(claiming, world, question) : claiming
  const claims = ordered.flatMap((branch) => claimOf(branch, territory) ?? [])
  const isCovered = counts.eachDay(days).every((day) => counts.wasDayWatched(world, day, days, zone))
  const [start, end] = [counts.midnight(days.first, zone), counts.midnight(counts.dayAfter(days.last), zone)]
  const due = world.watchers.flatMap(({ rhythmHours, inputs }) => {
    const own = inputs.map((at) => Date.parse(at))
    if (rhythmHours === undefined || own.every((at) => at >= end)) return []
    const expected = Math.floor((end - start) / (rhythmHours * 3_600_000))
    return [{ expected, arrived: Math.min(expected, own.filter((at) => start <= at && at < end).length) }]
  })
  const sum = (part: 'expected' | 'arrived') => due.reduce((total, one) => total + one[part], 0)
  return {
    detections: counting.length,
    figures: Object.fromEntries(counting.length === 0 ? [] : stated) as { readonly [figure in Figure]?: Known },
    claim: (['act', 'effect', 'reported'] as const).flatMap((is) => claims.find((one) => one.is === is) ?? [])[0],
    isWatched,
    /** To its end. */
    isWhole: isCovered && !counts.isHardlyWatched(world, days, zone) && counts.silentIn(world, days, zone).length === 0,
    isInterrupted: !counts.wasWatched(world, days, zone) || 2 * sum('arrived') < sum('expected') || !isCovered,
  }
}

type Week = ReturnType<typeof weekOf>

// ---- Against the weeks before ----

type Range = { readonly least: number; readonly most: number }

/** An estimate is a point. A minimum is open upwards, or up to what it is at most. */
export const rangeOf = (total: Known): Range => {
  const isOpen = total.qualifier.startsWith('at least')
  return { least: total.value, most: isOpen ? (total.atMost ?? Infinity) : total.value }
}

const ordinaryOf = (known: readonly Range[]) => {
  if (known.length < 4) return undefined
  const [least, most] = [counts.median(known.map((one) => one.least)), counts.median(known.map((one) => one.most))]
  const away = counts.median(known.map((one) => Math.max(one.most - least, most - one.least)))
  const far = 3 * Math.max(1, 1.4826 * away)
  if (!Number.isFinite(most + far)) return undefined
  return {
    least: Math.max(0, Math.ceil(least - far)),
    most: Math.floor(most + far),
    weeks: known.length,
    minimums: known.filter((one) => one.least !== one.most).length,
    isNone: known.every((one) => one.most === 0),
  }
}

const populations: Readonly<Record<string, number>> = { NC: 264_596, PF: 278_786, MQ: 360_630, COR: 355_486 }

const floorOf = (figure: Figure, territory: string): number => {
  const posts = Math.min(300, Math.max(20, Math.round((populations[territory] ?? 0) / 3_000)))
  return figure === 'posts' ? posts : figure === 'accounts' ? Math.round(posts / 5) : 10
}

const seenIn = ({ isWhole }: Week, total: Known): Known => (isWhole ? total : (counts.asFloor(total) as Known))

type Before = { readonly week: Week; readonly value: Value }

const testOf = (figure: Figure, week: Week, before: readonly Before[], territory: string): readonly Test[] => {
  const stated = week.figures[figure]
  if (!stated) return []
  const total = seenIn(week, stated)
  const known = before.flatMap(({ week: past, value }, at) => {
    const own = past.figures[figure]
    // A figure that no detection gives is none only where there is no detection.
    if (!own && (!past.isWhole || past.detections > 0)) return []
    const range = own ? rangeOf(seenIn(past, own)) : { least: 0, most: 0 }
    const isEstimate = own?.qualifier.includes('about') ?? false
    return [{ range, isEstimate, weeksAgo: before.length - at, isOrdinary: typeof value === 'string' || value < 2 }]
  })
  const compared = known.filter(({ isOrdinary }) => isOrdinary).slice(-8)
  const ordinary = ordinaryOf(compared.map(({ range }) => range))
  const since = (ordinary && compared[0]?.weeksAgo) ?? 26
  const old = before.length < 13 ? [] : known.filter(({ weeksAgo }) => weeksAgo >= 10 && weeksAgo <= 13)
  const mean = old.reduce((sum, { range }) => sum + range.most, 0) / old.length
  const earlier = Number.isFinite(mean) ? mean : undefined
  const floor = floorOf(figure, territory)
  const leftOut = before.filter(({ week: past }, at) => {
    const weeksAgo = before.length - at
    const isCompared = (ordinary ? compared : known.filter((one) => one.isOrdinary)).some(
      (one) => one.weeksAgo === weeksAgo,
    )
    return past.detections > 0 && weeksAgo <= since && !isCompared
  }).length
  const isOver = (bound = Infinity) => total.value >= floor && total.value > bound
  const above = [
    isOver(ordinary?.most) && ('ordinary week' as const),
    isOver(earlier === undefined ? earlier : 3 * earlier) && ('earlier weeks' as const),
    !ordinary && total.value >= 10 * floor && ('floor' as const),
  ].find((one) => one !== false)
  return [
    {
      ...{ figure, total, floor, leftOut },
      ...(ordinary && { ordinary: { ...ordinary, isEstimate: compared.some((one) => one.isEstimate) } }),
      ...(earlier !== undefined && { earlier: Math.round(earlier) }),
      ...(above && { above }),
    },
  ]
}

export const readingOf = ({ above, ordinary, floor }: Test, total: Known): Reading => {
  const { least, most } = rangeOf(total)
  if (above) return 'unusual'
  if (!ordinary) return 'unknown'
  if (least > ordinary.most) return most < floor ? 'above' : 'unknown'
  if (most < ordinary.least) return 'below'
  return least >= ordinary.least && most <= ordinary.most && ordinary.minimums === 0 ? 'within' : 'unknown'
}

/** The gravest first. */
const readingsInOrder = ['unusual', 'above', 'unknown', 'within', 'below'] as const

const atLeast = (level: Level): Level => ({ ...level, isAtLeast: typeof level.value === 'number' && level.value < 4 })

/** A published edition compares nothing, and proves no watch. */
const levelOf = (week: Week, tests: readonly Test[], cap: string): Level => {
  const { claim, detections, isWatched, isInterrupted } = week
  const isPublic = counts.isPublic(cap)
  const value = (): Value => {
    if (claim?.is === 'act') return 4
    if (claim?.is === 'effect') return 3
    if (claim || tests.some(({ above }) => above)) return 2
    if (detections > 0) return 1
    return isPublic || (isWatched && !isInterrupted) ? 0 : isWatched ? 'interrupted' : 'not watched'
  }
  const level = { value: value(), isAtLeast: false, claim, tests, detections }
  return week.isWhole && !isPublic ? level : atLeast(level)
}

// ---- A report ----

const rank = (value: Value): number => (typeof value === 'number' ? value : value === 'interrupted' ? -1 : -2)

/** The ISO weeks whose Thursday is in the period. */
const weeksIn = (period: string): readonly string[] =>
  counts.eachDay(counts.daysOfPeriod(period)).flatMap((one) => {
    const day = Temporal.PlainDate.from(one)
    return day.dayOfWeek === 4 ? [`${day.yearOfWeek}-W${String(day.weekOfYear).padStart(2, '0')}`] : []
  })

type Stored = { readonly all: readonly Held[]; readonly watchers: readonly Watcher[] }

export const expectedLevel = ({ all, watchers }: Stored, question: Question): ExpectedLevel => {
  const { territory, period, cap } = question
  const isPublic = counts.isPublic(cap)
  const world = counts.worldOf(all, watchers, question)
  // A detector delivers what it detects: it is a source, AMBER where it declares nothing.
  const isSource = !isPublic && all.some(({ revisions }) => revisions.some(({ marking }) => counts.fits(marking, cap)))
  const weekOn = (one: string) => weekOf(world, { ...question, period: one }, isSource || world.watchers.length > 0)
  const hides = (one: string) => counts.withheldIn(world, counts.daysOfPeriod(one), counts.zoneOf(territory)) > 0
  const own = weeksIn(period)
  const before = isPublic ? [] : counts.periodsBefore(own[0] ?? period, 26).toReversed()
  const each: { readonly period: string; readonly week: Week; readonly value: Value; readonly level: Level }[] = []
  for (const one of [...before, ...own]) {
    const week = weekOn(one)
    const tests = isPublic ? [] : figures.flatMap((figure) => testOf(figure, week, each.slice(-26), territory))
    const level = levelOf(week, tests, cap)
    each.push({ period: one, week, value: level.value, level })
  }
  const isHiding = hides(period) || own.some(hides)
  /** @param isTestWhole the tests of a longer period are those of one week */
  const stated = (level: Level, isTestWhole = false): Level => {
    if (!isHiding) return level
    const floors = level.tests.map((one) => ({ ...one, total: counts.asFloor(one.total) as Known }))
    return { ...atLeast(level), tests: isTestWhole ? level.tests : floors }
  }
  const weeks = each.slice(before.length)
  const [last] = weeks.slice(-1)
  const [top] = weeks.toSorted((one, other) => rank(other.value) - rank(one.value))
  const isWeek = last && period.includes('W')
  const isCompared = isWeek && last.level.tests.length > 0 && before.some(hides)
  const isHidden = isHiding || isCompared || counts.periodsBefore(period, 8).some(hides)
  const compared = counts.comparedOf(world, question)
  const { manoeuvres } = counts.totalsOf(world, question)
  const shared = { compared, manoeuvres, isOfEdition: !isPublic && isHidden }
  if (isWeek) return { ...shared, ...stated(last.level) }
  const alone = levelOf(weekOn(period), [], cap)
  const isOwn = !top || rank(alone.value) > Math.max(0, rank(top.value))
  const highest = isOwn ? alone : top.level
  const isBlind = highest.value === 0 && 2 * weeks.filter(({ value }) => value === 0).length < weeks.length
  const level: Level = isBlind ? { ...highest, value: 'interrupted', isAtLeast: false } : highest
  const isOpen = alone.isAtLeast || weeks.some((one) => !one.week.isWhole || one.level.isAtLeast)
  return {
    ...shared,
    ...stated(isOpen ? atLeast(level) : level, !isOwn && !hides(top.period)),
    ...(!isOwn && { gravest: top.period }),
    weeks: weeks.map((one) => {
      const isPart = hides(one.period) || isPublic
      const readings = one.level.tests.map((test) => readingOf(test, test.total))
      const reading = readingsInOrder.find((is) => readings.includes(is)) ?? 'unknown'
      return {
        ...(isPart ? atLeast(one.level) : one.level),
        posts: counts.totalsOf(world, { ...question, period: one.period }).posts,
        reading: isPart && reading !== 'unusual' ? 'unknown' : reading,
      }
    }),
  }
}
