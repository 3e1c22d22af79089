/** Strict readers of what programs take: a calendar by RFC 5545 and a feed by RFC 4287. What breaks a rule throws. */

type Read = {
  readonly uid: string
  readonly at: number
  readonly summary: string
  readonly description: string
  readonly url: string
}

const fail = (why: string): never => {
  throw new Error(why)
}

/** RFC 5545, section 3.1: lines end with CRLF, hold at most 75 octets, and go on after a space. */
const unfolded = (text: string): readonly string[] => {
  if (!text.endsWith('\r\n')) fail('the last line has no end')
  const lines = text.slice(0, -2).split('\r\n')
  for (const line of lines) {
    if (/[\r\n]/.test(line)) fail(`a bare line end in ${JSON.stringify(line)}`)
    if (Buffer.byteLength(line) > 75) fail(`a line of ${Buffer.byteLength(line)} octets`)
    if (Buffer.from(line).toString() !== line) fail('a line that is no UTF-8')
  }
  return lines.reduce<string[]>((whole, line) => {
    if (!/^[ \t]/.test(line)) whole.push(line)
    else whole.push((whole.pop() ?? fail('the first line goes on')) + line.slice(1))
    return whole
  }, [])
}

/** Section 3.3.11: a TEXT has escapes for four signs, and no other backslash, comma or semicolon. */
const textIn = (value: string): string => {
  if (!/^(?:[^\\;,]|\\[\\;,nN])*$/su.test(value)) fail(`no TEXT: ${JSON.stringify(value)}`)
  return value.replace(/\\([\\;,nN])/g, (_, sign: string) => (sign.toLowerCase() === 'n' ? '\n' : sign))
}

/** Section 3.3.5, form 2. */
const instantIn = (value: string): number => {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(value) ?? fail(`no instant: ${value}`)
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second))
}

export const calendarIn = (text: string): { readonly name: string; readonly events: readonly Read[] } => {
  const lines = unfolded(text)
  if (lines[0] !== 'BEGIN:VCALENDAR' || lines.at(-1) !== 'END:VCALENDAR') fail('no VCALENDAR')
  const calendar = new Map<string, string>()
  const events: Map<string, string>[] = []
  let open: Map<string, string> | undefined
  for (const line of lines.slice(1, -1)) {
    const [, name = '', value = ''] =
      /^([A-Z-]+)(?:;[A-Z-]+=[^:;,"]+)*:(.*)$/s.exec(line) ?? fail(`no content line: ${line}`)
    if (name === 'BEGIN') {
      if (open || value !== 'VEVENT') fail(`BEGIN:${value}`)
      open = new Map()
    } else if (name === 'END') {
      if (!open || value !== 'VEVENT') fail(`END:${value}`)
      events.push(open ?? fail('nothing is open'))
      open = undefined
    } else {
      const into = open ?? calendar
      if (into.has(name)) fail(`${name} twice`)
      into.set(name, value)
    }
  }
  if (calendar.get('VERSION') !== '2.0' || !calendar.get('PRODID')) fail('a calendar has a version and a product')
  const uids = events.map((event) => event.get('UID') ?? fail('an event without a UID'))
  if (new Set(uids).size !== uids.length) fail('two events of one UID')
  return {
    name: textIn(calendar.get('X-WR-CALNAME') ?? fail('no name')),
    events: events.map((event) => {
      instantIn(event.get('DTSTAMP') ?? fail('an event without a DTSTAMP'))
      const url = event.get('URL') ?? fail('an event without a URL')
      if (!URL.canParse(url)) fail(`${url} is no address`)
      return {
        uid: textIn(event.get('UID') ?? ''),
        at: instantIn(event.get('DTSTART') ?? fail('an event without a DTSTART')),
        summary: textIn(event.get('SUMMARY') ?? ''),
        description: textIn(event.get('DESCRIPTION') ?? ''),
        url,
      }
    }),
  }
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
