/** The record of one observed manoeuvre: type, validation and JSON Schema. */
import * as z from 'zod'
import { confidenceLevels, likelihoods } from '../core/estimates.ts'
import { asMessage, fault, FaultError } from '../core/fault.ts'
import { type Qualifier, qualifiers } from '../core/figures.ts'
import { type TerritoryCode, territories } from '../core/place/territory.ts'
import { type Refusal, refusalOf } from '../core/schema-fault.ts'
import { nameSchema as name, printable } from '../core/text/printable.ts'
import { observedFrom } from '../core/time/observed.ts'
import { attributionLinks, attributionReplies } from './attribution-schema.ts'
import { confidence, day, localised, marking, named, orFault, statement } from './fields.ts'
import { codesAmong, noTerritory, oncePerTerritory, placesAmong, readTerritory, territoriesMeant } from './gazetteer.ts'
import { impersonates } from './impersonated.ts'
import { kinds } from './kinds.ts'
import { plateHashes, quotes } from './quote-schema.ts'
import { intervalCounts, supposedOrigin } from './rhythm-schema.ts'

/** The size of the largest account set taken down at once. */
const maxAccounts = 250_000

export const detectionId = printable(128).describe('1 to 128 printable characters, the same in every revision')

/** Limits fit real data and reject records too large to store. */
const listOf = <One extends z.ZodType>(one: One, most: number) =>
  z.array(one).max(most, asMessage('list.tooLong', { max: most }))

/** The store increments it, so later values must be safe integers too. */
const maxRevision = 10 ** 15

/** JSON parsers silently round integers beyond 2^53. */
const isExact = (value: number): boolean => !Number.isInteger(value) || Number.isSafeInteger(value)

/** Keeps the sum of 900,000 figures exact (2^53). */
const maxFigure = 10 ** 10

/** A higher limit: the most viewed video has about 10^10 views. */
const maxViews = 10 ** 12

const figureUpTo = (most: number) => {
  const whole = z
    .number(asMessage('number.whole'))
    .int(asMessage('number.wholeBelow'))
    .min(0, asMessage('number.negative'))
    .max(most, asMessage('number.tooLargeCount', { max: most }))
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
    .max(200, asMessage('rows.tooMany', { max: 200 }))
    .optional(),
  byDay: z
    .array(z.strictObject({ day, ...figures }))
    .max(4000, asMessage('rows.tooMany', { max: 4_000 }))
    .optional()
    .describe('Days of the territory'),
  byInterval: intervalCounts(figure).optional(),
})

const territoryCodes = z
  .array(name)
  .min(1, asMessage('territories.noneForAll'))
  .max(100, asMessage('names.tooMany', { max: 100 }))
  .transform((written, context): TerritoryCode[] => {
    const { codes, unread } = codesAmong(written)
    for (const { at, word } of unread) {
      context.issues.push({ code: 'custom', input: word, path: [at], message: JSON.stringify(noTerritory(word)) })
    }
    return codes
  })

const describedDetector = z.strictObject({
  name: printable(128),
  byHand: z.boolean().optional().describe('An analyst entered it; the name is that of the unit or the analyst'),
  version: name.optional(),
  thresholds: z
    .record(
      z.string().regex(/^(?!constructor$|prototype$)[A-Za-z][\w .-]{0,63}$/, asMessage('thresholds.name')),
      z.union([name, z.number().refine(isExact, asMessage('number.beyondExact'))]),
    )
    .refine((thresholds) => Object.keys(thresholds).length <= 100, asMessage('list.tooLong', { max: 100 }))
    .optional(),
  knownError: localised.optional().describe('What the detector is known to miss or to get wrong'),
  expectedRhythm: z.iso.duration(asMessage('duration.such')).optional(),
  marking: marking
    .optional()
    .describe('Up to which edition its name, limits and runs may show: TLP 2.0; AMBER where left out'),
  territories: territoryCodes.optional().describe('What it watches: codes, names or groups; all where left out'),
})

/** Replaces a detector name that is an analyst's. */
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
  by: name.optional().describe('The analyst who placed it, if one did'),
})

export type TerritoryAssignment = z.output<typeof territoryAssignment>

const territoryAssignments = listOf(z.union([territoryAssignment, name]), 1_000)
  .transform((entries, context): TerritoryAssignment[] => {
    const { found, unread } = placesAmong(entries, readTerritory)
    for (const { at, word } of unread) {
      context.issues.push({ code: 'custom', input: word, path: [at], message: JSON.stringify(noTerritory(word)) })
    }
    return oncePerTerritory(found)
  })
  .describe('Where it was aimed: codes, names, groups, or {code, method, via}; empty where it is not known')

