/** Accepts unambiguous place names only. */

import { anyOf, type Fault, fault, quoted } from '../core/fault.ts'
import type { Language } from '../core/language/languages.ts'
import {
  isOnRequest,
  isSubjectCode,
  isTerritoryCode,
  knownCodes,
  type SubjectCode,
  subjects,
  type TerritoryCode,
  territories,
  territoryGroups,
  territoryOf,
} from '../core/place/territory.ts'
import { nearestOf } from '../core/text/nearest.ts'
import { folded } from '../core/text/spelling.ts'
import gazetteer from './gazetteer.json' with { type: 'json' }

type Place = {
  readonly name?: string | undefined
  readonly aliases?: readonly string[]
  /** A country's name or its ISO 3166-1 code. */
  readonly country?: string | undefined
  /** A subdivision's name or its ISO 3166-2 code. */
  readonly area?: string | undefined
  readonly region?: string | undefined
}

/**
 * `likely` holds only if other French territories are named with it. `via` is the place's name if another word led to
 * the territory.
 */
export type PlaceReading =
  | { readonly kind: 'territory'; readonly code: TerritoryCode; readonly via?: string }
  | { readonly kind: 'group'; readonly codes: readonly TerritoryCode[]; readonly via: string }
  | { readonly kind: 'town' | 'likely'; readonly code: TerritoryCode; readonly via: string }

export type Found = {
  readonly code: TerritoryCode
  readonly method: 'explicit' | 'group' | 'gazetteer'
  readonly via?: string
}

/** In addition to each territory's French and English name. */
const otherNames: Readonly<Record<TerritoryCode, readonly string[]>> = {
  NC: ['Kanaky', 'Kanaky-Nouvelle-Calédonie', 'Kanaky New Caledonia', 'Territory of New Caledonia'],
  PF: ['Māʻohi Nui', 'Maohi Nui'],
  WF: ['Wallis and Futuna Islands', 'Îles Wallis-et-Futuna', 'Wallis & Futuna'],
  GP: ['Gwadloup'],
  MQ: ['Matinik'],
  GF: ['Guyane française', 'French Guyana', 'Lagwiyann'],
  BL: ['St Barthélemy', 'St Barts', 'Saint-Barth', 'St Barth', 'St Barths'],
  MF: [
    'St Martin',
    'Saint-Martin (French part)',
    'Saint-Martin (partie française)',
    'Saint-Martin (France)',
    'Collectivité de Saint-Martin',
  ],
  PM: ['St Pierre and Miquelon', 'St Pierre et Miquelon', 'Saint-Pierre & Miquelon'],
  RE: ['Reunion Island', 'Île de la Réunion'],
  YT: ['Maore', 'Mahoré'],
  TF: ['TAAF', 'French Southern Territories', 'French Southern and Antarctic Territories'],
  COR: ['Corsu', 'Collectivité de Corse', 'Haute-Corse', 'Corse-du-Sud'],
}

/** By group id. French sources write "Antilles" alone, and Vigie covers French territories only. */
const groupNames: Readonly<Record<string, readonly string[]>> = {
  overseas: [
    'French overseas territories',
    'French overseas territory',
    'French overseas',
    'French overseas departments and territories',
    'Overseas France',
    'Overseas territories of France',
    'Outre-mer',
    'Outre-mers',
    'Outre-mer français',
    'Outre-mers français',
    'Territoires d’outre-mer',
    'Territoires français d’outre-mer',
    'Territoires ultramarins',
    'Territoires ultramarins français',
    'France d’outre-mer',
    'DROM-COM',
    'DOM-TOM',
  ],
  antilles: ['Antilles', 'French West Indies', 'French Caribbean', 'Caraïbes françaises'],
  pacific: ['French Pacific territories', 'Territoires français du Pacifique'],
  'indian-ocean': ['French Indian Ocean territories'],
}

/**
 * Next to French territories, "Guyana" means French Guiana and "Polynésie" French Polynesia. "Polynesia" always stays a
 * UN region.
 */
