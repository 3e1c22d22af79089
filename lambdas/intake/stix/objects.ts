import type { Fault } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { isRecord } from '../../domain/core/text/parse-json.ts'

export type StixObject = { readonly id: string; readonly type: string; readonly [field: string]: unknown }

export type Relation = {
  readonly relation: StixObject
  readonly type: string
  readonly other: string
  readonly outgoing: boolean
}

/** The bundle as a graph, without revoked objects. */
export type Web = {
  readonly objects: ReadonlyMap<string, StixObject>
  readonly links: ReadonlyMap<string, readonly Relation[]>
  readonly containers: ReadonlyMap<string, readonly StixObject[]>
  /** Marking that a container passes to its objects, by container id. */
  readonly handed: Map<string, Marking>
  readonly seedCounts: ReadonlyMap<string, number>
  readonly seedsOf: ReadonlyMap<string, ReadonlySet<string>>
  /** Locations of actors and organisations. */
  readonly origins: ReadonlySet<string>
  /** The platform's default confidence, where the bundle reveals one. */
  readonly defaultConfidence: number | undefined
  note(what: Fault, id: string): void
}

// An OpenCTI `event` is an occasion (election, riot) that campaigns target: no detection, but it leads to a place.
export const seedTypes: ReadonlySet<string> = new Set(['campaign', 'incident'])

export const containerTypes: ReadonlySet<string> = new Set(['report', 'grouping', 'observed-data'])
export const actorTypes: ReadonlySet<string> = new Set(['intrusion-set', 'threat-actor'])
export const contentTypes: ReadonlySet<string> = new Set(['media-content', 'text'])

export const assetTypes: ReadonlySet<string> = new Set([
  'channel',
  'infrastructure',
  'url',
  'domain-name',
  'hostname',
  'ipv4-addr',
  'ipv6-addr',
  'email-addr',
  'user-account',
  'persona',
  'file',
  'x509-certificate',
  'autonomous-system',
  'cryptocurrency-wallet',
  'indicator',
  'x-misp-attribute',
  'x-misp-galaxy-cluster',
  'x-misp-object',
])

export const partTypes: ReadonlySet<string> = new Set(['attack-pattern', 'narrative', ...contentTypes, ...assetTypes])
export const aimingRelations: ReadonlySet<string> = new Set(['targets', 'impersonates', 'compromises'])
export const owningRelations: ReadonlySet<string> = new Set([
  'belongs-to',
  'owns',
  'controls',
  'authored-by',
  'publishes',
])
export const originRelations: ReadonlySet<string> = new Set(['located-at', 'originates-from'])

export type Localised = Record<string, string>

/** Returns milliseconds since 1970; undefined for invalid timestamps or days that do not exist. */
export const instantOf = (value: unknown): number | undefined => {
  const [, day] = /^(\d{4}-\d{2}-\d{2})T/.exec(String(value)) ?? []
  const instant = day === undefined ? Number.NaN : Date.parse(String(value))
  // The parser reads 30 February as 1 March.
  if (Number.isNaN(instant) || new Date(`${day}T00:00Z`).toISOString().slice(0, 10) !== day) return undefined
  return instant
}

export const reportsOf = (seed: StixObject, web: Web): StixObject[] =>
  (web.containers.get(seed.id) ?? []).filter(({ type }) => type === 'report' || type === 'grouping')

/** The objects of a report or grouping, through the containers inside. */
export const heldBy = (container: StixObject, web: Web): ReadonlySet<StixObject> => {
  const held = new Set([container])
  for (const { type, object_refs: refs } of held)
    for (const ref of containerTypes.has(type) ? textsOf(refs) : []) held.add(web.objects.get(ref) ?? container)
  return held
}

export const authorOf = (object: StixObject, web: Web): StixObject | undefined => {
  const author = web.objects.get(textOf(object.created_by_ref) ?? '')
  return author && nameOf(author) ? author : undefined
}

export const typeOf = (id: string): string => id.slice(0, id.indexOf('--'))
export const nameOf = (object: StixObject): string | undefined => textOf(object.name)
export const baseName = (path: string): string => path.split(/[\\/]/).at(-1) || path

/** STIX: the default `lang` is English. */
export const inLanguage = ({ lang }: StixObject, text: string): Localised => {
  const language = textOf(lang) ?? ''
  return { [/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/.test(language) ? language : 'en']: text }
}

/** STIX and MISP have no days: if both ends are midnight UTC, days were entered. */
export const spanOf = (first: number, last: number): { readonly from: string; readonly to: string } => {
  const inDays = [first, last].every((instant) => instant % 86_400_000 === 0)
  const [from = '', to = ''] = [first, last].map((at) => new Date(at).toISOString().slice(0, inDays ? 10 : undefined))
  return { from, to }
}

export const hashtagsOf = (text: string): string[] => {
  const words = text.trim().split(/\s+/)
  return words.every((word) => /^#[\p{L}\p{N}\p{M}_]+$/u.test(word)) ? words : []
}

export const webAddress = (value: unknown): string | undefined => {
  const text = textOf(value)
  return text && /^https?:\/\/[^\s\p{C}]+$/iu.test(text) && text.length <= 4096 ? text : undefined
}

export const textOf = (value: unknown): string | undefined => {
  const text = typeof value === 'string' ? value.trim() : ''
  return text === '' ? undefined : text
}

export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.flatMap((one) => textOf(one) ?? []) : []

export const recordsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : []

export const written = (value: unknown): string => {
  try {
    return JSON.stringify(value)
  } catch (error) {
    if (error instanceof RangeError) return '(nested too deeply to be written again)'
    throw error
  }
}

export const append = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
export const byId = (a: { readonly id: string }, b: { readonly id: string }): number => compare(a.id, b.id)
export const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]): number => compare(a[0], b[0])
export const sortedValues = <T>(map: ReadonlyMap<string, T>): T[] => [...map].sort(byKey).map(([, value]) => value)
