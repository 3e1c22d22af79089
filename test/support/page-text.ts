/** The text of a page with the order of its blocks, a line each, for golden files. */
import { type DefaultTreeAdapterTypes, parse } from 'parse5'

type Node = DefaultTreeAdapterTypes.ChildNode | DefaultTreeAdapterTypes.Document

const inline = new Set(
  'a abbr b bdi bdo br cite code em i q rp rt ruby small span strong sub sup time u wbr #text'.split(' '),
)
const unseen = new Set(['head', 'style', 'script', 'template', '#comment', '#documentType'])
/** Begin with a line of their own. */
const named = new Set('header footer main nav section article aside figure table details form ul ol dl'.split(' '))

const attributeOf = (node: Node, name: string): string | undefined =>
  'attrs' in node ? node.attrs.find((one) => one.name === name)?.value : undefined

const textIn = (node: Node): string =>
  'value' in node ? node.value : 'childNodes' in node ? node.childNodes.map(textIn).join(' ') : ''

/** Only plain blanks are folded, so that a lost no-break space shows. */
const folded = (text: string): string => text.replaceAll(/[ \n\t]+/g, ' ').trim()

export const pageText = (html: string): string => {
  const lines: string[] = []
  let line = ''
  const end = () => {
    if (folded(line) !== '') lines.push(folded(line))
    line = ''
  }
  const walk = (node: Node, inCell: boolean): void => {
    const { nodeName: name } = node
    if (unseen.has(name)) return
    if ('value' in node) {
      line += node.value
      return
    }
    if (name === 'svg') {
      line += ` [drawing: ${[attributeOf(node, 'aria-label') ?? '', folded(textIn(node))].filter(Boolean).join('; ')}] `
      return
    }
    if (name === 'img') line += ` [picture: ${attributeOf(node, 'alt') ?? ''}] `
    const isCell = name === 'td' || name === 'th'
    if (isCell) line += ' | '
    const isBlock = !inCell && !isCell && !inline.has(name)
    if (isBlock) end()
    if (isBlock && named.has(name)) lines.push(`<${[name, attributeOf(node, 'class')].filter(Boolean).join(' ')}>`)
    if (/^h[1-6]$/.test(name)) line += `${'#'.repeat(Number(name[1]))} `
    if ('childNodes' in node) for (const child of node.childNodes) walk(child, inCell || isCell)
    const link = name === 'a' ? attributeOf(node, 'href') : undefined
    if (link !== undefined && !link.startsWith('#')) line += ` (${link})`
    if (isBlock) end()
    else if (!inline.has(name)) line += ' '
  }
  walk(parse(html), false)
  return `${lines.join('\n')}\n`
}
