/** Differences between versions, and earlier periods whose published figures no longer hold. */

import { type Many, only } from '../aggregate/counting/many.ts'
import type { LevelValue } from '../aggregate/level/level.ts'
import { type Contribution, type HeadlineFigure, headlineFigures, type Totals, totalIn } from '../aggregate/tally.ts'
import { idTable, numberColumn, wholeColumn } from '../core/columns.ts'
import { type Total, widened } from '../core/figures.ts'
import { type Marking, strictest } from '../core/marking.ts'
import { isSameJson } from '../core/text/canonical.ts'
import type { Localised } from '../detection/detection.ts'
import type { PlateGroup, ShownPlate } from '../plate/plate.ts'
import { isSameBranding, type Organisation } from './organisation.ts'

export type FigureChange = { readonly figure: HeadlineFigure; readonly before: Total; readonly after: Total }

/** `signed`: by an analyst; `candidates`: others await review; `marking`: raised above the cap. */
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
  | 'floors'
  | 'other territories'

export type Changes = {
  readonly version: number
  readonly asOf: string
  /** In a dossier's first version: the period of the earlier dossier. */
  readonly until?: string
  readonly reasons: readonly ChangeReason[]
  readonly figures: readonly FigureChange[]
  readonly added: readonly string[]
  readonly revised: readonly string[]
  readonly removed: readonly string[]
  /** Where it differs. */
  readonly level?: { readonly before: LevelValue; readonly after: LevelValue }
  /** The first of the revised and removed that readers saw. */
  readonly detections?: readonly ChangedDetection[]
  readonly marking: Marking
}

export type ChangedDetection = Pick<Node, 'id' | 'title' | 'marking'> & {
  /** *moved*: to another period or territory. */
  readonly how: 'corrected' | 'moved' | 'withdrawn'
  /** Texts and ratings that differ. */
  readonly fields?: readonly ChangedField[]
  /** Missing where equal. */
  readonly posts?: { readonly before: Total; readonly after?: Total }
  readonly why?: readonly Why[]
}

/** Never of a public edition: names and reasons are AMBER. */
export type Why = { readonly by: string; readonly reason?: string; readonly marking: 'TLP:AMBER' }

const changedFields = ['established', 'claim', 'actor', 'observedEffect', 'breakout', 'observed'] as const

type ChangedField = (typeof changedFields)[number]

/** A detection as a report lists it. */
type Node = { readonly [field in ChangedField]?: unknown } & {
  readonly id: string
  readonly revision: number
  readonly title: Localised
  readonly marking: Marking
  readonly figures: { readonly posts: Total }
  readonly own?: { readonly posts: Total }
}

type Tree = Node & { readonly parts: readonly Node[] }

const nodesOf = (trees: readonly Tree[]): readonly Node[] => trees.flatMap((tree) => [tree, ...tree.parts])

/** An earlier period whose newest published version has other figures than its detections give now. */
export type RevisedPeriod = {
  readonly period: string
  readonly version: number
  /** Empty where a difference could reveal a raised marking. */
  readonly figures: readonly FigureChange[]
  readonly marking: Marking
}

export type Comparable = {
  readonly version: number
  readonly asOf: string
  readonly totals: Totals
  readonly contributing: Many<Contribution>
  readonly manoeuvres?: readonly Tree[]
  readonly level?: { readonly value: LevelValue } | undefined
  readonly candidates?: { readonly listed: readonly { readonly id: string }[] }
  readonly notes: readonly unknown[]
  readonly plates?: readonly PlateGroup[] | undefined
  readonly taxonomy: unknown
  readonly countingRules: unknown
  readonly house: Organisation
  readonly across?: readonly unknown[] | undefined
  readonly dossier?: NamedCampaign | undefined
  /** The period had ended by `asOf`. */
  readonly isOver: boolean
  /** The version's period, where the later version has another. */
  readonly until?: string | undefined
}

/** `storedAs`: records stored under other names of the campaign. */
type NamedCampaign = {
  readonly name: string
  readonly storedAs: readonly { readonly name: string; readonly ids: readonly string[] }[]
}

/** Returns the ids that only an alias added or removed; undefined where the names are unchanged. */
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

export const goneSince = (before: Iterable<Contribution>, after: Iterable<Contribution>): readonly Contribution[] => {
  const still = idTable()
  for (const { id } of after) still.number(id)
  return [...only(before, ({ id }) => still.find(id) === undefined)]
}

