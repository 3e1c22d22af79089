import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import type { Marking } from '../core/marking.ts'
import { textSchema } from '../core/text/printable.ts'
import type { DeliveryKey } from './delivery.ts'

export const answerKinds = ['seen here too', 'wrong', 'question'] as const

/** Limit per link, since a mail may be forwarded. */
export const maxAnswers = 20

const maxAnswerChars = 1_500

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
  readonly delivery: DeliveryKey
  /** The report's marking; limits who may see the answer. */
  readonly marking: Marking
  readonly closed?: { readonly at: string; readonly by: string; readonly reason: string }
}
