/** Masked evidence images. They are outside the archive because they can be removed. */
import { sha256Schema } from '../domain/core/text/hash.ts'

export type Pictures = {
  /** An existing file has the same bytes by its hash. */
  put(sha256: string, bytes: Uint8Array): Promise<void>
  /** Returns undefined if missing. @throws Error where the stored bytes have another hash */
  get(sha256: string): Promise<Uint8Array | undefined>
  /** Removes permanently; ignores missing ones. */
  remove(sha256: string): Promise<void>
}

/** Uploads that are not yet evidence images. */
export type IncomingPictures = {
  /** Returns undefined if gone. */
  get(id: string): Promise<Uint8Array | undefined>
  remove(id: string): Promise<void>
}

/** Admits only hashes as names. @throws TypeError */
export const checkPictureHash = (sha256: string): string => {
  if (sha256Schema.safeParse(sha256).success) return sha256
  throw new TypeError(`${JSON.stringify(sha256)} is no hash of a picture`)
}

/** The file must come after the hidden fields. */
export type PostedForm = {
  readonly action: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}
