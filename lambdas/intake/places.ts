/** Which territories a place that a source names stands for: names that leave no doubt, and nothing else. */
import { type TerritoryCode, territories, territoryGroups } from '../domain/territory.ts'

/** A place as a source describes it; any part may be missing. */
export type Place = {
  readonly name?: string | undefined
  readonly aliases?: readonly string[]
  /** A country's name or its ISO 3166-1 code. */
  readonly country?: string | undefined
  /** A subdivision's name or its ISO 3166-2 code. */
  readonly area?: string | undefined
  readonly region?: string | undefined
}

/**
 * `territory` and `group` are certain; `likely` holds only where other French territories are named beside it.
 * `via` is the place's own name where something else than that name led to the territory.
 */
export type PlaceReading =
  | { readonly kind: 'territory'; readonly code: TerritoryCode; readonly via?: string }
  | { readonly kind: 'group'; readonly codes: readonly TerritoryCode[]; readonly via: string }
  | { readonly kind: 'likely'; readonly code: TerritoryCode; readonly via: string }

/** Spellings beside the two names that each territory has. */
const otherNames: Readonly<Record<TerritoryCode, readonly string[]>> = {
  NC: ['Kanaky', 'Kanaky-Nouvelle-Calédonie', 'Kanaky New Caledonia', 'Territory of New Caledonia'],
  PF: [],
  WF: ['Wallis and Futuna Islands', 'Îles Wallis-et-Futuna', 'Wallis & Futuna'],
  GP: [],
  MQ: [],
  GF: ['Guyane française', 'French Guyana'],
  BL: ['St Barthélemy', 'St Barts', 'Saint-Barth'],
  MF: [
    'St Martin',
    'Saint-Martin (French part)',
    'Saint-Martin (partie française)',
    'Saint-Martin (France)',
    'Collectivité de Saint-Martin',
  ],
  PM: ['St Pierre and Miquelon', 'St Pierre et Miquelon', 'Saint-Pierre & Miquelon'],
  RE: ['Reunion Island', 'Île de la Réunion'],
  YT: [],
  TF: ['TAAF', 'French Southern Territories', 'French Southern and Antarctic Territories'],
  COR: ['Collectivité de Corse'],
}

/** By the id of the group. "Antilles" alone is what French sources write, and this is a product for French territories. */
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

/** "Guyana" is a country; beside French territories an English text means French Guiana by it. */
const likelyNames: ReadonlyMap<string, TerritoryCode> = new Map([['guyana', 'GF']])

/** ISO 3166-1 alpha-3, which some platforms write. Corsica is no country. */
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

const france: ReadonlySet<string> = new Set(['fr', 'fra', 'france', 'republique francaise', 'french republic'])

const plain = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
    .replace(/^(?:the|la|le|les|l) /, '')

const territoryByName: ReadonlyMap<string, TerritoryCode> = new Map(
  territories.flatMap(({ code, iso, name }) =>
    [name.fr, name.en, iso, ...otherNames[code]].map((spelling) => [plain(spelling), code] as const),
  ),
)

const groupByName: ReadonlyMap<string, readonly TerritoryCode[]> = new Map(
  territoryGroups.flatMap(({ id, name, members }) =>
    [name.fr, name.en, ...(groupNames[id] ?? [])].map((spelling) => [plain(spelling), members] as const),
  ),
)

/** Two-letter codes are read where a country stands only: elsewhere NC is North Carolina too. */
const territoryByCountry: ReadonlyMap<string, TerritoryCode> = new Map([
  ...territoryByName,
  ...territories.flatMap(({ code }) =>
    code === 'COR' ? [] : [code, threeLetters[code] ?? code].map((written) => [plain(written), code] as const),
  ),
])

/**
 * What a place stands for, or undefined where it is no territory or could be another place: "Polynesia" alone is a region
 * of the UN, Saint-Martin in another country is Sint Maarten or elsewhere. Towns are not looked up, a town's own country
 * or administrative area is.
 */
export const readPlace = (place: Place): PlaceReading | undefined => {
  const country = place.country === undefined ? '' : plain(place.country)
  const inTerritory = territoryByCountry.get(country)
  const named = place.name || place.region || ''
  // Another country's name settles it, whatever else is called alike.
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
  const likely = likelyNames.get(plain(named))
  return likely && { kind: 'likely', code: likely, via: named }
}
