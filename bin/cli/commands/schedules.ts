import type { Command } from 'commander'
import type { ReportSchedule, Schedule } from '../../../lambdas/domain/report/schedule.ts'
import { subjectAsked } from '../arguments.ts'
import { command, group } from '../table.ts'
import { argument, author, flag, option } from '../words.ts'

const setting = {
  written: argument(
    '<what...>',
    'territories or groups by code or name; all is the national edition; plates is the removal of old pictures',
  ),
  cadences: option('--cadence <cadence...>', 'cadence of the reports').oneOf(['week', 'month']).or(['week', 'month']),
  by: author('author', 'name who decides').needed(),
  reason: option('--reason <text>', 'why').filled().needed(),
}

export const scheduleCommands = [
  group('schedules', 'what runs automatically, and what of it is paused'),
  command('schedules list', {
    description: 'scheduled reports by territory, nation and group, and the removal of old pictures',
    takes: { paused: flag('--paused', 'only paused ones') },
    run: async ({ paused }, { services }) => {
      const { listedSchedule, scheduleTable } = await import('../output/schedule-lines.ts')
      const { everySchedule, settingOf } = await import('../../../lambdas/domain/report/schedule.ts')
      const settings = await services.schedules.all()
      const now = services.clock().getTime()
      const all = everySchedule.map((one) => listedSchedule(settingOf(settings, one), now))
      const value = paused ? all.filter(({ state }) => state === 'paused') : all
      return { value, lines: scheduleTable(value) }
    },
  }),
  command('schedules pause', {
    description: 'pause scheduled reports; reports on demand are still made',
    takes: {
      ...setting,
      until: option('--until <day>', 'last day of the pause, such as 2024-06-30; then it resumes'),
    },
    check: async ({ written, cadences, ...words }, self) => ({
      schedules: await schedulesAsked(written, cadences, self),
      words: { ...words, is: 'paused' } as const,
    }),
    run: async ({ schedules, words }, { services }) =>
      (await import('../output/schedule-lines.ts')).setSchedules(schedules, words, services),
  }),
  command('schedules resume', {
    description: 'resume scheduled reports',
    takes: setting,
    check: async ({ written, cadences, ...words }, self) => ({
      schedules: await schedulesAsked(written, cadences, self),
      words: { ...words, is: 'made' } as const,
    }),
    run: async ({ schedules, words }, { services }) =>
      (await import('../output/schedule-lines.ts')).setSchedules(schedules, words, services),
  }),
]

const schedulesAsked = async (
  written: readonly string[],
  cadences: readonly ReportSchedule['cadence'][],
  self: Command,
): Promise<readonly Schedule[]> => {
  const { plateExpiry } = await import('../../../lambdas/domain/report/schedule.ts')
  const { isOnRequest } = await import('../../../lambdas/domain/core/place/territory.ts')
  const named = written.filter((one) => one !== plateExpiry.subject)
  const subjects = await Promise.all(named.map((one) => subjectAsked('what', one)))
  const wrong = subjects.find(isOnRequest)
  if (wrong !== undefined) self.error(`error: what: ${wrong} comes on request alone: it has no schedule`)
  const reports = subjects.flatMap((subject) => cadences.map((cadence): ReportSchedule => ({ subject, cadence })))
  return named.length < written.length ? [...reports, plateExpiry] : reports
}
