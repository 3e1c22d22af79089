import { type Fault, fault, faultOfThrown, quoted } from '../../domain/core/fault.ts'
import { maximum, minimum } from '../../domain/core/lists.ts'
import { fitsUnder } from '../../domain/core/marking.ts'
import { parseJson } from '../../domain/core/text/parse-json.ts'
import { type DetectionInput, readDetection } from '../../domain/detection/detection.ts'
import { attributedByBundle } from '../../domain/detection/names/attributed-by.ts'
import { platformExtension, vigieExtension } from '../../domain/report/exchange.ts'
import { looksLikeUrl } from '../record/addresses.ts'
import { FileError } from '../record/file-error.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from '../record/record.ts'
import { oneLine } from '../text/one-line.ts'
import { describedLinks, ownAttributions, readOwn, wordsOf } from './attribution.ts'
import { type Attributed, type Gathered, linkedEvidence, type TerritoryAssignmentInput } from './gathered.ts'
import { gather, isDescribed, parentOf, waysTo, webOf } from './graph.ts'
import { markingOf, markingOfAll } from './markings.ts'
import { firstParagraph } from './misp-attributes.ts'
import {
  actorTypes,
  authorOf,
  byId,
  byKey,
  compare,
  containerTypes,
  countByType,
  heldBy,
  inLanguage,
  instantOf,
  isRecord,
  nameOf,
  recordsOf,
  reportsOf,
  type StixObject,
  seedTypes,
  sortedValues,
  spanOf,
  textOf,
  textsOf,
  type Web,
  webAddress,
  written,
} from './objects.ts'
import { gatherFacts } from './parts.ts'

