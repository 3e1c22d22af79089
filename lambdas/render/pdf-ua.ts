/** Adds what PDF/UA-1 (ISO 14289-1) requires and Chromium leaves out: its rules are in docs/internals/pdf-ua.md. */
import Handlebars from 'handlebars'

const { escapeExpression } = Handlebars

export type Described = {
  readonly title: string
  /** Texts of links by their `href`, such as `#sources`. */
  readonly links: ReadonlyMap<string, string>
}

/** XMP metadata with the identifier of the standard. */
export const xmpOf = ({ title }: Described): string =>
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
export const withArtifacts = (content: string): string => {
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
export const pdfText = (text: string): string =>
  `<FEFF${Buffer.from(text, 'utf16le').swap16().toString('hex').toUpperCase()}>`
