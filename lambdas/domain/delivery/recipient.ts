/** Who gets reports by mail: an address, what it wants to read, and what it may read. */
import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import { type Language, languages } from '../core/language/languages.ts'
import { fitsUnder, type Marking, markings } from '../core/marking.ts'
import {
  type GroupCode,
  isOnRequest,
  isGroup,
  isTerritoryCode,
  type SubjectCode,
  subjectOf,
  subjects,
  type TerritoryCode,
  territories,
  territoryGroups,
} from '../core/place/territory.ts'
import { faultSchema } from '../core/schema-fault.ts'
import { isSameJson } from '../core/text/canonical.ts'

export const cadences = ['week', 'month', 'quarter', 'year', 'range'] as const

/** What a recipient may name: a territory's code, or a group that stands for its members, today's and tomorrow's. */
export const places = [
  ...territories.map(({ code }) => code as string),
  ...territoryGroups.map(({ id }) => id),
] as const

/** Instead of a code: the report of each territory that a recipient may read. */
export const eachTerritory = 'each'

/**
 * Which reports a recipient may ask for: a territory's, a group's (`ALL` is the national edition), or each territory's.
 */
export const editionNames = [
  eachTerritory,
  ...subjects.flatMap(({ code }) => (isOnRequest(code) ? [] : [code as TerritoryCode | GroupCode])),
] as const

/**
 * *pending*: asked to confirm, and not yet confirmed · *active* · *unsubscribed*: by its own wish · *suppressed*: its
 * mail server refuses it, or it complained.
 */
export const recipientStates = ['pending', 'active', 'unsubscribed', 'suppressed'] as const

const instant = z.iso.datetime()
const text = (longest: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(longest)
    .refine((value) => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value), asMessage('recipient.oneLine'))

export const recipientSchema = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9-]{8,64}$/),
  address: z
    .email(asMessage('recipient.address'))
    .max(254)
    .transform((address) => address.toLowerCase()),
  name: text(120).optional(),
  organisation: text(120).optional(),
  language: z.enum(languages),
  /** What it may read. */
  territories: z.array(z.enum(places)).min(1),
  /** Which reports are mailed to it, of those that it may read; each territory's where this is missing. */
  editions: z.array(z.enum(editionNames)).min(1).optional(),
  cadences: z.array(z.enum(cadences)).min(1),
  clearance: z.enum(markings),
  form: z.enum(['link', 'attachment']),
  /** What becomes of a report on a period in which nothing was found. */
  quiet: z.enum(['send', 'skip']),
  /**
   * One mail for all reports of a period, once the national edition has been due; a mail for each where this is
   * missing.
   */
  digest: z.boolean().optional(),
  state: z.enum(recipientStates),
  addedAt: instant,
  /** Why it is suppressed, or when and how it left. */
  reason: z.union([z.string().max(500), faultSchema]).optional(),
})

export type Recipient = z.output<typeof recipientSchema>

/** What a person sets of a recipient. */
export type RecipientField = Exclude<keyof Recipient, 'id' | 'addedAt' | 'reason'>

const fields = Object.keys(recipientSchema.shape).filter(
  (name): name is RecipientField => !['id', 'addedAt', 'reason'].includes(name),
)

/** What counts of a setting: a missing one stands for its usual value, and a list says the same in any order. */
const settingIn = (recipient: Partial<Recipient>, name: RecipientField): unknown => {
  const { [name]: value } = recipient
  if (name === 'editions') return [...(recipient.editions ?? [eachTerritory])].sort()
  if (name === 'digest') return value ?? false
  return Array.isArray(value) ? [...value].sort() : (value ?? null)
}

/** The settings that are others. */
export const settingsChanged = (before: Recipient | undefined, after: Recipient): readonly RecipientField[] =>
  fields.filter((name) => !before || !isSameJson(settingIn(before, name), settingIn(after, name)))

/** With those settings as they are in another; the rest stays to the letter. */
export const withSettings = (before: Recipient, after: Recipient, names: readonly RecipientField[]): Recipient => ({
  ...before,
  ...Object.fromEntries(names.map((name) => [name, after[name]])),
})

