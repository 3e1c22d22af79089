/** Posts of every layout are read alike; other files are refused with a remedy, and bad rows alone. */
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { parsePostMapping, postReader } from '../../../lambdas/intake/posts/read-posts.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { notesFor } from '../../../lambdas/intake/table/pair-table.ts'
import { rawPostsIn } from '../../../lambdas/intake/table/raw-posts.ts'
import { failureOf, inPieces, isShared, shared } from '../../support/intake.ts'

const read = async (content: string | Uint8Array, mapping?: unknown, size?: number) => {
  const notes: Record<string, number> = {}
  const noted = notesFor({ note: (what, count) => Object.assign(notes, { [faultText(what)]: count }) })
  const reader = postReader()
  const options = {
    file: 'posts.csv',
    notes: noted,
    ...(mapping !== undefined && { mapping: parsePostMapping(mapping, 'map.json') }),
  }
  const batches = await Array.fromAsync(reader(inPieces(content, size), options))
  noted.report()
  return {
    posts: batches.flatMap(({ posts }) => posts),
    rejects: batches.flatMap(({ rejects }) => rejects),
    notes,
  }
}

const failure = (content: string | Uint8Array, mapping?: unknown) => failureOf(read(content, mapping), FileError)

const whole = {
  id: '1797584320938545153',
  account: 'one_account',
  at: Date.UTC(2024, 4, 15, 1, 21),
  text: 'La police, "encore"',
  platform: 'X',
  language: 'fr',
  repostOf: undefined,
  replyTo: '17',
  urls: ['https://a.example/1,2', 'https://b.example'],
  hashtags: [],
  object: undefined,
}

const csv = `id,account,time,text,platform,language,repost_of,reply_to,urls
1797584320938545153,one_account,2024-05-15T01:21:00Z,"La police, ""encore""",X,fr,,17,"['https://a.example/1,2', 'https://b.example']"
`
const line = `${JSON.stringify({
  id: '1797584320938545153',
  user: { name: 'nested' },
  username: 'one_account',
  created_at: '2024-05-15T01:21:00Z',
  text: 'La police, "encore"',
  platform: 'X',
  lang: 'fr',
  reply_to: 17,
  urls: ['https://a.example/1,2', 'https://b.example'],
  possibly_sensitive: false,
})}\n`

describe('a file', () => {
  test.each([
    ['nothing', '', 'posts.csv is empty'],
    ['a packed archive', gzipSync(Buffer.from('504b030414000000', 'hex')), 'posts.csv is a ZIP archive or a workbook'],
    ['another archive', Buffer.from('377abcaf271c0004', 'hex'), 'posts.csv is packed as 7z: unpack it'],
    ['a picture', Buffer.from('89504e470d0a1a0a0000000d49484452000000010000', 'hex'), 'posts.csv is no text'],
  ])('of %s is refused', async (_, content, said) => {
    expect(await failure(content)).toContain(said)
  })

  test('with a text of more than 5,000 characters is read to there, with a note', async () => {
    const { posts, notes } = await read(`id,account,time,text\n1,a,2024-05-15T01:21:00Z,${'x'.repeat(5_001)}\n`)
    expect(posts[0]?.text).toHaveLength(5_000)
    expect(notes).toEqual({ 'text of more than 5,000 characters: the rest of it is not examined': 1 })
  })
})

describe('a post', () => {
  test.each([
    ['CSV', csv],
    ['CSV, zipped', gzipSync(csv)],
    ['CSV in UTF-16', Buffer.from(`\ufeff${csv}`, 'utf16le')],
    ['NDJSON', line],
    ['NDJSON, zipped', gzipSync(`\n${line}\r\n`)],
  ])('is the same in %s, in pieces of any size', async (_, content) => {
    for (const size of [7, 1 << 16]) {
      const { posts, rejects } = await read(content, undefined, size)
      expect(rejects).toEqual([])
      expect(posts).toEqual([whole])
    }
  })

  test('is read by --map before headings', async () => {
    const { posts } = await read('Auteur réel,account,quand,message\na,b,1715736060,Texte\n', {
      columns: { 'auteur REEL': 'account', quand: 'time' },
    })
    expect(posts).toMatchObject([{ account: 'a', at: 1_715_736_060_000, text: 'Texte', id: '' }])
  })

  test('without a usable time is kept, with a note', async () => {
    const { posts, notes } = await read('account,time,text\na,2024-05-15 01:21,x\nb,,y\n')
    expect(posts).toMatchObject([{ at: undefined }, { at: undefined }])
    expect(notes).toEqual({ 'times without an offset from UTC, not used: write 2024-05-15T01:21:00Z': 1 })
  })
})

