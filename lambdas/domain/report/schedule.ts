/**
 * Whether what is due is done: what persons have set for its schedule, turn by turn. Every schedule stays; one that is
 * paused does nothing when it fires.
 */
import * as z from 'zod'
import { leavesAt } from '../core/place/due.ts'
import { type SubjectCode, subjectOf, subjects } from '../core/place/territory.ts'
import { nameSchema, printable } from '../core/text/printable.ts'
import { dayIn, type Period, type ScheduledCadence, scheduledCadences } from '../core/time/period.ts'

/**
 * A report that comes by itself: a territory's or the nation's, or a group's that recipients wait for; each week or
 * month.
 */
export type ReportSchedule = { readonly subject: SubjectCode; readonly cadence: ScheduledCadence }

/** The look for pictures that were kept as long as the house keeps them: each day, by universal time. */
export const plateExpiry = { subject: 'plates', cadence: 'day' } as const

/** What comes by itself. */
export type Schedule = ReportSchedule | typeof plateExpiry

export const isReportSchedule = <Some extends Schedule>(one: Some): one is Some & ReportSchedule =>
  one.subject !== plateExpiry.subject

/** Whose days a pause is counted in. */
export const zoneOf = ({ subject }: Schedule): string =>
  subject === plateExpiry.subject ? 'UTC' : subjectOf(subject).zone

/** What a person set, from an instant on. */
export const turnSchema = z.strictObject({
  is: z.enum(['paused', 'made']),
  /** ISO instant from which it holds. */
  at: z.iso.datetime(),
  by: nameSchema,
  reason: printable(300),
  /** Of a pause: its last day, in the schedule's zone; then it goes on by itself. */
  until: z.iso.date().optional(),
})

export type Turn = z.output<typeof turnSchema>

type Turned = { readonly turns: readonly Turn[] }

/** A schedule with all that was set of it, the oldest first; of one that nobody has touched there is none. */
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

/** The pause that holds at an instant, in milliseconds; undefined where the schedule does its work. */
export const pauseAt = (setting: ScheduleSetting, instant: number): Turn | undefined => {
  const turn = setting.turns.findLast(({ at }) => Date.parse(at) <= instant)
  if (turn?.is !== 'paused') return undefined
  const { until } = turn
  return until === undefined || dayIn(instant, zoneOf(setting)) <= until ? turn : undefined
}

export const pauseOf = (settings: readonly ScheduleSetting[], schedule: Schedule, instant: number): Turn | undefined =>
  pauseAt(settingOf(settings, schedule), instant)

/**
 * The pause for which the report of a period did not come by itself: as it was set when the schedule fired. A pause of
 * later does not excuse what was late before it, and going on does not make late what was passed over.
 */
export const pauseFor = (
  settings: readonly ScheduleSetting[],
  { subject, period }: { readonly subject: SubjectCode; readonly period: Pick<Period, 'cadence' | 'last'> },
): Turn | undefined => {
  const cadence = scheduledCadences.find((one) => one === period.cadence)
  return cadence && pauseOf(settings, { subject, cadence }, leavesAt(period, subject))
}

/** What had been set by an ISO instant. */
export const asSetBy = (settings: readonly ScheduleSetting[], instant: string): readonly ScheduleSetting[] =>
  settings.map(({ turns, ...schedule }) => ({ ...schedule, turns: turns.filter(({ at }) => at <= instant) }))

/** All that can come by itself: reports in the fixed order of subjects, and what is done beside. */
export const everySchedule: readonly Schedule[] = [
  ...subjects.flatMap(({ code }) => scheduledCadences.map((cadence) => ({ subject: code, cadence }))),
  plateExpiry,
]

/** `NC/week`, `plates/day` */
export const scheduleId = ({ subject, cadence }: Schedule): string => `${subject}/${cadence}`

/** The schedule that an id names; undefined where it is none. */
export const scheduleIn = (id: string): Schedule | undefined => everySchedule.find((one) => scheduleId(one) === id)
