/** Finds changes that lower a marking: a second user must accept them. */
import { type Fault, fault, several } from '../../core/fault.ts'
import { fitsUnder, type Marking, markings, strictest } from '../../core/marking.ts'
import { canonicalHash, sha256 } from '../../core/text/canonical.ts'
import { innerMarkings } from '../attribution.ts'
import type { Detection } from '../detection.ts'

/**
 * Hashes of all words ever stored, by marking. Removed words stay, so that resending them with a lower marking is
 * noticed.
 */
export type Guarded = { readonly [marking in Marking]?: readonly string[] }

export type Lowering = { readonly of: 'detection' | 'part'; readonly from: Marking; readonly to: Marking }

type Stored = {
  readonly marking: Marking
  readonly guarded?: Guarded | undefined
  /** Markings of parts above the detection's, strictest first. */
  readonly marked?: readonly Marking[] | undefined
}

/** If a stricter part is gone and unknown words appear, they may be that part rewritten. */
export const loweringsOf = (stored: Stored, next: Detection): readonly Lowering[] => {
  const held = markingsIn(stored.guarded)
  const words = wordsIn(next)
  const isGuarded = (marking: Marking | undefined): marking is Marking =>
    marking !== undefined && !fitsUnder(marking, stored.marking)
  const gone = [...held].flatMap(([hash, marking]) => (isGuarded(marking) && !words.has(hash) ? [marking] : []))
  const marked = markedIn(next)
  const isFewer = (stored.marked ?? []).some((one, at) => isLower(marked[at] ?? 'TLP:CLEAR', one))
  const replaced = isFewer && gone.length > 0 ? strictest(gone) : undefined
  const parts = [...words].flatMap(([hash, to]): readonly Lowering[] => {
    const from = held.get(hash) ?? replaced
    return isGuarded(from) && isLower(to, from) ? [{ of: 'part', from, to }] : []
  })
  const from = strictest(parts.map((one) => one.from))
  const part = parts.find((one) => one.from === from)
  const own: Lowering = { of: 'detection', from: stored.marking, to: next.marking }
  return [...(isLower(own.to, own.from) ? [own] : []), ...(part ? [part] : [])]
}

export const loweredFault = (lowerings: readonly Lowering[]): Fault | undefined =>
  lowerings.length === 0
    ? undefined
    : several(
        lowerings.map(({ of, from, to }) =>
          fault(of === 'detection' ? 'lowering.detection' : 'lowering.part', { from, to }),
        ),
      )

export const loweringKey = (lowerings: readonly Lowering[]): string => canonicalHash(lowerings)

/** @param before of the preceding revision; lower markings in `next` have been accepted already */
export const guardedAfter = (before: Guarded | undefined, next: Detection): Guarded | undefined => {
  const words = wordsIn(next)
  if (words.size === 0) return before
  const held = markingsIn(before)
  for (const [hash, marking] of words) {
    const known = held.get(hash)
    held.delete(hash)
    held.set(hash, known !== undefined && !isLower(marking, known) ? strictest([known, marking]) : marking)
  }
  const byMarking = Map.groupBy([...held].slice(-maxGuarded), ([, marking]) => marking)
  return Object.fromEntries([...byMarking].map(([marking, those]) => [marking, those.map(([hash]) => hash)]))
}

export const markedIn = (detection: Detection): readonly Marking[] =>
  innerMarkings(detection)
    .filter((marking) => !fitsUnder(marking, detection.marking))
    .sort((one, other) => markings.indexOf(other) - markings.indexOf(one))

/** Keeps an item far below the DynamoDB limit of 400 KB. */
const maxGuarded = 4_000

const hashChars = 16

const isLower = (to: Marking, from: Marking): boolean => to !== from && fitsUnder(to, from)

const markingsIn = (guarded: Guarded | undefined): Map<string, Marking> =>
  new Map(markings.flatMap((marking) => (guarded?.[marking] ?? []).map((hash) => [hash, marking] as const)))

/**
 * Duplicates take the least restricted marking. Case, accents, punctuation and spaces are ignored, unless a text has
 * nothing else.
 */
const wordsIn = ({ actor, quotes = [], marking: whole }: Detection): ReadonlyMap<string, Marking> => {
  const parts = [
    ...(actor?.links ?? []).map(({ fact, marking }) => ({ texts: Object.values(fact), own: marking })),
    ...(actor?.replies ?? []).map(({ text, marking }) => ({ texts: Object.values(text), own: marking })),
    ...quotes.map(({ text, translations = [], marking }) => ({
      texts: [text, ...translations.map((one) => one.text)],
      own: marking,
    })),
  ]
  const words = new Map<string, Marking>()
  for (const { texts, own } of parts) {
    const marking = strictest([whole, ...(own ? [own] : [])])
    for (const text of texts) {
      const decomposed = text.normalize('NFKD')
      const letters = decomposed.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase()
      const hash = sha256(letters || decomposed.replace(/\s/g, '')).slice(0, hashChars)
      const known = words.get(hash)
      if (!known || isLower(marking, known)) words.set(hash, marking)
    }
  }
  return words
}
