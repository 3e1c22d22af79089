import { type Fault, fault, quoted } from '../../domain/core/fault.ts'
import { maximum, minimum } from '../../domain/core/lists.ts'
import { fitsUnder } from '../../domain/core/marking.ts'
import { isRecord } from '../../domain/core/text/parse-json.ts'
import { type DetectionInput, readDetection } from '../../domain/detection/detection.ts'
import { attributedByBundle } from '../../domain/detection/names/attributed-by.ts'
import { platformExtension, vigieExtension } from '../../domain/report/exchange.ts'
import { looksLikeUrl } from '../record/addresses.ts'
import { FileError } from '../record/file-error.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from '../record/record.ts'
import { oneLine } from '../text/one-line.ts'
import { describedLinks, ownAttributions, readOwn, wordsOf } from './attribution.ts'
import { identified, objectsOf } from './bundle.ts'
import { embeddedNotes } from './embedded.ts'
import {
  type Attributed,
  type Gathered,
  type KeptAs,
  linkedEvidence,
  type TerritoryAssignmentInput,
} from './gathered.ts'
import { gather, isDescribed, parentOf, waysTo, webOf } from './graph.ts'
import { markingOf, markingOfAll } from './markings.ts'
import { firstParagraph } from './misp-attributes.ts'
import {
  actorTypes,
  assetTypes,
  authorOf,
  byId,
  byKey,
  compare,
  containerTypes,
  heldBy,
  inLanguage,
  instantOf,
  nameOf,
  partTypes,
  recordsOf,
  reportsOf,
  type StixObject,
  seedTypes,
  sortedValues,
  spanOf,
  textOf,
  textsOf,
  typeOf,
  type Web,
  webAddress,
  written,
} from './objects.ts'
import { gatherFacts } from './parts.ts'
import { useOf } from './use.ts'

type StixIntake = {
  readonly records: IntakeRecord[]
  /**
   * `stix.kept` and `stix.left` count each entry of the bundle once, unless it was itself rejected. Objects of rejected
   * campaigns count as kept: adding a time makes them detections.
   */
  readonly noted: readonly { readonly what: Fault; readonly count: number }[]
}

const maxTextChars = 20_000

/**
 * OpenCTI's forms propose the minute of entry; in VIGINUM's bundles `start_time` is one to two minutes before
 * `created`.
 */
const dataEntryMs = 10 * 60 * 1000

/**
 * Reads a bundle's detections, sorted by id. The order of objects does not matter. Campaigns that are invalid or lack
 * an observation time are rejects.
 * @throws FileError where the text is no JSON, no bundle, or has no campaign or incident
 */
export const readStix = (text: string, options: IntakeOptions): StixIntake => {
  const entries = objectsOf(text, options.file)
  const notes = new Map<string, { readonly what: Fault; readonly ids: Set<string> }>()
  const note = (what: Fault, id: string) => {
    const key = JSON.stringify(what)
    const noted = notes.get(key) ?? { what, ids: new Set() }
    notes.set(key, noted)
    noted.ids.add(id)
  }
  const { objects: all, rejects } = identified(entries, options, note)
  const valid = new Map([...all].filter(([, { revoked }]) => revoked !== true))
  for (const { id, revoked } of all.values()) if (revoked === true) note(fault('stix.revoked'), id)
  const whole = webOf(valid, note)

  // A Vigie report may be empty; its campaigns are sets of incidents, not detections.
  const isOwn = [...valid.values()].some((object) => isRecord(ownWords(object)?.report))
  const hasSeeds = isOwn || [...all.values()].some(({ type }) => seedTypes.has(type))
  const isSeed = (object: StixObject) =>
    (seedTypes.has(object.type) && ownWords(object)?.grouping !== true) ||
    (isEvent(object, whole) && (!hasSeeds || isOfMisp(object)))
  const seeds = describedIn([...valid.values()].filter(isSeed).sort(byId), whole)
  if (seeds.length === 0 && rejects.length === 0 && !isOwn) throw new FileError(noSeeds(all, options.file))
  const seedIds = new Set(seeds.map(({ id }) => id))
  // A campaign that is only mentioned takes no part from another one.
  const isWhole = isOwn || [...valid.keys()].every((id) => seedIds.has(id) === seedTypes.has(typeOf(id)))
  const web = isWhole ? whole : webOf(valid, note, (id) => seedIds.has(id))
  const kept = new Map<string, KeptAs>()
  const chains = ownAttributions(web)
  const records = seeds.map((seed) => {
    const own = ownWords(seed)?.detection
    const { record, used } = isRecord(own)
      ? ownRecordOf(seed, own, { web, chains }, options)
      : recordOf(seed, web, options)
    for (const [id, as] of used) if (as === 'detection' || kept.get(id) === 'link' || !kept.has(id)) kept.set(id, as)
    return record
  })
  const left = [...all.values()].filter(({ id }) => !kept.has(id))
  const table = useOf(left, kept, notes, web)
  for (const { id } of left) for (const { ids } of notes.values()) ids.delete(id)
  const [set, ...furtherSets] = [...kept].flatMap(([id, as]) => (as === 'accounts' ? id : []))
  const others = [...notes].sort(byKey).map(([, { what, ids }]) => ({ what, count: ids.size }))
  return {
    records: [...records, ...rejects],
    noted: [
      ...table,
      ...others.filter(({ count }) => count > 0),
      ...embeddedNotes(valid.values(), furtherSets.length === 0 ? set : undefined),
    ],
  }
}

