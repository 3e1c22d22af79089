/** One detection by its id, where the reader may know of it. */
import type { Ceiling } from '../../domain/access/caller.ts'
import { type LookServices, type Shown, shownTo, storedFor, viewFor } from './view.ts'

/** Undefined where it is not stored, was withdrawn, or may not be known: by one reading, whichever it is. */
export const showDetection = async (
  id: string,
  ceiling: Ceiling,
  services: LookServices,
): Promise<Shown | undefined> => {
  const view = await viewFor(ceiling, services)
  const stored = await storedFor(id, view, services)
  if (stored?.status !== 'active') return undefined
  const { revision, storedAt, below } = stored
  const [shown] = await shownTo([{ detection: await stored.body(), revision, storedAt, below }], view, services)
  return shown
}
