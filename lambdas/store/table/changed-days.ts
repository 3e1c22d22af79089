/**
 * Tracks changed days, to validate cached counts. A writer marks a change before its first write (*changing*) and after
 * its last (*changed*), then removes the first mark. A reader reads both, in this order, before counting: every later
 * write shows in one of them.
 */
import { randomUUID } from 'node:crypto'
import { systemClock } from '../../config/clock.ts'
import { territories } from '../../domain/core/place/territory.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { changedPartition, changingPartition, timeOfPartition, utcDays } from './keys.ts'
import type { Item, Table } from './table.ts'

/** Milliseconds. A suspended writer may write late and die: its days are not cached for this long. */
const leaseMs = 24 * 3_600_000
/** Beyond, changes are marked by month. */
const maxSeparateDays = 8
const maxSeparateMonths = 120
const dayMs = 86_400_000
const everything = 'all'

export type ChangeState = {
  /**
   * SHA-256 for the days that [from, to) touches, milliseconds UTC: equal while no detection changes. Undefined during
   * a change.
   */
  of(from: number, to: number): string | undefined
  /** No detection was ever stored in [from, to). */
  isUntouched(from: number, to: number): boolean
}

export type MayHave = {
  onDay(day: string): boolean
  /** Of a month that is marked as a whole, for a long detection, only the first day: few begin on the others. */
  isCounted(day: string): boolean
}

export type ChangedDays = {
  state(territory: string, from: number, to: number): Promise<ChangeState>
  /** Whether a detection of these territories was ever stored on a UTC day, for all days. */
  mayHave(territories: readonly string[]): Promise<MayHave>
  /** Runs work that bypasses this module; then every day counts as changed. */
  changingAll<Done>(work: () => Promise<Done>): Promise<Done>
}

type Changing = Item & { readonly days: readonly string[]; readonly until: number }

/** Marks every change of detections written through the table. */
export const keepingChanges = (table: Table): Table => {
  const writing = <Done>(items: readonly Item[], write: () => Promise<Done>): Promise<Done> =>
    writeMarked(table, touchedBy(items), write)
  return {
    ...table,
    put: (item) => writing([item], () => table.put(item)),
    putIf: (item, condition) => writing([item], () => table.putIf(item, condition)),
    putTogether: (puts) => {
      const items = puts.map(({ item }) => item)
      return writing(items, () => table.putTogether(puts))
    },
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
    const changeItems = table.query(changedPartition(territory), { from: first.slice(0, 7), to: last })
    const changed = new Map<string, unknown>()
    for await (const { sk, change } of changeItems) changed.set(sk, change)
    const now = systemClock().getTime()
    const changesIn = (start: number, end: number) => {
      const wanted = [...new Set(utcDays(start, end).flatMap((day) => [day.slice(0, 7), day]))]
      const touching = changing.filter(
        ({ days }) => days.includes(everything) || wanted.some((one) => days.includes(one)),
      )
      const changes = [...wanted.map((one) => changed.get(one)), all?.change, ...touching.map(({ sk }) => sk)]
      return { touching, changes: changes.filter((one) => one !== undefined) }
    }
    return {
      of: (start, end) => {
        const { touching, changes } = changesIn(start, end)
        // The writer is dead, or closes it by another name. Without the permanent mark, earlier counts would become
        // valid again.
        return touching.some(({ until }) => until > now) ? undefined : sha256(JSON.stringify(changes))
      },
      isUntouched: (start, end) => changesIn(start, end).changes.length === 0,
    }
  },
  mayHave: async (codes) => {
    const marks = new Set<string>()
    for (const code of codes) for await (const { sk } of table.query(changedPartition(code))) marks.add(sk)
    marks.delete(everything)
    const isMarked = (day: string, month = day.slice(0, 7)) => marks.has(day) || marks.has(month)
    return { onDay: isMarked, isCounted: (day) => isMarked(day, day.endsWith('-01') ? day.slice(0, 7) : '') }
  },
  changingAll: (work) =>
    writeMarked(table, new Map(territories.map(({ code }) => [code, new Set([everything])])), work),
})

/** The second mark is also put after a failure, since parts may be written. */
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
  // Not the mark's name: counts from after its expiry must not survive a late write.
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
    // If this fails too, the first mark counts as a change once it expires.
    await close().catch(() => undefined)
    throw error
  }
  await close()
  return done
}

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

const ongoingDays = ({ sk, from }: Item): readonly string[] =>
  typeof from === 'string' ? daysOf(from, sk.slice(0, sk.indexOf('#'))) : [everything]

const daysOf = (from: string, to: unknown): readonly string[] => {
  if (typeof to !== 'string') return [from.slice(0, 10)]
  const [start, end] = [Date.parse(from), Date.parse(to)]
  // The first day shows where a list has the detection.
  if (!(end - start <= maxSeparateMonths * 31 * dayMs)) return [from.slice(0, 10), everything]
  // An instant may be at the midnight that ends the last day.
  const days = utcDays(start, end + 1)
  return days.length <= maxSeparateDays ? days : [...new Set(days.map((day) => day.slice(0, 7)))]
}
