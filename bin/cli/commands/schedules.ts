/** `vigie schedules`. */
import { type Command, Option } from 'commander'
import type { ReportSchedule, Schedule } from '../../../lambdas/domain/report/schedule.ts'
import { notEmpty, subjectAsked } from '../arguments.ts'
import { run } from '../run.ts'

export const scheduleCommands = (vigie: Command): void => {
  const schedules = vigie.command('schedules').description('what comes by itself, and what of it a person has paused')
  schedules
    .command('list')
    .description('each territory’s report, the nation’s and each group’s, by cadence; and the removal of old pictures')
    .option('--paused', 'those that are paused now alone', false)
    .action(async ({ paused }: { paused: boolean }, command: Command) =>
      run('schedules list', command, async ({ services }) => {
        const { listedSchedule, scheduleTable } = await import('../schedule-lines.ts')
        const { everySchedule, settingOf } = await import('../../../lambdas/domain/report/schedule.ts')
        const settings = await services.schedules.all()
        const now = services.clock().getTime()
        const all = everySchedule.map((one) => listedSchedule(settingOf(settings, one), now))
        const value = paused ? all.filter(({ state }) => state === 'paused') : all
        return { value, lines: scheduleTable(value) }
      }),
    )
  setting(schedules, 'pause', 'do nothing when it is due; what is asked for is made all the same')
  setting(schedules, 'resume', 'do it again, from the next time on')
}

const setting = (schedules: Command, name: 'pause' | 'resume', description: string): void => {
  const command = schedules
    .command(name)
    .description(description)
    .argument(
      '<what...>',
      'territories or groups by code or name; all is the national edition; plates is the removal of old pictures',
    )
    .addOption(
      new Option('--cadence <cadence...>', 'of which reports').choices(['week', 'month']).default(['week', 'month']),
    )
    .requiredOption('--by <name>', 'who decides', notEmpty('--by', 'say who decides'))
    .requiredOption('--reason <text>', 'why', notEmpty('--reason'))
  if (name === 'pause')
    command.option('--until <day>', 'its last day there, such as 2024-06-30; then it goes on by itself')
  command.action(async (written: string[], { cadence: cadences, ...words }: Words, self: Command) => {
    const { plateExpiry } = await import('../../../lambdas/domain/report/schedule.ts')
    const { isOnRequest } = await import('../../../lambdas/domain/core/place/territory.ts')
    const beside = written.includes(plateExpiry.subject) ? [plateExpiry] : []
    const named = written.filter((one) => one !== plateExpiry.subject)
    const subjects = await Promise.all(named.map((one) => subjectAsked('what', one)))
    const wrong = subjects.find(isOnRequest)
    if (wrong !== undefined) self.error(`error: what: ${wrong} comes on request alone: it has no schedule`)
    const reports = subjects.flatMap((subject) => cadences.map((cadence): ReportSchedule => ({ subject, cadence })))
    const asked: readonly Schedule[] = [...reports, ...beside]
    await run(`schedules ${name}`, self, async ({ services }) => {
      const { setSchedules } = await import('../schedule-lines.ts')
      return setSchedules(asked, { ...words, is: name === 'pause' ? 'paused' : 'made' }, services)
    })
  })
}

type Words = {
  readonly cadence: readonly ReportSchedule['cadence'][]
  readonly by: string
  readonly reason: string
  readonly until?: string
}
