import { fault } from '../../domain/core/fault.ts'
import { pushAll } from '../../domain/core/lists.ts'
import { isRecord } from '../../domain/core/text/parse-json.ts'
import { foundBy, type PlaceReading } from '../../domain/detection/gazetteer.ts'
import { identityClasses, mayBeNamed } from '../../domain/detection/impersonated.ts'
import { addressOf, looksLikeHost, looksLikeIp, looksLikeUrl } from '../record/addresses.ts'
import { platformsIn } from '../record/platforms.ts'
import { profileName } from '../record/profiles.ts'
import type { IntakeOptions } from '../record/record.ts'
import { oneLine } from '../text/one-line.ts'
import {
  type Gathered,
  type Indicator,
  type KeptAs,
  nothingGathered,
  type Size,
  type TerritoryAssignmentInput,
} from './gathered.ts'
import { placeOf, type Reached } from './graph.ts'
import { readCustom } from './misp-attributes.ts'
import {
  byKey,
  compare,
  hashtagsOf,
  inLanguage,
  nameOf,
  recordsOf,
  type StixObject,
  textOf,
  textsOf,
  typeOf,
  type Web,
} from './objects.ts'

type Pseudonym = IntakeOptions['pseudonym']

export const gatherFacts = (reached: ReadonlyMap<string, Reached>, web: Web, pseudonym: Pseudonym): Gathered => {
  const gathered = nothingGathered()
  const likely: { readonly placings: readonly TerritoryAssignmentInput[]; readonly key: string }[] = []
  const outside: StixObject[] = []
  for (const [key, { object, role, depth, via, ways }] of [...reached].sort(byKey)) {
    let kept: KeptAs | undefined
    if (role === 'part') kept = readPart(object, gathered, web, pseudonym)
    else if (role === 'impersonated' || (role === 'victim' && ways.some(isTaking))) kept = readTaken(object, gathered)
    else if (role === 'actor') {
      const name = nameOf(object)
      const to = object.type === 'intrusion-set' ? gathered.modiOperandi : gathered.actors
      if (name !== undefined) to.push({ depth, name, object })
      kept = name === undefined ? undefined : 'actor'
    } else if (role === 'target') {
      const reading = placeOf(object)
      if (!reading || (reading.kind === 'town' && liesSomewhere(object, web))) {
        if (via === undefined) outside.push(object)
        continue
      }
      const placings = placingsOf(reading, via)
      if (reading.kind === 'likely') {
        likely.push({ placings, key })
        continue
      }
      pushAll(gathered.placings, placings)
      kept = 'territory'
    }
    if (kept) gathered.informative.set(key, kept)
  }
  // "Guyana" together with French territories is French Guiana; alone it is the country.
  if (gathered.placings.length > 0) {
    for (const { placings, key } of likely) {
      pushAll(gathered.placings, placings)
      gathered.informative.set(key, 'territory')
    }
  }
  // A town whose territory the source gives is not reported as outside.
  const led = new Set(gathered.placings.map(({ via }) => via))
  for (const object of outside) if (!led.has(nameOf(object))) web.note(fault('stix.placeOutside'), object.id)
  gathered.placings.sort((a, b) =>
    compare(JSON.stringify([a.code, a.method, a.via]), JSON.stringify([b.code, b.method, b.via])),
  )
  return gathered
}

const isTaking = ({ relation }: Reached['ways'][number]): boolean => relation.relationship_type === 'impersonates'

/** Names of persons are not ingested; roles are. */
const readTaken = (object: StixObject, { impersonated }: Gathered): KeptAs | undefined => {
  if (object.type !== 'identity') return undefined
  const identityClass = textOf(object.identity_class)?.toLowerCase()
  const kind = identityClasses.find((one) => one === identityClass) ?? 'unknown'
  const name = nameOf(object)
  if (mayBeNamed(kind)) {
    if (name !== undefined) impersonated.set(object.id, { class: kind, name: inLanguage(object, oneLine(name)) })
    return name === undefined ? undefined : 'impersonated'
  }
  const role = textsOf(object.roles).map((one) => oneLine(one))[0]
  impersonated.set(object.id, { class: kind, ...(role && { role: inLanguage(object, role) }) })
  return 'impersonated'
}

