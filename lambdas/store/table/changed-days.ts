/**
 * On which days a territory's detections changed: a count may be kept as long as its days did not. A change is told
 * before its first write (*changing*) and after its last (*changed*), and the first mark is then removed. A reader
 * takes both, in this order, before it counts. Whatever is written after that shows in one of them from then on.
 */
import { randomUUID } from 'node:crypto'
import { systemClock } from '../../config/clock.ts'
import { territories } from '../../domain/core/place/territory.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { changedPartition, changingPartition, timeOfPartition, utcDays } from './keys.ts'
import type { Item, Table } from './table.ts'

/**
 * A writer may be suspended, as a laptop is over a night, and die after its late write: nothing is kept of its days for
 * so long. Milliseconds.
 */
const leaseMs = 24 * 3_600_000
/** Told apart by the day up to so many days, by the month beyond. */
const maxSeparateDays = 8
const maxSeparateMonths = 120
const dayMs = 86_400_000
const everything = 'all'

/** The state of a territory's days. */
export type ChangeState = {
  /**
   * SHA-256 for the days that [from, to) touches, milliseconds UTC: where it is the same later, no detection there
   * changed in between. Undefined while a change is being written.
   */
  of(from: number, to: number): string | undefined
}

export type ChangedDays = {
  /** As it is now, for days within [from, to). */
  state(territory: string, from: number, to: number): Promise<ChangeState>
  /** Does work on detections that this module does not see, after which every day counts as changed. */
  changingAll<Done>(work: () => Promise<Done>): Promise<Done>
}

type Changing = Item & { readonly days: readonly string[]; readonly until: number }

/** A table that tells of every change of detections that is written through it. */
export const keepingChanges = (table: Table): Table => {
  const writing = <Done>(items: readonly Item[], write: () => Promise<Done>): Promise<Done> =>
    writeMarked(table, touchedBy(items), write)
  return {
    ...table,
    put: (item) => writing([item], () => table.put(item)),
    putIf: (item, condition, along) => writing([item], () => table.putIf(item, condition, along)),
    putAll: (items) => writing(items, () => table.putAll(items)),
  }
}

export const changedDaysIn = (table: Table): ChangedDays => ({
  state: async (territory, from, to) => {
    const pk = changingPartition(territory)
    const changing = (await Array.fromAsync(table.query(pk))) as Changing[]
    const all = await table.get({ pk: changedPartition(territory), sk: everything })
    const days = utcDays(from, to)
    const [first = '', last = ''] = [days[0], days.at(-1)]
    // A month sorts before its days.
    const changeItems = table.query(changedPartition(territory), { from: first.slice(0, 7), to: last })
    const changed = new Map<string, unknown>()
    for await (const { sk, change } of changeItems) changed.set(sk, change)
    const now = systemClock().getTime()
    return {
      of: (start, end) => {
        const wanted = [...new Set(utcDays(start, end).flatMap((day) => [day.slice(0, 7), day]))]
        const touching = changing.filter(
          ({ days }) => days.includes(everything) || wanted.some((one) => days.includes(one)),
        )
        // The maker of one whose lease ran out is dead, or closes it by another name. Its mark stays permanently:
        // without it, what was counted before would hold again.
        if (touching.some(({ until }) => until > now)) return undefined
        const changes = [...wanted.map((one) => changed.get(one)), all?.change, ...touching.map(({ sk }) => sk)]
        return sha256(JSON.stringify(changes.filter((one) => one !== undefined)))
      },
    }
  },
  changingAll: (work) =>
    writeMarked(table, new Map(territories.map(({ code }) => [code, new Set([everything])])), work),
})

/** Writes between two marks. Where the write fails, some of it may be there: the second mark is put all the same. */
const writeMarked = async <Done>(
  table: Table,
  touched: ReadonlyMap<string, ReadonlySet<string>>,
  write: () => Promise<Done>,
): Promise<Done> => {
  if (touched.size === 0) return write()
  const change = randomUUID()
  const until = systemClock().getTime() + leaseMs
  const changing = [...touched].map(([territory, days]) => ({
    pk: changingPartition(territory),
    sk: change,
    days: [...days],
    until,
  }))
  // Not the name of the mark: what was counted while that had run out, before a late write, must not hold after it.
  const closed = randomUUID()
  const changed = [...touched].flatMap(([territory, days]) =>
    [...days].map((day) => ({ pk: changedPartition(territory), sk: day, change: closed })),
  )
  const close = async () => {
    await table.putAll(changed)
    await Promise.all(changing.map(({ pk, sk }) => table.remove({ pk, sk })))
  }
  await table.putAll(changing)
  let done: Done
  try {
    done = await write()
  } catch (error) {
    // Where this fails too, the first mark stays, and counts as a change once its lease has run out.
    await close().catch(() => undefined)
    throw error
  }
  await close()
  return done
}

/** The days and months that items of detections in time touch, by territory. */
const touchedBy = (items: readonly Item[]): ReadonlyMap<string, ReadonlySet<string>> => {
  const touched = new Map<string, Set<string>>()
  for (const item of items) {
    const time = timeOfPartition(item.pk)
    if (!time) continue
    const { territory, day } = time
    const days = touched.get(territory) ?? new Set<string>()
    touched.set(territory, days)
    for (const one of day === undefined ? ongoingDays(item) : daysOf(day, item.to)) days.add(one)
  }
  return touched
}

/** Of an item among the ongoing, whose key begins with its end. */
const ongoingDays = ({ sk, from }: Item): readonly string[] =>
  typeof from === 'string' ? daysOf(from, sk.slice(0, sk.indexOf('#'))) : [everything]

const daysOf = (from: string, to: unknown): readonly string[] => {
  if (typeof to !== 'string') return [from.slice(0, 10)]
  const [start, end] = [Date.parse(from), Date.parse(to)]
  if (!(end - start <= maxSeparateMonths * 31 * dayMs)) return [everything]
  // The last day too, where the end is its midnight: an instant may lie there.
  const days = utcDays(start, end + 1)
  return days.length <= maxSeparateDays ? days : [...new Set(days.map((day) => day.slice(0, 7)))]
}
