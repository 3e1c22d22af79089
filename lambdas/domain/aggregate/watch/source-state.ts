/** How each source stands now: its rhythm, what it watches, its last input, and whether it is silent. */
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
  /** The strictest of what is told here. */
  readonly marking: Marking
  /** What is expected of it, an ISO 8601 duration; undefined where nothing is. */
  readonly rhythm: string | undefined
  /** What it says of itself. */
  readonly ownRhythm: string | undefined
  /** Its own marking, the strictest that was declared for it; undefined where none was. */
  readonly declared: Marking | undefined
  /** What it watches; undefined for all. */
  readonly territories: readonly TerritoryCode[] | undefined
  /** ISO instant. */
  readonly lastInput: string
  /** *silent*: nothing for more than twice its rhythm. *free*: no rhythm, so nothing can be late. */
  readonly state: 'delivers' | 'silent' | 'free'
  /** What an operator set last. */
  readonly set: SourceSet | undefined
}

type View = Parameters<typeof visibleSources>[1]

/** Those that may be known, the silent first. @param now milliseconds since 1970 UTC */
export const sourceStates = (records: readonly SourceRecord[], view: View, now: number): readonly SourceState[] => {
  const byName = new Map(records.map((record) => [record.name, record]))
  const own = new Map(visibleSources(records.map(withoutSet), view).map((one) => [one.name, one.expectedRhythm]))
  const order = ['silent', 'delivers', 'free'] as const
  return visibleSources(records, view)
    .map((source) => stateOf(source, byName.get(source.name), { cap: view.cap, now, own: own.get(source.name) }))
    .sort((one, other) => order.indexOf(one.state) - order.indexOf(other.state))
}

/** Whether a source is silent that delivered last at an ISO instant, by the rhythm that is expected of it. */
export const stateUnder = (rhythm: string | undefined, lastInput: string, now: number): SourceState['state'] => {
  if (rhythm === undefined) return 'free'
  return now - Date.parse(lastInput) > silentAfter * hoursOf(rhythm) * 3_600_000 ? 'silent' : 'delivers'
}

const withoutSet = (record: SourceRecord): SourceRecord => ({
  ...record,
  statements: record.statements.map(({ set: _, ...statement }) => statement),
})

const stateOf = (
  { name, byHand, marking, last, expectedRhythm: rhythm }: VisibleSource,
  record: SourceRecord | undefined,
  { cap, now, own }: { readonly cap: Marking; readonly now: number; readonly own: string | undefined },
): SourceState => {
  const visibleStatements = record ? statementsUnder(record, cap) : []
  const declared = visibleStatements.flatMap((one) => one.declared ?? [])
  return {
    declared: declared.length === 0 ? undefined : strictest(declared),
    ...{ name, byHand, marking, rhythm, ownRhythm: own, lastInput: last.at },
    territories: visibleStatements.findLast((one) => one.territories !== undefined)?.territories,
    state: stateUnder(rhythm, last.at, now),
    set: visibleStatements.findLast((one) => one.set)?.set,
  }
}
