/** What persons have set of schedules: an item for each that was ever touched, turn by turn. */
import { scheduleId, scheduleIn, type Schedule, type ScheduleSetting, type Turn } from '../domain/report/schedule.ts'
import { schedulesPartition } from './keys.ts'
import type { Item, Table } from './table.ts'

export type Schedules = {
  /** In no order; one that nobody has touched is not among them. */
  all(): Promise<readonly ScheduleSetting[]>
  get(schedule: Schedule): Promise<ScheduleSetting>
  /** Adds a turn while none has come since it was read; false where one has. */
  add(seen: ScheduleSetting, turn: Turn): Promise<boolean>
}

/** An item holds 400 KB; the oldest turns of a schedule that was set more often are dropped. */
const maxTurns = 300

export const schedulesIn = (table: Table): Schedules => ({
  all: async () => Array.fromAsync(table.query(schedulesPartition), settingIn),
  get: async (schedule) => {
    const item = await table.get({ pk: schedulesPartition, sk: scheduleId(schedule) })
    return item ? settingIn(item) : { ...schedule, turns: [] }
  },
  add: async (seen, turn) => {
    const item = { pk: schedulesPartition, sk: scheduleId(seen), turns: [...seen.turns, turn].slice(-maxTurns) }
    const last = seen.turns.at(-1)
    return table.putIf(
      { ...item, lastAt: turn.at },
      last
        ? { expression: 'lastAt = :last', values: { ':last': last.at } }
        : { expression: 'attribute_not_exists(pk)' },
    )
  },
})

const settingIn = ({ sk, turns }: Item): ScheduleSetting => {
  const schedule = scheduleIn(sk)
  if (!schedule) throw new Error(`${JSON.stringify(sk)} is no schedule: this table was written by a later version`)
  return { ...schedule, turns: turns as readonly Turn[] }
}
