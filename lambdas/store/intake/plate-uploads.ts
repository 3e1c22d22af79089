/** What was said of a picture before it was uploaded, and what became of it; kept for some days. */
import type { Fault } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import type { Mask } from '../../domain/plate/mask.ts'
import type { PlateDetails } from '../../domain/plate/plate.ts'
import { plateUploadKey } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

/** How long what became of an upload can be looked up, in days. */
const uploadDays = 7

export type PlateUpload = {
  readonly id: string
  /** The caller that asked for it. */
  readonly who: string
  /** Who answers for the masks. */
  readonly by: string
  readonly masks: readonly Mask[]
  readonly details: PlateDetails
  /** The size that was agreed on; any that a picture may have where it is missing. */
  readonly bytes?: number
  /** Up to which marking the caller is told of other plates; of none where it is missing. */
  readonly clearance?: Marking
  readonly askedAt: string
  readonly state: 'waiting' | 'stored' | 'refused'
  /** Of the plate, once it is stored; of the one that stands in its way, where it is refused for that. */
  readonly sha256?: string
  /** Why it was refused. */
  readonly reason?: Fault
}

export type PlateUploads = {
  open(upload: PlateUpload): Promise<void>
  get(id: string): Promise<PlateUpload | undefined>
  /** Says what became of it; the same again changes nothing. */
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
