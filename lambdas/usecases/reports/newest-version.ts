import { type Caller, mayReadVersion } from '../../domain/access/caller.ts'
import { isOnRequest } from '../../domain/core/place/territory.ts'
import { readersByEdition } from '../../domain/delivery/may-receive.ts'
import type { Edition } from '../../domain/report/manifest.ts'
import { readableOf } from '../archive/browse-archive.ts'
import type { Services } from '../services.ts'

export type NewestVersion = {
  readonly is: 'held' | 'published'
  readonly version: number
  /** Recipients; 0 for reports on request only. */
  readonly readers: number
}

/** Returns undefined where the newest version was recalled or the caller may not read it. */
export const newestHere = async (
  edition: Edition,
  caller: Caller,
  { reports, recipients }: Pick<Services, 'reports' | 'recipients'>,
): Promise<NewestVersion | undefined> => {
  const newest = (await reports.versions(edition)).findLast(({ published, held }) => published ?? held)
  const kept = newest?.published ?? newest?.held
  if (!newest || !kept || newest.recalled) return undefined
  const readable = { ...readableOf(newest), marking: kept.marking, state: 'published' as const }
  if (!mayReadVersion(caller, readable)) return undefined
  const { territory, cap, period } = edition
  const known = { is: newest.published ? 'published' : 'held', version: newest.version } as const
  // Dossiers go to the requester, flash notes to recipients after approval.
  if (isOnRequest(territory)) return { ...known, readers: 0 }
  const readers = readersByEdition({ territory, cadence: period.cadence }, await Array.fromAsync(recipients.all()))
  return { ...known, readers: readers.find((one) => one.cap === cap)?.readers ?? 0 }
}