const likelyNames: ReadonlyMap<string, TerritoryCode> = new Map([
  ['guyana', 'GF'],
  ['polynesie', 'PF'],
])

/** Regions larger than their French part, and names of twelve territories: the analyst is asked which were meant. */
const regionsMeant: readonly (readonly [
  TerritoryCode | 'overseas' | 'antilles' | 'pacific' | 'indian-ocean',
  readonly string[],
])[] = [
  ['overseas', groupNames.overseas ?? []],
  ['PF', ['Polynésie', 'Polynesia']],
  [
    'pacific',
    ['Pacifique', 'Pacifique Sud', 'Océan Pacifique', 'Pacific Ocean', 'South Pacific', 'Océanie', 'Oceania'],
  ],
  ['indian-ocean', ['Océan Indien', 'Indian Ocean']],
  ['antilles', ['Caraïbe', 'Caraïbes', 'Caribbean', 'West Indies']],
]

/** ISO 3166-1 alpha-3, used by some platforms. Corsica is no country. */
const threeLetters: Readonly<Partial<Record<TerritoryCode, string>>> = {
  NC: 'NCL',
  PF: 'PYF',
  WF: 'WLF',
  GP: 'GLP',
  MQ: 'MTQ',
  GF: 'GUF',
  BL: 'BLM',
  MF: 'MAF',
  PM: 'SPM',
  RE: 'REU',
  YT: 'MYT',
  TF: 'ATF',
}

/** INSEE codes. Left out: 94, Corsica's region number, which is also a mainland department. */
const insee: Readonly<Record<TerritoryCode, readonly string[]>> = {
  GP: ['971'],
  MQ: ['972'],
  GF: ['973'],
  RE: ['974'],
  PM: ['975'],
  YT: ['976'],
  BL: ['977'],
  MF: ['978'],
  TF: ['984'],
  WF: ['986'],
  PF: ['987'],
  NC: ['988'],
  COR: ['20R', '2A', '2B'],
}

const france: ReadonlySet<string> = new Set(['fr', 'fra', 'france', 'republique francaise', 'french republic'])

const plain = (text: string): string => folded(text).replace(/^(?:the|la|le|les|l) /, '')

/** Unambiguous anywhere: no other place has them as postal abbreviations. */
const longCodes = territories.flatMap(({ code, iso }) =>
  [iso, `FR-${code}`, ...insee[code].flatMap((one) => [one, `FR-${one}`])].map((written) => [written, code] as const),
)

const byCode: ReadonlyMap<string, TerritoryCode> = new Map([
  ...longCodes,
  ...territories.flatMap(({ code }) => [code, threeLetters[code] ?? code].map((written) => [written, code] as const)),
])

const territoryByName: ReadonlyMap<string, TerritoryCode> = new Map([
  ...longCodes.map(([written, code]) => [plain(written), code] as const),
  ...territories.flatMap(({ code, name }) =>
    [name.fr, name.en, ...otherNames[code]].map((spelling) => [plain(spelling), code] as const),
  ),
])

const groupByName: ReadonlyMap<string, readonly TerritoryCode[]> = new Map(
  territoryGroups.flatMap(({ id, name, members }) =>
    [name.fr, name.en, ...(groupNames[id] ?? [])].map((spelling) => [plain(spelling), members] as const),
  ),
)

const groupById: ReadonlyMap<string, PlaceReading> = new Map(
  territoryGroups.map(({ id, members }) => [id, { kind: 'group', codes: members, via: id }]),
)

/** Only where a country is expected: NC is North Carolina too. */
const territoryByCountry: ReadonlyMap<string, TerritoryCode> = new Map([
  ...territoryByName,
  ...territories.flatMap(({ code }) =>
    code === 'COR' ? [] : [code, threeLetters[code] ?? code].map((written) => [plain(written), code] as const),
  ),
])

