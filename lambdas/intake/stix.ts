/** STIX 2.1 bundles, with OpenCTI's additions: each campaign or incident becomes one detection, with what relates to it. */
import { isIP } from 'node:net'
import { type DetectionInput, readDetection } from '../domain/detection.ts'
import { vigieExtension } from '../domain/exchange.ts'
import { closedMarking, fitsUnder, type Marking, strictest } from '../domain/marking.ts'
import { type IntakeOptions, type IntakeRecord, rejectOf } from './intake.ts'
import { type PlaceReading, readPlace } from './places.ts'

/** What a bundle gave. Each of its objects is counted once, in `used` or in `unused`, unless it was itself rejected. */
export type StixIntake = {
  readonly records: IntakeRecord[]
  /** Objects that went into a record, by STIX type: into a rejected one too, since stating its time makes it a detection. */
  readonly used: Record<string, number>
  /** Objects that no record uses, by STIX type. */
  readonly unused: Record<string, number>
  /** What was found and left out or closed, in plain words: `placeholder address`, `dangling reference`, … */
  readonly noted: Record<string, number>
}

/** The file as a whole is no bundle with something to read in it. */
export class StixError extends Error {
  override name = 'StixError'
}

type StixObject = { readonly id: string; readonly type: string; readonly [field: string]: unknown }

type Link = { readonly relation: StixObject; readonly type: string; readonly other: string; readonly outgoing: boolean }

/** The bundle as a graph. Revoked objects are not in it. */
type Web = {
  readonly objects: ReadonlyMap<string, StixObject>
  readonly links: ReadonlyMap<string, readonly Link[]>
  /** Reports, groupings and observed data, by the objects that they hold. */
  readonly containers: ReadonlyMap<string, readonly StixObject[]>
  /** The marking that a container hands on to what it holds, by the container's id. */
  readonly handed: Map<string, Marking>
  /** How many campaigns and incidents a report holds, by its id. */
  readonly seedCounts: ReadonlyMap<string, number>
  /** Campaigns and incidents that an object relates to directly. */
  readonly seedsOf: ReadonlyMap<string, ReadonlySet<string>>
  /** Places where an actor or an organisation sits. */
  readonly origins: ReadonlySet<string>
  /** The confidence that the platform fills in by itself, where the bundle shows one. */
  readonly defaultConfidence: number | undefined
  note(what: string, id: string): void
}

/**
 * `part`: what it is made of. `party`: an organisation that takes part. `actor`: to whom it is attributed. `target`: a
 * place at which it is aimed. `victim`: whoever or whatever else it is aimed at.
 */
type Role = 'seed' | 'part' | 'party' | 'actor' | 'target' | 'victim'

type Reached = {
  readonly object: StixObject
  readonly role: Role
  /** Relations between it and the campaign. */
  readonly depth: number
  /** The place or the victim, as named, through which a place was reached. */
  readonly via?: string
  /** The last steps of all shortest ways to it. */
  readonly ways: { readonly from: string; readonly relation: StixObject }[]
}

// An OpenCTI `event` is an occasion (an election, a riot) at which campaigns aim: no detection, but a way to a place.
const seedTypes: ReadonlySet<string> = new Set(['campaign', 'incident'])
const containerTypes: ReadonlySet<string> = new Set(['report', 'grouping', 'observed-data'])
const actorTypes: ReadonlySet<string> = new Set(['intrusion-set', 'threat-actor'])
const contentTypes: ReadonlySet<string> = new Set(['media-content', 'text'])
const assetTypes: ReadonlySet<string> = new Set([
  'channel',
  'infrastructure',
  'url',
  'domain-name',
  'hostname',
  'ipv4-addr',
  'ipv6-addr',
  'email-addr',
  'user-account',
])
const partTypes: ReadonlySet<string> = new Set(['attack-pattern', 'narrative', ...contentTypes, ...assetTypes])
const aimingRelations: ReadonlySet<string> = new Set(['targets', 'impersonates', 'compromises'])
const owningRelations: ReadonlySet<string> = new Set(['belongs-to', 'owns', 'controls', 'authored-by', 'publishes'])
const originRelations: ReadonlySet<string> = new Set(['located-at', 'originates-from'])

/** Three steps reach a technique's accounts by way of a domain; further on, everything relates to everything. */
const furthest = 3

/** As much as a detection's text holds. */
const longestText = 20_000

/** OpenCTI's forms propose the minute of entry; in VIGINUM's bundles `start_time` lies one to two minutes before `created`. */
const dataEntryMs = 10 * 60 * 1000

/**
 * The detections of a STIX 2.0 or 2.1 bundle, sorted by id: the order of its objects does not matter.
 * What it says wrongly about one campaign is a reject; so is a campaign without a time of observation.
 * @throws StixError where the text is no JSON, no bundle, or holds no campaign and no incident
 */
export const readStix = (text: string, options: IntakeOptions): StixIntake => {
  const entries = objectsOf(text, options.file)
  const notes = new Map<string, Set<string>>()
  const note = (what: string, id: string) => {
    const ids = notes.get(what) ?? new Set()
    notes.set(what, ids.add(id))
  }
  const { objects: all, rejects } = identified(entries, options, note)
  const valid = new Map([...all].filter(([, { revoked }]) => revoked !== true))
  for (const { id, revoked } of all.values()) if (revoked === true) note('revoked', id)
  const web = webOf(valid, note)

  // A report of Vigie's own may be a quiet one; its campaigns are names of sets of incidents, and no detections.
  const isOwn = [...valid.values()].some((object) => isRecord(ownWords(object)?.report))
  const seeds = [...valid.values()]
    .filter((object) => seedTypes.has(object.type) && ownWords(object)?.grouping !== true)
    .sort(byId)
  if (seeds.length === 0 && rejects.length === 0 && !isOwn) throw new StixError(noSeeds(all, options.file))
  const usedIds = new Set<string>()
  const records = seeds.map((seed) => {
    const own = ownWords(seed)?.detection
    const { record, used } = isRecord(own) ? ownRecordOf(seed, own, web, options) : recordOf(seed, web, options)
    for (const id of used) usedIds.add(id)
    return record
  })
  const there = [...all.values()]
  return {
    records: [...records, ...rejects],
    used: countByType(there.filter(({ id }) => usedIds.has(id))),
    unused: countByType(there.filter(({ id }) => !usedIds.has(id))),
    noted: Object.fromEntries([...notes].map(([what, ids]) => [what, ids.size] as const).sort(byKey)),
  }
}

