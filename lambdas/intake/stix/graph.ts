import { fault } from '../../domain/core/fault.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { type PlaceReading, readPlace } from '../../domain/detection/gazetteer.ts'
import { handOnMarkings } from './markings.ts'
import {
  actorTypes,
  aimingRelations,
  append,
  assetTypes,
  byId,
  containerTypes,
  contentTypes,
  heldBy,
  nameOf,
  originRelations,
  owningRelations,
  partTypes,
  type Relation,
  reportsOf,
  type StixObject,
  seedTypes,
  textOf,
  textsOf,
  typeOf,
  type Web,
} from './objects.ts'

/**
 * `part`: a component of the campaign. `party`: a participating organisation. `target`: a place aimed at. `victim`: the
 * person or thing aimed at. `impersonated`: an identity that a part takes.
 */
type Role = 'seed' | 'part' | 'party' | 'actor' | 'target' | 'victim' | 'impersonated'

export type Reached = {
  readonly object: StixObject
  readonly role: Role
  readonly depth: number
  /** Name of the place or victim that led to this place. */
  readonly via?: string
  readonly ways: { readonly from: string; readonly relation: StixObject }[]
}

/** Three steps reach a technique's accounts through a domain. Beyond, everything is related. */
const furthest = 3

/** @param isSeed by default every campaign and incident */
export const webOf = (
  objects: ReadonlyMap<string, StixObject>,
  note: Web['note'],
  isSeed = (id: string) => seedTypes.has(typeOf(id)),
): Web => {
  const links = new Map<string, Relation[]>()
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
      seedCounts.set(object.id, [...refs].filter((ref) => isSeed(ref) && objects.has(ref)).length)
      for (const ref of refs) {
        if (objects.has(ref)) append(containers, ref, object)
        else note(fault('stix.danglingReference'), ref)
      }
    }
    if (object.type !== 'relationship') continue
    const { source_ref: source, target_ref: target, relationship_type: type } = object
    if (typeof source !== 'string' || typeof target !== 'string' || typeof type !== 'string') continue
    for (const ref of [source, target]) if (!objects.has(ref)) note(fault('stix.danglingReference'), ref)
    if (!objects.has(source) || !objects.has(target)) continue
    append(links, source, { relation: object, type, other: target, outgoing: true })
    append(links, target, { relation: object, type, other: source, outgoing: false })
    if (originRelations.has(type) && /^(intrusion-set|threat-actor|identity|campaign)--/.test(source))
      origins.add(target)
    for (const [seed, other] of [
      [source, target],
      [target, source],
    ] as const) {
      if (isSeed(seed)) seedsOf.set(other, (seedsOf.get(other) ?? new Set()).add(seed))
    }
  }
  const stated = [...confidences.values()].reduce((sum, count) => sum + count, 0)
  const filledIn = [75, 100].find((value) => (confidences.get(value) ?? 0) * 2 > stated)
  const graph = { objects, links, containers, seedCounts, seedsOf, origins, defaultConfidence: filledIn }
  const web: Web = { ...graph, handed: new Map(), note }
  handOnMarkings(web)
  return web
}

