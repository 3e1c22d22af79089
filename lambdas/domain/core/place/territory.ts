import { fault, FaultError, quoted } from '../fault.ts'
import type { Language } from '../language/languages.ts'

/** The last part of its ISO 3166-2 code where that is a word, else the usual two letters. */
export type TerritoryCode = 'NC' | 'PF' | 'WF' | 'GP' | 'MQ' | 'GF' | 'BL' | 'MF' | 'PM' | 'RE' | 'YT' | 'TF' | 'COR'

export type Territory = {
  readonly code: TerritoryCode
  /** ISO 3166-2. */
  readonly iso: string
  readonly name: { readonly fr: string; readonly en: string }
  /** With its article, for use within a sentence. */
  readonly inSentence: { readonly fr: string; readonly en: string }
  /** IANA. */
  readonly zone: string
  readonly town: { readonly fr: string; readonly en: string }
  /** INSEE municipal population; 0 without permanent residents. */
  readonly population: number
  /** Parts with another local time, counted by this zone. */
  readonly otherClocks?: { readonly fr: string; readonly en: string }
  readonly members: readonly TerritoryCode[]
}

const described: readonly Omit<Territory, 'members'>[] = [
  {
    code: 'NC',
    iso: 'FR-NC',
    name: { fr: 'Nouvelle-Calédonie', en: 'New Caledonia' },
    inSentence: { fr: 'la Nouvelle-Calédonie', en: 'New Caledonia' },
    zone: 'Pacific/Noumea',
    town: { fr: 'Nouméa', en: 'Nouméa' },
    population: 264596,
  },
  {
    code: 'PF',
    iso: 'FR-PF',
    name: { fr: 'Polynésie française', en: 'French Polynesia' },
    inSentence: { fr: 'la Polynésie française', en: 'French Polynesia' },
    zone: 'Pacific/Tahiti',
    town: { fr: 'Tahiti', en: 'Tahiti' },
    population: 278786,
    otherClocks: {
      fr: 'Marquises (UTC−9 h 30) et Gambier (UTC−9) comptées à l’heure de Tahiti',
      en: 'Marquesas (UTC−9:30) and Gambier (UTC−9) counted in Tahiti time',
    },
  },
  {
    code: 'WF',
    iso: 'FR-WF',
    name: { fr: 'Wallis-et-Futuna', en: 'Wallis and Futuna' },
    inSentence: { fr: 'Wallis-et-Futuna', en: 'Wallis and Futuna' },
    zone: 'Pacific/Wallis',
    town: { fr: 'Mata’utu', en: 'Mata’utu' },
    population: 11151,
  },
  {
    code: 'GP',
    iso: 'FR-971',
    name: { fr: 'Guadeloupe', en: 'Guadeloupe' },
    inSentence: { fr: 'la Guadeloupe', en: 'Guadeloupe' },
    zone: 'America/Guadeloupe',
    town: { fr: 'Pointe-à-Pitre', en: 'Pointe-à-Pitre' },
    population: 384160,
  },
  {
    code: 'MQ',
    iso: 'FR-972',
    name: { fr: 'Martinique', en: 'Martinique' },
    inSentence: { fr: 'la Martinique', en: 'Martinique' },
    zone: 'America/Martinique',
    town: { fr: 'Fort-de-France', en: 'Fort-de-France' },
    population: 360630,
  },
  {
    code: 'GF',
    iso: 'FR-973',
    name: { fr: 'Guyane', en: 'French Guiana' },
    inSentence: { fr: 'la Guyane', en: 'French Guiana' },
    zone: 'America/Cayenne',
    town: { fr: 'Cayenne', en: 'Cayenne' },
    population: 293996,
  },
  {
    code: 'BL',
    iso: 'FR-BL',
    name: { fr: 'Saint-Barthélemy', en: 'Saint Barthélemy' },
    inSentence: { fr: 'Saint-Barthélemy', en: 'Saint Barthélemy' },
    zone: 'America/St_Barthelemy',
    town: { fr: 'Gustavia', en: 'Gustavia' },
    population: 10660,
  },
  {
    code: 'MF',
    iso: 'FR-MF',
    name: { fr: 'Saint-Martin', en: 'Saint Martin' },
    inSentence: { fr: 'Saint-Martin', en: 'Saint Martin' },
    zone: 'America/Marigot',
    town: { fr: 'Marigot', en: 'Marigot' },
    population: 31160,
  },
  {
    code: 'PM',
    iso: 'FR-PM',
    name: { fr: 'Saint-Pierre-et-Miquelon', en: 'Saint Pierre and Miquelon' },
    inSentence: { fr: 'Saint-Pierre-et-Miquelon', en: 'Saint Pierre and Miquelon' },
    zone: 'America/Miquelon',
    town: { fr: 'Saint-Pierre', en: 'Saint-Pierre' },
    population: 5790,
  },
  {
    code: 'RE',
    iso: 'FR-974',
    name: { fr: 'La Réunion', en: 'Réunion' },
    inSentence: { fr: 'La Réunion', en: 'Réunion' },
    zone: 'Indian/Reunion',
    town: { fr: 'Saint-Denis', en: 'Saint-Denis' },
    population: 889679,
  },
  {
    code: 'YT',
    iso: 'FR-976',
    name: { fr: 'Mayotte', en: 'Mayotte' },
    inSentence: { fr: 'Mayotte', en: 'Mayotte' },
    zone: 'Indian/Mayotte',
    town: { fr: 'Mamoudzou', en: 'Mamoudzou' },
    population: 256518,
  },
  {
    code: 'TF',
    iso: 'FR-TF',
    name: { fr: 'Terres australes et antarctiques françaises', en: 'French Southern and Antarctic Lands' },
    inSentence: {
      fr: 'les Terres australes et antarctiques françaises',
      en: 'the French Southern and Antarctic Lands',
    },
    zone: 'Indian/Kerguelen',
    town: { fr: 'Port-aux-Français', en: 'Port-aux-Français' },
    population: 0,
  },
  {
    code: 'COR',
    iso: 'FR-20R',
    name: { fr: 'Corse', en: 'Corsica' },
    inSentence: { fr: 'la Corse', en: 'Corsica' },
    zone: 'Europe/Paris',
    town: { fr: 'Paris', en: 'Paris' },
    population: 355486,
  },
]

