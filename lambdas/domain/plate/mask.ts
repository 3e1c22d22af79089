/** Masks and crops: regions in pixels of the picture as displayed. */
import * as z from 'zod'
import { fault, quoted } from '../core/fault.ts'
import { PictureError, type PictureSize } from './picture.ts'

export const regionSchema = z.strictObject({
  x: z.int().min(0),
  y: z.int().min(0),
  width: z.int().min(1),
  height: z.int().min(1),
})

export type Region = Readonly<z.output<typeof regionSchema>>

export type Mask = Region

/** With more masks, crop the picture instead. */
export const maxMasks = 200

/** Reads `x,y,w,h`. @throws PictureError */
export const parseMask = (written: string): Mask => {
  const numbers = /^\s*(\d{1,5})\s*,\s*(\d{1,5})\s*,\s*(\d{1,5})\s*,\s*(\d{1,5})\s*$/
    .exec(written)
    ?.slice(1)
    .map(Number)
  const [x = 0, y = 0, width = 0, height = 0] = numbers ?? []
  if (width === 0 || height === 0) {
    throw new PictureError(fault('picture.region', { text: quoted(written) }))
  }
  return { x, y, width, height }
}

export const maskText = ({ x, y, width, height }: Mask): string => [x, y, width, height].join(',')

/** @throws PictureError */
export const requireFew = (masks: number): void => {
  if (masks > maxMasks) throw new PictureError(fault('picture.tooManyMasks', { masks, max: maxMasks }))
}

export const isInside = ({ x, y, width, height }: Region, size: PictureSize): boolean =>
  x + width <= size.width && y + height <= size.height

/** Refuses masks beyond the picture, which were meant for another picture or size. @throws PictureError */
export const requireInside = (masks: readonly Mask[], size: PictureSize): void => {
  requireFew(masks.length)
  for (const mask of masks) {
    if (isInside(mask, size)) continue
    throw new PictureError(
      fault('picture.maskBeyond', { mask: maskText(mask), width: size.width, height: size.height }),
    )
  }
}

/** Scales regions to whole pixels, without uncovering any part. */
export const scaledMasks = (masks: readonly Mask[], from: PictureSize, to: PictureSize): readonly Mask[] => {
  const across = to.width / from.width
  const down = to.height / from.height
  return masks.map((mask) => {
    const [left, top] = [Math.floor(mask.x * across), Math.floor(mask.y * down)]
    const right = Math.min(to.width, Math.ceil((mask.x + mask.width) * across))
    const bottom = Math.min(to.height, Math.ceil((mask.y + mask.height) * down))
    return { x: left, y: top, width: right - left, height: bottom - top }
  })
}

/** Pixels: half a sheet's width, in print. */
const maxStoredEdge = 1_200

export const storedSize = ({ width, height }: PictureSize): PictureSize => {
  const scale = Math.min(1, maxStoredEdge / Math.max(width, height))
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) }
}

export const isSameSize = (one: PictureSize, other: PictureSize): boolean =>
  one.width === other.width && one.height === other.height
