import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import { printable } from '../core/text/printable.ts'

export const draftRuleSchema = z.strictObject({
  breakout: z
    .int()
    .min(1, asMessage('draft.category'))
    .max(6, asMessage('draft.category'))
    .default(4)
    .describe('From this breakout category on'),
  effect: z.boolean().default(true).describe('Where a source observed an effect'),
  sets: z
    .array(
      z.strictObject({
        id: printable(256).describe('Of a set of accounts that is followed'),
        share: z.number().gt(0).max(100).describe('Where at least so many percent of it took part'),
      }),
    )
    .max(100)
    .default([]),
})

export type DraftRule = z.output<typeof draftRuleSchema>

/** Where vigie.json has none. */
export const usualDraftRule: DraftRule = draftRuleSchema.parse({})

export const draftReasons = ['breakout', 'effect', 'account set'] as const

export type DraftReason = (typeof draftReasons)[number]

export type Draft = { readonly of: string; readonly revision: number; readonly reasons: readonly DraftReason[] }
