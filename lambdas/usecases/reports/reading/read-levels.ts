/** Reads the levels of an edition's territories: their weeks, and those that they are compared with. */
import {
  asAtLeast,
  type LevelBasis,
  type LevelWeek,
  levelAlone,
  levelHistory,
  levelsOf,
  longerLevel,
  noDetections,
  type PeriodLevel,
  publicLevel,
  statedValue,
  floorsOf,
} from '../../../domain/aggregate/level/level.ts'
import { subjectWatch, type SubjectWatch } from '../../../domain/aggregate/subject-watch.ts'
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
  const weekIn = (week: Period): LevelWeek => ({
    basis: (week.id === period.id ? counted : summaries.get(week.id)?.level) ?? noDetections,
    watch: watch.forLevel(territory, week),
  })
  const weeks = [...before, ...own].map(weekIn)
  const { [territory]: floors } = services.organisation.floors ?? {}
  const levels = isPublicCap(cap)
    ? weeks.map(alone)
    : levelsOf(weeks, floors ?? floorsOf(territoryOf(territory).population))
  if (!isWeek) {
    const ofWeeks = levels.slice(before.length).map((level, at) => ({ ...level, period: own[at]?.id ?? '' }))
    const isHiding = own.some(({ id }) => summaries.get(id)?.isHiding)
    return { ...longerLevel(alone(weekIn(period)), ofWeeks), ...(isHiding && { isHiding }) }
  }
  const [last, level] = [levels.at(-2), levels.at(-1)]
  const isHiding = before.some(({ id }) => summaries.get(id)?.isHiding)
  return (
    level && {
      ...level,
      ...(last && { last: statedValue(last) }),
      ...(isHiding && level.tests.length > 0 && { ofEditionAlone: true as const }),
    }
  )
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
