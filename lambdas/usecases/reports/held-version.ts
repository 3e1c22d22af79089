/** The held version of an edition that nothing stands after: the one that is worth making again. */
import { type Caller, mayReadVersion } from '../../domain/access/caller.ts'
import { isOnRequest } from '../../domain/core/territory.ts'
import { readersByEdition } from '../../domain/delivery/may-receive.ts'
import type { Edition } from '../../domain/report/manifest.ts'
import { readableOf } from '../archive/browse-archive.ts'
import type { Services } from '../services.ts'

export type HeldVersion = {
  readonly version: number
  /** Whom the edition is mailed to; nobody where a report is made on request alone. */
  readonly readers: number
}

/** Undefined where the newest version of the edition is not held, or is one that the caller may not read. */
export const heldHere = async (
  edition: Edition,
  caller: Caller,
  { reports, recipients }: Pick<Services, 'reports' | 'recipients'>,
): Promise<HeldVersion | undefined> => {
  const newest = (await reports.versions(edition)).findLast(({ published, held }) => published ?? held)
  if (!newest?.held || newest.published) return undefined
  const readable = { ...readableOf(newest), marking: newest.held.marking, state: 'published' as const }
  if (!mayReadVersion(caller, readable)) return undefined
  const { territory, cap, period } = edition
  // A dossier goes to who asks, and a flash note once it is approved.
  if (isOnRequest(territory)) return { version: newest.version, readers: 0 }
  const readers = readersByEdition({ territory, cadence: period.cadence }, await Array.fromAsync(recipients.all()))
  return { version: newest.version, readers: readers.find((one) => one.cap === cap)?.readers ?? 0 }
}
