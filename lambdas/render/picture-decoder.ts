/** Decodes, masks and re-encodes a picture in Chromium: no byte of the received file remains. */
import { fault } from '../domain/core/fault.ts'
import { sha256 } from '../domain/core/text/canonical.ts'
import { isSameSize, type Mask, requireInside, scaledMasks, storedSize } from '../domain/plate/mask.ts'
import { PictureError, pictureFacts, type PictureFacts, type PictureSize } from '../domain/plate/picture.ts'
import { type PrinterOptions, withPage } from './chromium.ts'

export type MaskedPicture = PictureSize & {
  readonly kind: 'image/png' | 'image/jpeg'
  readonly bytes: Uint8Array
  /** Of the stored bytes. */
  readonly sha256: string
  /** Of the received file. */
  readonly received: string
}

/** In bytes: drawings and screenshots are smaller and sharper as PNG. */
export const maxPngBytes = 400_000

const maxStoredBytes = 800_000

/**
 * Uses one browser per picture for isolation, without network and with our script only.
 * @throws PictureError if the file is not an allowed picture, or a mask lies outside it
 */
export const maskPicture = async (
  file: Uint8Array,
  masks: readonly Mask[],
  options: Pick<PrinterOptions, 'chromiumDir' | 'chromePath' | 'timeoutMs'> = {},
): Promise<MaskedPicture> => {
  const facts = pictureFacts(file)
  const given = { kind: facts.kind, base64: Buffer.from(file).toString('base64') }
  return withPage(options, async (evaluate) => {
    const size = await evaluate<SeenPicture | null>(`(${loadScript})(${JSON.stringify(given)})`, 'reading the picture')
    requireSame(facts, size)
    requireInside(masks, size)
    const to = storedSize(size)
    const drawing = { size, to, masks, scaled: scaledMasks(masks, size, to), maxPngBytes }
    const stored = await evaluate<{ kind: MaskedPicture['kind']; base64: string } | 'blank' | null>(
      `(${drawScript})(${JSON.stringify(drawing)})`,
      'masking the picture',
    )
    if (stored === null) throw unreadable()
    if (stored === 'blank') {
      throw new PictureError(fault('picture.oneColour'))
    }
    const bytes = new Uint8Array(Buffer.from(stored.base64, 'base64'))
    requireStored(bytes, stored.kind, to)
    const { width, height } = size
    return {
      ...{ ...to, kind: stored.kind, bytes, sha256: sha256(bytes), received: sha256(file) },
      ...(!isSameSize(to, size) && { receivedSize: { width, height } }),
    }
  })
}

type SeenPicture = PictureSize & { readonly frames: number }

const unreadable = (): PictureError => new PictureError(fault('picture.undecodable'))

/** A rotated JPEG swaps width and height. */
function requireSame(facts: PictureFacts, seen: SeenPicture | null): asserts seen is SeenPicture {
  if (!seen) throw unreadable()
  if (seen.frames !== 1) throw new PictureError(fault('picture.frames', { count: seen.frames }))
  const isSame = seen.width === facts.width && seen.height === facts.height
  const isTurned = facts.kind === 'image/jpeg' && seen.width === facts.height && seen.height === facts.width
  if (!isSame && !isTurned) {
    throw new PictureError(
      fault('picture.otherSize', {
        width: facts.width,
        height: facts.height,
        foundWidth: seen.width,
        foundHeight: seen.height,
      }),
    )
  }
}

const requireStored = (bytes: Uint8Array, kind: MaskedPicture['kind'], { width, height }: PictureSize): void => {
  const found = pictureFacts(bytes)
  if (found.kind !== kind || found.width !== width || found.height !== height) {
    throw new Error(`the browser made ${found.kind} of ${found.width} × ${found.height} where ${kind} was asked for`)
  }
  if (bytes.length > maxStoredBytes) {
    throw new PictureError(fault('picture.storedTooLarge', { bytes: bytes.length, max: maxStoredBytes }))
  }
}

/** A string, because bundlers change functions. Checks size and frames before decoding pixels. */
const loadScript = `async ({ kind, base64 }) => {
  const bytes = Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0))
  const image = new Image()
  const isThere = await new Promise((done) => {
    image.onload = () => done(true)
    image.onerror = () => done(false)
    image.src = 'data:' + kind + ';base64,' + base64
  })
  if (!isThere) return null
  const decoder = new ImageDecoder({ data: bytes, type: kind })
  try {
    await decoder.tracks.ready
    globalThis.vigiePicture = new Blob([bytes], { type: kind })
    return { width: image.naturalWidth, height: image.naturalHeight, frames: decoder.tracks.selectedTrack.frameCount }
  } catch {
    return null
  } finally {
    decoder.close()
  }
}`

/** Masks before shrinking, so that no masked pixel mixes into neighbours, and again afterwards for solid edges. */
const drawScript = `async ({ size, to, masks, scaled, maxPngBytes }) => {
  let image
  try {
    image = await createImageBitmap(globalThis.vigiePicture)
  } catch {
    return null
  }
  const canvasOf = ({ width, height }, source, covered) => {
    const canvas = new OffscreenCanvas(width, height)
    const context = canvas.getContext('2d', { alpha: false })
    context.fillStyle = '#fff'
    context.fillRect(0, 0, width, height)
    context.imageSmoothingQuality = 'high'
    context.drawImage(source, 0, 0, width, height)
    context.fillStyle = '#000'
    for (const one of covered) context.fillRect(one.x, one.y, one.width, one.height)
    return canvas
  }
  const small = canvasOf(to, image, []).getContext('2d').getImageData(0, 0, to.width, to.height).data
  const points = new Uint32Array(small.buffer)
  if (points.every((point) => point === points[0])) return 'blank'
  const whole = canvasOf(size, image, masks)
  const stored = canvasOf(to, whole, scaled)
  let kind = 'image/png'
  let blob = await stored.convertToBlob({ type: kind })
  if (blob.size > maxPngBytes) {
    kind = 'image/jpeg'
    blob = await stored.convertToBlob({ type: kind, quality: 0.85 })
  }
  const reader = new FileReader()
  const address = await new Promise((done, fail) => {
    reader.onload = () => done(reader.result)
    reader.onerror = () => fail(reader.error)
    reader.readAsDataURL(blob)
  })
  return { kind, base64: address.slice(address.indexOf(',') + 1) }
}`
