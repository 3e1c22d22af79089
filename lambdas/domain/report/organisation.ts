import * as z from 'zod'
import { peopleSchema } from '../access/people.ts'
import { queriesSchema } from '../coordination/posts/query.ts'
import { asMessage } from '../core/fault.ts'
import { mailAddressSchema } from '../core/mail-address.ts'
import { fitsUnder, type Marking, markings } from '../core/marking.ts'
import { territories } from '../core/place/territory.ts'
import { canonicalJson } from '../core/text/canonical.ts'
import { nameSchema, printable, textSchema } from '../core/text/printable.ts'
import { marking } from '../detection/fields.ts'
import { aliasesSchema } from '../detection/names/aliases.ts'
import { rulesSchema } from '../detection/names/territory-rules.ts'

export const sectionNames = [
  'manoeuvres',
  'time',
  'disarm',
  'ongoing',
  'undatedHere',
  'across',
  'sources',
  'changes',
  'annex',
] as const

export type SectionName = (typeof sectionNames)[number]

const words = z.strictObject({ fr: textSchema, en: textSchema })

/** Readers of lower editions do not see it. */
const markedAmber = marking.default('TLP:AMBER').describe('Up to which edition it may show; AMBER where left out')

/** More is cut on page 1, and could push a quiet report to another sheet. */
const maxAdviceChars = 160

const adviceText = textSchema.max(maxAdviceChars, asMessage('text.tooLong', { max: maxAdviceChars }))
const adviceWords = z.strictObject({ fr: adviceText, en: adviceText })

const advice = z.strictObject({
  do: z
    .array(adviceWords)
    .max(3, asMessage('list.tooLong', { max: 3 }))
    .default([]),
  avoid: z
    .array(adviceWords)
    .max(1, asMessage('list.tooLong', { max: 1 }))
    .default([]),
})

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, asMessage('house.colour'))

/** The print backgrounds: white, and dark mode's. */
const papers = { light: '#ffffff', dark: '#161614' } as const

/** WCAG 2.2 AA for text. */
const minContrast = 4.5

const readableOn = (paper: keyof typeof papers) =>
  colour.check((context) => {
    const contrast = contrastOf(context.value, papers[paper])
    if (contrast < minContrast) {
      context.issues.push({
        code: 'custom',
        input: context.value,
        message: asMessage('house.contrast', { paper, contrast: contrast.toFixed(1), least: String(minContrast) }),
      })
    }
  })

/** Enough for all territories in five editions each, twice. */
export const usualReportsPerHour = 120
const detectorsSchema = z.record(
  printable(128),
  z.strictObject({
    idPrefix: printable(64).describe('Prefix of its ids, so that they differ from those of other detectors'),
  }),
)

const least = z.int().min(1).max(1_000_000)

const days = z.int().min(1).max(36_500)

