import { confidenceLevels, likelihoods } from '../../domain/core/estimates.ts'
import { fault, quoted } from '../../domain/core/fault.ts'
import type { FigureName } from '../../domain/core/figures.ts'
import { languages } from '../../domain/core/language/languages.ts'
import { type Marking, parseMarking, strictest } from '../../domain/core/marking.ts'
import { refang } from '../../domain/core/text/defang.ts'
import { nearestOf } from '../../domain/core/text/nearest.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import {
  breakoutBases,
  type criteria,
  criterionStates,
  type DetectionInput,
  type Figure,
  indicatorTypes,
  type Qualifier,
  type TextField,
  textFields,
} from '../../domain/detection/detection.ts'
import { identityClasses, mayBeNamed } from '../../domain/detection/impersonated.ts'
import { type Kind, kinds } from '../../domain/detection/kinds.ts'
import type { Doubt } from '../../domain/detection/names/doubts.ts'
import { addressOf } from '../record/addresses.ts'
import { type DateForm, type DateRead, datesIn, endIn } from '../table/cell-dates.ts'
import { CellError, type DecimalSign, figureIn, type ListSigns, listIn, nameIn } from '../table/cells.ts'
import { effectIn, startOf } from './effect-cell.ts'

type Of<Name extends keyof DetectionInput> = NonNullable<DetectionInput[Name]>
type Indicator = Of<'indicators'>[number]
type Evidence = Of<'evidence'>[number]

/** Its parts have columns of their own. */
type Parted<Name extends 'actor' | 'observedEffect' | 'breakout'> = {
  -readonly [part in keyof Of<Name>]?: Of<Name>[part]
}

type Lists = {
  territories?: readonly string[]
  platforms?: readonly string[]
  accountRefs?: readonly string[]
  coordinatedAccountRefs?: readonly string[]
  techniques?: readonly { readonly id: string }[]
  narratives?: readonly string[]
  hashtags?: readonly string[]
  plates?: readonly string[]
  languages?: readonly string[]
  impersonates?: readonly Of<'impersonates'>[number][]
  indicators?: readonly Indicator[]
  evidence?: readonly Evidence[]
  criteria?: readonly Of<'criteria'>[number][]
}

export type Draft = {
  readonly values: { -readonly [field in Exclude<keyof DetectionInput, keyof Lists>]?: DetectionInput[field] } & Lists
  /** By language. */
  readonly texts: { readonly [field in TextField]: Record<string, string> }
  readonly counts: { [figure in FigureName]?: Figure }
  readonly qualifiers: { [figure in FigureName]?: Qualifier }
  readonly actor: Parted<'actor'>
  readonly accountSet: { id?: string; name?: string; size?: Figure | undefined }
  readonly event: { place?: string; participants?: readonly string[] }
  readonly claim: { source?: string }
  readonly established: { source?: string }
  readonly observedEffect: Parted<'observedEffect'>
  readonly breakout: Parted<'breakout'>
  archives?: readonly string[]
  from?: string
  to?: string
  period?: { readonly from: string; readonly to?: string }
  /** Ends whose year was completed. */
  readonly yearless: Set<'from' | 'to'>
  /** First days as written, where a time next to them was read by a zone. */
  readonly days: { from?: string | undefined; period?: string | undefined }
  /** Points to check that the stored detection does not show. */
  readonly doubts: Doubt[]
  odd?: DateRead['odd']
}

export type Form = {
  readonly decimal: DecimalSign | undefined
  readonly lists: ListSigns
  readonly dates: DateForm
  readonly pseudonym: (account: string) => string
}

/** Reusable for every row with the same cell. */
export type Fill = (draft: Draft) => void

export type Field = {
  /** As a mapping writes it. */
  readonly name: string
  /** The path in a detection, which leads from a fault to its column. */
  readonly path: string
  /** Folded, the best first. */
  readonly headings: readonly string[]
  /** Several columns may fill it. */
  readonly isList: boolean
  readonly isDate: boolean
  /** Cells repeat few values. */
  readonly repeats: boolean
  /** @throws CellError where the cell cannot be understood */
  readonly read: (cell: string, form: Form) => Fill
}

