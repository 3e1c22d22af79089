/** Finds the author of a conflicting decision or edit. */
import { type Ceiling, isUnder, mayReadVersion, type Caller } from '../../domain/access/caller.ts'
import { storedAtInEdition } from '../../domain/detection/revisions/edition-overrides.ts'
import { type Edition, editionOf, reportId } from '../../domain/report/manifest.ts'
import type { Action } from '../../store/table/history.ts'
import { readableOf } from '../archive/browse-archive.ts'
import type { Services } from '../services.ts'

type Known = Pick<Action, 'at' | 'of' | 'id'>

/** Finds the author of an action in the history; undefined where it was automatic. */
const whoDid = async ({ at, of, id }: Known, { history }: Pick<Services, 'history'>): Promise<string | undefined> => {
  const line = (await history.at(at)).find((one) => one.of === of && one.id === id)
  return line?.by
}

export const whoRecalled = async (
  edition: Edition,
  version: number,
  caller: Caller,
  services: Pick<Services, 'reports' | 'history'>,
): Promise<{ readonly by: string | undefined } | undefined> => {
  const entry = (await services.reports.versions(edition)).find((one) => one.version === version)
  if (!entry?.published || !entry.recalled) return undefined
  // Only if the caller could have made that decision.
  if (!mayReadVersion(caller, { ...readableOf(entry), state: 'published' })) return undefined
  const known: Known = { at: entry.recalled.at, of: 'report', id: reportId(editionOf(entry), version) }
  return { by: await whoDid(known, services) }
}

/** Returns the author of the current revision, if known and visible to the caller. */
export const whoChanged = async (
  id: string,
  ceiling: Ceiling,
  services: Pick<Services, 'detections' | 'history'>,
): Promise<string | undefined> => {
  const stored = (await services.detections.stored([id])).get(id)
  if (!stored || !isUnder(ceiling, stored) || storedAtInEdition(stored, ceiling.clearance) !== stored.storedAt)
    return undefined
  const corrections = await services.detections.corrections(id)
  const own = corrections.find(({ at }) => at === stored.storedAt)
  return own?.by ?? whoDid({ at: stored.storedAt, of: 'detection', id }, services)
}

/** Of a reject that was dropped, fixed, or undone with its intake. */
export const whoClosed = async (
  rejectId: string,
  services: Pick<Services, 'rejects' | 'batches' | 'history'>,
): Promise<{ readonly by: string | undefined } | undefined> => {
  const { resolvedAt: at, closedIn } = (await services.rejects.get(rejectId)) ?? {}
  if (at === undefined) return undefined
  const batch = closedIn === undefined ? undefined : await services.batches.get(closedIn)
  return { by: batch?.by ?? (await whoDid({ at, of: 'reject', id: rejectId }, services)) }
}
