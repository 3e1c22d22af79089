/** What a reader says of a report: that the same was seen elsewhere, that something in it is wrong, or a question. */
import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import type { Marking } from '../core/marking.ts'
import { textSchema } from '../core/text/printable.ts'
import type { DeliveryKey } from './delivery.ts'

export const answerKinds = ['seen here too', 'wrong', 'question'] as const

export type AnswerKind = (typeof answerKinds)[number]

/** So many answers may come by one link: it may have been forwarded. */
export const maxAnswers = 20

const maxAnswerChars = 1_500

/** As a form sends it: line ends are a browser's, and no line says nothing. */
export const answerSchema = z.object({
  kind: z.enum(answerKinds),
  text: z
    .string()
    .transform((text) => text.replaceAll(/\r\n?/g, '\n').trim())
    .pipe(textSchema.max(maxAnswerChars, asMessage('text.tooLong', { max: maxAnswerChars }))),
})

export type AnswerWords = z.output<typeof answerSchema>

export type Answer = AnswerWords & {
  readonly id: string
  /** ISO instant. */
  readonly at: string
  /** The mail by whose link it came: report, version and reader. */
  readonly delivery: DeliveryKey
  /** The report's own: what answers it may tell of it. */
  readonly marking: Marking
  readonly closed?: { readonly at: string; readonly by: string; readonly reason: string }
}
