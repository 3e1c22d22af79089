/** A person's decision on its way: taken before anything of it is carried out, so that of two at once one does. */
import { randomUUID } from 'node:crypto'

/** Who decides, and what. */
export type Deciding<As extends string> = { readonly by: string; readonly as: As }

export type Taking<As extends string> = Deciding<As> & {
  /** By which it is known to be one's own, whatever was written over the item meanwhile. */
  readonly name: string
  /** ISO instant. */
  readonly at: string
  /** Of its line in the history, where that is written before the decision has ended. */
  readonly lineAt?: string
}

type Takable<As extends string> = { readonly taking?: Taking<As> | undefined }

/** A decision that was cut off stands in nobody's way after this. */
const takingMs = 60_000

/** What somebody decides of it just now. */
export const takingIn = <As extends string>({ taking }: Takable<As>, now: Date): Taking<As> | undefined =>
  taking && now.getTime() - Date.parse(taking.at) < takingMs ? taking : undefined

/** What one has taken, as it was read since, and by which name. */
export type Held<Item> = { readonly item: Item; readonly name: string }

/** Or who was faster, where a person was. */
export type Taken<Item, As extends string> = Held<Item> | { readonly faster: Deciding<As> | undefined }

export const take = async <Item extends Takable<As>, As extends string>(
  { by, as }: Deciding<As>,
  now: Date,
  record: {
    read(): Promise<Item | undefined>
    isOpen(item: Item): boolean
    decisionIn(item: Item): Deciding<As> | undefined
    /** Writes it over what nobody has changed since. */
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
    // What came of the put is read again: its answer may be lost, and forgetting an account writes over the item.
    await record.write(item, { by, as, name, at: now.toISOString() })
  }
}
