/** Texts that one item cannot hold are in several, one after the other. */
import { plural } from '../../domain/core/text/plural.ts'
import type { Key } from './keys.ts'
import type { Table } from './table.ts'

/** A part is not there, since the call that put the others was interrupted. */
export class MissingPartsError extends Error {
  override name = 'MissingPartsError'
}

/** DynamoDB allows 400 KB an item; characters may take three bytes. */
export const maxItemChars = 120_000

/** Cut where no character is cut in two. */
export const cutText = (text: string): readonly string[] => {
  const parts: string[] = []
  for (let start = 0; start < text.length;) {
    const end = start + maxItemChars
    const cut = /[\ud800-\udbff]/.test(text.charAt(end - 1)) ? end - 1 : end
    parts.push(text.slice(start, cut))
    start = cut
  }
  return parts
}

/**
 * The texts of so many parts, in their order.
 * @param keyOf of a part by its number, from 0
 * @param what they are, for the message that says what to put back
 * @throws MissingPartsError
 */
export const readParts = async (
  table: Pick<Table, 'getAll'>,
  parts: number,
  keyOf: (number: number) => Key,
  what: string,
): Promise<readonly string[]> => {
  const items = await table.getAll(Array.from({ length: parts }, (_, number) => keyOf(number)))
  if (items.length < parts) {
    throw new MissingPartsError(
      `${what} lacks ${parts - items.length} of its ${plural(parts, 'part')}: take it in again to put them back`,
    )
  }
  return [...items].sort((a, b) => (a.sk < b.sk ? -1 : 1)).map(({ text }) => String(text))
}
