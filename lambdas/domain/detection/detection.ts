/**
 * A detection: what a detector or an analyst stored about one observed manoeuvre. One schema gives type, checks and
 * JSON Schema.
 */
import * as z from 'zod'
import { confidenceLevels, likelihoods } from '../core/estimates.ts'
import { type Qualifier, qualifiers } from '../core/figures.ts'
import { maximum } from '../core/lists.ts'
import { type TerritoryCode, territories } from '../core/place/territory.ts'
import { didYouMean, nearestOf } from '../core/text/nearest.ts'
import { nameSchema as name, printable } from '../core/text/printable.ts'
import { observedFrom } from '../core/time/observed.ts'
import { attributionLinks, attributionReplies } from './attribution-schema.ts'
import { confidence, day, localised, marking, named, orFault } from './fields.ts'
import { codesAmong, noTerritory, oncePerTerritory, placesAmong, readTerritory, territoriesMeant } from './gazetteer.ts'
import { impersonates } from './impersonated.ts'
import { kinds } from './kinds.ts'
import { plateHashes, quotes } from './quote-schema.ts'
import { intervalCounts, supposedOrigin } from './rhythm-schema.ts'

/** As many as a set of accounts of the largest kind that was taken down at once. */
const maxAccounts = 250_000

export const detectionId = printable(128).describe('1 to 128 printable characters, the same in every revision')

/** A list of so many entries. Each has room for real data, and none for a record that no store could take. */
const listOf = <One extends z.ZodType>(one: One, most: number) =>
  z.array(one).max(most, `must have at most ${grouped(most)} entries`)

/** `20,000` */
const grouped = (count: number): string => count.toLocaleString('en')

/** The store numbers on from it: the next ones must be whole numbers too. */
const maxRevision = 10 ** 15

/** JSON's readers round whole numbers beyond 2^53 without a word. */
const isExact = (value: number): boolean => !Number.isInteger(value) || Number.isSafeInteger(value)

/** No figure is larger, so that the sum of 900,000 of them is still exact (2^53). */
const maxFigure = 10 ** 10

/** Views have their own: the most viewed video has some 10^10. */
const maxViews = 10 ** 12

const figureUpTo = (most: number) => {
  const whole = z
    .number('must be a whole number')
    .int('must be a whole number below 2^53')
    .min(0, 'must not be negative')
    .max(most, `must be at most ${grouped(most)}: see whether it is a count, and no id or time`)
  return z
    .union([
      whole.transform((value) => ({ value, qualifier: 'exact' as Qualifier })),
      z.strictObject({ value: whole, qualifier: z.enum(qualifiers).default('exact') }),
    ])
    .describe('A count: a whole number (exact), or {value, qualifier}')
}

const figure = figureUpTo(maxFigure)

const figures = {
  posts: figure.optional(),
  reposts: figure.optional(),
  accounts: figure.optional(),
  coordinatedAccounts: figure.optional(),
  videos: figure.optional(),
  views: figureUpTo(maxViews).optional(),
}

const counts = z.strictObject({
  ...figures,
  byPlatform: z
    .array(z.strictObject({ platform: name, ...figures }))
    .max(200, 'must have at most 200 rows')
    .optional(),
  byDay: z
    .array(z.strictObject({ day, ...figures }))
    .max(4000, 'must have at most 4,000 rows')
    .optional()
    .describe('Days of the territory'),
  byInterval: intervalCounts(figure).optional(),
})

/** Codes, names and groups, as the codes that they stand for. */
const territoryCodes = z
  .array(name)
  .min(1, 'must name a territory; leave it out for all')
  .max(100, 'must have at most 100 names')
  .transform((written, context): TerritoryCode[] => {
    const { codes, unread } = codesAmong(written)
    for (const { at, word } of unread) {
      context.issues.push({ code: 'custom', input: word, path: [at], message: noTerritory(word) })
    }
    return codes
  })

const describedDetector = z.strictObject({
  name: printable(128),
  byHand: z.boolean().optional().describe('An analyst entered it; the name is the unit or the person'),
  version: name.optional(),
  thresholds: z
    .record(
      z.string().regex(/^(?!constructor$|prototype$)[A-Za-z][\w .-]{0,63}$/, 'must be a name such as minSimilarity'),
      z.union([
        name,
        z
          .number()
          .refine(isExact, 'is a whole number beyond 2^53, which no program reads as written: put it in quotes'),
      ]),
    )
    .refine((thresholds) => Object.keys(thresholds).length <= 100, 'must have at most 100 entries')
    .optional(),
  knownError: localised.optional().describe('What the detector is known to miss or to get wrong'),
  expectedRhythm: z.iso.duration('must be an ISO 8601 duration such as PT6H or P1D').optional(),
  marking: marking
    .optional()
    .describe('Up to which edition its name, limits and runs may show: TLP 2.0; AMBER where left out'),
  territories: territoryCodes.optional().describe('What it watches: codes, names or groups; all where left out'),
})