/** Keeps the article: "Le Robert" is a commune, Robert is not. */
const townByName: ReadonlyMap<string, TerritoryCode> = new Map(
  Object.entries(gazetteer.towns).flatMap(([code, names]) =>
    isTerritoryCode(code) ? names.map((name) => [folded(name), code] as const) : [],
  ),
)

/** Communes that share their name with other places. */
const sharedTowns: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(gazetteer.shared).map(([name, codes]) => [folded(name), codes]),
)

/**
 * Undefined if it is no territory or ambiguous: Saint-Martin may be Sint Maarten. A town follows its country or area;
 * the gazetteer decides only if there is none, or France.
 */
export const readPlace = (place: Place): PlaceReading | undefined => {
  const country = place.country === undefined ? '' : plain(place.country)
  const inTerritory = territoryByCountry.get(country)
  const named = place.name || place.region || ''
  // Another country's name rules out a territory.
  if (country && !inTerritory && !france.has(country)) return undefined
  const spellings = [named, ...(place.aliases ?? []), place.area ?? ''].filter(Boolean)
  for (const spelling of spellings) {
    const code = territoryByName.get(plain(spelling))
    if (code && inTerritory && code !== inTerritory) return undefined
    if (code) return { kind: 'territory', code, ...(spelling !== named && named && { via: named }) }
    const codes = groupByName.get(plain(spelling))
    if (codes && !inTerritory) return { kind: 'group', codes, via: named || spelling }
  }
  if (inTerritory) {
    const isItself = territoryByCountry.get(plain(named)) === inTerritory
    return { kind: 'territory', code: inTerritory, ...(named && !isItself && { via: named }) }
  }
  const town = place.name && !place.area ? townByName.get(folded(place.name)) : undefined
  if (town) return { kind: 'town', code: town, via: named }
  const likely = likelyNames.get(plain(named))
  return likely && { kind: 'likely', code: likely, via: named }
}

/** Also reads "Nouméa, New Caledonia" and "Saint-Denis (Réunion)". */
export const readPlaceName = (written: string): PlaceReading | undefined => {
  const name = written.trim()
  const whole = readPlace({ name })
  if (whole) return whole
  const [, inner = '', outer = ''] = /^(.+?)\s*(?:,\s*([^,()]+)|\(([^()]+)\))$/.exec(name)?.filter(Boolean) ?? []
  if (!inner) return undefined
  if (france.has(plain(outer))) return readPlaceName(inner)
  const code = territoryByName.get(plain(outer))
  const itself = readPlace({ name: inner })
  const agrees = !itself || foundBy(itself).some((one) => one.code === code)
  return code && agrees ? { kind: 'territory', code, via: name } : undefined
}

/** Reads a code (ISO 3166, INSEE, Vigie's), a group id or a name. */
export const readTerritory = (written: string): PlaceReading | undefined => {
  const word = written.trim()
  const code = byCode.get(word.toUpperCase())
  if (code) return { kind: 'territory', code }
  return groupById.get(word.toLowerCase()) ?? readPlaceName(word)
}

export const foundBy = (reading: PlaceReading): readonly Found[] => {
  switch (reading.kind) {
    case 'group':
      return reading.codes.map((code) => ({ code, method: 'group', via: reading.via }))
    case 'town':
      return [{ code: reading.code, method: 'gazetteer', via: reading.via }]
    default:
      return [{ code: reading.code, method: 'explicit', ...(reading.via !== undefined && { via: reading.via }) }]
  }
}

/** Not the comma: it precedes the surrounding place. */
const betweenPlaces = /\s*[;|/]\s*|\s+(?:[&+]|et|and)\s+/gi

const maxPlacesInOne = 20

const severalIn = (
  written: string,
  read: (written: string) => PlaceReading | undefined,
): readonly PlaceReading[] | undefined => {
  const signs = [...written.matchAll(betweenPlaces)]
  if (signs.length >= maxPlacesInOne) return undefined
  for (const { 0: sign, index } of signs) {
    const first = read(written.slice(0, index))
    if (!isSure(first)) continue
    const rest = written.slice(index + sign.length)
    const last = read(rest)
    const others = isSure(last) ? [last] : severalIn(rest, read)
    if (others) return [first, ...others]
  }
  return undefined
}

