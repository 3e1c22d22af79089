/** JSON Schemas of what commands print with `--json`, derived from the types in answers.ts. */
import type { Command } from 'commander'
import { isRecord } from '../../lambdas/domain/core/text/parse-json.ts'
import { vigieCommand } from './program.ts'
import { wordsOf } from './run.ts'

type Definitions = Readonly<Record<string, unknown>>

type Schema = { readonly $schema: string; readonly title: string; readonly $defs: Definitions }

/** `$defs` has an entry for each command, named by its words with hyphens, and one named `error`. */
export const answersSchema = async (): Promise<Schema> => (derived ??= await derive())

let derived: Schema | undefined

const derive = async (): Promise<Schema> => {
  const { schemaOfMembers } = await import('../../tools/type-schema.ts')
  return schemaOfMembers('bin/cli/answers.ts', 'Answers') as Schema
}

/** The command that the words name, skipping options and their values; the program itself if they name none. */
export const commandIn = (words: readonly string[]): Command => {
  const vigie = vigieCommand()
  let command = vigie
  const rest = words.values()
  for (const word of rest) {
    const option = [...command.options, ...vigie.options].find(({ long, short }) => [long, short].includes(word))
    if (option?.required) rest.next()
    command = command.commands.find((one) => one.name() === word) ?? command
  }
  return command
}

/** The schema of the command's answer with the definitions it uses; of all answers if the words name no command. */
export const schemaText = async (words: readonly string[]): Promise<string> => {
  const all = await answersSchema()
  const name = wordsOf(commandIn(words)).replaceAll(' ', '-')
  if (!(name in all.$defs)) return JSON.stringify(all, null, 2)
  const used = usedBy(name, all.$defs)
  const $defs = Object.fromEntries(Object.entries(all.$defs).filter(([one]) => used.has(one)))
  return JSON.stringify({ $schema: all.$schema, title: name, $ref: `#/$defs/${name}`, $defs }, null, 2)
}

const usedBy = (name: string, definitions: Definitions): ReadonlySet<string> => {
  const used = new Set<string>()
  const follow = (value: unknown): void => {
    if (Array.isArray(value)) value.forEach(follow)
    if (!isRecord(value)) return
    for (const [key, one] of Object.entries(value)) {
      if (key === '$ref' && typeof one === 'string') add(one.slice('#/$defs/'.length))
      else follow(one)
    }
  }
  const add = (one: string): void => {
    if (used.has(one)) return
    used.add(one)
    follow(definitions[one])
  }
  add(name)
  return used
}
