/** Reads format, size and number of pictures before any pixel is decoded. */
import { type Fault, fault, FaultError } from '../core/fault.ts'

const pictureKinds = ['image/png', 'image/jpeg', 'image/webp'] as const

type PictureKind = (typeof pictureKinds)[number]

/** Pixels. */
export type PictureSize = { readonly width: number; readonly height: number }

/** As stored: a JPEG's orientation is not applied. */
export type PictureFacts = PictureSize & { readonly kind: PictureKind }

export class PictureError extends FaultError {
  override name = 'PictureError'
}

/** Limits for decoding: a camera of 24 megapixels makes no larger picture. */
export const pictureLimits = { fileBytes: 20_000_000, edge: 12_000, pixels: 25_000_000, shortest: 16 } as const

/**
 * Reads the whole file, which may contain only one still picture.
 * @throws PictureError
 */
export const pictureFacts = (bytes: Uint8Array): PictureFacts => {
  if (bytes.length > pictureLimits.fileBytes) {
    throw new PictureError(fault('picture.fileTooLarge', { bytes: bytes.length, max: pictureLimits.fileBytes }))
  }
  const facts = readerOf(bytes)(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength))
  requireSize(facts)
  return facts
}

const requireSize = ({ width, height }: PictureSize): void => {
  const { edge, pixels, shortest } = pictureLimits
  if (Math.min(width, height) < shortest) throw new PictureError(fault('picture.tooSmall', { width, height, shortest }))
  if (Math.max(width, height) > edge || width * height > pixels) {
    throw new PictureError(fault('picture.tooLarge', { width, height, edge, pixels }))
  }
}

type Reader = (view: DataView) => PictureFacts

const readerOf = (bytes: Uint8Array): Reader => {
  const begins = (...signature: readonly number[]) => signature.every((byte, at) => bytes[at] === byte)
  if (begins(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a)) return pngFacts
  if (begins(0xff, 0xd8, 0xff)) return jpegFacts
  const name = (at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))
  if (name(0) === 'RIFF' && name(8) === 'WEBP') return webpFacts
  const other = otherKind(name(0), name(4))
  throw new PictureError(fault('picture.firstBytes', { kind: other }))
}

const otherKind = (first: string, second: string): Fault => {
  if (first === 'GIF8') return fault('picture.gif')
  if (first === '%PDF') return fault('picture.pdf')
  if (first.startsWith('PK')) return fault('picture.zip')
  if (second === 'ftyp') return fault('picture.heic')
  return /^[\s\ufeffï»¿]*</.test(first) ? fault('picture.svg') : fault('picture.none')
}

const truncated = (): PictureError => new PictureError(fault('picture.cut'))

const more = (count: number): PictureError => new PictureError(fault('picture.trailing', { count }))

const animated = (): PictureError => new PictureError(fault('picture.moves'))

const broken = (what: Fault): PictureError => new PictureError(fault('picture.unreadable', { reason: what }))

/** https://www.w3.org/TR/png-3/#5Chunk-layout */
const pngFacts: Reader = (view) => {
  let size: PictureSize | undefined
  let hasPixels = false
  for (let at = 8; ;) {
    if (at + 12 > view.byteLength) throw truncated()
    const length = view.getUint32(at)
    const type = fourAt(view, at + 4)
    const end = at + 12 + length
    if (end > view.byteLength) throw truncated()
    if (!size && type !== 'IHDR') throw broken(fault('picture.headerNotFirst'))
    if (type === 'IHDR') {
      if (size || length !== 13) throw broken(fault('picture.header'))
      size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) }
    }
    if (type === 'acTL' || type === 'fcTL' || type === 'fdAT') throw animated()
    if (type === 'IDAT') hasPixels = true
    if (type === 'IEND') {
      if (!size || !hasPixels) throw broken(fault('picture.noPixels'))
      if (end < view.byteLength) throw more(view.byteLength - end)
      return { kind: 'image/png', ...size }
    }
    at = end
  }
}

/** Phones append thumbnails or brightness maps to a picture that announces them: none is kept. */
const jpegFacts: Reader = (view) => {
  const { end: first, announcesMore, ...size } = jpegFrom(view, 0)
  let end = first
  while (announcesMore && end + 3 <= view.byteLength && view.getUint16(end) === 0xffd8) end = jpegFrom(view, end).end
  if (end < view.byteLength) throw more(view.byteLength - end)
  return { kind: 'image/jpeg', ...size }
}

