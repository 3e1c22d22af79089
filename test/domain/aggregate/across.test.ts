import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acrossOf, type DetectionLink, foundByOf, linkKey, linksOf } from '../../../lambdas/domain/aggregate/across.ts'
import type { DetectionAsOf } from '../../../lambdas/domain/aggregate/tally.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { detection, detectionAsOf, detectionsAsOf } from '../../support/detections.ts'

const campaign: DetectionLink = { kind: 'campaign', value: 'UN-notorious BIG' }
const hashtag: DetectionLink = { kind: 'hashtag', value: '#Decolonization' }

const seen = (id: string, said: Partial<DetectionInput> = {}): DetectionAsOf =>
  detectionAsOf({ id, territories: ['COR'], observed: { from: '2024-05-01' }, marking: 'TLP:CLEAR', ...said })

const home = seen('home', { territories: ['NC'], observed: { from: '2024-05-15' }, counts: { posts: 10 } })
const own = { territory: 'NC', detections: [home] } as const

const across = (detections: readonly DetectionAsOf[], ...more: readonly DetectionLink[]) =>
  acrossOf(
    own,
    [campaign, ...more].map((link) => ({ link, detections })),
    new Map(),
  )

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

  test('a plate that two detections name is nothing that they share', () => {
    const plated = detection({ campaign: 'BIG', plates: ['a'.repeat(64)] })
    expect(linksOf(plated).map(linkKey)).toEqual(['campaign#big'])
    expect(foundByOf(plated).map(linkKey)).toEqual(['campaign#big', `plate#${'a'.repeat(64)}`])
  })

  test('tells where first, when, and how much later elsewhere', () => {
    const there = [
      seen('a', { counts: { posts: 7 } }),
      seen('b', { observed: { from: '2024-05-04' }, territories: ['MQ'] }),
    ]
    expect(across(there)).toMatchObject({
      first: { territories: ['COR'], at: '2024-04-30T22:00:00.000Z', by: [campaign] },
      rows: [
        { territory: 'COR', lagDays: 0, detections: 1, posts: { value: 7, qualifier: 'exact' }, by: [campaign] },
        { territory: 'MQ', lagDays: 3, detections: 1, posts: { value: null } },
      ],
      total: { detections: 3, posts: { value: 17, qualifier: 'at least' } },
    })
  })

  test('is first by the days that the page shows, and so are its rows', () => {
    const there = [
      seen('day', { territories: ['WF'], observed: { from: '2024-05-10' } }), // begins at noon on 9 May UTC
      seen('hour', { territories: ['COR'], observed: { from: '2024-05-10T09:00:00Z' } }), // 23:00 on 9 May in Papeete
      seen('late', { territories: ['COR', 'WF'], observed: { from: '2024-05-10T08:00:00Z' } }), // 22:00 on 9 May there
    ]
    const papeete = { territory: 'PF', detections: [seen('home', { territories: ['PF'] })] } as const
    const [mine] = papeete.detections
    const of = (some: readonly DetectionAsOf[]) =>
      acrossOf(
        { ...papeete, detections: [{ ...mine, detection: { ...mine.detection, observed: later } }] },
        [{ link: campaign, detections: some }],
        new Map(),
      )
    const later = { from: '2024-05-12', to: '2024-05-12', precision: 'day' } as const
    const two = of(there.slice(0, 2))
    expect(two?.first).toMatchObject({ territories: ['COR'], at: '2024-05-10T09:00:00.000Z' })
    expect(two?.rows.map(({ territory, lagDays }) => [territory, lagDays])).toEqual([
      ['COR', 0],
      ['WF', 1],
    ])
    // A territory's own first too: the instant is of an earlier day here than the day that it states.
    expect(
      of([...there.slice(0, 1), ...there.slice(2)])?.rows.find(({ territory }) => territory === 'WF'),
    ).toMatchObject({
      lagDays: 0,
      firstObserved: { precision: 'instant' },
    })
  })

  test('the manoeuvre itself was first where nothing came before it', () => {
    const later = seen('later', { observed: { from: '2024-05-17' } })
    expect(across([home, later])?.first).toMatchObject({ territories: ['NC'], by: [] })
  })

  test('a detection with several links, or in several territories through a group, counts once in the total', () => {
    const both = seen('g', {
      territories: [
        { code: 'GP', method: 'group' },
        { code: 'MQ', method: 'group' },
      ],
      counts: { posts: 5 },
    })
    const found = across([both], hashtag)
    expect(found?.rows).toMatchObject([
      { territory: 'GP', detections: 1, groupOnly: true, by: [campaign, hashtag] },
      { territory: 'MQ', detections: 1, groupOnly: true },
    ])
    expect(found?.total).toEqual({ detections: 2, posts: { value: 15, qualifier: 'exact' } })
  })

  test('rows of the same detections are joint, and rows of as many others are not', () => {
    const of = (id: string, ...territories: NonNullable<DetectionInput['territories']>) =>
      seen(id, { territories, counts: { posts: 6 } })
    const apart = across([of('a', 'COR'), of('b', 'MF'), of('c', 'RE')])
    expect(apart?.rows.map(({ joint }) => joint)).toEqual([undefined, undefined, undefined])
    expect(apart?.shared).toBeUndefined()
    const both = across([of('a', 'COR', 'MF'), of('c', 'RE')])
    expect(Object.fromEntries(both?.rows.map(({ territory, joint }) => [territory, joint]) ?? [])).toEqual({
      ...{ COR: ['MF'], MF: ['COR'], RE: undefined },
    })
    expect(both?.shared).toBe(true)
    const overlapping = across([of('a', 'COR', 'MF'), of('b', 'COR'), of('c', 'MF')])
    expect([overlapping?.rows.map(({ joint }) => joint), overlapping?.shared]).toEqual([[undefined, undefined], true])
  })

  test('the order in which links lead to detections does not matter', () => {
    fc.assert(
      fc.property(detectionsAsOf, (all) => {
        expect(across([...all].reverse())).toEqual(across(all))
      }),
    )
  })
})
