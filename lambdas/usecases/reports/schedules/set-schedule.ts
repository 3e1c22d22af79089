/** Pauses or resumes a schedule, if its state is still the one shown. */
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

type ScheduleServices = Pick<Services, 'schedules' | 'clock'>

export type ScheduleAsked = Pick<Turn, 'is' | 'by' | 'reason'> & { readonly until?: string | undefined }

/** *same*: already in that state. *changed*: a concurrent edit. *words*: an invalid field. */
export type NotSet =
  | { readonly fault: 'same' | 'changed' }
  | { readonly fault: 'words'; readonly field: keyof Turn; readonly reason: Fault }

/** Requires all territories of the subject, or of the national edition for a schedule without a subject. */
export const maySetSchedule = (caller: Caller, schedule: Schedule): boolean =>
  mayDo(caller, 'house:write') && subjectsFor(caller).includes(isReportSchedule(schedule) ? schedule.subject : 'ALL')

/** Returns the turn that would be added. Writes nothing. */
export const trySchedule = (setting: ScheduleSetting, asked: ScheduleAsked, now: Date): Turn | NotSet => {
  const { until, ...words } = asked
  const read = turnSchema.safeParse({
    ...words,
    // Two turns in the same millisecond would become one.
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

/** @param seen shown state; nothing is written if it has changed since */
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