export const territories: readonly Territory[] = described.map((one) => ({ ...one, members: [one.code] }))

/** A detection placed by it is still one detection. */
type TerritoryGroup = {
  readonly id: string
  readonly name: { readonly fr: string; readonly en: string }
  readonly members: readonly TerritoryCode[]
}

export const territoryGroups: readonly TerritoryGroup[] = [
  {
    id: 'overseas',
    name: { fr: 'Outre-mer français', en: 'French overseas territories' },
    members: territories.map((territory) => territory.code).filter((code) => code !== 'COR'),
  },
  { id: 'antilles', name: { fr: 'Antilles françaises', en: 'French Antilles' }, members: ['GP', 'MQ', 'BL', 'MF'] },
  { id: 'pacific', name: { fr: 'Pacifique français', en: 'French Pacific' }, members: ['NC', 'PF', 'WF'] },
  {
    id: 'indian-ocean',
    name: { fr: 'Océan Indien français', en: 'French Indian Ocean' },
    members: ['RE', 'YT', 'TF'],
  },
]

/** Returns other texts unchanged. */
export const groupName = (id: string, language: Language): string =>
  territoryGroups.find((one) => one.id === id)?.name[language] ?? id

/** `ALL`: all thirteen territories. */
export type GroupCode = 'ALL' | 'OVERSEAS' | 'ANTILLES' | 'PACIFIC' | 'INDIAN-OCEAN'

/**
 * `campaign-` and twelve hexadecimal digits of the name's hash: a name is hostile text, and may be marked above those
 * who see a path.
 */
export type CampaignCode = `campaign-${string}`

/**
 * Has the territories of its detections (`all` for thirteen), and twelve hexadecimal digits of the hash of their ids,
 * which are hostile text. The code alone determines who may read it.
 */
export type FlashCode = `flash-${string}`

export type SubjectCode = TerritoryCode | GroupCode | CampaignCode | FlashCode

/** Subjects of several territories use Paris time. */
export type Subject = Omit<Territory, 'code' | 'iso'> & {
  readonly code: SubjectCode
  readonly iso?: string
}

const inSentence: Readonly<Record<GroupCode, Subject['inSentence']>> = {
  ALL: { fr: 'les treize territoires', en: 'the thirteen territories' },
  OVERSEAS: { fr: 'l’Outre-mer français', en: 'the French overseas territories' },
  ANTILLES: { fr: 'les Antilles françaises', en: 'the French Antilles' },
  PACIFIC: { fr: 'le Pacifique français', en: 'the French Pacific' },
  'INDIAN-OCEAN': { fr: 'l’océan Indien français', en: 'the French Indian Ocean' },
}

