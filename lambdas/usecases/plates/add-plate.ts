/** Adds an evidence plate: its picture is decoded, masked and encoded anew before anything of it is stored. */
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

export type PlateToAdd = {
  /** The file as it came. Nothing of it is kept but its hash. */
  readonly file: Uint8Array
  /** None: the person states that there is nothing to mask. */
  readonly masks: readonly Mask[]
  readonly details: PlateDetails
  readonly by: string
}

export type AddedPlate = { readonly plate: Plate; readonly isNew: boolean }

/**
 * The same picture with the same masks and words, again or at once, is one plate.
 * @throws PictureError where the file is no picture that may be shown; PlateError where the plate cannot be added
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
  // What it is the original of may have said before what it shows of it.
  const before = partner?.divertedFrom === undefined && details.originalOf !== undefined ? partner?.crop : undefined
  if (before) requireCropInside(before, plate, partner)
  if (partnerOf(plate) === plate.sha256) throw new PlateError(fault('plate.pairWithItself'))
  const same = await sameAs(plate, services)
  if (same) return { plate: same, isNew: false }
  await pictures.put(plate.sha256, bytes)
  if (await services.plates.add(plate)) return { plate, isNew: true }
  // Another one was quicker; where it was removed since, what was written just now goes too.
  try {
    const other = await sameAs(plate, services)
    if (!other) throw new Error(`plate ${plate.sha256} is there and is not: ask for it again`)
    return { plate: other, isNew: false }
  } catch (error) {
    const [other] = await services.plates.named([plate.sha256])
    if (other?.removed) await pictures.remove(plate.sha256)
    throw error
  }
}

/**
 * The plate of that picture, where there is one that says the same.
 * @throws PlateError where it says something else, or was removed
 */
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

/** The other picture of a pair, which is there. Where an edition may not know it, this one stands alone. */
const requirePartner = async (details: PlateDetails, { plates }: PlateServices): Promise<Plate | undefined> => {
  const hash = partnerOf(details)
  if (hash === undefined) return undefined
  const [partner] = await plates.named([hash])
  if (!partner) throw new PlateError(fault('plate.unknown', { hash }))
  if (partner.removed) throw new PlateError(fault('plate.pairRemoved', { hash }), partner)
  return partner
}
