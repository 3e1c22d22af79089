/** `vigie schedules`. */
import { type Command, Option } from 'commander'
import type { Schedule } from '../../../lambdas/domain/report/schedule.ts'
import { notEmpty, subjectAsked } from '../arguments.ts'
import { run } from '../run.ts'

export const scheduleCommands = (vigie: Command): void => {
  const schedules = vigie
    .command('schedules')
    .description('which reports come by themselves, and which of these a person has paused')
  schedules
    .command('list')
    .description('each territory’s, the nation’s and each group’s, by cadence')
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
  setting(schedules, 'pause', 'make no report of it when it is due; what is asked for is made all the same')
  setting(schedules, 'resume', 'make its reports again, from the next one on')
}

const setting = (schedules: Command, name: 'pause' | 'resume', description: string): void => {
  const command = schedules
    .command(name)
    .description(description)
    .argument('<what...>', 'territories or groups by code or name; all is the national edition')
    .addOption(new Option('--cadence <cadence...>', 'of which').choices(['week', 'month']).default(['week', 'month']))
    .requiredOption('--by <name>', 'who decides', notEmpty('--by', 'say who decides'))
    .requiredOption('--reason <text>', 'why', notEmpty('--reason'))
  if (name === 'pause')
    command.option('--until <day>', 'its last day there, such as 2024-06-30; then it goes on by itself')
  command.action(async (written: string[], { cadence: cadences, ...words }: Words, self: Command) => {
    const subjects = await Promise.all(written.map((one) => subjectAsked('what', one)))
    const { isOnRequest } = await import('../../../lambdas/domain/core/territory.ts')
    const wrong = subjects.find(isOnRequest)
    if (wrong !== undefined) self.error(`error: what: ${wrong} comes on request alone: it has no schedule`)
    const asked = subjects.flatMap((subject) => cadences.map((cadence): Schedule => ({ subject, cadence })))
    await run(`schedules ${name}`, self, async ({ services }) => {
      const { setSchedules } = await import('../schedule-lines.ts')
      return setSchedules(asked, { ...words, is: name === 'pause' ? 'paused' : 'made' }, services)
    })
  })
}

type Words = {
  readonly cadence: readonly Schedule['cadence'][]
  readonly by: string
  readonly reason: string
  readonly until?: string
}
