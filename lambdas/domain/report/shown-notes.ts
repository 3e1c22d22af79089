import { marked, type Token, type Tokens } from 'marked'
import type { Segment } from '../core/language/language.ts'
import { fitsUnder, type Marking } from '../core/marking.ts'
import { defang, defangText } from '../core/text/defang.ts'
import { type Note, type NoteBlock, notePoints, type PrintedNote } from './note.ts'

export const notesUnder = (notes: readonly Note[], cap: Marking): readonly PrintedNote[] =>
  notes
    .filter(({ marking }) => fitsUnder(marking, cap))
    .sort((a, b) => (a.writtenAt < b.writtenAt ? -1 : 1))
    .map(printed)

const printed = ({ author, role, language, marking, approves, writtenAt, text = '', ...parts }: Note): PrintedNote => {
  const { likelihood, confidence, ended = [] } = parts
  const points = notePoints.flatMap((name) => {
    const texts = parts[name] ?? []
    return texts.length > 0 ? [[name, texts.flatMap(runsOf)] as const] : []
  })
  return {
    author,
    role,
    language,
    marking,
    approves,
    writtenAt,
    blocks: blocksOf(text),
    ...(likelihood && { likelihood: { of: defangText(likelihood.of), term: likelihood.term } }),
    ...(confidence && { confidence }),
    ...Object.fromEntries(points),
    ...(ended.length > 0 && { ended: ended.map(defangText) }),
  }
}

const runsOf = (text: string): NoteBlock['items'] => blocksOf(text).flatMap(({ items }) => items)

/** Parses paragraphs, lists and bold. Links are defanged; the rest becomes plain text. */
export const blocksOf = (markdown: string): readonly NoteBlock[] => marked.lexer(markdown).flatMap(blockOf)

const blockOf = (token: Token): readonly NoteBlock[] => {
  switch (token.type) {
    case 'space':
    case 'hr':
    case 'def':
      return []
    case 'list': {
      const { ordered, items } = token as Tokens.List
      return [
        { kind: ordered ? 'numbers' : 'bullets', items: items.map((item) => joined(item.tokens.map(segmentsOf))) },
      ]
    }
    case 'blockquote':
      return (token as Tokens.Blockquote).tokens.flatMap(blockOf)
    case 'heading':
      return paragraph(segmentsOf(token).map((segment) => ({ ...segment, strong: true })))
    default:
      return paragraph(segmentsOf(token))
  }
}

const paragraph = (segments: readonly Segment[]): readonly NoteBlock[] =>
  segments.length === 0 ? [] : [{ kind: 'paragraph', items: [segments] }]

const segmentsOf = (token: Token): readonly Segment[] => {
  if (token.type === 'link') {
    const { text, href } = token as Tokens.Link
    return [{ text: text === href ? defang(href) : `${defangText(text)} (${defang(href)})` }]
  }
  if (token.type === 'image') return plainText((token as Tokens.Image).text)
  if (token.type === 'br') return [{ text: ' ' }]
  if (token.type === 'strong') {
    return (token as Tokens.Strong).tokens.flatMap(segmentsOf).map((segment) => ({ ...segment, strong: true }))
  }
  if ('tokens' in token && token.tokens && token.tokens.length > 0) return joined(token.tokens.map(segmentsOf), '')
  return plainText('text' in token ? String(token.text) : token.raw)
}

const plainText = (text: string): readonly Segment[] =>
  text.trim() === '' && text !== ' ' ? [] : [{ text: defangText(text) }]

const joined = (runs: readonly (readonly Segment[])[], between = ' '): readonly Segment[] =>
  runs.filter((run) => run.length > 0).flatMap((run, at) => (at > 0 && between ? [{ text: between }, ...run] : run))
