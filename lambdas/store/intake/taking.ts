/** Locks an item for a decision, so that only one of two concurrent ones succeeds. */
import { randomUUID } from 'node:crypto'

export type Deciding<As extends string> = { readonly by: string; readonly as: As }

export type Taking<As extends string> = Deciding<As> & {
  /** Identifies the lock, even after other writes to the item. */
  readonly name: string
  /** ISO instant. */
  readonly at: string
  /** Instant of its history line, if written before the decision completes. */
  readonly lineAt?: string
}

type Takable<As extends string> = { readonly taking?: Taking<As> | undefined }

/** How long an interrupted decision blocks others. */
const takingMs = 60_000

export const takingIn = <As extends string>({ taking }: Takable<As>, now: Date): Taking<As> | undefined =>
  taking && now.getTime() - Date.parse(taking.at) < takingMs ? taking : undefined

export type Held<Item> = { readonly item: Item; readonly name: string }

export type Taken<Item, As extends string> = Held<Item> | { readonly faster: Deciding<As> | undefined }

export const take = async <Item extends Takable<As>, As extends string>(
  { by, as }: Deciding<As>,
  now: Date,
  record: {
    read(): Promise<Item | undefined>
    isOpen(item: Item): boolean
    decisionIn(item: Item): Deciding<As> | undefined
    write(item: Item, taking: Taking<As>): Promise<unknown>
  },
): Promise<Taken<Item, As>> => {
  const name = randomUUID()
  for (;;) {
    const item = await record.read()
    if (item?.taking?.name === name) return { item, name }
    if (!item || !record.isOpen(item)) return { faster: item && record.decisionIn(item) }
    const other = takingIn(item, now)
    if (other) return { faster: { by: other.by, as: other.as } }
    // Reads again: the answer may be lost, and forgetting an account may overwrite the item.
    await record.write(item, { by, as, name, at: now.toISOString() })
  }
}
