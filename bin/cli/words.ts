import { Argument, type Command, Option } from 'commander'
import { notEmpty } from './arguments.ts'

/** commander's value type for such flags. */
type Written<Flags extends string> = Flags extends `${string}...${string}`
  ? string[]
  : Flags extends `${string}<${string}` | `[${string}`
    ? string
    : boolean

type Read = (word: string, written: never) => unknown

/** Methods return the word with its new value type. */
export class Word<Value> {
  declare readonly value: Value
  readonly made: Argument | Option
  readonly name: string
  #read: Read | undefined

  constructor(made: Argument | Option) {
    this.made = made
    this.name = made instanceof Option ? (made.long ?? '') : made.name()
  }

  needed(): Word<NonNullable<Value>> {
    if (this.made instanceof Option) this.made.makeOptionMandatory()
    return this as Word<unknown> as Word<NonNullable<Value>>
  }

  /** Sets the default. */
  or<Usual extends NonNullable<Value>>(usual: Usual): Word<NonNullable<Value>> {
    this.made.default(usual)
    return this as Word<unknown> as Word<NonNullable<Value>>
  }

  oneOf<const Choice extends string>(
    choices: readonly Choice[],
  ): Word<Of<Value, NonNullable<Value> extends string[] ? Choice[] : Choice>> {
    this.made.choices(choices)
    return this as Word<unknown> as Word<Of<Value, NonNullable<Value> extends string[] ? Choice[] : Choice>>
  }

  filled(repair?: string): this {
    this.made.argParser(notEmpty(this.name, repair))
    return this
  }

  /** Parses within commander, first. */
  parsed<Parsed>(parse: (text: string, before?: Parsed) => Parsed): Word<Of<Value, Parsed>> {
    this.made.argParser(parse)
    return this as Word<unknown> as Word<Of<Value, Parsed>>
  }

  repeated(): Word<Of<Value, readonly string[]>> {
    return this.parsed<readonly string[]>((text, before = []) => [...before, text])
  }

  not(...others: string[]): this {
    if (this.made instanceof Option) this.made.conflicts(others)
    return this
  }

  /** Reads the value after commander has parsed the whole line. */
  read<Asked>(read: (word: string, written: NonNullable<Value>) => Asked | Promise<Asked>): Word<Of<Value, Asked>> {
    this.#read = read
    return this as Word<unknown> as Word<Of<Value, Asked>>
  }

  addTo(command: Command): void {
    if (this.made instanceof Option) command.addOption(this.made)
    else command.addArgument(this.made)
  }

  async valueIn(command: Command): Promise<unknown> {
    const { made } = this
    const written: unknown =
      made instanceof Option
        ? command.getOptionValue(made.attributeName())
        : command.processedArgs[command.registeredArguments.indexOf(made)]
    return written === undefined ? undefined : this.#read ? this.#read(this.name, written as never) : written
  }
}

/** The new type, still with undefined for an optional word. */
type Of<Before, Value> = Value | Extract<Before, undefined>

/** `<name>` is required, `[name]` optional; `...` takes several. */
export const argument = <const Name extends string>(name: Name, description?: string) =>
  new Word<Written<Name> | (Name extends `[${string}...]` | `<${string}` ? never : undefined)>(
    new Argument(name, description),
  )

export const option = <const Flags extends string>(flags: Flags, description?: string) =>
  new Word<Written<Flags> | undefined>(new Option(flags, description))

/** Options that default to the name given last in the data folder. */
export const authors = new WeakSet<Option>()

/** The person who acts. */
export const author = (description: string, repair?: string) => {
  const made = new Option('--by <name>', `${description}; the name given last, if omitted`)
  authors.add(made)
  return new Word<string | undefined>(made).filled(repair)
}

export const flag = (flags: string, description: string) => new Word<boolean>(new Option(flags, description)).or(false)
