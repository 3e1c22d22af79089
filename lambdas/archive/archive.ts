/** The archive of reports as the use cases see it: objects written once, under plain keys. */
import type { Content } from '../domain/core/text/content.ts'

export type Archive = {
  /**
   * Writes an object once. Whole or not at all: a reader never sees half of it, whatever dies in between. A large one
   * is a content, of which little is held in memory.
   * @returns `already-there` where an object with the same bytes has this key, so that repeating is harmless
   * @throws ArchiveConflictError where an object with other bytes has this key
   * @throws OtherContentError where the content is not what it was said to be; nothing is written then
   */
  put(key: string, body: Uint8Array | Content, contentType: string): Promise<'written' | 'already-there'>
  /** @throws ArchiveMissingError where nothing has this key */
  get(key: string): Promise<Uint8Array>
  /**
   * The same piece by piece, for what may be large. Throws with the first piece, or wherever the rest cannot be read.
   */
  read(key: string): AsyncIterable<Uint8Array>
  /** The keys that begin with `prefix`, in byte order. The empty prefix lists all. */
  list(prefix: string): AsyncIterable<string>
  /** Where a person finds what lies in the archive under names that are no keys: Vigie puts nothing there. */
  strays(): AsyncIterable<string>
  /** Where a person finds the object, there or not: an absolute path, or an `s3://` URL. */
  locate(key: string): string
}

/** The key is taken by other bytes: what is archived is never replaced. */
export class ArchiveConflictError extends Error {
  override name = 'ArchiveConflictError'
}

/** Nothing is archived under the key. */
export class ArchiveMissingError extends Error {
  override name = 'ArchiveMissingError'
}

/** The key is not one that every archive can hold. */
export class ArchiveKeyError extends Error {
  override name = 'ArchiveKeyError'
}

const segment = '[A-Za-z0-9][A-Za-z0-9._+-]*'
const keyForm = new RegExp(`^${segment}(/${segment})*$`)
/** S3's limit. */
const maxKeyChars = 1024

/** True for keys of plain segments, none of which begins with a dot: nothing to escape, no way out of a folder. */
export const isArchiveKey = (key: string): boolean => key.length <= maxKeyChars && keyForm.test(key)

/** @throws ArchiveKeyError where the key is not one that every archive can hold */
export const checkArchiveKey = (key: string): string => {
  if (isArchiveKey(key)) return key
  throw new ArchiveKeyError(
    `${JSON.stringify(key)} is no archive key: write segments of A-Z a-z 0-9 . _ + - that begin with a letter or digit, joined by /, ${maxKeyChars} characters at most`,
  )
}