/** What stands for a detector whose name is an analyst's; also how a file says so. */
export const byHandName = 'by hand'

export const detectorSchema = z
  .union([
    printable(128).transform((called): z.output<typeof describedDetector> =>
      called === byHandName ? { name: called, byHand: true } : { name: called },
    ),
    describedDetector,
  ])
  .describe('What found it: a detector by name or in full, or "by hand"')

const assignmentMethods = ['explicit', 'group', 'hashtag', 'gazetteer', 'analyst'] as const

const territoryAssignment = z.strictObject({
  code: z.enum(territories.map(({ code }) => code) as [TerritoryCode, ...TerritoryCode[]]),
  method: z.enum(assignmentMethods),
  via: name.optional().describe('The group, hashtag or place name that led there'),
  by: name.optional().describe('Who placed it, where a person did'),
})

export type TerritoryAssignment = z.output<typeof territoryAssignment>

const territoryAssignments = listOf(z.union([territoryAssignment, name]), 1_000)
  .transform((entries, context): TerritoryAssignment[] => {
    const { found, unread } = placesAmong(entries, readTerritory)
    for (const { at, word } of unread) {
      context.issues.push({ code: 'custom', input: word, path: [at], message: noTerritory(word) })
    }
    return oncePerTerritory(found)
  })
  .describe('Where it was aimed: codes, names, groups, or {code, method, via}; empty where nobody knows')

const observed = z
  .strictObject({
    from: z.string(),
    to: z.string().optional(),
    precision: z.enum(['instant', 'day', 'month']).optional(),
    label: localised
      .optional()
      .describe(
        'How the source words the time where it knows more than the ends say (late April 2024): shown in their place',
      ),
    statedByHand: z.boolean().optional(),
  })
  .transform(
    orFault((ends) => {
      const read = observedFrom(ends.from, ends.to)
      if (ends.precision && ends.precision !== read.precision) {
        throw new Error(`${ends.from} is known to the ${read.precision}, yet precision says ${ends.precision}`)
      }
      return { ...read, ...(ends.label && { label: ends.label }), ...(ends.statedByHand && { statedByHand: true }) }
    }),
  )
  .describe('First and last observation: two instants with offset, days of the territory, or months')

const participant = z.union([
  localised,
  z.strictObject({ role: localised, name: name.describe('Of an office-holder, as published') }),
])

export const criteria = [
  'fundamental-interests',
  'foreign-actor',
  'misleading-content',
  'artificial-dissemination',
] as const

export const criterionStates = ['supported', 'partial', 'not supported', 'not assessed'] as const

/** How far an observed effect went, the farthest first. */
export const effectDegrees = ['act', 'media', 'online'] as const

export const indicatorTypes = ['url', 'domain', 'ip', 'email', 'account', 'hash', 'other'] as const

