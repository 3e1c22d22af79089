import type { Content } from '../domain/core/text/content.ts'

export type Archive = {
  /**
   * Writes an object once and atomically. A content is streamed.
   * @returns `already-there` where the key has the same bytes, so that repeating is harmless
   * @throws ArchiveConflictError where the key has other bytes
   * @throws OtherContentError where the content differs from its declared size or hash; nothing is written then
   */
  put(key: string, body: Uint8Array | Content, contentType: string): Promise<'written' | 'already-there'>
  /** @throws ArchiveMissingError where the key does not exist */
  get(key: string): Promise<Uint8Array>
  /** Streams an object. May throw at any piece. */
  read(key: string): AsyncIterable<Uint8Array>
  /** Lists keys by prefix, in byte order. */
  list(prefix: string): AsyncIterable<string>
  /** Lists files whose names are no keys. Vigie writes none. */
  strays(): AsyncIterable<string>
  /** Returns an absolute path or an `s3://` URL; the object need not exist. */
  locate(key: string): string
}

/** Archived objects are never replaced. */
export class ArchiveConflictError extends Error {
  override name = 'ArchiveConflictError'
}

export class ArchiveMissingError extends Error {
  override name = 'ArchiveMissingError'
}

/** Undefined where what it reads is not archived. */
export const unlessMissing = async <Read>(read: () => Promise<Read>): Promise<Read | undefined> => {
  try {
    return await read()
  } catch (error) {
    if (error instanceof ArchiveMissingError) return undefined
    throw error
  }
}

const segment = '[A-Za-z0-9][A-Za-z0-9._+-]*'
const keyForm = new RegExp(`^${segment}(/${segment})*$`)
/** S3's limit. */
const maxKeyChars = 1024

/** Plain segments without a leading dot need no escaping and cannot leave a folder. */
export const isArchiveKey = (key: string): boolean => key.length <= maxKeyChars && keyForm.test(key)

/** @throws Error for a key that not every archive can hold */
export const checkArchiveKey = (key: string): string => {
  if (isArchiveKey(key)) return key
  throw new Error(
    `${JSON.stringify(key)} is no archive key: write segments of A-Z a-z 0-9 . _ + - that begin with a letter or digit, joined by /, ${maxKeyChars} characters at most`,
  )
}
