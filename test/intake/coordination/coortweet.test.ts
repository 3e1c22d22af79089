/** CooRTweet's tables: pairs of posts and of accounts become connected sets, and possible chance is noted. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { CoordinationOptions } from '../../../lambdas/intake/coordination/coordination.ts'
import { readCoortweet } from '../../../lambdas/intake/coordination/coortweet.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { maxPairsBytes } from '../../../lambdas/intake/table/pair-table.ts'
import { failureOf, inPieces, takenBy } from '../../support/intake.ts'

const read = (content: string | Uint8Array, options: Partial<CoordinationOptions> = {}) =>
  takenBy(readCoortweet, inPieces(content), { file: 'groups.csv', ...options })

const heads = 'object_id,account_id,account_id_y,content_id,content_id_y,timedelta,timestamp_share_y'
const groups = (...rows: readonly string[]) => `${[heads, ...rows].join('\n')}\n`
const observed = { from: '2024-05-13', to: '2024-05-19', precision: 'day' as const, statedByHand: true }

describe('groups of accounts that share the same things', () => {
  it('become one detection for each connected set, with exact figures and times', async () => {
    const { detections, rejects, notes } = await read(
      groups('o1,a,b,p1,p2,16,1715736076', 'o2,b,c,p3,p4,21,1715736100', 'o9,x,y,p8,p9,5,1715739000'),
    )
    expect(rejects).toEqual([])
    expect(detections).toMatchObject([
      {
        kind: 'coordinated-sharing',
        detector: { name: 'CooRTweet', thresholds: { time_window: '≥ 21 s' } },
        counts: { posts: { value: 4, qualifier: 'exact' }, accounts: { value: 3, qualifier: 'exact' } },
        accountRefs: ['a', 'b', 'c'],
        observed: { from: '2024-05-15T01:21:00.000Z', to: '2024-05-15T01:21:40.000Z' },
        title: { en: '2 items shared in coordination by 3 accounts' },
        territories: [],
      },
      { accountRefs: ['x', 'y'], counts: { posts: { value: 2 }, accounts: { value: 2 } } },
    ])
    expect(detections[0]?.summary?.en).toContain('at most 21 seconds apart')
    expect(notes).toEqual({ 'pairs of accounts with one share only, which may be chance': 3 })
  })

  it('count a post once, whatever it is paired with, and each account once', async () => {
    const { detections } = await read(
      groups('o1,a,b,p1,p2,1,1715736060', 'o1,a,c,p1,p3,2,1715736061', 'o1,b,c,p2,p3,1,1715736061'),
    )
    expect(detections).toMatchObject([{ counts: { posts: { value: 3 }, accounts: { value: 3 } } }])
  })

  it('keep account ids beyond 2^53 apart', async () => {
    const [one, two] = ['1797584320938545153', '1797584320938545154']
    const { detections } = await read(groups(`o,${one},${two},p1,p2,1,1715736060`))
    expect(detections[0]?.accountRefs).toEqual([one, two])
  })

  it('keep their id when the set grows, and in any order of rows', async () => {
    const rows = ['o1,a,b,p1,p2,16,1715736076', 'o2,b,c,p3,p4,21,1715736100']
    const id = async (...of: readonly string[]) => (await read(groups(...of))).detections.map((one) => one.id)
    const [before] = await id(rows[0] ?? '')
    expect(await id(...rows.toReversed())).toEqual([before])
  })

  it('are read from the tables of other versions, of R and of pandas', async () => {
    const { detections, rejects } = await read(
      '"","object_id","id_user","id_user_y","content_id","content_id_y","time_delta","timestamp_share","timestamp_share_y"\n"1","o","a","b","p1","p2",NA,1715736060,NA\n',
    )
    expect(rejects).toEqual([])
    expect(detections).toMatchObject([{ observed: { from: '2024-05-15T01:21:00.000Z' }, accountRefs: ['a', 'b'] }])
  })

  it('without any time are rejects that a stated time repairs, and that can be read alone', async () => {
    const text = groups('o,a,b,p1,p2,NA,NA')
    const { detections, rejects } = await read(text)
    expect(detections).toEqual([])
    expect(rejects).toMatchObject([{ path: 'observed', origin: { format: 'ndjson' } }])
    expect(rejects[0]?.message).toContain('--observed')
    expect(JSON.parse(rejects[0]?.raw ?? '')).toMatchObject({ accountRefs: ['a', 'b'] })
    expect((await read(text, { observed })).detections).toMatchObject([{ observed }])
  })

  it('reject a row without accounts, with a rounded id, or with an unreadable time', async () => {
    const { detections, rejects } = await read(
      groups(
        'o,,b,p1,p2,1,1715736060',
        'o,NA,b,p1,p2,1,1715736060',
        'o,1.8E+18,b,p1,p2,1,1715736060',
        'o,a,b,p1,p2,soon,1715736060',
        'o,a,b,p1,p2,1,yesterday',
        'o,a,b,p1,p2,1,1715736060',
      ),
    )
    expect(detections).toHaveLength(1)
    expect(rejects.map(({ line, path }) => [line, path])).toEqual([
      [2, 'account_id'],
      [3, 'account_id'],
      [4, 'account_id'],
      [5, 'timedelta'],
      [6, 'timestamp_share_y'],
    ])
    // Read alone, a row would be a set of its own.
    for (const reject of rejects) expect(reject).not.toHaveProperty('context')
  })

  it('leave out an account paired with itself and pairs below a least weight, and count them', async () => {
    const { detections, notes } = await read(
      groups(
        'o1,a,a,p1,p2,1,1715736060',
        'o1,a,b,p1,p3,1,1715736060',
        'o2,a,b,p4,p5,1,1715736060',
        'o3,b,c,p6,p7,1,1715736060',
      ),
      { leastWeight: 2 },
    )
    expect(detections).toMatchObject([{ accountRefs: ['a', 'b'] }])
    expect(notes).toMatchObject({
      'rows that pair an account with itself, left out': 1,
      'rows of pairs of accounts below the weight of 2, left out': 1,
    })
  })
})

it('a network of accounts has no times: they are stated', async () => {
  const text = 'from,to,weight,edge_symmetry_score\na,b,4,0.5\nb,c,1,0.1\n'
  expect((await read(text)).rejects).toMatchObject([{ path: 'observed' }])
  const { detections } = await read(text, { observed })
  expect(detections).toMatchObject([{ accountRefs: ['a', 'b', 'c'], observed, counts: { accounts: { value: 3 } } }])
})

it('a table over its limit is refused in bounded memory', async () => {
  const endless = async function* () {
    yield Buffer.from(`${heads}\n`)
    const rows = Buffer.from('o,a,b,p1,p2,1,1715736060\n'.repeat(40_000))
    for (;;) yield rows
  }
  const message = await failureOf(takenBy(readCoortweet, endless(), { file: 'endless.csv' }), FileError)
  expect(message).toContain(`over ${maxPairsBytes / 1024 ** 2} MB`)
})

it('a file of another kind is refused with the columns that it needs', async () => {
  expect(await failureOf(read('x,y\n1,2\n'), FileError)).toContain('names no two accounts a row')
  expect(await failureOf(read('object_id,account_id,content_id,timestamp_share\no,a,c,1\n'), FileError)).toContain(
    'holds posts',
  )
})

test('no row is lost: each is in a set or a reject, and every account in one set only', async () => {
  const account = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '', 'NA', '1.8E+18')
  const row = fc.record({
    from: account,
    to: account,
    post: fc.nat(20),
    time: fc.constantFrom('1715736060', '1715739000', '', 'x'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(row, { maxLength: 20 }), async (rows) => {
      const text = groups(
        ...rows.map(({ from, to, post, time }, at) => `o${post % 3},${from},${to},p${at},q${at},1,${time}`),
      )
      const { detections, rejects, notes } = await read(text, { observed })
      const isGood = ({ from, to, time }: (typeof rows)[number]) =>
        !/^$|NA|E/.test(from) && !/^$|NA|E/.test(to) && time !== 'x'
      const good = rows.filter(isGood)
      expect(rejects).toHaveLength(rows.length - good.length)
      const between = good.filter(({ from, to }) => from !== to)
      expect(notes['rows that pair an account with itself, left out'] ?? 0).toBe(good.length - between.length)
      const accounts = detections.flatMap(({ accountRefs }) => accountRefs ?? [])
      expect(accounts.toSorted()).toEqual([...new Set(between.flatMap(({ from, to }) => [from, to]))].sort())
      expect(detections.reduce((sum, { counts }) => sum + (counts.posts?.value ?? 0), 0)).toBe(2 * between.length)
    }),
  )
})
