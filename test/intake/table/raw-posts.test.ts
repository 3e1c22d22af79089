/** Tables of posts are refused by name, with a word on the detector that makes detections of them. */

import { readFileSync } from 'node:fs'
import { describe, expect, it, test } from 'vitest'
import { readRecords } from '../../../lambdas/intake/formats.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { rawPostsIn } from '../../../lambdas/intake/table/raw-posts.ts'
import { textOf } from '../../support/faults.ts'
import { failureOf, inPieces, isShared, shared } from '../../support/intake.ts'

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
    expect(textOf(rawPostsIn(line.split(/[,;]/), 'f'))).toContain(advice)
  })

  test.each([
    'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y',
    'source,target,weight,edge_type',
    'source,target,score,duplicates,text_to_embed_source,text_grapheme_source,dup_type',
    'titre,date,territoire,comptes,messages',
    'title,date,text,account,posts',
    'account_ref,followers,created_at',
    'domain name,created on',
    'handle',
    '',
  ])('%s: none', (line) => {
    expect(rawPostsIn(line.split(','), 'f')).toBeUndefined()
  })
})

const refusal = async (content: string | Uint8Array, file: string): Promise<string> =>
  failureOf(Array.fromAsync(readRecords(inPieces(content), { file, format: 'auto' })), FileError)

it('a file of posts is refused whole, by its name', async () => {
  const text = 'object_id,account_id,content_id,timestamp_share\no,a,c,1623881091\n'
  expect(await refusal(text, 'posts.csv')).toBe(
    'posts.csv holds posts, not detections: vigie detect finds copies and coordination in them; or run CooRTweet’s detect_groups on them, and ingest the table that it returns',
  )
})

describe.skipIf(!isShared)('the two real files of posts (skipped where ../shared/data is absent)', () => {
  test.each([
    ['coortweet-russian-posts.csv', 'CooRTweet’s detect_groups'],
    ['qut-posts-sample.csv', 'QUT’s coordination network toolkit'],
  ])('%s is refused, with %s', async (name, advice) => {
    const message = await refusal(readFileSync(shared(`coordination/${name}`)), name)
    expect(message).toContain(`${name} holds posts, not detections`)
    expect(message).toContain(advice)
  })
})
