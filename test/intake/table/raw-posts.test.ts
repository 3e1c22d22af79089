/** Tables of posts are refused with the name of a detector. */
import { describe, expect, test } from 'vitest'
import { rawPostsIn } from '../../../lambdas/intake/table/raw-posts.ts'
import { textOf } from '../../support/faults.ts'

describe('headings of raw posts', () => {
  test.each([
    ['object_id,account_id,content_id,timestamp_share', 'detect_groups'],
    ['object_id,id_user,content_id,timestamp_share', 'detect_groups'],
    ['message_id,user_id,username,repost_id,reply_id,message,timestamp,urls', 'compute_networks'],
    ['original,language,text_to_embed,text_grapheme,cluster', '--posts'],
    ['id,account,time,text,platform', '--posts'],
    ['Compte;Date;Texte', 'D3lta'],
    ['tweet,author_id,created_at,likes', 'D3lta'],
  ])('%s: %s', (line, advice) => {
    const text = textOf(rawPostsIn(line.split(/[,;]/), 'f'))
    expect(text).toMatch(/^f holds (posts, not detections: vigie detect finds copies|D3lta’s posts)/)
    expect(text).toContain(advice)
  })

  test.each([
    'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y',
    'source,target,weight,edge_type',
    'source,target,score,duplicates,text_to_embed_source,text_grapheme_source,dup_type',
    'titre,date,territoire,comptes,messages',
    'title,date,text,account,posts',
    'handle',
    '',
  ])('%s: none', (line) => {
    expect(rawPostsIn(line.split(','), 'f')).toBeUndefined()
  })
})
