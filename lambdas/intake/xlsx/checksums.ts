/** Verifies unpacked ZIP files: a wrong size would silently cut a sheet. */
import { crc32, inflateRawSync } from 'node:zlib'

/** Sizes in bytes; `at` is the file's offset in the archive. */
type Entry = { readonly crc: number; readonly packed: number; readonly size: number; readonly at: number }

const endSign = 0x06054b50
const entrySign = 0x02014b50
const endBytes = 22
const entryBytes = 46
const fileBytes = 30
const maxCommentBytes = 65_535

/** @param most bytes that may be unpacked for the check */
export const checksumFaultIn = (
  archive: Uint8Array,
  parts: ReadonlyMap<string, Uint8Array>,
  most: number,
): { readonly name: string; readonly fault: 'size' | 'content' } | undefined => {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength)
  const entries = entriesIn(view)
  for (const [name, part] of parts) {
    const entry = entries.get(name)
    if (!entry || (part.length === entry.size && crc32(part) === entry.crc)) continue
    return { name, fault: isWholeOtherwise(view, entry, most) ? 'size' : 'content' }
  }
  return undefined
}

const entriesIn = (view: DataView): ReadonlyMap<string, Entry> => {
  const entries = new Map<string, Entry>()
  const last = view.byteLength - endBytes
  let end = last
  while (end >= 0 && end >= last - maxCommentBytes && view.getUint32(end, true) !== endSign) end -= 1
  if (end < 0 || view.getUint32(end, true) !== endSign) return entries
  let at = view.getUint32(end + 16, true)
  while (at + entryBytes <= view.byteLength && view.getUint32(at, true) === entrySign) {
    const nameBytes = view.getUint16(at + 28, true)
    const after = at + entryBytes + nameBytes
    if (after > view.byteLength) break
    const name = new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + at + entryBytes, nameBytes))
    const [crc, packed, size] = [16, 20, 24].map((field) => view.getUint32(at + field, true)) as [
      number,
      number,
      number,
    ]
    entries.set(name, { crc, packed, size, at: view.getUint32(at + 42, true) })
    at = after + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return entries
}

/** Returns whether only the stated size is wrong. */
const isWholeOtherwise = (view: DataView, { at, packed, crc }: Entry, most: number): boolean => {
  if (at + fileBytes > view.byteLength) return false
  const from = at + fileBytes + view.getUint16(at + 26, true) + view.getUint16(at + 28, true)
  if (from + packed > view.byteLength) return false
  const isStored = view.getUint16(at + 8, true) === 0
  const text = new Uint8Array(view.buffer, view.byteOffset + from, packed)
  try {
    return crc32(isStored ? text : inflateRawSync(text, { maxOutputLength: most })) === crc
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE'
  }
}
