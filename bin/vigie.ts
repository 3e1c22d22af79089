#!/usr/bin/env node
/** The command line: words in, one use case called, its value printed. Commands load what they need when they run. */
import { Command, CommanderError, InvalidArgumentError } from 'commander'
import program from '../package.json' with { type: 'json' }
import { archiveCommands } from './cli/archive.ts'
import { deliveryCommands } from './cli/deliveries.ts'
import { demoCommand } from './cli/demo.ts'
import { forgetCommand } from './cli/forget.ts'
import { intakeCommands } from './cli/intake.ts'
import { noteCommands } from './cli/note.ts'
import { previewCommand } from './cli/preview.ts'
import { recipientCommands } from './cli/recipients.ts'
import { reportCommands } from './cli/report.ts'
import { print, say } from './cli/run.ts'
import { serveCommand } from './cli/serve.ts'
import { taxonomyCommands } from './cli/taxonomy.ts'

const vigie = new Command('vigie')
  .description('Periodic threat reports on foreign information manipulation, one for each territory.')
  .version(program.version)
  .option('--home <folder>', 'where the store and the archive live', process.env.VIGIE_HOME || '.vigie')
  .option(
    '--templates <folder>',
    'page templates of your own, laid out as templates/ is; what is not there is built in',
  )
  .option(
    '--stage <name>',
    'work on what this deployed stage keeps (docs/deploy.md), with the vigie.json of the home',
    process.env.VIGIE_STAGE || undefined,
  )
  .option('--json', 'print one JSON value on standard output and nothing else there', false)
  .helpCommand(false)
  .showHelpAfterError('(vigie --help lists the commands, vigie COMMAND --help tells what one takes)')
  .exitOverride()
  .addHelpText(
    'after',
    `
A territory is NC, PF, WF, GP, MQ, GF, BL, MF, PM, RE, YT, TF or COR, or its ISO 3166-2 code.
A period is 2024-W20, 2024-05, 2024-Q2, 2024 or 2024-05-13--2024-05-19, in the territory's own days.
Exit code: 0 done, 1 something was rejected or failed (what could be done is done), 2 wrong usage.

Begin with:
  vigie demo                       sample detections, and the reports of one week
  vigie ingest detections.ndjson   your own
  vigie weekly                     the last complete week of every territory`,
  )

for (const register of [
  demoCommand,
  intakeCommands,
  reportCommands,
  noteCommands,
  taxonomyCommands,
  recipientCommands,
  deliveryCommands,
  previewCommand,
  serveCommand,
  archiveCommands,
  forgetCommand,
]) {
  register(vigie)
}

const fail = (error: unknown): void => {
  const json = process.argv.includes('--json')
  if (error instanceof CommanderError) {
    // Help and version are what was asked for; commander has printed every other message itself, but for our own.
    if (error.exitCode === 0) return
    if (error instanceof InvalidArgumentError) say(`error: ${error.message}`)
    process.exitCode = 2
  } else {
    say(`error: ${error instanceof Error ? error.message : error}`)
    process.exitCode = 1
  }
  const message = error instanceof Error ? error.message : String(error)
  const said = message === '(outputHelp)' ? 'name one of its commands: see --help' : message
  if (json) print([JSON.stringify({ error: { message: said } })])
}

// A reader that has seen enough, such as head, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

await vigie.parseAsync().catch(fail)
