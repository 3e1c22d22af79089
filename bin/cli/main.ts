/** Commands import on demand. */
import { CommanderError, InvalidArgumentError } from 'commander'
import { messageOf } from '../../lambdas/domain/core/text/thrown.ts'
import type { ErrorAnswer } from './answers.ts'
import { say } from './output/terminal.ts'
import { vigieCommand } from './program.ts'
import { print } from './run.ts'

/** Sets `process.exitCode`. */
export const main = async (words: readonly string[]): Promise<void> => {
  await carryOut(words).catch((error: unknown) => fail(error, words.includes('--json')))
}

const carryOut = async (words: readonly string[]): Promise<void> => {
  if (words.includes('--schema')) {
    const { schemaText } = await import('./answer-schema.ts')
    return print((await schemaText(words)).split('\n'))
  }
  const whole = words.join(' ') === 'help all'
  await vigieCommand({ whole }).parseAsync(whole ? ['--help'] : words, { from: 'user' })
}

const fail = (error: unknown, json: boolean): void => {
  if (error instanceof CommanderError) {
    // Help or version. commander has printed all messages but ours.
    if (error.exitCode === 0) return
    if (error instanceof InvalidArgumentError) say(`error: ${error.message}`)
    process.exitCode = 2
  } else {
    say(`error: ${messageOf(error)}`)
    process.exitCode = 1
  }
  const message = messageOf(error)
  const shownMessage = message === '(outputHelp)' ? 'name one of its commands: see --help' : message
  if (json) print([JSON.stringify({ error: { message: shownMessage } } satisfies ErrorAnswer)])
}
