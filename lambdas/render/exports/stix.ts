/** `report.stix.json`: a report as a STIX 2.1 bundle. The same report gives the same bytes. */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { fitsUnder, type Marking, shortMarking } from '../../domain/core/marking.ts'
import { subjectOf, type TerritoryCode, territoryOf } from '../../domain/core/place/territory.ts'
import { canonicalJson } from '../../domain/core/text/canonical.ts'
import { refang } from '../../domain/core/text/defang.ts'
import { nameIn, textIn } from '../../domain/core/text/localised.ts'
import type { Localised, Name } from '../../domain/detection/detection.ts'
import { disarmObjects, officialTechniqueId, techniqueName } from '../../domain/detection/frameworks/disarm-built-in.ts'
import { frameworkOf } from '../../domain/detection/frameworks/disarm.ts'
import type { Report } from '../../domain/page/page.ts'
import {
  type ExchangedIndicator,
  exchangedOf,
  platformExtension,
  tlpDefinitions,
  tlpExtension,
  vigieExtension,
} from '../../domain/report/exchange.ts'
import type { Entry } from '../../domain/report/facts.ts'
import { describedBoth, sentencesOf } from './described.ts'
import { actorsIn, confidenceScores, putChain } from './stix-attribution.ts'

type StixObject = { readonly type: string; readonly id: string; readonly [property: string]: unknown }

type StixBundle = { readonly type: 'bundle'; readonly id: string; readonly objects: readonly StixObject[] }

/** UUIDv5 namespaces: Vigie's for its objects, the one fixed by STIX 2.1 for observables. */
export const namespace = 'b7c0a9d2-3f41-4e8e-8a15-6d2f90c47e3b'
const observableNamespace = '00abedb4-aa42-466c-9c01-fed23315a9b7'

/** Fixed date of objects that are identical in every report. Never change it. */
const once = '2026-11-25T00:00:00.000Z'

/**
 * Each listed detection, whole or part, is an `incident`; each named campaign a `campaign`, in STIX a set of incidents.
 * An extension holds what has no STIX property, since `x_` properties are deprecated in 2.1.
 *
 * Texts are defanged. Values of url, domain, address and account observables are not (`defanged: false`), since
 * machines match on them.
 */
export const stixBundle = (report: Report): StixBundle => {
  const shelf = shelfFor(report)
  for (const entry of report.manoeuvres) {
    shelf.detection(entry)
    const here = new Set([entry, ...entry.parts].map(({ id }) => id))
    for (const part of entry.parts) {
      const above = part.partOf !== undefined && here.has(part.partOf) ? part.partOf : entry.id
      // STIX cannot express that an incident is part of another.
      shelf.relation('related-to', shelf.detection(part), idOf('incident', above), part, {
        description: 'A part of it.',
      })
    }
  }
  for (const entry of [...report.ongoing, ...report.undatedHere]) shelf.detection(entry)
  return { type: 'bundle', id: idOf('bundle', `${report.id} ${report.asOf}`), objects: shelf.objects() }
}