export const detectionSchema = z
  .strictObject({
    id: detectionId,
    revision: z
      .int()
      .min(1)
      .max(maxRevision, `must be at most ${grouped(maxRevision)}`)
      .optional()
      .describe('Given by the store where it is left out'),
    partOf: detectionId.optional().describe('The detection of which this is a part: its figures are never added to it'),
    detector: detectorSchema,
    kind: z.enum(kinds),
    title: localised,
    summary: localised.optional(),
    territories: territoryAssignments.default([]),
    observed,
    platforms: listOf(name, 200).default([]),
    counts: counts.default({}),
    accountRefs: listOf(printable(256), maxAccounts)
      .optional()
      .describe('Pseudonymous references of the accounts that took part'),
    coordinatedAccountRefs: listOf(printable(256), maxAccounts)
      .optional()
      .describe('Those of them that belong to the account set'),
    accountSet: z
      .strictObject({ id: printable(128), name: named.optional(), size: figure.optional() })
      .optional()
      .describe('The coordinated set: name and size may be left out where a set with this id was taken in before'),
    campaign: name.optional(),
    actor: z
      .strictObject({
        name: named,
        attributedBy: named.describe('Whose attribution it is: Vigie makes none'),
        likelihood: z.enum(likelihoods).optional().describe('ICD 203 term'),
        confidence: z.enum(confidenceLevels).optional(),
        links: attributionLinks.optional(),
        replies: attributionReplies.optional(),
      })
      .optional(),
    supposedOrigin: supposedOrigin.optional(),
    timeZoneUnknown: z
      .boolean()
      .optional()
      .describe('The source names no zone for its times: they are written here as if they were the territory’s'),
    modusOperandi: z
      .strictObject({ name: named, attributedBy: named.describe('Who links it') })
      .optional()
      .describe('The way of working that the source links it to (STIX: intrusion set); this is no actor'),
    reported: z
      .strictObject({
        campaign: name.optional(),
        actor: name.optional(),
        platforms: listOf(name, 200).optional(),
        territories: listOf(name, 1_000).optional().describe('All of them, where one is misspelt: a person places it'),
      })
      .optional()
      .describe('Names as the source wrote them, where the alias table has others: Vigie fills it in'),
    event: z
      .strictObject({ place: localised.optional(), participants: listOf(participant, 1_000).default([]) })
      .optional()
      .describe('Left out where it is not known: the place. Participants by role; by name where vigie.json allows it'),
    techniques: listOf(
      z.strictObject({
        id: printable(32).describe('DISARM id as reported'),
        name: named.optional(),
        framework: name.optional(),
        version: name.optional(),
      }),
      1_000,
    ).default([]),
    narratives: listOf(localised, 1_000).default([]),
    hashtags: listOf(printable(200), 1_000).default([]),
    languages: listOf(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a language tag'), 200).default([]),
    fingerprints: listOf(z.strictObject({ algorithm: name, value: name }), 1_000).default([]),
    indicators: listOf(
      z.strictObject({ type: z.enum(indicatorTypes), value: printable(4096), note: localised.optional() }),
      50_000,
    ).default([]),
    impersonates,
    observedEffect: z
      .strictObject({
        state: z.enum(['none', 'observed', 'not assessed']),
        degree: z
          .enum(effectDegrees)
          .optional()
          .describe(
            'How far an observed effect went: an act or decision followed, an echo offline or in the media, online only',
          ),
        text: localised.optional(),
        source: name.optional(),
      })
      .check((context) => {
        const { state, degree } = context.value
        if (degree !== undefined && state !== 'observed') {
          context.issues.push({
            code: 'custom',
            input: degree,
            path: ['degree'],
            message: 'belongs to an effect that was observed',
          })
        }
      })
      .optional(),
    evidence: listOf(
      z.strictObject({ label: localised, url: printable(4096).optional(), archiveUrl: printable(4096).optional() }),
      10_000,
    ).default([]),
    plates: plateHashes.optional(),
    quotes: quotes.optional(),
    confidence: confidence.optional(),
    reliability: z.enum(['A', 'B', 'C', 'D', 'E', 'F']).optional().describe('Admiralty code of the source'),
    credibility: z.int().min(1).max(6).optional().describe('Admiralty code of the information'),
    marking: marking.default('TLP:AMBER').describe('TLP 2.0; AMBER where nothing is stated'),
    markingSource: z.enum(['stated', 'container', 'default']).optional(),
    breakout: z.strictObject({ category: z.int().min(1).max(6), evidence: localised.optional() }).optional(),
    criteria: listOf(
      z.strictObject({
        criterion: z.enum(criteria),
        state: z.enum(criterionStates),
        evidence: localised.optional(),
      }),
      100,
    )
      .default([])
      .describe('The four criteria of a foreign digital interference'),
  })
  .check((context) => {
    const { value } = context
    if (value.partOf === value.id) {
      context.issues.push({
        code: 'custom',
        input: value.partOf,
        path: ['partOf'],
        message: 'must name another detection',
      })
    }
  })

/** A detection as the code holds it: checked, with its defaults, its territories spelled out. */
export type Detection = z.output<typeof detectionSchema>

export type EffectState = NonNullable<Detection['observedEffect']>['state']

export type EffectDegree = (typeof effectDegrees)[number]

/** What a file may hold. */
export type DetectionInput = z.input<typeof detectionSchema>

export type { Qualifier } from '../core/figures.ts'
export type { Localised, Name } from '../core/text/localised.ts'

export type Figure = z.output<typeof figure>

export type Counts = Detection['counts']

/** Why a record is no detection: the first place that is wrong, and all that is wrong in plain words. */
export type Refusal = { readonly path: string; readonly message: string }

/**
 * The same schema, several times as fast on what fits; what does not fit is read by the schema itself, for its
 * messages.
 */
const compiled = z.compile(detectionSchema)

/** A detection from any value, or why it is none. Never throws for what the value holds. */
export const readDetection = (value: unknown): { readonly detection: Detection } | { readonly refusal: Refusal } => {
  const result = compiled.safeParse(value)
  if (result.success) return { detection: result.data }
  const misspelt = withoutMisspeltTerritories(value)
  const again = misspelt && compiled.safeParse(misspelt)
  if (again?.success) return { detection: again.data }
  const { path, message } = refusalOf(result.error)
  return { refusal: { path, message: `${message}${meantFields(result.error)}` } }
}

/**
 * A record with a territory that is misspelt has no place, and keeps what was written: a person knows what is meant.
 */
const withoutMisspeltTerritories = (value: unknown): object | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { territories: written, reported } = value as Partial<DetectionInput>
  if (!Array.isArray(written) || !written.every((one) => typeof one === 'string')) return undefined
  const { unread } = placesAmong<never>(written, readTerritory)
  if (unread.length === 0 || unread.some(({ word }) => territoriesMeant(word).length === 0)) return undefined
  return { ...value, territories: [], reported: { ...reported, territories: written } }
}

