/** Details of a picture before its upload, and the outcome; kept for some days. */
import type { Fault } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { Mask } from '../../domain/plate/mask.ts'
import type { PlateDetails } from '../../domain/plate/plate.ts'
import { plateUploadKey } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

const uploadDays = 7

export type PlateUpload = {
  readonly id: string
  readonly who: string
  /** The analyst responsible for the masks. */
  readonly by: string
  readonly masks: readonly Mask[]
  readonly details: PlateDetails
  readonly bytes?: number
  /** The caller learns of other images up to this marking; of none where missing. */
  readonly clearance?: Marking
  readonly askedAt: string
  readonly state: 'waiting' | 'stored' | 'refused'
  /** Of the stored image, or of the conflicting one where refused. */
  readonly sha256?: string
  readonly reason?: Fault
}

export type PlateUploads = {
  open(upload: PlateUpload): Promise<void>
  get(id: string): Promise<PlateUpload | undefined>
  /** Records the outcome. Idempotent. */
  settle(upload: PlateUpload): Promise<void>
}

export const plateUploadsIn = (table: Table): PlateUploads => {
  const put = async (upload: PlateUpload): Promise<void> => {
    const expiresAt = Math.ceil(Date.parse(upload.askedAt) / 1_000) + uploadDays * 86_400
    await table.put({ ...plateUploadKey(upload.id), upload, expiresAt })
  }
  return {
    open: put,
    settle: put,
    get: async (id) => ((await table.get(plateUploadKey(id))) as (Item & { upload: PlateUpload }) | undefined)?.upload,
  }
}
