import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseMask, requireInside, scaledMasks, storedSize } from '../../../lambdas/domain/plate/mask.ts'
import { PictureError, pictureFacts, pictureLimits } from '../../../lambdas/domain/plate/picture.ts'
import {
  jpeg,
  jpegSegment,
  png,
  pngChunk,
  pngHeader,
  pngSignature,
  scene,
  webp,
  webpFrame,
} from '../../support/pictures.ts'

const whole = png(scene())

describe('a picture', () => {
  it('is known by its bytes, with its size', () => {
    expect(pictureFacts(whole)).toEqual({ kind: 'image/png', width: 320, height: 200 })
    expect(pictureFacts(jpeg([], [64, 48]))).toEqual({ kind: 'image/jpeg', width: 64, height: 48 })
    expect(pictureFacts(webp([['VP8L', webpFrame(100, 50)]]))).toEqual({ kind: 'image/webp', width: 100, height: 50 })
  })

  it.each([
    ['a GIF', Buffer.from('GIF89a\x01\x00\x01\x00'), /those of a GIF/],
    ['an SVG after a byte-order mark', Buffer.from('\ufeff<?xml version="1.0"?><svg/>'), /an SVG/],
    ['a page', Buffer.from('<!doctype html><script>1</script>'), /text with tags/],
    ['a ZIP', Buffer.from('PK\x03\x04'), /a ZIP/],
    ['a HEIC', Buffer.from('\x00\x00\x00\x18ftypheic'), /HEIC/],
    ['nothing', new Uint8Array(), /no picture/],
  ])('is not %s', (_what, file, why) => {
    expect(() => pictureFacts(file)).toThrow(why)
  })

  it('is refused where it is huge, before a pixel of it is read', () => {
    const bomb = Buffer.concat([
      pngSignature,
      pngHeader(60_000, 60_000),
      pngChunk('IDAT', Buffer.alloc(10)),
      pngChunk('IEND', new Uint8Array()),
    ])
    expect(() => pictureFacts(bomb)).toThrow(/60000 × 60000 pixels/)
    expect(() => pictureFacts(jpeg([], [65_535, 16]))).toThrow(/make it smaller/)
    expect(() => pictureFacts(webp([['VP8L', webpFrame(16_384, 16_384)]]))).toThrow(/make it smaller/)
    expect(() => pictureFacts(png(scene(15, 15)))).toThrow(/each edge needs 16 at least/)
    expect(() => pictureFacts(new Uint8Array(pictureLimits.fileBytes + 1))).toThrow(/20000001 bytes/)
  })

  it('is refused where another file follows it, or it moves', () => {
    const zip = Buffer.from('PK\x05\x06'.padEnd(22, '\0'))
    expect(() => pictureFacts(Buffer.concat([whole, zip]))).toThrow(/22 bytes follow/)
    expect(() => pictureFacts(Buffer.concat([whole, Buffer.from('<script>alert(1)</script>')]))).toThrow(/follow/)
    expect(() => pictureFacts(Buffer.concat([jpeg(), zip]))).toThrow(/22 bytes follow/)
    expect(() => pictureFacts(Buffer.concat([webp([['VP8L', webpFrame(20, 20)]]), zip]))).toThrow(/follow/)
    expect(() => pictureFacts(png(scene(), [pngChunk('acTL', Buffer.alloc(8))]))).toThrow(/moves/)
    expect(() => pictureFacts(webp([['VP8X', Buffer.from([2, 0, 0, 0, 19, 0, 0, 19, 0, 0])]]))).toThrow(/moves/)
    expect(() => pictureFacts(webp([['ANIM', Buffer.alloc(6)]]))).toThrow(/moves/)
  })

  it('may have declared copies after it, as phones add them', () => {
    const list = jpegSegment(0xe2, Buffer.from('MPF\0II*\0'))
    const facts = { kind: 'image/jpeg', width: 64, height: 48 }
    expect(pictureFacts(Buffer.concat([jpeg([list], [64, 48]), jpeg(), jpeg([], [20, 20])]))).toEqual(facts)
    expect(() => pictureFacts(Buffer.concat([jpeg([], [64, 48]), jpeg()]))).toThrow(/bytes follow/)
    expect(() => pictureFacts(Buffer.concat([jpeg([list]), jpeg(), Buffer.from('PK')]))).toThrow(/2 bytes follow/)
    expect(() => pictureFacts(Buffer.concat([jpeg([list]), jpeg().subarray(0, 40)]))).toThrow(PictureError)
  })

  it('is refused where its frame has another size', () => {
    const header = Buffer.from([0, 0, 0, 0, 99, 0, 0, 99, 0, 0])
    const chunks = [['VP8X', header] as const, ['VP8L', webpFrame(20, 20)] as const]
    expect(() => pictureFacts(webp(chunks))).toThrow(/two different sizes/)
  })

  it('is refused wherever it is cut off', () => {
    for (const file of [whole, jpeg([jpegSegment(0xe1, Buffer.alloc(40))]), webp([['VP8L', webpFrame(20, 20)]])]) {
      fc.assert(
        fc.property(fc.integer({ min: 0, max: file.length - 1 }), (length) => {
          expect(() => pictureFacts(file.subarray(0, length))).toThrow(PictureError)
        }),
      )
    }
  })

  it('is read or refused for any bytes', () => {
    const signatures = [pngSignature, Buffer.from([0xff, 0xd8, 0xff]), Buffer.from('RIFF\x20\0\0\0WEBPVP8 ')]
    fc.assert(
      fc.property(fc.constantFrom(...signatures), fc.uint8Array({ maxLength: 300 }), (signature, rest) => {
        try {
          const { width, height } = pictureFacts(Buffer.concat([signature, rest]))
          expect(width * height).toBeLessThanOrEqual(pictureLimits.pixels)
        } catch (error) {
          expect(error).toBeInstanceOf(PictureError)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a mask', () => {
  it('is written in whole pixels', () => {
    expect(parseMask(' 1, 2,3 ,4')).toEqual({ x: 1, y: 2, width: 3, height: 4 })
    for (const wrong of ['', '1,2,3', '1,2,0,4', '-1,2,3,4', '1.5,2,3,4', '1,2,3,4,5', 'a,b,c,d'])
      expect(() => parseMask(wrong)).toThrow(/no region/)
  })

  it('lies inside of its picture', () => {
    const size = { width: 100, height: 50 }
    requireInside([{ x: 90, y: 40, width: 10, height: 10 }], size)
    expect(() => requireInside([{ x: 91, y: 40, width: 10, height: 10 }], size)).toThrow(/beyond the picture/)
  })

  it('covers in a scaled picture all that it covers in the original', () => {
    const sizes = fc.record({
      width: fc.integer({ min: 16, max: 12_000 }),
      height: fc.integer({ min: 16, max: 12_000 }),
    })
    const share = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(sizes, share, share, share, share, (size, left, top, wide, high) => {
        const x = Math.floor(left * (size.width - 1))
        const y = Math.floor(top * (size.height - 1))
        const width = 1 + Math.floor(wide * (size.width - 1 - x))
        const height = 1 + Math.floor(high * (size.height - 1 - y))
        const to = storedSize(size)
        const [scaled] = scaledMasks([{ x, y, width, height }], size, to)
        expect(scaled).toBeDefined()
        if (!scaled) return
        const [across, down] = [to.width / size.width, to.height / size.height]
        expect(scaled.x).toBeLessThanOrEqual(x * across)
        expect(scaled.y).toBeLessThanOrEqual(y * down)
        expect(scaled.x + scaled.width).toBeGreaterThanOrEqual(Math.min(to.width, (x + width) * across - 1e-9))
        expect(scaled.y + scaled.height).toBeGreaterThanOrEqual(Math.min(to.height, (y + height) * down - 1e-9))
        requireInside([scaled], to)
      }),
    )
  })
})
