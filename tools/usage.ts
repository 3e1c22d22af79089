/**
 * The words of a tool that are no words of the CDK: `--help` tells them, and what is wrong is said without a stack
 * trace.
 */
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { messageOf } from '../lambdas/domain/core/text/thrown.ts'

/** Says what is wrong with the words, and ends with 2. */
export const wrongUsage = (message: string): never => {
  process.stderr.write(`error: ${message}\n`)
  process.exit(2)
}

/** What was said, by name; `--help` prints the usage and ends. */
export const optionsOf = <const Options extends ParseArgsOptionsConfig>(usage: string, options: Options) => {
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(`${usage}\n`)
    process.exit(0)
  }
  try {
    return parseArgs({ options }).values
  } catch (error) {
    return wrongUsage(`${messageOf(error)}\n\n${usage}`)
  }
}
