/** Combines links of attributions within an edition's cap. Nothing is inferred. */
import { fitsUnder, type Marking, strictest } from '../core/marking.ts'
import { defang } from '../core/text/defang.ts'
import { nameIn } from '../core/text/localised.ts'
import type { AttributionLink, AttributionReply, Basis, Confidence, Party } from './attribution-schema.ts'
import type { Detection } from './detection.ts'
import type { Quote } from './quote-schema.ts'

export const withSource = <Sourced extends Pick<AttributionReply, 'source'>>(one: Sourced): Sourced => {
  const copy = one.source?.archiveUrl
  return copy === undefined ? one : { ...one, source: { ...one.source, archiveUrl: defang(copy) } }
}

/** Removes links, replies and quotes marked above the cap. */
export const knownUnder = (whole: Detection, cap: Marking): Detection => {
  const fits = (one: { readonly marking?: Marking | undefined }) => fitsUnder(one.marking ?? 'TLP:CLEAR', cap)
  const detection = withQuotes(whole, fits)
  const { actor } = detection
  if (!actor?.links && !actor?.replies) return detection
  const { links = [], replies = [], ...rest } = actor
  const shown = { links: links.filter(fits), replies: replies.filter(fits) }
  return {
    ...detection,
    // The keys are absent if nothing is left.
    actor: {
      ...rest,
      ...(shown.links.length > 0 && { links: shown.links }),
      ...(shown.replies.length > 0 && { replies: shown.replies }),
    },
  }
}

export const innerMarkings = ({
  actor,
  quotes = [],
}: {
  readonly actor?: Detection['actor']
  readonly quotes?: readonly Quote[] | undefined
}): readonly Marking[] =>
  [...(actor?.links ?? []), ...(actor?.replies ?? []), ...quotes].flatMap(({ marking }) => marking ?? [])

const withQuotes = (detection: Detection, fits: (quote: Quote) => boolean): Detection => {
  if (!detection.quotes) return detection
  const { quotes, ...rest } = detection
  const shown = quotes.filter(fits)
  return shown.length > 0 ? { ...rest, quotes: shown } : rest
}

/** Removes evidence images: only their own markings decide whether they are shown. */
export const withoutPlates = ({ plates: _, ...detection }: Detection): Detection => detection

/** 2 with a basis, 1 without, 0 without attribution. */
export const attributionRank = ({ actor }: Pick<Detection, 'actor'>): 0 | 1 | 2 => {
  if (!actor) return 0
  return actor.links?.some(({ basis }) => basis !== undefined) ? 2 : 1
}

export type Chain = {
  readonly parties: readonly Party[]
  readonly links: readonly ChainLink[]
  readonly replies: readonly ChainReply[]
}

/** A link whose parties are indexes. */
export type ChainLink = Omit<AttributionLink, 'from' | 'to' | 'marking'> & {
  readonly from: number
  readonly to: number
  readonly detections: number
  readonly marking: Marking
}

type ChainReply = Omit<AttributionReply, 'marking'> & { readonly marking: Marking }

const partyKey = ({ name, kind }: Party): string => `${kind}\0${nameIn(name, 'en').text.trim().toLowerCase()}`

/** Links with the same words are one. */
export const chainOf = (detections: readonly Pick<Detection, 'actor' | 'marking'>[]): Chain => {
  const parties = new Map<string, { readonly at: number; readonly party: Party }>()
  const placeOf = (party: Party): number => {
    const key = partyKey(party)
    const known = parties.get(key) ?? { at: parties.size, party }
    parties.set(key, known)
    return known.at
  }
  const links = new Map<string, ChainLink>()
  const replies = new Map<string, ChainReply>()
  for (const { actor, marking: own } of detections) {
    for (const { from, to, marking: stated, ...link } of actor?.links ?? []) {
      const ends = { from: placeOf(from), to: placeOf(to) }
      const key = JSON.stringify([ends, link])
      const known = links.get(key)
      links.set(key, {
        ...link,
        ...ends,
        detections: (known?.detections ?? 0) + 1,
        marking: strictest([own, ...(stated ? [stated] : []), ...(known ? [known.marking] : [])]),
      })
    }
    for (const { marking: stated, ...reply } of actor?.replies ?? []) {
      const key = JSON.stringify(reply)
      const known = replies.get(key)
      replies.set(key, {
        ...reply,
        marking: strictest([own, ...(stated ? [stated] : []), ...(known ? [known.marking] : [])]),
      })
    }
  }
  return {
    parties: [...parties.values()].map(({ party }) => party),
    links: [...links.values()],
    replies: [...replies.values()],
  }
}

/** A platform's default value is no assessment. */
export const isAssessed = ({ confidence }: Pick<AttributionLink, 'confidence'>): boolean => {
  const given: Confidence | undefined = confidence
  return given !== undefined && !given.platformDefault && (given.level !== undefined || given.score !== undefined)
}

/** A score of 70 or more counts as *high*. */
export const linkWeight = (link: Pick<AttributionLink, 'confidence'>): 'strong' | 'plain' | 'weak' | 'unrated' => {
  const given: Confidence | undefined = link.confidence
  if (!given) return 'unrated'
  if (!isAssessed(link)) return 'plain'
  const { level, score = 0 } = given
  if (level === 'high' || (!level && score >= strongFrom)) return 'strong'
  return level === 'low' || (!level && score < weakBelow) ? 'weak' : 'plain'
}

const strongFrom = 70

/** STIX 2.1, appendix A: numbers below 30 are *low*. */
const weakBelow = 30

/** *full*: a fact supports the basis. *half*: all such facts have low confidence. *empty*: there is none. */
export const basisState = (
  links: readonly Pick<AttributionLink, 'basis' | 'confidence'>[],
  basis: Basis,
): 'full' | 'half' | 'empty' => {
  const those = links.filter((one) => one.basis === basis)
  if (those.length === 0) return 'empty'
  return those.every((one) => linkWeight(one) === 'weak') ? 'half' : 'full'
}
