/** An analyst's assessment that opens a report, in a safe subset of Markdown. */

import * as z from 'zod'
import { confidenceLevels, likelihoods } from '../core/estimates.ts'
import { asMessage } from '../core/fault.ts'
import type { Segment } from '../core/language/language.ts'
import { type Language, languages } from '../core/language/languages.ts'
import { type Marking, markings } from '../core/marking.ts'
import { sha256 } from '../core/text/canonical.ts'
import { nameSchema, textSchema } from '../core/text/printable.ts'

/** In the order of the page. */
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
   * The judgement in Markdown: paragraphs, lists, bold; all else becomes plain text. Missing where only points are
   * stated.
   */
  text: z
    .string()
    .trim()
    .min(1, asMessage('text.empty'))
    .max(20_000, asMessage('text.tooLong', { max: 20_000 }))
    .optional(),
  /** A hypothesis and its likelihood, in a term of ICD 203. */
  likelihood: z
    .strictObject({ of: z.string().trim().min(1, asMessage('note.likely')).max(300), term: z.enum(likelihoods) })
    .optional(),
  /** How solid the judgement's sources and reasoning are. */
  confidence: z.enum(confidenceLevels).optional(),
  unknown: points,
  watch: points,
  recommended: points,
  /** What readers should not do. */
  avoid: points,
  /** Names of ended campaigns, or ids of detections without one. */
  ended: z.array(z.string().trim().min(1).max(200)).max(50).optional(),
  approves: z.boolean(),
  /** ISO instant. */
  writtenAt: z.iso.datetime(),
})

export type Note = z.output<typeof noteSchema>

const printablePoints = z.array(noteSchema.shape.unknown.unwrap().element.pipe(textSchema)).max(20).optional()

const hasContent = ({ text, likelihood, ended, ...note }: Partial<Note>): boolean =>
  (text ?? likelihood) !== undefined || [ended, ...notePoints.map((name) => note[name])].some((one) => one?.length)

/** Accepts only printable characters; already stored notes stay unchanged. */
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

export type PrintedNote = {
  readonly author: string
  readonly role: string
  readonly language: Language
  readonly marking: Marking
  readonly approves: boolean
  readonly writtenAt: string
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

export const noteSha256 = (note: PrintedNote): string => sha256(JSON.stringify(note))
