/** An analyst's note: an assessment by a named person that opens a report, in a safe subset of Markdown. */

import * as z from 'zod'
import { confidenceLevels, likelihoods } from '../core/estimates.ts'
import { asMessage } from '../core/fault.ts'
import type { Segment } from '../core/language/language.ts'
import { type Language, languages } from '../core/language/languages.ts'
import { type Marking, markings } from '../core/marking.ts'
import { sha256 } from '../core/text/canonical.ts'
import { nameSchema, textSchema } from '../core/text/printable.ts'

/** What an analyst states in points, in this order on a page. */
export const notePoints = ['unknown', 'watch', 'recommended', 'avoid'] as const

export type NotePoints = (typeof notePoints)[number]

const points = z
  .array(z.string().trim().min(1, asMessage('text.empty')).max(500))
  .max(20)
  .optional()

export const noteSchema = z.strictObject({
  territory: z.string(),
  period: z.string(),
  author: z.string().trim().min(1, asMessage('note.author')).max(200),
  role: z.string().trim().min(1, asMessage('note.role')).max(200),
  language: z.enum(languages),
  marking: z.enum(markings),
  /**
   * The judgement, in Markdown: paragraphs, lists, bold; everything else comes out as plain text. Left out where only
   * points are stated.
   */
  text: z
    .string()
    .trim()
    .min(1, asMessage('text.empty'))
    .max(20_000, asMessage('text.tooLong', { max: 20_000 }))
    .optional(),
  /** How likely something is, in a term of ICD 203; a likelihood is one of a hypothesis. */
  likelihood: z
    .strictObject({ of: z.string().trim().min(1, asMessage('note.likely')).max(300), term: z.enum(likelihoods) })
    .optional(),
  /** In the judgement: how solid sources and reasoning are. */
  confidence: z.enum(confidenceLevels).optional(),
  /** What is not known. */
  unknown: points,
  /** What to watch. */
  watch: points,
  recommended: points,
  /** What readers should not do. */
  avoid: points,
  /** What has ended, as the analyst says: names of campaigns, or ids of detections without one. */
  ended: z.array(z.string().trim().min(1).max(200)).max(50).optional(),
  /** The analyst approves the report for delivery. */
  approves: z.boolean(),
  /** ISO instant. */
  writtenAt: z.iso.datetime(),
})

export type Note = z.output<typeof noteSchema>

const printablePoints = z.array(noteSchema.shape.unknown.unwrap().element.pipe(textSchema)).max(20).optional()

/** Some part besides who, when and the marking. */
const hasContent = ({ text, likelihood, ended, ...note }: Partial<Note>): boolean =>
  (text ?? likelihood) !== undefined || [ended, ...notePoints.map((name) => note[name])].some((one) => one?.length)

/**
 * A note that is to be stored: of characters that every page can print. Those that are stored already stay as they are.
 */
export const newNoteSchema = noteSchema
  .extend({
    author: noteSchema.shape.author.pipe(nameSchema),
    role: noteSchema.shape.role.pipe(nameSchema),
    text: noteSchema.shape.text.unwrap().pipe(textSchema).optional(),
    likelihood: z
      .strictObject({ of: z.string().trim().max(300).pipe(nameSchema), term: z.enum(likelihoods) })
      .optional(),
    unknown: printablePoints,
    watch: printablePoints,
    recommended: printablePoints,
    avoid: printablePoints,
    ended: z.array(z.string().trim().max(200).pipe(nameSchema)).max(50).optional(),
  })
  .refine(({ confidence, likelihood, text }) => confidence === undefined || (text ?? likelihood) !== undefined, {
    path: ['confidence'],
    error: asMessage('note.confidenceAlone'),
  })
  .refine(hasContent, { path: ['text'], error: asMessage('note.empty') })

/** A note as a report prints it. */
export type PrintedNote = {
  readonly author: string
  readonly role: string
  readonly language: Language
  readonly marking: Marking
  readonly approves: boolean
  readonly writtenAt: string
  /** The judgement; empty where none is written. */
  readonly blocks: readonly NoteBlock[]
  readonly likelihood?: { readonly of: string; readonly term: (typeof likelihoods)[number] }
  readonly confidence?: (typeof confidenceLevels)[number]
  readonly ended?: readonly string[]
} & { readonly [name in NotePoints]?: readonly (readonly Segment[])[] }

export type NoteBlock = {
  readonly kind: 'paragraph' | 'bullets' | 'numbers'
  /** One run of text for a paragraph, one for each point of a list. */
  readonly items: readonly (readonly Segment[])[]
}

/** What tells one note from another in a snapshot. */
export const noteSha256 = (note: PrintedNote): string => sha256(JSON.stringify(note))
