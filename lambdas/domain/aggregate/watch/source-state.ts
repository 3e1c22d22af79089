import { type Marking, strictest } from '../../core/marking.ts'
import type { TerritoryCode } from '../../core/place/territory.ts'
import {
  hoursOf,
  type SourceRecord,
  type SourceSet,
  statementsUnder,
  silentAfter,
  type VisibleSource,
  visibleSources,
} from './watch.ts'

export type SourceState = {
  readonly name: string
  readonly byHand: boolean
  readonly version: string | undefined
  /** The strictest of the fields shown. */
  readonly marking: Marking
  /** ISO 8601 duration; undefined where no rhythm is expected. */
  readonly rhythm: string | undefined
  readonly ownRhythm: string | undefined
  readonly declared: Marking | undefined
  /** Undefined for all. */
  readonly territories: readonly TerritoryCode[] | undefined
  /** ISO instant. */
  readonly lastInput: string
  /** A source is *silent* without input for more than twice its rhythm, and *free* without a rhythm. */
  readonly state: 'delivers' | 'silent' | 'free'
  readonly set: SourceSet | undefined
}

type View = Pick<Parameters<typeof visibleSources>[1], 'cap' | 'territories'>

/**
 * Returns visible sources, silent ones first.
 * @param now milliseconds since 1970 UTC
 */
export const sourceStates = (records: readonly SourceRecord[], reader: View, now: number): readonly SourceState[] => {
  const view = { ...reader, readable: reader.territories }
  const byName = new Map(records.map((record) => [record.name, record]))
  const own = new Map(visibleSources(records.map(withoutSet), view).map((one) => [one.name, one.expectedRhythm]))
  const order = ['silent', 'delivers', 'free'] as const
  return visibleSources(records, view)
    .map((source) => stateOf(source, byName.get(source.name), { cap: view.cap, now, own: own.get(source.name) }))
    .sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
}

/** @param lastInput ISO instant */
export const stateUnder = (rhythm: string | undefined, lastInput: string, now: number): SourceState['state'] => {
  if (rhythm === undefined) return 'free'
  return now - Date.parse(lastInput) > silentAfter * hoursOf(rhythm) * 3_600_000 ? 'silent' : 'delivers'
}

const withoutSet = (record: SourceRecord): SourceRecord => ({
  ...record,
  statements: record.statements.map(({ set: _, ...statement }) => statement),
})

const stateOf = (
  { name, byHand, version, marking, last, expectedRhythm: rhythm }: VisibleSource,
  record: SourceRecord | undefined,
  { cap, now, own }: { readonly cap: Marking; readonly now: number; readonly own: string | undefined },
): SourceState => {
  const visibleStatements = record ? statementsUnder(record, cap) : []
  const declared = visibleStatements.flatMap((one) => one.declared ?? [])
  return {
    declared: declared.length === 0 ? undefined : strictest(declared),
    ...{ name, byHand, version, rhythm, ownRhythm: own, lastInput: last.at },
    marking: strictest([marking, last.marking]),
    territories: visibleStatements.findLast((one) => one.territories !== undefined)?.territories,
    state: stateUnder(rhythm, last.at, now),
    set: visibleStatements.findLast((one) => one.set)?.set,
  }
}
