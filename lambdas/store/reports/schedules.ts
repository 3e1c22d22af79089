import { scheduleId, scheduleIn, type Schedule, type ScheduleSetting, type Turn } from '../../domain/report/schedule.ts'
import { lineOf, writeAct } from '../table/history.ts'
import { schedulesPartition } from '../table/keys.ts'
import type { Item, Table } from '../table/table.ts'

export type Schedules = {
  /** Unordered, without schedules that were never changed. */
  all(): Promise<readonly ScheduleSetting[]>
  get(schedule: Schedule): Promise<ScheduleSetting>
  /** False where another turn was added since `seen`. */
  add(seen: ScheduleSetting, turn: Turn): Promise<boolean>
}

/** An item has 400 KB, so the oldest turns are dropped. */
const maxTurns = 300

export const schedulesIn = (table: Table): Schedules => ({
  // Ignores settings of a later version.
  all: async () => (await Array.fromAsync(table.query(schedulesPartition), settingIn)).flat(),
  get: async (schedule) => {
    const item = await table.get({ pk: schedulesPartition, sk: scheduleId(schedule) })
    return { ...schedule, turns: item ? turnsIn(item) : [] }
  },
  add: async (seen, turn) => {
    const item = { pk: schedulesPartition, sk: scheduleId(seen), turns: [...seen.turns, turn].slice(-maxTurns) }
    const last = seen.turns.at(-1)
    return writeAct(
      table,
      { ...item, lastAt: turn.at },
      last
        ? { expression: 'lastAt = :last', values: { ':last': last.at } }
        : { expression: 'attribute_not_exists(pk)' },
      lineOf({
        ...{ at: turn.at, did: turn.is === 'paused' ? 'paused' : 'resumed', by: turn.by },
        ...{ id: scheduleId(seen), of: 'schedule', reason: turn.reason },
        ...(turn.until !== undefined && { what: [turn.until] }),
      }),
    )
  },
})

const turnsIn = ({ turns }: Item): readonly Turn[] => turns as readonly Turn[]

const settingIn = (item: Item): readonly ScheduleSetting[] => {
  const schedule = scheduleIn(item.sk)
  return schedule ? [{ ...schedule, turns: turnsIn(item) }] : []
}
