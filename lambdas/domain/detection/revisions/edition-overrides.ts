/** Numbers revisions per edition: a change above an edition's cap is no revision there. */
import { fitsUnder, type Marking, markings } from '../../core/marking.ts'
import { isSameJson } from '../../core/text/canonical.ts'
import { knownUnder } from '../attribution.ts'
import type { Detection } from '../detection.ts'
import { type Correction, partOf, uncorrected } from './correction.ts'

type EditionOverride = {
  readonly revision?: number
  /** ISO instant at which the visible content was stored. */
  readonly storedAt?: string
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

export type Numbered = {
  readonly revision: number
  readonly detection: Detection
  readonly corrections: readonly Correction[]
}

export type Before = Below & {
  readonly revision: number
  readonly storedAt: string
  readonly isActive: boolean
  readonly detection: Detection | undefined
}

/**
 * An edition's number rises only with visible changes: by the same amount as the stored one if shown before, else by 1.
 * A detection no longer visible keeps its last number (0 if never shown), so that no number is reused. Evidence images
 * do not count.
 */
export const editionOverridesOf = (next: Numbered, before: Before | undefined): EditionOverrides | undefined => {
  const fields = shownCorrectedFields(next.corrections)
  // The most frequent case.
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

/** Hides corrected markings, and evidence images that may be above the cap. */
export const shownCorrectedFields = (corrections: readonly Correction[]): readonly string[] =>
  corrections.flatMap(({ field }) => (field === 'marking' || field === 'plates' ? [] : [field])).sort()

/** 0 if the edition never showed it; undefined if unknown. */
const lastShownRevision = (cap: Marking, { revision, detection, below }: Before): number | undefined => {
  const shownRevision = below?.[cap]?.revision
  if (shownRevision !== undefined || !detection) return shownRevision
  if (fitsUnder(detection.marking, cap)) return revision
  return revision === 1 ? 0 : undefined
}

const numberUnder = (cap: Marking, next: Numbered, before: Before | undefined): EditionOverride => {
  const last = before && lastShownRevision(cap, before)
  if (!before?.detection || last === undefined) return {}
  const revisionOverride = (revision: number): EditionOverride => (revision === next.revision ? {} : { revision })
  if (!fitsUnder(before.detection.marking, cap)) return revisionOverride(last + 1)
  if (before.isActive && isSameUnder(cap, before.detection, next.detection))
    return { revision: last, storedAt: storedAtInEdition(before, cap) }
  return revisionOverride(last + next.revision - before.revision)
}

/** Without parts that have their own markings, every change is visible in every edition. */
const isSameUnder = (cap: Marking, one: Detection, other: Detection): boolean =>
  (hasInner(one) || hasInner(other) || !isSameJson(one.plates ?? [], other.plates ?? [])) &&
  isSameJson(knownIn(one, cap), knownIn(other, cap))

/** Fields whose parts have their own markings. */
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
