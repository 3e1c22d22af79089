/** A person has looked at a record that could not be stored, and nothing of it is to be mended. */
import type { Services } from '../services.ts'

/** @returns false where no such reject is open */
export const dropReject = async (
  id: string,
  { by, reason }: { readonly by: string; readonly reason: string },
  { rejects, history, clock }: Pick<Services, 'rejects' | 'history' | 'clock'>,
): Promise<boolean> => {
  const now = clock()
  if (!(await rejects.drop(id, reason, now))) return false
  await history.add({ at: now.toISOString(), did: 'dropped', by, id, of: 'reject', reason })
  return true
}
