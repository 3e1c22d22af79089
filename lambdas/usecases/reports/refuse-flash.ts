/** Refuses a flash note that waits: a person, by name. It is recalled, and no rule drafts it again. */
import type { Marking } from '../../domain/core/marking.ts'
import { recallSeen, versionDeed } from '../archive/recall-version.ts'
import type { Services } from '../services.ts'
import { FlashError } from './ask-flash.ts'
import type { VersionOfNote } from './list-flash.ts'
import { notesNamed } from './named-flash.ts'

/**
 * Refuses the newest version of one edition, or of each, that nobody has approved.
 * @throws FlashError where there is nothing to refuse
 */
export const refuseFlash = async (
  asked: {
    readonly key: string
    readonly by: string
    readonly cap?: Marking | undefined
    readonly reason?: string | undefined
  },
  services: Pick<Services, 'reports' | 'history' | 'clock'>,
): Promise<readonly VersionOfNote[]> => {
  const made = await notesNamed(asked, services)
  const waiting = made.filter(({ approved }) => !approved)
  if (waiting.length === 0) {
    throw new FlashError(`${made[0].territory} is approved already: vigie archive recall takes a version back`)
  }
  const refused: VersionOfNote[] = []
  for (const one of waiting) {
    const entry = await refuseSeen(one, { by: asked.by.trim(), reason: asked.reason?.trim() ?? '' }, services)
    if (!entry) {
      throw new FlashError(`${one.territory} v${one.version} was changed meanwhile: look at it, and refuse it again`)
    }
    refused.push(entry)
  }
  return refused
}

/** Refuses a version as it was seen, and tells the history: undefined where somebody decided of it meanwhile. */
export const refuseSeen = async (
  entry: VersionOfNote,
  { by, reason }: { readonly by: string; readonly reason: string },
  services: Pick<Services, 'reports' | 'history' | 'clock'>,
): Promise<VersionOfNote | undefined> => {
  const words = [`refused by ${by}`, ...(reason === '' ? [] : [reason])].join(': ')
  const recalled = await recallSeen(entry, words, services)
  if (!recalled?.recalled) return undefined
  await services.history.add(versionDeed(entry, { at: recalled.recalled.at, did: 'refused', by, reason }))
  return { ...recalled, territory: entry.territory }
}