/** What unknown fields of a record may mean. */
const meantFields = ({ issues }: z.ZodError): string => {
  const unknown = issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys' && issue.path.length === 0 ? issue.keys : [],
  )
  return didYouMean([...new Set(unknown.flatMap((key) => nearestOf(key, Object.keys(detectionSchema.shape))))])
}

/** JSON Schema (draft 2020-12) of what a file may hold. */
export const detectionJsonSchema = (): unknown =>
  z.toJSONSchema(detectionSchema, { io: 'input', unrepresentable: 'any' })

/** What zod found wrong with a value, in plain words. */
export const refusalOf = (error: z.ZodError): Refusal => {
  const issues = error.issues.map(unfold)
  const path = issues[0]?.path ?? ''
  // The path is said once, apart, unless several places are wrong.
  const severalPlaces = issues.some((issue) => issue.path !== path)
  const said = [
    ...new Set(
      issues.map((issue) => (severalPlaces && issue.path ? `${issue.path}: ${issue.message}` : issue.message)),
    ),
  ]
  const shown = said.slice(0, 8)
  const rest = said.length - shown.length
  return { path, message: shown.join('; ') + (rest > 0 ? `; and ${rest} more` : '') }
}

/** What zod found wrong in a file, in one line, with the fields. */
export const faultOf = (error: z.ZodError): string => {
  const { path, message } = refusalOf(error)
  return path === '' || message.startsWith(`${path}: `) ? message : `${path} ${message}`
}

/** A union's issue says only that nothing fitted: the nearest branch says what is wrong. */
const unfold = (issue: z.core.$ZodIssue): Refusal => {
  if (issue.code === 'invalid_union') {
    const branches = issue.errors.filter((branch) => branch.length > 0)
    const nearest = branches.sort((a, b) => depth(b) - depth(a))[0]?.[0]
    if (nearest && depth([nearest]) > 0) {
      const inner = unfold(nearest)
      return { path: join(issue.path, inner.path), message: inner.message }
    }
    const wanted = [
      ...new Set(branches.map((branch) => branch[0]).map((first) => (first ? unfold(first).message : ''))),
    ]
    return { path: join(issue.path, ''), message: wanted.join(', or ') }
  }
  return { path: join(issue.path, ''), message: plain(issue) }
}

/** How far into a value a branch of a union got; a branch that failed on the value's own type got nowhere. */
const depth = (branch: readonly z.core.$ZodIssue[]): number =>
  maximum(branch.map((issue) => issue.path.length + (issue.code === 'invalid_type' && issue.path.length === 0 ? 0 : 1)))

const plain = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.startsWith('Invalid input') ? missingOr(issue) : issue.message
    case 'unrecognized_keys':
      return `has ${issue.keys.length === 1 ? 'a field' : 'fields'} that the schema does not know: ${listed(issue.keys)}`
    case 'invalid_key':
      return issue.issues[0] ? plain(issue.issues[0]) : issue.message
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    default:
      return issue.message
  }
}

const listed = (keys: readonly string[]): string =>
  keys.length <= 8 ? keys.join(', ') : `${keys.slice(0, 8).join(', ')} and ${keys.length - 8} more`

const missingOr = (issue: z.core.$ZodIssueInvalidType): string => {
  const wanted = issue.expected === 'record' ? 'object' : issue.expected
  const article = /^[aeiou]/.test(wanted) ? 'an' : 'a'
  return issue.message.endsWith('received undefined') ? 'is missing' : `must be ${article} ${wanted}`
}

const join = (path: readonly PropertyKey[], rest: string): string => {
  let joined = ''
  for (const part of path) joined += typeof part === 'number' ? `[${part}]` : `${joined ? '.' : ''}${String(part)}`
  if (!rest) return joined
  return rest.startsWith('[') || !joined ? joined + rest : `${joined}.${rest}`
}
