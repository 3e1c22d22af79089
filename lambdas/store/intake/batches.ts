/** The intakes: what each brought and what it may have touched, so that one taken in by mistake can be undone. */
import type { Marking } from '../../domain/core/marking.ts'
import type { BatchOrigin } from '../../domain/detection/batch-origin.ts'
import { batchesPartition, batchPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

/** One intake of one file. */
export type Batch = {
  /** Begins with its UTC day. */
  readonly name: string
  /** The name of the file, or what stands for it. */
  readonly file: string
  /** What brought the records, where that was no file. */
  readonly from?: BatchOrigin
  /** Who sent it. */
  readonly sender: string
  /** The person who did so, where the sender is this machine's. */
  readonly by?: string
  /** ISO instant, as of what it stored. */
  readonly storedAt: string
  /** How many records became what; missing where it was cut off. */
  readonly counts?: Readonly<Record<string, number>>
  /** The strictest of what it brought; missing where it was cut off. */
  readonly marking?: Marking
  /** What its sender saw of it before, where he may not know what is stored: he is told no more afterwards. */
  readonly seenBefore?: Readonly<Record<string, number>>
  /** Nothing of it is left. */
  readonly undoneAt?: string
  /** Who undid it, or what could be undone of it. */
  readonly undoneBy?: string
  readonly undoneReason?: string
  /** The undoings that had to leave something, the oldest first: ISO instants, and who did so. */
  readonly inPart?: readonly {
    readonly at: string
    readonly by: string
    readonly reason?: string
    /** It could undo nothing. */
    readonly nothing?: true
    /** Written before anything is undone: where nothing follows it, that undoing was cut off. */
    readonly begun?: true
  }[]
  /** How much the last undoing had to leave; none where it is undone. */
  readonly left?: number
  /** It is being undone: ISO instant at which another command may take over, should that have been cut off. */
  readonly undoingUntil?: string
  /** Who undoes it. */
  readonly undoingBy?: string
}

/** What an intake was about to write, or has written. */
export type BatchStep = {
  /** Of detections. */
  readonly ids?: readonly string[]
  /** Of these detections those that were observed lately, and are no backfill. */
  readonly fresh?: readonly string[]
  /** Of rejects. */
  readonly rejects?: readonly string[]
  /** Rejects of other intakes whose records it stored. */
  readonly closed?: readonly string[]
  /** Instants at which detectors say that they ran. */
  readonly words?: readonly { readonly detector: string; readonly at: string }[]
  /** Detectors of which it noted that they delivered. */
  readonly inputs?: readonly string[]
  /** Sets of accounts, which no undoing takes back. */
  readonly sets?: readonly string[]
}

export type Batches = {
  /** Keeps an intake, or what is known of it now. */
  keep(batch: Batch): Promise<void>
  get(name: string): Promise<Batch | undefined>
  /** Takes the undoing of an intake until an instant. False where another command has it. */
  takeUndoing(batch: Batch, now: Date, until: Date): Promise<boolean>
  /** The newest first. */
  list(): Promise<readonly Batch[]>
  /** Keeps a step under its number; again, in place of what was kept of it. */
  keepStep(name: string, number: number, step: BatchStep, now: Date): Promise<void>
  steps(name: string): AsyncGenerator<BatchStep>
}

/** An intake can be undone for so many days. */
export const undoDays = 7

const daySeconds = 86_400

/** When what only undoing needs has an end: seconds since 1970, a day after it can be undone no more. */
export const undoEnds = (now: Date): number => Math.ceil(now.getTime() / 1_000) + (undoDays + 1) * daySeconds

const steps = 'STEP#'

export const batchesIn = (table: Table): Batches => ({
  keep: async ({ name, ...about }) => table.put({ pk: batchesPartition, sk: name, ...about }),
  get: async (name) => {
    const item = await table.get({ pk: batchesPartition, sk: name })
    return item && batchOf(item)
  },
  takeUndoing: async ({ name, ...about }, now, until) =>
    table.putIf(
      { pk: batchesPartition, sk: name, ...about, undoingUntil: until.toISOString() },
      {
        expression: 'attribute_not_exists(undoingUntil) OR undoingUntil < :now',
        values: { ':now': now.toISOString() },
      },
    ),
  list: async () => {
    const all = (await Array.fromAsync(table.query(batchesPartition))).map(batchOf)
    return all.sort((a, b) => (a.storedAt > b.storedAt ? -1 : a.storedAt < b.storedAt ? 1 : 0))
  },
  keepStep: async (name, number, step, now) =>
    table.put({
      pk: batchPartition(name),
      sk: `${steps}${String(number).padStart(8, '0')}`,
      ...step,
      expiresAt: undoEnds(now),
    }),
  steps: async function* (name) {
    for await (const item of table.query(batchPartition(name), { beginsWith: steps })) yield item as Item & BatchStep
  },
})

const batchOf = ({ pk: _, sk, ...about }: Item): Batch => ({ ...(about as Omit<Batch, 'name'>), name: sk })
