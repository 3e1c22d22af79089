/** Places detections by event, hashtags or analysts' rules. */
import * as z from 'zod'
import { asMessage, FaultError, inFile } from '../../core/fault.ts'
import type { TerritoryCode } from '../../core/place/territory.ts'
import { refusalOf } from '../../core/schema-fault.ts'
import { nameSchema } from '../../core/text/printable.ts'
import { folded } from '../../core/text/spelling.ts'
import { type Detection, type TerritoryAssignment } from '../detection.ts'
import {
  codesAmong,
  noTerritory,
  oncePerTerritory,
  type PlaceReading,
  placesAmong,
  readPlaceName,
} from '../gazetteer.ts'

/**
 * Left out: ordinary words (#Reunion), other places' names (#SaintMartin, #Polynesia) and all of overseas (#OutreMer).
 */
const hashtags: Readonly<Partial<Record<TerritoryCode, readonly string[]>>> = {
  NC: [
    'NouvelleCaledonie',
    'NewCaledonia',
    'Kanaky',
    'FreeKanaky',
    'KanakyLibre',
    'KanakyNouvelleCaledonie',
    'RecognizeNewCaledonia',
  ],
  PF: ['PolynesieFrancaise', 'FrenchPolynesia', 'Tahiti', 'MaohiNui'],
  WF: ['WallisEtFutuna', 'WallisAndFutuna'],
  GP: ['Guadeloupe', 'Gwadloup'],
  MQ: ['Martinique', 'Matinik'],
  GF: ['Guyane', 'GuyaneFrancaise', 'FrenchGuiana', 'Lagwiyann'],
  BL: ['SaintBarth', 'StBarth', 'StBarts'],
  PM: ['SaintPierreEtMiquelon'],
  RE: ['LaReunion', 'IleDeLaReunion', 'ReunionIsland'],
  YT: ['Mayotte', 'MayotteEstComorienne'],
  TF: ['TAAF', 'Kerguelen'],
  COR: ['Corse', 'Corsica', 'CorsicaLibera'],
}

const some = z
  .union([nameSchema, z.array(nameSchema).min(1, asMessage('names.none'))])
  .transform((nameOrNames) => (typeof nameOrNames === 'string' ? [nameOrNames] : nameOrNames))
  .refine((names) => names.every((one) => folded(one) !== ''), asMessage('text.noLetter'))
  .optional()

const rule = z.strictObject({
  name: nameSchema.describe('Stored with each placing that it makes'),
  match: z
    .strictObject({
      hashtag: some,
      text: some.describe('Words that follow each other in the title or the summary, in any language'),
      campaign: some,
      detector: some,
      accountSet: some.describe('Its id or its name'),
      fingerprint: some.describe('Its value'),
    })
    .refine((match) => Object.values(match).some(Boolean), asMessage('rules.noMatch'))
    .describe('All of these must fit; of several values of one, any'),
  territories: z
    .array(nameSchema)
    .min(1, asMessage('territories.none'))
    .transform((written, context): TerritoryCode[] => {
      const { codes, unread } = codesAmong(written)
      for (const { at, word } of unread) {
        context.issues.push({ code: 'custom', input: word, path: [at], message: JSON.stringify(noTerritory(word)) })
      }
      return codes
    }),
})

export const rulesSchema = z
  .strictObject({
    by: nameSchema.describe('Author of the rules'),
    rules: z.array(rule).min(1, asMessage('rules.none')),
  })
  .describe('Rules that assign territories to detections without one')

export type TerritoryRules = z.output<typeof rulesSchema>

/** @throws FaultError that names the file and the field */
export const parseRules = (value: unknown, file: string): TerritoryRules => {
  const read = rulesSchema.safeParse(value)
  if (read.success) return read.data
  throw new FaultError(inFile(file, refusalOf(read.error)))
}

export type Analysts = {
  /** The first set with a matching rule decides. */
  readonly rules?: readonly TerritoryRules[] | undefined
  readonly territories?: readonly TerritoryCode[] | undefined
}

