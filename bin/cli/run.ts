import type { Command } from 'commander'
import { reasonText } from '../../lambdas/domain/core/fault-text.ts'
import type { Fault } from '../../lambdas/domain/core/fault.ts'
import type { CommandAnswers } from './answers.ts'
import { inOneLine } from './output/terminal.ts'

export type MadeReport = import('../../lambdas/usecases/reports/generate-report.ts').MadeReport

type Globals = {
  readonly home: string
  readonly json: boolean
  readonly stage?: string
  readonly templates?: string
}

export const globalsOf = (command: Command): Globals => command.optsWithGlobals<Globals>()

export type Words = keyof CommandAnswers

/** `ok` is false if anything was rejected or failed. */
export type Outcome<Of extends Words> = {
  readonly value: CommandAnswers[Of]
  readonly lines: readonly string[]
  readonly ok?: boolean
}

export const run = async <Of extends Words>(
  words: Of,
  command: Command,
  work: (context: import('./home/context.ts').CliContext) => Promise<Outcome<Of>>,
  { isTrial = false } = {},
): Promise<void> => {
  const { home, stage, templates, json } = globalsOf(command)
  const { withContext } = await import('./home/context.ts')
  const options = { home, stage, templates, makes: making.has(words), isTrial, isEndless: endless.has(words), json }
  printOutcome(words, command, await withContext(options, work))
}

/** May create a data folder; all others require one. */
const making: ReadonlySet<Words> = new Set<Words>([
  'demo',
  'detect',
  'dossier',
  'flash',
  'ingest',
  'note add',
  'plates add',
  'preview',
  'recipients add',
  'recipients import',
  'report',
  'run',
  'schedules pause',
  'serve',
  'tokens add',
  'weekly',
])

/** Commands that run until stopped. */
const endless: ReadonlySet<Words> = new Set<Words>(['serve', 'run', 'preview'])

export const printOutcome = <Of extends Words>(
  words: Of,
  command: Command,
  { value, lines, ok = true }: Outcome<Of>,
): void => {
  // The compiler checks `value` against the answer type of these words.
  if (wordsOf(command) !== words) throw new Error(`${wordsOf(command)} answers as ${words} does: correct its words`)
  print(globalsOf(command).json ? [JSON.stringify(value, asText)] : lines)
  if (!ok) process.exitCode = 1
}

export const wordsOf = (command: Command): string =>
  command.parent ? `${wordsOf(command.parent)} ${command.name()}`.trim() : ''

export const print = (lines: readonly string[]): void => {
  if (lines.length > 0) process.stdout.write(`${lines.map(inOneLine).join('\n')}\n`)
}

/** Reasons become texts in the output. */
const asText = (name: string, value: unknown): unknown =>
  name === 'reason' && typeof value === 'object' && value !== null && 'code' in value
    ? reasonText(value as Fault)
    : value
