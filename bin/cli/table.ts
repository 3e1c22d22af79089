import type { Command } from 'commander'
import type { CommandAnswers } from './answers.ts'
import type { CliContext } from './home/context.ts'
import { type Columns, tableOf } from './output/tables.ts'
import { type Outcome, run, type Words } from './run.ts'
import type { Word } from './words.ts'

type Entry = { readonly words: string; define(command: Command): void }

type Taken = Readonly<Record<string, Word<unknown>>>
type Nothing = Readonly<Record<never, never>>

type ValueOf<Taken> = Taken extends Word<infer Value> ? Value : never

/** The values of words. Omitted words have no key. */
export type Asked<Takes> = {
  readonly [name in keyof Takes as undefined extends ValueOf<Takes[name]> ? never : name]: ValueOf<Takes[name]>
} & {
  readonly [name in keyof Takes as undefined extends ValueOf<Takes[name]> ? name : never]?: NonNullable<
    ValueOf<Takes[name]>
  >
}

type Described<Takes> = {
  readonly description: string
  /** By value name, in the order of the help. */
  readonly takes?: Takes
  readonly after?: string
}

export const group = (words: string, description: string): Entry => ({
  words,
  define: (command) => void command.description(description),
})

/** Opens its own services and prints its own output. */
export const bare = <Takes extends Taken = Nothing>(
  words: Words,
  { act, ...described }: Described<Takes> & { readonly act: (asked: Asked<Takes>, command: Command) => Promise<void> },
): Entry => ({
  words,
  define: (command) => {
    const { description, takes = {} as Takes, after } = described
    command.description(description)
    for (const word of Object.values(takes)) word.addTo(command)
    if (after !== undefined) command.addHelpText('after', after)
    command.action(async () => act(await askedOf(takes, command), command))
  },
})

const askedOf = async <Takes extends Taken>(takes: Takes, command: Command): Promise<Asked<Takes>> => {
  const asked: Record<string, unknown> = {}
  for (const [name, word] of Object.entries(takes)) {
    const value = await word.valueIn(command)
    if (value !== undefined) asked[name] = value
  }
  return asked as Asked<Takes>
}

type Working<Of extends Words, Takes, Checked> = Described<Takes> & {
  /** Runs before services open. Returns the input of `run`. */
  readonly check?: (asked: Asked<Takes>, command: Command) => Checked | Promise<Checked>
  readonly run: (asked: NoInfer<Checked>, context: CliContext) => Promise<Outcome<Of>>
}

export const command = <Of extends Words, Takes extends Taken = Nothing, Checked = Asked<Takes>>(
  words: Of,
  { check, run: work, ...described }: Working<Of, Takes, Checked>,
): Entry =>
  bare<Takes>(words, {
    ...described,
    act: async (asked, self) => {
      const checked = check ? await check(asked, self) : (asked as unknown as Checked)
      await run(words, self, (context) => work(checked, context))
    },
  })

type Item<Of extends Words> = CommandAnswers[Of] extends readonly (infer One)[] ? One : never

export const list = <Of extends Words, Takes extends Taken = Nothing>(
  words: Of,
  {
    read,
    columns,
    none,
    ...described
  }: Described<Takes> & {
    readonly read: (asked: Asked<Takes>, context: CliContext) => Promise<CommandAnswers[Of] & readonly Item<Of>[]>
    readonly columns: Columns<Item<Of>>
    readonly none?: string
  },
): Entry =>
  command<Of, Takes>(words, {
    ...described,
    run: async (asked, context) => {
      const value = await read(asked, context)
      return { value, lines: tableOf(value, columns, none) }
    },
  })

export const addCommands = (program: Command, entries: readonly Entry[]): void => {
  for (const { words, define } of entries) {
    const names = words.split(' ')
    const name = names.pop() ?? ''
    const above = names.reduce((at, word) => at.commands.find((one) => one.name() === word) ?? at, program)
    if (above !== program && above.commands.length === 0) handDownOptions(above)
    define(above.command(name))
  }
}

/** commander gives an option to the first command that has it; this passes it to the subcommand. */
const handDownOptions = (parent: Command): void => {
  parent.hook('preSubcommand', (_, child) => {
    for (const option of parent.options) {
      const name = option.attributeName()
      if (parent.getOptionValueSource(name) !== 'cli') continue
      if (!child.options.some((one) => one.long === option.long))
        child.error(`error: ${parent.name()} ${child.name()} has no option ${option.long}`)
      child.setOptionValueWithSource(name, parent.getOptionValue(name), 'cli')
    }
  })
}