// ─── The file ────────────────────────────────────────────────────────────────────────────────────────────────────────

const objectsOf = (text: string, file: string): readonly unknown[] => {
  const bundle = parsed(text, file)
  if (!isRecord(bundle)) throw new StixError(`${file} is no STIX bundle: it holds no JSON object`)
  if (bundle.type !== 'bundle') {
    const said = typeof bundle.type === 'string' ? `its type is ${JSON.stringify(bundle.type)}` : 'it has no type'
    throw new StixError(`${file} is no STIX bundle (${said}): wrap the objects in {"type": "bundle", "objects": […]}`)
  }
  if (bundle.objects === undefined) throw new StixError(`${file} is a STIX bundle without objects: export it again`)
  if (!Array.isArray(bundle.objects)) throw new StixError(`${file}: the bundle's "objects" must be an array`)
  return bundle.objects
}

const parsed = (text: string, file: string): unknown => {
  const json = text.replace(/^\uFEFF/, '')
  if (json.trim() === '') throw new StixError(`${file} is empty`)
  try {
    return JSON.parse(json)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const said = Number(/ at position (\d+)/.exec(reason)?.[1] ?? Number.NaN)
    const atEnd = Number.isNaN(said) ? /end of JSON/.test(reason) : said >= json.trimEnd().length
    const position = Number.isNaN(said) ? json.length : said
    const lines = json.slice(0, position).split('\n')
    const where = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`
    const what = atEnd || /Unterminated/.test(reason) ? '; the file seems truncated: fetch it again' : ''
    throw new StixError(`${file} is not JSON at ${where} (${reason})${what}`, { cause })
  }
}

/** Objects by id, the newest version of each; what has no id or type is a reject. */
const identified = (entries: readonly unknown[], { file }: IntakeOptions, note: Web['note']) => {
  const objects = new Map<string, StixObject>()
  const rejects: IntakeRecord[] = []
  for (const [index, entry] of entries.entries()) {
    const wrong = isRecord(entry) ? misnamed(entry) : { field: '', message: 'must be an object' }
    if (wrong) {
      const path = `objects[${index}]${wrong.field && `.${wrong.field}`}`
      const id = isRecord(entry) && typeof entry.id === 'string' ? { id: entry.id.slice(0, 256) } : {}
      rejects.push({ reject: rejectOf(written(entry), { file, ...id, path, message: wrong.message }) })
      continue
    }
    const object = entry as StixObject
    const other = objects.get(object.id)
    if (other) note('older or repeated version', object.id)
    objects.set(object.id, other ? newer(other, object) : object)
  }
  return { objects, rejects }
}

const misnamed = (entry: Record<string, unknown>): { field: string; message: string } | undefined => {
  const { id, type } = entry
  if (typeof type !== 'string' || !/^[a-z][a-z0-9-]{1,249}$/.test(type)) {
    return { field: 'type', message: 'must be a STIX type: lower-case letters, digits and hyphens' }
  }
  if (typeof id !== 'string' || !id.startsWith(`${type}--`) || id.length > 128) {
    return { field: 'id', message: `must be a STIX id: ${type}-- and a UUID` }
  }
  return undefined
}

/** The later `modified`. Where both say the same, their texts decide, so that the order in the file does not. */
const newer = (one: StixObject, two: StixObject): StixObject => {
  const [a, b] = [instantOf(one.modified) ?? 0, instantOf(two.modified) ?? 0]
  if (a !== b) return a > b ? one : two
  // Bundles are merged of exports with different markings: of two equal versions both sets hold.
  const refs = [one, two].flatMap(({ object_marking_refs: marks }) => (Array.isArray(marks) ? marks : []))
  const kept = written(one) > written(two) ? one : two
  return refs.length > 0 ? { ...kept, object_marking_refs: [...new Set(refs)].sort() } : kept
}

const noSeeds = (all: ReadonlyMap<string, StixObject>, file: string): string => {
  const revoked = [...all.values()].filter(({ type }) => seedTypes.has(type)).length
  return revoked > 0
    ? `${file}: the ${revoked} campaigns and incidents of the bundle are all revoked by their source`
    : `${file}: the bundle's ${all.size} objects hold no campaign and no incident, and only these become detections`
}

// ─── The graph ───────────────────────────────────────────────────────────────────────────────────────────────────────

const webOf = (objects: ReadonlyMap<string, StixObject>, note: Web['note']): Web => {
  const links = new Map<string, Link[]>()
  const containers = new Map<string, StixObject[]>()
  const seedCounts = new Map<string, number>()
  const seedsOf = new Map<string, Set<string>>()
  const origins = new Set<string>()
  const confidences = new Map<number, number>()
  for (const object of [...objects.values()].sort(byId)) {
    if (typeof object.confidence === 'number') {
      confidences.set(object.confidence, (confidences.get(object.confidence) ?? 0) + 1)
    }
    if (containerTypes.has(object.type)) {
      const refs = new Set(textsOf(object.object_refs))
      seedCounts.set(object.id, [...refs].filter((ref) => seedTypes.has(typeOf(ref)) && objects.has(ref)).length)
      for (const ref of refs) {
        if (objects.has(ref)) append(containers, ref, object)
        else note('dangling reference', ref)
      }
    }
    if (object.type !== 'relationship') continue
    const { source_ref: source, target_ref: target, relationship_type: type } = object
    if (typeof source !== 'string' || typeof target !== 'string' || typeof type !== 'string') continue
    for (const ref of [source, target]) if (!objects.has(ref)) note('dangling reference', ref)
    if (!objects.has(source) || !objects.has(target)) continue
    append(links, source, { relation: object, type, other: target, outgoing: true })
    append(links, target, { relation: object, type, other: source, outgoing: false })
    if (originRelations.has(type) && /^(intrusion-set|threat-actor|identity|campaign)--/.test(source))
      origins.add(target)
    for (const [seed, other] of [
      [source, target],
      [target, source],
    ] as const) {
      if (seedTypes.has(typeOf(seed))) seedsOf.set(other, (seedsOf.get(other) ?? new Set()).add(seed))
    }
  }
  const stated = [...confidences.values()].reduce((sum, count) => sum + count, 0)
  const filledIn = [75, 100].find((value) => (confidences.get(value) ?? 0) * 2 > stated)
  const graph = { objects, links, containers, seedCounts, seedsOf, origins, defaultConfidence: filledIn }
  const web: Web = { ...graph, handed: new Map(), note }
  handOnMarkings(web)
  return web
}

/** All that a campaign reaches, by role and id. Breadth first over sorted links, so that it is always the same. */
const gather = (seed: StixObject, web: Web): Map<string, Reached> => {
  const reports = reportsOf(seed, web)
  const alone = reports.filter((report) => web.seedCounts.get(report.id) === 1)
  const sole = reports.length > 0 && alone.length === reports.length
  const victims = new Set(
    (web.links.get(seed.id) ?? [])
      .filter((link) => link.outgoing && aimingRelations.has(link.type))
      .map((l) => l.other),
  )
  const start: Reached = { object: seed, role: 'seed', depth: 0, ways: [] }
  const reached = new Map([[keyOf(start), start]])
  const queue = [start]
  const reach = (next: Reached) => {
    const known = reached.get(keyOf(next))
    if (known) {
      if (known.depth === next.depth) known.ways.push(...next.ways)
      return
    }
    reached.set(keyOf(next), next)
    queue.push(next)
  }
  // A report about one campaign is about it in all that it leaves unrelated.
  for (const report of alone) {
    for (const ref of textsOf(report.object_refs)) {
      const object = web.objects.get(ref)
      if (!object || web.links.has(ref)) continue
      const role = object.type === 'location' ? 'target' : partTypes.has(object.type) ? 'part' : undefined
      if (role) reach({ object, role, depth: 1, ways: [] })
    }
  }
  for (const from of queue) {
    if (from.depth >= furthest) continue
    const touching = web.seedsOf.get(from.object.id)?.size ?? 0
    // What several campaigns share leads to things of which nobody can say whose they are.
    if (touching > 1 && (from.role === 'part' || from.role === 'party')) continue
    for (const link of web.links.get(from.object.id) ?? []) {
      const object = web.objects.get(link.other)
      const role = object && step(from, link, object, { sole, origins: web.origins })
      if (!object || !role) continue
      if (victims.has(object.id) && (role === 'part' || role === 'party')) continue
      const others = web.seedsOf.get(object.id)
      if (from.depth > 0 && role === 'part' && others && !others.has(seed.id)) continue
      const via = from.via ?? (from.role === 'victim' || from.role === 'target' ? nameOf(from.object) : undefined)
      const ways = [{ from: keyOf(from), relation: link.relation }]
      reach({ object, role, depth: from.depth + 1, ...(via && role === 'target' && { via }), ways })
    }
  }
  return reached
}

/** The role in which a relation leads on to an object, if it does. */
const step = (
  from: Reached,
  { type: relation, outgoing }: Link,
  { id, type }: StixObject,
  { sole, origins }: { readonly sole: boolean; readonly origins: ReadonlySet<string> },
): Role | undefined => {
  if (seedTypes.has(type) || containerTypes.has(type)) return undefined
  const attributed = relation === 'attributed-to' && outgoing && (actorTypes.has(type) || type === 'identity')
  switch (from.role) {
    case 'seed':
      if (aimingRelations.has(relation)) return !outgoing ? undefined : type === 'location' ? 'target' : 'victim'
      if (type === 'location') return relation === 'related-to' && !origins.has(id) ? 'target' : undefined
      if (attributed) return 'actor'
      if (type === 'identity') return 'party'
      return partTypes.has(type) ? 'part' : undefined
    case 'part':
      if (aimingRelations.has(relation)) return outgoing && type === 'location' ? 'target' : undefined
      // Where a content was published need not be the campaign's: petitions stand on public sites.
      if (contentTypes.has(from.object.type))
        return assetTypes.has(type) && owningRelations.has(relation) ? 'part' : undefined
      // A technique's or a narrative's relatives are the vocabulary's, not the campaign's.
      if (type === from.object.type && !assetTypes.has(type)) return undefined
      return partTypes.has(type) ? 'part' : undefined
    case 'party':
      return owningRelations.has(relation) && (assetTypes.has(type) || contentTypes.has(type)) ? 'part' : undefined
    case 'actor':
      if (attributed) return 'actor'
      // An actor's other tools and aims are those of other campaigns, unless the report knows one campaign only.
      if (!sole || !outgoing) return undefined
      if (relation === 'targets' && type === 'location') return 'target'
      return relation === 'uses' && partTypes.has(type) ? 'part' : undefined
    case 'victim':
    case 'target':
      if (from.role === 'target' && placeOf(from.object)) return undefined
      return relation === 'located-at' && outgoing && type === 'location' ? 'target' : undefined
  }
}

// ─── The detection ───────────────────────────────────────────────────────────────────────────────────────────────────

/** What the pieces of a campaign amount to, with the keys of those that say something. */
type Gathered = {
  readonly telling: Set<string>
  readonly techniques: Map<string, Technique>
  readonly narratives: Map<string, Localised>
  readonly hashtags: Set<string>
  readonly indicators: Map<string, Indicator>
  readonly platforms: Set<string>
  readonly accountSets: { readonly id: string; readonly name: string; readonly size: Size }[]
  readonly actors: { readonly depth: number; readonly name: string }[]
  readonly placings: PlacingInput[]
  readonly archived: { readonly title: string; readonly url: string }[]
}

type Localised = Record<string, string>
type Size = { readonly value: number; readonly qualifier: 'exact' | 'at least' | 'about' }
type Technique = NonNullable<DetectionInput['techniques']>[number]
type Indicator = NonNullable<DetectionInput['indicators']>[number]
type Evidence = NonNullable<DetectionInput['evidence']>[number]
type PlacingInput = Exclude<NonNullable<DetectionInput['territories']>[number], string>

const recordOf = (seed: StixObject, web: Web, options: IntakeOptions): { record: IntakeRecord; used: Set<string> } => {
  const reached = gather(seed, web)
  const gathered = tellingOf(reached, web)
  const used = waysTo(gathered.telling, reached).add(seed.id)
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
  const shownReports = reports.filter((report) => fitsUnder(markingOf(report, web).marking, marking))
  for (const one of [...shownReports, ...containers, ...definitions, reportAuthor, ownAuthor]) if (one) used.add(one.id)

  const reject = (path: string, message: string) => ({
    record: { reject: rejectOf(written(seed), { file: options.file, id: seed.id, path, message }) },
    used,
  })
  const name = textOf(seed.name)
  if (name === undefined) return reject('name', `is missing: the ${seed.type} needs a name`)
  const observed = observedOf(seed) ?? options.observed
  if (!observed) return reject('observed', timeless(seed))

  const description = textOf(seed.description)
  const summary = description?.slice(0, longestText).replace(/[\uD800-\uDBFF]$/, '')
  if (summary !== description) web.note(`description cut at ${longestText} characters`, seed.id)
  const accountSet = gathered.accountSets.toSorted((a, b) => b.size.value - a.size.value || (a.id < b.id ? -1 : 1))[0]
  for (const { id } of gathered.accountSets) if (id !== accountSet?.id) web.note('further account set', id)
  const actors = [
    ...new Set(gathered.actors.toSorted((a, b) => b.depth - a.depth || compare(a.name, b.name)).map((a) => a.name)),
  ]
  const reliability = [seed, ...shownReports, author].map((one) => reliabilityOf(one)).find(Boolean)
  const placings = gathered.placings.length > 0 ? gathered.placings : (options.territories ?? []).map(byAnalyst)
  const input: DetectionInput = {
    id: seed.id,
    detector: { name: oneLine(author ? (nameOf(author) ?? '') : '', 128) || 'STIX' },
    kind: seed.type === 'campaign' ? 'campaign' : 'other',
    title: inLanguage(seed, name),
    ...(summary && { summary: inLanguage(seed, summary) }),
    ...(parent && { partOf: parent.campaign.id }),
    campaign: oneLine(parent ? (nameOf(parent.campaign) ?? name) : name),
    territories: placings,
    observed,
    platforms: [...gathered.platforms].sort(),
    ...(accountSet && { accountSet: { id: accountSet.id, name: accountSet.name, size: accountSet.size } }),
    ...(actors.length > 0 && {
      actor: {
        name: oneLine(actors.join(' / ')),
        attributedBy: oneLine((author && nameOf(author)) ?? baseName(options.file)),
      },
    }),
    techniques: sortedValues(gathered.techniques),
    narratives: sortedValues(gathered.narratives),
    hashtags: [...gathered.hashtags].sort(),
    indicators: sortedValues(gathered.indicators),
    evidence: evidenceOf(seed, shownReports, gathered),
    ...(typeof seed.confidence === 'number' && { confidence: confidenceOf(seed.confidence, ownAuthor ?? author, web) }),
    ...(reliability && { reliability }),
    marking,
    markingSource,
  }
  const result = readDetection(input)
  return 'refusal' in result
    ? reject(result.refusal.path, result.refusal.message)
    : { record: { detection: result.detection }, used }
}

/**
 * A detection that Vigie wrote itself: its extension says all of it, and the observables its indicators' values. What its
 * marking says is never less than what marks the object and the report around it.
 */
const ownRecordOf = (seed: StixObject, own: Record<string, unknown>, web: Web, options: IntakeOptions) => {
  const touching = (web.links.get(seed.id) ?? []).flatMap(({ relation, other }) => [relation.id, other])
  const used = new Set([seed.id, ...touching])
  for (const id of [...used]) {
    const object = web.objects.get(id)
    for (const ref of [object?.created_by_ref, ...textsOf(object?.object_marking_refs)])
      if (typeof ref === 'string' && web.objects.has(ref)) used.add(ref)
  }
  const { marking, by } = markingOf(seed, web)
  for (const one of [...reportsOf(seed, web), ...by, web.objects.get(vigieExtension)]) if (one) used.add(one.id)
  const indicators = recordsOf(own.indicators).flatMap(({ ref, ...indicator }) => {
    if (typeof ref !== 'string') return [indicator]
    const object = web.objects.get(ref)
    if (!object) {
      web.note('dangling reference', ref)
      return []
    }
    used.add(ref)
    return [{ ...indicator, value: object.value ?? object.account_login }]
  })
  const stated = own.marking === undefined ? [] : [closedMarking(own.marking)]
  const result = readDetection({ ...own, indicators, marking: strictest([marking, ...stated]) })
  const { file } = options
  return 'refusal' in result
    ? { record: { reject: rejectOf(written(seed), { file, id: seed.id, ...result.refusal }) }, used }
    : { record: { detection: result.detection }, used }
}

/** What Vigie's own extension says of an object. */
const ownWords = ({ extensions }: StixObject): Record<string, unknown> | undefined => {
  const own = isRecord(extensions) ? extensions[vigieExtension] : undefined
  return isRecord(own) ? own : undefined
}

/** Reads every reached object for what it says, and remembers which of them said something. */
const tellingOf = (reached: ReadonlyMap<string, Reached>, web: Web): Gathered => {
  const gathered: Gathered = {
    telling: new Set(),
    techniques: new Map(),
    narratives: new Map(),
    hashtags: new Set(),
    indicators: new Map(),
    platforms: new Set(),
    accountSets: [],
    actors: [],
    placings: [],
    archived: [],
  }
  const likely: { readonly placing: PlacingInput; readonly key: string }[] = []
  const outside: StixObject[] = []
  for (const [key, { object, role, depth, via }] of [...reached].sort(byKey)) {
    let tells = false
    if (role === 'part') tells = readPart(object, gathered, web)
    else if (role === 'actor') {
      const name = nameOf(object)
      if (name !== undefined) gathered.actors.push({ depth, name })
      tells = name !== undefined
    } else if (role === 'target') {
      const reading = placeOf(object)
      if (!reading) {
        if (via === undefined) outside.push(object)
        continue
      }
      if (reading.kind === 'likely') {
        likely.push({ placing: explicitly(reading.code, via ?? reading.via), key })
        continue
      }
      gathered.placings.push(...placingsOf(reading, via))
      tells = true
    }
    if (tells) gathered.telling.add(key)
  }
  // "Guyana" beside French territories is French Guiana; alone it is the country.
  if (gathered.placings.length > 0) {
    for (const { placing, key } of likely) {
      gathered.placings.push(placing)
      gathered.telling.add(key)
    }
  }
  // A town whose territory the source gives has led somewhere all the same.
  const led = new Set(gathered.placings.map(({ via }) => via))
  for (const object of outside) if (!led.has(nameOf(object))) web.note('place outside the territories', object.id)
  gathered.placings.sort((a, b) =>
    compare(JSON.stringify([a.code, a.method, a.via]), JSON.stringify([b.code, b.method, b.via])),
  )
  return gathered
}

/** Adds what a part says; false where it says nothing that a detection holds. */
const readPart = (object: StixObject, to: Gathered, web: Web): boolean => {
  switch (object.type) {
    case 'attack-pattern':
      return readTechnique(object, to)
    case 'narrative': {
      const name = nameOf(object)
      if (name !== undefined) to.narratives.set(name, inLanguage(object, name))
      return name !== undefined
    }
    case 'channel':
      return readChannel(object, to)
    case 'media-content':
    case 'text':
      return readContent(object, to, web)
    case 'url':
      return addAddress(object, textOf(object.value), to, web)
    case 'domain-name':
    case 'hostname':
      return addIndicator(object, 'domain', textOf(object.value), looksLikeHost, to, web)
    case 'ipv4-addr':
    case 'ipv6-addr':
      return addIndicator(object, 'ip', textOf(object.value), looksLikeIp, to, web)
    case 'email-addr':
      return addIndicator(object, 'email', textOf(object.value), (value) => /^\S+@\S+$/.test(value), to, web)
    case 'user-account': {
      const platform = textOf(object.account_type) && platformNamed(textOf(object.account_type) ?? '')
      if (platform) to.platforms.add(platform)
      const called = [object.account_login, object.user_id, object.display_name].map(textOf).find(Boolean)
      return addIndicator(object, 'account', called, () => true, to, web, platform) || platform !== undefined
    }
    default:
      return false
  }
}

/** `external_id` alone decides: OpenCTI writes "mitre-attack" as the source of DISARM's techniques. */
const readTechnique = (object: StixObject, to: Gathered): boolean => {
  const references = recordsOf(object.external_references).filter(({ external_id: id }) =>
    techniqueId.test(textOf(id) ?? ''),
  )
  const chains = recordsOf(object.kill_chain_phases).flatMap(({ kill_chain_name: chain }) => textOf(chain) ?? [])
  const isDisarm =
    chains.some((chain) => /^disarm\b/i.test(chain)) ||
    // The framework's own page is better evidence than the kill chain, which importers fill in with their default.
    references.some(({ url }) => /^https:\/\/github\.com\/DISARMFoundation\//i.test(textOf(url) ?? ''))
  const framework = isDisarm ? 'DISARM' : [...chains].sort()[0]
  const name = nameOf(object)
  for (const id of references.flatMap(({ external_id }) => textOf(external_id) ?? [])) {
    to.techniques.set(id, {
      id,
      ...(name && { name: oneLine(name) }),
      ...(framework && { framework: oneLine(framework) }),
    })
  }
  return references.length > 0
}

const techniqueId = /^T\d{4}(\.\d{3})?$/

const readChannel = (object: StixObject, to: Gathered): boolean => {
  const platforms = textsOf(object.channel_types).flatMap((type) => platformNamed(type) ?? [])
  for (const platform of platforms) to.platforms.add(platform)
  const name = nameOf(object) ?? ''
  const size = accountsIn(name)
  if (size) to.accountSets.push({ id: object.id, name: oneLine(name), size })
  return platforms.length > 0 || size !== undefined
}

/** "423 X accounts", "More than 1,200 Facebook accounts", "39 comptes": a number, at most three words, and accounts. */
const accountsIn = (name: string): Size | undefined => {
  const found =
    /^(at least|more than|over|au moins|plus de|about|around|environ|près de)?\s*(\d{1,3}(?:[ ,.\u00A0\u202F]\d{3})+|\d+)\s+(?:[\p{L}-]+\s+){0,3}?(?:accounts?|comptes?)(?:\s+[\p{L}-]+){0,2}$/iu.exec(
      name.trim(),
    )
  const value = Number(found?.[2]?.replace(/\D/g, ''))
  if (!found || !Number.isSafeInteger(value)) return undefined
  const said = found[1]?.toLowerCase()
  // "2024 election accounts" names a year.
  if (!said && /^(19|20)\d{2}$/.test(found[2] ?? '')) return undefined
  return { value, qualifier: !said ? 'exact' : /^(about|around|environ|près)/.test(said) ? 'about' : 'at least' }
}

/** Hashtags stand in `url`, `title`, `content` or `value` of what ought to be content; an archive's copy is evidence. */
const readContent = (object: StixObject, to: Gathered, web: Web): boolean => {
  const url = textOf(object.url)
  const title = textOf(object.title)
  const tags = [url, title, textOf(object.value)].flatMap((text) => hashtagsOf(text ?? ''))
  for (const tag of tags) to.hashtags.add(tag)
  if (tags.length > 0 || url === undefined) return tags.length > 0
  if (isArchive(url)) {
    to.archived.push({ title: title ?? url, url })
    return true
  }
  return addAddress(object, url, to, web)
}

const hashtagsOf = (text: string): string[] => {
  const words = text.trim().split(/\s+/)
  return words.every((word) => /^#[\p{L}\p{N}\p{M}_]+$/u.test(word)) ? words : []
}

const isArchive = (url: string): boolean =>
  /^https?:\/\/(?:(?:www\.)?perma\.cc|web\.archive\.org|archive\.(?:org|ph|today|is|md|li|fo|vn)|ghostarchive\.org)\//i.test(
    url,
  )

/** A URL, or a bare host, which is a domain whatever the source calls it; everything else is a placeholder. */
const addAddress = (object: StixObject, value: string | undefined, to: Gathered, web: Web): boolean =>
  value !== undefined && looksLikeHost(value)
    ? addIndicator(object, 'domain', value, looksLikeHost, to, web)
    : addIndicator(object, 'url', value, looksLikeUrl, to, web)

const addIndicator = (
  object: StixObject,
  type: Indicator['type'],
  value: string | undefined,
  fits: (value: string) => boolean,
  to: Gathered,
  web: Web,
  platform?: string,
): boolean => {
  if (value === undefined || !fits(value)) {
    web.note('placeholder address', object.id)
    return false
  }
  if (value.length > 4096 || /\p{C}|\p{Zl}|\p{Zp}/u.test(value)) {
    web.note('unreadable indicator', object.id)
    return false
  }
  const key = JSON.stringify([type, value, platform ?? ''])
  to.indicators.set(key, { type, value, ...(platform && { note: platform }) })
  return true
}

// Sources defang in part: the brackets are read as what they stand for, and kept as they are written.
const unbracketed = (text: string): string => text.replace(/\[(\.|:\/\/|@|:)\]/g, '$1')
const looksLikeHost = (text: string): boolean =>
  /^(?:\*\.)?(?:[\p{L}\p{N}_](?:[\p{L}\p{N}\p{M}_-]*[\p{L}\p{N}\p{M}])?\.)+(?:\p{L}[\p{L}\p{N}\p{M}-]+)\.?$/u.test(
    unbracketed(text),
  )
const looksLikeIp = (text: string): boolean => isIP(unbracketed(text).replace(/\/\d{1,3}$/, '')) > 0
const looksLikeUrl = (text: string): boolean => {
  const plain = unbracketed(text).replace(/^\[(\w+)\]:/, '$1:')
  return (
    /^(?:https?|hxxps?|ftp|tg):\/\/[^\s/]+\S*$/i.test(plain) ||
    (/^[^\s/]+\/\S*$/.test(plain) &&
      (looksLikeHost(plain.split('/')[0] ?? '') || looksLikeIp(plain.split('/')[0] ?? '')))
  )
}

const platforms: ReadonlyMap<string, string> = new Map([
  ...[
    'X',
    'Facebook',
    'Instagram',
    'Telegram',
    'TikTok',
    'YouTube',
    'VK',
    'Threads',
    'Reddit',
    'LinkedIn',
    'WhatsApp',
  ].map((name) => [name.toLowerCase(), name] as const),
  ['twitter', 'X'],
  ['vkontakte', 'VK'],
])

const platformNamed = (type: string): string | undefined =>
  platforms.get(type.trim().toLowerCase()) ?? (oneLine(type) || undefined)

const placeOf = (object: StixObject): PlaceReading | undefined =>
  readPlace({
    name: nameOf(object),
    aliases: [...textsOf(object.x_opencti_aliases), ...textsOf(object.aliases)],
    country: textOf(object.country),
    area: textOf(object.administrative_area),
    region: textOf(object.region),
  })

const placingsOf = (reading: PlaceReading, victim: string | undefined): PlacingInput[] =>
  reading.kind === 'group'
    ? reading.codes.map((code) => ({ code, method: 'group', via: oneLine(reading.via) }))
    : [explicitly(reading.code, victim ?? reading.via)]

const explicitly = (code: PlacingInput['code'], via: string | undefined): PlacingInput => ({
  code,
  method: 'explicit',
  ...(via && { via: oneLine(via) }),
})

const byAnalyst = (code: PlacingInput['code']): PlacingInput => ({ code, method: 'analyst' })

const evidenceOf = (seed: StixObject, reports: readonly StixObject[], { archived }: Gathered): Evidence[] => {
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
    ...archived.map(({ title, url }) => ({
      label: title,
      ...(looksLikeUrl(title) && { url: title }),
      archiveUrl: url,
    })),
  ]
  return [...new Map(found.map((one) => [JSON.stringify(one), one] as const)).entries()]
    .sort(byKey)
    .map(([, one]) => one)
}

const webAddress = (value: unknown): string | undefined => {
  const text = textOf(value)
  return text && /^https?:\/\/[^\s\p{C}]+$/iu.test(text) && text.length <= 4096 ? text : undefined
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

/** How reliable a source is, is said of the campaign, its report or their author; of other identities it says nothing here. */
const reliabilityOf = (object: StixObject | undefined): DetectionInput['reliability'] =>
  /^([A-F])\b/.exec(textOf(object?.x_opencti_reliability) ?? '')?.[1] as DetectionInput['reliability']

// ─── Times ───────────────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * The campaign's own first and last sighting. A report's `published` and a relation's start and stop are dates of entry.
 * STIX has no days: where all ends lie on midnight UTC, somebody entered days.
 */
const observedOf = (seed: StixObject): DetectionInput['observed'] | undefined => {
  const created = instantOf(seed.created)
  const first = sighting(seed.first_seen)
  if (first === undefined || (created !== undefined && Math.abs(first - created) < dataEntryMs)) return undefined
  const last = sighting(seed.last_seen) ?? first
  const inDays = [first, last].every((instant) => instant % 86_400_000 === 0)
  const [from, to] = [first, last].map((instant) => new Date(instant).toISOString().slice(0, inDays ? 10 : undefined))
  return { from: from ?? '', to: to ?? '' }
}

/** An instant in the years in which somebody can have seen something: OpenCTI fills in 1970 and 5138. */
const sighting = (value: unknown): number | undefined => {
  const instant = instantOf(value)
  const year = instant === undefined ? 0 : new Date(instant).getUTCFullYear()
  return year > 1970 && year < 5000 ? instant : undefined
}

const timeless = ({ type, first_seen: first }: StixObject): string => {
  const given = textOf(first)
  const why =
    given === undefined ? '' : ` (its first_seen, ${given}, is no sighting but a default or the moment of entry)`
  return `this ${type} has no observation time${why}: the dates in the file are dates of data entry; state it with --observed FROM..TO, as in --observed 2023-09..2024-02`
}

const instantOf = (value: unknown): number | undefined => {
  const instant = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) ? Date.parse(value) : Number.NaN
  return Number.isNaN(instant) ? undefined : instant
}

// ─── Markings ────────────────────────────────────────────────────────────────────────────────────────────────────────

type MarkingSource = 'stated' | 'container' | 'default'

type Marked = {
  readonly marking: Marking
  readonly source: MarkingSource
  /** The containers and the marking definitions that said so. */
  readonly by: readonly StixObject[]
}

/** TLP 1 and TLP 2.0 of OASIS, and the id that OpenCTI gives to AMBER+STRICT. */
const knownMarkings: ReadonlyMap<string, Marking> = new Map(
  (
    [
      ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'TLP:CLEAR'], // TLP 1's WHITE
      ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'TLP:GREEN'],
      ['f88d31f6-486f-44da-b317-01333bde0b82', 'TLP:AMBER'],
      ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'TLP:RED'],
      ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'TLP:CLEAR'],
      ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'TLP:GREEN'],
      ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'TLP:AMBER'],
      ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'TLP:AMBER+STRICT'],
      ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'TLP:RED'],
      ['826578e1-40ad-459f-bc73-ede076f81f37', 'TLP:AMBER+STRICT'],
    ] as const
  ).map(([uuid, marking]) => [`marking-definition--${uuid}`, marking]),
)