/** Titles and summaries are used only by rules. */
export const assignTerritories = ({ rules = [], territories = [] }: Analysts = {}): ((
  detection: Detection,
) => Detection) => {
  const steps = [byEvent, byHashtags, ...rules.map(byRules), byWord(territories)]
  return (detection) => {
    // Misspelt territories are resolved by an analyst only.
    if (detection.territories.length > 0 || detection.reported?.territories) return detection
    for (const step of steps) {
      const found = step(detection)
      if (found.length > 0) return { ...detection, territories: oncePerTerritory(found) }
    }
    return detection
  }
}

type Step = (detection: Detection) => readonly TerritoryAssignment[]

const byEvent: Step = ({ event }) => {
  if (!event?.place) return []
  const places = [...new Set(Object.values(event.place))].filter((text) => nameSchema.safeParse(text).success)
  return placesAmong<never>(places, eventPlace).found
}

/** `via` is kept even for the territory's own name. */
const eventPlace = (name: string): PlaceReading | undefined => {
  const reading = readPlaceName(name)
  return reading?.kind === 'territory' ? { ...reading, via: name } : reading
}

const byHashtags: Step = (detection) =>
  detection.hashtags.flatMap((tag): TerritoryAssignment[] => {
    const code = territoryByHashtag.get(hashtagKey(tag))
    return code ? [{ code, method: 'hashtag', via: tag }] : []
  })

const byWord =
  (territories: readonly TerritoryCode[]): Step =>
  () =>
    territories.map((code) => ({ code, method: 'analyst' }))

const byRules = ({ by, rules }: TerritoryRules): Step => {
  const ready = rules.map(({ name, match, territories }) => ({
    fits: fitting(match),
    placings: territories.map((code): TerritoryAssignment => ({ code, method: 'analyst', via: name, by })),
  }))
  return (detection) => {
    const values = sayings(detection)
    return ready.flatMap(({ fits, placings }) => (fits(values) ? placings : []))
  }
}

type Match = TerritoryRules['rules'][number]['match']

type Sayings = { readonly [of in keyof Match]-?: () => readonly string[] }

const fitting = ({ hashtag, text, campaign, detector, accountSet, fingerprint }: Match) => {
  const texts = text?.map(phrase)
  const tests: readonly ((values: Sayings) => boolean)[] = [
    ...anyOf('hashtag', hashtag?.map(hashtagKey)),
    ...anyOf('campaign', campaign?.map(folded)),
    ...anyOf('detector', detector?.map(folded)),
    ...anyOf('accountSet', accountSet?.map(folded)),
    ...anyOf('fingerprint', fingerprint),
    // Last, as the most expensive test.
    ...(texts ? [(values: Sayings) => values.text().some((one) => texts.some((wanted) => one.includes(wanted)))] : []),
  ]
  return (values: Sayings): boolean => tests.every((test) => test(values))
}

const anyOf = (of: keyof Match, wanted: readonly string[] | undefined): readonly ((values: Sayings) => boolean)[] => {
  if (!wanted) return []
  const set = new Set(wanted)
  return [(values) => values[of]().some((one) => set.has(one))]
}

const sayings = (detection: Detection): Sayings => {
  let texts: readonly string[] | undefined
  return {
    hashtag: () => detection.hashtags.map(hashtagKey),
    text: () => {
      texts ??= [detection.title, detection.summary ?? {}].flatMap((all) => Object.values(all).map(phrase))
      return texts
    },
    campaign: () => (detection.campaign === undefined ? [] : [folded(detection.campaign)]),
    detector: () => [folded(detection.detector.name)],
    accountSet: () => {
      const { id, name } = detection.accountSet ?? {}
      return [id, ...Object.values(typeof name === 'string' ? [name] : (name ?? {}))].flatMap((one) =>
        one === undefined ? [] : [folded(one)],
      )
    },
    fingerprint: () => detection.fingerprints.map(({ value }) => value),
  }
}

/** The spaces restrict matches to whole words. */
const phrase = (text: string): string => ` ${folded(text)} `

const hashtagKey = (tag: string): string => folded(tag).replaceAll(' ', '')

const territoryByHashtag: ReadonlyMap<string, TerritoryCode> = new Map(
  Object.entries(hashtags).flatMap(([code, tags]) =>
    tags.map((tag) => [hashtagKey(tag), code as TerritoryCode] as const),
  ),
)
