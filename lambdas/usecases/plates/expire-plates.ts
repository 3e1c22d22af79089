/** Removes the pictures of all plates that came before a day: the end of how long a house keeps them. */
import type { Plate } from '../../domain/plate/plate.ts'
import type { Services } from '../services.ts'
import { forgetPlate, versionId, versionsShowingEach } from './forget-plate.ts'
import type { PlateServices } from './pictures-of.ts'

/** A plate that goes, with the ids of the published versions that hold its picture and answer requests still. */
export type ExpiredPlate = Plate & { readonly shownBy: readonly string[] }

/** @param day the first, by universal time, whose plates stay: `2025-01-01` */
export const platesBefore = async (
  day: string,
  { plates, reports }: Pick<Services, 'plates' | 'reports'>,
): Promise<readonly ExpiredPlate[]> => {
  const due = (await plates.list()).filter(({ addedAt, removed }) => addedAt < day && !removed)
  const showing = await versionsShowingEach(
    due.map(({ sha256 }) => sha256),
    { reports },
  )
  return due.map((plate) => ({ ...plate, shownBy: (showing.get(plate.sha256) ?? []).map(versionId) }))
}

/** Forgets each of them. Interrupted, the same again goes on with the others. */
export const expirePlates = async (
  due: readonly ExpiredPlate[],
  said: { readonly by: string; readonly reason: string },
  services: PlateServices,
): Promise<readonly ExpiredPlate[]> => {
  const gone: ExpiredPlate[] = []
  for (const { shownBy, ...plate } of due) gone.push({ ...(await forgetPlate(plate, said, services)).plate, shownBy })
  return gone
}
