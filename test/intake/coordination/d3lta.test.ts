/** D3lta's matches with their posts: clusters, their figures, and ids that outlive the run's numbers. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readD3lta } from '../../../lambdas/intake/coordination/d3lta.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import type { IntakeOptions } from '../../../lambdas/intake/record/record.ts'
import { failureOf, inPieces, takenBy } from '../../support/intake.ts'

const read = (matches: string, posts: string | undefined, options: Partial<IntakeOptions> = {}) =>
  takenBy(readD3lta, inPieces(matches), {
    file: 'matches.csv',
    posts: posts === undefined ? undefined : { file: 'posts.csv', chunks: inPieces(posts) },
    ...options,
  })

const matches = (...rows: readonly string[]) => `source,target,dup_type\n${rows.join('\n')}\n`
const posts = (...rows: readonly string[]) => `id,account,time,text,platform,language\n${rows.join('\n')}\n`

const three = posts(
  '1,bob,2024-05-15T01:00:00Z,La France tue,X,fr',
  '2,eve,2024-05-15T01:05:00Z,La France tue,X,fr',
  '3,bob,2024-05-15T01:07:00Z,France kills,Facebook,en',
)

describe('clusters of duplicated posts', () => {
  it('become one detection each: posts, distinct accounts, first and last, languages, kinds of duplication', async () => {
    const { detections, rejects, notes } = await read(matches('1,2,copy-pasta', '2,3,translation'), three)
    expect({ rejects, notes }).toEqual({ rejects: [], notes: {} })
    expect(detections).toMatchObject([
      {
        kind: 'copy-paste',
        detector: { name: 'D3lta', knownError: { en: 'Misses 40% of translated texts; does not see negation.' } },
        title: {
          en: 'Copied and translated text: “La France tue”',
          fr: 'Texte copié et traduit\u00a0: «\u202fLa France tue\u202f»',
        },
        observed: { from: '2024-05-15T01:00:00.000Z', to: '2024-05-15T01:07:00.000Z', precision: 'instant' },
        counts: {
          posts: { value: 3, qualifier: 'exact' },
          accounts: { value: 2, qualifier: 'exact' },
          byPlatform: [
            { platform: 'Facebook', posts: { value: 1 }, accounts: { value: 1 } },
            { platform: 'X', posts: { value: 2 }, accounts: { value: 2 } },
          ],
        },
        accountRefs: ['bob', 'eve'],
        languages: ['en', 'fr'],
        platforms: ['Facebook', 'X'],
      },
    ])
    expect(detections[0]?.summary?.en).toContain('3 posts by 2 accounts: one copied pair and one translated pair.')
    expect(detections[0]?.summary?.en).toContain('Sample: “La France tue”')
  })

  test.each(['copy-pasta', 'copypasta', 'Copy Pasta', 'COPY_PASTA'])('%s is one word for a copy', async (word) => {
    const { detections } = await read(matches(`1,2,${word}`), three)
    expect(detections[0]?.title.en).toContain('Copied text')
  })

  it('have ids that stay after another run and when the cluster grows', async () => {
    const id = async (pairs: string, table: string) => (await read(pairs, table)).detections.map((one) => one.id)
    const [before] = await id(matches('1,2,copy-pasta'), three)
    expect(await id(matches('2,1,copy-pasta'), three)).toEqual([before])
    expect(await id(matches('2,3,translation', '1,2,copy-pasta'), three)).toEqual([before])
    const other = posts('9,zoe,2024-05-16T01:00:00Z,Autre chose,X,fr', '8,zoe,2024-05-16T02:00:00Z,Autre chose,X,fr')
    expect(await id(matches('8,9,copy-pasta'), other)).not.toEqual([before])
  })

  it('identified by row numbers keep their ids when rows are put before them', async () => {
    const table = (...first: readonly string[]) =>
      `account,time,text\n${[...first, 'bob,2024-05-15T01:00:00Z,Texte', 'eve,2024-05-15T01:05:00Z,Texte'].join('\n')}\n`
    const before = await read(matches('0,1,copy-pasta'), table())
    const after = await read(matches('1,2,copy-pasta'), table('zoe,2024-05-14T01:00:00Z,Autre'))
    expect(before.detections).toHaveLength(1)
    expect(after.detections).toEqual(before.detections)
  })

  it('count "at least" where a post is missing or has no time or account', async () => {
    const { detections, notes } = await read(
      matches('1,2,copy-pasta', '2,3,copy-pasta', '3,99,copy-pasta'),
      posts('1,bob,2024-05-15T01:00:00Z,T,X,fr', '2,,2024-05-15T01:05:00Z,T,X,fr', '3,eve,,T,X,fr'),
    )
    expect(detections[0]?.counts).toMatchObject({
      posts: { value: 4, qualifier: 'exact' },
      accounts: { value: 2, qualifier: 'at least' },
    })
    expect(detections[0]?.summary?.en).toContain(
      'One of them is not among the posts that were given. One of them has no time.',
    )
    expect(notes).toEqual({ 'posts that posts.csv has not got': 1 })
  })

  it('without any time are a reject, unless a time is stated', async () => {
    const table = posts('1,bob,,T,X,fr', '2,eve,,T,X,fr')
    const { detections, rejects } = await read(matches('1,2,copy-pasta'), table)
    expect(detections).toEqual([])
    expect(rejects).toMatchObject([
      { path: 'observed', message: expect.stringContaining('none of its 2 posts has one') },
    ])
    const observed = { from: '2024-05-15', to: '2024-05-15', precision: 'day' as const, statedByHand: true }
    expect((await read(matches('1,2,copy-pasta'), table, { observed })).detections).toMatchObject([{ observed }])
  })

  it('hide mentions and authors where pseudonyms are required', async () => {
    const table = posts(
      '1,bob,2024-05-15T01:00:00Z,"@zoe, lis ça",X,fr',
      '2,eve,2024-05-15T01:05:00Z,"@zoe, lis ça",X,fr',
    )
    const { detections } = await read(matches('1,2,copy-pasta'), table, {
      pseudonym: (name) => `p-${name.length}${name[0]}`,
    })
    expect(JSON.stringify(detections)).not.toMatch(/zoe|"bob"|"eve"/)
    expect(detections[0]?.accountRefs).toEqual(['p-3b', 'p-3e'])
    expect(detections[0]?.title.en).toContain('@…')
  })

  it('leave out an unknown language code', async () => {
    const table = posts('1,bob,2024-05-15T01:00:00Z,T,X,zz', '2,eve,2024-05-15T01:05:00Z,T,X,fr')
    const { detections, notes } = await read(matches('1,2,copy-pasta'), table)
    expect(detections[0]?.languages).toEqual(['fr'])
    expect(notes).toEqual({ 'posts whose language no code of a language names': 1 })
  })
})

describe('what is refused', () => {
  it('rows of matches that pair a post with itself, name no post or no kind of duplication', async () => {
    const { detections, rejects } = await read(
      matches('1,1,copy-pasta', ',2,copy-pasta', '1,2,gossip', '1,2,copy-pasta'),
      three,
    )
    expect(detections).toHaveLength(1)
    expect(rejects.map(({ file, line, path }) => [file, line, path])).toEqual([
      ['matches.csv', 2, 'target'],
      ['matches.csv', 3, 'source'],
      ['matches.csv', 4, 'dup_type'],
    ])
  })

  it('rows of posts whose time or account cannot be read, with their own file', async () => {
    const { rejects } = await read(
      matches('1,2,copy-pasta', '2,3,copy-pasta'),
      posts('1,bob,yesterday,T,X,fr', '2,1.8E+18,2024-05-15T01:05:00Z,T,X,fr', '3,eve,2024-05-15T01:05:00Z,T,X,fr'),
    )
    expect(rejects.map(({ file, line, path }) => [file, line, path])).toEqual([
      ['posts.csv', 2, 'time'],
      ['posts.csv', 3, 'account'],
    ])
  })

  it('matches without posts, with the option that gives them', async () => {
    expect(await failureOf(read(matches('1,2,copy-pasta'), undefined), FileError)).toContain('--posts posts.csv')
  })

  test.each([
    ['id,time,text\n1,2024-05-15T01:00:00Z,x\n', /no column account/],
    ['id,account,text\n1,bob,x\n', /no column time/],
    [posts('7,bob,2024-05-15T01:00:00Z,T,X,fr'), /has none of the posts in the pairs/],
    ['', /no column account/],
  ])('posts that cannot be used: %j', async (table, message) => {
    expect(await failureOf(read(matches('1,2,copy-pasta'), table), FileError)).toMatch(message)
  })

  it('a table that is none of matches', async () => {
    expect(await failureOf(read('a,b\n1,2\n', three), FileError)).toContain(
      'has not the columns source, target and dup_type',
    )
  })
})

test('puts every readable pair into one cluster, and every post into one detection', async () => {
  const number = fc.nat(9)
  const kind = fc.constantFrom('copy-pasta', 'rewording', 'translation', 'gossip')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(number, number, kind), { maxLength: 12 }), async (pairs) => {
      const table = posts(
        ...Array.from({ length: 10 }, (_, at) => `${at},c${at % 4},2024-05-15T01:0${at}:00Z,T${at},X,fr`),
      )
      const good = pairs.filter(([a, b, word]) => a !== b && word !== 'gossip')
      fc.pre(good.length > 0)
      const { detections, rejects } = await read(matches(...pairs.map((pair) => pair.join(','))), table)
      expect(rejects).toHaveLength(pairs.length - good.length)
      const members = new Set(good.flatMap((pair) => pair.slice(0, 2)))
      expect(detections.reduce((sum, { counts }) => sum + (counts.posts?.value ?? 0), 0)).toBe(members.size)
      expect(new Set(detections.map(({ id }) => id)).size).toBe(detections.length)
    }),
  )
})
