/** How large DynamoDB counts an item, and which units it bills for it ("DynamoDB item sizes and formats", "DynamoDB read and write operations"). */

/** A value as DynamoDB's protocol writes it: one type, one value. */
export type Attribute = Readonly<Record<string, unknown>>
export type Attributes = Readonly<Record<string, Attribute>>

const utf8 = (text: string): number => Buffer.byteLength(text)

/** "approximately (length of attribute name) + (1 byte per two significant digits) + (1 byte)" */
const numberSize = (text: string): number => {
  const digits = text
    .replace(/[eE].*$/, '')
    .replace(/\D/g, '')
    .replace(/^0+|0+$/g, '')
  return Math.ceil(digits.length / 2) + 1
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
