/** Edits the recipient list in the reading room: tries the change, then writes it if the recipient is unchanged. */
import { type Caller, mayDo } from '../../domain/access/caller.ts'
import type { Fault } from '../../domain/core/fault.ts'
import { canonicalJson, sha256 } from '../../domain/core/text/canonical.ts'
import { givenBeyond, mayChangeRecipient } from '../../domain/delivery/giving.ts'
import { type Recipient, type RecipientField, settingsChanged, withSettings } from '../../domain/delivery/recipient.ts'
import { recipientId, recipientsIn } from '../../store/delivery/recipients.ts'
import type { Who } from '../../store/table/history.ts'
import { memoryTable } from '../../store/table/memory-table.ts'
import type { Services } from '../services.ts'
import {
  addRecipient,
  RecipientError,
  type RecipientWords,
  removeRecipient,
  updateRecipient,
} from './manage-recipients.ts'

export type RecipientAsked =
  | { readonly does: 'add'; readonly words: RecipientWords }
  | { readonly does: 'change'; readonly found: Recipient; readonly words: Omit<RecipientWords, 'address'> }
  | { readonly does: 'pause' | 'resume'; readonly found: Recipient }

export type RecipientEffect = {
  readonly before: Recipient | undefined
  readonly after: Recipient
  readonly changed: readonly RecipientField[]
}

export type NotKept =
  | { readonly fault: 'clearance' | 'territories' }
  /** The address is or was on the list; nothing changes; a concurrent edit. */
  | { readonly fault: 'known' | 'same' | 'changed' }
  | { readonly fault: 'words'; readonly reason: Fault }

type KeepServices = Pick<Services, 'recipients' | 'clock'>

/** Fingerprint of a recipient's state, which a form holds to detect concurrent edits. */
export const stampOf = (recipient: Recipient): string => sha256(canonicalJson(recipient)).slice(0, 16)

export const tryRecipient = async (
  asked: RecipientAsked,
  caller: Caller,
  services: KeepServices,
): Promise<RecipientEffect | NotKept> => {
  const before = asked.does === 'add' ? undefined : asked.found
  if (!mayDo(caller, 'recipients:write') || (before && !mayChangeRecipient(caller, before)))
    return { fault: 'territories' }
  const trial = { recipients: recipientsIn(memoryTable()), clock: services.clock }
  if (before) await trial.recipients.replace(before)
  try {
    const wanted = await carriedOut(asked, trial)
    const changed = settingsChanged(before, wanted)
    // A form submits every setting; unchanged ones keep their stored value.
    const after = before && asked.does === 'change' ? withSettings(before, wanted, changed) : wanted
    if (!before && (await services.recipients.get(recipientId(after.address)))) return { fault: 'known' }
    const [beyond] = givenBeyond(caller, before, after)
    if (beyond) return { fault: beyond }
    return changed.length === 0 ? { fault: 'same' } : { before, after, changed }
  } catch (error) {
    if (error instanceof RecipientError) return { fault: 'words', reason: error.fault }
    throw error
  }
}

const trying: Who = { by: 'a trial' }

const carriedOut = (
  asked: RecipientAsked,
  services: Pick<KeepServices, 'recipients' | 'clock'>,
): Promise<Recipient> => {
  switch (asked.does) {
    case 'add':
      return addRecipient(asked.words, {}, trying, services)
    case 'change':
      return updateRecipient(asked.found.id, asked.words, {}, trying, services)
    case 'pause':
      return removeRecipient(asked.found.id, trying, services)
    case 'resume':
      return updateRecipient(asked.found.id, {}, { active: true }, trying, services)
  }
}

/** Writes only if the recipient is unchanged. @returns the stored recipient, or why nothing was written */
export const keepRecipient = async (
  asked: RecipientAsked,
  { by, reason }: Who,
  caller: Caller,
  services: KeepServices,
): Promise<Recipient | NotKept> => {
  const tried = await tryRecipient(asked, caller, services)
  if ('fault' in tried) return tried
  const { before, after } = tried
  const { recipients, clock } = services
  const who = { by, ...(reason && { reason }) }
  const isWritten = before
    ? await recipients.change(before, after, who, clock())
    : await recipients.add(after, who, clock())
  if (!isWritten) return { fault: before ? 'changed' : 'known' }
  return after
}