const tlp2Extension = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d'

/**
 * The strictest marking of all that a detection shows or stands on, so that it is never under-marked.
 * An author is named as the publisher: it counts where it carries a marking itself.
 */
const markingOfAll = (
  seed: StixObject,
  used: ReadonlySet<string>,
  authors: readonly (StixObject | undefined)[],
  web: Web,
) => {
  const all = [...used].flatMap((id) => {
    const object = web.objects.get(id)
    return object ? [markingOf(object, web)] : []
  })
  for (const author of authors) {
    const marked = author && markingOf(author, web)
    if (marked?.source === 'stated') all.push(marked)
  }
  const marking = strictest(all.map((one) => one.marking))
  // The campaign's own reason, unless something stricter was folded into it.
  const own = markingOf(seed, web)
  const reasons = own.marking === marking ? [own] : all.filter((one) => one.marking === marking)
  const source = (['stated', 'container', 'default'] as const).find((s) => reasons.some((one) => one.source === s))
  const by = all.flatMap((one) => one.by)
  return {
    marking,
    source: source ?? 'default',
    containers: by.filter(({ type }) => containerTypes.has(type)),
    definitions: by.filter(({ type }) => type === 'marking-definition'),
  }
}

/** An object's own marking, else that of the containers that hold it, else AMBER; never below its granular markings. */
const markingOf = (object: StixObject, web: Web): Marked => {
  const base: Marked = markedBy(object.object_marking_refs, object, web) ??
    inherited(object, web) ?? { marking: 'TLP:AMBER', source: 'default', by: [] }
  // A granular entry without a reference states a language.
  const granular = recordsOf(object.granular_markings).filter(
    ({ marking_ref: ref, lang }) => ref !== undefined || lang === undefined,
  )
  const stricter =
    granular.length > 0 &&
    markedBy(
      granular.map(({ marking_ref: ref }) => ref),
      object,
      web,
    )
  if (!stricter || fitsUnder(stricter.marking, base.marking)) return base
  return { ...stricter, by: [...stricter.by, ...base.by] }
}

