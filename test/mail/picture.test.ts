/** The trend's picture, dot by dot. */
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { BarValue } from '../../lambdas/domain/page/words/phrases.ts'
import { pictureSize, trendPicture } from '../../lambdas/mail/picture.ts'

const accent = '#0c4a57'
const colours = { paper: 'ffffff', accent: '0c4a57', outline: '77736a', ink: '1b1a17', band: 'e6e2d8' }

const pictureOf = (values: readonly BarValue[], colour = accent, ordinary?: { least: number; most: number }) =>
  trendPicture(
    {
      points: values.map((value) => ({ value, label: '', written: '' })),
      ...(ordinary && { band: { ...ordinary, label: '' } }),
    },
    colour,
  )

const draw = (values: readonly BarValue[], ...asked: [colour?: string, ordinary?: { least: number; most: number }]) => {
  const bytes = pictureOf(values, ...asked)
  const { width, height, data } = PNG.sync.read(Buffer.from(bytes))
  const dot = (x: number, y: number): string =>
    data.subarray((y * width + x) * 4, (y * width + x) * 4 + 3).toString('hex')
  /** From the foot upwards, in the middle of a bar's slot: how many dots of a colour. */
  const tall = (at: number, of: string): number => {
    const x = Math.round(((at + 0.5) * width) / values.length)
    return Array.from({ length: height }, (_, y) => dot(x, y)).filter((one) => one === of).length
  }
  const alpha = new Set(Array.from({ length: width * height }, (_, at) => data[at * 4 + 3]))
  return { bytes, width, height, dot, tall, alpha }
}

describe('the picture of a trend', () => {
  it('has twice the dots of its place, all of them opaque', () => {
    const { width, height, alpha } = draw([1, 2, 3])
    expect([width, height]).toEqual([pictureSize.width * 2, pictureSize.height * 2])
    expect([...alpha]).toEqual([255])
  })

  it('draws bars from zero, in their true proportions, the last in the accent', () => {
    const { tall } = draw([100, 0, 200, 400])
    const last = tall(3, colours.accent)
    expect(last).toBeGreaterThan(150)
    expect(tall(0, colours.outline)).toBeCloseTo(last / 4, -0.5)
    expect(tall(2, colours.outline)).toBe(last / 2)
    expect([tall(0, colours.accent), tall(1, colours.accent), tall(1, colours.outline)]).toEqual([0, 0, 0])
  })

  it('has the ordinary band behind the bars, also above all of them', () => {
    const { tall } = draw([0, 100], accent, { least: 50, most: 200 })
    const [whole, bar] = [tall(0, colours.band), tall(1, colours.accent)]
    // From a quarter to the whole of the height; the bar covers a third of it.
    expect(whole).toBeCloseTo(1.5 * bar, -0.5)
    expect(tall(1, colours.band)).toBeCloseTo((2 * whole) / 3, -0.5)
  })

  it('shows the smallest count, and an empty slot where none is given', () => {
    const { tall, dot, height, width } = draw([1, 1_000_000, 'not given', 0])
    expect(tall(0, colours.outline)).toBe(4)
    expect(tall(2, colours.outline)).toBeGreaterThan(0)
    expect(tall(2, colours.outline)).toBeLessThan(6)
    expect(dot(0, height - 1)).toBe(colours.ink)
    expect([dot(0, 0), dot(width - 1, 0), dot(Math.round(width / 2), 0)]).toEqual(Array(3).fill(colours.paper))
  })

  it('takes the accent of the house', () => {
    expect(draw([3, 1], '#9c3f0a').tall(1, '9c3f0a')).toBeGreaterThan(0)
  })

  it('is the same bytes for the same bars, and small', () => {
    const month = Array.from({ length: 31 }, (_, at) => at * 17)
    expect(Buffer.from(draw(month).bytes).equals(draw(month).bytes)).toBe(true)
    expect(draw(month).bytes.length).toBeLessThan(8000)
  })

  it('is paper and a line where there is nothing', () => {
    expect(draw([0, 0]).tall(0, colours.paper)).toBe(pictureSize.height * 2 - 2)
    expect(() => pictureOf([])).not.toThrow()
  })
})
