/** Only the caller of an upload sees its result. */
import { randomUUID } from 'node:crypto'
import type { PlateUpload, PlateUploads } from '../../store/intake/plate-uploads.ts'

export type PlateUploading = {
  /** Signs an address for exactly this size. */
  open(bytes: number, now: Date): Promise<{ readonly id: string; readonly url: string; readonly expiresAt: string }>
  readonly uploads: PlateUploads
}

/** Stores the details first: no picture comes without them. */
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
 * Begins an upload of unknown size; its form sets the maximum.
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