/** Checks for an outermost report or grouping without a campaign or incident. */
const isEvent = (one: StixObject, web: Web): boolean =>
  /^(?:report|grouping)$/.test(one.type) && web.seedCounts.get(one.id) === 0 && reportsOf(one, web).length === 0

const isOfMisp = ({ labels }: StixObject): boolean => textsOf(labels).some((label) => label.startsWith('misp:tool='))

/** Drops campaigns that a bundle only mentions. */
const describedIn = (seeds: readonly StixObject[], web: Web): readonly StixObject[] => {
  const hasDetails = (seed: StixObject) =>
    seed.type !== 'campaign' ||
    ownWords(seed) !== undefined ||
    observedOf(seed) !== undefined ||
    unreadTime(seed) !== undefined ||
    isDescribed(seed, web)
  const detailed = seeds.filter(hasDetails)
  if (detailed.length === 0) return seeds
  for (const seed of seeds) if (!detailed.includes(seed)) web.note(fault('stix.campaignMentioned'), seed.id)
  return detailed
}

const noSeeds = (all: ReadonlyMap<string, StixObject>, file: string): Fault => {
  const revoked = [...all.values()].filter(({ type }) => seedTypes.has(type)).length
  return revoked > 0
    ? fault('stix.allRevoked', { file, count: revoked })
    : fault('stix.noSeeds', { file, count: all.size })
}

// ─── The detection ───

type Evidence = NonNullable<DetectionInput['evidence']>[number]

