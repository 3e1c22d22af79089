import { type LongLine, longLine } from '../text/chunks.ts'
import { maxLineBytes } from '../text/lines.ts'

/** The length of `"detections": [`, with some space. */
const lookedBack = 64

type KeptBytes = {
  /** Empty for an element over the limit, which is never held whole. */
  readonly bytes: Uint8Array
  readonly long: LongLine | undefined
}

export const keptBytes = () => {
  let parts: Uint8Array[] = []
  let size = 0
  let long: LongLine | undefined

  const endWith = (part: Uint8Array): Uint8Array => {
    let end = part.subarray(-lookedBack)
    for (let at = parts.length - 1; at >= 0 && end.byteLength < lookedBack; at -= 1) {
      end = Buffer.concat([parts[at] ?? end, end]).subarray(-lookedBack)
    }
    return end
  }
  const clear = (): void => {
    parts = []
    size = 0
    long = undefined
  }
  return {
    endWith,
    clear,
    keep: (part: Uint8Array): void => {
      size += part.byteLength
      if (!long && size <= maxLineBytes) {
        parts.push(part)
        return
      }
      if (long) long.take(part)
      else long = longLine(Buffer.concat([...parts, part]))
      parts = [endWith(part)]
    },
    passOver: (part: Uint8Array): void => {
      parts = [endWith(part)]
    },
    take: (): KeptBytes => {
      const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts)
      const taken = { bytes, long }
      clear()
      return taken
    },
  }
}
