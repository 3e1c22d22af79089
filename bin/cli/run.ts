/** Runs a command on the services of its home or stage, and prints its outcome. */
import type { Command } from 'commander'
import { inOneLine } from './terminal.ts'

export type MadeReport = import('../../lambdas/usecases/reports/generate-report.ts').MadeReport

export type Globals = {
  readonly home: string
  readonly json: boolean
  readonly stage?: string
  readonly templates?: string
}

/** What a command came to: a value for machines, lines for people, and whether anything was rejected or failed. */
type Outcome = { readonly value: unknown; readonly lines: readonly string[]; readonly ok?: boolean }

/** Opens the services for a command, runs it, and prints its outcome. */
export const run = async (
  command: Command,
  work: (context: import('./context.ts').CliContext, folder: string) => Promise<Outcome>,
  { isTrial = false } = {},
): Promise<void> => {
  const { home, stage, templates } = command.optsWithGlobals<Globals>()
  const { withContext } = await import('./context.ts')
  const isLooking = looking.has(command.name())
  const isEndless = endless.has(command.name())
  const options = { home, stage, templates, isLooking, isTrial, isEndless }
  printOutcome(command, await withContext(options, (context) => work(context, context.folder)))
}

/** Commands that only look, and make no home. */
const looking = new Set(['list', 'show', 'verify', 'export', 'key', 'search', 'explain', 'history'])

/** Commands that go on until they are stopped. */
const endless = new Set(['serve', 'preview'])

/** Prints a command's outcome: JSON for machines, or lines for people. */
export const printOutcome = (command: Command, { value, lines, ok = true }: Outcome): void => {
  print(command.optsWithGlobals<Globals>().json ? [JSON.stringify(value)] : lines)
  if (!ok) process.exitCode = 1
}

/** Lines on standard output, whatever they hold. */
export const print = (lines: readonly string[]): void => {
  if (lines.length > 0) process.stdout.write(`${lines.map(inOneLine).join('\n')}\n`)
}