const recordOf = (seed: StixObject, web: Web, options: IntakeOptions): { record: IntakeRecord; used: Used } => {
  const reached = gather(seed, web)
  const gathered = gatherFacts(reached, web, options.pseudonym)
  const used: Used = new Map([...waysTo(gathered.informative.keys(), reached)].map((id) => [id, 'link']))
  for (const [key, as] of gathered.informative) used.set(reached.get(key)?.object.id ?? key, as)
  used.set(seed.id, 'detection')
  const parent = seed.type === 'incident' ? parentOf(seed, web) : undefined
  if (parent) used.set(parent.relation.id, 'link')

  const reports = reportsOf(seed, web)
  const reportAuthor = reports.map((report) => authorOf(report, web)).find(Boolean)
  const ownAuthor = authorOf(seed, web)
  const author = reportAuthor ?? ownAuthor
  const {
    marking,
    source: markingSource,
    containers,
    definitions,
  } = markingOfAll(seed, new Set(used.keys()), [reportAuthor, ownAuthor], web)
  const held = containerTypes.has(seed.type) ? [...heldBy(seed, web)] : []
  for (const { id, type } of held)
    if (id !== seed.id && (containerTypes.has(type) || type === 'note')) used.set(id, 'report')
  const shownReports = reports.filter((report) => fitsUnder(markingOf(report, web).marking, marking))
  for (const one of [...shownReports, ...containers]) if (one.id !== seed.id) used.set(one.id, 'report')
  for (const { id } of definitions) used.set(id, 'marking')
  for (const one of [reportAuthor, ownAuthor]) if (one) used.set(one.id, 'author')

  const reject = (path: string, reason: Fault) => ({
    record: { reject: rejectOf(written(seed), { file: options.file, id: seed.id, path, fault: reason }) },
    used,
  })
  const name = textOf(seed.name)
  if (name === undefined) return reject('name', fault('stix.noName', { type: seed.type }))
  const unread = unreadTime(seed)
  const dates = relationDates(seed, used, web)
  const own = held.length > 0 ? observedIn(held) : (observedOf(seed) ?? dates.active)
  const observed = (unread === undefined ? own : undefined) ?? options.observed
  if (!observed) {
    return unread === undefined
      ? reject('observed', timeless(seed, dates.entered))
      : reject(unread, fault('stix.unreadTime', { given: quoted(written(seed[unread]).slice(0, 100)) }))
  }

  const note = textOf(held.find(({ type }) => type === 'note')?.content) ?? ''
  const alone = reports.find(({ id }) => web.seedCounts.get(id) === 1)
  const description = textOf(seed.description) ?? textOf(firstParagraph(note)) ?? textOf(alone?.description)
  const summary = description?.slice(0, maxTextChars).replace(/[\uD800-\uDBFF]$/, '')
  if (summary !== description) web.note(fault('text.descriptionCut', { max: maxTextChars }), seed.id)
  const accountSet = gathered.accountSets.toSorted((a, b) => b.size.value - a.size.value || (a.id < b.id ? -1 : 1))[0]
  for (const { id } of gathered.accountSets) if (id !== accountSet?.id) web.note(fault('stix.furtherAccountSet'), id)
  const named = author ? nameOf(author) : options.publisher
  const attributedBy = named === undefined ? attributedByBundle() : oneLine(named)
  const actor = joined(gathered.actors)
  const links = describedLinks([...gathered.actors, ...gathered.modiOperandi], web)
  const modus = joined(gathered.modiOperandi)
  const reliability = [seed, ...shownReports, author].map((one) => reliabilityOf(one)).find(Boolean)
  const placings = gathered.placings.length > 0 ? gathered.placings : (options.territories ?? []).map(byAnalyst)
  const accountRefs = [...gathered.accounts].map((account) => options.pseudonym?.(account) ?? account).sort()
  const input: DetectionInput = {
    // As in MISP's own JSON.
    id: isOfMisp(seed) ? seed.id.replace(/^.*--/, 'misp-') : seed.id,
    detector: { name: oneLine(named ?? '', 128) || 'STIX' },
    kind: seed.type === 'campaign' ? 'campaign' : 'other',
    title: inLanguage(seed, name),
    ...(summary && { summary: inLanguage(seed, summary) }),
    ...(parent && { partOf: parent.campaign.id }),
    // A report or grouping is no campaign.
    ...(seedTypes.has(seed.type) && { campaign: oneLine(parent ? (nameOf(parent.campaign) ?? name) : name) }),
    territories: placings,
    observed,
    platforms: [...gathered.platforms].sort(),
    ...(accountRefs.length > 0 && { accountRefs }),
    ...(accountSet && { accountSet: { id: accountSet.id, name: accountSet.name, size: accountSet.size } }),
    ...(actor && { actor: { name: actor.name, attributedBy, ...(links.length > 0 && { links: [...links] }) } }),
    ...(modus && { modusOperandi: { name: inLanguage(modus.object, modus.name), attributedBy } }),
    techniques: sortedValues(gathered.techniques),
    narratives: sortedValues(gathered.narratives),
    hashtags: [...gathered.hashtags].sort(),
    indicators: sortedValues(gathered.indicators),
    ...(gathered.impersonated.size > 0 && { impersonates: sortedValues(gathered.impersonated) }),
    evidence: evidenceOf(seed, shownReports, gathered),
    ...(typeof seed.confidence === 'number' && { confidence: confidenceOf(seed.confidence, ownAuthor ?? author, web) }),
    ...(reliability && { reliability }),
    marking,
    markingSource,
  }
  const result = readDetection(input)
  if ('refusal' in result) return reject(result.refusal.path, result.refusal)
  const by = !author ? 'stated' : reportAuthor ? 'report' : 'own'
  const source =
    named === undefined
      ? fault('stix.noAttributionSource')
      : fault('stix.attributedBy', { name: quoted(attributedBy as string), by, type: seed.type })
  const apart = [...reached.values()].filter(
    ({ object, ways }) => ways.length === 0 && assetTypes.has(object.type) && used.has(object.id),
  )
  const doubts = [
    ...(actor || modus ? [source] : []),
    ...(apart.length > 0 && held.length === 0 ? [fault('stix.onlyInReport', { count: apart.length })] : []),
    ...(observed === dates.active ? [fault('stix.datedByRelations', { count: dates.count })] : []),
  ].map((one) => ({ kind: 'cell' as const, fault: one }))
  const from = textOf(seed.created_by_ref) ?? null
  return { record: { detection: result.detection, author: from, ...(doubts.length > 0 && { doubts }) }, used }
}

