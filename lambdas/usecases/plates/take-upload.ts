/** An uploaded picture becomes the plate that was said of it before, or is refused; of the upload nothing stays. */
import type { IncomingPictures } from '../../archive/pictures.ts'
import type { Mask } from '../../domain/plate/mask.ts'
import { PictureError } from '../../domain/plate/picture.ts'
import { PlateError } from '../../domain/plate/plate.ts'
import type { MaskedPicture } from '../../render/picture-decoder.ts'
import type { PlateUpload, PlateUploads } from '../../store/plate-uploads.ts'
import { addPlate } from './add-plate.ts'
import type { PlateServices } from './pictures-of.ts'

export type UploadServices = PlateServices & { readonly uploads: PlateUploads; readonly incoming: IncomingPictures }

/**
 * Given the same upload twice it does no harm. Undefined where nothing was said of it: then it is taken out unread.
 * @throws Error where another try may mend it
 */
export const takeUpload = async (
  id: string,
  decode: (file: Uint8Array, masks: readonly Mask[]) => Promise<MaskedPicture>,
  services: UploadServices,
): Promise<PlateUpload | undefined> => {
  const { uploads, incoming } = services
  const asked = await uploads.get(id)
  if (asked?.state === 'waiting') {
    const file = await incoming.get(id)
    if (file) await uploads.settle({ ...asked, ...(await outcomeOf(file, asked, decode, services)) })
  }
  await incoming.remove(id)
  return uploads.get(id)
}

/** A refusal tells a caller of its own picture alone, and nothing of plates that it may not know of. */
const outcomeOf = async (
  file: Uint8Array,
  { masks, said, by, bytes }: PlateUpload,
  decode: (file: Uint8Array, masks: readonly Mask[]) => Promise<MaskedPicture>,
  services: UploadServices,
): Promise<Pick<PlateUpload, 'state' | 'sha256' | 'reason'>> => {
  // The signed address takes no other number; this does not rest on it.
  if (file.length !== bytes) return { state: 'refused', reason: `it has ${file.length} bytes, not ${bytes}` }
  try {
    const { plate } = await addPlate({ file, masks, said, by }, decode, services)
    return { state: 'stored', sha256: plate.sha256 }
  } catch (error) {
    if (error instanceof PictureError) return { state: 'refused', reason: error.message }
    if (error instanceof PlateError)
      return { state: 'refused', reason: 'it cannot be added: ask who runs this service' }
    throw error
  }
}
