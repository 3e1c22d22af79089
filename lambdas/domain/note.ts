/** An analyst's note: an assessment by a named person that opens a report, in a safe subset of Markdown. */
import { marked, type Token, type Tokens } from 'marked'
import * as z from 'zod'
import { sha256 } from './canonical.ts'
import { defang, defangText } from './defang.ts'
import { type Language, languages, type Segment } from './language.ts'
import { fitsUnder, type Marking, markings } from './marking.ts'

export const noteSchema = z.strictObject({
  territory: z.string(),
  period: z.string(),
  author: z.string().trim().min(1, 'must name the author').max(200),
  role: z.string().trim().min(1, 'must say in which role the author writes').max(200),
  language: z.enum(languages),
  marking: z.enum(markings),
  /** Markdown: paragraphs, lists, bold; everything else comes out as plain text. */
  text: z.string().trim().min(1, 'must not be empty').max(20_000, 'must have at most 20,000 characters'),
  /** The analyst approves the report for delivery. */
  approves: z.boolean(),
  /** ISO instant. */
  writtenAt: z.iso.datetime(),
})

export type Note = z.output<typeof noteSchema>

/** A note as a report prints it. */
export type PrintedNote = {
  readonly author: string
  readonly role: string
  readonly language: Language
  readonly marking: Marking
  readonly approves: boolean
  readonly writtenAt: string
  readonly blocks: readonly NoteBlock[]
}

export type NoteBlock = {
  readonly kind: 'paragraph' | 'bullets' | 'numbers'
  /** One run of text for a paragraph, one for each point of a list. */
  readonly items: readonly (readonly Segment[])[]
}

/** The notes that an edition may show, the oldest first. */
export const notesUnder = (notes: readonly Note[], cap: Marking): readonly PrintedNote[] =>
  notes
    .filter(({ marking }) => fitsUnder(marking, cap))
    .sort((a, b) => (a.writtenAt < b.writtenAt ? -1 : 1))
    .map(({ author, role, language, marking, approves, writtenAt, text }) => ({
      author,
      role,
      language,
      marking,
      approves,
      writtenAt,
      blocks: blocksOf(text),
    }))

/** What tells one note from another in a snapshot. */
export const noteSha256 = (note: PrintedNote): string => sha256(JSON.stringify(note))

/** Paragraphs, lists and bold; links come out defanged, headings bold, all else as its text. */
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
