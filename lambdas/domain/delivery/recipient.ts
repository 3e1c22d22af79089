import * as z from 'zod'
import { asMessage } from '../core/fault.ts'
import { type Language, languages } from '../core/language/languages.ts'
import { mailAddressSchema } from '../core/mail-address.ts'
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

/** A territory's code, or a group, which includes members added later. */
export const places = [
  ...territories.map(({ code }) => code as string),
  ...territoryGroups.map(({ id }) => id),
] as const

/** In place of a code: one report for each territory that the recipient may read. */
export const eachTerritory = 'each'

/** `ALL` is the national edition. */
export const editionNames = [
  eachTerritory,
  ...subjects.flatMap(({ code }) => (isOnRequest(code) ? [] : [code as TerritoryCode | GroupCode])),
] as const

/**
 * *pending*: asked to confirm · *unsubscribed*: at the recipient's request · *suppressed*: refused by its mail server,
 * or it complained.
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
  address: mailAddressSchema.toLowerCase(),
  name: text(120).optional(),
  organisation: text(120).optional(),
  language: z.enum(languages),
  territories: z.array(z.enum(places)).min(1),
  /** Reports mailed to it, among the readable ones; defaults to each territory's. */
  editions: z.array(z.enum(editionNames)).min(1).optional(),
  cadences: z.array(z.enum(cadences)).min(1),
  clearance: z.enum(markings),
  form: z.enum(['link', 'attachment']),
  quiet: z.enum(['send', 'skip']),
  digest: z.boolean().optional(),
  state: z.enum(recipientStates),
  addedAt: instant,
  /** Why it is suppressed, or when and how it unsubscribed. */
  reason: z.union([z.string().max(500), faultSchema]).optional(),
})

export type Recipient = z.output<typeof recipientSchema>

/** After a retention, in place of the address. */
export const removedMail = '@removed.invalid'

export type RecipientField = Exclude<keyof Recipient, 'id' | 'addedAt' | 'reason'>

const fields = Object.keys(recipientSchema.shape).filter(
  (name): name is RecipientField => !['id', 'addedAt', 'reason'].includes(name),
)

/** Fills in defaults and ignores the order of lists. */
const settingIn = (recipient: Partial<Recipient>, name: RecipientField): unknown => {
  const { [name]: value } = recipient
  if (name === 'editions') return [...(recipient.editions ?? [eachTerritory])].sort()
  if (name === 'digest') return value ?? false
  return Array.isArray(value) ? [...value].sort() : (value ?? null)
}

export const settingsChanged = (before: Recipient | undefined, after: Recipient): readonly RecipientField[] =>
  fields.filter((name) => !before || !isSameJson(settingIn(before, name), settingIn(after, name)))

/** Copies the named settings; the rest stays unchanged. */
export const withSettings = (before: Recipient, after: Recipient, names: readonly RecipientField[]): Recipient => ({
  ...before,
  ...Object.fromEntries(names.map((name) => [name, after[name]])),
})

/** RED is never mailed: readers get the edition below. */
export const maxMarkingMailed: Marking = 'TLP:AMBER+STRICT'

/** The highest marking at which a mail may have files, a telling subject, and by default findings. */
export const maxMarkingDisclosed: Marking = 'TLP:GREEN'

/** Returns the highest edition that the recipient may get by mail. */
export const editionFor = ({ clearance }: Pick<Recipient, 'clearance'>): Marking =>
  fitsUnder(clearance, maxMarkingMailed) ? clearance : maxMarkingMailed

export const territoriesOf = (readable: readonly string[]): ReadonlySet<SubjectCode> =>
  new Set(
    readable.flatMap((place) => {
      const group = territoryGroups.find(({ id }) => id === place)
      return group ? group.members : territories.filter(({ code }) => code === place).map(({ code }) => code)
    }),
  )

/** A dossier covers every territory. */
export const unreadableIn = (
  { territories: readable }: Pick<Recipient, 'territories'>,
  code: SubjectCode,
): readonly TerritoryCode[] => {
  const read = territoriesOf(readable)
  return subjectOf(code).members.filter((member) => !read.has(member))
}

export const namesEdition = ({ editions = [] }: Pick<Recipient, 'editions'>, code: SubjectCode): boolean =>
  editions.some((edition) => edition === code)

/** Checks whether a readable report is mailed. Dossiers and flash notes go to every recipient who may read them. */
export const wantsEdition = (recipient: Pick<Recipient, 'editions'>, code: SubjectCode): boolean => {
  const { editions = [eachTerritory] } = recipient
  return (
    isOnRequest(code) ||
    namesEdition(recipient, code) ||
    (isTerritoryCode(code) && editions.some((edition) => edition === eachTerritory))
  )
}

export const placeNames = (wanted: readonly string[], language: Language): readonly string[] => [
  ...territoryGroups.filter(({ id }) => wanted.includes(id)).map(({ name }) => name[language]),
  ...territories.filter(({ code }) => wanted.includes(code)).map(({ name }) => name[language]),
]

export const editionTitles = (
  { editions, territories: readable }: Pick<Recipient, 'editions' | 'territories'>,
  language: Language,
): readonly string[] | undefined => {
  if (!editions || editions.every((edition) => edition === eachTerritory)) return undefined
  const named = editions.flatMap((edition) => (edition === eachTerritory ? [] : [subjectOf(edition).name[language]]))
  return [...new Set([...named, ...(editions.includes(eachTerritory) ? placeNames(readable, language) : [])])]
}

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

export const groupsWanted = (
  recipients: readonly Recipient[],
  cadence: Recipient['cadences'][number],
): readonly GroupCode[] =>
  subjects
    .flatMap(({ code }) => (isGroup(code) && code !== 'ALL' ? [code] : []))
    .filter((code) => editionsWanted(recipients, code, cadence).length > 0)
