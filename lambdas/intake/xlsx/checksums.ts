/** Verifies unpacked ZIP files: a wrong size would silently cut a sheet. */
import { crc32 } from 'node:zlib'

/** Size in bytes. */
type Entry = { readonly crc: number; readonly size: number }

const endSign = 0x06054b50
const entrySign = 0x02014b50
const endBytes = 22
const entryBytes = 46
const maxCommentBytes = 65_535

/** Returns the name of a file that is not as the archive states. */
export const damagedIn = (archive: Uint8Array, parts: ReadonlyMap<string, Uint8Array>): string | undefined => {
  const entries = entriesIn(new DataView(archive.buffer, archive.byteOffset, archive.byteLength))
  return [...parts.keys()].find((name) => {
    const [entry, part = new Uint8Array()] = [entries.get(name), parts.get(name)]
    return entry && (part.length !== entry.size || crc32(part) !== entry.crc)
  })
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
    entries.set(name, { crc: view.getUint32(at + 16, true), size: view.getUint32(at + 24, true) })
    at = after + view.getUint16(at + 30, true) + view.getUint16(at + 32, true)
  }
  return entries
}