type Used = Map<string, KeptAs>

/** Reads a detection written by Vigie. Its marking is never below that of the object and the report. */
const ownRecordOf = (
  seed: StixObject,
  own: Record<string, unknown>,
  { web, chains }: { readonly web: Web; readonly chains: ReturnType<typeof ownAttributions> },
  options: IntakeOptions,
) => {
  const touching = (web.links.get(seed.id) ?? []).flatMap(({ relation, other }) => [relation.id, other])
  const chain = (typeof own.id === 'string' ? chains.get(own.id) : undefined) ?? []
  const tied = chain.flatMap(({ id, source_ref: from, target_ref: to }) => [id, ...textsOf([from, to])])
  const inside = touching
    .filter((id) => web.objects.get(id)?.type === 'infrastructure')
    .flatMap((id) => web.links.get(id) ?? [])
    .flatMap(({ relation, type }) => (type === 'consists-of' ? [relation.id] : []))
  const used = new Set([seed.id, ...touching, ...inside, ...tied.filter((id) => web.objects.has(id))])
  for (const id of [...used]) {
    const object = web.objects.get(id)
    for (const ref of [object?.created_by_ref, ...textsOf(object?.object_marking_refs)])
      if (typeof ref === 'string' && web.objects.has(ref)) used.add(ref)
  }
  const { marking, by } = markingOf(seed, web)
  const definitions = [vigieExtension, platformExtension].map((id) => web.objects.get(id))
  for (const one of [...reportsOf(seed, web), ...by, ...definitions]) if (one) used.add(one.id)
  const indicators = recordsOf(own.indicators).flatMap(({ ref, ...indicator }) => {
    if (typeof ref !== 'string') return [indicator]
    const object = web.objects.get(ref)
    if (!object) {
      web.note(fault('stix.danglingReference'), ref)
      return []
    }
    used.add(ref)
    return [{ ...indicator, value: object.value ?? object.account_login }]
  })
  const links = chain.map((object) => ({ words: wordsOf(object) ?? {}, marking: markingOf(object, web).marking }))
  const result = readOwn({ words: own, marking }, links, indicators)
  const { file } = options
  const all: Used = new Map([...used].map((id) => [id, id === seed.id ? 'detection' : 'detail']))
  return 'refusal' in result
    ? {
        record: {
          reject: rejectOf(written(seed), { file, id: seed.id, path: result.refusal.path, fault: result.refusal }),
        },
        used: all,
      }
    : { record: { detection: result.detection }, used: all }
}

const ownWords = ({ extensions }: StixObject): Record<string, unknown> | undefined => {
  const own = isRecord(extensions) ? extensions[vigieExtension] : undefined
  return isRecord(own) ? own : undefined
}

/** Joins names, furthest along the attribution chain first. */
const joined = (all: readonly Attributed[]): { name: string; object: StixObject } | undefined => {
  const sorted = all.toSorted((a, b) => b.depth - a.depth || compare(a.name, b.name))
  const [first] = sorted
  return first && { name: oneLine([...new Set(sorted.map(({ name }) => name))].join(' / ')), object: first.object }
}

const byAnalyst = (code: TerritoryAssignmentInput['code']): TerritoryAssignmentInput => ({ code, method: 'analyst' })

const evidenceOf = (seed: StixObject, reports: readonly StixObject[], gathered: Gathered): Evidence[] => {
  const addresses = Object.entries(seed).flatMap(([field, value]) => (/urls?$/i.test(field) ? [value].flat() : []))
  const found: Evidence[] = [
    ...reports.flatMap((report) => {
      const name = nameOf(report)
      const url = recordsOf(report.external_references).flatMap((reference) => webAddress(reference.url) ?? [])[0]
      return name === undefined ? [] : [{ label: inLanguage(report, name), ...(url && { url }) }]
    }),
    ...recordsOf(seed.external_references).flatMap(({ url, source_name: source, description }) => {
      const address = webAddress(url)
      return address ? [{ label: textOf(source) ?? textOf(description) ?? address, url: address }] : []
    }),
    ...addresses.flatMap((url) => webAddress(url) ?? []).map((url) => ({ label: url, url })),
    ...linkedEvidence(gathered),
    ...gathered.archived.map(({ title, url }) => ({
      label: title,
      ...(looksLikeUrl(title) && { url: title }),
      archiveUrl: url,
    })),
  ]
  return [...new Map(found.map((one) => [JSON.stringify(one), one] as const)).entries()]
    .sort(byKey)
    .map(([, one]) => one)
}