const readPart = (object: StixObject, to: Gathered, web: Web, pseudonym: Pseudonym): KeptAs | undefined => {
  switch (object.type) {
    case 'attack-pattern':
      return readTechnique(object, to)
    case 'narrative': {
      const name = nameOf(object)
      if (name !== undefined) to.narratives.set(name, inLanguage(object, name))
      return name === undefined ? undefined : 'narrative'
    }
    case 'channel':
      return readChannel(object, to, web, pseudonym)
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
      const platform = oneLine(textOf(object.account_type) ?? '') || undefined
      if (platform) to.platforms.add(platform)
      const called = [object.account_login, object.user_id, object.display_name].map(textOf).find(Boolean)
      return addAccount(object, called, to, web, pseudonym, platform) ?? (platform ? 'detail' : undefined)
    }
    case 'persona':
      return addAccount(object, textOf(object.persona_name), to, web, pseudonym)
    case 'file':
    case 'x509-certificate':
      return addHashes(object, to, web)
    case 'indicator':
      return readPattern(object, to, web, pseudonym)
    case 'x-misp-attribute':
    case 'x-misp-galaxy-cluster':
    case 'x-misp-object':
      return readCustom(object, to)
    case 'autonomous-system':
      return addIndicator(object, 'other', numberOf(object), () => true, to, web)
    case 'cryptocurrency-wallet':
      return addIndicator(object, 'other', textOf(object.value), () => true, to, web)
    default:
      return undefined
  }
}

