export class XmlError extends Error {
  override name = 'XmlError'
  readonly code: 'workbook.documentType' | 'workbook.notXml'

  constructor(code: XmlError['code']) {
    super(code)
    this.code = code
  }
}

type XmlPart =
  | { readonly open: string; readonly attributes: string; readonly isEmpty: boolean }
  | { readonly close: string }
  | { readonly text: string }

/** Alternatives start differently, so that matching takes linear time. */
const parts =
  /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/([\w:.-]+)\s*>|<([\w:.-]+)((?:[^<>"'/]|"[^"<]*"|'[^'<]*'|\/(?!>))*)(\/?)>|([^<]+)/gy

/**
 * Names have no prefixes.
 * @throws XmlError where it is no XML, or declares a document type
 */
export function* xmlParts(xml: string): Generator<XmlPart> {
  let at = 0
  parts.lastIndex = 0
  while (at < xml.length) {
    parts.lastIndex = at
    const found = parts.exec(xml)
    if (!found && xml.startsWith('<!DOCTYPE', at)) throw new XmlError('workbook.documentType')
    if (!found) throw new XmlError('workbook.notXml')
    at = parts.lastIndex
    const [, data, close, open, attributes = '', empty, text] = found
    if (data !== undefined) yield { text: data }
    else if (text !== undefined) yield { text: unescaped(text) }
    else if (close !== undefined) yield { close: bare(close) }
    else if (open !== undefined) yield { open: bare(open), attributes, isEmpty: empty === '/' }
  }
}

export const attributeOf = (attributes: string, name: string): string | undefined => {
  const found = new RegExp(`(?:^|\\s)(?:\\w+:)?${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(attributes)
  const value = found?.[1] ?? found?.[2]
  return value === undefined ? undefined : unescaped(value)
}

const bare = (name: string): string => name.slice(name.indexOf(':') + 1)

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

const unescaped = (text: string): string =>
  text.includes('&')
    ? text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
        if (name !== undefined) return named[name] ?? whole
        const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
        return code <= 0x10ffff ? String.fromCodePoint(code) : whole
      })
    : text