const inherited = (object: StixObject, web: Web): Marked | undefined => {
  const found: Marking[] = []
  const by: StixObject[] = []
  for (const container of web.containers.get(object.id) ?? []) {
    const marking = web.handed.get(container.id)
    if (!marking) continue
    found.push(marking)
    by.push(container, ...(markedBy(container.object_marking_refs, container, web)?.by ?? []))
  }
  return found.length > 0 ? { marking: strictest(found), source: 'container', by } : undefined
}

/** Each container hands on its own marking, and one without hands on the strictest that it is handed: also in circles. */
const handOnMarkings = (web: Web): void => {
  const pending: StixObject[] = []
  for (const object of web.objects.values()) {
    const own = containerTypes.has(object.type) && markedBy(object.object_marking_refs, object, web)
    if (!own) continue
    web.handed.set(object.id, own.marking)
    pending.push(object)
  }
  const ownMarks = new Set(web.handed.keys())
  for (const outer of pending) {
    for (const ref of textsOf(outer.object_refs)) {
      const inner = web.objects.get(ref)
      if (!inner || !containerTypes.has(inner.type) || ownMarks.has(ref)) continue
      const before = web.handed.get(ref)
      const after = strictest([outer, inner].flatMap(({ id }) => web.handed.get(id) ?? []))
      if (after === before) continue
      web.handed.set(ref, after)
      pending.push(inner)
    }
  }
}