/** Only `external_id` decides: OpenCTI gives "mitre-attack" as the source of DISARM's techniques. */
const readTechnique = (object: StixObject, to: Gathered): KeptAs | undefined => {
  const references = recordsOf(object.external_references).filter(({ external_id: id }) =>
    techniqueId.test(textOf(id) ?? ''),
  )
  const chains = recordsOf(object.kill_chain_phases).flatMap(({ kill_chain_name: chain }) => textOf(chain) ?? [])
  const isDisarm =
    chains.some((chain) => /^disarm\b/i.test(chain)) ||
    // The framework's own URL is better evidence than the kill chain, which importers fill with a default.
    references.some(({ url }) => /^https:\/\/github\.com\/DISARMFoundation\//i.test(textOf(url) ?? ''))
  const framework = isDisarm ? 'DISARM' : [...chains].sort()[0]
  const name = nameOf(object)
  for (const id of references.flatMap(({ external_id }) => textOf(external_id) ?? [])) {
    to.techniques.set(id, {
      id,
      ...(name && { name: inLanguage(object, oneLine(name)) }),
      ...(framework && { framework: oneLine(framework) }),
    })
  }
  return references.length > 0 ? 'technique' : undefined
}

const techniqueId = /^T\d{4}(\.\d{3})?$/

const readChannel = (object: StixObject, to: Gathered, web: Web, pseudonym: Pseudonym): KeptAs | undefined => {
  const platforms = textsOf(object.channel_types)
    .map((type) => oneLine(type))
    .filter(Boolean)
  for (const platform of platforms) to.platforms.add(platform)
  const name = nameOf(object)?.trim() ?? ''
  const size = accountsIn(name)
  if (size) {
    to.accountSets.push({ id: object.id, name: inLanguage(object, oneLine(name)), size })
    return 'accounts'
  }
  const kept =
    /^@[\w.-]+$/.test(name) || profileName(name) !== undefined
      ? addAccount(object, name, to, web, pseudonym, platforms[0])
      : looksLikeHost(name) || looksLikeUrl(name)
        ? addAddress(object, name, to, web)
        : undefined
  return kept ?? (platforms.length > 0 ? 'detail' : undefined)
}

/** `x.com/name` is the account `name`, as in lists of accounts. */
const addAccount = (
  object: StixObject,
  called: string | undefined,
  to: Gathered,
  web: Web,
  pseudonym: Pseudonym = (account) => account,
  stated?: string,
): KeptAs | undefined => {
  const profile = called && profileName(called)
  const [host] = profile === undefined ? [] : platformsIn(called ?? '')
  const platform = stated ?? host
  if (platform) to.platforms.add(platform)
  const account = called && pseudonym(profile ?? called)
  return addIndicator(object, 'account', account, () => true, to, web, platform)
}

/** Reads the comparisons of a STIX pattern: `[url:value = 'https://…']`. */
const readPattern = (object: StixObject, to: Gathered, web: Web, pseudonym: Pseudonym): KeptAs | undefined => {
  const comparisons = (textOf(object.pattern) ?? '').matchAll(/([a-z\d-]+):([\w.'*[\]-]+)\s*=\s*'((?:[^'\\]|\\.)*)'/g)
  const kept = [...comparisons].map(([, type, path = '', quoted = '']) => {
    const value = quoted.replace(/\\(.)/g, '$1')
    if (type === 'user-account')
      return /login|user_id/.test(path) ? addAccount(object, value, to, web, pseudonym) : undefined
    const address = /(?:^|\.)value$|hashes/.test(path) ? addressOf(value) : undefined
    return address && addIndicator(object, address.type, address.value, () => true, to, web)
  })
  return kept.find(Boolean)
}

/** Adds every hash, since readers may know any of them. */
const addHashes = (object: StixObject, to: Gathered, web: Web): KeptAs | undefined => {
  const hashes = isRecord(object.hashes) ? Object.entries(object.hashes) : []
  const kept = hashes
    .sort(byKey)
    .map(([algorithm, value]) => addIndicator(object, 'hash', textOf(value), isHash, to, web, oneLine(algorithm)))
  return kept.find(Boolean)
}

const isHash = (value: string): boolean => /^[\da-z:+/=]{8,}$/i.test(value)

const numberOf = ({ number }: StixObject): string | undefined =>
  typeof number === 'number' && Number.isSafeInteger(number) ? `AS${number}` : undefined

/** Matches "423 X accounts", "More than 1,200 Facebook accounts", "39 comptes". */
const accountsIn = (name: string): Size | undefined => {
  const found =
    /^(at least|more than|over|au moins|plus de|about|around|environ|près de)?\s*(\d{1,3}(?:[ ,.\u00A0\u202F]\d{3})+|\d+)\s+(?:[\p{L}-]+\s+){0,3}?(?:accounts?|comptes?)(?:\s+[\p{L}-]+){0,2}$/iu.exec(
      name.trim(),
    )
  const value = Number(found?.[2]?.replace(/\D/g, ''))
  if (!found || !Number.isSafeInteger(value)) return undefined
  const qualifierWord = found[1]?.toLowerCase()
  // "2024 election accounts" names a year.
  if (!qualifierWord && /^(19|20)\d{2}$/.test(found[2] ?? '')) return undefined
  return {
    value,
    qualifier: !qualifierWord ? 'exact' : /^(about|around|environ|près)/.test(qualifierWord) ? 'about' : 'at least',
  }
}

/** Hashtags appear in `url`, `title`, `content` or `value` of content objects. Archive copies are evidence. */
const readContent = (object: StixObject, to: Gathered, web: Web): KeptAs | undefined => {
  const url = textOf(object.url)
  const title = textOf(object.title)
  const tags = [url, title, textOf(object.value)].flatMap((text) => hashtagsOf(text ?? ''))
  for (const tag of tags) to.hashtags.add(tag)
  if (tags.length > 0) return 'hashtag'
  if (url === undefined) return undefined
  if (isArchive(url)) {
    to.archived.push({ title: title ?? url, url })
    return 'archived'
  }
  return addAddress(object, url, to, web)
}

const isArchive = (url: string): boolean =>
  /^https?:\/\/(?:(?:www\.)?perma\.cc|web\.archive\.org|archive\.(?:org|ph|today|is|md|li|fo|vn)|ghostarchive\.org)\//i.test(
    url,
  )

/** Adds a URL, or a bare host as a domain whatever its stated type. Anything else is a placeholder. */
const addAddress = (object: StixObject, value: string | undefined, to: Gathered, web: Web): KeptAs | undefined =>
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
): KeptAs | undefined => {
  if (value === undefined || !fits(value)) {
    web.note(fault('stix.placeholder'), object.id)
    return undefined
  }
  if (value.length > 4096 || /\p{C}|\p{Zl}|\p{Zp}/u.test(value)) {
    web.note(fault('stix.unreadableIndicator'), object.id)
    return undefined
  }
  const key = JSON.stringify([type, value, platform ?? ''])
  to.indicators.set(key, { type, value, ...(platform && { note: platform }) })
  return type
}

const placingsOf = (reading: PlaceReading, victim: string | undefined): TerritoryAssignmentInput[] =>
  foundBy(reading).map(({ code, method, via }) => {
    const led = method === 'explicit' ? (victim ?? via) : via
    return { code, method, ...(led && { via: oneLine(led) }) }
  })

const liesSomewhere = ({ id }: StixObject, web: Web): boolean =>
  (web.links.get(id) ?? []).some(
    ({ type, outgoing, other }) => type === 'located-at' && outgoing && typeOf(other) === 'location',
  )
