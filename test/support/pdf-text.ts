/** Reads a PDF as a reader does, by Mozilla's pdf.js: text, outline, language, title, tags. */
import { getDocumentProxy, getResolvedPDFJS } from 'unpdf'

type Document = Awaited<ReturnType<typeof getDocumentProxy>>

async function read<T>(pdf: Uint8Array, reader: (document: Document) => Promise<T>): Promise<T> {
  // pdf.js takes the buffer for its own; the caller keeps theirs.
  const document = await getDocumentProxy(new Uint8Array(pdf), { verbosity: 0 })
  try {
    return await reader(document)
  } finally {
    await document.cleanup()
  }
}

/** The text of each page, lines joined by line ends. */
export function pdfText(pdf: Uint8Array): Promise<string[]> {
  return read(pdf, async (document) => {
    const pages: string[] = []
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number)
      const { items } = await page.getTextContent()
      pages.push(items.map((item) => ('str' in item ? item.str + (item.hasEOL ? '\n' : '') : '')).join(''))
    }
    return pages
  })
}

/** How tall the first text on page 1 that holds these words is printed, in points; undefined where none does. */
export function pdfTextSize(pdf: Uint8Array, words: string): Promise<number | undefined> {
  return read(pdf, async (document) => {
    const { items } = await (await document.getPage(1)).getTextContent()
    const found = items.flatMap((item) => ('str' in item && item.str.includes(words) ? [item.height] : []))
    return found[0]
  })
}

/** A bookmark, with its level from 1. */
type Bookmark = { readonly title: string; readonly level: number }

/** The bookmarks in order, as a flat list. */
export function pdfOutline(pdf: Uint8Array): Promise<Bookmark[]> {
  return read(pdf, async (document) => {
    type Item = Awaited<ReturnType<Document['getOutline']>>[number]
    const flatten = (items: readonly Item[] | null, level: number): Bookmark[] =>
      (items ?? []).flatMap((item) => [{ title: item.title, level }, ...flatten(item.items, level + 1)])
    return flatten(await document.getOutline(), 1)
  })
}

/** The addresses that its pages lead to. */
export function pdfLinks(pdf: Uint8Array): Promise<string[]> {
  return read(pdf, async (document) => {
    const links: string[] = []
    for (let number = 1; number <= document.numPages; number++) {
      const annotations = (await (await document.getPage(number)).getAnnotations()) as { readonly url?: string }[]
      links.push(...annotations.flatMap(({ url }) => url ?? []))
    }
    return links
  })
}

/** What the document says of itself. */
type PdfFacts = {
  readonly title: string | undefined
  readonly lang: string | undefined
  readonly tagged: boolean
  readonly created: string | undefined
}

/** Title, language, tags and creation date (D:YYYYMMDDHHmmSS...). */
export function pdfFacts(pdf: Uint8Array): Promise<PdfFacts> {
  return read(pdf, async (document) => {
    const info: { Title?: string; Language?: string; CreationDate?: string } = (await document.getMetadata()).info
    const marks = await document.getMarkInfo()
    return { title: info.Title, lang: info.Language, tagged: marks?.Marked === true, created: info.CreationDate }
  })
}

/** The text of each page that its structure holds: what a screen reader speaks. */
export function pdfSpoken(pdf: Uint8Array): Promise<string[]> {
  return read(pdf, async (document) => {
    type Node = { readonly type?: string; readonly id?: string; readonly children?: readonly Node[] }
    type Item = { readonly type?: string; readonly id?: string; readonly str?: string }
    const idsIn = (node: Node): string[] => [
      ...(node.type === 'content' && node.id ? [node.id] : []),
      ...(node.children ?? []).flatMap(idsIn),
    ]
    const pages: string[] = []
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number)
      const tree = (await page.getStructTree()) as Node | null
      const ids = new Set(tree === null ? [] : idsIn(tree))
      const { items } = await page.getTextContent({ includeMarkedContent: true })
      const open: boolean[] = []
      let text = ''
      for (const item of items as readonly Item[]) {
        if (item.type?.startsWith('begin')) open.push(item.id !== undefined && ids.has(item.id))
        else if (item.type === 'endMarkedContent') open.pop()
        else if (open.includes(true)) text += item.str ?? ''
      }
      pages.push(text)
    }
    return pages
  })
}

