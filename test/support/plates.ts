/** Plates for tests: pictures drawn by code, and a decoder that takes them as they are. */
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { type Mask, requireInside } from '../../lambdas/domain/plate/mask.ts'
import { pictureFacts } from '../../lambdas/domain/plate/picture.ts'
import { type Plate, type PlateDetails, readPlateDetails } from '../../lambdas/domain/plate/plate.ts'
import type { MaskedPicture } from '../../lambdas/render/picture-decoder.ts'
import { addPlate } from '../../lambdas/usecases/plates/add-plate.ts'
import type { PlateServices } from '../../lambdas/usecases/plates/pictures-of.ts'
import { png, scene } from './pictures.ts'

export const saidOf = (more: Partial<PlateDetails> = {}): PlateDetails =>
  readPlateDetails({
    caption: { fr: 'Une légende', en: 'A caption' },
    alt: { fr: 'Schéma d’une maison', en: 'Drawing of a house' },
    source: 'X',
    date: '2024-05-15',
    marking: 'TLP:GREEN',
    changes: undefined,
    archive: undefined,
    originalOf: undefined,
    divertedFrom: undefined,
    ...more,
  })

/** A picture of its own for each number. */
export const pictureNumber = (number: number): Buffer => {
  const { at, ...size } = scene(160, 100)
  return png({ ...size, at: (x, y) => (x < 10 && y < 10 ? [number & 255, number >> 8, 7] : at(x, y)) })
}

/** The pictures of a page that has all that plates can have, as it embeds them. */
export const platePictures: ReadonlyMap<string, string> = new Map(
  [1, 2].map((number) => {
    const file = pictureNumber(number)
    return [sha256(file), `data:image/png;base64,${file.toString('base64')}`]
  }),
)

/** Masks nothing. What the browser makes of a picture is tested with the decoder. */
export const asItIs = async (file: Uint8Array): Promise<MaskedPicture> => {
  const hash = sha256(file)
  return { kind: 'image/png', width: 160, height: 100, bytes: file, sha256: hash, received: hash }
}

/** The same after what is checked before a browser sees it. */
export const asItIsChecked = async (file: Uint8Array, masks: readonly Mask[]): Promise<MaskedPicture> => {
  requireInside(masks, pictureFacts(file))
  return asItIs(file)
}

/** Stores a plate of that number's picture. */
export const storePlate = async (
  services: PlateServices,
  number: number,
  more: Partial<PlateDetails> = {},
): Promise<Plate> => {
  const said = saidOf(more)
  return (await addPlate({ file: pictureNumber(number), masks: [], details: said, by: 'C. Morel' }, asItIs, services))
    .plate
}