export const newDraft = (): Draft => ({
  values: {},
  texts: { title: {}, summary: {}, claim: {}, established: {} },
  counts: {},
  qualifiers: {},
  actor: {},
  accountSet: {},
  event: {},
  claim: {},
  established: {},
  observedEffect: {},
  breakout: {},
  yearless: new Set(),
  days: {},
  doubts: [],
})

const singleSpaced = (text: string): string => text.replace(/\s+/g, ' ')

const lines = (entries: readonly string[]): string[] => entries.map(singleSpaced)

const choice = <Word extends string>(
  words: readonly Word[],
  others: Readonly<Record<string, Word>>,
): ((cell: string) => Word) => {
  const known = new Map<string, Word>([
    ...words.map((word) => [folded(word), word] as const),
    ...Object.entries(others).map(([other, word]) => [folded(other), word] as const),
  ])
  const optionTexts = words.map((word) => {
    const [french] = Object.entries(others).find(([other, of]) => of === word && folded(other) !== folded(word)) ?? []
    return french === undefined ? word : `${word} (${french})`
  })
  return (cell) => {
    const word = known.get(folded(cell))
    if (word === undefined)
      throw new CellError(fault('cell.oneOf', { text: quoted(cell), options: optionTexts.join(', ') }))
    return word
  }
}

const kindIn = choice<Kind>(kinds, {
  campagne: 'campaign',
  'copier-coller': 'copy-paste',
  copypasta: 'copy-paste',
  'copy pasta': 'copy-paste',
  'partage coordonné': 'coordinated-sharing',
  'image détournée': 'diverted-media',
  'média détourné': 'diverted-media',
  'détournement de mot-dièse': 'hashtag-hijack',
  'détournement de hashtag': 'hashtag-hijack',
  'événement hors ligne': 'offline-event',
  événement: 'offline-event',
  autre: 'other',
})

const qualifierIn = choice<Qualifier>(['exact', 'at least', 'about'], { 'au moins': 'at least', environ: 'about' })

const likelihoodIn = choice(likelihoods, {
  'presque aucune chance': 'almost no chance',
  'très improbable': 'very unlikely',
  improbable: 'unlikely',
  'chances à peu près égales': 'roughly even',
  probable: 'likely',
  'très probable': 'very likely',
  'quasi certain': 'almost certain',
})

const levelIn = choice(confidenceLevels, {
  faible: 'low',
  modérée: 'moderate',
  moyenne: 'moderate',
  medium: 'moderate',
  élevée: 'high',
  haute: 'high',
  forte: 'high',
})

const basisIn = choice(breakoutBases, {
  'reprise par d’autres': 'amplified',
  'spread by others': 'amplified',
  amplifiée: 'amplified',
  réfutée: 'debunked',
  démentie: 'answered',
  démenti: 'answered',
  denied: 'answered',
  'une décision a suivi': 'decided',
  'a decision followed': 'decided',
  décision: 'decided',
  'appel à la violence': 'violence',
  'call to violence': 'violence',
})

/** A yes or no is no name, and confirms nothing. */
const confirmationIn = (cell: string): NonNullable<Of<'breakout'>['confirmed']> => {
  if (!/^(?:oui|non|yes|no|vrai|faux|true|false|x|\d+)$|confirm/.test(folded(cell))) return { by: singleSpaced(cell) }
  throw new CellError(fault('cell.confirmed', { text: quoted(cell) }))
}

const stateIn = choice(criterionStates, {
  étayé: 'supported',
  partiel: 'partial',
  'non étayé': 'not supported',
  'non évalué': 'not assessed',
})

/** TLP 2.0 has no French colours, but people write them. White is TLP 1's name of CLEAR. */
const colours: ReadonlyMap<string, Marking> = new Map([
  ['clair', 'TLP:CLEAR'],
  ['blanc', 'TLP:CLEAR'],
  ['vert', 'TLP:GREEN'],
  ['ambre', 'TLP:AMBER'],
  ['ambre strict', 'TLP:AMBER+STRICT'],
  ['amber strict', 'TLP:AMBER+STRICT'],
  ['rouge', 'TLP:RED'],
])

