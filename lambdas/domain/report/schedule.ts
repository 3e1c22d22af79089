/** Pauses of schedules. A paused schedule still fires, but does nothing. */
import * as z from 'zod'
import { leavesAt } from '../core/place/due.ts'
import { type SubjectCode, subjectOf, subjects } from '../core/place/territory.ts'
import { nameSchema, printable } from '../core/text/printable.ts'
import { dayIn, type Period, type ScheduledCadence, scheduledCadences } from '../core/time/period.ts'

export type ReportSchedule = { readonly subject: SubjectCode; readonly cadence: ScheduledCadence }

/** The daily deletion, by UTC, of evidence images past their retention. */
export const plateExpiry = { subject: 'plates', cadence: 'day' } as const

export type Schedule = ReportSchedule | typeof plateExpiry

export const isReportSchedule = <Some extends Schedule>(one: Some): one is Some & ReportSchedule =>
  one.subject !== plateExpiry.subject

/** Returns the time zone in which a pause's days are counted. */
export const zoneOf = ({ subject }: Schedule): string =>
  subject === plateExpiry.subject ? 'UTC' : subjectOf(subject).zone

export const turnSchema = z.strictObject({
  is: z.enum(['paused', 'made']),
  /** ISO instant from which it holds. */
  at: z.iso.datetime(),
  by: nameSchema,
  reason: printable(300),
  /** Last day of a pause, in the schedule's zone; the schedule then resumes. */
  until: z.iso.date().optional(),
})

export type Turn = z.output<typeof turnSchema>

type Turned = { readonly turns: readonly Turn[] }

/** A schedule with all its turns, oldest first. */
export type ScheduleSetting = Schedule & Turned

const isSame = (one: Schedule, { subject, cadence }: Schedule): boolean =>
  one.subject === subject && one.cadence === cadence

export const settingOf = <Some extends Schedule>(
  settings: readonly ScheduleSetting[],
  schedule: Some,
): Some & Turned => ({
  ...schedule,
  turns: settings.find((one) => isSame(one, schedule))?.turns ?? [],
})

/** @param instant in milliseconds */
export const pauseAt = (setting: ScheduleSetting, instant: number): Turn | undefined => {
  const turn = setting.turns.findLast(({ at }) => Date.parse(at) <= instant)
  if (turn?.is !== 'paused') return undefined
  const { until } = turn
  return until === undefined || dayIn(instant, zoneOf(setting)) <= until ? turn : undefined
}

export const pauseOf = (settings: readonly ScheduleSetting[], schedule: Schedule, instant: number): Turn | undefined =>
  pauseAt(settingOf(settings, schedule), instant)

/**
 * Returns the pause in force when the report's schedule fired. A later pause excuses no earlier delay, and a restart
 * makes no skipped report late.
 */
export const pauseFor = (
  settings: readonly ScheduleSetting[],
  { subject, period }: { readonly subject: SubjectCode; readonly period: Pick<Period, 'cadence' | 'last'> },
): Turn | undefined => {
  const cadence = scheduledCadences.find((one) => one === period.cadence)
  return cadence && pauseOf(settings, { subject, cadence }, leavesAt(period, subject))
}

export const asSetBy = (settings: readonly ScheduleSetting[], instant: string): readonly ScheduleSetting[] =>
  settings.map(({ turns, ...schedule }) => ({ ...schedule, turns: turns.filter(({ at }) => at <= instant) }))

export const everySchedule: readonly Schedule[] = [
  ...subjects.flatMap(({ code }) => scheduledCadences.map((cadence) => ({ subject: code, cadence }))),
  plateExpiry,
]

/** `NC/week`, `plates/day` */
export const scheduleId = ({ subject, cadence }: Schedule): string => `${subject}/${cadence}`

export const scheduleIn = (id: string): Schedule | undefined => everySchedule.find((one) => scheduleId(one) === id)
