/** Checks an HTML document for active content before printing. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5'
import { type Fault, fault } from '../domain/core/fault.ts'
import { pushAll } from '../domain/core/lists.ts'
import { sha256 } from '../domain/core/text/canonical.ts'

type Node = DefaultTreeAdapterTypes.Node
type Element = DefaultTreeAdapterTypes.Element

export class ActiveContentError extends Error {
  override readonly name = 'ActiveContentError'
  readonly findings: readonly string[]
  constructor(findings: readonly string[]) {
    const shown = findings.slice(0, 5).join('; ')
    const more = findings.length > 5 ? `; and ${findings.length - 5} more` : ''
    super(
      `The HTML must not run or fetch anything, but has ${shown}${more}: escape the data, or embed the file as data:`,
    )
    this.findings = findings
  }
}

/** Elements that load, run or redirect, or that can change another element's address. */
const REFUSED_ELEMENTS = new Set(
  'applet animate audio base embed fencedframe frame frameset iframe link object portal script set source track video'.split(
    ' ',
  ),
)

/** Attributes whose value is an address that the browser loads. */
const LOADED = new Set(['src', 'href', 'xlink:href', 'poster', 'background', 'data', 'lowsrc', 'dynsrc', 'manifest'])

/** Attributes that send a request, or hold a document or a list of addresses. */
const REFUSED_ATTRIBUTES = new Set(
  'action attributionsrc formaction imagesrcset ping srcdoc srcset shadowrootmode'.split(' '),
)

/** Attributes that are text, whatever their value resembles. */
const TEXT_ATTRIBUTE = /^(aria-.*|data-.*|alt|title|content|class|id|lang|headers|abbr|d)$/