/** Each object of the bundle is counted once, in `used` or `unused`, unless it was itself rejected. */
type StixIntake = {
  readonly records: IntakeRecord[]
  /** By STIX type. Rejected records count too: adding a time makes them detections. */
  readonly used: Record<string, number>
  readonly unused: Record<string, number>
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
  const web = webOf(valid, note)

  // A Vigie report may be empty; its campaigns are sets of incidents, not detections.
  const isOwn = [...valid.values()].some((object) => isRecord(ownWords(object)?.report))
  const hasSeeds = isOwn || [...all.values()].some(({ type }) => seedTypes.has(type))
  const isSeed = (object: StixObject) =>
    (seedTypes.has(object.type) && ownWords(object)?.grouping !== true) ||
    (isEvent(object, web) && (!hasSeeds || isOfMisp(object)))
  const seeds = describedIn([...valid.values()].filter(isSeed).sort(byId), web)
  if (seeds.length === 0 && rejects.length === 0 && !isOwn) throw new FileError(noSeeds(all, options.file))
  const usedIds = new Set<string>()
  const chains = ownAttributions(web)
  const records = seeds.map((seed) => {
    const own = ownWords(seed)?.detection
    const { record, used } = isRecord(own)
      ? ownRecordOf(seed, own, { web, chains }, options)
      : recordOf(seed, web, options)
    for (const id of used) usedIds.add(id)
    return record
  })
  const there = [...all.values()]
  return {
    records: [...records, ...rejects],
    used: countByType(there.filter(({ id }) => usedIds.has(id))),
    unused: countByType(there.filter(({ id }) => !usedIds.has(id))),
    noted: [...notes].sort(byKey).map(([, { what, ids }]) => ({ what, count: ids.size })),
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

// ─── The file ───

const objectsOf = (text: string, file: string): readonly unknown[] => {
  const bundle = parsed(text, file)
  if (!isRecord(bundle)) throw new FileError(fault('stix.noObject', { file }))
  if (bundle.type !== 'bundle') {
    throw new FileError(
      typeof bundle.type === 'string'
        ? fault('stix.notBundle', { file, type: quoted(bundle.type) })
        : fault('stix.noBundleType', { file }),
    )
  }
  if (bundle.objects === undefined) throw new FileError(fault('stix.noObjects', { file }))
  if (!Array.isArray(bundle.objects)) throw new FileError(fault('stix.objectsArray', { file }))
  return bundle.objects
}

export const parsed = (text: string, file: string): unknown => {
  const json = text.replace(/^\uFEFF/, '')
  if (json.trim() === '') throw new FileError(fault('file.isEmpty', { file }))
  try {
    return parseJson(json)
  } catch (cause) {
    const reason = faultOfThrown(cause)
    const lines = json.slice(0, Number(reason.values?.position ?? json.length)).split('\n')
    const values = { file, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1, reason }
    throw new FileError(fault(reason.code === 'json.ends' ? 'file.jsonCut' : 'file.notJson', values), { cause })
  }
}

/** Returns the newest version of each object by id. Objects without id or type are rejects. */
const identified = (entries: readonly unknown[], { file }: IntakeOptions, note: Web['note']) => {
  const objects = new Map<string, StixObject>()
  const rejects: IntakeRecord[] = []
  for (const [index, entry] of entries.entries()) {
    const wrong = isRecord(entry) ? misnamed(entry) : { field: '', fault: fault('stix.object') }
    if (wrong) {
      const path = `objects[${index}]${wrong.field && `.${wrong.field}`}`
      const id = isRecord(entry) && typeof entry.id === 'string' ? { id: entry.id.slice(0, 256) } : {}
      rejects.push({ reject: rejectOf(written(entry), { file, ...id, path, fault: wrong.fault }) })
      continue
    }
    const object = entry as StixObject
    const other = objects.get(object.id)
    if (other) note(fault('stix.olderVersion'), object.id)
    objects.set(object.id, other ? newer(other, object) : object)
  }
  return { objects, rejects }
}

const misnamed = (entry: Record<string, unknown>): { field: string; fault: Fault } | undefined => {
  const { id, type } = entry
  if (typeof type !== 'string' || !/^[a-z][a-z0-9-]{1,249}$/.test(type)) {
    return { field: 'type', fault: fault('stix.type') }
  }
  if (typeof id !== 'string' || !id.startsWith(`${type}--`) || id.length > 128) {
    return { field: 'id', fault: fault('stix.id', { type }) }
  }
  return undefined
}

/** Returns the later `modified`. The text breaks ties, so that file order does not matter. */
const newer = (one: StixObject, two: StixObject): StixObject => {
  const [a, b] = [instantOf(one.modified) ?? 0, instantOf(two.modified) ?? 0]
  if (a !== b) return a > b ? one : two
  // Merged exports can differ in markings: both sets apply to equal versions.
  const refs = [one, two].flatMap(({ object_marking_refs: marks }) => (Array.isArray(marks) ? marks : []))
  const kept = written(one) > written(two) ? one : two
  return refs.length > 0 ? { ...kept, object_marking_refs: [...new Set(refs)].sort() } : kept
}

const noSeeds = (all: ReadonlyMap<string, StixObject>, file: string): Fault => {
  const revoked = [...all.values()].filter(({ type }) => seedTypes.has(type)).length
  return revoked > 0
    ? fault('stix.allRevoked', { file, count: revoked })
    : fault('stix.noSeeds', { file, count: all.size })
}

// ─── The detection ───

type Evidence = NonNullable<DetectionInput['evidence']>[number]

const recordOf = (seed: StixObject, web: Web, options: IntakeOptions): { record: IntakeRecord; used: Set<string> } => {
  const reached = gather(seed, web)
  const gathered = gatherFacts(reached, web, options.pseudonym)
  const used = waysTo(gathered.informative, reached).add(seed.id)
  const parent = seed.type === 'incident' ? parentOf(seed, web) : undefined
  if (parent) used.add(parent.relation.id)

  const reports = reportsOf(seed, web)
  const reportAuthor = reports.map((report) => authorOf(report, web)).find(Boolean)
  const ownAuthor = authorOf(seed, web)
  const author = reportAuthor ?? ownAuthor
  const {
    marking,
    source: markingSource,
    containers,
    definitions,
  } = markingOfAll(seed, used, [reportAuthor, ownAuthor], web)
  const held = containerTypes.has(seed.type) ? [...heldBy(seed, web)] : []
  for (const { id, type } of held) if (containerTypes.has(type) || type === 'note') used.add(id)
  const shownReports = reports.filter((report) => fitsUnder(markingOf(report, web).marking, marking))
  for (const one of [...shownReports, ...containers, ...definitions, reportAuthor, ownAuthor]) if (one) used.add(one.id)

  const reject = (path: string, reason: Fault) => ({
    record: { reject: rejectOf(written(seed), { file: options.file, id: seed.id, path, fault: reason }) },
    used,
  })
  const name = textOf(seed.name)
  if (name === undefined) return reject('name', fault('stix.noName', { type: seed.type }))
  const unread = unreadTime(seed)
  const own = held.length > 0 ? observedIn(held) : observedOf(seed)
  const observed = (unread === undefined ? own : undefined) ?? options.observed
  if (!observed) {
    return unread === undefined
      ? reject('observed', timeless(seed))
      : reject(unread, fault('stix.unreadTime', { given: quoted(written(seed[unread]).slice(0, 100)) }))
  }

  const note = textOf(held.find(({ type }) => type === 'note')?.content) ?? ''
  const description = textOf(seed.description) ?? textOf(firstParagraph(note))
  const summary = description?.slice(0, maxTextChars).replace(/[\uD800-\uDBFF]$/, '')
  if (summary !== description) web.note(fault('text.descriptionCut', { max: maxTextChars }), seed.id)
  const accountSet = gathered.accountSets.toSorted((a, b) => b.size.value - a.size.value || (a.id < b.id ? -1 : 1))[0]
  for (const { id } of gathered.accountSets) if (id !== accountSet?.id) web.note(fault('stix.furtherAccountSet'), id)
  const named = author && nameOf(author)
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
    detector: { name: oneLine(author ? (nameOf(author) ?? '') : '', 128) || 'STIX' },
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
  return 'refusal' in result
    ? reject(result.refusal.path, result.refusal)
    : { record: { detection: result.detection, author: textOf(seed.created_by_ref) ?? null }, used }
}

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
  return 'refusal' in result
    ? {
        record: {
          reject: rejectOf(written(seed), { file, id: seed.id, path: result.refusal.path, fault: result.refusal }),
        },
        used,
      }
    : { record: { detection: result.detection }, used }
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

/** A report's `published` and a relation's start and stop are entry dates, so they do not count. */
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

const timeless = ({ type, first_seen: first }: StixObject): Fault => {
  const given = textOf(first)
  return given === undefined ? fault('stix.noTime', { type }) : fault('stix.firstSeenNoTime', { type, given })
}