/** Compares without holding either list: a version may have a million detections. */
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

export type Gone = {
  /** Now above the cap, regardless of territory and period: neither ids nor figures may be shown again. */
  readonly hidden: ReadonlySet<string>
  /** Active in another period or territory after a correction. */
  readonly moved: ReadonlySet<string>
  /** See {@link changedIds}. */
  readonly changed: readonly string[]
  /** Who changed a detection of `changed`, and why. */
  readonly whys?: ReadonlyMap<string, readonly Why[]>
}

const maxListed = 3

/** The first detections that a version shows in another revision of its edition, or no longer counts. */
export const changedIds = (
  { manoeuvres = [] }: Pick<Comparable, 'manoeuvres'>,
  after: Iterable<Contribution>,
  hidden: ReadonlySet<string>,
): readonly string[] => {
  const nodes = nodesOf(manoeuvres).filter(({ id }) => !hidden.has(id))
  const shown = new Set(nodes.map(({ id }) => id))
  const revisions = new Map([...only(after, ({ id }) => shown.has(id))].map(({ id, revision }) => [id, revision]))
  return nodes
    .filter(({ id, revision }) => revisions.get(id) !== revision)
    .map(({ id }) => id)
    .slice(0, maxListed)
}

export const changedDetections = (
  before: readonly Tree[],
  after: readonly Tree[],
  { moved, changed, whys }: Gone,
): readonly ChangedDetection[] => {
  const [was, is] = [before, after].map((trees) => new Map(nodesOf(trees).map((node) => [node.id, node])))
  return changed.flatMap((id): ChangedDetection[] => {
    const [old, now] = [was?.get(id), is?.get(id)]
    if (!old) return []
    const [first, second] = [old, now].map((node) => (node?.own ?? node?.figures)?.posts)
    const why = whys?.get(id)
    const fields = changedFields.filter((field) => now && !isSameJson(old[field] ?? null, now[field] ?? null))
    return [
      {
        id,
        title: (now ?? old).title,
        how: now ? 'corrected' : moved.has(id) ? 'moved' : 'withdrawn',
        ...(fields.length > 0 && { fields }),
        ...(first &&
          !isSameJson(first, second ?? null) && { posts: { before: first, ...(second && { after: second }) } }),
        ...(why && { why }),
        marking: strictest([old, ...(now ? [now] : [])].map(({ marking }) => marking)),
      },
    ]
  })
}

export const noneGone: Gone = { hidden: new Set(), moved: new Set(), changed: [] }

export const changesBetween = (
  before: Comparable,
  after: Omit<Comparable, 'version' | 'asOf'>,
  { hidden, moved }: Pick<Gone, 'hidden' | 'moved'> = noneGone,
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
    // Otherwise only the data changed with which it is compared.
    reasons: reasons.length > 0 ? reasons : [onlyCompared(before, after)],
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

/** Nothing of the period itself changed. */
const onlyCompared = (
  before: Parameters<typeof changesBetween>[0],
  after: Parameters<typeof changesBetween>[1],
): ChangeReason => {
  if (!same(before.house.floors, after.house.floors)) return 'floors'
  return same(before.across, after.across) ? 'earlier periods' : 'other territories'
}

const platesIn = ({ plates = [] }: Pick<Comparable, 'plates'>): readonly ShownPlate[] =>
  plates.flatMap(({ original, plate }) => (original ? [original, plate] : [plate]))

const idsOf = (contributions: readonly Contribution[]): readonly string[] => contributions.map(({ id }) => id).sort()

const figureChanges = (before: Totals, after: Totals): readonly FigureChange[] =>
  headlineFigures
    .map((figure) => ({ figure, before: totalIn(before, figure), after: totalIn(after, figure) }))
    // Readers do not see a change of the ceiling alone.
    .filter(({ before: was, after: is }) => was.value !== is.value || was.qualifier !== is.qualifier)

/**
 * Returns published figures that no longer hold. A floor alone revises nothing: it depends on what the edition hid or
 * how it was watched.
 */
export const figuresRevised = (published: Totals, now: Totals): readonly FigureChange[] =>
  figureChanges(published, now).filter(
    ({ before, after }) => !isSameJson(widened(before, editionReason), widened(after, editionReason)),
  )

const editionReason = ['something above the cap'] as const

const same = (a: unknown, b: unknown): boolean => isSameJson(a ?? null, b ?? null)
