import type { Plate } from '../../domain/plate/plate.ts'
import { firstKept } from '../../domain/plate/retention.ts'
import { pauseAt, plateExpiry, scheduleId, type Turn } from '../../domain/report/schedule.ts'
import type { Services } from '../services.ts'
import { finishRemoval, forgetPlate, type RemovalRequest, versionId, versionsShowingEach } from './forget-plate.ts'
import type { PlateServices } from './pictures-of.ts'

type ExpiredPlate = Plate & { readonly shownBy: readonly string[] }

/** Oldest first. @param day the first UTC day whose images stay: `2025-01-01` */
export const platesBefore = async (
  day: string,
  { plates, reports }: Pick<Services, 'plates' | 'reports'>,
): Promise<readonly ExpiredPlate[]> => {
  const due = (await plates.list())
    .filter(({ addedAt, removed }) => addedAt < day && !removed)
    .toSorted((one, other) => (one.addedAt < other.addedAt ? -1 : one.addedAt > other.addedAt ? 1 : 0))
  const showing = await versionsShowingEach(
    due.map(({ sha256 }) => sha256),
    { reports },
  )
  return due.map((plate) => ({ ...plate, shownBy: (showing.get(plate.sha256) ?? []).map(versionId) }))
}

/** A repeated call continues where it was cut off. @returns those not removed by others meanwhile */
const expirePlates = async (
  due: readonly ExpiredPlate[],
  removal: RemovalRequest,
  services: PlateServices,
): Promise<readonly ExpiredPlate[]> => {
  await finishRemovals(services)
  const gone: ExpiredPlate[] = []
  for (const { shownBy, ...plate } of due) {
    const forgotten = await forgetPlate(plate, removal, services)
    if (forgotten.isNew) gone.push({ ...forgotten.plate, shownBy })
  }
  return gone
}

/** Long enough for any outage that cut a removal off to be fixed. */
const unfinishedDays = 30

const finishRemovals = async (services: PlateServices): Promise<void> => {
  const since = firstKept(services.clock(), unfinishedDays)
  for (const plate of await services.plates.list())
    if (plate.removed && plate.removed.at >= since) await finishRemoval(plate, services)
}

type RetentionServices = PlateServices & Pick<Services, 'reports' | 'schedules'>

/** `paused`: nothing was checked. */
type Retained =
  | { readonly paused: Turn }
  | {
      readonly before: string
      readonly removed: readonly ExpiredPlate[]
    }

/**
 * Idempotent for an instant; continues a call that was cut off.
 * @param days whole days that a picture is kept
 * @param at the scheduled instant, which decides pauses and days
 */
export const expireByRetention = async (
  { days, at }: { readonly days: number; readonly at: Date },
  services: RetentionServices,
): Promise<Retained> => {
  const paused = pauseAt(await services.schedules.get(plateExpiry), at.getTime())
  if (paused) return { paused }
  const before = firstKept(at, days)
  const removal = { by: `schedule ${scheduleId(plateExpiry)}`, reason: 'retention', keptDays: days }
  return { before, removed: await expirePlates(await platesBefore(before, services), removal, services) }
}
