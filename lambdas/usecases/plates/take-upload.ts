/** Turns an upload into an evidence image, or refuses it; then deletes the upload. */
import type { IncomingPictures } from '../../archive/pictures.ts'
import { fault } from '../../domain/core/fault.ts'
import { fitsUnder } from '../../domain/core/marking.ts'
import type { Mask } from '../../domain/plate/mask.ts'
import { PictureError } from '../../domain/plate/picture.ts'
import { PlateError } from '../../domain/plate/plate.ts'
import type { MaskedPicture } from '../../render/picture-decoder.ts'
import type { PlateUpload, PlateUploads } from '../../store/intake/plate-uploads.ts'
import { addPlate } from './add-plate.ts'
import type { PlateServices } from './pictures-of.ts'

type UploadServices = PlateServices & { readonly uploads: PlateUploads; readonly incoming: IncomingPictures }

/**
 * Idempotent. Returns undefined for an upload without details, which is deleted unread.
 * @throws Error where a retry may succeed
 */
export const takeUpload = async (
  id: string,
  decode: Decode,
  services: UploadServices,
): Promise<PlateUpload | undefined> => {
  const { uploads, incoming } = services
  const asked = await uploads.get(id)
  if (asked?.state === 'waiting') {
    const file = await incoming.get(id)
    if (file) await takeFile(asked, file, decode, services)
  }
  await incoming.remove(id)
  return uploads.get(id)
}

export type Decode = (file: Uint8Array, masks: readonly Mask[]) => Promise<MaskedPicture>

export const takeFile = async (
  asked: PlateUpload,
  file: Uint8Array,
  decode: Decode,
  services: PlateServices & Pick<UploadServices, 'uploads'>,
): Promise<PlateUpload> => {
  const settled = { ...asked, ...(await outcomeOf(file, asked, decode, services)) }
  await services.uploads.settle(settled)
  return settled
}

/** A refusal reveals no image above the caller's clearance. */
const outcomeOf = async (
  file: Uint8Array,
  { masks, details, by, bytes, clearance }: PlateUpload,
  decode: Decode,
  services: PlateServices,
): Promise<Pick<PlateUpload, 'state' | 'sha256' | 'reason'>> => {
  // The signed address enforces the size too; this check does not rely on that.
  if (bytes !== undefined && file.length !== bytes) {
    return { state: 'refused', reason: fault('upload.otherSize', { bytes: file.length, expected: bytes }) }
  }
  try {
    const { plate } = await addPlate({ file, masks, details, by }, decode, services)
    return { state: 'stored', sha256: plate.sha256 }
  } catch (error) {
    if (error instanceof PictureError) return { state: 'refused', reason: error.fault }
    if (!(error instanceof PlateError)) throw error
    const { about, fault: reason } = error
    return about && clearance && fitsUnder(about.marking, clearance)
      ? { state: 'refused', reason, sha256: about.sha256 }
      : { state: 'refused', reason: fault('upload.failed') }
  }
}
