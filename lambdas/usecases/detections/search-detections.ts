/** Searches detections: a text that is a key leads to all of it, whenever it was; other words are read in some days. */
import type { Ceiling } from '../../domain/access/caller.ts'
import { type Asked, type FoundPage, findDetections, findWords } from './find-detections.ts'
import type { LookServices } from './view.ts'

export type SearchAnswer = FoundPage & {
  /**
   * Whether the text is a *key* (an id, campaign, hashtag, account set or fingerprint) or was looked for as *words*.
   */
  readonly by: 'key' | 'words'
  /** Campaigns and hashtags that may be meant, where nothing was found. */
  readonly meant: readonly string[]
}

/** @param by looks for it as this alone; @throws DaysError */
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
