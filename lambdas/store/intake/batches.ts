import type { Marking } from '../../domain/core/marking.ts'
import type { BatchOrigin } from '../../domain/detection/batch-origin.ts'
import { batchesPartition, batchPartition } from '../table/keys.ts'
import type { Item, Put, Table } from '../table/table.ts'

export type Batch = {
  /** Begins with its UTC day. */
  readonly name: string
  /** Name of the file, or a replacement for it. */
  readonly file: string
  readonly from?: BatchOrigin
  /** Rejects that were imported again. */
  readonly isRetry?: true
  readonly sender: string
  readonly by?: string
  /** ISO instant, equal to that of the stored items. */
  readonly storedAt: string
  /** Records by outcome; missing after an interruption. */
  readonly counts?: Readonly<Record<string, number>>
  /** The strictest of its records; missing after an interruption. */
  readonly marking?: Marking
  /** Counts shown to a sender who may not know what is stored. */
  readonly seenBefore?: Readonly<Record<string, number>>
  /** Set when nothing of it is left. */
  readonly undoneAt?: string
  readonly undoneBy?: string
  readonly undoneReason?: string
  /** Incomplete undoings, oldest first. ISO instants. */
  readonly inPart?: readonly {
    readonly at: string
    readonly by: string
    readonly reason?: string
    readonly nothing?: true
    /** Written first: as the last entry it marks an interrupted undoing. */
    readonly begun?: true
  }[]
  readonly left?: number
  /** ISO instant at which another command may take over. */
  readonly undoingUntil?: string
  readonly undoingBy?: string
}

export type BatchStep = {
  readonly ids?: readonly string[]
  readonly rejects?: readonly string[]
  readonly closed?: readonly string[]
  /** Instants of runs that detectors reported. */
  readonly words?: readonly { readonly detector: string; readonly at: string }[]
  readonly inputs?: readonly string[]
  /** Account sets, which no undoing removes. */
  readonly sets?: readonly string[]
}

export type Batches = {
  keep(batch: Batch): Promise<void>
  get(name: string): Promise<Batch | undefined>
  /** Locks the undoing. False where another command holds the lock. */
  takeUndoing(batch: Batch, now: Date, until: Date): Promise<boolean>
  /** Newest first. */
  list(): Promise<readonly Batch[]>
  /** Stores a step under its number, replacing an earlier one. */
  keepStep(name: string, number: number, step: BatchStep, now: Date): Promise<void>
  steps(name: string): AsyncGenerator<BatchStep>
  /** What a batch of one step writes, for the transaction of a decision. */
  whole(batch: Batch, step: BatchStep, now: Date): readonly Put[]
}

export const undoDays = 7

const daySeconds = 86_400

/** Expiry of data for undoing, in seconds since 1970. */
export const undoEnds = (now: Date): number => Math.ceil(now.getTime() / 1_000) + (undoDays + 1) * daySeconds

const steps = 'STEP#'

export const batchesIn = (table: Table): Batches => ({
  keep: async (batch) => table.put(itemOf(batch)),
  get: async (name) => {
    const item = await table.get({ pk: batchesPartition, sk: name })
    return item && batchOf(item)
  },
  takeUndoing: async (batch, now, until) =>
    table.putIf(
      { ...itemOf(batch), undoingUntil: until.toISOString() },
      {
        expression: 'attribute_not_exists(undoingUntil) OR undoingUntil < :now',
        values: { ':now': now.toISOString() },
      },
    ),
  list: async () => {
    const all = (await Array.fromAsync(table.query(batchesPartition))).map(batchOf)
    return all.sort((a, b) => (a.storedAt > b.storedAt ? -1 : a.storedAt < b.storedAt ? 1 : 0))
  },
  keepStep: async (name, number, step, now) => table.put(stepItem(name, number, step, now)),
  steps: async function* (name) {
    for await (const item of table.query(batchPartition(name), { beginsWith: steps })) yield item as Item & BatchStep
  },
  whole: (batch, step, now) => [{ item: itemOf(batch) }, { item: stepItem(batch.name, 1, step, now) }],
})

const itemOf = ({ name, ...about }: Batch): Item => ({ pk: batchesPartition, sk: name, ...about })

const stepItem = (name: string, number: number, step: BatchStep, now: Date): Item => ({
  pk: batchPartition(name),
  sk: `${steps}${String(number).padStart(8, '0')}`,
  ...step,
  expiresAt: undoEnds(now),
})

const batchOf = ({ pk: _, sk, ...about }: Item): Batch => ({ ...(about as Omit<Batch, 'name'>), name: sk })
