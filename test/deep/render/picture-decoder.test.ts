/** The decoder on real files: it stores pixels, with the masks in them, and nothing else of the file. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { deflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { withPage } from '../../../lambdas/render/chromium.ts'
import { maskPicture, maxPngBytes } from '../../../lambdas/render/picture-decoder.ts'
import {
  chunkTypes,
  exifWithGps,
  jpeg,
  jpegSegment,
  noise,
  pixelsOf,
  png,
  pngChunk,
  pngHeader,
  pngSignature,
  scene,
} from '../../support/pictures.ts'

const secret = 'GPS 22.2758 S 166.4580 E'

it('keeps the pixels of a picture, and its size', async () => {
  const stored = await maskPicture(png(scene()), [])
  expect(stored).toMatchObject({ kind: 'image/png', width: 320, height: 200 })
  const [before, after] = [scene(), pixelsOf(stored.bytes)]
  for (const [x, y] of [
    [0, 0],
    [41, 31],
    [42, 31],
    [319, 199],
  ] as const)
    expect(after.at(x, y)).toEqual(before.at(x, y))
})

it('masks in the file itself: every pixel below is black, and none next to it', async () => {
  const stored = pixelsOf((await maskPicture(png(scene()), [{ x: 40, y: 30, width: 40, height: 40 }])).bytes)
  const before = scene()
  for (let x = 30; x < 90; x++) {
    for (let y = 20; y < 80; y++) {
      const isMasked = x >= 40 && x < 80 && y >= 30 && y < 70
      expect(stored.at(x, y)).toEqual(isMasked ? [0, 0, 0] : before.at(x, y))
    }
  }
})

it('mixes nothing masked into its surroundings, where the picture is made smaller', async () => {
  // Red below the mask, and nowhere else.
  const file = png({ width: 2_000, height: 500, at: (x) => (x < 1_001 ? [255, 0, 0] : [0, 0, 255]) })
  const stored = await maskPicture(file, [{ x: 0, y: 0, width: 1_001, height: 500 }])
  expect(stored).toMatchObject({ width: 1_200, height: 300 })
  const { at } = pixelsOf(stored.bytes)
  for (let x = 0; x < 1_200; x++) expect(at(x, 150)[0]).toBe(0)
  for (let x = 0; x < 601; x++) expect(at(x, 150)).toEqual([0, 0, 0])
})

it('reports the received size, also where it is made smaller in one direction alone', async () => {
  const file = png({ width: 40, height: 1_203, at: (x) => [x, 0, 0] })
  expect(await maskPicture(file, [])).toMatchObject({
    ...{ width: 40, height: 1_200 },
    receivedSize: { width: 40, height: 1_203 },
  })
})

it.each([
  ['a PNG', scene()],
  ['a JPEG', noise(900, 600)],
  ['a picture that is made smaller', noise(1_500, 700)],
])('stores the same bytes of %s, whatever its mask covers', async (_what, drawing) => {
  const mask = { x: 37, y: 29, width: 51, height: 47 }
  const isBelow = (x: number, y: number) => x >= 37 && x < 88 && y >= 29 && y < 76
  const other = png({ ...drawing, at: (x, y) => (isBelow(x, y) ? [x & 255, 255, y & 255] : drawing.at(x, y)) })
  const [one, two] = [await maskPicture(png(drawing), [mask]), await maskPicture(other, [mask])]
  expect(one.received).not.toBe(two.received)
  expect(one.sha256).toBe(two.sha256)
})

it('keeps no metadata of a PNG', async () => {
  const file = png(scene(), [
    pngChunk('eXIf', exifWithGps(secret)),
    pngChunk('tEXt', Buffer.from(`Comment\0${secret}`, 'latin1')),
  ])
  const { bytes } = await maskPicture(file, [])
  expect(file.includes(secret)).toBe(true)
  expect(Buffer.from(bytes).includes(secret)).toBe(false)
  for (const type of chunkTypes(bytes)) expect(['IHDR', 'sRGB', 'sBIT', 'IDAT', 'IEND']).toContain(type)
})

it('keeps no metadata of a JPEG', async () => {
  const exif = jpegSegment(0xe1, Buffer.concat([Buffer.from('Exif\0\0', 'latin1'), exifWithGps(secret)]))
  const { bytes, kind } = await maskPicture(png(noise(900, 600)), [])
  expect(kind).toBe('image/jpeg')
  const begun = Buffer.from(bytes.subarray(0, 2))
  // A phone's: a list of pictures, and a small copy behind the picture.
  const list = jpegSegment(0xe2, Buffer.from('MPF\0II*\0'))
  const segments = [exif, jpegSegment(0xfe, Buffer.from(secret)), list]
  const copy = jpeg([jpegSegment(0xfe, Buffer.from(secret))], [64, 48])
  const file = Buffer.concat([begun, ...segments, bytes.subarray(2), copy])
  expect(file.includes(secret)).toBe(true)
  const stored = await maskPicture(file, [])
  expect(stored).toMatchObject({ kind: 'image/jpeg', width: 900, height: 600 })
  expect(Buffer.from(stored.bytes).includes(secret)).toBe(false)
})

it('refuses an empty picture', async () => {
  await expect(maskPicture(jpeg([], [64, 48]), [])).rejects.toThrow(/nothing is seen/)
  const header = pngHeader(64, 64)
  // Colours with an alpha of 0: white is what would be printed.
  const rows = Buffer.concat(
    Array.from({ length: 64 }, (_, y) =>
      Buffer.from([0, ...Array.from({ length: 64 }, (__, x) => [x, y, 9, 0]).flat()]),
    ),
  )
  const withAlpha = pngChunk('IHDR', Buffer.from([...header.subarray(8, 17), 6, ...header.subarray(18, 21)]))
  const clear = [pngSignature, withAlpha, pngChunk('IDAT', deflateSync(rows)), pngChunk('IEND', new Uint8Array())]
  await expect(maskPicture(Buffer.concat(clear), [])).rejects.toThrow(/nothing is seen/)
})

it('stores a large PNG as a JPEG, whose masks are nearly black', async () => {
  const mask = { x: 100, y: 100, width: 300, height: 200 }
  const stored = await maskPicture(png(noise(900, 600)), [mask])
  expect(stored.kind).toBe('image/jpeg')
  expect(stored.bytes.length).toBeLessThan(800_000)
  expect(png(noise(900, 600)).length).toBeGreaterThan(maxPngBytes)
  const again = pixelsOf((await maskPicture(await asPng(stored.bytes), [])).bytes)
  // Around an edge a block of a JPEG mixes what is beside with black, and nothing else.
  for (let x = mask.x + 16; x < mask.x + mask.width - 16; x += 7)
    for (let y = mask.y + 16; y < mask.y + mask.height - 16; y += 7)
      for (const channel of again.at(x, y)) expect(channel).toBeLessThanOrEqual(2)
})

/** A corner of a JPEG that is small enough to be stored as a PNG. */
const asPng = async (bytes: Uint8Array): Promise<Uint8Array> =>
  withPage({}, async (evaluate) => {
    const base64 = Buffer.from(bytes).toString('base64')
    const made = await evaluate<string>(
      `(async () => {
        const image = new Image()
        image.src = 'data:image/jpeg;base64,${base64}'
        await image.decode()
        const canvas = document.createElement('canvas')
        canvas.width = 900
        canvas.height = 600
        const context = canvas.getContext('2d')
        context.fillRect(0, 0, 900, 600)
        context.drawImage(image, 100, 100, 300, 200, 100, 100, 300, 200)
        return canvas.toDataURL('image/png')
      })()`,
      'reading back',
    )
    return Buffer.from(made.slice(made.indexOf(',') + 1), 'base64')
  })