const markingIn = (cell: string): Marking => {
  const colour = cell.replace(/^TLP\s*[:\-_]?\s*/i, '').trim()
  try {
    return colours.get(colour.toLowerCase().replace(/\s*[\s+_-]\s*/, ' ')) ?? parseMarking(colour)
  } catch (cause) {
    throw new CellError(fault('cell.marking', { text: quoted(cell) }), { cause })
  }
}

/** `moderate`, `75`, `moderate 75/100 (platform default)`. */
const confidenceIn = (cell: string): Of<'confidence'> => {
  const [, level, score, byDefault] =
    /^(\p{L}+)?\s*(?:(\d{1,3})(?:\s*(?:\/|sur)\s*100|\s*%)?)?\s*(\(platform default\))?$/u.exec(cell) ?? []
  if (level === undefined && score === undefined) {
    throw new CellError(fault('cell.confidence', { text: quoted(cell) }))
  }
  return {
    ...(level !== undefined && { level: levelIn(level) }),
    ...(score !== undefined && { score: Number(score) }),
    ...(byDefault !== undefined && { platformDefault: true }),
  }
}

const digitIn = (cell: string): number => {
  if (/^[1-6]$/.test(cell)) return Number(cell)
  throw new CellError(fault('cell.credibility', { text: quoted(cell) }))
}

const isReliability = (letter: string): letter is Of<'reliability'> => /^[A-F]$/.test(letter)

const reliabilityIn = (cell: string): Of<'reliability'> => {
  const letter = cell.toUpperCase()
  if (isReliability(letter)) return letter
  throw new CellError(fault('cell.reliability', { text: quoted(cell) }))
}

/** Any place, targeted or not: the cells decide. */
const placeHeadings =
  'lieux, lieu, zones, zone, communes, commune, villes, ville, regions, region, localites, localite, departements, departement, iles, ile, places, place, areas, area, pays, found in country, country region, country, countries, locations, location, municipality, towns, town, city, locality, department, islands, island'

export const isPlaceHeading = (heading: string): boolean =>
  placeHeadings.split(', ').includes(spaced(heading.replace(/\(e?s\)/gi, '')))

