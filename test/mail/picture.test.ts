/** The timeline's picture, dot by dot. */
import { PNG } from 'pngjs'
import { describe, expect, it } from 'vitest'
import type { BarValue } from '../../lambdas/domain/page/words/phrases.ts'
import { pictureSize, timelinePicture } from '../../lambdas/mail/picture.ts'

const accent = '#0c4a57'
const colours = { paper: 'ffffff', accent: '0c4a57', outline: '77736a', ink: '1b1a17' }

const draw = (values: readonly BarValue[], colour = accent) => {
  const most = Math.max(...values.map((value) => (typeof value === 'number' ? value : 0)))
  const bytes = timelinePicture({ bars: values.map((value) => ({ value, isPeak: value === most })) }, colour)
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

describe('the picture of a timeline', () => {
  it('has twice the dots of its place, all of them opaque', () => {
    const { width, height, alpha } = draw([1, 2, 3])
    expect([width, height]).toEqual([pictureSize.width * 2, pictureSize.height * 2])
    expect([...alpha]).toEqual([255])
  })

  it('draws bars from zero, in their true proportions, the highest in the accent', () => {
    const { tall } = draw([100, 400, 200, 0])
    const highest = tall(1, colours.accent)
    expect(highest).toBeGreaterThan(150)
    expect(tall(0, colours.outline)).toBeCloseTo(highest / 4, -0.5)
    expect(tall(2, colours.outline)).toBe(highest / 2)
    expect([tall(0, colours.accent), tall(3, colours.accent), tall(3, colours.outline)]).toEqual([0, 0, 0])
  })

  it('shows the smallest count, and an empty slot where none is given', () => {
    const { tall, dot, height, width } = draw([1, 1_000_000, 'not given'])
    expect(tall(0, colours.outline)).toBe(4)
    expect(tall(2, colours.outline)).toBeGreaterThan(0)
    expect(tall(2, colours.outline)).toBeLessThan(6)
    expect(dot(0, height - 1)).toBe(colours.ink)
    expect([dot(0, 0), dot(width - 1, 0), dot(Math.round(width / 2), 0)]).toEqual(Array(3).fill(colours.paper))
  })

  it('takes the accent of the house', () => {
    expect(draw([3, 1], '#9c3f0a').tall(0, '9c3f0a')).toBeGreaterThan(0)
  })

  it('is the same bytes for the same bars, and small', () => {
    const month = Array.from({ length: 31 }, (_, at) => at * 17)
    expect(Buffer.from(draw(month).bytes).equals(draw(month).bytes)).toBe(true)
    expect(draw(month).bytes.length).toBeLessThan(8000)
  })

  it('is paper and a line where there is nothing', () => {
    expect(draw([0, 0]).tall(0, colours.paper)).toBe(pictureSize.height * 2 - 2)
    expect(() => timelinePicture({ bars: [] }, accent)).not.toThrow()
  })
})
