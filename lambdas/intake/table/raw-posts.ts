/** Recognises post tables: input of detectors, not results. */
import { type Fault, fault } from '../../domain/core/fault.ts'
import { folded } from '../../domain/core/text/spelling.ts'
import { columnIn, hasColumns } from './pair-table.ts'

const ofDetections =
  /^(territor|region|detect|kind$|tit[lr]e|campa|summary|resume|observed|posts|accounts|messages|comptes|publications)/

const accounts = [
  'account',
  'account_id',
  'user',
  'user_id',
  'username',
  'screen_name',
  'author',
  'author_id',
  'compte',
  'auteur',
]
const texts = ['text', 'full_text', 'message', 'body', 'original', 'texte', 'tweet']
const times = ['time', 'timestamp', 'created_at', 'published_at', 'date', 'datetime', 'heure']

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
  const isOfPosts = [accounts, texts, times].every((spellings) => columnIn(headings, spellings) >= 0)
  return isOfPosts && !plain.some((heading) => ofDetections.test(heading)) ? fault('file.posts', { file }) : undefined
}
