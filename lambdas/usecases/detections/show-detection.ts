import type { Ceiling } from '../../domain/access/caller.ts'
import { currentOf, type LookServices, type Shown, shownTo, storedFor, viewFor } from './view.ts'

/** Gives the same answer, after one read, for not stored, withdrawn and not permitted. */
export const showDetection = async (
  id: string,
  ceiling: Ceiling,
  services: LookServices,
): Promise<Shown | undefined> => {
  const view = await viewFor(ceiling, services)
  const stored = await storedFor(id, view, services)
  if (stored?.status !== 'active') return undefined
  const [shown] = await shownTo([await currentOf(stored)], view, services)
  return shown
}