const HARMLESS_META = new Set(['content-type', 'content-security-policy'])
const EMBEDDED = /^data:(image\/|font\/|application\/font-)/i
const LINK = /^(https?:|mailto:|#)/i
const ARCHIVED = /^(\.\.\/){4}[A-Za-z0-9-]+\/[A-Za-z0-9-]+\/[a-z-]+\/v\d{4,}\/report\.(fr|en)\.html$/

/**
 * Refuses scripts, frames, handlers and redirects. Allows only embedded (data: images and fonts) or internal (#id)
 * addresses, and for <a> also http, https, mailto and archived reports. @throws ActiveContentError
 */
export function refuseActiveContent(html: string): void {
  const findings: string[] = []
  for (const element of elements(html)) pushAll(findings, findingsOf(element))
  if (findings.length > 0) throw new ActiveContentError(findings)
}

function findingsOf(element: Element): string[] {
  const name = element.tagName.toLowerCase()
  if (REFUSED_ELEMENTS.has(name)) return [`<${name}>`]
  const findings: string[] = []
  if (name === 'style')
    pushAll(
      findings,
      cssFindings(textOf(element)).map((found) => `<style> with ${found}`),
    )
  for (const attribute of element.attrs) {
    const key = (attribute.prefix ? `${attribute.prefix}:${attribute.name}` : attribute.name).toLowerCase()
    const found = attributeFinding(name, key, attribute.value)
    if (found !== undefined) findings.push(`<${name} ${key}> with ${found}`)
  }
  return findings
}

function attributeFinding(element: string, key: string, value: string): string | undefined {
  if (key.startsWith('on')) return 'a handler'
  if (REFUSED_ATTRIBUTES.has(key)) return shorten(value)
  if (element === 'meta' && key === 'http-equiv' && !HARMLESS_META.has(value.trim().toLowerCase()))
    return shorten(value)
  if (LOADED.has(key)) {
    // Browsers drop tabs and line ends from addresses, and blanks around them.
    const address = value.replace(/[\t\r\n]/g, '').trim()
    const isLink = (element === 'a' || element === 'area') && key.endsWith('href')
    const allowed = isLink
      ? LINK.test(address) || ARCHIVED.test(value)
      : address.startsWith('#') || EMBEDDED.test(address)
    return allowed ? undefined : shorten(value)
  }
  return TEXT_ATTRIBUTE.test(key) ? undefined : cssFindings(value)[0]
}

/** Searches comments and strings too: strict is simpler than exact. */
function cssFindings(css: string): string[] {
  const plain = css.replace(/\\(?:([0-9a-f]{1,6})\s?|([^\n]))/gi, (_, hex: string | undefined, sign: string) => {
    if (hex === undefined) return sign
    const code = Number.parseInt(hex, 16)
    return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)
  })
  const findings = [...plain.matchAll(/@import|@namespace|(?:image-set|image|src|cross-fade|element)\s*\(/gi)].map(
    ([found]) => found,
  )
  for (const [found, address = ''] of plain.matchAll(/url\(\s*["']?\s*([^"')]*)/gi)) {
    if (!address.startsWith('#') && !EMBEDDED.test(address)) findings.push(shorten(found))
  }
  return findings
}

type PagePicture = { readonly src: string; readonly alt: string }

export type PageRead = {
  readonly texts: readonly string[]
  readonly pictures: readonly PagePicture[]
  /** Texts by `href`. */
  readonly links: ReadonlyMap<string, string>
}

/** Parses the page once: embedded fonts make parsing slow. */
export function readPage(html: string): PageRead {
  const document = parse(html, { scriptingEnabled: false })
  const pictures = [...elementsOf(document)].flatMap(({ tagName, attrs }): readonly PagePicture[] => {
    if (tagName !== 'img') return []
    const { src = '', alt = '' } = Object.fromEntries(attrs.map(({ name, value }) => [name, value]))
    return [{ src, alt }]
  })
  const links = [...elementsOf(document)].flatMap((one): readonly (readonly [string, string])[] => {
    const href = one.tagName === 'a' && one.attrs.find(({ name }) => name === 'href')?.value
    return href ? [[href, textsOf(one).join(' ').replace(/\s+/g, ' ').trim()]] : []
  })
  return { texts: textsOf(document), pictures, links: new Map(links) }
}

/**
 * Requires each expected picture once, with its exact bytes and alternative text, and no other except the
 * organisation's logo.
 */
export function pictureFaults(
  pictures: PageRead['pictures'],
  expected: readonly { readonly sha256: string; readonly alt: string }[],
  logo?: string,
): readonly Fault[] {
  const awaited = new Map(expected.map((one) => [one.sha256, one.alt]))
  const faults: Fault[] = []
  for (const { src, alt } of pictures) {
    if (logo !== undefined && src === logo) continue
    const [, base64] = /^data:image\/(?:png|jpeg);base64,([A-Za-z0-9+/]+=*)$/.exec(src) ?? []
    const hash = base64 === undefined ? undefined : sha256(Buffer.from(base64, 'base64'))
    const text = hash === undefined ? undefined : awaited.get(hash)
    if (hash === undefined || text === undefined) faults.push(fault('gate.picture.unknown', { src: shorten(src) }))
    else if (text.trim() === '' || text !== alt) faults.push(fault('gate.picture.untold', { sha256: hash }))
    if (hash !== undefined) awaited.delete(hash)
  }
  return [...faults, ...[...awaited.keys()].map((hash) => fault('gate.picture.missing', { sha256: hash }))]
}

export const shownText = (html: string): string[] => textsOf(parse(html, { scriptingEnabled: false }))

function textsOf(document: Node): string[] {
  const unseen = new Set(['style', 'script', 'title', 'template'])
  const texts: string[] = []
  const walk = (node: Node) => {
    if ('value' in node && node.nodeName === '#text') texts.push(node.value)
    if (unseen.has(node.nodeName)) return
    for (const child of childrenOf(node)) walk(child)
  }
  walk(document)
  return texts
}

/** Strings in CSS `content` are printed too. */
export function styleText(html: string): string {
  return [...elements(html)]
    .filter((element) => element.tagName === 'style')
    .map(textOf)
    .join('\n')
}

const elements = (html: string): Generator<Element> => elementsOf(parse(html, { scriptingEnabled: false }))

/** Includes <template> and <noscript>: with scripts off a browser shows the latter. */
function* elementsOf(document: Node): Generator<Element> {
  const waiting: Node[] = [document]
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if ('tagName' in node) yield node
    if ('content' in node) waiting.push(node.content)
    pushAll(waiting, childrenOf(node).toReversed())
  }
}

const childrenOf = (node: Node): readonly Node[] => ('childNodes' in node ? node.childNodes : [])

const textOf = (element: Element): string =>
  element.childNodes.map((child) => (child.nodeName === '#text' && 'value' in child ? child.value : '')).join('')

const shorten = (text: string): string => `"${text.length > 60 ? `${text.slice(0, 60)}…` : text}"`