const seemsSeveral = (written: string): boolean => /[/&|+;]|\s(?:et|and)\s/i.test(written)

/**
 * Places entries; a likely place counts only next to certain ones.
 * @returns the places, and the unread words with their positions
 */
export const placesAmong = <Placed extends object>(
  entries: readonly (string | Placed)[],
  read: (written: string) => PlaceReading | undefined,
): {
  readonly found: readonly (Placed | Found)[]
  readonly unread: readonly { readonly at: number; readonly word: string }[]
} => {
  const readings = entries.map((entry): PlacesRead => {
    if (typeof entry !== 'string') return { found: [], rest: [] }
    const whole = read(entry)
    const several = whole ? [whole] : severalIn(entry, read)
    return several ? { found: several, rest: [] } : partlyIn(entry, read)
  })
  const isCertain = entries.some((entry, at) => typeof entry !== 'string' || readings[at]?.found.some(isSure))
  const unread: { at: number; word: string }[] = []
  const placed = entries.flatMap((entry, at): readonly (Placed | Found)[] => {
    if (typeof entry !== 'string') return [entry]
    const { found = [], rest = [] } = readings[at] ?? {}
    const isPlaced = found.length > 0 && (isCertain || found.every(isSure))
    for (const word of isPlaced ? rest : [entry]) unread.push({ at, word })
    return isPlaced ? found.flatMap(foundBy) : []
  })
  return { found: placed, unread }
}

type PlacesRead = { readonly found: readonly PlaceReading[]; readonly rest: readonly string[] }

/** `Mayotte/Comoros` */
const partlyIn = (written: string, read: (written: string) => PlaceReading | undefined): PlacesRead => {
  const parts = written.split(betweenPlaces).slice(0, maxPlacesInOne)
  return { found: parts.map(read).filter(isSure), rest: parts.filter((part) => !isSure(read(part))) }
}

function isSure(reading: PlaceReading | undefined): reading is PlaceReading {
  return reading !== undefined && reading.kind !== 'likely'
}

/** The explicit placing wins, else the first. */
export const oncePerTerritory = <Placed extends { readonly code: TerritoryCode; readonly method: string }>(
  placings: readonly Placed[],
): Placed[] => {
  const best = new Map<TerritoryCode, Placed>()
  for (const one of placings) {
    const known = best.get(one.code)
    if (!known || (one.method === 'explicit' && known.method !== 'explicit')) best.set(one.code, one)
  }
  return [...best.values()].sort((a, b) => (a.code < b.code ? -1 : 1))
}

const shortWords: Readonly<Record<string, string>> = {
  nlle: 'nouvelle',
  nvlle: 'nouvelle',
  nvelle: 'nouvelle',
  st: 'saint',
  ste: 'sainte',
  fr: 'francaise',
  fse: 'francaise',
}

const inFull = (written: string): string =>
  folded(written)
    .split(' ')
    .map((word) => shortWords[word] ?? word)
    .join(' ')

type Meant = { readonly name: Readonly<Record<Language, string>>; readonly codes: readonly TerritoryCode[] }

const meantByRegion: ReadonlyMap<string, Meant> = new Map(
  regionsMeant.flatMap(([meant, regions]) => {
    const named = isTerritoryCode(meant) ? territoryOf(meant) : territoryGroups.find(({ id }) => id === meant)
    if (!named) return []
    const codes = isTerritoryCode(meant) ? [meant] : named.members
    return regions.map((region) => [plain(region), { name: named.name, codes }] as const)
  }),
)

const namesToMean: readonly string[] = [
  ...territories.flatMap(({ code, name }) => [name.fr, name.en, ...otherNames[code]]),
  ...territoryGroups.flatMap(({ id, name }) => [name.fr, name.en, ...(groupNames[id] ?? [])]),
  ...Object.values(gazetteer.towns).flat(),
]

