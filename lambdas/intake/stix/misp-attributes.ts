/** Reads attributes and galaxy clusters of MISP, also from the custom objects of misp-stix. */
import { isRecord } from '../../domain/core/text/parse-json.ts'
import { addressOf } from '../record/addresses.ts'
import { platformsIn } from '../record/platforms.ts'
import { oneLine } from '../text/one-line.ts'
import type { Gathered, KeptAs, Technique } from './gathered.ts'
import { hashtagsOf, recordsOf, type StixObject, textOf, webAddress } from './objects.ts'

const addressTypes =
  /^(?:domain|hostname|ip(?:-(?:src|dst))?|ur[il]|link|md5|sha(?:1|256|512)|email(?:-(?:src|dst|reply-to))?)$/

/** Objects about something published, whose address is a source. */
const contentObjects = /blog|post|news|media|message|article|comment|video|report/

/** MISP writes some texts as numbers. */
export const mispText = (value: unknown): string | undefined => textOf(typeof value === 'number' ? `${value}` : value)

export const isTrue = (value: unknown): boolean => /^(?:true|1)$/i.test(String(value))

/** `object` is the name of the object around it. Returns whether the attribute was used. */
export const readAttribute = (attribute: Record<string, unknown>, object: string, to: Gathered): boolean => {
  const { type: kind, value: cell, object_relation: its, category: group, comment, to_ids: toIds } = attribute
  const [type = '', value, relation = '', category = ''] = [kind, cell, its, group].map(mispText)
  if (value === undefined) return false
  if (type.includes('|')) {
    const values = value.split('|')
    const parts = type.split('|').map((one, at) => ({ ...attribute, type: one, value: values[at] }))
    return parts.map((part) => readAttribute(part, object, to)).some(Boolean)
  }
  const isContent = contentObjects.test(object)
  const hashtags = hashtagsOf(relation === 'hashtag' ? `#${value.replace(/^#/, '')}` : value)
  // A `target-user` or the user of a credential is a victim.
  const isAccount =
    /^(?:twitter-id|github-username|jabber-id)$/.test(type) ||
    (isContent && relation === 'username') ||
    (/account|channel|persona/.test(object) && /^(?:account-|user-?|screen-)?(?:name|id)$/.test(relation))
  const named = isAccount ? `${type} ${object}` : isContent && relation === 'type' ? value : ''
  const platforms = platformsIn(named)
  for (const tag of hashtags) to.hashtags.add(tag)
  for (const platform of platforms) to.platforms.add(platform)
  if (isAccount) to.accounts.add(oneLine(value, 256))
  if (isAccount || hashtags.length > 0 || platforms.length > 0) return true
  if (!addressTypes.test(type)) return false
  const isTechnical = isTrue(toIds) || /^(?:Network activity|Payload)/.test(category)
  const isSource = category === 'External analysis' || (isContent && relation !== 'embedded-link') || !isTechnical
  const url = /^(?:ur[il]|link)$/.test(type) && isSource ? webAddress(value) : undefined
  if (url) to.links.set(url, oneLine(mispText(comment) ?? url))
  const address = isSource ? undefined : addressOf(value)
  if (address) to.indicators.set(JSON.stringify([address.type, address.value, '']), address)
  return url !== undefined || address !== undefined
}

export type Cluster = { readonly type: string; readonly value: string; readonly meta: unknown }

/** The techniques that a cluster names by their ids. */
export const techniquesIn = ({ type, value, meta }: Cluster): readonly Technique[] => {
  const isDisarm = type.startsWith('disarm')
  if (!isDisarm && !/attack-pattern$|amitt/.test(type)) return []
  const ids = [value, isRecord(meta) ? meta.external_id : []].flat().filter((one) => typeof one === 'string')
  const written = ids.flatMap((id) => id.match(/\bT\d{4}(?:\.\d{3})?\b/g) ?? [])
  const name = value.replace(/^T[\d.]+\W+|\W+T[\d.]+$/g, '')
  return written.map((id) => ({ id, name: { en: oneLine(name) }, framework: isDisarm ? 'DISARM' : oneLine(type) }))
}

/** Reads what misp-stix writes as in MISP. */
export const readCustom = (object: StixObject, to: Gathered): KeptAs | undefined => {
  const { x_misp_type: type, x_misp_value: value, x_misp_category: category, x_misp_meta: meta } = object
  const techniques = techniquesIn({ type: textOf(type) ?? '', value: textOf(value) ?? '', meta })
  for (const technique of techniques) to.techniques.set(technique.id, technique)
  const attributes = [...recordsOf(object.x_misp_attributes), { type, value, category }]
  const used = attributes.filter((one) => readAttribute(one, textOf(object.x_misp_name) ?? '', to))
  return techniques.length > 0 ? 'technique' : used.length > 0 ? 'detail' : undefined
}

/** Returns the first paragraph of an event report in Markdown, without headings and links. */
export const firstParagraph = (markdown: string): string => {
  const plain = markdown
    .replace(/!?@!?\[[^\]]*\]\([^)]*\)|^#.*$/gm, '')
    .replace(/!?\[([^\]]*)\]\([^)]*\)|\*\*|__|`/g, '$1')
  return oneLine(plain.split(/\n\s*\n/).find((one) => one.trim() !== '') ?? '', 2_000)
}
