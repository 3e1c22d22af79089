import { Command } from 'commander'
import program from '../../package.json' with { type: 'json' }
import { archiveCommands } from './commands/archive.ts'
import { deliveryCommands } from './commands/deliveries.ts'
import { demoCommands } from './commands/demo.ts'
import { detectCommands } from './commands/detect.ts'
import { detectionsCommands } from './commands/detections.ts'
import { faultsCommands } from './commands/faults.ts'
import { flashCommands } from './commands/flash.ts'
import { inboxCommands } from './commands/inbox.ts'
import { ingestCommands } from './commands/ingest.ts'
import { intakeCommands } from './commands/intake.ts'
import { noteCommands } from './commands/note.ts'
import { plateCommands } from './commands/plates.ts'
import { recipientCommands } from './commands/recipients.ts'
import { reportCommands } from './commands/report.ts'
import { scheduleCommands } from './commands/schedules.ts'
import { serveCommands } from './commands/serve.ts'
import { sourceCommands } from './commands/sources.ts'
import { tokenCommands } from './commands/tokens.ts'
import { upkeepCommands } from './commands/upkeep.ts'
import { nameIn } from './home/remembered-name.ts'
import { addCommands } from './table.ts'
import { authors } from './words.ts'

/** The commands of the README, which the short help shows. */
const groups: Readonly<Record<string, string>> = {
  ...{ demo: 'Start and check:', serve: 'Start and check:', doctor: 'Start and check:' },
  ...{ ingest: 'Detections:', detect: 'Detections:' },
  ...{ report: 'Reports:', weekly: 'Reports:', recipients: 'Reports:' },
}

/** @param whole its help lists every command */
export const vigieCommand = ({ whole = false } = {}): Command => {
  const vigie = new Command('vigie')
    .description(
      'Periodic threat reports on foreign information manipulation, one for each territory and one for all of them.',
    )
    .version(program.version)
    .option('--home <folder>', 'the data folder: store and archive', process.env.VIGIE_HOME || '.vigie')
    .option(
      '--templates <folder>',
      'folder of custom page templates, with the layout of templates/; missing files are the built-in ones',
    )
    .option(
      '--stage <name>',
      'work on a deployed stage (docs/aws.md), with the vigie.json of the data folder',
      process.env.VIGIE_STAGE || undefined,
    )
    .option('--json', 'print one JSON value and nothing else on standard output', false)
    // Handled before the arguments of the command are parsed (main.ts).
    .option('--schema', 'only print the JSON Schema of the command’s --json answer; without a command, of all answers')
    .helpCommand(false)
    // Long option names leave fewer columns than commander's default minimum.
    .configureHelp({ minWidthToWrap: 20 })
    .showHelpAfterError('(vigie help all lists the commands, vigie COMMAND --help shows the arguments of one)')
    .exitOverride()
    .addHelpText(
      'after',
      `
A territory is NC, PF, WF, GP, MQ, GF, BL, MF, PM, RE, YT, TF or COR, or its
ISO 3166-2 code or name. A report may be about several: all, overseas, antilles,
pacific or indian-ocean.
A period is 2024-W20, 2024-05, 2024-Q2, 2024 or 2024-05-13--2024-05-19, in the
territory's own days.
Exit code: 0 done, 1 something was rejected or failed (what could be done is
done), 2 wrong usage.

vigie help all lists every command, such as vigie inbox list: what waits for an
analyst.`,
    )

  addCommands(vigie, [
    ...demoCommands,
    ...ingestCommands,
    ...inboxCommands,
    ...intakeCommands,
    ...detectCommands,
    ...detectionsCommands,
    ...reportCommands,
    ...flashCommands,
    ...noteCommands,
    ...plateCommands,
    ...scheduleCommands,
    ...sourceCommands,
    ...recipientCommands,
    ...deliveryCommands,
    ...serveCommands,
    ...tokenCommands,
    ...archiveCommands,
    ...upkeepCommands,
    ...faultsCommands,
  ])
  vigie.helpCommand('help [command]', 'show the arguments of a command; all lists every command')
  const names = () => nameIn(vigie.opts<{ readonly home: string }>().home)
  const takesName = ({ options }: Command): boolean => options.some((one) => authors.has(one))
  vigie.hook('preSubcommand', (_, group) => {
    const name = names().read()
    for (const one of [group, ...group.commands])
      if (name !== '' && takesName(one)) one.setOptionValueWithSource('by', name, 'config')
  })
  vigie.hook('preAction', (_, command) => {
    const { by } = command.opts<{ readonly by?: string }>()
    if (by !== undefined && takesName(command)) names().keep(by)
  })
  if (whole) return vigie
  for (const one of vigie.commands) one.helpGroup(groups[one.name()] ?? '')
  return vigie.configureHelp({
    ...vigie.configureHelp(),
    visibleCommands: ({ commands }) => commands.filter((one) => one.parent !== vigie || one.name() in groups),
  })
}