type Universal = {
  /** `pdfuaid:part` and the title of the XMP metadata. */
  readonly identifier: string | undefined
  readonly title: string | undefined
  /** Paint operations that are neither in the structure nor artifacts. */
  readonly untagged: number
  /** What a screen reader speaks of each link. */
  readonly links: readonly string[]
  readonly figuresWithoutText: number
}

/** What PDF/UA-1 requires of tagged content. */
export function pdfUniversal(pdf: Uint8Array): Promise<Universal> {
  return read(pdf, async (document) => {
    const { OPS } = await getResolvedPDFJS()
    type Tag = { readonly role?: string; readonly alt?: string; readonly children?: readonly Tag[] }
    const tagsIn = (tag: Tag): readonly Tag[] => [tag, ...(tag.children ?? []).flatMap(tagsIn)]
    const begins = new Set([OPS.beginMarkedContent, OPS.beginMarkedContentProps])
    const paints = new Set([
      OPS.constructPath,
      OPS.fill,
      OPS.stroke,
      OPS.showText,
      OPS.paintImageXObject,
      OPS.shadingFill,
    ])
    let [untagged, figuresWithoutText] = [0, 0]
    const links: string[] = []
    for (let number = 1; number <= document.numPages; number++) {
      const page = await document.getPage(number)
      let depth = 0
      for (const operator of (await page.getOperatorList()).fnArray) {
        if (begins.has(operator)) depth += 1
        if (operator === OPS.endMarkedContent) depth -= 1
        if (depth === 0 && paints.has(operator)) untagged += 1
      }
      const annotations = (await page.getAnnotations()) as { readonly contentsObj?: { readonly str: string } }[]
      links.push(...annotations.map(({ contentsObj }) => contentsObj?.str ?? ''))
      const tags = tagsIn(((await page.getStructTree()) ?? {}) as Tag)
      figuresWithoutText += tags.filter(({ role, alt }) => role === 'Figure' && !alt).length
    }
    const { metadata } = await document.getMetadata()
    const named = (name: string) => (metadata?.get(name) as string | null) ?? undefined
    return { identifier: named('pdfuaid:part'), title: named('dc:title'), untagged, links, figuresWithoutText }
  })
}

/** The roles of the tags on a page (Table, TR, Figure, …), in order. */
export function pdfTags(pdf: Uint8Array, page: number): Promise<string[]> {
  return read(pdf, async (document) => {
    type Tag = { readonly role?: string; readonly children?: readonly Tag[] }
    const roles = (tag: Tag): string[] => [...(tag.role ? [tag.role] : []), ...(tag.children ?? []).flatMap(roles)]
    const tree = (await (await document.getPage(page)).getStructTree()) as Tag | null
    return tree === null ? [] : roles(tree)
  })
}

/** The page numbers, from 1, on which a glyph 0 is drawn: a box or a blank in place of a character. */
export function pagesWithGlyphZero(pdf: Uint8Array): Promise<number[]> {
  return read(pdf, async (document) => {
    const { OPS } = await getResolvedPDFJS()
    const found: number[] = []
    for (let number = 1; number <= document.numPages; number++) {
      const { fnArray, argsArray } = await (await document.getPage(number)).getOperatorList()
      const shown = argsArray.filter((_, at) => fnArray[at] === OPS.showText).flat(2)
      if (shown.some((glyph) => glyph?.originalCharCode === 0)) found.push(number)
    }
    return found
  })
}

/** The names of the embedded fonts (without the subset's six letters), sorted. */
export function pdfFonts(pdf: Uint8Array): string[] {
  const text = Buffer.from(pdf).toString('latin1')
  const names = [...text.matchAll(/\/BaseFont \/(?:[A-Z]{6}\+)?([^\s/>]+)/g)].map(([, name = '']) => name)
  return [...new Set(names)].sort()
}
