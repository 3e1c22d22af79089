/**
 * What persons did to what is stored, a line each, which is written together with the act. Intakes and their undoing
 * are told by the intakes.
 */
import { randomBytes } from 'node:crypto'
import type { Reason } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { historyPartition, type Key } from './keys.ts'
import type { Condition, Item, Table } from './table.ts'

export type ActionKind =
  | ('placed' | 'corrected' | 'withdrawn' | 'dropped' | 'accepted' | 'refused')
  /** For another person to confirm. */
  | 'asked'
  /** Of candidates, which may be refused too. */
  | 'signed'
  /** Of recipients; of schedules the last two; of sources *changed*. */
  | ('added' | 'changed' | 'paused' | 'resumed')
  /** Of notes; of versions of reports *approved*, *refused* and the last. */
  | ('written' | 'approved' | 'recalled')
  /** Of plates; *added* too. */
  | 'forgotten'
  /** Of readers' answers. */
  | 'closed'

export type Action = {
  /** ISO instant. */
  readonly at: string
  readonly did: ActionKind
  /** The person. */
  readonly by: string
  /** Of what it was done to. */
  readonly id: string
  readonly of:
    | ('detection' | 'reject' | 'recipient' | 'note' | 'schedule' | 'candidate' | 'plate' | 'report' | 'source')
    | 'answer'
  readonly reason?: Reason
  /**
   * What it became: fields that were corrected or changed, territories in which it was placed; the last day of a pause;
   * a candidate's territories; a source's rhythm, or its marking and territories; of an answer the subject and period
   * of its report.
   */
  readonly what?: readonly string[]
  /**
   * Of a note, whose id names its territory and period, of a version of a report, of a candidate, of a plate, and of an
   * answer; of a detection where what was said has one of its own.
   */
  readonly marking?: Marking
}

/** Who does something, and why. */
export type Who = Pick<Action, 'by' | 'reason'>

/** A line as it is stored. */
export type Line = Item & Action

/** With the key of its place in the list. */
export type StoredAction = Action & { readonly key: string }

export type History = {
  /** The newest first; those before another one, by its key, where one is named. */
  list(most: number, before?: string): Promise<readonly StoredAction[]>
  /** What was done at one instant. */
  at(instant: string): Promise<readonly Action[]>
}

/**
 * @param name tells it from others of its instant: the same by the same name is one; by chance where it is left out
 */
export const lineOf = (action: Action, name = randomBytes(4).toString('hex')): Line => ({
  ...lineKey(action.at, name),
  ...action,
})

export const lineKey = (at: string, name: string): Key => ({ pk: historyPartition, sk: `${at}#${name}` })

/** The one way to write what a person does: with its line, or not at all. False where the condition does not hold. */
export const writeAct = (table: Table, item: Item, condition: Condition, line: Line): Promise<boolean> =>
  table.putIf(item, condition, line)

export const historyIn = (table: Table): History => ({
  list: async (most, before) => {
    // Its own key is included in the range.
    const range = before === undefined ? { limit: most } : { to: before, limit: most + 1 }
    const found = await Array.fromAsync(table.query(historyPartition, { ...range, backwards: true }), actionOf)
    return found.filter(({ key }) => key !== before)
  },
  at: async (instant) => Array.fromAsync(table.query(historyPartition, { beginsWith: `${instant}#` }), actionOf),
})

const actionOf = ({ pk: _, sk: key, ...action }: Item): StoredAction => ({ ...(action as unknown as Action), key })