const observed = z
  .strictObject({
    from: z.string(),
    to: z.string().optional(),
    precision: z.enum(['instant', 'day', 'month']).optional(),
    label: localised
      .optional()
      .describe(
        'How the source words the time, where that is more exact than both ends (late April 2024): shown in their place',
      ),
    statedByHand: z.boolean().optional(),
  })
  .transform(
    orFault((ends) => {
      const read = observedFrom(ends.from, ends.to)
      if (ends.precision && ends.precision !== read.precision) {
        throw new FaultError(
          fault('observed.otherPrecision', {
            from: ends.from,
            known: fault(`precision.${read.precision}`),
            stated: ends.precision,
          }),
        )
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

/** Reach of an observed effect, farthest first. */
export const effectDegrees = ['act', 'media', 'online'] as const

/** Why a breakout has its category. */
export const breakoutBases = ['amplified', 'debunked', 'answered', 'decided', 'violence'] as const

const confirmed = z
  .strictObject({
    by: name.describe('The analyst'),
    on: day.optional().describe('Left out where the date of the correction is meant'),
  })
  .optional()
  .describe('An analyst has confirmed it: only in a correction or in a record by hand')

export const indicatorTypes = ['url', 'domain', 'ip', 'email', 'account', 'hash', 'other'] as const

export const detectionSchema = z
  .strictObject({
    id: detectionId,
    revision: z
      .int()
      .min(1)
      .max(maxRevision, asMessage('number.tooLarge', { max: maxRevision }))
      .optional()
      .describe('Given by the store where it is left out'),
    partOf: detectionId.optional().describe('The detection of which this is a part: its figures are never added to it'),
    detector: detectorSchema,
    kind: z.enum(kinds),
    title: localised,
    summary: localised.optional(),
    claim: statement.optional().describe('The false, misleading or unverified statement that is spread'),
    established: statement.optional().describe('What is established about it, and the source that establishes it'),
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
      .describe('The coordinated set: name and size may be left out where a set with this id was ingested before'),
    campaign: name.optional(),
    actor: z
      .strictObject({
        name: named,
        attributedBy: named.describe('Author of the attribution: Vigie makes none'),
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
      .strictObject({ name: named, attributedBy: named.describe('Author of the link') })
      .optional()
      .describe('The way of working that the source links it to (STIX: intrusion set); this is no actor'),
    reported: z
      .strictObject({
        campaign: name.optional(),
        actor: name.optional(),
        platforms: listOf(name, 200).optional(),
        territories: listOf(name, 1_000)
          .optional()
          .describe('Words that name no territory, or all of them where one is misspelt: an analyst places it'),
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
    languages: listOf(z.string().regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, asMessage('language.tag')), 200).default([]),
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
        confirmed,
      })
      .check((context) => {
        const { state, ...effect } = context.value
        for (const part of state === 'observed' ? [] : (['degree', 'confirmed'] as const)) {
          if (effect[part] === undefined) continue
          context.issues.push({
            code: 'custom',
            input: effect[part],
            path: [part],
            message: asMessage(`effect.${part}`),
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
    breakout: z
      .strictObject({
        category: z.int().min(1).max(6),
        evidence: localised.optional(),
        basis: z
          .enum(breakoutBases)
          .optional()
          .describe(
            'What the category rests on: others spread it, debunked it, denied it (answered); a decision followed; a call to violence',
          ),
        confirmed,
      })
      .optional(),
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
        message: asMessage('partOf.itself'),
      })
    }
  })

export type Detection = z.output<typeof detectionSchema>

/** Fields with a text by language: `title.fr` in a sheet. */
export const textFields = ['title', 'summary', 'claim', 'established'] as const

export type TextField = (typeof textFields)[number]

export type EffectState = NonNullable<Detection['observedEffect']>['state']

export type EffectDegree = (typeof effectDegrees)[number]

export type DetectionInput = z.input<typeof detectionSchema>

export type { Qualifier } from '../core/figures.ts'
export type { Localised, Name } from '../core/text/localised.ts'

export type Figure = z.output<typeof figure>

export type Counts = Detection['counts']

/** Much faster for valid values. The schema reads invalid ones again for its messages. */
const compiled = z.compile(detectionSchema)

/** Never throws because of the value. */
export const readDetection = (value: unknown): { readonly detection: Detection } | { readonly refusal: Refusal } => {
  const result = compiled.safeParse(value)
  if (result.success) return { detection: result.data }
  const asked = withoutUnreadTerritories(value)
  const again = asked && compiled.safeParse(asked)
  if (again?.success) return { detection: again.data }
  return { refusal: refusalOf(result.error, Object.keys(detectionSchema.shape)) }
}

/** Keeps words that name no territory for an analyst. The record is unplaced where none was read or one is misspelt. */
const withoutUnreadTerritories = (value: unknown): object | undefined => {
  if (typeof value !== 'object' || value === null) return undefined
  const { territories: written, reported } = value as Partial<DetectionInput>
  if (!Array.isArray(written) || !written.every((one) => typeof one === 'string')) return undefined
  const { found, unread } = placesAmong<never>(written, readTerritory)
  if (unread.length === 0) return undefined
  const isPlaced = found.length > 0 && unread.every(({ word }) => territoriesMeant(word).length === 0)
  const kept = isPlaced ? unread.map(({ word }) => word) : written
  return { ...value, territories: isPlaced ? found : [], reported: { ...reported, territories: kept } }
}

/** JSON Schema (draft 2020-12) of a detection in a file. */
export const detectionJsonSchema = (): unknown =>
  z.toJSONSchema(detectionSchema, { io: 'input', unrepresentable: 'any' })
