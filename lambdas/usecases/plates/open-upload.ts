/** A place for a picture, opened once it is known what is said of it; and what became of it, for its caller alone. */
import { randomUUID } from 'node:crypto'
import type { PlateUpload, PlateUploads } from '../../store/intake/plate-uploads.ts'

export type PlateUploading = {
  /** An address for just so many bytes. */
  open(bytes: number, now: Date): Promise<{ readonly id: string; readonly url: string; readonly expiresAt: string }>
  readonly uploads: PlateUploads
}

/** What is said is kept before the address is given away: no picture comes without it. */
export const openUpload = async (
  asked: Pick<PlateUpload, 'who' | 'by' | 'masks' | 'details'> & { readonly bytes: number },
  { open, uploads }: PlateUploading,
  now: Date,
): Promise<{ readonly id: string; readonly url: string; readonly expiresAt: string }> => {
  const opened = await open(asked.bytes, now)
  await uploads.open({ ...asked, id: opened.id, askedAt: now.toISOString(), state: 'waiting' })
  return opened
}

/**
 * The same of a picture whose size is not known yet: its form says so many bytes as a picture may have.
 * @returns the upload's id
 */
export const beginUpload = async (
  asked: Pick<PlateUpload, 'who' | 'by' | 'masks' | 'details' | 'clearance'>,
  uploads: PlateUploads,
  now: Date,
): Promise<string> => {
  const id = randomUUID()
  await uploads.open({ ...asked, id, askedAt: now.toISOString(), state: 'waiting' })
  return id
}

/** Undefined where there is none of this caller's. */
export const uploadOf = async (
  id: string,
  who: string,
  { uploads }: PlateUploading,
): Promise<Pick<PlateUpload, 'id' | 'state' | 'sha256' | 'reason'> | undefined> => {
  const found = await uploads.get(id)
  if (found?.who !== who) return undefined
  const { state, sha256, reason } = found
  return { id, state, ...(sha256 !== undefined && { sha256 }), ...(reason !== undefined && { reason }) }
}