const groupSubjects: readonly Subject[] = [
  {
    id: 'all',
    name: { fr: 'Synthèse nationale', en: 'National edition' },
    members: territories.map(({ code }) => code),
  },
  ...territoryGroups,
].map(({ id, name, members }) => {
  const code = id.toUpperCase() as GroupCode
  return {
    code,
    name,
    inSentence: inSentence[code],
    zone: 'Europe/Paris',
    town: { fr: 'Paris', en: 'Paris' },
    population: territories
      .filter((one) => members.includes(one.code))
      .reduce((sum, { population }) => sum + population, 0),
    members,
  }
})

export const subjects: readonly Subject[] = [...territories, ...groupSubjects]

const bySubjectCode: ReadonlyMap<string, Subject> = new Map(subjects.map((subject) => [subject.code, subject]))

/** Not the campaign's name: not every reader may know it. */
const campaignDossier = { fr: 'Dossier de campagne', en: 'Campaign dossier' }

const nation = bySubjectCode.get('ALL') as Subject

export const campaignCodePattern = /^campaign-[0-9a-f]{12}$/

export const isCampaignCode = (text: string): text is CampaignCode => campaignCodePattern.test(text)

/** {@link isFlashCode} also checks the territories. */
export const flashCodePattern = /^flash-([a-z]{2,3}(?:-[a-z]{2,3})*)-[0-9a-f]{12}$/

export const flashPlaces = (members: readonly TerritoryCode[]): string =>
  members.length === nation.members.length ? 'all' : members.map((code) => code.toLowerCase()).join('-')

const flashMembers = (code: string): readonly TerritoryCode[] | undefined => {
  const places = flashCodePattern.exec(code)?.[1]
  if (places === undefined) return undefined
  if (places === 'all') return nation.members
  const named = places.split('-')
  const members = nation.members.filter((one) => named.includes(one.toLowerCase()))
  return flashPlaces(members) === places ? members : undefined
}

export const isFlashCode = (text: string): text is FlashCode => flashMembers(text) !== undefined

/** Never scheduled, and not selectable by a recipient. */
export const isOnRequest = (text: string): text is CampaignCode | FlashCode => isCampaignCode(text) || isFlashCode(text)

export const isSubjectCode = (text: string): text is SubjectCode => bySubjectCode.has(text) || isOnRequest(text)

/** The territories' names are part of the marked content. */
const flashNote = {
  name: { fr: 'Note flash', en: 'Flash note' },
  inSentence: { fr: 'les territoires que vous pouvez lire', en: 'the territories that you may read' },
}

const flashSubject = (code: FlashCode): Subject => {
  const members = flashMembers(code) ?? nation.members
  const [only, ...more] = members
  const home = only && more.length === 0 ? (bySubjectCode.get(only) as Subject) : nation
  const { zone, town } = home
  const population = territories
    .filter((one) => members.includes(one.code))
    .reduce((sum, one) => sum + one.population, 0)
  return { code, ...flashNote, zone, town, population, members }
}

export const subjectOf = (code: SubjectCode): Subject => {
  if (isCampaignCode(code)) return { ...nation, code, name: campaignDossier, inSentence: nation.inSentence }
  return isFlashCode(code) ? flashSubject(code) : (bySubjectCode.get(code) as Subject)
}

export const isGroup = (code: SubjectCode): code is GroupCode => !isTerritoryCode(code) && !isOnRequest(code)

/** Returns the watched territories, and `ALL` where none is missing. */
export const subjectsDue = (watched: readonly TerritoryCode[]): readonly SubjectCode[] =>
  subjectOf('ALL').members.every((code) => watched.includes(code)) ? [...watched, 'ALL'] : watched

const byCode = new Map(territories.map((territory) => [territory.code as string, territory]))
const byAnyCode = new Map(territories.flatMap((t) => [t.code, t.iso].map((code) => [code, t] as const)))

export const territoryOf = (code: TerritoryCode): Territory => parseTerritory(code)

/**
 * Accepts a short code (`NC`) or ISO 3166-2 (`FR-NC`, `FR-972`), in any case.
 * @throws FaultError which lists the codes
 */
const parseTerritory = (text: string): Territory => {
  const found = byAnyCode.get(text.trim().toUpperCase())
  if (!found) throw new FaultError(fault('territory.unknown', { text: quoted(text), codes: knownCodes() }))
  return found
}

/**
 * Accepts any case, and ISO 3166-2 for territories.
 * @throws FaultError which lists the codes
 */
export const parseSubject = (text: string): Subject => {
  const key = text.trim().toLowerCase()
  if (isOnRequest(key)) return subjectOf(key)
  return bySubjectCode.get(text.trim().toUpperCase()) ?? subjectOf(parseTerritory(text).code)
}

export const isTerritoryCode = (text: string): text is TerritoryCode => byCode.has(text)

export const knownCodes = (): string => [...byCode.keys()].join(', ')
