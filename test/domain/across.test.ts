import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acrossOf, type Link, type Linked, linkKey, linksOf } from '../../lambdas/domain/across.ts'
import { markings } from '../../lambdas/domain/marking.ts'
import { detection } from '../support/detections.ts'

const campaign: Link = { kind: 'campaign', value: 'UN-notorious BIG' }
const hashtag: Link = { kind: 'hashtag', value: '#Decolonization' }

const linked = (id: string, said: Partial<Linked> = {}): Linked => ({
  id,
  revision: 1,
  from: '2024-05-01T00:00:00.000Z',
  to: '2024-05-01T00:00:00.000Z',
  observed: { from: '2024-05-01', to: '2024-05-01', precision: 'day' },
  territories: [{ code: 'COR', method: 'explicit' }],
  marking: 'TLP:CLEAR',
  ...said,
})

const own = {
  ids: new Set(['home', 'part']),
  territory: 'NC',
  manoeuvre: linked('home', {
    from: '2024-05-15T00:00:00.000Z',
    territories: [{ code: 'NC', method: 'explicit' }],
    posts: { value: 10, qualifier: 'exact' },
  }),
} as const
const limits = { cap: 'TLP:AMBER', before: '2024-05-20T00:00:00.000Z' } as const

describe('across territories', () => {
  test('links are those of the detection, each spelling once', () => {
    const links = linksOf(
      detection({
        campaign: 'BIG',
        accountSet: { id: 's', name: 'S', size: 3 },
        hashtags: ['#A', '#a', 'A'],
        fingerprints: [{ algorithm: 'simhash', value: '1f' }],
      }),
    )
    expect(links.map(linkKey)).toEqual(['campaign#big', 'accountSet#s', 'fingerprint#simhash:1f', 'hashtag#a'])
  })

  test('tells where first, when, and how much later elsewhere', () => {
    const there = [
      linked('a', { posts: { value: 7, qualifier: 'exact' } }),
      linked('b', { from: '2024-05-04T00:00:00.000Z', territories: [{ code: 'MQ', method: 'explicit' }] }),
    ]
    expect(acrossOf(own, [{ link: campaign, linked: there }], limits)).toMatchObject({
      first: { territories: ['COR'], at: '2024-05-01T00:00:00.000Z' },
      rows: [
        { territory: 'COR', lagDays: 0, detections: 1, posts: { value: 7, qualifier: 'exact' }, by: [campaign] },
        { territory: 'MQ', lagDays: 3, detections: 1, posts: { value: null } },
      ],
      total: { detections: 3, posts: { value: 17, qualifier: 'at least' } },
    })
  })

  test('a detection with several links, or in several territories through a group, counts once in the total', () => {
    const both = linked('g', {
      territories: [
        { code: 'GP', method: 'group' },
        { code: 'MQ', method: 'group' },
      ],
      posts: { value: 5, qualifier: 'exact' },
    })
    const across = acrossOf(
      own,
      [
        { link: campaign, linked: [both] },
        { link: hashtag, linked: [both] },
      ],
      limits,
    )
    expect(across?.rows).toMatchObject([
      { territory: 'GP', detections: 1, groupOnly: true, by: [campaign, hashtag] },
      { territory: 'MQ', detections: 1, groupOnly: true },
    ])
    expect(across?.total).toEqual({ detections: 2, posts: { value: 15, qualifier: 'exact' } })
  })

  test('parts of the manoeuvre, what is above the cap and what came later are not elsewhere', () => {
    const none = [
      linked('part'),
      linked('secret', { marking: 'TLP:RED' }),
      linked('later', { from: '2024-05-20T00:00:00.000Z' }),
    ]
    expect(acrossOf(own, [{ link: campaign, linked: none }], limits)).toBeUndefined()
  })

  test('a lower cap never shows more, whatever is linked and in whatever order', () => {
    const one = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      marking: fc.constantFrom(...markings),
      territories: fc.subarray(
        [
          { code: 'COR', method: 'explicit' as const },
          { code: 'MQ', method: 'group' as const },
          { code: 'NC', method: 'explicit' as const },
        ] as const,
        { minLength: 1 },
      ),
    })
    fc.assert(
      fc.property(fc.uniqueArray(one, { selector: ({ id }) => id }), (all) => {
        const found = all.map(({ id, ...said }) => linked(id, said))
        const under = (cap: (typeof markings)[number]) =>
          acrossOf(own, [{ link: campaign, linked: found }], { ...limits, cap })
        const shown = markings.map((cap) => under(cap)?.total.detections ?? 0)
        expect(shown).toEqual([...shown].sort((a, b) => a - b))
        expect(acrossOf(own, [{ link: campaign, linked: [...found].reverse() }], limits)).toEqual(under('TLP:AMBER'))
      }),
    )
  })
})
