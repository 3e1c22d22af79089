/** Refuses a waiting flash note under the analyst's name: it is recalled. */
import type { Marking } from '../../../domain/core/marking.ts'
import type { Services } from '../../services.ts'
import type { VersionOfNote } from './list-flash.ts'
import { notesNamed } from './named-flash.ts'

/** @throws Error where there is nothing to refuse */
export const refuseFlash = async (
  asked: {
    readonly key: string
    readonly by: string
    readonly cap?: Marking | undefined
    readonly reason?: string | undefined
  },
  services: Pick<Services, 'reports' | 'clock'>,
): Promise<readonly VersionOfNote[]> => {
  const made = await notesNamed(asked, services)
  const waiting = made.filter(({ approved }) => !approved)
  if (waiting.length === 0) {
    throw new Error(`${made[0].territory} is approved already: vigie archive recall takes a version back`)
  }
  const refused: VersionOfNote[] = []
  for (const one of waiting) {
    const entry = await refuseSeen(one, { by: asked.by.trim(), reason: asked.reason?.trim() ?? '' }, services)
    if (!entry) {
      throw new Error(`${one.territory} v${one.version} was changed meanwhile: look at it, and refuse it again`)
    }
    refused.push(entry)
  }
  return refused
}

export const refuseSeen = async (
  entry: VersionOfNote,
  { by, reason }: { readonly by: string; readonly reason: string },
  { reports, clock }: Pick<Services, 'reports' | 'clock'>,
): Promise<VersionOfNote | undefined> => {
  const at = clock().toISOString()
  const recalled = { at, reason, refusedBy: by }
  return (await reports.decide(entry, { recalled }, { at, did: 'refused', by, reason }))
    ? { ...entry, recalled }
    : undefined
}
