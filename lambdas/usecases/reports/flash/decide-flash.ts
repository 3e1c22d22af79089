import { type Caller, mayDo, mayReadVersion } from '../../../domain/access/caller.ts'
import type { Reason } from '../../../domain/core/fault.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { type FlashCode, isFlashCode } from '../../../domain/core/place/territory.ts'
import { mayReceive } from '../../../domain/delivery/may-receive.ts'
import { editionFor, type Recipient, recipientSchema } from '../../../domain/delivery/recipient.ts'
import { isExpired } from '../../../domain/flash/flash.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import { readableOf } from '../../archive/browse-archive.ts'
import { deliverableOf } from '../../delivery/mailing.ts'
import { receiversOf } from '../../delivery/manage-deliveries.ts'
import type { Services } from '../../services.ts'
import { heldAfter } from './approve-flash.ts'
import type { VersionOfNote } from './list-flash.ts'

export type FlashReview = {
  readonly entry: VersionOfNote
  readonly marking: Marking
  /** ISO instant of expiry. */
  readonly until: string
  /** Recipients who received it, or may have. */
  readonly had: number
  readonly readers: readonly Recipient[]
  /** A later version held by the gate, which prevents approval. */
  readonly held: { readonly version: number; readonly reason: Reason } | undefined
}

type Standings = Pick<Services, 'reports' | 'recipients' | 'deliveries' | 'clock'>

/** Undefined where the version is not current, has expired, or is not permitted. */
export const readFlashReview = async (
  edition: Edition,
  version: number,
  caller: Caller,
  services: Standings,
): Promise<FlashReview | undefined> => {
  const { territory } = edition
  if (!isFlashCode(territory) || !mayDo(caller, 'notes:approve')) return undefined
  const newest = (await services.reports.versions(edition)).findLast(
    ({ published, recalled }) => published && !recalled,
  )
  if (newest?.version !== version || !newest.published?.flash || !mayReadVersion(caller, readableOf(newest)))
    return undefined
  const { marking, flash } = newest.published
  if (isExpired(flash, services.clock().toISOString())) return undefined
  const entry: VersionOfNote = { ...newest, territory: territory satisfies FlashCode }
  return {
    ...{ entry, marking, until: flash.until },
    ...(await readersOf(entry, services)),
    held: await heldAfter(entry, services),
  }
}

const readersOf = async (entry: VersionOfNote, services: Standings): Promise<Pick<FlashReview, 'had' | 'readers'>> => {
  const { territory, period, cap, version } = entry
  const had = new Set(
    (await receiversOf({ territory, period, cap, version }, services)).map(({ recipient }) => recipient),
  )
  const approved = deliverableOf({ entry, report: { quiet: false }, awaitsApproval: false })
  const stored = await Array.fromAsync(services.recipients.all(), (one) => recipientSchema.safeParse(one).data)
  const readers = stored.flatMap((one) =>
    one && editionFor(one) === cap && !had.has(one.id) && mayReceive(approved, one).may ? [one] : [],
  )
  return { had: had.size, readers }
}
