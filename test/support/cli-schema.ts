/** Holds what commands print with `--json` against docs/reference/cli.schema.json, whichever test runs them. */
import { readFileSync } from 'node:fs'
import formats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { Command } from 'commander'
import { vigieCommand } from '../../bin/cli/program.ts'
import { wordsOf } from '../../bin/cli/run.ts'
import type { Ran } from './cli-server.ts'

/** The command that words ask for: options and their values are passed over. */
export const commandAsked = (args: readonly string[]): Command => {
  let command = vigieCommand()
  const words = args.values()
  for (const word of words) {
    const option = [...command.options, ...vigieCommand().options].find(({ long, short }) =>
      [long, short].includes(word),
    )
    if (option?.required) words.next()
    command = command.commands.find((one) => one.name() === word) ?? command
  }
  return command
}

/** What is wrong with an answer to these words; nothing where it is as the schema says. */
export const faultsOfAnswer = (args: readonly string[], { code, stdout }: Pick<Ran, 'code' | 'stdout'>): string[] => {
  const value: unknown = JSON.parse(stdout)
  const isError = code !== 0 && typeof value === 'object' && value !== null && 'error' in value
  const name = isError ? 'error' : wordsOf(commandAsked(args)).replaceAll(' ', '-')
  const check = checkOf(name)
  if (!check) return [`docs/reference/cli.schema.json has no ${name}`]
  if (check(value)) return []
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    [`${name}${instancePath}`, message, JSON.stringify(params)].join(' '),
  )
}

/** @throws where a command has answered otherwise than the schema says */
export const holdAnswer = (args: readonly string[], ran: Ran): Ran => {
  if (!args.includes('--json') || ran.code === null || ran.stdout === '' || isHelp(args)) return ran
  const faults = faultsOfAnswer(args, ran)
  if (faults.length === 0) return ran
  throw new Error(
    `vigie ${args.join(' ')} answers otherwise than docs/reference/cli.schema.json says:\n${faults.join('\n')}`,
  )
}

const isHelp = (args: readonly string[]): boolean =>
  ['--help', '-h', '--version', '-V'].some((one) => args.includes(one))

const file = new URL('../../docs/reference/cli.schema.json', import.meta.url)

let ajv: Ajv2020 | undefined

const checkOf = (name: string): ValidateFunction | undefined => {
  ajv ??= formats
    .default(new Ajv2020({ strict: false, allErrors: true, validateSchema: false }))
    .addSchema(JSON.parse(readFileSync(file, 'utf8')), 'cli')
  return ajv.getSchema(`cli#/$defs/${name}`)
}
