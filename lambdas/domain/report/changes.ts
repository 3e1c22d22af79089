/**
 * What a version says otherwise than the one before it, and which earlier periods no longer are as they were published.
 */

import { type Many, only } from '../aggregate/counting/many.ts'
import { type Contribution, type HeadlineFigure, headlineFigures, type Totals, totalIn } from '../aggregate/tally.ts'
import { idTable, numberColumn, wholeColumn } from '../core/columns.ts'
import { type Total, widened } from '../core/figures.ts'
import { type Marking, strictest } from '../core/marking.ts'
import { isSameJson } from '../core/text/canonical.ts'
import type { PlateGroup, ShownPlate } from '../plate/plate.ts'
import { isSameBranding, type Organisation } from './organisation.ts'

export type FigureChange = { readonly figure: HeadlineFigure; readonly before: Total; readonly after: Total }

/**
 * Why a version was made: detections came late, were signed by a person, corrected or withdrawn, others wait for a
 * person, or none does any more, a marking was raised above the cap, a note was written, plates came, changed or were
 * removed, the taxonomy, the rules of counting or a campaign's names changed, the period was not over yet, or figures
 * of the periods before or of other territories are others; or a dossier goes on where an earlier one ended.
 */
type ChangeReason =
  | 'late data'
  | 'signed'
  | 'candidates'
  | 'no candidates'
  | 'correction'
  | 'withdrawal'
  | 'marking'
  | 'note'
  | 'plates'
  | 'taxonomy'
  | 'rules'
  | 'dress'
  | 'aliases'
  | 'later period'
  | 'period over'
  | 'earlier periods'
  | 'other territories'

export type Changes = {
  readonly version: number
  readonly asOf: string
  /** Of a dossier's first version: the period of the dossier before, with which it is compared. */
  readonly until?: string
  readonly reasons: readonly ChangeReason[]
  /** Only those that changed. */
  readonly figures: readonly FigureChange[]
  readonly added: readonly string[]
  readonly revised: readonly string[]
  readonly removed: readonly string[]
  readonly marking: Marking
}

/** An earlier period whose newest published version has other figures than its detections give now. */
export type RevisedPeriod = {
  readonly period: string
  readonly version: number
  /** Empty where a marking that was raised since may not be told by a difference. */
  readonly figures: readonly FigureChange[]
  readonly marking: Marking
}

/** What of a version is compared. */
export type Comparable = {
  readonly version: number
  readonly asOf: string
  readonly totals: Totals
  /** Every detection that shows: counted, ongoing, undated here. */
  readonly contributing: Many<Contribution>
  /** What waits for a person; left out where nothing does. */
  readonly candidates?: { readonly listed: readonly { readonly id: string }[] }
  readonly notes: readonly unknown[]
  /** Left out where there are none. */
  readonly plates?: readonly PlateGroup[] | undefined
  readonly taxonomy: unknown
  readonly countingRules: unknown
  readonly house: Organisation
  /** Rows of other territories; left out where none are told. */
  readonly across?: readonly unknown[] | undefined
  /** Of a dossier: its campaign's names. */
  readonly dossier?: NamedCampaign | undefined
  /** The period had ended by then. */
  readonly isOver: boolean
  /** Its period, where that is another one than the later version's. */
  readonly until?: string | undefined
}

/** A campaign's name, and what is stored under other names that have become its own. */
type NamedCampaign = {
  readonly name: string
  readonly storedAs: readonly { readonly name: string; readonly ids: readonly string[] }[]
}

/** What an alias alone brought to a dossier or took out of it, by id; undefined where its names are as they were. */
const renamedBetween = (
  before: NamedCampaign | undefined,
  after: NamedCampaign | undefined,
): ReadonlySet<string> | undefined => {
  if (!before || !after) return undefined
  const listed = (one: NamedCampaign) => new Map(one.storedAs.map(({ name, ids }) => [name.toLowerCase(), ids]))
  const [was, is] = [listed(before), listed(after)]
  const changed = [...was, ...is].filter(([name]) => was.has(name) !== is.has(name))
  return changed.length > 0 || before.name !== after.name ? new Set(changed.flatMap(([, ids]) => ids)) : undefined
}

/** What an earlier version showed and this one does not, by id. */
export const goneSince = (before: Iterable<Contribution>, after: Iterable<Contribution>): readonly Contribution[] => {
  const still = idTable()
  for (const { id } of after) still.number(id)
  return [...only(before, ({ id }) => still.find(id) === undefined)]
}

/**
 * What came, what stands in another revision, and what went: a version may have a million, and none of them is held.
 */
