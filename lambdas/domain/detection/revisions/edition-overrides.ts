/** Which revision of a detection an edition tells: what changed above its cap alone is no revision there. */
import { fitsUnder, type Marking, markings } from '../../core/marking.ts'
import { isSameJson } from '../../core/text/canonical.ts'
import { knownUnder } from '../attribution.ts'
import type { Detection } from '../detection.ts'
import { type Correction, partOf, uncorrected } from './correction.ts'

/** What an edition of a cap tells, where it is not what the revision itself says. */
type EditionOverride = {
  readonly revision?: number
  /** ISO instant at which what it may know was stored. */
  readonly storedAt?: string
  /** Fields that a person corrected. */
  readonly corrected?: readonly string[]
}

export type EditionOverrides = { readonly [cap in Marking]?: EditionOverride }

type Below = { readonly below?: EditionOverrides | undefined }

export const revisionInEdition = ({ revision, below }: Below & { readonly revision: number }, cap: Marking): number =>
  below?.[cap]?.revision ?? revision

export const storedAtInEdition = ({ storedAt, below }: Below & { readonly storedAt: string }, cap: Marking): string =>
  below?.[cap]?.storedAt ?? storedAt

export const correctedInEdition = (
  { corrected, below }: Below & { readonly corrected?: readonly string[] | undefined },
  cap: Marking,
): readonly string[] | undefined => {
  const correctedFields = below?.[cap]?.corrected ?? corrected
  return correctedFields && correctedFields.length > 0 ? correctedFields : undefined
}

/** A revision with its number, and what persons corrected in it. */
export type Numbered = {
  readonly revision: number
  readonly detection: Detection
  readonly corrections: readonly Correction[]
}

export type Before = Below & {
  readonly revision: number
  readonly storedAt: string
  readonly isActive: boolean
  /** Undefined where it is not kept. */
  readonly detection: Detection | undefined
}

/**
 * What a revision tells in editions, where that is not what it says itself. A number goes on with what may be known
 * there alone: by as much as the stored one where the detection was shown before, by 1 where it was not. What an
 * edition may not show any more keeps the number that it had, 0 where it never had one, so that no number comes again
 * for something else. Plates are not looked at: they have markings of their own, and a report that shows others says
 * so.
 */
export const editionOverridesOf = (next: Numbered, before: Before | undefined): EditionOverrides | undefined => {
  const fields = shownCorrectedFields(next.corrections)
  // As nearly all come.
  if (!before && fields.length === 0) return undefined
  const overrides = markings
    .map((cap) => [cap, overrideUnder(cap, next, before, fields)] as const)
    .filter(([, one]) => Object.keys(one).length > 0)
  return overrides.length === 0 ? undefined : Object.fromEntries(overrides)
}

const overrideUnder = (
  cap: Marking,
  next: Numbered,
  before: Before | undefined,
  fields: readonly string[],
): EditionOverride => {
  if (!fitsUnder(next.detection.marking, cap)) {
    const last = before && lastShownRevision(cap, before)
    return last === undefined ? {} : { revision: last }
  }
  const corrected = correctedUnder(cap, next, fields)
  return { ...numberUnder(cap, next, before), ...(corrected.length < fields.length && { corrected }) }
}

/** That a marking was another one, or that plates were named which may lie above the cap, is not told. */
export const shownCorrectedFields = (corrections: readonly Correction[]): readonly string[] =>
  corrections.flatMap(({ field }) => (field === 'marking' || field === 'plates' ? [] : [field])).sort()

/** 0 where an edition has never shown it; undefined where that was not kept. */
const lastShownRevision = (cap: Marking, { revision, detection, below }: Before): number | undefined => {
  const shownRevision = below?.[cap]?.revision
  if (shownRevision !== undefined || !detection) return shownRevision
  if (fitsUnder(detection.marking, cap)) return revision
  return revision === 1 ? 0 : undefined
}

/** Nothing where it is the revision's own. */
const numberUnder = (cap: Marking, next: Numbered, before: Before | undefined): EditionOverride => {
  const last = before && lastShownRevision(cap, before)
  if (!before?.detection || last === undefined) return {}
  const revisionOverride = (revision: number): EditionOverride => (revision === next.revision ? {} : { revision })
  if (!fitsUnder(before.detection.marking, cap)) return revisionOverride(last + 1)
  if (before.isActive && isSameUnder(cap, before.detection, next.detection))
    return { revision: last, storedAt: storedAtInEdition(before, cap) }
  return revisionOverride(last + next.revision - before.revision)
}

/** A revision changes something, and where nothing of it has a marking of its own every edition may know what. */
const isSameUnder = (cap: Marking, one: Detection, other: Detection): boolean =>
  (hasInner(one) || hasInner(other) || !isSameJson(one.plates ?? [], other.plates ?? [])) &&
  isSameJson(knownIn(one, cap), knownIn(other, cap))

/** Fields of which parts have markings of their own. */
const inner: readonly string[] = ['actor', 'quotes']

const hasInner = ({ actor, quotes }: Detection): boolean => (quotes ?? actor?.links ?? actor?.replies) !== undefined

const correctedUnder = (
  cap: Marking,
  { detection, corrections }: Numbered,
  fields: readonly string[],
): readonly string[] => {
  if (!fields.some((field) => inner.includes(field.split('.')[0] ?? ''))) return fields
  const [is, was] = [knownUnder(detection, cap), knownUnder(uncorrected(detection, corrections), cap)]
  return fields.filter((field) => !isSameJson(partOf(is, field), partOf(was, field)))
}

const knownIn = (detection: Detection, cap: Marking): unknown => {
  const { plates: _, revision: __, ...known } = knownUnder(detection, cap)
  return known
}
