import type { Key } from './keys.ts'
import { type Item, mostTogether, type Put, RefusedItemError } from './table.ts'

/** In bytes: "Quotas and limits" of DynamoDB's developer guide, November 2026. */
const most = { pk: 2_048, sk: 1_024, item: 400 * 1_024 } as const
/** Nested levels of lists and maps. */
const maxLevels = 32
/** Smallest absolute value other than 0. */
const minNumber = 1e-130

export const keyOf = ({ pk, sk }: Key): Key => ({ pk, sk })

/** Refuses duplicates across all batches, since DynamoDB does within one. */
export const checkKeys = (keys: readonly Key[]): void => {
  const seen = new Set<string>()
  for (const key of keys) {
    checkKey(key)
    const text = `${key.pk}\0${key.sk}`
    if (seen.has(text)) throw new RefusedItemError(`${JSON.stringify(keyOf(key))} is there twice in one batch`)
    seen.add(text)
  }
}

/** In bytes, of all items of a transaction. */
export const mostBytesTogether = 4 * 1_024 * 1_024

/** DynamoDB allows only one action on an item in a transaction. */
export const textsTogether = (puts: readonly Put[]): readonly ItemText[] => {
  checkKeys(puts.map(({ item }) => item))
  if (puts.length > mostTogether || puts.reduce((sum, { item }) => sum + itemSize(item), 0) > mostBytesTogether) {
    throw new RefusedItemError(`${puts.length} items are more than one transaction takes`)
  }
  return puts.map(({ item }) => textOf(item))
}

export const projected = (item: Item, only: readonly string[]): Item =>
  Object.fromEntries(only.filter((name) => item[name] !== undefined).map((name) => [name, item[name]])) as Item

export type ItemText = {
  /** A set in it is a list of texts. */
  readonly json: string
  /** JSON of the names of set fields; null for none. */
  readonly sets: string | null
}

/** @throws RefusedItemError for an empty or long part, or one not encodable in UTF-8 */
export const checkKey = (key: Key): void => {
  for (const part of ['pk', 'sk'] as const) {
    const text: unknown = key[part]
    if (typeof text !== 'string' || text === '')
      throw new RefusedItemError(`the key's ${part} must be a text, and not empty`)
    if (!text.isWellFormed())
      throw new RefusedItemError(`the key's ${part} holds half a character: ${JSON.stringify(text)}`)
    // A UTF-16 unit takes at most three bytes in UTF-8.
    if (text.length * 3 > most[part] && Buffer.byteLength(text) > most[part]) {
      throw new RefusedItemError(
        `the key's ${part} is longer than ${most[part]} bytes: ${JSON.stringify(`${text.slice(0, 60)}…`)}`,
      )
    }
  }
}

/**
 * @throws RefusedItemError where DynamoDB would refuse the item
 * @throws TypeError at an unsupported value, such as a date or a set within a list
 */
export const textOf = (item: Item): ItemText => {
  checkKey(item)
  const sets: string[] = []
  for (const [name, value] of Object.entries(item)) {
    if (name === '') throw new RefusedItemError('a field of the item has no name')
    if (value instanceof Set) {
      checkSet(name, value)
      sets.push(name)
    } else if (value !== undefined) checkValue(name, value, 0)
  }
  const json = JSON.stringify(sets.length === 0 ? item : { ...item, ...listsOf(item, sets) })
  // The size is at most twice the bytes of the text, and a UTF-16 unit takes at most three.
  if (json.length * 6 > most.item) {
    const size = itemSize(item)
    if (size > most.item) {
      throw new RefusedItemError(`the item's size is ${size} bytes, and an item holds ${most.item} at most`)
    }
  }
  return { json, sets: sets.length === 0 ? null : JSON.stringify(sets) }
}

export const itemFrom = ({ json, sets }: ItemText): Item => {
  const item: Record<string, unknown> = JSON.parse(json)
  if (sets !== null) for (const name of JSON.parse(sets) as string[]) item[name] = new Set(item[name] as string[])
  return item as Item
}

const listsOf = (item: Item, sets: readonly string[]) =>
  Object.fromEntries(sets.map((name) => [name, [...(item[name] as Set<string>)]]))

const checkSet = (name: string, set: ReadonlySet<unknown>): void => {
  if (set.size === 0) throw new RefusedItemError(`the set ${name} is empty`)
  for (const text of set)
    if (typeof text !== 'string') throw new TypeError(`the set ${name} holds something else than texts`)
}

const checkValue = (name: string, value: unknown, level: number): void => {
  if (value === null) return
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return
    case 'number':
      checkNumber(name, value)
      return
    case 'object':
      break
    default:
      throw new TypeError(`${name} holds a ${typeof value}, which the table does not`)
  }
  if (level === maxLevels) throw new RefusedItemError(`${name} holds lists or maps in more than ${maxLevels} levels`)
  if (Array.isArray(value)) {
    for (const one of value) checkValue(name, one, level + 1)
    return
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TypeError(`${name} holds an object that is neither a list nor plain, which the table does not`)
  }
  for (const one of Object.values(value)) if (one !== undefined) checkValue(name, one, level + 1)
}

const checkNumber = (name: string, number: number): void => {
  // The SDK loses digits of larger numbers.
  if (!(Math.abs(number) <= Number.MAX_SAFE_INTEGER)) throw new TypeError(`${name} holds ${number}: write it as a text`)
  if (number !== 0 && Math.abs(number) < minNumber) {
    throw new RefusedItemError(`${name} holds ${number}, which is smaller than a table's numbers are`)
  }
}

/** As DynamoDB counts them: "DynamoDB item sizes and formats". */
export const itemSize = (item: Readonly<Record<string, unknown>>): number => {
  let size = 0
  for (const [name, value] of Object.entries(item)) {
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value)
  }
  return size
}

const valueSize = (value: unknown): number => {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (typeof value === 'number') return numberSize(value)
  if (value === null || typeof value === 'boolean') return 1
  if (value instanceof Set) return [...value].reduce((size, text) => size + Buffer.byteLength(text), 0)
  if (Array.isArray(value)) return value.reduce((size, one) => size + 1 + valueSize(one), 3)
  const fields = Object.values(value as object).filter((one) => one !== undefined).length
  return 3 + fields + itemSize(value as Readonly<Record<string, unknown>>)
}

/**
 * "approximately (length of attribute name) + (1 byte per two significant digits) + (1 byte)". Digits pair up from the
 * decimal point, so a first one may be alone; a minus takes a byte.
 */
const numberSize = (number: number): number => {
  const [digits = '', exponent] = Math.abs(number).toExponential().replace('.', '').split('e')
  if (number === 0) return 1
  const firstDigitAlone = Number(exponent) % 2 === 0
  const pairs = Math.ceil((digits.length + (firstDigitAlone ? 1 : 0)) / 2)
  return 1 + pairs + (number < 0 ? 1 : 0)
}