/** The strictest TLP that marking references mean, or undefined where none of them is about TLP. */
const markedBy = (refs: unknown, object: StixObject, web: Web): Marked | undefined => {
  if (refs === undefined) return undefined
  const found: Marking[] = []
  const by: StixObject[] = []
  for (const ref of Array.isArray(refs) ? refs : [refs]) {
    const id = typeof ref === 'string' ? ref : ''
    const definition = web.objects.get(id)
    const said = [knownMarkings.get(id), definition && tlpOf(definition)].filter((one) => one !== undefined)
    if (definition) by.push(definition)
    // What cannot be looked up might be anything: closed.
    if (said.length === 0 && !definition) {
      web.note('marking that is not in the file, closed to TLP:RED', id || object.id)
      found.push('TLP:RED')
    }
    found.push(...said)
  }
  return found.length > 0 ? { marking: strictest(found), source: 'stated', by } : undefined
}

/** The TLP of a marking definition; undefined for licences and other statements, and for PAP, which is no TLP; else RED. */
const tlpOf = (definition: StixObject): Marking | undefined => {
  const inner = isRecord(definition.definition) ? definition.definition : {}
  const extensions = isRecord(definition.extensions) ? definition.extensions : {}
  const extension = isRecord(extensions[tlp2Extension]) ? extensions[tlp2Extension] : {}
  const labels = [definition.name, definition.x_opencti_definition, inner.statement].filter((label) =>
    /^\s*TLP\b/i.test(textOf(label) ?? ''),
  )
  const said = [inner.tlp, extension.tlp_2_0, ...labels].filter((one) => one !== undefined)
  if (said.length > 0) return strictest(said.map((one) => closedMarking(typeof one === 'string' ? labelOf(one) : one)))
  const kind = (textOf(definition.x_opencti_definition_type) ?? textOf(definition.definition_type) ?? '').toLowerCase()
  return kind === 'statement' || kind === 'pap' ? undefined : 'TLP:RED'
}

