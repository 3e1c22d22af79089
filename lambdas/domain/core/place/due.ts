/** When reports leave by themselves: half past six in the morning after their period, where they are read. */
import { Temporal } from 'temporal-polyfill'
import { type Period, parsePeriod, type ScheduledCadence, scheduledCadences, weekOf } from '../time/period.ts'
import { lastCompleteFor } from './subject.ts'
import { isGroup, type SubjectCode, subjectOf, subjectsDue, type TerritoryCode, territories } from './territory.ts'

/** Half past six: before the prefect's morning, and at an hour that no zone here skips or repeats. */
export const leavingTime = { hour: 6, minute: 30 } as const

/** What reports come by themselves: of which territories, of which cadences. */
export type Scheduled = {
  readonly territories: readonly TerritoryCode[]
  readonly cadences: readonly ScheduledCadence[]
}

/** Of every territory, each week and month: what a house has that sets nothing else. */
export const everyReport: Scheduled = {
  territories: territories.map(({ code }) => code),
  cadences: scheduledCadences,
}

export type Due = {
  readonly subject: SubjectCode
  readonly cadence: ScheduledCadence
  readonly period: Period
  /** Milliseconds since 1970 UTC. */
  readonly at: number
}

/**
 * When the report of a period leaves, in milliseconds since 1970 UTC: on the day after it, in the territory's time; of
 * a group a day later, when every territory's own report has been due.
 */
export const leavesAt = ({ last }: Pick<Period, 'last'>, code: SubjectCode): number =>
  Temporal.PlainDate.from(last)
    .add({ days: isGroup(code) ? 2 : 1 })
    .toZonedDateTime({ timeZone: subjectOf(code).zone, plainTime: Temporal.PlainTime.from(leavingTime) })
    .epochMilliseconds

/** The next report of each subject and cadence that leaves after an instant; the earliest first. */
export const dueNext = ({ territories, cadences }: Scheduled, now: number): readonly Due[] =>
  subjectsDue(territories)
    .flatMap((subject) => cadences.map((cadence) => dueOf({ subject, cadence }, now)))
    .sort((one, other) => one.at - other.at)

/** The next report of one schedule that leaves after an instant. */
export const dueOf = ({ subject, cadence }: Pick<Due, 'subject' | 'cadence'>, now: number): Due => {
  const complete = lastCompleteFor(cadence, subject, now)
  const isAhead = leavesAt(complete, subject) > now
  const period = isAhead ? complete : following(complete, cadence)
  return { subject, cadence, period, at: leavesAt(period, subject) }
}

/** The week or month right after. */
export const following = ({ last }: Pick<Period, 'last'>, cadence: ScheduledCadence): Period => {
  const day = Temporal.PlainDate.from(last).add({ days: 1 }).toString()
  return cadence === 'week' ? weekOf(day) : parsePeriod(day.slice(0, 7))
}
