/** Pictures that tests draw by code: honest ones, and files that are not what they say. */
import { crc32, deflateSync, inflateSync } from 'node:zlib'

export type Colour = readonly [red: number, green: number, blue: number]

export type Drawing = { readonly width: number; readonly height: number; readonly at: (x: number, y: number) => Colour }

const ascii = (text: string): Buffer => Buffer.from(text, 'latin1')

export const pngChunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([ascii(type), data])
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, sum])
}

export const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])

export const pngHeader = (width: number, height: number): Buffer => {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return pngChunk('IHDR', header)
}

/** An RGB picture; `extra` chunks stand between its header and its pixels. */
export const png = ({ width, height, at }: Drawing, extra: readonly Buffer[] = []): Buffer => {
  const rows = Buffer.alloc(height * (1 + 3 * width))
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) rows.set(at(x, y), y * (1 + 3 * width) + 1 + 3 * x)
  return Buffer.concat([
    pngSignature,
    pngHeader(width, height),
    ...extra,
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', new Uint8Array()),
  ])
}

/** Colours of the pixels of a PNG of 8 bits a channel, without interlace: read by the letter of the standard. */
export const pixelsOf = (file: Uint8Array): Drawing => {
  const view = Buffer.from(file)
  let [width, height, channels] = [0, 0, 0]
  const parts: Buffer[] = []
  for (let at = 8; at < view.length;) {
    const length = view.readUInt32BE(at)
    const type = view.toString('latin1', at + 4, at + 8)
    const data = view.subarray(at + 8, at + 8 + length)
    if (type === 'IHDR') {
      ;[width, height] = [data.readUInt32BE(0), data.readUInt32BE(4)]
      if (data[8] !== 8 || data[12] !== 0) throw new Error('a PNG of another form')
      channels = data[9] === 6 ? 4 : data[9] === 2 ? 3 : 0
      if (channels === 0) throw new Error('a PNG of another form')
    }
    if (type === 'IDAT') parts.push(data)
    at += 12 + length
  }
  const raw = inflateSync(Buffer.concat(parts))
  const line = width * channels
  const pixels = Buffer.alloc(line * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (line + 1)]
    for (let x = 0; x < line; x++) {
      const left = x < channels ? 0 : (pixels[y * line + x - channels] ?? 0)
      const up = y === 0 ? 0 : (pixels[(y - 1) * line + x] ?? 0)
      const corner = y === 0 || x < channels ? 0 : (pixels[(y - 1) * line + x - channels] ?? 0)
      const predicted = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter ?? 0] ?? 0
      pixels[y * line + x] = ((raw[y * (line + 1) + 1 + x] ?? 0) + predicted) & 0xff
    }
  }
  const at = (x: number, y: number): Colour => {
    const from = y * line + x * channels
    return [pixels[from] ?? 0, pixels[from + 1] ?? 0, pixels[from + 2] ?? 0]
  }
  return { width, height, at }
}

const paeth = (left: number, up: number, corner: number): number => {
  const guess = left + up - corner
  const [a, b, c] = [left, up, corner].map((one) => Math.abs(guess - one)) as [number, number, number]
  return a <= b && a <= c ? left : b <= c ? up : corner
}

/** Types of a PNG's chunks, in order. */
export const chunkTypes = (file: Uint8Array): readonly string[] => {
  const view = Buffer.from(file)
  const types: string[] = []
  for (let at = 8; at < view.length; at += 12 + view.readUInt32BE(at))
    types.push(view.toString('latin1', at + 4, at + 8))
  return types
}

/** A schematic scene: a house, and where a face would be a pattern that no mask lets through. */
export const scene = (width = 320, height = 200): Drawing => ({
  width,
  height,
  at: (x, y) => {
    if (x >= 40 && x < 80 && y >= 30 && y < 70) return (x + y) % 2 === 0 ? [255, 0, 0] : [0, 255, 0]
    return y > height / 2 ? [120, 140, 90] : [200, 210, 230]
  },
})

/** No two neighbours alike: a picture that compresses badly. */
export const noise = (width: number, height: number): Drawing => ({
  width,
  height,
  at: (x, y) => {
    const mixed = Math.imul((x * 73_856_093) ^ (y * 19_349_663), 2_654_435_761) >>> 0
    return [mixed & 255, (mixed >>> 8) & 255, (mixed >>> 16) & 255]
  },
})

/** An EXIF block that says where the picture was taken, with a word to look for. */
export const exifWithGps = (secret: string): Buffer => {
  const text = ascii(`${secret}\0`)
  const tiff = Buffer.alloc(26 + text.length)
  tiff.write('II*\0', 0, 'latin1')
  tiff.writeUInt32LE(8, 4)
  tiff.writeUInt16LE(1, 8)
  tiff.writeUInt16LE(0x010e, 10) // ImageDescription
  tiff.writeUInt16LE(2, 12)
  tiff.writeUInt32LE(text.length, 14)
  tiff.writeUInt32LE(26, 18)
  tiff.set(text, 26)
  return tiff
}

/** One solid grey, 16 × 16: the smallest JPEG that a decoder takes, with segments of our own before its frame. */
export const jpeg = (segments: readonly Buffer[] = [], size: readonly [number, number] = [16, 16]): Buffer => {
  const segment = (marker: number, body: readonly number[] | Uint8Array) =>
    Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]), Buffer.from(body)])
  const [width, height] = size
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8)
  // One symbol each: no change of the mean (one bit), and the end of a block (one bit).
  const bits = blocks * 2
  const scan = Buffer.alloc(Math.ceil(bits / 8))
  if (bits % 8 !== 0) scan[scan.length - 1] = (1 << (8 - (bits % 8))) - 1
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    ...segments,
    segment(0xdb, [0, ...Array.from({ length: 64 }, () => 1)]),
    segment(0xc0, [8, height >> 8, height & 255, width >> 8, width & 255, 1, 1, 0x11, 0]),
    segment(0xc4, [0x00, 1, ...Array.from({ length: 15 }, () => 0), 0]),
    segment(0xc4, [0x10, 1, ...Array.from({ length: 15 }, () => 0), 0]),
    segment(0xda, [1, 1, 0x00, 0, 63, 0]),
    scan,
    Buffer.from([0xff, 0xd9]),
  ])
}

export const jpegSegment = (marker: number, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from([0xff, marker, (body.length + 2) >> 8, (body.length + 2) & 255]), body])

const riffChunk = (type: string, body: Uint8Array): Buffer => {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  return Buffer.concat([ascii(type), length, body, Buffer.alloc(body.length % 2)])
}

/** A WebP of these chunks. */
export const webp = (chunks: readonly (readonly [type: string, body: Uint8Array])[]): Buffer => {
  const body = Buffer.concat([ascii('WEBP'), ...chunks.map(([type, one]) => riffChunk(type, one))])
  const length = Buffer.alloc(4)
  length.writeUInt32LE(body.length)
  return Buffer.concat([ascii('RIFF'), length, body])
}

/** A lossless frame's header of a size; no pixels follow. */
export const webpFrame = (width: number, height: number): Buffer => {
  const frame = Buffer.alloc(12)
  frame[0] = 0x2f
  frame.writeUInt32LE(((width - 1) | ((height - 1) << 14)) >>> 0, 1)
  return frame
}
