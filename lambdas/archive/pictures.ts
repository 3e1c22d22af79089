/**
 * The masked pictures of evidence plates, each under the hash of its bytes: apart from the archive, since they can be
 * removed.
 */
import { sha256Schema } from '../domain/core/text/hash.ts'

export type Pictures = {
  /** Writes it once; what is there already has the same bytes, by its name. */
  put(sha256: string, bytes: Uint8Array): Promise<void>
  /** Undefined where none has this name. @throws DamagedPictureError where what is there has another hash */
  get(sha256: string): Promise<Uint8Array | undefined>
  /** Takes it out for good; nothing happens where there is none. */
  remove(sha256: string): Promise<void>
}

/** What is stored under a hash is not what has it. */
export class DamagedPictureError extends Error {
  override name = 'DamagedPictureError'
}

/** Files that were uploaded and are no plates yet, each under the name of what was said of it. */
export type IncomingPictures = {
  /** Undefined where it is gone. */
  get(id: string): Promise<Uint8Array | undefined>
  remove(id: string): Promise<void>
}

/** The hash by which a picture is named: no other text becomes a name. @throws TypeError */
export const checkPictureHash = (sha256: string): string => {
  if (sha256Schema.safeParse(sha256).success) return sha256
  throw new TypeError(`${JSON.stringify(sha256)} is no hash of a picture`)
}

/** A form that posts one file past us: where it leads, and its hidden fields; the file comes after them. */
export type PostedForm = {
  readonly action: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}
