/**
 * Compresses Chromium's PDFs to a fifth, since their tags are many small objects, and adds what PDF/UA-1 (ISO 14289-1)
 * requires and Chromium leaves out: see docs/internals/pdf-ua.md.
 */
import { zlibSync } from 'fflate'
import Handlebars from 'handlebars'
import { contentOf, PdfError, type PdfFile, pageContents, readPdf, targetOf } from './pdf.ts'

const { escapeExpression } = Handlebars

/** Reading one object inflates its whole stream. */
const objectsInStream = 500

/**
 * Rewrites as PDF 1.5 with compressed object streams (ISO 32000-1, 7.5.7 and 7.5.8). Numbers and contents of objects
 * stay, but for what PDF/UA-1 requires. The JavaScript compressor keeps bytes independent of Node's version and the
 * processor. Throws PdfError on files unlike Chromium's.
 */
export const compactPdf = (pdf: Uint8Array, described: Described): Buffer => {
  const file = readPdf(pdf)
  const metadata = file.count
  const count = metadata + 1
  const objects = [...accessible(objectsOf(file), file, described, metadata), metadataOf(metadata, described)]
  const plain = objects.filter(({ isStream }) => !isStream)
  const groups = Array.from({ length: Math.ceil(plain.length / objectsInStream) }, (_, at) =>
    plain.slice(at * objectsInStream, (at + 1) * objectsInStream),
  )
  const parts: Buffer[] = [Buffer.from('%PDF-1.5\n%\xd3\xeb\xe9\xe1\n', 'latin1')]
  let length = parts[0]?.length ?? 0
  /** By object number: a kind, and two numbers that depend on it. */
  const places: Place[] = Array.from({ length: count + groups.length + 1 }, () => [0, 0, 0])
  const write = (number: number, written: Buffer) => {
    places[number] = [1, length, 0]
    parts.push(written)
    length += written.length
  }
  for (const { number, written } of objects.filter(({ isStream }) => isStream)) write(number, written)
  for (const [at, group] of groups.entries()) {
    const number = count + at
    for (const [index, { number: held }] of group.entries()) places[held] = [2, number, index]
    write(number, objectStream(number, group))
  }
  const table = count + groups.length
  places[table] = [1, length, 0]
  const [root, info] = ['Root', 'Info'].map((key) => referenceIn(file, key))
  const head = `/Type /XRef\n/Size ${places.length}\n/W [1 4 2]\n/Root ${root}\n/Info ${info}`
  parts.push(stream(table, head, tableOf(places)), Buffer.from(`startxref\n${length}\n%%EOF\n`))
  return Buffer.concat(parts)
}

type Place = readonly [kind: 0 | 1 | 2, number, number]

type Written = { readonly number: number; readonly isStream: boolean; readonly written: Buffer }

/** In numeric order. */
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

const accessible = (
  objects: readonly Written[],
  file: PdfFile,
  { links }: Described,
  metadata: number,
): readonly Written[] => {
  const contents = new Set(pageContents(file))
  const added = (one: Written, to: string, entry: string): Written => ({
    ...one,
    written: Buffer.from(one.written.toString('latin1').replace(to, `${to}\n${entry}`), 'latin1'),
  })
  return objects.map((one) => {
    const { number, isStream, written } = one
    if (contents.has(number)) {
      return { ...one, written: stream(number, '', Buffer.from(withArtifacts(contentOf(file, number)), 'latin1')) }
    }
    if (isStream) return one
    if (written.includes('/Type /Catalog')) return added(one, '/Type /Catalog', `/Metadata ${metadata} 0 R`)
    if (!written.includes('/Subtype /Link')) return one
    const target = targetOf(file, number)
    return added(one, '/Subtype /Link', `/Contents ${pdfText(links.get(target) || target)}`)
  })
}

/** Not compressed, so that programs find it without reading the file. */
const metadataOf = (number: number, described: Described): Written => {
  const content = Buffer.from(xmpOf(described))
  const head = `${number} 0 obj\n<</Type /Metadata\n/Subtype /XML\n/Length ${content.length}>> stream\n`
  const written = Buffer.concat([Buffer.from(head), content, Buffer.from('\nendstream\nendobj\n')])
  return { number, isStream: true, written }
}

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

const tableOf = (places: readonly Place[]): Buffer => {
  const table = Buffer.alloc(7 * places.length)
  for (const [at, [kind, one, other]] of places.entries()) {
    table.writeUInt8(kind, 7 * at)
    table.writeUInt32BE(one, 7 * at + 1)
    // The first free object has generation 65535.
    table.writeUInt16BE(at === 0 ? 0xffff : other, 7 * at + 5)
  }
  return table
}

const referenceIn = ({ trailer }: PdfFile, key: string): string => {
  const value = trailer.get(key)
  if (typeof value !== 'object' || value === null || !('ref' in value)) throw new PdfError(`has no ${key}`)
  return `${value.ref} 0 R`
}

type Described = {
  readonly title: string
  /** Texts of links by their `href`, such as `#sources`. */
  readonly links: ReadonlyMap<string, string>
}

/** XMP metadata with the identifier of the standard. */
const xmpOf = ({ title }: Described): string =>
  `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">${escapeExpression(title)}</rdf:li></rdf:Alt></dc:title>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`

const begins = new Set(['m', 're', 'BT', 'Do', 'sh'])
const ends = new Set(['f', 'f*', 'S', 's', 'B', 'B*', 'b', 'b*', 'n', 'ET', 'Do', 'sh'])

/**
 * Marks as artifacts what a page paints outside its structure: backgrounds, rules, and the texts of the margins.
 * @param content operators of a page, each at the end of a line, as Skia writes them
 */
const withArtifacts = (content: string): string => {
  const lines = content.split('\n')
  const marked: string[] = []
  let depth = 0
  let isOpen = false
  for (const [at, line] of lines.entries()) {
    const operator = /[A-Za-z]+\*?$/.exec(line)?.[0] ?? ''
    if (depth === 0 && !isOpen && begins.has(operator) && !(operator === 'BT' && hasOwnTags(lines, at))) {
      marked.push('/Artifact BMC')
      isOpen = true
    }
    marked.push(line)
    if (operator === 'BDC' || operator === 'BMC') depth += 1
    if (operator === 'EMC') depth -= 1
    if (isOpen && depth === 0 && ends.has(operator)) {
      marked.push('EMC')
      isOpen = false
    }
  }
  return marked.join('\n')
}

const hasOwnTags = (lines: readonly string[], from: number): boolean =>
  lines.slice(from, lines.indexOf('ET', from)).some((line) => line.includes('/MCID'))

/** UTF-16 with its mark, in hexadecimal. */
const pdfText = (text: string): string => `<FEFF${Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase()}>`