test('rejects an unreadable row alone, with its place', async () => {
  const { posts, rejects } = await read(
    'id,account,time,text\n1,a,1715736060,x\n2,,1715736060,x\n1.79758E+18,c,1715736060,x\n4,d,noon,x\n5,e,1715736060,x\n',
  )
  expect(posts.map(({ id }) => id)).toEqual(['1', '5'])
  expect(rejects.map(({ line: at, path }) => [at, path])).toEqual([
    [3, 'account'],
    [4, 'id'],
    [5, 'time'],
  ])
  const lines = await read(`${line}{"account":\n[]\n{"text":"x"}\n{"account":"a","id":1797584320938545153}\n`)
  expect(lines.posts).toHaveLength(1)
  expect(lines.rejects.map(({ line: at, path, message }) => [at, path, message.slice(0, 20)])).toEqual([
    [2, '', 'is no JSON object: e'],
    [3, '', 'is no JSON object: e'],
    [4, 'account', 'is missing: name its'],
    [5, 'id', 'is a whole number be'],
  ])
})

test.each<[string, string | Uint8Array, string]>([
  ['pairs', 'source,target,weight\na,b,1\n', 'ingest it with vigie ingest'],
  ['CooRTweet’s groups', 'object_id,account_id,account_id_y,content_id,content_id_y\n', 'vigie ingest'],
  ['no account', 'id,text\n1,x\n', 'has no column account'],
  ['nothing that was posted', 'id,account,time\n1,a,1715736060\n', 'no column with what was posted'],
  ['an array', '[{"account":"a"}]', "jq -c '.[]'"],
  ['a zip that is cut', gzipSync(csv).subarray(0, 60), 'fetch it again'],
])('%s is refused, with a remedy', async (_, content, said) => {
  expect(await failure(content)).toContain(said)
})

test('refuses a mapping of an unknown column or field', async () => {
  expect(await failure('account,text\na,x\n', { columns: { Nom: 'account' } })).toContain('has no column "Nom"')
  expect(() => parsePostMapping({ columns: { Nom: 'name' } }, 'map.json')).toThrow(
    'map.json: columns.Nom must be one of',
  )
})

describe.skipIf(!isShared)('the layouts of others (skipped where ../shared/data is absent)', () => {
  test('CooRTweet’s posts are read', async () => {
    const { posts, rejects } = await read(readFileSync(shared('coordination/coortweet-russian-posts.csv')))
    expect([posts.length, rejects.length, new Set(posts.map(({ id }) => id)).size]).toEqual([35_125, 0, 35_085])
    expect(posts[0]).toMatchObject({
      object: '85d2d12251a735ce05255061f7f231e2',
      account: '0fb4232d1b7b37069c13ee17579bd10e',
      id: '114e22f1b2b648528277b76f0b0224e7',
      at: 1_623_881_091_000,
    })
  })
  test('QUT’s posts are read, with their lists of addresses', async () => {
    const { posts, rejects } = await read(readFileSync(shared('coordination/qut-posts-sample.csv')))
    expect([posts.length, rejects.length]).toEqual([100, 0])
    expect(posts[1]).toMatchObject({
      id: '2',
      account: '1',
      repostOf: '1',
      urls: ['http://example.com/4', 'http://example.com/6'],
    })
  })
})

describe('any file', () => {
  /** The rows read and rejected, or that the file was refused. */
  const outcome = async (content: Uint8Array): Promise<number | 'refused'> => {
    try {
      const { posts, rejects } = await read(content, undefined, 997)
      return posts.length + rejects.length
    } catch (error) {
      if (error instanceof FileError) return 'refused'
      throw error
    }
  }

  test('is read, or refused by a FileError', async () => {
    const wholes = [csv, line.repeat(5), gzipSync(csv.repeat(3)), csv.replaceAll(',', ';')]
    const change = fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 5 }))
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...wholes), fc.array(change, { maxLength: 6 }), async (whole, changes) => {
        const bytes = Buffer.from(whole)
        for (const [at, by] of changes) bytes.set(by.subarray(0, bytes.length - (at % bytes.length)), at % bytes.length)
        await outcome(bytes)
      }),
      { numRuns: 300 },
    )
  })

  test('of NDJSON has a post or a reject for each line', async () => {
    // A file with many control characters is no text, and refused as a whole.
    const text = fc.string({ unit: 'binary', maxLength: 30 }).filter((one) => !/\p{Cc}/u.test(one) && one.trim() !== '')
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(text, fc.json()), { maxLength: 5 }), async (lines) => {
        const file = `${line}${lines.map((one) => `${one}\n`).join('')}`
        expect(await outcome(Buffer.from(file))).toBe(1 + lines.filter((one) => one.trim() !== '').length)
      }),
      { numRuns: 300 },
    )
  })
})

