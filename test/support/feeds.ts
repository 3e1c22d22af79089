/** A strict reader of a feed by RFC 4287: what breaks a rule throws. */

const fail = (why: string): never => {
  throw new Error(why)
}

type Node = {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly children: Node[]
  text: string
}

const references: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** Section 2.2 of XML 1.0 leaves these characters out; section 3.3.3 takes bare ends of lines for others. */
const isForbidden = (one: string): boolean => {
  const code = one.codePointAt(0) ?? 0
  return code < 32 || (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff
}

const unescaped = (text: string): string => {
  const isWell = !/<|&(?!(?:amp|lt|gt|quot|apos|#9|#10|#13);)/.test(text) && ![...text].some(isForbidden)
  if (!isWell) fail(`not well-formed: ${JSON.stringify(text)}`)
  return text.replace(/&(#?\w+);/g, (_, name: string) =>
    name.startsWith('#') ? String.fromCodePoint(Number(name.slice(1))) : (references[name] ?? ''),
  )
}

/** Well-formed XML of elements, attributes and text alone. */
const xmlIn = (text: string): Node => {
  const body = text.replace(/^<\?xml version="1\.0" encoding="utf-8"\?>\n/, '')
  if (body === text) fail('no XML declaration')
  const root: Node = { name: '', attributes: new Map(), children: [], text: '' }
  const open = [root]
  const token = /<(\/?)([a-z]+)((?: [a-z:]+="[^"<]*")*)(\/?)>|([^<]+)/gsy
  for (let end = 0; end < body.length; end = token.lastIndex) {
    const [, closes, name = '', given = '', empty, words] =
      token.exec(body) ?? fail(`not well-formed at ${body.slice(end, end + 40)}`)
    const here = open.at(-1) ?? fail('all is closed')
    // Between elements lines may end.
    if (words !== undefined) here.text += unescaped(words.replace(/^\n+|\n+$/g, ''))
    else if (closes) {
      if (open.pop()?.name !== name) fail(`</${name}> closes another element`)
    } else {
      const attributes = new Map(
        [...given.matchAll(/ ([a-z:]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [key, unescaped(value)]),
      )
      const node: Node = { name, attributes, children: [], text: '' }
      here.children.push(node)
      if (!empty) open.push(node)
    }
  }
  if (open.length !== 1 || root.children.length !== 1) fail('one element holds all')
  return root.children[0] ?? fail('nothing')
}

const only = (node: Node, name: string): Node => {
  const found = node.children.filter((one) => one.name === name)
  return found.length === 1 && found[0] ? found[0] : fail(`${node.name} has ${found.length} of ${name}`)
}

const instant = ({ text }: Node): string =>
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text))
    ? text
    : fail(`no date: ${text}`)

const iri = ({ text }: Node): string => (/^[a-z][a-z0-9+.-]*:\S+$/i.test(text) ? text : fail(`no IRI: ${text}`))

const linkOf = (node: Node, rel: string): string => {
  const [link, ...more] = node.children.filter((one) => one.name === 'link' && one.attributes.get('rel') === rel)
  if (!link || more.length > 0) fail(`${node.name} has not one link ${rel}`)
  return link?.attributes.get('href') ?? fail('a link without an address')
}

/** RFC 4287, sections 4.1.1 and 4.1.2: what a feed and its entries must have, and have once. */
export const feedIn = (text: string) => {
  const feed = xmlIn(text)
  if (feed.name !== 'feed' || feed.attributes.get('xmlns') !== 'http://www.w3.org/2005/Atom') fail('no feed')
  new URL(linkOf(feed, 'self'))
  iri(only(feed, 'id'))
  const entries = feed.children
    .filter(({ name }) => name === 'entry')
    .map((entry) => ({
      id: iri(only(entry, 'id')),
      title: only(entry, 'title').text,
      updated: instant(only(entry, 'updated')),
      href: linkOf(entry, 'alternate'),
      category: only(entry, 'category').attributes.get('term') ?? fail('a category without a term'),
      summary: only(entry, 'summary').text,
    }))
  if (new Set(entries.map(({ id, updated }) => `${id} ${updated}`)).size !== entries.length) fail('one entry twice')
  return {
    title: only(feed, 'title').text,
    author: only(only(feed, 'author'), 'name').text,
    updated: instant(only(feed, 'updated')),
    entries,
  }
}
