/** A key is found at any date, other words only in some days. */
import type { Ceiling } from '../../domain/access/caller.ts'
import { type Asked, type FoundPage, findDetections, findWords } from './find-detections.ts'
import type { LookServices } from './view.ts'

export type SearchAnswer = FoundPage & {
  /** *key*: an id, campaign, hashtag, account set or fingerprint. */
  readonly by: 'key' | 'words'
  readonly meant: readonly string[]
}

/** @param by searches in this way only; @throws DaysError */
export const searchDetections = async (
  text: string,
  { by, ...asked }: Omit<Asked, 'key' | 'words'> & { readonly by?: SearchAnswer['by'] | undefined },
  ceiling: Ceiling,
  services: LookServices,
): Promise<SearchAnswer> => {
  if (by !== 'words') {
    const page = await findDetections({ ...asked, key: text }, ceiling, services)
    if (by === 'key' || page.detections.length > 0) return { ...page, by: 'key', meant: [] }
  }
  return { ...(await findWords({ ...asked, words: text }, ceiling, services)), by: 'words' }
}
