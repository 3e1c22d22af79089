/** Recognises post tables: input of detectors, not results. */
import { type Fault, fault } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { columnIn, hasColumns } from './pair-table.ts'
import { platformOf, postColumns } from './post-table.ts'

const ofDetections =
  /^(territor|region|detect|kind$|tit[lr]e|campa|summary|resume|observed|posts|accounts|messages|comptes|publications)/

/** These are texts of detections too. */
const ambiguousTexts = / (?:content|caption|description|contenu)\b/g

export const rawPostsIn = (headings: readonly string[], file: string): Fault | undefined => {
  const isCoortweets =
    hasColumns(headings, 'object_id', 'content_id', 'timestamp_share') &&
    columnIn(headings, ['account_id', 'id_user']) >= 0 &&
    !hasColumns(headings, 'content_id_y')
  if (isCoortweets) return fault('file.postsCoortweet', { file })
  if (hasColumns(headings, 'message_id', 'user_id', 'repost_id', 'reply_id')) {
    return fault('file.postsCnt', { file })
  }
  if (hasColumns(headings, 'text_grapheme', 'text_to_embed') && !hasColumns(headings, 'source', 'target')) {
    return fault('file.postsD3lta', { file })
  }
  const plain = headings.map(folded)
  const isOfPlatform = platformOf(headings) !== '' || hasColumns(headings, 'post_created')
  const { account, time, text } = postColumns
  const needed = [account, time, isOfPlatform ? text : text.replace(ambiguousTexts, '')]
  const isOfPosts = needed.every((spellings) => columnIn(headings, spellings.split(' ')) >= 0)
  const isOfDetections = !isOfPlatform && plain.some((heading) => ofDetections.test(heading))
  return isOfPosts && !isOfDetections ? fault('file.posts', { file }) : undefined
}