/** "TLP: amber strict" as TLP 2.0 writes it. */
const labelOf = (text: string): string =>
  text
    .trim()
    .replace(/^TLP[\s:_-]*/i, '')
    .replace(/^amber[\s_+-]+strict$/i, 'AMBER+STRICT')

// ─── Small readers ───────────────────────────────────────────────────────────────────────────────────────────────────

/** Ids on the shortest ways from the campaign to the objects that say something, relations included. */
const waysTo = (telling: ReadonlySet<string>, reached: ReadonlyMap<string, Reached>): Set<string> => {
  const used = new Set<string>()
  const walked = new Set<string>()
  const pending = [...telling]
  for (let key = pending.pop(); key !== undefined; key = pending.pop()) {
    const one = reached.get(key)
    if (!one || walked.has(key)) continue
    walked.add(key)
    used.add(one.object.id)
    for (const { from, relation } of one.ways) {
      used.add(relation.id)
      pending.push(from)
    }
  }
  return used
}

/** The campaign of which an incident is said to be a part. */
const parentOf = (incident: StixObject, web: Web): { campaign: StixObject; relation: StixObject } | undefined => {
  const found = (web.links.get(incident.id) ?? []).flatMap(({ relation, type, other, outgoing }) => {
    const campaign = web.objects.get(other)
    const belongs = outgoing && (type === 'attributed-to' || type === 'part-of')
    return belongs && campaign?.type === 'campaign' ? [{ campaign, relation }] : []
  })
  return found.sort((a, b) => byId(a.campaign, b.campaign))[0]
}

