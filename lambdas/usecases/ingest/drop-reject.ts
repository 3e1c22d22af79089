import type { Services } from '../services.ts'

/** @returns false where no such reject is open */
export const dropReject = (
  id: string,
  who: { readonly by: string; readonly reason: string },
  { rejects, clock }: Pick<Services, 'rejects' | 'clock'>,
): Promise<boolean> => rejects.drop(id, who, clock())
