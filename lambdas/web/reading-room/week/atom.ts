/** Writes an Atom feed (RFC 4287). */

export type AtomEntry = {
  /** A permanent IRI. */
  readonly id: string
  readonly title: string
  /** ISO instant. */
  readonly updated: string
  /** Absolute address. */
  readonly href: string
  readonly category: string
  readonly summary: string
}

export type AtomFeed = {
  readonly id: string
  readonly title: string
  readonly author: string
  readonly language: string
  readonly self: string
  readonly page: string
  /** ISO instant of an empty feed. */
  readonly empty: string
  readonly entries: readonly AtomEntry[]
}

export const atomText = ({ id, title, author, language, self, page, empty, entries }: AtomFeed): string => {
  const updated =
    entries
      .map((entry) => entry.updated)
      .sort()
      .at(-1) ?? empty
  return [
    '<?xml version="1.0" encoding="utf-8"?>',
    `<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="${escaped(language)}">`,
    `<id>${escaped(id)}</id>`,
    `<title>${escaped(title)}</title>`,
    `<updated>${escaped(updated)}</updated>`,
    `<author><name>${escaped(author)}</name></author>`,
    `<link rel="self" type="application/atom+xml" href="${escaped(self)}"/>`,
    `<link rel="alternate" type="text/html" href="${escaped(page)}"/>`,
    ...entries.map(entryText),
    '</feed>',
    '',
  ].join('\n')
}

const entryText = ({ id, title, updated, href, category, summary }: AtomEntry): string =>
  [
    '<entry>',
    `<id>${escaped(id)}</id>`,
    `<title>${escaped(title)}</title>`,
    `<updated>${escaped(updated)}</updated>`,
    `<link rel="alternate" type="text/html" href="${escaped(href)}"/>`,
    `<category term="${escaped(category)}"/>`,
    `<summary>${escaped(summary)}</summary>`,
    '</entry>',
  ].join('\n')

/** Characters that XML 1.0 forbids even as references, including lone surrogates. */
const noXml = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu

/** XML parsers normalise line ends and tabs that are not written as references. */
const references: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' },
  ...{ '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' },
}

const escaped = (text: string): string =>
  text.replace(noXml, '\ufffd').replace(/[&<>"\t\n\r]/g, (sign) => references[sign] ?? sign)