const reportsOf = (seed: StixObject, web: Web): StixObject[] =>
  (web.containers.get(seed.id) ?? []).filter(({ type }) => type === 'report' || type === 'grouping')

const authorOf = (object: StixObject, web: Web): StixObject | undefined => {
  const author = web.objects.get(textOf(object.created_by_ref) ?? '')
  return author && nameOf(author) ? author : undefined
}

const keyOf = ({ role, object }: Reached): string => `${role} ${object.id}`
const typeOf = (id: string): string => id.slice(0, id.indexOf('--'))
const nameOf = (object: StixObject): string | undefined => textOf(object.name)
const baseName = (path: string): string => path.split(/[\\/]/).at(-1) || path

/** STIX: English unless `lang` says otherwise. */
const inLanguage = ({ lang }: StixObject, text: string): Localised => {
  const language = textOf(lang) ?? ''
  return { [/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language) ? language : 'en']: text }
}

/** A name on one line without control characters, cut where it is longer than a name. */
const oneLine = (text: string, longest = 300): string => {
  const line = text.replace(/\s+/g, ' ').replace(/\p{C}/gu, '').trim()
  const characters = [...line]
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`
}

const textOf = (value: unknown): string | undefined => {
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? undefined : text
}

const textsOf = (value: unknown): string[] => (Array.isArray(value) ? value.flatMap((one) => textOf(one) ?? []) : [])

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const recordsOf = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.filter(isRecord) : [])

/** The JSON of what was read: a bundle's objects have no lines of their own. */
const written = (value: unknown): string => {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) return '(nested too deeply to be written again)'
    throw error
  }
}

const append = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const byId = (a: { readonly id: string }, b: { readonly id: string }): number => compare(a.id, b.id)
const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]): number => compare(a[0], b[0])
const sortedValues = <T>(map: ReadonlyMap<string, T>): T[] => [...map].sort(byKey).map(([, value]) => value)

const countByType = (objects: readonly StixObject[]): Record<string, number> => {
  const counts = new Map<string, number>()
  for (const { type } of objects) counts.set(type, (counts.get(type) ?? 0) + 1)
  return Object.fromEntries([...counts].sort(byKey))
}