type Jpeg = PictureSize & {
  /** Offset of the end. */
  readonly end: number
  /** The file lists several pictures: CIPA DC-007, "Multi-Picture Format". */
  readonly announcesMore: boolean
}

/** ITU T.81, annex B. */
const jpegFrom = (view: DataView, from: number): Jpeg => {
  let size: PictureSize | undefined
  let hasPixels = false
  let announcesMore = false
  for (let at = from + 2; ;) {
    if (at + 2 > view.byteLength) throw truncated()
    if (view.getUint8(at) !== 0xff) throw broken(fault('picture.markerMissing'))
    const marker = view.getUint8(at + 1)
    at += marker === 0xff ? 1 : 2
    if (marker === 0xff || marker === 0x01 || isRestart(marker)) continue
    if (marker === 0xd9) {
      if (!size || !hasPixels) throw broken(fault('picture.noPixels'))
      return { ...size, end: at, announcesMore }
    }
    if (marker === 0xd8 || marker === 0x00) throw broken(fault('picture.marker'))
    if (at + 2 > view.byteLength) throw truncated()
    const end = at + view.getUint16(at)
    if (end > view.byteLength) throw truncated()
    if (isFrame(marker)) {
      if (size || end - at < 8) throw broken(fault('picture.header'))
      size = { height: view.getUint16(at + 3), width: view.getUint16(at + 5) }
    }
    if (marker === 0xe2 && end - at > 6 && fourAt(view, at + 2) === 'MPF\0') announcesMore = true
    if (marker !== 0xda) {
      at = end
      continue
    }
    hasPixels = true
    at = scanEnd(view, end)
  }
}

const isRestart = (marker: number): boolean => marker >= 0xd0 && marker <= 0xd7

/** SOF0 to SOF15, without DHT, JPG and DAC in between. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

/** Finds the next marker: within a scan 0xff is followed by 0 or a restart. */
const scanEnd = (view: DataView, from: number): number => {
  for (let at = from; at + 1 < view.byteLength; at++) {
    if (view.getUint8(at) !== 0xff) continue
    const next = view.getUint8(at + 1)
    if (next !== 0x00 && next !== 0xff && !isRestart(next)) return at
  }
  throw truncated()
}

/** https://www.rfc-editor.org/rfc/rfc9649 */
const webpFacts: Reader = (view) => {
  const all = 8 + view.getUint32(4, true)
  if (all > view.byteLength) throw truncated()
  if (all < view.byteLength) throw more(view.byteLength - all)
  let canvas: PictureSize | undefined
  let frame: PictureSize | undefined
  for (let at = 12; at < all;) {
    if (at + 8 > all) throw truncated()
    const type = fourAt(view, at)
    const length = view.getUint32(at + 4, true)
    const from = at + 8
    if (from + length > all) throw truncated()
    if (type === 'ANIM' || type === 'ANMF') throw animated()
    if (type === 'VP8X') {
      if (length < 10) throw broken(fault('picture.header'))
      if (view.getUint8(from) & 0x02) throw animated()
      canvas = { width: 1 + threeAt(view, from + 4), height: 1 + threeAt(view, from + 7) }
    }
    if (type === 'VP8 ' || type === 'VP8L') {
      if (frame || length < 10) throw broken(fault('picture.header'))
      frame = type === 'VP8 ' ? lossySize(view, from) : losslessSize(view, from)
    }
    at = from + length + (length % 2)
  }
  if (!frame) throw broken(fault('picture.noPixels'))
  if (canvas && (canvas.width !== frame.width || canvas.height !== frame.height)) {
    throw broken(fault('picture.twoSizes'))
  }
  return { kind: 'image/webp', ...frame }
}

const lossySize = (view: DataView, at: number): PictureSize => {
  if (view.getUint8(at + 3) !== 0x9d || view.getUint8(at + 4) !== 0x01 || view.getUint8(at + 5) !== 0x2a) {
    throw broken(fault('picture.frame'))
  }
  return { width: view.getUint16(at + 6, true) & 0x3fff, height: view.getUint16(at + 8, true) & 0x3fff }
}

const losslessSize = (view: DataView, at: number): PictureSize => {
  if (view.getUint8(at) !== 0x2f) throw broken(fault('picture.frame'))
  const bits = view.getUint32(at + 1, true)
  return { width: 1 + (bits & 0x3fff), height: 1 + ((bits >>> 14) & 0x3fff) }
}

const fourAt = (view: DataView, at: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((by) => view.getUint8(at + by)))

const threeAt = (view: DataView, at: number): number => view.getUint16(at, true) + 0x10000 * view.getUint8(at + 2)
