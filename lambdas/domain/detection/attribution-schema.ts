/** The links of an attribution. A basis always comes from an analyst or source, never from a machine. */
import * as z from 'zod'
import { confidenceLevels, likelihoods } from '../core/estimates.ts'
import { asMessage } from '../core/fault.ts'
import { printable } from '../core/text/printable.ts'
import { confidence, localised, marking, named } from './fields.ts'

export const bases = ['technical', 'administrative', 'declarative', 'behavioural'] as const

export type Basis = (typeof bases)[number]

/** Ordered from the actor to the sponsor behind it. */
export const partyKinds = ['account set', 'group', 'organisation', 'state'] as const

export const linkRelations = ['attributed to', 'amplify each other'] as const

const maxLinks = 100
const maxReplies = 20

export const dated = z
  .string()
  .regex(/^\d{4}(-\d{2}(-\d{2})?)?$/, { error: asMessage('dated.such'), abort: true })
  .refine((written) => z.iso.date().safeParse(`${written}-01-01`.slice(0, 10)).success, asMessage('dated.noSuch'))

const party = z.strictObject({
  name: named.describe('The same in each link of the chain: names compare in lower case'),
  kind: z.enum(partyKinds),
})

const source = z.strictObject({
  title: localised,
  date: dated.optional().describe('Of the source: a day, a month or a year'),
  archiveUrl: printable(4096).optional().describe('Address of a copy'),
})

const rated = confidence.omit({ of: true })

const link = z.strictObject({
  from: party,
  to: party,
  relation: z
    .enum(linkRelations)
    .default('attributed to')
    .describe('What "from" is to "to"; "amplify each other": two actors, neither a part of the other'),
  basis: z
    .enum(bases)
    .optional()
    .describe('The kind of fact it rests on, as stated by the source or an analyst; never set automatically'),
  fact: localised.describe('The fact itself'),
  date: dated.optional().describe('Of the fact: a day, a month or a year; left out where it is not known'),
  source: source.optional(),
  attributedBy: named.describe('Author of this link'),
  likelihood: z.enum(likelihoods).optional().describe('ICD 203 term'),
  confidence: z
    .union([z.enum(confidenceLevels).transform((level): z.output<typeof rated> => ({ level })), rated])
    .optional()
    .describe('Mark a value that a platform fills in by default with platformDefault'),
  marking: marking.optional().describe('TLP 2.0, where it is stricter than the detection’s'),
})

export const attributionLinks = z
  .array(link)
  .max(maxLinks, asMessage('links.tooMany', { max: maxLinks }))
  .describe('The chain that the attribution rests on: account set or group, organisation, state')

const reply = z.strictObject({
  by: named.describe('Whom the attribution names'),
  text: localised,
  date: dated.optional(),
  source: source.optional(),
  marking: marking.optional().describe('TLP 2.0, where it is stricter than the detection’s'),
})

/** A reply added by an analyst needs its date and source. */
export const addedReply = reply.required({ date: true, source: true })

export const attributionReplies = z
  .array(reply)
  .max(maxReplies, asMessage('replies.tooMany', { max: maxReplies }))
  .describe('Replies of the named actor')

export type AttributionLink = z.output<typeof link>

export type Party = AttributionLink['from']

export type AddedReply = z.input<typeof addedReply>

export type AttributionReply = z.output<typeof attributionReplies>[number]

export type Confidence = z.output<typeof rated>
