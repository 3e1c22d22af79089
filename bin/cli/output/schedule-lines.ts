import { faultText as textOf } from '../../../lambdas/domain/core/fault-text.ts'
import { dueOf } from '../../../lambdas/domain/core/place/due.ts'
import { subjectOf } from '../../../lambdas/domain/core/place/territory.ts'
import { nextExpiry } from '../../../lambdas/domain/plate/retention.ts'
import {
  isReportSchedule,
  pauseAt,
  type Schedule,
  scheduleId,
  type ScheduleSetting,
} from '../../../lambdas/domain/report/schedule.ts'
import {
  type NotSet,
  type ScheduleAsked,
  setSchedule,
} from '../../../lambdas/usecases/reports/schedules/set-schedule.ts'
import type { Services } from '../../../lambdas/usecases/services.ts'
import type { ListedSchedule } from '../answers.ts'
import { plainTable } from './tables.ts'
import { byWhom, say } from './terminal.ts'

export const listedSchedule = (setting: ScheduleSetting, now: number): ListedSchedule => ({
  ...setting,
  state: pauseAt(setting, now) ? 'paused' : 'made',
  next: new Date(isReportSchedule(setting) ? dueOf(setting, now).at : nextExpiry(now)).toISOString(),
})

export const scheduleTable = (schedules: readonly ListedSchedule[]): readonly string[] =>
  plainTable(
    ['What', 'Cadence', 'State', 'Next due (UTC)', 'By', 'Until', 'Why'],
    schedules.map(({ subject, cadence, state, next, turns }) => {
      const turn = state === 'paused' ? turns.at(-1) : undefined
      const { by = '', until = '', reason = '' } = turn ?? {}
      return [subject, cadence, state, next.slice(0, 16).replace('T', ' '), by, until, reason]
    }),
  )

/** A schedule already in this state is no failure. */
export const setSchedules = async (
  asked: readonly Schedule[],
  words: ScheduleAsked,
  services: Pick<Services, 'schedules' | 'history' | 'clock'>,
) => {
  const value: ListedSchedule[] = []
  let ok = true
  for (const schedule of asked) {
    const seen = await services.schedules.get(schedule)
    const set = await setSchedule(seen, words, services)
    const isSame = 'fault' in set && set.fault === 'same'
    if ('fault' in set) {
      const by = (await services.schedules.get(schedule)).turns.at(-1)?.by
      say(`${scheduleId(schedule)}: ${faultText(set, words.is, by)}`)
    }
    if ('fault' in set && !isSame) ok = false
    else value.push(listedSchedule('fault' in set ? seen : set, services.clock().getTime()))
  }
  return { ok, value, lines: value.map(lineOf) }
}

/** @param by author of the last change */
const faultText = (failed: NotSet, is: ScheduleAsked['is'], by: string | undefined): string => {
  if (failed.fault === 'words') return `${failed.field}: ${textOf(failed.reason)}`
  return failed.fault === 'same'
    ? `it is ${is} already${byWhom(by)}`
    : `${by ?? 'another user'} changed it first: see vigie schedules list, then repeat`
}

const lineOf = (listed: ListedSchedule): string => {
  const { state, turns } = listed
  const until = state === 'paused' ? turns.at(-1)?.until : undefined
  const name = isReportSchedule(listed)
    ? `${subjectOf(listed.subject).name.en}, each ${listed.cadence}`
    : 'removal of pictures whose time is over, each day'
  return `${name}: ${state}${until === undefined ? '' : ` until ${until}`}`
}
