/** Adds an evidence image, which is decoded, masked and re-encoded before storing. */
import { fault } from '../../domain/core/fault.ts'
import type { Mask } from '../../domain/plate/mask.ts'
import {
  partnerOf,
  type Plate,
  PlateError,
  type PlateDetails,
  plateSchema,
  requireCropInside,
  isSamePlate,
} from '../../domain/plate/plate.ts'
import type { MaskedPicture } from '../../render/picture-decoder.ts'
import { type PlateServices, picturesOf } from './pictures-of.ts'

type PlateToAdd = {
  /** The original file, of which only the hash is kept. */
  readonly file: Uint8Array
  /** Empty: the analyst states that nothing needs masking. */
  readonly masks: readonly Mask[]
  readonly details: PlateDetails
  readonly by: string
}

type AddedPlate = { readonly plate: Plate; readonly isNew: boolean }

/**
 * Idempotent for the same picture, masks and details, even concurrently.
 * @throws PictureError where the file is no acceptable picture; PlateError where the image cannot be added
 */
export const addPlate = async (
  { file, masks, details, by }: PlateToAdd,
  decode: (file: Uint8Array, masks: readonly Mask[]) => Promise<MaskedPicture>,
  services: PlateServices,
): Promise<AddedPlate> => {
  const pictures = picturesOf(services)
  const partner = await requirePartner(details, services)
  if (details.crop && partner) requireCropInside(details.crop, partner, partner)
  const { bytes, ...picture } = await decode(file, masks)
  const plate = plateSchema.parse({
    ...details,
    ...picture,
    bytes: bytes.length,
    masks: masks.length,
    by,
    addedAt: services.clock().toISOString(),
  })
  // The diverted picture may have stored its crop before its original came.
  const before = partner?.divertedFrom === undefined && details.originalOf !== undefined ? partner?.crop : undefined
  if (before) requireCropInside(before, plate, partner)
  if (partnerOf(plate) === plate.sha256) throw new PlateError(fault('plate.pairWithItself'))
  const same = await sameAs(plate, services)
  if (same) return { plate: same, isNew: false }
  await pictures.put(plate.sha256, bytes)
  if (await services.plates.add(plate)) return { plate, isNew: true }
  // A concurrent call added it; if it was removed since, these bytes are removed too.
  try {
    const other = await sameAs(plate, services)
    if (!other) throw new Error(`the evidence image ${plate.sha256} changed meanwhile: add it again`)
    return { plate: other, isNew: false }
  } catch (error) {
    const [other] = await services.plates.named([plate.sha256])
    if (other?.removed) await pictures.remove(plate.sha256)
    throw error
  }
}

/** @throws PlateError where its details differ, or it was removed */
const sameAs = async (plate: Plate, { plates }: PlateServices): Promise<Plate | undefined> => {
  const [before] = await plates.named([plate.sha256])
  if (!before) return undefined
  if (before.removed) {
    throw new PlateError(
      fault('plate.removed', {
        day: before.removed.at.slice(0, 10),
        by: before.removed.by,
        reason: before.removed.reason,
      }),
      before,
    )
  }
  if (isSamePlate(before, plate)) return before
  throw new PlateError(
    fault('plate.otherWords', { day: before.addedAt.slice(0, 10), by: before.by, id: plate.sha256 }),
    before,
  )
}

/** An edition that may not show the other picture shows this one alone. */
const requirePartner = async (details: PlateDetails, { plates }: PlateServices): Promise<Plate | undefined> => {
  const hash = partnerOf(details)
  if (hash === undefined) return undefined
  const [partner] = await plates.named([hash])
  if (!partner) throw new PlateError(fault('plate.unknown', { hash }))
  if (partner.removed) throw new PlateError(fault('plate.pairRemoved', { hash }), partner)
  return partner
}
