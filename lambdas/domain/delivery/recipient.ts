/** Who gets reports by mail: an address, what it wants to read, and what it may read. */
import * as z from 'zod'
import { type Language, languages } from '../core/language.ts'
import { fitsUnder, type Marking, markings } from '../core/marking.ts'
import { isCampaignCode, type SubjectCode, subjectOf, territories, territoryGroups } from '../core/territory.ts'

export const cadences = ['week', 'month', 'quarter', 'year', 'range'] as const

/** What a recipient may name: a territory's code, or a group that stands for its members, today's and tomorrow's. */
export const places = [
  ...territories.map(({ code }) => code as string),
  ...territoryGroups.map(({ id }) => id),
] as const

/**
 * *pending*: asked to confirm, and not yet confirmed · *active* · *unsubscribed*: by its own wish · *suppressed*: its mail
 * server refuses it, or it complained.
 */
export const recipientStates = ['pending', 'active', 'unsubscribed', 'suppressed'] as const

const instant = z.iso.datetime()
const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((value) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value), 'must be one line')

export const recipientSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
  address: z
    .email('must be a mail address, such as watch@example.org')
    .max(254)
    .transform((address) => address.toLowerCase()),
  name: text(120).optional(),
  organisation: text(120).optional(),
  language: z.enum(languages),
  territories: z.array(z.enum(places)).min(1),
  cadences: z.array(z.enum(cadences)).min(1),
  clearance: z.enum(markings),
  form: z.enum(['link', 'attachment']),
  /** What becomes of a report on a period in which nothing was found. */
  quiet: z.enum(['send', 'skip']),
  state: z.enum(recipientStates),
  addedAt: instant,
  /** Why it is suppressed, or when and how it left. */
  reason: z.string().max(500).optional(),
})

export type Recipient = z.output<typeof recipientSchema>

/** RED is never mailed: readers who may read it get the edition below. */
export const maxMarkingMailed: Marking = 'TLP:AMBER+STRICT'

/** Up to here a mail may say what the report found. */
export const maxMarkingTold: Marking = 'TLP:GREEN'

/** The edition that a recipient gets: everything that its clearance lets it read, by mail. */
export const editionFor = ({ clearance }: Pick<Recipient, 'clearance'>): Marking =>
  fitsUnder(clearance, maxMarkingMailed) ? clearance : maxMarkingMailed

/** The territories that a recipient wants, groups by their members. */
export const territoriesOf = (wanted: readonly string[]): ReadonlySet<SubjectCode> =>
  new Set(
    wanted.flatMap((place) => {
      const group = territoryGroups.find(({ id }) => id === place)
      return group ? group.members : territories.filter(({ code }) => code === place).map(({ code }) => code)
    }),
  )

/** Whether reports about it go to a recipient. A dossier tells of every territory: it goes to who reads them all. */
export const isReaderOf = ({ territories: wanted }: Pick<Recipient, 'territories'>, code: SubjectCode): boolean => {
  const read = territoriesOf(wanted)
  return isCampaignCode(code) ? subjectOf(code).members.every((member) => read.has(member)) : read.has(code)
}

/** Territories and groups as a recipient reads them, in the order of the list of all. */
export const placeNames = (wanted: readonly string[], language: Language): readonly string[] => [
  ...territoryGroups.filter(({ id }) => wanted.includes(id)).map(({ name }) => name[language]),
  ...territories.filter(({ code }) => wanted.includes(code)).map(({ name }) => name[language]),
]

/** The editions that active recipients of a territory wait for, each once. */
export const editionsWanted = (
  recipients: readonly Recipient[],
  territory: SubjectCode,
  cadence: Recipient['cadences'][number],
): readonly Marking[] => {
  const wanted = recipients.filter(
    (one) =>
      recipientSchema.safeParse(one).success &&
      one.state === 'active' &&
      one.cadences.includes(cadence) &&
      isReaderOf(one, territory),
  )
  return markings.filter((marking) => wanted.some((one) => editionFor(one) === marking))
}
