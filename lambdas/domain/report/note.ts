/** An analyst's note: an assessment by a named person that opens a report, in a safe subset of Markdown. */
import * as z from 'zod'
import { sha256 } from '../core/canonical.ts'
import { type Language, languages, type Segment } from '../core/language.ts'
import { type Marking, markings } from '../core/marking.ts'
import { nameSchema, textSchema } from '../core/printable.ts'

export const noteSchema = z.strictObject({
  territory: z.string(),
  period: z.string(),
  author: z.string().trim().min(1, 'must name the author').max(200),
  role: z.string().trim().min(1, 'must say in which role the author writes').max(200),
  language: z.enum(languages),
  marking: z.enum(markings),
  /** Markdown: paragraphs, lists, bold; everything else comes out as plain text. */
  text: z.string().trim().min(1, 'must not be empty').max(20_000, 'must have at most 20,000 characters'),
  /** What has ended, as the analyst says: names of campaigns, or ids of detections without one. */
  ended: z.array(z.string().trim().min(1).max(200)).max(50).optional(),
  /** The analyst approves the report for delivery. */
  approves: z.boolean(),
  /** ISO instant. */
  writtenAt: z.iso.datetime(),
})

export type Note = z.output<typeof noteSchema>

/** A note that is to be stored: of characters that every page can print. Those that are stored already stay as they are. */
export const newNoteSchema = noteSchema.extend({
  author: noteSchema.shape.author.pipe(nameSchema),
  role: noteSchema.shape.role.pipe(nameSchema),
  text: noteSchema.shape.text.pipe(textSchema),
})

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

/** What tells one note from another in a snapshot. */
export const noteSha256 = (note: PrintedNote): string => sha256(JSON.stringify(note))
