/** Decodes a picture by Chromium, masks it, and encodes it anew: of the file that came in no byte is left. */
import { fault } from '../domain/core/fault.ts'
import { sha256 } from '../domain/core/text/canonical.ts'
import { isSameSize, type Mask, requireInside, scaledMasks, storedSize } from '../domain/plate/mask.ts'
import { PictureError, pictureFacts, type PictureFacts, type PictureSize } from '../domain/plate/picture.ts'
import { type PrinterOptions, withPage } from './chromium.ts'

/** A picture as it is stored: nothing but pixels, its masks among them. */
export type MaskedPicture = PictureSize & {
  readonly kind: 'image/png' | 'image/jpeg'
  readonly bytes: Uint8Array
  /** Of the stored bytes. */
  readonly sha256: string
  /** Of the file as it came in. */
  readonly received: string
}

/** A drawing or a screen is smaller as PNG, and sharper; of a larger one a JPEG is made, which a PDF holds as it is. */
export const maxPngBytes = 400_000

/** What is stored of a picture, at most. */
export const maxStoredBytes = 800_000

/**
 * One browser for one picture, so that nothing of one reaches another. The page has no network, and no script but ours.
 * @throws PictureError where the file is no picture that may be shown, or a mask lies outside of it
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

/** As the browser sees it, turned as it is to be. */
type SeenPicture = PictureSize & { readonly frames: number }

const unreadable = (): PictureError => new PictureError(fault('picture.undecodable'))

/** A JPEG that is to be turned is looked at the other way round. */
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

/** What the browser gave back is a picture of that size and no more. */
const requireStored = (bytes: Uint8Array, kind: MaskedPicture['kind'], { width, height }: PictureSize): void => {
  const found = pictureFacts(bytes)
  if (found.kind !== kind || found.width !== width || found.height !== height) {
    throw new Error(`the browser made ${found.kind} of ${found.width} × ${found.height} where ${kind} was asked for`)
  }
  if (bytes.length > maxStoredBytes) {
    throw new PictureError(fault('picture.storedTooLarge', { bytes: bytes.length, max: maxStoredBytes }))
  }
}

/** A text, since a bundler changes functions. Size and frames are known before its pixels are decoded. */
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

/**
 * Masks are drawn before the picture is made smaller, so that nothing below them is mixed into what is beside, and once
 * more afterwards, so that their edges are solid. White lies under what is transparent.
 */
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
