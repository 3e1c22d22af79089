/** Edge lists of QUT's coordination network toolkit: connected sets of accounts, whose time is stated. */
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { readCnt } from '../../../lambdas/intake/coordination/cnt.ts'
import type { CoordinationOptions } from '../../../lambdas/intake/coordination/coordination.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { failureOf, inPieces, takenBy } from '../../support/intake.ts'

const observed = { from: '2024-05-13', to: '2024-05-19', precision: 'day' as const, statedByHand: true }
const read = (content: string, options: Partial<CoordinationOptions> = {}) =>
  takenBy(readCnt, inPieces(content), { file: 'edges.csv', observed, ...options })

describe('an edge list', () => {
  it('becomes one detection for each connected set', async () => {
    const { detections, rejects } = await read(
      'source,target,weight,edge_type\na,b,4,co_retweet\nb,c,2,co_retweet\nx,y,9,co_retweet\n',
    )
    expect(rejects).toEqual([])
    expect(detections).toMatchObject([
      {
        kind: 'coordinated-sharing',
        detector: { name: 'Coordination Network Toolkit', thresholds: { min_edge_weight: '≤ 2' } },
        title: { en: 'Coordinated reposts by 3 accounts' },
        counts: { accounts: { value: 3, qualifier: 'exact' } },
        accountRefs: ['a', 'b', 'c'],
        observed,
      },
      { accountRefs: ['x', 'y'] },
    ])
    expect(detections[0]?.summary?.en).toBe('2 pairs of accounts are linked. The strongest link weighs 4.')
    expect(detections[0]?.counts).not.toHaveProperty('posts')
  })

  it('may name its columns as the toolkit’s tables do', async () => {
    expect((await read('user_1,user_2,weight\na,b,"0,5"\n')).detections).toMatchObject([{ accountRefs: ['a', 'b'] }])
  })

  it('rejects each set, kept without a time, where no time is stated', async () => {
    const { detections, rejects } = await takenBy(
      readCnt,
      inPieces('source,target,weight,edge_type\na,b,4,co_tweet\n'),
      { file: 'edges.csv' },
    )
    expect(detections).toEqual([])
    expect(rejects).toMatchObject([{ path: 'observed', origin: { format: 'ndjson' } }])
    expect(JSON.parse(rejects[0]?.raw ?? '')).toMatchObject({ kind: 'coordinated-sharing', accountRefs: ['a', 'b'] })
  })

  it('gives an id that follows from links, time and kind, in any order of rows', async () => {
    const id = async (rows: string, options: Partial<CoordinationOptions> = {}) =>
      (await read(`source,target,weight,edge_type\n${rows}`, options)).detections[0]?.id
    const one = await id('a,b,4,co_tweet\nb,c,1,co_tweet\n')
    expect(await id('c,b,1,co_tweet\nb,a,4,co_tweet\n')).toBe(one)
    expect(await id('a,b,4,co_reply\nb,c,1,co_reply\n')).not.toBe(one)
    expect(await id('a,b,4,co_tweet\nb,c,1,co_tweet\n', { observed: { ...observed, from: '2024-05-06' } })).not.toBe(
      one,
    )
  })

  it('rejects rows without an account or without a weight over 0', async () => {
    const { detections, rejects } = await read(
      'source,target,weight\na,b,0\na,b,-1\na,b,many\n,b,1\n1.8E+18,b,1\na,c,\n',
    )
    expect(detections).toMatchObject([{ accountRefs: ['a', 'c'] }])
    expect(rejects.map(({ line, path }) => [line, path])).toEqual([
      [2, 'weight'],
      [3, 'weight'],
      [4, 'weight'],
      [5, 'source'],
      [6, 'source'],
    ])
  })

  it('is refused with the columns that it needs', async () => {
    expect(await failureOf(read('a,b\n1,2\n'), FileError)).toContain('has the columns source and target')
  })
})

test('puts every account into one set only: the set that its links connect', async () => {
  const account = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g')
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(account, account), { maxLength: 10 }), async (links) => {
      const { detections } = await read(`source,target,weight\n${links.map(([a, b]) => `${a},${b},1`).join('\n')}\n`)
      // Another algorithm: spread the least name until nothing changes.
      const group = new Map<string, string>()
      for (const name of links.filter(([a, b]) => a !== b).flat()) group.set(name, name)
      for (let changes = true; changes;) {
        changes = false
        for (const [a, b] of links) {
          const [x = a, y = b] = [group.get(a), group.get(b)]
          if (a === b || x === y) continue
          const [least = x] = [x, y].sort()
          group.set(a, least).set(b, least)
          changes = true
        }
      }
      const sets = Map.groupBy(group.keys(), (name) => group.get(name))
      expect(detections.map(({ accountRefs }) => accountRefs?.join('')).sort()).toEqual(
        [...sets.values()].map((names) => names.toSorted().join('')).sort(),
      )
    }),
  )
})
