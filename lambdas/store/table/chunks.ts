import { plural } from '../../domain/core/text/plural.ts'
import type { Key } from './keys.ts'
import type { Table } from './table.ts'

/** The call that put the others was interrupted. */
export class MissingPartsError extends Error {
  override name = 'MissingPartsError'
}

/** DynamoDB allows 400 KB an item; characters may take three bytes. */
export const maxItemChars = 120_000

/** Never cuts within a character. */
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
 * @param keyOf key of a part by its number, from 0
 * @param what content of the parts, for the error message
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
      `${what} lacks ${parts - items.length} of its ${plural(parts, 'part')}: ingest it again to restore them`,
    )
  }
  return [...items].sort((a, b) => (a.sk < b.sk ? -1 : 1)).map(({ text }) => String(text))
}
