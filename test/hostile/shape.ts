/**
 * What an HTML document is made of, by a browser's own rules: its elements with their attributes, and what they lead
 * to.
 */
import { type DefaultTreeAdapterTypes, parse } from 'parse5'

type Element = DefaultTreeAdapterTypes.Element
type Node = DefaultTreeAdapterTypes.Node

type Parsed = { readonly html: string; readonly document: DefaultTreeAdapterTypes.Document }

let last: Parsed | undefined

/** A document is looked at in several ways, one after the other, and parsed once. */
const documentOf = (html: string): Parsed['document'] => {
  if (last?.html !== html) last = { html, document: parse(html) }
  return last.document
}

const elementsOf = (html: string): readonly Element[] => within(documentOf(html))

const within = (node: Node): Element[] => [
  ...('tagName' in node ? [node] : []),
  ...('childNodes' in node ? node.childNodes.flatMap(within) : []),
  ...('content' in node ? within(node.content) : []),
]

/** Each element with the names of its attributes, in their order. */
export const shapeOf = (html: string): readonly string[] =>
  elementsOf(html)
    // Around an id, a date or a word without an end, whatever its source.
    .filter(
      ({ tagName, attrs }) =>
        tagName !== 'span' ||
        attrs.length !== 1 ||
        !['unbroken', 'endless', 'date', 'dates'].includes(attrs[0]?.value ?? ''),
    )
    .map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '))

const leading: ReadonlySet<string> = new Set([
  'href',
  'src',
  'action',
  'formaction',
  'data',
  'poster',
  'srcset',
  'ping',
])

/** Every address that the document leads to, loads or sends to, each once. */
export const addressesIn = (html: string): readonly string[] => [
  ...new Set(
    elementsOf(html).flatMap(({ attrs }) => attrs.flatMap(({ name, value }) => (leading.has(name) ? [value] : []))),
  ),
]

const turning = /[\u202a-\u202e\u2066-\u2069]/

/** Names that a sentence isolates itself, each closed where it was opened. */
const withoutIsolates = (text: string): string => {
  const less = text.replace(/\u2068[^\u202a-\u202e\u2066-\u2069]*\u2069/g, '')
  return less === text ? text : withoutIsolates(less)
}

/** Elements within which a turned text stays: what stands beside them is read as before. */
const isolating: ReadonlySet<string> = new Set(['bdi', 'title', 'style'])

/** Texts that turn the direction of writing, and are not isolated from what stands beside them. */
export const turnedIn = (html: string): readonly string[] => {
  const found: string[] = []
  const walk = (node: Node, isIsolated: boolean) => {
    const isolated = isIsolated || isolating.has(node.nodeName)
    if (!isolated && 'value' in node && node.nodeName === '#text' && turning.test(withoutIsolates(node.value)))
      found.push(node.value)
    if ('childNodes' in node) for (const child of node.childNodes) walk(child, isolated)
  }
  walk(documentOf(html), false)
  return found
}

/** Handlers, scripts and what else could run, wherever it stands. */
export const activeIn = (html: string): readonly string[] =>
  elementsOf(html).flatMap(({ tagName, attrs }) => [
    ...(['script', 'iframe', 'object', 'embed', 'base', 'foreignobject'].includes(tagName.toLowerCase())
      ? [tagName]
      : []),
    ...attrs.flatMap(({ name, value }) =>
      /^on/i.test(name) || (leading.has(name) && /^\s*(?:javascript|vbscript|data:text)/i.test(value))
        ? [`${tagName} ${name}=${value}`]
        : [],
    ),
  ])
