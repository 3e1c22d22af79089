import type { Ceiling } from '../../domain/access/caller.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import type { Stored } from '../../store/detections/reading.ts'
import { currentOf, type LookServices, type Shown, shownTo, storedFor, viewFor } from './view.ts'

export type KnownDetection = {
  readonly stored: Stored
  readonly shown: Shown
  /** Changes with whatever this reader may see of it; begins with the revision that they see. */
  readonly etag: string
}

/** Also of a withdrawn one. */
export const detectionFor = async (
  id: string,
  ceiling: Ceiling,
  services: LookServices,
): Promise<KnownDetection | undefined> => {
  const view = await viewFor(ceiling, services)
  const stored = await storedFor(id, view, services)
  const [shown] = stored ? await shownTo([await currentOf(stored)], view, services) : []
  if (!stored || !shown) return undefined
  const hash = sha256(JSON.stringify([stored.status, shown])).slice(0, 16)
  return { stored, shown, etag: `"${shown.revision}-${hash}"` }
}

/** Gives the same answer, after one read, for not stored, withdrawn and not permitted. */
export const showDetection = async (
  id: string,
  ceiling: Ceiling,
  services: LookServices,
): Promise<Shown | undefined> => {
  const found = await detectionFor(id, ceiling, services)
  return found?.stored.status === 'active' ? found.shown : undefined
}