it('refuses what the browser cannot decode', async () => {
  const wrong = Buffer.concat([
    pngSignature,
    pngHeader(64, 64),
    pngChunk('IDAT', Buffer.from('these are no pixels')),
    pngChunk('IEND', new Uint8Array()),
  ])
  await expect(maskPicture(wrong, [])).rejects.toThrow(/cannot decode it/)
})

it('decodes a file whose pixels unpack to far more than its size, and no more of them', async () => {
  const rows = Buffer.alloc(64 * (1 + 3 * 64))
  rows[1] = 200
  const bomb = deflateSync(Buffer.concat([rows, Buffer.alloc(200_000_000)]))
  const file = Buffer.concat([
    pngSignature,
    pngHeader(64, 64),
    pngChunk('IDAT', bomb),
    pngChunk('IEND', new Uint8Array()),
  ])
  expect(file.length).toBeLessThan(300_000)
  const stored = await maskPicture(file, [])
  expect(stored).toMatchObject({ width: 64, height: 64 })
})

it('reaches no server from the page that decodes', async () => {
  let asked = 0
  const server = createServer((_, answer) => {
    asked += 1
    answer.end('x')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const outcome = await withPage({}, (evaluate) =>
      evaluate<string>(`fetch('http://127.0.0.1:${port}/').then(() => 'reached', () => 'refused')`, 'asking a server'),
    )
    expect(outcome).toBe('refused')
    expect(asked).toBe(0)
  } finally {
    server.close()
  }
})
