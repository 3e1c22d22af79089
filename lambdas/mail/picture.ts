/** Mail programs show no SVG. Bars only: screen readers cannot read words in images. */
import { PNG } from 'pngjs'
import { maximum } from '../domain/core/lists.ts'
import type { LetterTrend } from '../domain/delivery/letter.ts'

/** In CSS pixels; the image has twice as many each way. */
export const pictureSize = { width: 552, height: 112 } as const

const scale = 2
const headroom = 12
const minHeightPx = 2

type Colour = readonly [number, number, number]

/** Colours of templates/report.css. Opaque, so that dark mode does not change them. */
const paper: Colour = [0xff, 0xff, 0xff]
const ink: Colour = [0x1b, 0x1a, 0x17]
const outline: Colour = [0x77, 0x73, 0x6a]
const ordinary: Colour = [0xe6, 0xe2, 0xd8]

/**
 * One bar per period, the last in the accent colour, on the ordinary band. Empty slot: observed without a number. Dash:
 * not watched. Deterministic bytes.
 */
export const trendPicture = ({ points, band }: Pick<LetterTrend, 'points' | 'band'>, accent: string): Uint8Array => {
  const { width, height } = { width: pictureSize.width * scale, height: pictureSize.height * scale }
  // Without alpha, as in the file, so that nothing is converted.
  const picture = Object.assign(new PNG({ width, height }), { data: Buffer.alloc(width * height * 3) })
  const fill = (x: number, y: number, wide: number, tall: number, colour: Colour): void => {
    const dots = Buffer.alloc(wide * 3, Uint8Array.from(colour))
    for (let row = y; row < y + tall; row += 1) picture.data.set(dots, (row * width + x) * 3)
  }
  fill(0, 0, width, height, paper)
  const foot = height - scale
  const most = maximum(
    points.map(({ value }) => (typeof value === 'number' ? value : 0)),
    band?.most ?? 0,
  )
  const slot = width / Math.max(1, points.length)
  const wide = Math.max(scale, Math.round(slot * 0.6))
  const room = foot - headroom * scale
  if (band && most > 0) {
    const [top, end] = [band.most, band.least].map((value) => foot - Math.round((value / most) * room))
    fill(0, top ?? foot, width, Math.max(scale, (end ?? foot) - (top ?? foot)), ordinary)
  }
  for (const [at, { value }] of points.entries()) {
    const x = Math.round(slot * (at + 0.5) - wide / 2)
    if (value === 'not watched') {
      fill(x + Math.round(wide / 3), foot - 6 * scale, Math.round(wide / 3), scale, outline)
    } else if (typeof value !== 'number') {
      emptySlot(x, foot - Math.round(room / 4), wide, Math.round(room / 4), fill)
    } else if (value > 0 && most > 0) {
      const tall = Math.max(minHeightPx * scale, Math.round((value / most) * room))
      fill(x, foot - tall, wide, tall, at === points.length - 1 ? rgb(accent) : outline)
    }
  }
  fill(0, foot, width, scale, ink)
  return PNG.sync.write(picture, {
    colorType: 2,
    inputColorType: 2,
    inputHasAlpha: false,
    filterType: 0,
    deflateLevel: 9,
    deflateStrategy: 0,
  })
}

const emptySlot = (
  x: number,
  y: number,
  wide: number,
  tall: number,
  fill: (x: number, y: number, wide: number, tall: number, colour: Colour) => void,
): void => {
  const dash = 4 * scale
  for (let at = 0; at < wide; at += 2 * dash) fill(x + at, y, Math.min(dash, wide - at), scale, outline)
  for (let at = 0; at < tall; at += 2 * dash) {
    const long = Math.min(dash, tall - at)
    fill(x, y + at, scale, long, outline)
    fill(x + wide - scale, y + at, scale, long, outline)
  }
}

const rgb = (colour: string): Colour => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16))
  return [red, green, blue]
}