export const organisationSchema = z
  .strictObject({
    organisation: nameSchema.max(120).optional().describe('Name at the head of each report'),
    contact: nameSchema
      .max(200)
      .optional()
      .describe(
        'Address for questions, and for reports that did not arrive; if a mail address, replies to mails go there',
      ),
    guidance: z
      .strictObject({ marking: markedAmber, levels: z.partialRecord(z.enum(['0', '1', '2', '3', '4']), advice) })
      .optional()
      .describe('What to do and to avoid at each level, where a note does not say it'),
    floors: z
      .partialRecord(
        z.enum(territories.map(({ code }) => code)),
        z.strictObject({ posts: least, accounts: least, videos: least }),
      )
      .optional()
      .describe(
        'By territory: least posts, accounts and videos of an unusual week, all three; by population if omitted',
      ),
    phone: z
      .strictObject({ marking: markedAmber, number: nameSchema.max(40), hours: words.optional() })
      .optional()
      .describe('Duty phone and its hours, on page 1'),
    logo: z.string().min(1).optional().describe('A PNG or SVG file of at most 200 KB, next to this file'),
    accent: readableOn('light').optional().describe('Accent colour on white; contrast at least 4.5'),
    accentDark: readableOn('dark').optional().describe('Accent colour in dark mode'),
    sections: z
      .array(z.enum(sectionNames))
      .min(1)
      .refine((names) => new Set(names).size === names.length, asMessage('house.sectionTwice'))
      .refine((names) => names.includes('sources'), asMessage('house.sources'))
      .optional()
      .describe('Sections in this order; all if omitted; sources always stays'),
    closing: words.optional().describe('Closing text of each report'),
    legalBasis: z
      .union([words, z.literal('none', asMessage('house.words'))])
      .optional()
      .describe('Legal basis of the four criteria; none cites no law; if omitted, the French decree in force'),
    rightOfReply: words.optional().describe('How a person named in a report may reply'),
    room: z
      .url({ protocol: /^https?$/, hostname: /^[\w.:[\]-]+$/ })
      .refine((text) => /^https?:\/\/[^/?#@\s"'<>]+$/.test(text), asMessage('house.address'))
      .optional()
      .describe('Address of the reading room; the national edition links to it'),
    acrossTerritories: z
      .enum(['open', 'closed'])
      .optional()
      .describe('closed: readers of one territory see no data of others'),
    nameOfficeHolders: z
      .boolean()
      .optional()
      .describe('Show office-holders at events by name if a published source names them; else by role'),
    showWithheld: z.boolean().optional().describe('Show the number of withheld detections in CLEAR and GREEN editions'),
    approvalOfClear: z
      .boolean()
      .optional()
      .describe('false: CLEAR editions that attribute or show an effect are mailed without an approving CLEAR note'),
    mail: z
      .strictObject({
        fullUpTo: z
          .enum(markings)
          .exclude(['TLP:RED'])
          .optional()
          .describe('The highest marking at which a mail shows what happened; TLP:GREEN if omitted'),
        from: mailAddressSchema.optional().describe('Sender of the mails of this machine'),
        smtp: z
          .url({ protocol: /^smtps?$/, error: asMessage('house.smtpUrl') })
          .refine((text) => URL.parse(text)?.password === '', asMessage('house.smtpPassword'))
          .optional()
          .describe(
            'Server that sends the mails of this machine: smtps://user@host or smtp://user@host:587. Its password is in VIGIE_SMTP_PASSWORD, or in the file smtp-password of the data folder',
          ),
      })
      .refine(({ smtp, from }) => smtp === undefined || from !== undefined, asMessage('house.smtpFrom'))
      .optional(),
    people: peopleSchema
      .optional()
      .describe(
        'Rights of those who sign in on this machine, by address (verified by the issuer) or by the issuer’s `sub`; if omitted, claims give them',
      ),
    noteBeforeDelivery: z.boolean().optional().describe('Hold delivery until an analyst’s note approves the report'),
    reportsPerHour: z
      .int()
      .min(1)
      .max(1_000)
      .optional()
      .describe(`Reports that one caller may request in an hour; ${usualReportsPerHour} if omitted`),
    retention: z
      .strictObject({
        // Within each report of up to a year, an account has one pseudonym.
        accounts: days.min(400).optional().describe('Pseudonyms that nothing younger and no account set refers to'),
        addresses: days.optional().describe('Addresses; those of indicators stay where something younger has them'),
        texts: days.optional().describe('Texts of detections, candidates and notes; names stay'),
        images: days.optional().describe('Pictures of evidence images'),
        mailAddresses: days
          .optional()
          .describe('Addresses and names of recipients who left, refuse mail or never confirmed'),
      })
      .optional()
      .describe('Days after which data are removed, by kind; never if omitted'),
    placing: rulesSchema.optional(),
    aliases: aliasesSchema.optional(),
    detectors: detectorsSchema.optional().describe('By name: settings of detectors'),
    posts: queriesSchema.optional().describe('By query: settings of posts delivered to the stage'),
  })
  .describe('vigie.json, in the data folder')

export type OrganisationInput = z.output<typeof organisationSchema>

const intakeSettings = ['placing', 'aliases', 'detectors', 'posts'] as const
const limitSettings = ['reportsPerHour', 'retention'] as const
const houseSettings = [...intakeSettings, ...limitSettings, 'people'] as const

/** Whether a setting is no part of reports. */
export const isOfHouse = (name: string): boolean => houseSettings.some((one) => one === name)

export type OrganisationIntake = Pick<OrganisationInput, (typeof intakeSettings)[number]>

export type OrganisationLimits = Pick<OrganisationInput, (typeof limitSettings)[number]>

export type Organisation = Omit<OrganisationInput, 'logo' | (typeof houseSettings)[number]> & {
  /** A data: URI. */
  readonly logo?: string | undefined
}

/** Leaves out what the edition's readers may not see. */
export const organisationUnder = (
  { guidance, phone, mail: _, ...house }: Organisation,
  cap: Marking,
): Organisation => ({
  ...house,
  ...(guidance && fitsUnder(guidance.marking, cap) && { guidance }),
  ...(phone && fitsUnder(phone.marking, cap) && { phone }),
})

export const defaultOrganisation: Organisation = {}

/** Returns the WCAG 2 contrast of two colours `#rrggbb`: from 1 to 21. */
export const contrastOf = (a: string, b: string): number => {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (lighter + 0.05) / (darker + 0.05)
}

const luminance = (hex: string): number => {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** The fields that readers see and that reveal nothing about detections. */
const brandingFields = [
  'organisation',
  'contact',
  'guidance',
  'phone',
  'logo',
  'accent',
  'accentDark',
  'sections',
  'legalBasis',
  'closing',
  'rightOfReply',
  'room',
] as const satisfies readonly (keyof Organisation)[]

export const isSameBranding = (one: Organisation, other: Organisation): boolean =>
  brandingFields.every((field) => canonicalJson(one[field] ?? null) === canonicalJson(other[field] ?? null))
