/** The intakes: what each brought and what it may have touched, so that one taken in by mistake can be undone. */
import { batchesPartition, batchPartition } from './keys.ts'
import type { Item, Table } from './table.ts'

/** One intake of one file. */
export type Batch = {
  /** Begins with its UTC day. */
  readonly name: string
  readonly file: string
  /** Who sent it. */
  readonly sender: string
  /** ISO instant, as of what it stored. */
  readonly storedAt: string
  /** How many records became what; missing where it was cut off. */
  readonly counts?: Readonly<Record<string, number>>
  readonly undoneAt?: string
  readonly undoneBy?: string
}

/** What an intake was about to write, or has written. */
export type BatchStep = {
  /** Of detections. */
  readonly ids?: readonly string[]
  /** All of the ids were stored by this batch; where it is missing, some may not have been. */
  readonly isSure?: boolean
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
