/** Tables of posts, which are what detectors read and not what they find: named, with what makes detections of them. */
import { folded } from '../../domain/core/text/spelling.ts'
import { columnIn, hasColumns } from './pair-table.ts'

const held = 'holds posts, not detections: vigie detect finds copies and coordination in them'

/** What a table of detections has, and a table of posts has not. */
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

/**
 * Why a file with these headings is none of detections, to be read after the file's name; undefined where it may be
 * one.
 */
export const rawPostsIn = (headings: readonly string[]): string | undefined => {
  const isCoortweets =
    hasColumns(headings, 'object_id', 'content_id', 'timestamp_share') &&
    columnIn(headings, ['account_id', 'id_user']) >= 0 &&
    !hasColumns(headings, 'content_id_y')
  if (isCoortweets) {
    return `${held}; or run CooRTweet’s detect_groups on them, and ingest the table that it returns`
  }
  if (hasColumns(headings, 'message_id', 'user_id', 'repost_id', 'reply_id')) {
    return `${held}; or run compute_networks of QUT’s coordination network toolkit on them, with --output_format csv, and ingest what it writes`
  }
  if (hasColumns(headings, 'text_grapheme', 'text_to_embed') && !hasColumns(headings, 'source', 'target')) {
    return 'holds D3lta’s posts and the numbers of their clusters, which change with each run: ingest the matches that semantic_faiss returns beside them, and give this file with --posts'
  }
  const plain = headings.map(folded)
  const isOfPosts = [accounts, texts, times].every((spellings) => columnIn(headings, spellings) >= 0)
  return isOfPosts && !plain.some((heading) => ofDetections.test(heading))
    ? `${held}; or run D3lta, CooRTweet’s detect_groups or QUT’s coordination_network_toolkit on them, and ingest what it writes (with D3lta’s matches, give this file with --posts)`
    : undefined
}