const betweenLists = (before: Iterable<Contribution>, after: Iterable<Contribution>) => {
  const ids = idTable()
  const [revisionOf, isStill] = [numberColumn(), wholeColumn()]
  for (const { id, revision } of before) revisionOf.set(ids.number(id), revision)
  const [added, revised]: [Contribution[], Contribution[]] = [[], []]
  for (const one of after) {
    const number = ids.find(one.id)
    if (number === undefined) added.push(one)
    else {
      isStill.set(number, 1)
      if (revisionOf.get(number) !== one.revision) revised.push(one)
    }
  }
  return { added, revised, gone: [...only(before, ({ id }) => isStill.get(ids.find(id) ?? 0) === 0)] }
}

/** What is known of {@link goneSince}, by id. */
export type Gone = {
  /** The cap withholds it now, in whatever territory and period: neither id nor figures of it may be told again. */
  readonly hidden: ReadonlySet<string>
  /** It is active in another period or territory: a correction moved it. */
  readonly moved: ReadonlySet<string>
}

export const noneGone: Gone = { hidden: new Set(), moved: new Set() }

/** What changed. */
export const changesBetween = (
  before: Comparable,
  after: Omit<Comparable, 'version' | 'asOf'>,
  { hidden, moved }: Gone = noneGone,
): Changes => {
  const { added, revised, gone } = betweenLists(before.contributing, after.contributing)
  const removed = gone.filter(({ id }) => !hidden.has(id))
  const raised = gone.length > removed.length
  const reasons: ChangeReason[] = []
  const waited = new Set(before.candidates?.listed.map(({ id }) => id))
  const renamed = renamedBetween(before.dossier, after.dossier)
  if (before.until !== undefined) reasons.push('later period')
  else if (added.some(({ id }) => !waited.has(id) && !renamed?.has(id))) reasons.push('late data')
  if ([...added, ...revised].some(({ id }) => waited.has(id))) reasons.push('signed')
  const left = removed.filter(({ id }) => !renamed?.has(id))
  if (revised.some(({ id }) => !waited.has(id)) || left.some(({ id }) => moved.has(id))) reasons.push('correction')
  if (left.some(({ id }) => !moved.has(id))) reasons.push('withdrawal')
  if (raised) reasons.push('marking')
  if (!same(before.candidates, after.candidates)) {
    reasons.push(after.candidates ? 'candidates' : 'no candidates')
  }
  if (!same(before.notes, after.notes)) reasons.push('note')
  const hasOtherPlates = !same(before.plates, after.plates)
  if (hasOtherPlates) reasons.push('plates')
  if (!same(before.taxonomy, after.taxonomy)) reasons.push('taxonomy')
  if (!same(before.countingRules, after.countingRules)) reasons.push('rules')
  if (!isSameBranding(before.house, after.house)) reasons.push('dress')
  if (renamed) reasons.push('aliases')
  if (after.isOver && !before.isOver && before.until === undefined) reasons.push('period over')
  const figures = raised ? [] : figureChanges(before.totals, after.totals)
  const revisedIds = new Set(idsOf(revised))
  const old = revisedIds.size === 0 ? [] : [...only(before.contributing, ({ id }) => revisedIds.has(id))]
  return {
    version: before.version,
    asOf: before.asOf,
    ...(before.until !== undefined && { until: before.until }),
    // Nothing of its own changed: then what it is compared with did.
    reasons:
      reasons.length > 0 ? reasons : [same(before.across, after.across) ? 'earlier periods' : 'other territories'],
    figures,
    added: idsOf(added),
    revised: idsOf(revised),
    removed: idsOf(removed),
    marking: strictest([
      ...[...added, ...revised, ...old, ...removed].map(({ marking }) => marking),
      ...(hasOtherPlates ? [...platesIn(before), ...platesIn(after)].map(({ marking }) => marking) : []),
      ...(figures.length > 0 ? [before.totals.marking, after.totals.marking] : []),
    ]),
  }
}

const platesIn = ({ plates = [] }: Pick<Comparable, 'plates'>): readonly ShownPlate[] =>
  plates.flatMap(({ original, plate }) => (original ? [original, plate] : [plate]))

const idsOf = (contributions: readonly Contribution[]): readonly string[] => contributions.map(({ id }) => id).sort()

/** The figures that differ between two totals. */
export const figureChanges = (before: Totals, after: Totals): readonly FigureChange[] =>
  headlineFigures
    .map((figure) => ({ figure, before: totalIn(before, figure), after: totalIn(after, figure) }))
    // A ceiling alone is no change that anybody reads.
    .filter(({ before: was, after: is }) => was.value !== is.value || was.qualifier !== is.qualifier)

/**
 * Those of a published version that no longer hold. That there may be more rests on what the edition hid or how it was
 * watched when it was made, and revises nothing by itself.
 */
export const figuresRevised = (published: Totals, now: Totals): readonly FigureChange[] =>
  figureChanges(published, now).filter(
    ({ before, after }) => !isSameJson(widened(before, editionReason), widened(after, editionReason)),
  )

const editionReason = ['something above the cap'] as const

const same = (a: unknown, b: unknown): boolean => isSameJson(a ?? null, b ?? null)
