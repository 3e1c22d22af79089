/** Analysts' actions, each written together with its line. Intakes keep their own records. */
import { randomBytes } from 'node:crypto'
import type { Reason } from '../../domain/core/fault.ts'
import type { Marking } from '../../domain/core/marking.ts'
import { historyPartition } from './keys.ts'
import type { Condition, Item, Table } from './table.ts'

export type ActionKind =
  | ('placed' | 'corrected' | 'withdrawn' | 'dropped' | 'accepted' | 'refused')
  /** Waits for another analyst's confirmation. */
  | 'asked'
  /** Of candidates, which may also be *refused*. */
  | 'signed'
  /** Of recipients; of schedules *paused* and *resumed*; of sources *changed*. */
  | ('added' | 'changed' | 'paused' | 'resumed')
  /** Of notes; of report versions *approved*, *refused* and *recalled*. */
  | ('written' | 'approved' | 'recalled')
  /** Of evidence images; also *added*. */
  | 'forgotten'

export type Action = {
  /** ISO instant. */
  readonly at: string
  readonly did: ActionKind
  readonly by: string
  /** Id of the object. */
  readonly id: string
  readonly of:
    | ('detection' | 'reject' | 'recipient' | 'note' | 'schedule' | 'candidate' | 'plate' | 'report' | 'source')
    | 'token'
  readonly reason?: Reason
  /** Changed fields or new territories; the last day of a pause; a source's rhythm, or marking and territories. */
  readonly what?: readonly string[]
  /** Only where the object or the changed text has its own marking. */
  readonly marking?: Marking
}

export type Who = Pick<Action, 'by' | 'reason'>

export type Line = Item & Action

type StoredAction = Action & { readonly key: string }

export type History = {
  /** Newest first, before the key `before`. */
  list(most: number, before?: string): Promise<readonly StoredAction[]>
  at(instant: string): Promise<readonly Action[]>
}

/** @param name makes lines of one instant distinct; the same name makes the same line */
export const lineOf = (action: Action, name = randomBytes(4).toString('hex')): Line => ({
  ...{ pk: historyPartition, sk: `${action.at}#${name}` },
  ...action,
})

/** Writes an action together with its line, or neither. False where the condition fails. */
export const writeAct = async (table: Table, item: Item, condition: Condition, line: Line): Promise<boolean> =>
  (await table.putTogether([{ item, condition }, { item: line }])).length === 0

export const historyIn = (table: Table): History => ({
  list: async (most, before) => {
    // The range includes `before`.
    const range = before === undefined ? { limit: most } : { to: before, limit: most + 1 }
    const found = await Array.fromAsync(table.query(historyPartition, { ...range, backwards: true }), actionOf)
    return found.filter(({ key }) => key !== before)
  },
  at: async (instant) => Array.fromAsync(table.query(historyPartition, { beginsWith: `${instant}#` }), actionOf),
})

const actionOf = ({ pk: _, sk: key, ...action }: Item): StoredAction => ({ ...(action as unknown as Action), key })
