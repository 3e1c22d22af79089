/** Approves the current version of a flash note for sending, under the approver's name. */
import { asFault, messageOfFault } from '../../../domain/core/fault.ts'
import type { Reason } from '../../../domain/core/fault.ts'
import type { Marking } from '../../../domain/core/marking.ts'
import { isExpired } from '../../../domain/flash/flash.ts'
import { editionOf } from '../../../domain/report/manifest.ts'
import type { Who } from '../../../store/table/history.ts'
import type { Services } from '../../services.ts'
import type { VersionOfNote } from './list-flash.ts'
import { notesNamed } from './named-flash.ts'

/**
 * Earlier approvals stay.
 * @throws Error where there is nothing that may be sent
 */
export const approveFlash = async (
  { key, by, cap }: { readonly key: string; readonly by: string; readonly cap?: Marking | undefined },
  services: Pick<Services, 'reports' | 'clock'>,
): Promise<readonly VersionOfNote[]> => {
  const now = services.clock().toISOString()
  const made = await notesNamed({ key, cap }, services)
  const holding = made.filter(({ published }) => published?.flash && !isExpired(published.flash, now))
  if (holding.length === 0) {
    const [{ territory, published }] = made
    throw new Error(
      `${territory} held until ${published?.flash?.until}, and is not mailed any more: make it again with vigie flash ${territory}`,
    )
  }
  for (const entry of holding) await refuseHeld(entry, services)
  return Promise.all(holding.map((entry) => approved(entry, by.trim(), services)))
}

/** Finds a later version held by the gate, so that the older one is not approved unawares. */
export const heldAfter = async (
  { version, ...entry }: VersionOfNote,
  { reports }: Pick<Services, 'reports'>,
): Promise<{ readonly version: number; readonly reason: Reason } | undefined> => {
  const versions = await reports.versions(editionOf(entry))
  const later = versions.find((one) => one.state === 'held' && one.version > version)
  return later && { version: later.version, reason: later.reason ?? '' }
}

const refuseHeld = async (entry: VersionOfNote, services: Pick<Services, 'reports'>): Promise<void> => {
  const later = await heldAfter(entry, services)
  if (!later) return
  throw new Error(
    `${entry.territory} v${later.version} is held, and v${entry.version} has other content (${messageOfFault(asFault(later.reason))}): correct it and make the note again, then approve that`,
  )
}

const approved = async (
  entry: VersionOfNote,
  by: string,
  services: Pick<Services, 'reports' | 'clock'>,
): Promise<VersionOfNote> => {
  if (entry.approved) return entry
  const next = await approveSeen(entry, { by }, services)
  if (next) return next
  throw new Error(`${entry.territory} v${entry.version} was changed meanwhile: look at it, and approve it again`)
}

export const approveSeen = async (
  entry: VersionOfNote,
  { by, reason }: Who,
  { reports, clock }: Pick<Services, 'reports' | 'clock'>,
): Promise<VersionOfNote | undefined> => {
  const at = clock().toISOString()
  const approved = { at, by }
  const action = { at, did: 'approved' as const, by, ...(reason !== undefined && { reason }) }
  return (await reports.decide(entry, { approved }, action)) ? { ...entry, approved } : undefined
}