/** Suggests meanings for a misspelt word or larger region. Empty if the word is known or resembles nothing. */
export const territoriesMeant = (written: string): readonly Meant[] => {
  const region = meantByRegion.get(plain(written))
  if (region) return [region]
  if (readTerritory(written) || sharedTowns.has(folded(written))) return []
  const meant = nearestOf(inFull(written), namesToMean).flatMap((name) => {
    const reading = readTerritory(name)
    return reading ? [{ name: inBoth(name), codes: foundBy(reading).map(({ code }) => code) }] : []
  })
  return [...new Map(meant.reverse().map((one) => [one.codes.join(), one])).values()].reverse()
}

/** Towns and former names are the same in both languages. */
const inBoth = (name: string): Readonly<Record<Language, string>> =>
  [...territories, ...territoryGroups].find((one) => one.name.fr === name || one.name.en === name)?.name ?? {
    fr: name,
    en: name,
  }

const meantName = ({ name, codes }: Meant, language: Language): string => `${name[language]} (${codes.join(', ')})`

export const codesMeant = (written: readonly string[]): readonly TerritoryCode[] => {
  const { found, unread } = placesAmong<never>(written, readTerritory)
  const meant = unread.flatMap(({ word }) => territoriesMeant(word)[0]?.codes ?? [])
  return [...new Set([...found.map(({ code }) => code), ...meant])].sort()
}

/** `Outre-mer` is twelve territories, `Polynésie` is none alone. */
export const namesManyTerritories = (written: string): boolean =>
  meantByRegion.has(plain(written)) && isSure(readTerritory(written))

/** Checks whether a word is unknown or ambiguous on its own. */
export const namesNoTerritory = (written: string): boolean =>
  namesManyTerritories(written) || !isSure(readTerritory(written))

/** A record with such texts has no place. */
export const misspeltIn = (record: {
  readonly territories: readonly unknown[]
  readonly reported?: { readonly territories?: readonly string[] | undefined } | undefined
}): readonly string[] =>
  record.territories.length > 0 ? [] : (record.reported?.territories ?? []).filter(namesNoTerritory)

export const noTerritory = (written: string): Fault => {
  const text = quoted(written)
  const shared = sharedTowns.get(folded(written))
  if (shared) return fault('territory.sharedTown', { text, codes: shared.join(', '), meant: anyOf(shared) })
  const likely = meantByRegion.has(plain(written)) ? undefined : likelyNames.get(plain(written))
  if (likely) return fault('territory.likely', { text, name: territoryOf(likely).name, code: likely })
  const groups = territoryGroups.map(({ id }) => id).join(', ')
  const meant = territoriesMeant(written).map((one) => ({ en: meantName(one, 'en'), fr: meantName(one, 'fr') }))
  if (meant.length > 0) return fault('territory.meant', { text, meant: anyOf(meant) })
  if (seemsSeveral(written)) return fault('territory.several', { text })
  return fault('territory.give', { text, codes: knownCodes(), groups })
}

/** Reads the key of a dossier or flash note, a group or one territory. */
export const subjectNamed = (written: string): SubjectCode | undefined => {
  const [key, code, name] = [written.trim().toLowerCase(), written.trim().toUpperCase(), folded(written)]
  if (isOnRequest(key)) return key
  if (isSubjectCode(code)) return code
  const { codes } = codesAmong([written])
  if (codes.length === 1) return codes[0]
  const group = subjects.find(
    (one) => [one.name.fr, one.name.en].map(folded).includes(name) || one.members.toSorted().join() === codes.join(),
  )
  return group?.code
}

export const codesAmong = (written: readonly string[]) => {
  const { found, unread } = placesAmong<never>(written, readTerritory)
  return { codes: [...new Set(found.map(({ code }) => code))].sort(), unread }
}