/** Holds each id once, under the least strict marking of the detections that mention it. */
const shelfFor = (report: Report) => {
  const shelf = new Map<string, StixObject & { readonly marking: Marking }>()
  /** A shared object is dated by the earliest observation under its marking. */
  const put = (object: StixObject, marking: Marking): string => {
    const known = shelf.get(object.id)
    if (!known || !fitsUnder(known.marking, marking)) shelf.set(object.id, { ...object, marking })
    else if (known.marking === marking && String(object.created) < String(known.created))
      shelf.set(object.id, { ...known, created: object.created })
    return object.id
  }
  const { asOf } = report
  const common = (type: string, name: string, created: string) => ({
    type,
    spec_version: '2.1',
    id: idOf(type, name),
    created: [created, asOf].toSorted()[0],
    modified: asOf,
  })
  const commonFor = (entry: Entry) => (type: string, name: string) => common(type, name, firstInstant(entry))
  const maker = makerOf(report)
  const producer = put(
    { ...unchanging('identity', maker.name), name: maker.name, identity_class: maker.class },
    'TLP:CLEAR',
  )
  const { members } = subjectOf(report.territory.code)
  const placeOf = (code: TerritoryCode): string => put(locationOf(code, producer), 'TLP:CLEAR')
  if (members.length === 1) members.forEach(placeOf)

  const relation = (type: string, source: string, target: string, entry: Entry, more: object = {}): string =>
    put(
      {
        ...commonFor(entry)('relationship', `${type} ${source} ${target}`),
        created_by_ref: producer,
        relationship_type: type,
        source_ref: source,
        target_ref: target,
        ...more,
      },
      entry.marking,
    )

  const indicatorOf = ({ type, value }: Entry['indicators'][number], entry: Entry, incident: string) => {
    const observable = observableOf(type, refang(value))
    if (!observable) return { type, value }
    const ref = put(observable, entry.marking)
    relation('related-to', incident, ref, entry)
    if (type === 'domain') {
      const made = { ...commonFor(entry)('infrastructure', refang(value)), created_by_ref: producer, name: value }
      const infrastructure = put(made, entry.marking)
      relation('uses', incident, infrastructure, entry)
      relation('consists-of', infrastructure, ref, entry)
    }
    return { type, ref }
  }

  const chainShelfFor = (entry: Entry): Parameters<typeof putChain>[2] => ({
    named: (type, known, properties, marking) => {
      const by = type !== 'identity' && { created_by_ref: producer }
      const made = { ...commonFor(entry)(type, known), ...by, ...properties }
      return put({ ...made, ...(type === 'channel' && { extensions: newObject }) }, marking)
    },
    put: (type, known, properties, marking) => {
      put({ ...commonFor(entry)(type, known), ...properties }, marking)
    },
    linkTo,
  })

  const detection = (entry: Entry): string => {
    const { marking } = entry
    const commonHere = commonFor(entry)
    const made = commonHere('incident', entry.id)
    const title = textIn(entry.title, 'en')
    const indicators: readonly ExchangedIndicator[] = entry.indicators.map((one) => indicatorOf(one, entry, made.id))
    put(
      {
        ...made,
        created_by_ref: producer,
        name: title.text,
        description: [describedBoth(entry), entry.summary?.[title.language]].filter(Boolean).join('\n\n'),
        ...(title.language !== 'und' && { lang: title.language }),
        labels: [entry.kind, ...entry.hashtags],
        ...scoreOf(entry),
        ...referencesOf(entry),
        // The standard has no times of an incident.
        first_seen: firstInstant(entry),
        last_seen: lastInstant(entry),
        extensions: { ...extension({ detection: exchangedOf(entry, indicators) }), ...moreProperties },
      },
      marking,
    )
    for (const code of members)
      if (entry.territories.some((one) => one.code === code)) relation('targets', made.id, placeOf(code), entry)
    for (const used of usedBy(entry)) {
      const { type, known, ...properties } = used
      const object = { ...commonHere(type, known), created_by_ref: producer, ...properties }
      relation('uses', made.id, put(object, marking), entry)
    }
    for (const used of entry.techniques) {
      const official = officialOf(used)
      if (official) put(disarmFoundation, marking)
      const known = commonHere('attack-pattern', `${used.framework ?? 'DISARM'} ${used.id}`)
      const own = { ...known, created_by_ref: producer, ...techniqueFields(used) }
      relation('uses', made.id, put(official ?? own, marking), entry)
    }
    if (entry.campaign) relation('attributed-to', made.id, campaignOf(entry, entry.campaign), entry)
    const { actor, modusOperandi } = entry
    if (actor) {
      attribute(made.id, entry, {
        ...actor,
        type: 'threat-actor',
        likelihoodText: actor.likelihood ? `: ${actor.likelihood}` : '',
      })
      putChain(entry, made.id, chainShelfFor(entry), (attribution) => extension({ attribution }))
    }
    for (const { class: kind, name } of entry.impersonates ?? []) {
      if (name === undefined) continue
      const { text, language } = nameIn(name, 'en')
      const identity = { ...commonHere('identity', `impersonated ${kind} ${text}`), name: text, identity_class: kind }
      // OpenCTI drops `impersonates` from an incident.
      relation('related-to', made.id, put({ ...identity, ...languageOf(language) }, marking), entry, {
        description: 'Impersonated by it.',
      })
    }
    if (modusOperandi) attribute(made.id, entry, { ...modusOperandi, type: 'intrusion-set', likelihoodText: '' })
    return made.id
  }

  /** Dates by detections of the least strict marking: not all readers may know stricter ones. */
  const campaignOf = (entry: Entry, name: string): string => {
    const made = commonFor(entry)('campaign', name)
    const known = shelf.get(made.id)
    if (known && known.marking !== entry.marking && fitsUnder(known.marking, entry.marking)) return made.id
    const same = known?.marking === entry.marking ? known : undefined
    const seen = { first_seen: firstInstant(entry), last_seen: lastInstant(entry) }
    shelf.set(made.id, {
      ...made,
      created: [made.created, String(same?.created ?? made.created)].sort()[0],
      created_by_ref: producer,
      name,
      first_seen: [seen.first_seen, String(same?.first_seen ?? seen.first_seen)].sort()[0],
      last_seen: [seen.last_seen, String(same?.last_seen ?? seen.last_seen)].sort()[1],
      extensions: extension({ grouping: true }),
      marking: entry.marking,
    })
    return made.id
  }

  /** The author is the source of the attribution, never Vigie. */
  const attribute = (
    incident: string,
    entry: Entry,
    { type, name, attributedBy, confidence, likelihoodText }: Attribution,
  ) => {
    const { marking } = entry
    const source = nameIn(attributedBy, 'en').text
    const author = put({ ...commonFor(entry)('identity', source), name: source }, marking)
    for (const { text, language } of actorsIn(name)) {
      const target = chainShelfFor(entry).named(type, text, { name: text, ...languageOf(language) }, marking)
      relation('attributed-to', incident, target, entry, {
        created_by_ref: author,
        description: `According to ${source}${likelihoodText}.`,
        ...(confidence && { confidence: confidenceScores[confidence] }),
      })
    }
  }

  return {
    detection,
    relation,
    objects: (): readonly StixObject[] => {
      const held = [...shelf.values()].map(({ marking, ...object }) => marked(object, marking))
      const refs = held.map(({ id }) => id).sort()
      const definitionOf = (id: string, properties: object) => ({
        ...unchanging('extension-definition', 'unused'),
        id,
        created_by_ref: producer,
        schema:
          'The section "STIX" of docs/reports.md, and docs/reference/detection.schema.json, in the source of Vigie',
        version: '1.0.0',
        ...properties,
        ...markedBy('TLP:CLEAR'),
      })
      const own = definitionOf(vigieExtension, {
        name: 'Vigie: detections of foreign information manipulation',
        description: 'Figures with their qualifiers, the time as precisely as it is known, criteria and markings.',
        // `narrative` and `channel` are OpenCTI types, absent from STIX.
        extension_types: ['property-extension', 'new-sdo'],
      })
      const ofPlatform = definitionOf(platformExtension, {
        name: 'Vigie: properties that OpenCTI reads',
        description: 'The id of a technique, the times of an incident, the kind of a location.',
        extension_types: ['toplevel-property-extension'],
        extension_properties: ['first_seen', 'last_seen', 'x_mitre_id', 'x_opencti_location_type'],
      })
      const isUsed = held.some(({ extensions }) => extensions && platformExtension in (extensions as object))
      const definitions = isUsed ? [own, ofPlatform] : [own]
      const all = [...held, ...definitions, reportObject(report, refs, common, producer)]
      const markings = new Set(all.flatMap(({ object_marking_refs: ids }) => ids as readonly string[]))
      return [...all, ...tlpObjects.filter(({ id }) => markings.has(id))].sort((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}

export const makerOf = ({ house: { organisation } }: Report) => {
  const name = organisation ?? 'Vigie'
  return { name, class: organisation ? 'organization' : 'system', uuid: uuidV5(`identity ${name}`, namespace) }
}

const usedBy = ({ narratives, accountSet, platforms }: Entry) => [
  ...narratives.map((texts) => {
    const { text, language } = textIn(texts, 'en')
    return { type: 'narrative', known: text, name: text, ...languageOf(language), extensions: newObject }
  }),
  ...(accountSet
    ? [
        {
          type: 'channel',
          known: accountSet.id,
          name: accountSet.name === undefined ? accountSet.id : nameIn(accountSet.name, 'en').text,
          // Several are those of the detection, not of the set.
          ...(platforms.length === 1 && { channel_types: [...platforms] }),
          extensions: newObject,
        },
      ]
    : []),
]

type Used = Entry['techniques'][number]

const disarmFoundation: StixObject = {
  type: 'identity',
  spec_version: '2.1',
  id: disarmObjects.author,
  created: disarmObjects.created,
  modified: disarmObjects.created,
  name: 'DISARM Foundation',
  identity_class: 'organization',
}

/**
 * Returns a DISARM v1.6 technique under its official id. It is dated just before the official object, which is more
 * complete and therefore prevails.
 */
const officialOf = (used: Used): StixObject | undefined => {
  const id = frameworkOf(used) === 'DISARM' ? officialTechniqueId(used.id) : undefined
  return id === undefined
    ? undefined
    : {
        type: 'attack-pattern',
        spec_version: '2.1',
        id,
        created: disarmObjects.created,
        modified: disarmObjects.created,
        created_by_ref: disarmObjects.author,
        ...techniqueFields(used),
      }
}

/** OpenCTI identifies a technique by `x_mitre_id`. */
const techniqueFields = (used: Used) => ({
  name: techniqueName(used),
  x_mitre_id: used.id,
  external_references: [{ source_name: frameworkOf(used), external_id: used.id }],
  extensions: moreProperties,
})

const moreProperties = { [platformExtension]: { extension_type: 'toplevel-property-extension' } }

const newObject = { [vigieExtension]: { extension_type: 'new-sdo' } }

const languageOf = (language: string) => (language === 'und' || language === 'en' ? {} : { lang: language })

type Attribution = {
  readonly type: 'threat-actor' | 'intrusion-set'
  readonly name: Name
  readonly attributedBy: Name
  readonly confidence?: keyof typeof confidenceScores | undefined
  readonly likelihoodText: string
}

type Common = (type: string, name: string, created: string) => StixObject

const unchanging = (type: string, name: string) => ({
  type,
  spec_version: '2.1',
  id: idOf(type, name),
  created: once,
  modified: once,
})

/** One object per edition; report versions are its versions. */
const reportObject = (report: Report, refs: readonly string[], common: Common, producer: string): StixObject => {
  const { documentTitle, description } = report.pages.en
  const { territory, period, cap, version, asOf, reconstructed, snapshotSha256, totals, withheld } = report
  return marked(
    {
      ...common('report', report.id.slice(0, report.id.lastIndexOf('/')), period.from),
      created_by_ref: producer,
      name: documentTitle,
      description: [description, ...sentencesOf(report, 'en'), ...sentencesOf(report, 'fr')].join('\n\n'),
      lang: 'en',
      report_types: ['threat-report'],
      published: asOf,
      object_refs: refs,
      extensions: extension({
        report: {
          id: report.id,
          territory,
          period,
          cap,
          version,
          asOf,
          reconstructed,
          snapshotSha256,
          totals,
          withheld,
        },
      }),
    },
    report.marking,
  )
}

const locationOf = (code: TerritoryCode, producer: string): StixObject => {
  const { iso, name } = territoryOf(code)
  return {
    ...unchanging('location', iso),
    created_by_ref: producer,
    name: name.en,
    country: code === 'COR' ? 'FR' : code,
    administrative_area: iso,
    // Corsica has no ISO 3166-1 code: OpenCTI would make it a country.
    ...(code === 'COR' && { x_opencti_location_type: 'Administrative-Area', extensions: moreProperties }),
  }
}

/** Leaves out a platform's default confidence and the confidence of one statement. */
const scoreOf = ({ confidence }: Entry): object => {
  if (!confidence || confidence.platformDefault || confidence.of) return {}
  const score = confidence.score ?? (confidence.level && confidenceScores[confidence.level])
  return score === undefined ? {} : { confidence: score }
}

/** Links to the archived copy, else to the page unless it belongs to the detection's indicators. */
export const referencesOf = ({ evidence, indicators }: Entry) => {
  const hostile = indicators.flatMap(({ value }) => hostOf(refang(value)) ?? [])
  const references = evidence.map(({ label, address, archive }) => {
    const copy = archive === undefined ? undefined : linkTo(refang(archive))
    const host = address === undefined ? undefined : hostOf(refang(address))
    const isHostile = hostile.some((one) => host === one || host?.endsWith(`.${one}`))
    const page = address === undefined || isHostile ? undefined : linkTo(refang(address))
    return {
      source_name: englishText(label),
      description: [...new Set([englishText(label), address, copy === undefined ? archive : undefined])]
        .filter(Boolean)
        .join(' '),
      // OpenCTI drops references without one.
      ...((copy ?? page) !== undefined && { url: copy ?? page }),
    }
  })
  return references.length > 0 ? { external_references: references } : {}
}

const hostOf = (address: string): string | undefined =>
  URL.parse(address.includes('://') ? address : `http://${address}`)?.hostname

/** Characters that RFC 3986 allows in a URI. */
const ofUri = /^(?:[\w.~:/?#[\]@!$&'()*+,;=-]|%[\da-f]{2})+$/i

/** Links only to web addresses; other scripts become a URI. */
const linkTo = (written: string): string | undefined => {
  const parsed = URL.parse(written)
  if (!parsed || !/^https?:$/.test(parsed.protocol)) return undefined
  return [written, parsed.href].find((one) => ofUri.test(one))
}

/** Hashes name no algorithm and stay in the extension. */
export const observableOf = (type: string, value: string): StixObject | undefined => {
  switch (type) {
    case 'url':
      return URL.canParse(value) && /^[\x21-\x7e]+$/.test(value) ? observable('url', { value }) : undefined
    case 'domain':
      return isHost(value) ? observable('domain-name', { value }) : undefined
    case 'ip': {
      const version = isIP(value)
      return version === 0 ? undefined : observable(version === 4 ? 'ipv4-addr' : 'ipv6-addr', { value })
    }
    case 'email':
      return /^[^\s@]+@[^\s@]+$/.test(value) ? observable('email-addr', { value }) : undefined
    case 'account':
      return observable('user-account', { account_login: value })
    default:
      return undefined
  }
}

const isHost = (value: string): boolean => /^([\p{L}\p{N}_-]+\.)+[\p{L}\p{N}-]{2,}$/u.test(value)

const observable = (type: string, properties: Readonly<Record<string, string>>): StixObject => ({
  type,
  spec_version: '2.1',
  id: `${type}--${uuidV5(canonicalJson(properties), observableNamespace)}`,
  ...properties,
  defanged: false,
})

const extension = (content: object) => ({ [vigieExtension]: { extension_type: 'property-extension', ...content } })

const marked = (object: StixObject, marking: Marking): StixObject => ({ ...object, ...markedBy(marking) })

const markedBy = (marking: Marking) => ({ object_marking_refs: [tlpDefinitions[marking]] })

const tlpObjects: readonly StixObject[] = (Object.keys(tlpDefinitions) as Marking[]).map((marking) => ({
  type: 'marking-definition',
  spec_version: '2.1',
  id: tlpDefinitions[marking],
  created: '2022-10-01T00:00:00.000Z',
  name: marking,
  extensions: {
    [tlpExtension]: { extension_type: 'property-extension', tlp_2_0: shortMarking(marking).toLowerCase() },
  },
}))

/** The same instant in every territory: days and months begin at midnight UTC. */
export const firstInstant = ({ observed: { from, precision } }: Entry): string =>
  new Date(precision === 'month' ? `${from}-01` : from).toISOString()

/** A day or a month ends when the next begins. */
export const lastInstant = ({ observed: { to, precision } }: Entry): string => {
  if (precision === 'instant') return new Date(to).toISOString()
  const [year = 0, month = 1, day] = to.split('-').map(Number)
  const end = day === undefined ? Date.UTC(year, month, 1) : Date.UTC(year, month - 1, day + 1)
  return new Date(end - 1000).toISOString()
}

const englishText = (texts: Localised): string => textIn(texts, 'en').text

const idOf = (type: string, name: string): string => `${type}--${uuidV5(`${type} ${name}`, namespace)}`

/** UUID version 5 of RFC 9562. */
export const uuidV5 = (name: string, space: string): string => {
  const hash = createHash('sha1')
    .update(Buffer.from(space.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest()
  const bytes = hash.subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}
