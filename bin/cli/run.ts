/** Runs a command on the laptop's services, and prints what it comes to. */
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
export type Outcome = { readonly value: unknown; readonly lines: readonly string[]; readonly ok?: boolean }

/** Opens the laptop's services for a command and prints what it comes to. */
export const run = async (
  command: Command,
  work: (laptop: import('./context.ts').Laptop, folder: string) => Promise<Outcome>,
): Promise<void> => {
  const { home, stage, templates } = command.optsWithGlobals<Globals>()
  const { onLaptop } = await import('./context.ts')
  answer(command, await onLaptop({ home, stage, templates }, (laptop) => work(laptop, laptop.folder)))
}

/** Prints what a command came to, for machines or for people. */
export const answer = (command: Command, { value, lines, ok = true }: Outcome): void => {
  print(command.optsWithGlobals<Globals>().json ? [JSON.stringify(value)] : lines)
  if (!ok) process.exitCode = 1
}

/** Lines on standard output, whatever they hold. */
export const print = (lines: readonly string[]): void => {
  process.stdout.write(`${lines.map(inOneLine).join('\n')}\n`)
}
