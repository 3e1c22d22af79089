/** Whether a report that is due is made: what persons have set for its schedule, turn by turn. Every schedule stays; one that is paused makes nothing when it fires. */
import * as z from 'zod'
import { dayIn, type Period, type ScheduledCadence, scheduledCadences } from '../core/period.ts'
import { nameSchema, printable } from '../core/printable.ts'
import { type SubjectCode, subjectOf, subjects } from '../core/territory.ts'
import { leavesAt } from './due.ts'

/** What comes by itself: a territory's or the nation's report, or a group's that recipients wait for; each week or month. */
export type Schedule = { readonly subject: SubjectCode; readonly cadence: ScheduledCadence }

/** What a person set, from an instant on. */
export const turnSchema = z.strictObject({
  is: z.enum(['paused', 'made']),
  /** ISO instant from which it holds. */
  at: z.iso.datetime(),
  by: nameSchema,
  reason: printable(300),
  /** Of a pause: its last day, in the subject's zone; then the schedule goes on by itself. */
  until: z.iso.date().optional(),
})

export type Turn = z.output<typeof turnSchema>

/** A schedule with all that was set of it, the oldest first; of one that nobody has touched there is none. */
export type ScheduleSetting = Schedule & { readonly turns: readonly Turn[] }

const isSame = (one: Schedule, { subject, cadence }: Schedule): boolean =>
  one.subject === subject && one.cadence === cadence

export const settingOf = (settings: readonly ScheduleSetting[], schedule: Schedule): ScheduleSetting =>
  settings.find((one) => isSame(one, schedule)) ?? { ...schedule, turns: [] }

/** The pause that holds at an instant, in milliseconds; undefined where the schedule makes its report. */
export const pauseAt = ({ subject, turns }: ScheduleSetting, instant: number): Turn | undefined => {
  const turn = turns.findLast(({ at }) => Date.parse(at) <= instant)
  if (turn?.is !== 'paused') return undefined
  const { until } = turn
  return until === undefined || dayIn(instant, subjectOf(subject).zone) <= until ? turn : undefined
}

export const pauseOf = (settings: readonly ScheduleSetting[], schedule: Schedule, instant: number): Turn | undefined =>
  pauseAt(settingOf(settings, schedule), instant)

/**
 * The pause for which the report of a period did not come by itself: as it was set when the schedule fired. A pause of later does not
 * excuse what was late before it, and going on does not make late what was passed over.
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

/** All that can come by itself, in the fixed order of subjects. */
export const everySchedule: readonly Schedule[] = subjects.flatMap(({ code }) =>
  scheduledCadences.map((cadence) => ({ subject: code, cadence })),
)

/** `NC/week` */
export const scheduleId = ({ subject, cadence }: Schedule): string => `${subject}/${cadence}`

/** The schedule that an id names; undefined where it is none. */
export const scheduleIn = (id: string): Schedule | undefined => everySchedule.find((one) => scheduleId(one) === id)
