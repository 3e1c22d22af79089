/** Arguments and options of commands, each with the type of its value and how that is read. */
import { Argument, type Command, Option } from 'commander'
import { notEmpty } from './arguments.ts'

/** What commander gives for such flags. */
type Written<Flags extends string> = Flags extends `${string}...${string}`
  ? string[]
  : Flags extends `${string}<${string}` | `[${string}`
    ? string
    : boolean

type Read = (word: string, written: never) => unknown

/** An argument or an option. Its methods change it, and give it back with the type that its value has then. */
export class Word<Value> {
  declare readonly value: Value
  readonly made: Argument | Option
  readonly name: string
  #read: Read | undefined

  constructor(made: Argument | Option) {
    this.made = made
    this.name = made instanceof Option ? (made.long ?? '') : made.name()
  }

  /** It must be given. */
  needed(): Word<NonNullable<Value>> {
    if (this.made instanceof Option) this.made.makeOptionMandatory()
    return this as Word<unknown> as Word<NonNullable<Value>>
  }

  /** Its value where it is left out. */
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

  /** Refuses an empty text. */
  filled(repair?: string): this {
    this.made.argParser(notEmpty(this.name, repair))
    return this
  }

  /** Read by commander itself, before anything else. */
  parsed<Parsed>(parse: (text: string, before?: Parsed) => Parsed): Word<Of<Value, Parsed>> {
    this.made.argParser(parse)
    return this as Word<unknown> as Word<Of<Value, Parsed>>
  }

  /** An option that may be given several times. */
  repeated(): Word<Of<Value, readonly string[]>> {
    return this.parsed<readonly string[]>((text, before = []) => [...before, text])
  }

  not(...others: string[]): this {
    if (this.made instanceof Option) this.made.conflicts(others)
    return this
  }

  /** Read once commander has understood the whole line. */
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

/** The other type, and still undefined where the word may be left out. */
type Of<Before, Value> = Value | Extract<Before, undefined>

/** `<name>` is needed, `[name]` is not; `...` takes several. */
export const argument = <const Name extends string>(name: Name, description?: string) =>
  new Word<Written<Name> | (Name extends `[${string}...]` | `<${string}` ? never : undefined)>(
    new Argument(name, description),
  )

export const option = <const Flags extends string>(flags: Flags, description?: string) =>
  new Word<Written<Flags> | undefined>(new Option(flags, description))

/** An option without a value, whose help says that it is off. */
export const flag = (flags: string, description: string) => new Word<boolean>(new Option(flags, description)).or(false)
