/**
 * A person pauses a schedule or lets it continue: looked at first, and written over what was seen.
 */
import { type Caller, mayDo, subjectsFor } from '../../../domain/access/caller.ts'
import { type Fault, fault } from '../../../domain/core/fault.ts'
import { refusalOf } from '../../../domain/core/schema-fault.ts'
import { dayIn } from '../../../domain/core/time/period.ts'
import {
  isReportSchedule,
  pauseAt,
  type Schedule,
  type ScheduleSetting,
  type Turn,
  turnSchema,
  zoneOf,
} from '../../../domain/report/schedule.ts'
import type { Services } from '../../services.ts'

export type ScheduleServices = Pick<Services, 'schedules' | 'clock'>

export type ScheduleAsked = Pick<Turn, 'is' | 'by' | 'reason'> & { readonly until?: string | undefined }

/**
 * *same*: it is so already. *changed*: somebody was faster. The message of *words* names the field, and what it takes.
 */
export type NotSet =
  | { readonly fault: 'same' | 'changed' }
  | { readonly fault: 'words'; readonly field: keyof Turn; readonly reason: Fault }

/** Of the subjects of whom somebody has every territory; what belongs to none is set by who has the nation's. */
export const maySetSchedule = (caller: Caller, schedule: Schedule): boolean =>
  mayDo(caller, 'house:write') && subjectsFor(caller).includes(isReportSchedule(schedule) ? schedule.subject : 'ALL')

/** The turn that would be added. Nothing is written. */
export const trySchedule = (setting: ScheduleSetting, asked: ScheduleAsked, now: Date): Turn | NotSet => {
  const { until, ...words } = asked
  const read = turnSchema.safeParse({
    ...words,
    // Two within one millisecond would be one.
    at: after(setting.turns.at(-1), now).toISOString(),
    ...(asked.is === 'paused' && until !== undefined && until !== '' && { until }),
  })
  if (!read.success) {
    const refusal = refusalOf(read.error)
    return { fault: 'words', field: refusal.path as keyof Turn, reason: refusal }
  }
  const turn = read.data
  if (turn.until !== undefined && turn.until < dayIn(now.getTime(), zoneOf(setting))) {
    return { fault: 'words', field: 'until', reason: fault('schedule.past') }
  }
  const currentPause = pauseAt(setting, now.getTime())
  const isSame =
    turn.is === 'made' ? currentPause === undefined : currentPause !== undefined && currentPause.until === turn.until
  return isSame ? { fault: 'same' } : turn
}

const after = (last: Turn | undefined, now: Date): Date =>
  last && Date.parse(last.at) >= now.getTime() ? new Date(Date.parse(last.at) + 1) : now

/** @param seen what it was decided on: where another turn has come since, nothing is written */
export const setSchedule = async (
  seen: ScheduleSetting,
  asked: ScheduleAsked,
  { schedules, clock }: ScheduleServices,
): Promise<ScheduleSetting | NotSet> => {
  const turn = trySchedule(seen, asked, clock())
  if ('fault' in turn) return turn
  if (!(await schedules.add(seen, turn))) return { fault: 'changed' }
  return { ...seen, turns: [...seen.turns, turn] }
}