describe('an export as an analyst gets it', () => {
  const table = 'auteur;date;texte;mots-dièse;couleur\nana;15/05/2024 09:12:03;Un;#Kanaky, FreeKanaky;bleu\n'
  const at = Date.UTC(2024, 4, 14, 22, 12, 3)

  test('has hashtags in their own column, and notes unused columns', async () => {
    const { posts, notes } = await read(table)
    expect(posts).toMatchObject([{ at: undefined, hashtags: ['kanaky', 'freekanaky'] }])
    expect(Object.keys(notes)).toEqual([
      'column "couleur" is not used',
      'times without an offset from UTC, not used: write 2024-05-15T01:21:00Z',
    ])
  })

  test('has local times in the zone of the mapping', async () => {
    expect((await read(table, { zone: 'Pacific/Noumea' })).posts).toMatchObject([{ at }])
    expect(await failure(table, { zone: 'Nouméa' })).toContain('must be an IANA time zone')
  })

  test.each([
    ['15/05/2024 09:12:03 +11:00', at],
    ['14/05/2024 22h12 Z', at - 3_000],
    ['15/05/2024 09:12:03,25 +11:00', at + 250],
  ])('has offsets as in %s', async (written, wanted) => {
    expect((await read(`auteur;date;texte\nana;${written};Un\n`)).posts).toMatchObject([{ at: wanted }])
  })

  test('rejects a day that does not exist', async () => {
    const { rejects } = await read('auteur;date;texte\nana;31/02/2024 09:12:03 +11:00;Un\n')
    expect(rejects).toMatchObject([{ path: 'date', message: expect.stringContaining('31/02/2024') }])
  })
})

