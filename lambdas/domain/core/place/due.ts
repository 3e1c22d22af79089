import { Temporal } from 'temporal-polyfill'
import { type Period, parsePeriod, type ScheduledCadence, scheduledCadences, weekOf } from '../time/period.ts'
import { lastCompleteFor } from './subject.ts'
import { isGroup, type SubjectCode, subjectOf, subjectsDue, type TerritoryCode, territories } from './territory.ts'

/** Before the prefect's morning; no zone here skips or repeats it. */
export const leavingTime = { hour: 6, minute: 30 } as const

export type Scheduled = {
  readonly territories: readonly TerritoryCode[]
  readonly cadences: readonly ScheduledCadence[]
}

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
 * Returns when a report is sent, in milliseconds since 1970 UTC. A group's report follows a day after those of its
 * territories.
 */
export const leavesAt = ({ last }: Pick<Period, 'last'>, code: SubjectCode): number =>
  Temporal.PlainDate.from(last)
    .add({ days: isGroup(code) ? 2 : 1 })
    .toZonedDateTime({ timeZone: subjectOf(code).zone, plainTime: Temporal.PlainTime.from(leavingTime) })
    .epochMilliseconds

/** Earliest first. */
export const dueNext = ({ territories, cadences }: Scheduled, now: number): readonly Due[] =>
  subjectsDue(territories)
    .flatMap((subject) => cadences.map((cadence) => dueOf({ subject, cadence }, now)))
    .sort((one, other) => one.at - other.at)

export const dueOf = ({ subject, cadence }: Pick<Due, 'subject' | 'cadence'>, now: number): Due => {
  const complete = lastCompleteFor(cadence, subject, now)
  const isAhead = leavesAt(complete, subject) > now
  const period = isAhead ? complete : following(complete, cadence)
  return { subject, cadence, period, at: leavesAt(period, subject) }
}

export const following = ({ last }: Pick<Period, 'last'>, cadence: ScheduledCadence): Period => {
  const day = Temporal.PlainDate.from(last).add({ days: 1 }).toString()
  return cadence === 'week' ? weekOf(day) : parsePeriod(day.slice(0, 7))
}
