/** The newest version of an edition: a held one is worth making again, one that stands may be mailed. */
import { type Caller, mayReadVersion } from '../../domain/access/caller.ts'
import { isOnRequest } from '../../domain/core/place/territory.ts'
import { readersByEdition } from '../../domain/delivery/may-receive.ts'
import type { Edition } from '../../domain/report/manifest.ts'
import { readableOf } from '../archive/browse-archive.ts'
import type { Services } from '../services.ts'

export type NewestVersion = {
  readonly is: 'held' | 'published'
  readonly version: number
  /** Whom the edition is mailed to; nobody where a report is made on request alone. */
  readonly readers: number
}

/** Undefined where the newest version of the edition was recalled, or is one that the caller may not read. */
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
  // A dossier goes to who asks, and a flash note once it is approved.
  if (isOnRequest(territory)) return { ...known, readers: 0 }
  const readers = readersByEdition({ territory, cadence: period.cadence }, await Array.fromAsync(recipients.all()))
  return { ...known, readers: readers.find((one) => one.cap === cap)?.readers ?? 0 }
}