/** Returns all objects that a campaign reaches, by role and id: breadth first, deterministic. */
export const gather = (seed: StixObject, web: Web): Map<string, Reached> => {
  const isContainer = containerTypes.has(seed.type)
  const reports = isContainer ? [] : reportsOf(seed, web)
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
      if (known.depth === next.depth) pushAll(known.ways, next.ways)
      return
    }
    reached.set(keyOf(next), next)
    queue.push(next)
  }
  // Parts in a report about one campaign belong to it, unless to a victim, another campaign, an outside owner or a site
  // that only publishes: petitions are on public sites.
  for (const report of alone) {
    for (const ref of textsOf(report.object_refs)) {
      const object = web.objects.get(ref)
      if (!object) continue
      const isTarget = object.type === 'location' && !web.links.has(ref)
      const isOthers = victims.has(ref) || isOutside(object, web) || web.seedsOf.get(ref)?.has(seed.id) === false
      const isPart = partTypes.has(object.type) && !isOthers
      if (isTarget || isPart) reach({ object, role: isTarget ? 'target' : 'part', depth: 1, ways: [] })
    }
  }
  for (const object of isContainer ? heldBy(seed, web) : []) {
    const isTarget = object.type === 'location' && !web.origins.has(object.id)
    const role = isTarget ? 'target' : actorTypes.has(object.type) ? 'actor' : partTypes.has(object.type) && 'part'
    if (role) reach({ object, role, depth: 1, ways: [] })
  }
  for (const from of queue) {
    if (from.depth >= furthest) continue
    const touching = web.seedsOf.get(from.object.id)?.size ?? 0
    // Objects shared by several campaigns lead to others whose campaign is uncertain.
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

/**
 * Returns whether the bundle describes a campaign beyond shared objects, or has a report about it alone. OpenCTI also
 * exports campaigns that a report only mentions.
 */
export const isDescribed = (seed: StixObject, web: Web): boolean =>
  reportsOf(seed, web).some(({ id }) => web.seedCounts.get(id) === 1) ||
  (web.links.get(seed.id) ?? []).some(({ type, other, outgoing }) => {
    const kind = typeOf(other)
    if (!outgoing && seedTypes.has(kind)) return type === 'attributed-to' || type === 'part-of'
    return (
      (outgoing && (aimingRelations.has(type) || type === 'attributed-to')) ||
      ['attack-pattern', 'narrative', 'location', ...contentTypes].includes(kind)
    )
  })

/** Owned by a person or organisation, or a site that only publishes. */
export const isOutside = ({ id, type: kind }: StixObject, { links }: Web): boolean => {
  const all = links.get(id) ?? []
  const isOwned = all.some(({ type, other }) => typeOf(other) === 'identity' && owningRelations.has(type))
  const publishes = all.every(({ type, other }) => contentTypes.has(typeOf(other)) && !owningRelations.has(type))
  return isOwned || (assetTypes.has(kind) && all.length > 0 && publishes)
}

const step = (
  from: Reached,
  { type: relation, outgoing }: Relation,
  { id, type, identity_class: identityClass }: StixObject,
  { sole, origins }: { readonly sole: boolean; readonly origins: ReadonlySet<string> },
): Role | undefined => {
  if (seedTypes.has(type) || containerTypes.has(type)) return undefined
  const isNamed = actorTypes.has(type) || (type === 'identity' && identityClass !== 'individual')
  const attributed = relation === 'attributed-to' && outgoing && isNamed
  switch (from.role) {
    case 'seed':
      if (aimingRelations.has(relation)) return !outgoing ? undefined : type === 'location' ? 'target' : 'victim'
      if (type === 'location') return relation === 'related-to' && !origins.has(id) ? 'target' : undefined
      if (attributed) return 'actor'
      if (type === 'identity') return 'party'
      return partTypes.has(type) ? 'part' : undefined
    case 'part':
      if (relation === 'impersonates') return outgoing && type === 'identity' ? 'impersonated' : undefined
      if (aimingRelations.has(relation)) return outgoing && type === 'location' ? 'target' : undefined
      // A site that only publishes need not belong to the campaign.
      if (contentTypes.has(from.object.type))
        return assetTypes.has(type) && owningRelations.has(relation) ? 'part' : undefined
      // Relatives of a technique or narrative belong to the vocabulary, not the campaign.
      if (type === from.object.type && !assetTypes.has(type)) return undefined
      return partTypes.has(type) ? 'part' : undefined
    case 'party':
      return owningRelations.has(relation) && (assetTypes.has(type) || contentTypes.has(type)) ? 'part' : undefined
    case 'impersonated':
      return undefined
    case 'actor':
      if (attributed) return 'actor'
      // An actor's other tools and aims belong to other campaigns, unless the report has only one.
      if (!sole || !outgoing) return undefined
      if (relation === 'targets' && type === 'location') return 'target'
      return relation === 'uses' && partTypes.has(type) ? 'part' : undefined
    case 'victim':
    case 'target':
      if (from.role === 'target' && settles(placeOf(from.object))) return undefined
      return relation === 'located-at' && outgoing && type === 'location' ? 'target' : undefined
  }
}

/** For a town, the source's own location takes precedence over the gazetteer. */
const settles = (reading: PlaceReading | undefined): boolean => reading !== undefined && reading.kind !== 'town'

export const placeOf = (object: StixObject): PlaceReading | undefined =>
  readPlace({
    name: nameOf(object),
    aliases: [...textsOf(object.x_opencti_aliases), ...textsOf(object.aliases)],
    country: textOf(object.country),
    area: textOf(object.administrative_area),
    region: textOf(object.region),
  })

export const waysTo = (informative: Iterable<string>, reached: ReadonlyMap<string, Reached>): Set<string> => {
  const used = new Set<string>()
  const walked = new Set<string>()
  const pending = [...informative]
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

export const parentOf = (
  incident: StixObject,
  web: Web,
): { campaign: StixObject; relation: StixObject } | undefined => {
  const found = (web.links.get(incident.id) ?? []).flatMap(({ relation, type, other, outgoing }) => {
    const campaign = web.objects.get(other)
    const belongs = outgoing && (type === 'attributed-to' || type === 'part-of')
    return belongs && campaign?.type === 'campaign' ? [{ campaign, relation }] : []
  })
  return found.sort((a, b) => byId(a.campaign, b.campaign))[0]
}

const keyOf = ({ role, object }: Reached): string => `${role} ${object.id}`
