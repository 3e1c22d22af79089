/** Reads the levels of an edition's territories: their weeks, and those that they are compared with. */
import {
  asAtLeast,
  type LevelBasis,
  type LevelOfWeek,
  type LevelWeek,
  levelAlone,
  levelHistory,
  levelsOf,
  longerLevel,
  noDetections,
  type PeriodLevel,
  publicLevel,
  type StoredLevel,
  statedValue,
  floorsOf,
} from '../../../domain/aggregate/level/level.ts'
import { totalsOf } from '../../../domain/aggregate/period-summary.ts'
import { subjectWatch, type SubjectWatch } from '../../../domain/aggregate/subject-watch.ts'
import { asMinimum, notWatched, zero } from '../../../domain/core/figures.ts'
import { isPublicCap } from '../../../domain/core/marking.ts'
import { boundsFor, hasBegun } from '../../../domain/core/place/subject.ts'
import { type TerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { type Period, periodsBefore, weeksOf } from '../../../domain/core/time/period.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import type { Services } from '../../services.ts'
import { type WeekSummary, weekSummaries } from './count-periods.ts'

/**
 * Stored revisions of a month or longer period up to which its weeks are counted too: that reads each of them
 * again, and a million take most of the function's time.
 */
export const mostForWeeks = 200_000

/** A public edition is compared with no earlier week. */
const weeksCompared = ({ period, cap }: Pick<Edition, 'period' | 'cap'>): readonly Period[] => {
  const [first] = weeksOf(period)
  return first && !isPublicCap(cap) ? periodsBefore(first, levelHistory) : []
}

/**
 * @param counted of the edition's own period
 * @param known summaries that were read before, by period id
 */
export const readLevel = async (
  edition: Edition & { readonly territory: TerritoryCode },
  asOf: string,
  {
    counted = noDetections,
    known = new Map(),
    watch,
    keep,
    isLarge = false,
  }: {
    readonly counted: LevelBasis | undefined
    readonly known?: ReadonlyMap<string, WeekSummary>
    readonly watch: SubjectWatch
    readonly keep: boolean
    /** Its weeks are not counted: see {@link mostForWeeks}. */
    readonly isLarge?: boolean
  },
  services: Services,
): Promise<PeriodLevel | undefined> => {
  const { territory, period, cap } = edition
  const alone = isPublicCap(cap) ? publicLevel : levelAlone
  if (isLarge) return asAtLeast(alone({ basis: counted, watch: watch.forLevel(territory, period) }))
  const before = weeksCompared(edition)
  const inside = ({ first, last }: Period): boolean => first >= period.first && last <= period.last
  const own = weeksOf(period).filter(
    (week) => hasBegun(week, territory, Date.parse(asOf)) && (period.cadence !== 'range' || inside(week)),
  )
  const isWeek = period.cadence === 'week'
  const read = [...before, ...(isWeek ? [] : own)].filter(({ id }) => !known.has(id))
  const summaries = new Map([
    ...known,
    ...(await weekSummaries(
      read.map((week) => ({ ...edition, period: week })),
      asOf,
      services,
      { keep },
    )),
  ])
  const printed = await printedLevels(edition, [...before, ...own], asOf, services)
  const weekIn = (week: Period): LevelWeek => ({
    basis: (week.id === period.id ? counted : summaries.get(week.id)?.level) ?? noDetections,
    watch: watch.forLevel(territory, week),
    printed: printed.get(week.id),
  })
  const weeks = [...before, ...own].map(weekIn)
  const { [territory]: floors } = services.organisation.floors ?? {}
  const levels = isPublicCap(cap)
    ? weeks.map(alone)
    : levelsOf(weeks, floors ?? floorsOf(territoryOf(territory).population))
  const hides = ({ id }: Period): boolean => summaries.get(id)?.isHiding === true
  if (!isWeek) {
    const counts = own.flatMap((week, at) => {
      const [level, summary] = [levels[before.length + at], summaries.get(week.id)]
      return level
        ? [
            {
              period: week.id,
              level,
              ...postsIn(week, summary, level.isWhole, watch),
              ...(hides(week) && { isHiding: true as const }),
            },
          ]
        : []
    })
    return { ...longerLevel(alone(weekIn(period)), counts), ...(own.some(hides) && { isHiding: true }) }
  }
  const level = levels.at(-1)
  const last = printed.get(before.at(-1)?.id ?? '') ?? levels.at(-2)
  return (
    level && {
      ...level,
      ...(last && { last: statedValue(last) }),
      ...(before.some(hides) && level.tests.length > 0 && { ofEditionAlone: true as const }),
    }
  )
}

/** The posts of a week as its own report has them. */
const postsIn = (
  week: Period,
  summary: WeekSummary | undefined,
  isWhole: boolean,
  watch: SubjectWatch,
): Pick<LevelOfWeek, 'posts' | 'isJoint'> => {
  const watched = watch.of(week)
  if (!summary) return { posts: watched ? (isWhole ? zero : asMinimum(zero)) : notWatched }
  const { posts } = watch.widen(week, { totals: totalsOf(summary, watched) }).totals
  return { posts, ...(summary.jointIn?.posts && { isJoint: true }) }
}

/** A level once printed stays the level of its week: what is known later may differ, or may have been removed. */
const printedLevels = async (
  { territory, cap }: Edition,
  weeks: readonly Period[],
  asOf: string,
  { reports }: Pick<Services, 'reports'>,
): Promise<ReadonlyMap<string, StoredLevel>> => {
  const wanted = new Map(weeks.map((week) => [week.id, boundsFor(week, territory).to]))
  const found = new Map<string, StoredLevel>()
  const [first, last] = [weeks[0], weeks.at(-1)]
  if (!first || !last) return found
  for await (const entry of reports.newest(territory, 'week', last.last)) {
    if (entry.period < first.id) break
    const end = wanted.get(entry.period) ?? Number.POSITIVE_INFINITY
    const { reconstructed, recalled, published } = entry
    const isOver = entry.asOf < asOf && Date.parse(entry.asOf) >= end
    const isCurrent = entry.cap === cap && isOver && !reconstructed && !(recalled && recalled.at <= asOf)
    const level = isCurrent ? published?.level : undefined
    if (level && !found.has(entry.period)) found.set(entry.period, level)
  }
  return found
}

/** Also knows the inputs of the weeks compared, which would change how those of the report's own periods read. */
export const watchOfLevels = async (
  edition: Edition,
  asOf: string,
  watch: SubjectWatch,
  { sources }: Pick<Services, 'sources'>,
): Promise<SubjectWatch> => {
  const { territory, cap } = edition
  const [first] = weeksCompared(edition)
  if (!first) return watch
  const from = new Date(boundsFor(first, territory).from).toISOString()
  return subjectWatch(await sources.asOf(asOf, from), { subject: territory, cap, asOf })
}
