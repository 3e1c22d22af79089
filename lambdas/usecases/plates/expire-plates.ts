/** Removes the pictures of all plates that came before a day: the end of how long a house keeps them. */
import type { Plate } from '../../domain/plate/plate.ts'
import { firstKept } from '../../domain/plate/retention.ts'
import { pauseAt, plateExpiry, scheduleId, type Turn } from '../../domain/report/schedule.ts'
import type { Services } from '../services.ts'
import { finishRemoval, forgetPlate, type RemovalRequest, versionId, versionsShowingEach } from './forget-plate.ts'
import type { PlateServices } from './pictures-of.ts'

/** A plate that goes, with the ids of the published versions that hold its picture and answer requests still. */
export type ExpiredPlate = Plate & { readonly shownBy: readonly string[] }

/** The oldest first. @param day the first, by universal time, whose plates stay: `2025-01-01` */
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

/** Forgets each of them. Cut off, the same again does what is left. @returns those that nobody removed meanwhile */
export const expirePlates = async (
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

/**
 * For so long a removal that was cut off after its record is looked for: longer than anybody takes to mend what cut it
 * off.
 */
const unfinishedDays = 30

/** Takes out what removals of the last weeks have left where they were cut off. */
const finishRemovals = async (services: PlateServices): Promise<void> => {
  const since = firstKept(services.clock(), unfinishedDays)
  for (const plate of await services.plates.list())
    if (plate.removed && plate.removed.at >= since) await finishRemoval(plate, services)
}

export type RetentionServices = PlateServices & Pick<Services, 'reports' | 'schedules'>

/** *paused*: a person has paused it, and nothing was looked at. */
type Retained =
  | { readonly paused: Turn }
  | {
      /** The first day whose pictures stay. */
      readonly before: string
      readonly removed: readonly ExpiredPlate[]
    }

/**
 * Removes what was kept as long as the house keeps pictures. Called twice for one instant, or after a call that was cut
 * off, it does what is left.
 * @param days for how many whole days a picture is kept
 * @param at when it was due, by which pauses and days are judged
 */
export const expireByRetention = async (
  { days, at, by = `schedule ${scheduleId(plateExpiry)}` }: RetentionAsked,
  services: RetentionServices,
): Promise<Retained> => {
  const paused = pauseAt(await services.schedules.get(plateExpiry), at.getTime())
  if (paused) return { paused }
  const before = firstKept(at, days)
  const removal = { by, reason: 'retention', keptDays: days }
  return { before, removed: await expirePlates(await platesBefore(before, services), removal, services) }
}

type RetentionAsked = {
  readonly days: number
  readonly at: Date
  /** Who does it; the schedule where it is left out. */
  readonly by?: string
}
