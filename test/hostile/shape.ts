/** The elements, attributes and addresses of an HTML document, parsed by the rules of a browser. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5'

type Element = DefaultTreeAdapterTypes.Element
type Node = DefaultTreeAdapterTypes.Node

type Parsed = { readonly html: string; readonly document: DefaultTreeAdapterTypes.Document }

let last: Parsed | undefined

/** Parses a document once for several checks. */
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

/** Each element with the names of its attributes. */
export const shapeOf = (html: string): readonly string[] =>
  elementsOf(html)
    // Wraps ids and dates of any source.
    .filter(
      ({ tagName, attrs }) =>
        tagName !== 'span' || attrs.length !== 1 || !['unbroken', 'date', 'dates'].includes(attrs[0]?.value ?? ''),
    )
    .map(({ tagName, attrs }) => [tagName, ...attrs.map(({ name }) => name)].join(' '))

const leading: ReadonlySet<string> = new Set('href src action formaction data poster srcset ping'.split(' '))
const running: ReadonlySet<string> = new Set('script iframe object embed base foreignobject'.split(' '))

/** Every address that the document links to, loads or sends to, each once. */
export const addressesIn = (html: string): readonly string[] => [
  ...new Set(
    elementsOf(html).flatMap(({ attrs }) => attrs.flatMap(({ name, value }) => (leading.has(name) ? [value] : []))),
  ),
]

const turning = /[\u202a-\u202e\u2066-\u2069]/

/** Removes names that the text isolates and closes itself. */
const withoutIsolates = (text: string): string => {
  const less = text.replace(/\u2068[^\u202a-\u202e\u2066-\u2069]*\u2069/g, '')
  return less === text ? text : withoutIsolates(less)
}

/** Elements that isolate the direction of their text. */
const isolating: ReadonlySet<string> = new Set(['bdi', 'title', 'style'])

/** Texts that change the direction of writing outside an isolating element. */
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

/** Handlers, scripts and other active content. */
export const activeIn = (html: string): readonly string[] =>
  elementsOf(html).flatMap(({ tagName, attrs }) => [
    ...(running.has(tagName.toLowerCase()) ? [tagName] : []),
    ...attrs.flatMap(({ name, value }) =>
      /^on/i.test(name) || (leading.has(name) && /^\s*(?:javascript|vbscript|data:text)/i.test(value))
        ? [`${tagName} ${name}=${value}`]
        : [],
    ),
  ])
