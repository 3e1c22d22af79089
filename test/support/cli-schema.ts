/** Compares what commands print with `--json` with the schema that `--schema` prints, whichever test runs them. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import formats from 'ajv-formats'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { answersSchema, commandIn } from '../../bin/cli/answer-schema.ts'
import { wordsOf } from '../../bin/cli/run.ts'
import type { Ran } from './cli-server.ts'
import { madeOnce } from './once.ts'

/** What is wrong with an answer to these words; nothing where it fits the schema. */
export const faultsOfAnswer = async (
  args: readonly string[],
  { code, stdout }: Pick<Ran, 'code' | 'stdout'>,
): Promise<string[]> => {
  const value: unknown = JSON.parse(stdout)
  const isError = code !== 0 && typeof value === 'object' && value !== null && 'error' in value
  const name = isError ? 'error' : wordsOf(commandIn(args)).replaceAll(' ', '-')
  const check = await checkOf(name)
  if (!check) return [`bin/cli/answers.ts has no ${name}`]
  if (check(value)) return []
  return (check.errors ?? []).map(({ instancePath, message, params }) =>
    [`${name}${instancePath}`, message, JSON.stringify(params)].join(' '),
  )
}

/** @throws where a command's answer does not fit the schema */
export const holdAnswer = async (args: readonly string[], ran: Ran): Promise<Ran> => {
  if (!args.includes('--json') || ran.code === null || ran.stdout === '' || isHelp(args)) return ran
  const faults = await faultsOfAnswer(args, ran)
  if (faults.length === 0) return ran
  throw new Error(`vigie ${args.join(' ')} answers otherwise than bin/cli/answers.ts:\n${faults.join('\n')}`)
}

const isHelp = (args: readonly string[]): boolean =>
  ['--help', '-h', '--version', '-V', '--schema'].some((one) => args.includes(one))

/** Deriving it from the types takes seconds. */
const schemaMadeOnce = async (): Promise<object> => {
  const fileIn = (folder: string): string => join(folder, 'schema.json')
  const folder = await madeOnce('answers-schema', async (made) =>
    writeFile(fileIn(made), JSON.stringify(await answersSchema())),
  )
  return JSON.parse(await readFile(fileIn(folder), 'utf8')) as object
}

let ajv: Ajv2020 | undefined

const checkOf = async (name: string): Promise<ValidateFunction | undefined> => {
  const schema = ajv ? undefined : await schemaMadeOnce()
  if (schema)
    ajv ??= formats
      .default(new Ajv2020({ strict: false, allErrors: true, validateSchema: false }))
      .addSchema(schema, 'cli')
  return ajv?.getSchema(`cli#/$defs/${name}`)
}
