/**
 * A PDF by Chromium in a fifth of its size: its tags, one small object for each run of text, are written compressed.
 */
import { zlibSync } from 'fflate'
import { PdfError, type PdfFile, readPdf } from './pdf.ts'

/** As many as one stream holds: a reader that wants one of them inflates them all. */
const objectsInStream = 500

/**
 * The same document as PDF 1.5: objects that are no streams are in compressed object streams, and the table of all
 * objects in a stream too (ISO 32000-1, 7.5.7 and 7.5.8). Numbers and contents of objects stay. The compressor is
 * JavaScript, and not Node's, since the bytes must not depend on Node's version or the processor. Throws PdfError if
 * the file is not of the kind that Chromium writes.
 */
export const compactPdf = (pdf: Uint8Array): Buffer => {
  const file = readPdf(pdf)
  const objects = objectsOf(file)
  const plain = objects.filter(({ isStream }) => !isStream)
  const groups = Array.from({ length: Math.ceil(plain.length / objectsInStream) }, (_, at) =>
    plain.slice(at * objectsInStream, (at + 1) * objectsInStream),
  )
  const parts: Buffer[] = [Buffer.from('%PDF-1.5\n%\xd3\xeb\xe9\xe1\n', 'latin1')]
  let length = parts[0]?.length ?? 0
  /** Where each object is, by its number: of a kind, and two numbers that mean what that kind says. */
  const places: Place[] = Array.from({ length: file.count + groups.length + 1 }, () => [0, 0, 0])
  const write = (number: number, written: Buffer) => {
    places[number] = [1, length, 0]
    parts.push(written)
    length += written.length
  }
  for (const { number, written } of objects.filter(({ isStream }) => isStream)) write(number, written)
  for (const [at, group] of groups.entries()) {
    const number = file.count + at
    for (const [index, { number: held }] of group.entries()) places[held] = [2, number, index]
    write(number, objectStream(number, group))
  }
  const table = file.count + groups.length
  places[table] = [1, length, 0]
  const [root, info] = ['Root', 'Info'].map((key) => referenceIn(file, key))
  const head = `/Type /XRef\n/Size ${places.length}\n/W [1 4 2]\n/Root ${root}\n/Info ${info}`
  parts.push(stream(table, head, tableOf(places)), Buffer.from(`startxref\n${length}\n%%EOF\n`))
  return Buffer.concat(parts)
}

type Place = readonly [kind: 0 | 1 | 2, number, number]

/** An object with all that is between its number and its end; a stream with its number and end, as it is written. */
type Written = { readonly number: number; readonly isStream: boolean; readonly written: Buffer }

/** In the order of their numbers. */
const objectsOf = (file: PdfFile): readonly Written[] => {
  const offsets = Array.from({ length: file.count }, (_, number) => ({
    number,
    offset: file.offsetOf(number),
  })).flatMap(({ number, offset }) => (offset === undefined ? [] : [{ number, offset }]))
  const inFile = offsets.toSorted((one, other) => one.offset - other.offset)
  return inFile
    .map(({ number, offset }, at) => {
      const end = inFile[at + 1]?.offset ?? file.tableAt
      const head = `${number} 0 obj\n`
      const tail = 'endobj\n'
      if (!file.text.startsWith(head, offset) || !file.text.endsWith(tail, end)) {
        throw new PdfError(`has an object ${number} that does not begin or end as one`)
      }
      const isStream = file.text.endsWith(`endstream\n${tail}`, end)
      const written = isStream
        ? file.bytes.subarray(offset, end)
        : file.bytes.subarray(offset + head.length, end - tail.length)
      return { number, isStream, written }
    })
    .sort((one, other) => one.number - other.number)
}

/** Numbers and places first, then the objects themselves. */
const objectStream = (number: number, group: readonly Written[]): Buffer => {
  let at = 0
  const index = group.map(({ number: held, written }) => {
    const entry = `${held} ${at}`
    at += written.length
    return entry
  })
  const first = Buffer.from(`${index.join(' ')}\n`)
  const head = `/Type /ObjStm\n/N ${group.length}\n/First ${first.length}`
  return stream(number, head, Buffer.concat([first, ...group.map(({ written }) => written)]))
}

const stream = (number: number, head: string, content: Uint8Array): Buffer => {
  const deflated = zlibSync(content, { level: 6 })
  return Buffer.concat([
    Buffer.from(`${number} 0 obj\n<<${head}\n/Filter /FlateDecode\n/Length ${deflated.length}>> stream\n`),
    deflated,
    Buffer.from('\nendstream\nendobj\n'),
  ])
}

/** Seven bytes each: the kind in one, then four and two. */
const tableOf = (places: readonly Place[]): Buffer => {
  const table = Buffer.alloc(7 * places.length)
  for (const [at, [kind, one, other]] of places.entries()) {
    table.writeUInt8(kind, 7 * at)
    table.writeUInt32BE(one, 7 * at + 1)
    // The first of the free objects is told by its generation.
    table.writeUInt16BE(at === 0 ? 0xffff : other, 7 * at + 5)
  }
  return table
}

const referenceIn = ({ trailer }: PdfFile, key: string): string => {
  const value = trailer.get(key)
  if (typeof value !== 'object' || value === null || !('ref' in value)) throw new PdfError(`has no ${key}`)
  return `${value.ref} 0 R`
}
