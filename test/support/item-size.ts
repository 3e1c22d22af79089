/**
 * How large DynamoDB counts an item, and which units it bills for it ("DynamoDB item sizes and formats", "DynamoDB read
 * and write operations").
 */

/** A value as DynamoDB's protocol writes it: one type, one value. */
export type Attribute = Readonly<Record<string, unknown>>
export type Attributes = Readonly<Record<string, Attribute>>

const utf8 = (text: string): number => Buffer.byteLength(text)

/**
 * "approximately (length of attribute name) + (1 byte per two significant digits) + (1 byte)". Digits go by pairs from
 * the point on, so that a first one may stand alone, and a minus takes a byte: what makes it approximate, as dynalite
 * found.
 */
const numberSize = (text: string): number => {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '').length
  if (digits === 0) return 1
  const exponent = Number(Number(text).toExponential().split('e')[1])
  const pairs = exponent % 2 === 0 ? 1 + Math.ceil((digits - 1) / 2) : Math.ceil(digits / 2)
  return 1 + pairs + (text.startsWith('-') ? 1 : 0)
}

const valueSize = (attribute: Attribute): number => {
  const [[type, value] = []] = Object.entries(attribute)
  switch (type) {
    case 'S':
      return utf8(value as string)
    case 'N':
      return numberSize(value as string)
    case 'B':
      return Buffer.from(value as string, 'base64').length
    case 'BOOL':
    case 'NULL':
      return 1
    case 'SS':
      return (value as string[]).reduce((sum, one) => sum + utf8(one), 0)
    case 'NS':
      return (value as string[]).reduce((sum, one) => sum + numberSize(one), 0)
    // "3 bytes of overhead", and one for each element.
    case 'L':
      return 3 + (value as Attribute[]).reduce((sum, one) => sum + 1 + valueSize(one), 0)
    case 'M':
      return 3 + Object.keys(value as Attributes).length + itemBytes(value as Attributes)
    default:
      throw new Error(`DynamoDB has no type ${type}`)
  }
}

/** Bytes of an item: names and values. */
export const itemBytes = (item: Attributes): number =>
  Object.entries(item).reduce((sum, [name, value]) => sum + utf8(name) + valueSize(value), 0)

/** One unit a KB, each item by itself. */
export const writeUnits = (item: Attributes): number => Math.max(1, Math.ceil(itemBytes(item) / 1024))

/** One unit for 4 KB read strongly consistent; an item that is not there takes one too. */
export const readUnits = (item: Attributes | undefined): number =>
  item ? Math.max(1, Math.ceil(itemBytes(item) / 4096)) : 1