/** `#one #two` are two hashtags. */
const hashtagsIn = (entries: readonly string[]): string[] =>
  entries.flatMap((entry) => (/^#\S+(?:\s+#\S+)+$/.test(entry) ? entry.split(/\s+/) : [singleSpaced(entry)]))

/** `individual: minister`; without a STIX class it is an organisation. */
const identityIn = (entry: string): Of<'impersonates'>[number] => {
  const [, written = '', detail = ''] = /^\s*([a-z]+)\s*(?::\s*(.*))?$/is.exec(entry) ?? []
  const kind = identityClasses.find((one) => one === written.toLowerCase())
  if (!kind) return { class: 'organization', name: singleSpaced(entry) }
  if (detail === '') return { class: kind }
  return mayBeNamed(kind)
    ? { class: kind, name: singleSpaced(detail) }
    : { class: kind, role: { und: singleSpaced(detail) } }
}

const knownLanguages = new Map<string, string>()

const languagesByName = (): ReadonlyMap<string, string> => {
  if (knownLanguages.size > 0) return knownLanguages
  const letters = Array.from('abcdefghijklmnopqrstuvwxyz')
  const namers = ['en', 'fr'].map((language) => new Intl.DisplayNames(language, { type: 'language', fallback: 'none' }))
  for (const tag of letters.flatMap((first) => letters.map((second) => first + second))) {
    for (const name of namers.map((namer) => namer.of(tag))) {
      if (name !== undefined) knownLanguages.set(tag, tag).set(folded(name), tag)
    }
  }
  return knownLanguages
}

const languagesIn = (entries: readonly string[]): string[] =>
  entries.map((entry) => languagesByName().get(folded(entry)) ?? entry)

const accountsIn = (entries: readonly string[], { pseudonym }: Form): string[] =>
  entries.map((entry) => pseudonym(nameIn(entry)))

const indicatorOf = (type: Indicator['type'], value: string, { pseudonym }: Form): Indicator => {
  if (type === 'account') return { type, value: pseudonym(nameIn(value)) }
  if (type === 'other') return { type, value: singleSpaced(value) }
  // A column of domains may hold whole addresses too.
  const address = addressOf(value)
  if (!address) throw new CellError(fault('cell.indicator', { text: quoted(value), type }))
  return type === 'url' ? { type, value: address.value } : address
}

/** `domain: example[.]org`, or an address whose type is evident. */
const indicatorIn = (entry: string, form: Form): Indicator => {
  const [, type = '', value = ''] = /^([a-z]+):\s+(\S.*)$/is.exec(entry) ?? []
  const named = indicatorTypes.find((known) => known === type.toLowerCase())
  return named ? indicatorOf(named, value, form) : (addressOf(entry) ?? indicatorOf('other', entry, form))
}

/** `label address archive: address`: any of the three may be missing. */
const evidenceIn = (entry: string): Evidence => {
  if (/^https?:\/\/[^\s[(]+$/.test(entry)) return { label: entry, url: entry }
  const [, before = '', archive] = /^(.*?)(?:(?:^|\s+)archive:\s*(\S+))?$/is.exec(entry) ?? []
  const [, label = '', url] =
    /^(.*?)\s*((?:\[?h(?:tt|xx)ps?\]?:\/\/|www(?:\.|\[\.\]))\S+)?$/is.exec(before.trim()) ?? []
  return {
    label: label || url || archive || entry,
    ...(url !== undefined && { url: refang(url) }),
    ...(archive !== undefined && { archiveUrl: refang(archive) }),
  }
}

const field = (
  name: string,
  headings: string,
  read: Field['read'],
  more: Partial<Pick<Field, 'path' | 'isList' | 'isDate' | 'repeats'>> = {},
): Field => ({
  name,
  path: name,
  isList: false,
  isDate: false,
  repeats: true,
  ...more,
  headings: headings.split(',').flatMap((heading) => heading.trim() || []),
  read,
})

const one = <Name extends keyof Draft['values']>(
  name: Name,
  headings: string,
  read: (cell: string) => Draft['values'][Name],
  repeats = true,
): Field =>
  field(
    name,
    headings,
    (cell) => {
      const value = read(cell)
      return ({ values }) => {
        if (value !== undefined) values[name] = value
      }
    },
    { repeats },
  )

const list = <Into extends keyof Lists>(
  name: string,
  into: Into,
  headings: string,
  read: (entries: readonly string[], form: Form) => NonNullable<Lists[Into]>,
  { commas = false, path = name, repeats = true } = {},
): Field =>
  field(
    name,
    headings,
    (cell, form) => {
      const entries = read(listIn(cell, commas ? form.lists.orComma : form.lists.usual), form)
      return ({ values }: { readonly values: Lists }) => {
        const before: readonly unknown[] | undefined = values[into]
        values[into] = before ? ([...before, ...entries] as unknown as typeof entries) : entries
      }
    },
    { isList: true, path, repeats },
  )

type PartGroup = 'actor' | 'accountSet' | 'event' | 'claim' | 'established' | 'observedEffect' | 'breakout'

const part = <Group extends PartGroup, Name extends keyof Draft[Group] & string>(
  group: Group,
  name: Name,
  headings: string,
  read: (cell: string, form: Form) => Draft[Group][Name],
): Field =>
  field(`${group}.${name}`, headings, (cell, form) => {
    const value = read(cell, form)
    return (draft) => {
      draft[group][name] = value
    }
  })

/** A text in a language; `und` if unstated. */
const words = (name: TextField, headings: string, language?: string): Field =>
  field(
    language === undefined ? name : `${name}.${language}`,
    headings,
    (cell) => (draft) => {
      draft.texts[name][language ?? 'und'] = cell
    },
    { path: name, repeats: false },
  )

const figure = (name: FigureName, headings: string): readonly Field[] => [
  field(
    `counts.${name}`,
    headings,
    (cell, { decimal }) => {
      const count = figureIn(cell, decimal, (word) => byHeading.get(folded(word))?.field.name === `counts.${name}`)
      return ({ counts }) => {
        if (count) counts[name] = count
      }
    },
    { repeats: false },
  ),
  field(
    `counts.${name}.qualifier`,
    '',
    (cell) => {
      const qualifier = qualifierIn(cell)
      return ({ qualifiers }) => {
        qualifiers[name] = qualifier
      }
    },
    { path: `counts.${name}` },
  ),
]

const date = (name: 'from' | 'to', headings: string): Field =>
  field(
    `observed.${name}`,
    headings,
    (cell, { dates }) => {
      const { text, odd, day } = endIn(cell, dates)
      return (draft) => {
        draft[name] = text
        if (odd === 'no year') draft.yearless.add(name)
        if (name === 'from') draft.days.from = day
        draft.odd = odd
      }
    },
    { path: 'observed', isDate: true },
  )

const indicators = (type: Exclude<Indicator['type'], 'other'>, headings: string): Field =>
  list(
    `indicators.${type}`,
    'indicators',
    headings,
    (entries, form) => entries.map((entry) => indicatorOf(type, entry, form)),
    { commas: type !== 'url', path: 'indicators', repeats: false },
  )

const criterion = (name: (typeof criteria)[number], headings: string): Field =>
  field(
    `criteria.${name}`,
    headings,
    (cell) => {
      const state = stateIn(cell)
      return ({ values }) => {
        values.criteria = [...(values.criteria ?? []), { criterion: name, state }]
      }
    },
    { path: 'criteria' },
  )

/** In the order of the documentation. `title.fr`, `claim.en` and the like are not listed. */
export const fields: readonly Field[] = [
  one('id', 'id, identifiant, identifier, reference interne, disarm id, reference, ref', nameIn, false),
  one('revision', 'revision', (cell) => figureIn(cell)?.value),
  one('partOf', 'part of, partie de, parent, tout dont elle fait partie, the whole it is part of', nameIn, false),
  one('detector', 'detecteur, detector, outil de detection, detection tool', singleSpaced),
  one('kind', 'nature, kind, type, categorie, category', kindIn),
  words('title', 'titre, title, intitule, manoeuvre, incident, libelle, designation, objet, headline, nom, name'),
  words('summary', 'resume, summary, description, synthese, abstract'),
  words('claim', 'allegation, allegations, claims, narratif faux, faux narratif, affirmation fausse, false claim'),
  part('claim', 'source', 'source de l allegation, source of the claim', singleSpaced),
  words('established', 'etabli, fait etabli, faits etablis, ce qui est etabli, fact, established fact'),
  part('established', 'source', 'source du fait etabli, source of the established fact', singleSpaced),
  list(
    'territories',
    'territories',
    `territoires, territoire, territory, territoires vises, territoire vise, target territories, target territory, collectivites, collectivite, cibles, cible, targets, target, aimed at, targeted territory, target country, pays vise, pays cible, zones geographiques, zone geographique, geographical area, ${placeHeadings}`,
    lines,
    { commas: true },
  ),
  date(
    'from',
    'premiere observation, date de premiere observation, first observed, first observation, first seen, date de debut, debut, start date, start, from, du, vue d abord du, first seen from',
  ),
  date(
    'to',
    'derniere observation, date de derniere observation, last observed, last observation, last seen, date de fin, fin, end date, end, to, until, au, vue d abord jusqu au, first seen until',
  ),
  field(
    'observed',
    'observe, observe le, date d observation, observed on, periode, period, dates, date, date et heure, date heure, date and time, jour, day, semaine, week, mois, month, date de detection, detected on, quand, when, observation date, date observed, activity date, periode d observation, date des faits, date du fait, date du constat, date constat, date de l evenement, event date, claim date, date of claim, annee, year, start year, year started',
    (cell, { dates }) => {
      const { from, to } = datesIn(cell, dates)
      return (draft) => {
        draft.period = { from: from.text, ...(to && { to: to.text }) }
        draft.days.period = from.day
        draft.odd = from.odd ?? to?.odd
      }
    },
    { isDate: true },
  ),
  list(
    'platforms',
    'platforms',
    'plateformes, plateforme, plate formes, plate forme, platform, reseaux sociaux, reseau social, reseaux, reseau, social networks, social network, channels, channel, canaux, canal',
    lines,
    { commas: true },
  ),
  ...figure('posts', 'publications, messages, tweets'),
  ...figure('reposts', 'partages, repartages, republications, shares, retweets'),
  ...figure('accounts', 'comptes distincts, distinct accounts, comptes, compte, account'),
  ...figure('coordinatedAccounts', 'comptes coordonnes'),
  ...figure('videos', ''),
  ...figure('views', 'vues, impressions'),
  list(
    'accountRefs',
    'accountRefs',
    'noms des comptes, noms de comptes, nom du compte, liste des comptes, account names, account name, list of accounts, account list, handles, handle, usernames, username, pseudos, pseudo',
    accountsIn,
    { commas: true, repeats: false },
  ),
  list(
    'coordinatedAccountRefs',
    'coordinatedAccountRefs',
    'noms des comptes coordonnes, liste des comptes coordonnes, coordinated account names, list of coordinated accounts',
    accountsIn,
    { commas: true, repeats: false },
  ),
  part('accountSet', 'id', 'account set, ensemble de comptes', nameIn),
  part('accountSet', 'name', 'nom de l ensemble de comptes', singleSpaced),
  part('accountSet', 'size', '', (cell, { decimal }) => figureIn(cell, decimal)),
  one(
    'campaign',
    'campagne, campaign name, nom de la campagne, mode operatoire informationnel, mode operatoire, operation',
    singleSpaced,
  ),
  part('actor', 'name', 'acteur, actor, threat actor, auteur presume', singleSpaced),
  part('actor', 'attributedBy', 'attribue par, attributed by, source de l attribution', singleSpaced),
  part('actor', 'likelihood', 'likelihood, vraisemblance', likelihoodIn),
  part('actor', 'confidence', 'confiance de l attribution', levelIn),
  part('event', 'place', 'lieu de l evenement', (cell) => cell),
  part('event', 'participants', 'participants', (cell, { lists }) => listIn(cell, lists.usual)),
  list(
    'techniques',
    'techniques',
    'techniques disarm, technique, disarm techniques, disarm ids, disarm, ttps, ttp',
    (entries) => entries.map((id) => ({ id: singleSpaced(id) })),
    { commas: true },
  ),
  list('narratives', 'narratives', 'narratifs, narratif, narrative, recits, recit', (entries) => entries),
  list('hashtags', 'hashtags', 'hashtag, mots dieses, mots diese, mot diese, mot dieses', hashtagsIn, { commas: true }),
  list(
    'impersonates',
    'impersonates',
    'identites usurpees, identite usurpee, usurpe, impersonated, impersonated identities, whose identity was taken',
    (entries) => entries.map(identityIn),
    { repeats: false },
  ),
  list(
    'plates',
    'plates',
    'planches, planche, planches d elements, evidence images, evidence plates',
    (entries) => entries.map(singleSpaced),
    {
      commas: true,
    },
  ),
  list('languages', 'languages', 'langues, langue, language', languagesIn, { commas: true }),
  indicators(
    'domain',
    'noms de domaine, nom de domaine, domaines, domaine, domain names, domain name, domains, domain, sites, site',
  ),
  indicators('url', ''),
  indicators('ip', 'adresses ip, adresse ip, ip addresses, ip address, ips, ip'),
  indicators('email', 'courriels, courriel, e mails, e mail, emails, email'),
  indicators('hash', 'empreintes, empreinte, hashes, hash, sha256, sha1, md5'),
  indicators('account', ''),
  list(
    'indicators',
    'indicators',
    'indicateurs, indicateur, indicateurs techniques, indicator, iocs, ioc',
    (entries, form) => entries.map((entry) => indicatorIn(entry, form)),
    { repeats: false },
  ),
  list(
    'evidence',
    'evidence',
    'preuves, preuve, liens, lien, sources, source, references, links, link, elements, urls, url, adresses web, adresse web',
    (entries) => entries.map(evidenceIn),
    { repeats: false },
  ),
  field(
    'evidence.archiveUrl',
    'archives, archive, liens d archive, lien d archive, archive links, archive link, archive urls, archive url',
    (cell, { lists }) => {
      const archives = listIn(cell, lists.usual).map(refang)
      return (draft) => {
        draft.archives = archives
      }
    },
    { path: 'evidence', repeats: false },
  ),
  field(
    'observedEffect',
    'effet observe, effets observes, effet constate, effets constates, effet, effect',
    (cell) => {
      const read = effectIn(cell)
      return ({ observedEffect, doubts }) => {
        if (!read) return
        Object.assign(observedEffect, read.effect)
        if (read.gravest) doubts.push({ kind: 'effect', written: startOf(cell), degree: read.gravest })
      }
    },
    { repeats: false },
  ),
  part('observedEffect', 'confirmed', 'effet confirme par, effect confirmed by', confirmationIn),
  one('confidence', 'confiance, niveau de confiance, confidence level', confidenceIn),
  one('reliability', 'fiabilite, fiabilite de la source, source reliability, reliability of the source', reliabilityIn),
  one('credibility', 'credibilite, credibilite de l information, credibility of the information', digitIn),
  field(
    'marking',
    'marquage, tlp',
    (cell) => {
      const read = markingIn(cell)
      return ({ values }) => {
        values.marking = strictest([read, parseMarking(values.marking ?? read)])
      }
    },
    // The strictest of several columns wins.
    { isList: true },
  ),
  field(
    'breakout',
    'propagation, echelle de propagation, percee, echelle de percee, breakout scale, breakout category',
    (cell) => {
      const category = digitIn(cell)
      return ({ breakout }) => {
        breakout.category = category
      }
    },
  ),
  part('breakout', 'basis', 'fondement de la propagation, basis of the breakout', basisIn),
  part('breakout', 'confirmed', 'propagation confirmee par, breakout confirmed by', confirmationIn),
  criterion('fundamental-interests', 'interets fondamentaux, fundamental interests'),
  criterion('foreign-actor', 'acteur etranger, foreign actor'),
  criterion('misleading-content', 'contenu inexact ou trompeur, contenu trompeur, misleading content'),
  criterion('artificial-dissemination', 'diffusion artificielle, artificial dissemination'),
]

const byName: ReadonlyMap<string, Field> = new Map(fields.map((known) => [known.name, known]))

/** `counts.posts`, `title.fr` */
export const fieldNamed = (name: string): Field | undefined => {
  const known = byName.get(name)
  if (known) return known
  const [, written, language] = /^(\w+)\.([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)$/.exec(name) ?? []
  const base = textFields.find((one) => one === written)
  return base && words(base, '', language)
}

/** 0 is the best rank. */
export type Fit = { readonly field: Field; readonly rank: number }

/** A field's name is its best heading, also without its group: `counts.posts`, `posts`, `posts_qualifier`. */
const byHeading: ReadonlyMap<string, Fit> = new Map([
  ...fields.flatMap((known) => known.headings.map((heading, at) => [heading, { field: known, rank: at + 1 }] as const)),
  ...fields.flatMap((known) => {
    const own = spaced(known.name)
    const fit = { field: known, rank: 0 }
    return [[own, fit] as const, [own.replace(/^counts /, ''), fit] as const]
  }),
])

/**
 * Reads "Territoire(s)", "Nb de posts", "title_fr", "Titre (en)", "Incident name" and "claim_urls" without a mapping.
 * Ignores accents, case and punctuation.
 */
export const fitOf = (heading: string): Fit | undefined => {
  const [, language = ''] = /^[a-z]+\.([a-z]{2,3})$/.exec(heading) ?? []
  const own = languagesByName().has(language) ? fieldNamed(heading) : undefined
  if (own) return { field: own, rank: 0 }
  // "% posts" is a share, "< posts" a bound.
  if (/[%€$<>≤≥]/.test(heading)) return undefined
  const normalised = spaced(heading.replace(/\(e?s\)/gi, ''))
  const fit = knownFit(normalised)
  if (fit) return fit
  if (/\b(?:tlp|t l p|traffic light protocol|marquage|marking)\b/.test(normalised)) return byHeading.get('marking')
  const bare = normalised.replace(subject, '').replace(concerned, '').replace(dateOf, '')
  if (bare !== normalised && /^(?:n|no|num|numero|number|ref|reference)$/.test(bare)) return byHeading.get('id')
  // A report's date is no date of observation.
  const isReport = /\b(?:signalement|fiche|record|alerte?)\b/.test(normalised)
  const about = knownFit(bare)
  if (isReport && about?.field.isDate) return undefined
  return about ? { ...about, rank: about.rank + aboutRank } : addressFit(normalised)
}

/** The record that a heading belongs to: "Incident ID", "date de l’incident". */
const subject =
  /^(?:incident|detection|manoeuvre|alerte?|signalement|case|fiche|record) | (?:(?:de l|de la|de|du|of the|of|d) )?(?:incident|detection|manoeuvre|alerte?|signalement|case|fiche|record)$/
const concerned = / (?:concerne|vise|cible|touche|estime|identifie)e?s?$| targeted$|^(?:affected|targeted|estimated) /
/** "Date first seen", "last seen date" */
const dateOf = /^date (?=(?:first|last) )|(?<= (?:seen|observed)) date$/
const aboutRank = 100

const knownFit = (normalised: string): Fit | undefined => {
  const fit = byHeading.get(normalised)
  if (fit) return fit
  const [, counted = ''] =
    /^(?:(?:nb|nbre|nombre|n|total|volume|number|no|count)(?: total)?(?: des?| d| of)? )(.+)$/.exec(normalised) ??
    /^(.+) (?:count|counts|total|number)$/.exec(normalised) ??
    []
  const counts = byHeading.get(counted)
  if (counts?.field.name.startsWith('counts.')) return counts
  const [, base = '', written = ''] = /^(.+) (\p{L}+)$/u.exec(normalised) ?? []
  const texts = byHeading.get(base)
  const language = languages.find((one) => one === (texts && languagesByName().get(written)))
  const named = texts && language ? fieldNamed(`${texts.field.name}.${language}`) : undefined
  return texts && named && { field: named, rank: texts.rank }
}

/** Addresses are evidence unless the heading names an indicator. */
const addressFit = (normalised: string): Fit | undefined => {
  if (!/^(?!attribution).*\b(?:urls?|uri|links?|liens?)\b/.test(normalised)) return undefined
  const isIndicator = /(?:^| )(?:indicators?|indicateurs?|iocs?|domains?|domaines?)(?: |$)/.test(normalised)
  const field = fieldNamed(isIndicator ? 'indicators.url' : 'evidence')
  return field && { field, rank: 2 * aboutRank }
}

/** When a record was entered or changed is no date of observation. */
export const isEntryDate = (heading: string): boolean =>
  /(?:^| )(?:added|created?|creation|updated?|modified|entered|ajoute?e?|cree|maj|mise a jour|modifie|saisie?)(?: |$)/.test(
    spaced(heading),
  )

/** Folds a name and splits camel case. */
function spaced(name: string): string {
  return folded(name.replace(/(?<=\p{Ll})\p{Lu}/gu, ' $&'))
}

export const titleFromSummary: Field = field(
  'title',
  '',
  (cell) => (draft) => {
    draft.texts.title.und = beginning(cell)
  },
  { repeats: false },
)

const maxTitleChars = 120

const beginning = (text: string): string => {
  const [sentence = text] = /^.+?[.!?…](?=\s|$)/su.exec(text) ?? []
  const line = singleSpaced(sentence).trim()
  if (line.length <= maxTitleChars) return line
  return `${line.slice(0, line.lastIndexOf(' ', maxTitleChars) || maxTitleChars)}…`.toWellFormed()
}

export const headingsMeant = (heading: string): readonly string[] =>
  nearestOf(heading, byHeading.keys()).filter((meant) => meant !== spaced(heading))

export const fieldsMeant = (name: string): readonly string[] => nearestOf(name, byName.keys())
