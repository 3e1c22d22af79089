/** A conclusion for each week of a month, and for each month of a longer period. */
import { type LevelOfWeek, rankOf } from '../../aggregate/level/level.ts'
import { gravestReading } from '../../aggregate/level/reading.ts'
import { addedTotal, adder, takeTotal } from '../../core/figures.ts'
import { capitalised } from '../../core/language/language.ts'
import type { ReportWording } from '../../core/language/report-wording.ts'
import { daysOf, parsePeriod } from '../../core/time/period.ts'
import type { Facts } from '../../report/facts.ts'
import { levelMark } from '../words/level-words.ts'
import { weekName } from '../words/phrases.ts'

export type SubPeriods = NonNullable<ReturnType<typeof subPeriodsOf>>

/** Null for a week. */
export const subPeriodsOf = ({ period: { cadence }, level }: Facts, words: ReportWording) => {
  const weeks = level?.weeks?.each ?? []
  if (cadence === 'week' || weeks.length === 0) return null
  const isMonth = cadence === 'month' || weeks.length <= mostWeeks
  const rows = isMonth
    ? weeks.map((week) => rowOf(weekName(week.period, words), [week], words))
    : [...Map.groupBy(weeks, monthOf)].map(([month, own]) => rowOf(capitalised(words.month(month)), own, words))
  return {
    title: words.say('sub', { of: isMonth ? 'week' : 'month' }),
    note: words.say('sub.note', {
      isOwn: level?.weeks?.gravest === undefined && typeof level?.value === 'number' ? 'yes' : 'no',
    }),
    rows,
  }
}

/** More are shown by month. */
const mostWeeks = 6

/** ISO 8601: of the week's Thursday. */
const monthOf = ({ period }: LevelOfWeek): string => daysOf(parsePeriod(period))[3]?.slice(0, 7) ?? ''

const rowOf = (name: string, weeks: readonly LevelOfWeek[], words: ReportWording) => {
  const [gravest] = weeks.toSorted((a, b) => rankOf(b.value) - rankOf(a.value))
  const detections = weeks.reduce((sum, week) => sum + week.detections, 0)
  return {
    name,
    level: gravest ? levelMark(gravest, words).spoken : '',
    detections: words.total({
      value: detections,
      qualifier: weeks.some(({ isAtLeast }) => isAtLeast) ? 'at least' : 'exact',
    }),
    posts: postsText(weeks, words),
    conclusion: words.say('sub.conclusion', {
      effect: typeof gravest?.value === 'string' ? 'unknown' : (gravest?.claim?.is ?? 'none'),
      detections,
      reading: gravestReading(weeks.map(({ reading }) => reading)),
      week: weeks.length > 1 && gravest && rankOf(gravest.value) > 0 ? weekName(gravest.period, words) : 'none',
    }),
  }
}

const postsText = (weeks: readonly LevelOfWeek[], words: ReportWording): string => {
  const sum = adder()
  for (const { posts } of weeks) takeTotal(sum, posts)
  const total = weeks.length === 1 && weeks[0] ? weeks[0].posts : addedTotal(sum)
  return `${words.total(total)}${weeks.some(({ isJoint }) => isJoint) ? words.say('sub.joint') : ''}`
}