/** RED is never mailed: readers who may read it get the edition below. */
export const maxMarkingMailed: Marking = 'TLP:AMBER+STRICT'

/** Up to here a mail may say what the report found. */
export const maxMarkingDisclosed: Marking = 'TLP:GREEN'

/** The edition that a recipient gets: everything that its clearance lets it read, by mail. */
export const editionFor = ({ clearance }: Pick<Recipient, 'clearance'>): Marking =>
  fitsUnder(clearance, maxMarkingMailed) ? clearance : maxMarkingMailed

/** The territories that a recipient may read, groups by their members. */
export const territoriesOf = (readable: readonly string[]): ReadonlySet<SubjectCode> =>
  new Set(
    readable.flatMap((place) => {
      const group = territoryGroups.find(({ id }) => id === place)
      return group ? group.members : territories.filter(({ code }) => code === place).map(({ code }) => code)
    }),
  )

/** The territories of a report that a recipient may not read. A dossier tells of every territory. */
export const unreadableIn = (
  { territories: readable }: Pick<Recipient, 'territories'>,
  code: SubjectCode,
): readonly TerritoryCode[] => {
  const read = territoriesOf(readable)
  return subjectOf(code).members.filter((member) => !read.has(member))
}

/** Whether a recipient asked for reports about it by its code. */
export const namesEdition = ({ editions = [] }: Pick<Recipient, 'editions'>, code: SubjectCode): boolean =>
  editions.some((edition) => edition === code)

/**
 * Whether reports about it are mailed to a recipient who may read them. Nobody can name a dossier or a flash note: all
 * who may read it get it.
 */
export const wantsEdition = (recipient: Pick<Recipient, 'editions'>, code: SubjectCode): boolean => {
  const { editions = [eachTerritory] } = recipient
  return (
    isOnRequest(code) ||
    namesEdition(recipient, code) ||
    (isTerritoryCode(code) && editions.some((edition) => edition === eachTerritory))
  )
}

/** Territories and groups as a recipient reads them, in the order of the list of all. */
export const placeNames = (wanted: readonly string[], language: Language): readonly string[] => [
  ...territoryGroups.filter(({ id }) => wanted.includes(id)).map(({ name }) => name[language]),
  ...territories.filter(({ code }) => wanted.includes(code)).map(({ name }) => name[language]),
]

/** The reports that a recipient asked for by name, as it reads them; undefined where it gets each territory's alone. */
export const editionTitles = (
  { editions, territories: readable }: Pick<Recipient, 'editions' | 'territories'>,
  language: Language,
): readonly string[] | undefined => {
  if (!editions || editions.every((edition) => edition === eachTerritory)) return undefined
  const named = editions.flatMap((edition) => (edition === eachTerritory ? [] : [subjectOf(edition).name[language]]))
  return [...new Set([...named, ...(editions.includes(eachTerritory) ? placeNames(readable, language) : [])])]
}

/** The editions by cap that active recipients of a report wait for, each once. */
export const editionsWanted = (
  recipients: readonly Recipient[],
  subject: SubjectCode,
  cadence: Recipient['cadences'][number],
): readonly Marking[] => {
  const wanted = recipients.filter(
    (one) =>
      recipientSchema.safeParse(one).success &&
      one.state === 'active' &&
      one.cadences.includes(cadence) &&
      unreadableIn(one, subject).length === 0 &&
      wantsEdition(one, subject),
  )
  return markings.filter((marking) => wanted.some((one) => editionFor(one) === marking))
}

/** The groups but for the nation whose reports somebody waits for: they are made for these readers alone. */
export const groupsWanted = (
  recipients: readonly Recipient[],
  cadence: Recipient['cadences'][number],
): readonly GroupCode[] =>
  subjects
    .flatMap(({ code }) => (isGroup(code) && code !== 'ALL' ? [code] : []))
    .filter((code) => editionsWanted(recipients, code, cadence).length > 0)