const confidenceOf = (
  score: number,
  source: StixObject | undefined,
  web: Web,
): NonNullable<DetectionInput['confidence']> => {
  const name = source && nameOf(source)
  return {
    score,
    ...(name && { source: oneLine(name) }),
    ...(score === web.defaultConfidence && { platformDefault: true }),
  }
}

/** Only the reliability of the campaign, its report or their author counts. */
const reliabilityOf = (object: StixObject | undefined): DetectionInput['reliability'] =>
  /^([A-F])\b/.exec(textOf(object?.x_opencti_reliability) ?? '')?.[1] as DetectionInput['reliability']

// ─── Times ───

/**
 * A relation dates a campaign if it starts before it stops, or has no stop. Other dates of relations are those of data
 * entry.
 */
const relationDates = (seed: StixObject, used: Used, web: Web) => {
  const parts = [...used.keys()].filter((id) => partTypes.has(typeOf(id)))
  const relations = [seed.id, ...parts].flatMap((id) =>
    (web.links.get(id) ?? []).flatMap(({ relation, other }) =>
      seedTypes.has(typeOf(other)) && other !== seed.id ? [] : relation,
    ),
  )
  const dated = [...new Set(relations)].flatMap(({ created, start_time: first, stop_time: last }) => {
    const [start, stop] = [sighting(first), sighting(last)]
    if (start === undefined) return []
    const isEntry = Math.abs(start - (instantOf(created) ?? 0)) < dataEntryMs || (stop !== undefined && stop <= start)
    return [{ isEntry, start, stop: stop ?? start }]
  })
  const spanning = (of: typeof dated) =>
    of.length === 0 ? undefined : spanOf(minimum(of.map(({ start }) => start)), maximum(of.map(({ stop }) => stop)))
  const active = dated.filter(({ isEntry }) => !isEntry)
  return { active: spanning(active), count: active.length, entered: spanning(dated) }
}

/** A report's `published` is an entry date, so it does not count. */
const observedOf = (seed: StixObject): DetectionInput['observed'] | undefined => {
  const created = instantOf(seed.created)
  const first = sighting(seed.first_seen)
  if (first === undefined || (created !== undefined && Math.abs(first - created) < dataEntryMs)) return undefined
  return spanOf(first, sighting(seed.last_seen) ?? first)
}

/** Times of entry do not count: misp-stix fills them in. */
export const observedIn = (
  parts: readonly Readonly<Record<string, unknown>>[],
): DetectionInput['observed'] | undefined => {
  const seen = parts.flatMap((one) =>
    (actorTypes.has(String(one.type)) ? [] : ['first_observed', 'last_observed', 'first_seen', 'last_seen'])
      .flatMap((field) => sighting(one[field]) ?? [])
      .filter((time) => Math.abs(time - (instantOf(one.created) ?? 0)) >= dataEntryMs),
  )
  return seen.length === 0 ? undefined : spanOf(minimum(seen), maximum(seen))
}

const unreadTime = (seed: StixObject): 'first_seen' | 'last_seen' | undefined =>
  (['first_seen', 'last_seen'] as const).find(
    (field) => seed[field] !== undefined && instantOf(seed[field]) === undefined,
  )

/** Returns an instant in a plausible year: OpenCTI fills in 1970 and 5138. */
const sighting = (value: unknown): number | undefined => {
  const instant = instantOf(value)
  const year = instant === undefined ? 0 : new Date(instant).getUTCFullYear()
  return year > 1970 && year < 5000 ? instant : undefined
}

const timeless = ({ type, first_seen: first }: StixObject, entered: ReturnType<typeof spanOf> | undefined): Fault => {
  const given = textOf(first)
  if (given !== undefined) return fault('stix.firstSeenNoTime', { type, given })
  if (!entered) return fault('stix.noTime', { type })
  const [from, to] = [entered.from, entered.to].map((at) => at.slice(0, 10))
  return fault('stix.entryDates', { type, from: from ?? '', to: to ?? '' })
}