describe('the layouts of platforms and their tools', () => {
  const at = Date.UTC(2024, 4, 15, 1, 21)
  const row = (cells: Readonly<Record<string, string>>) => {
    const quoted = (values: readonly string[]) => values.map((value) => `"${value.replaceAll('"', '""')}"`).join(',')
    return `${quoted(Object.keys(cells))}\n${quoted(Object.values(cells))}\n`
  }
  const layouts: readonly (readonly [string, Readonly<Record<string, string>>, object])[] = [
    [
      'CrowdTangle',
      {
        ...{ 'Page Name': 'Page', 'User Name': 'page', 'Facebook Id': '100', 'Page Created': '2019-01-01 00:00:00' },
        ...{
          'Post Created': '2024-05-14 21:21:00 EDT',
          'Post Created Date': '2024-05-14',
          Type: 'Link',
          URL: 'https://www.facebook.com/100/posts/1',
        },
        ...{
          Message: 'Texte',
          Link: 'https://bit.ly/x',
          'Final Link': 'https://a.example/x',
          'Link Text': 'x',
          Description: 'd',
        },
      },
      { account: '100', at, text: 'Texte', platform: 'Facebook', urls: ['https://a.example/x'] },
    ],
    [
      'CrowdTangle without a final link',
      {
        'Facebook Id': '100',
        'Post Created': '2024-05-14 20:21:00 CDT',
        Message: 'x',
        Link: 'https://a.example',
        'Final Link': '',
      },
      { at, urls: ['https://a.example'] },
    ],
    [
      'CrowdTangle, Instagram',
      {
        Account: 'Ana',
        'User Name': 'ana',
        'Post Created': '2024-05-15 03:21:00 CEST',
        Type: 'Photo',
        URL: 'https://www.instagram.com/p/1',
        Title: '',
        Description: 'Texte',
      },
      { account: 'Ana', at, text: 'Texte' },
    ],
    [
      'Meta Content Library',
      {
        id: '7',
        'post_owner.id': '100',
        'post_owner.name': 'Page',
        creation_time: '2024-05-15T01:21:00+0000',
        text: 'Texte',
        lang: 'fr',
        hashtags: "['kanaky']",
        mcl_url: 'https://www.facebook.com/x',
      },
      { id: '7', account: '100', at, text: 'Texte', language: 'fr', hashtags: ['kanaky'] },
    ],
    [
      'twint',
      {
        id: '2',
        conversation_id: '1',
        created_at: '2024-05-14 21:21:00 EDT',
        date: '2024-05-14',
        time: '21:21:00',
        timezone: '-0400',
        user_id: '9',
        username: 'bob',
        name: 'Bob',
        tweet: 'Texte',
        urls: "['https://a.example']",
        hashtags: '[]',
        link: 'https://twitter.com/bob/status/2',
        retweet_id: '',
        reply_to: "[{'id': '3'}]",
      },
      {
        id: '2',
        account: '9',
        at,
        text: 'Texte',
        platform: 'X',
        urls: ['https://a.example'],
        hashtags: [],
        repostOf: undefined,
        replyTo: undefined,
      },
    ],
    [
      'a date, a time and a zone in three columns',
      { username: 'bob', date: '2024-05-14', time: '21:21:00', timezone: '-0400', tweet: 'x' },
      { at },
    ],
    [
      'a whole time next to its day',
      { username: 'bob', date: '2024-05-15', time: '2024-05-15T01:21:00Z', tweet: 'x' },
      { at },
    ],
    [
      'twarc',
      {
        id: '2',
        conversation_id: '1',
        'referenced_tweets.replied_to.id': '3',
        'referenced_tweets.retweeted.id': '4',
        author_id: '9',
        created_at: '2024-05-15T01:21:00.000Z',
        text: 'Texte',
        lang: 'fr',
        'author.username': 'bob',
        'entities.hashtags': '[{"start": 0, "end": 7, "tag": "Kanaky"}]',
        'entities.urls': '[{"url": "https://t.co/x", "expanded_url": "https://a.example/x"}]',
      },
      {
        id: '2',
        account: '9',
        at,
        platform: 'X',
        repostOf: '4',
        replyTo: '3',
        hashtags: ['kanaky'],
        urls: ['https://a.example/x'],
      },
    ],
    [
      'academic exports of X',
      { tweet_id: '2', user_username: 'bob', author_id: '9', created_at: '2024-05-15T01:21:00.000Z', text: 'Texte' },
      { id: '2', account: '9', at, platform: 'X' },
    ],
    [
      'X’s datasets',
      {
        tweetid: '2',
        userid: '9',
        user_screen_name: 'bob',
        account_language: 'fr',
        tweet_time: '2024-05-15 01:21',
        tweet_text: 'Texte',
        retweet_tweetid: '4',
        in_reply_to_tweetid: '',
        hashtags: '[Kanaky, Vote]',
        urls: '[https://a.example/x]',
      },
      {
        id: '2',
        account: '9',
        at,
        text: 'Texte',
        platform: 'X',
        repostOf: '4',
        hashtags: ['kanaky', 'vote'],
        urls: ['https://a.example/x'],
      },
    ],
    [
      'TikTok’s API',
      {
        id: '2',
        create_time: '1715736060',
        username: 'bob',
        region_code: 'FR',
        video_description: 'Texte',
        voice_to_text: '',
        hashtag_names: "['kanaky']",
      },
      { id: '2', account: 'bob', at, text: 'Texte', platform: 'TikTok', hashtags: ['kanaky'] },
    ],
    [
      '4CAT',
      {
        id: '2',
        thread_id: 'c',
        chat: 'channel',
        author: '9',
        author_name: 'Bob',
        body: 'Texte',
        timestamp: '2024-05-15 01:21:00',
        unix_timestamp: '1715736060',
        link_attached: 'https://a.example',
      },
      { id: '2', account: '9', at, text: 'Texte', urls: ['https://a.example'] },
    ],
    [
      'TGStat',
      { Channel: 'c', Date: '2024-05-15 02:21:00 CET', Message: 'Texte', Views: '12', 'Fwd from': '' },
      { account: 'c', at, text: 'Texte', platform: 'Telegram' },
    ],
  ]

  test.each(layouts)('%s', async (_, cells, post) => {
    const { posts, rejects } = await read(row(cells))
    expect(rejects).toEqual([])
    expect(posts).toMatchObject([post])
    // vigie ingest names the command that reads them.
    expect(rawPostsIn(Object.keys(cells), 'f')?.code).toBe('file.posts')
  })

  test('reject a zone with several meanings, and name those that are read', async () => {
    const { rejects } = await read('username,created_at,tweet\nbob,2024-05-15 01:21:00 IST,x\n')
    expect(rejects).toMatchObject([
      { path: 'created_at', message: expect.stringMatching(/"2024-05-15 01:21:00 IST".*EST, EDT/) },
    ])
  })
})
