/** Supports only the DynamoDB conditions that Vigie uses. */
import type { Key } from './keys.ts'
import type { Condition, Item, Put } from './table.ts'

type Field = (item: Item | undefined) => unknown
type Holds = (item: Item | undefined) => boolean

/**
 * Parses terms joined by AND and OR; AND binds closer, brackets are not supported. F is a field's name or a #name, with
 * a list index as in #name[0]: `attribute_not_exists(F)`, `F = :value`, `F < :value`, `size(F) = :value`, `size(F) <
 * :value`, `contains(F, :value)`.
 * @throws Error at another form, and at a missing or unused name or value; the predicate throws it at a
 * field of a wrong type
 */
export const readCondition = ({ expression, names = {}, values = {} }: Condition): Holds => {
  const unused = new Set([...Object.keys(names), ...Object.keys(values)])
  const fault = (why: string) => new Error(`the condition ${JSON.stringify(expression)} ${why}`)
  const given = <Value>(from: Readonly<Record<string, Value>>, name: string): Value => {
    if (!Object.hasOwn(from, name)) throw fault(`names ${name}, which is not given`)
    unused.delete(name)
    return from[name] as Value
  }
  const fieldOf = (name: string, place: string | undefined): Field => {
    const field = name.startsWith('#') ? given(names, name) : name
    return (item) => {
      const value = item && Object.hasOwn(item, field) ? item[field] : undefined
      if (place === undefined) return value
      return Array.isArray(value) ? value[Number(place)] : undefined
    }
  }
  const termOf = (term: string): Holds => {
    for (const { form, read } of forms) {
      const groups = form.exec(term)?.groups
      if (!groups) continue
      const { name = '', place, sign = '', value } = groups
      const field = fieldOf(name, place)
      const holds = read(field, value === undefined ? undefined : given(values, value), sign)
      if (!holds) throw fault(`compares with a value that ${JSON.stringify(term)} does not take`)
      return (item) => {
        const answer = holds(item)
        if (answer === undefined) throw fault(`meets a value that ${JSON.stringify(term)} does not take`)
        return answer
      }
    }
    throw fault(`has a form that the laptop's table does not know: ${JSON.stringify(term)}`)
  }
  const parts = expression.split(' OR ').map((part) => part.split(' AND ').map(termOf))
  if (unused.size > 0) throw fault(`does not use ${[...unused].join(', ')}`)
  return (item) => parts.some((terms) => terms.every((holds) => holds(item)))
}

/** Positions of the puts whose condition does not hold. */
export const unheldOf = (puts: readonly Put[], find: (key: Key) => Item | undefined): readonly number[] =>
  puts.flatMap(({ item, condition }, at) => (condition && !readCondition(condition)(find(item)) ? [at] : []))

type Form = {
  readonly form: RegExp
  /** Undefined for a wrong type: of the given value, or, from the predicate, of the stored one. */
  read(field: Field, value: unknown, sign: string): ((item: Item | undefined) => boolean | undefined) | undefined
}

const path = String.raw`(?<name>#?\w+)(?:\[(?<place>\d+)\])?`

const forms: readonly Form[] = [
  {
    form: new RegExp(String.raw`^attribute_not_exists\(${path}\)$`),
    read: (field) => (item) => field(item) === undefined,
  },
  {
    form: new RegExp(String.raw`^contains\(${path}, (?<value>:\w+)\)$`),
    read: (field, text) => {
      if (typeof text !== 'string') return undefined
      return (item) => {
        const set = field(item)
        if (set === undefined) return false
        return set instanceof Set ? set.has(text) : undefined
      }
    },
  },
  {
    form: new RegExp(String.raw`^size\(${path}\) (?<sign>[=<]) (?<value>:\w+)$`),
    read: (field, size, sign) => {
      if (typeof size !== 'number') return undefined
      return (item) => {
        const sized = field(item)
        if (sized === undefined) return false
        if (sized instanceof Set) return isIn(sized.size, sign, size)
        return Array.isArray(sized) ? isIn(sized.length, sign, size) : undefined
      }
    },
  },
  {
    form: new RegExp(String.raw`^${path} = (?<value>:\w+)$`),
    read: (field, value) => {
      const isScalar = value === null || ['string', 'number', 'boolean'].includes(typeof value)
      return isScalar ? (item) => field(item) === value : undefined
    },
  },
  {
    form: new RegExp(String.raw`^${path} < (?<value>:\w+)$`),
    read: (field, bound) => {
      if (typeof bound === 'number') return (item) => isLessNumber(field(item), bound)
      if (typeof bound === 'string') return (item) => isLessText(field(item), bound)
      return undefined
    },
  },
]

const isIn = (size: number, sign: string, bound: number): boolean => (sign === '=' ? size === bound : size < bound)

const isLessNumber = (value: unknown, bound: number): boolean => typeof value === 'number' && value < bound

/** Compares bytes, as for keys. */
const isLessText = (value: unknown, bound: string): boolean =>
  typeof value === 'string' && Buffer.compare(Buffer.from(value), Buffer.from(bound)) < 0

export const withSetName = (condition: Condition, set: string): Condition =>
  condition.expression.includes('#set') ? { ...condition, names: { '#set': set, ...condition.names } } : condition
