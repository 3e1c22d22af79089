import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { acrossOf, type DetectionLink, foundByOf, linkKey, linksOf } from '../../../lambdas/domain/aggregate/across.ts'
import type { DetectionAsOf } from '../../../lambdas/domain/aggregate/tally.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { detection, detectionAsOf, detectionsAsOf } from '../../support/detections.ts'

const campaign: DetectionLink = { kind: 'campaign', value: 'UN-notorious BIG' }
const hashtag: DetectionLink = { kind: 'hashtag', value: '#Decolonization' }

const seen = (id: string, input: Partial<DetectionInput> = {}): DetectionAsOf =>
  detectionAsOf({ id, territories: ['COR'], observed: { from: '2024-05-01' }, marking: 'TLP:CLEAR', ...input })

const home = seen('home', { territories: ['NC'], observed: { from: '2024-05-15' }, counts: { posts: 10 } })
const own = { territory: 'NC', detections: [home] } as const

const across = (detections: readonly DetectionAsOf[], ...more: readonly DetectionLink[]) =>
  acrossOf(
    own,
    [campaign, ...more].map((link) => ({ link, detections })),
    new Map(),
  )

describe('across territories', () => {
  test('a detection has each link once, whatever its spelling', () => {
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

  test('an image or a title is no link between two detections', () => {
    const plated = detection({ campaign: 'BIG', plates: ['a'.repeat(64)] })
    expect(linksOf(plated).map(linkKey)).toEqual(['campaign#big'])
    expect(foundByOf(plated).map(({ kind }) => kind)).toEqual(['campaign', 'plate', 'title', 'title'])
  })

  test('shows the first territory, its time, and the lag of the others', () => {
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

  test('orders first sightings and lags by the days that the page shows', () => {
    const later = seen('home', { territories: ['PF'], observed: { from: '2024-05-12' } })
    const day = seen('day', { territories: ['WF'], observed: { from: '2024-05-10' } }) // begins at noon on 9 May UTC
    const hour = seen('hour', { observed: { from: '2024-05-10T09:00:00Z' } }) // 23:00 on 9 May in Papeete
    const late = seen('late', { territories: ['COR', 'WF'], observed: { from: '2024-05-10T08:00:00Z' } })
    const of = (...detections: readonly DetectionAsOf[]) =>
      acrossOf({ territory: 'PF', detections: [later] }, [{ link: campaign, detections }], new Map())
    const two = of(day, hour)
    expect(two?.first).toMatchObject({ territories: ['COR'], at: '2024-05-10T09:00:00.000Z' })
    expect(two?.rows.map(({ territory, lagDays }) => [territory, lagDays])).toEqual([
      ['COR', 0],
      ['WF', 1],
    ])
    // In WF too, the instant has an earlier day here than the day that the other one states.
    expect(of(day, late)?.rows.find(({ territory }) => territory === 'WF')).toMatchObject({
      lagDays: 0,
      firstObserved: { precision: 'instant' },
    })
  })

  test('the manoeuvre itself is first where nothing came before it', () => {
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

  test('rows are joint only where they have exactly the same detections', () => {
    const of = (id: string, ...territories: NonNullable<DetectionInput['territories']>) =>
      seen(id, { territories, counts: { posts: 6 } })
    const jointIn = (...all: readonly DetectionAsOf[]) => {
      const { rows = [], shared } = across(all) ?? {}
      return { joint: rows.map(({ territory, joint }) => [territory, joint]), shared }
    }
    const none = [
      ['COR', undefined],
      ['MF', undefined],
    ]
    expect(jointIn(of('a', 'COR'), of('b', 'MF'))).toEqual({ joint: none, shared: undefined })
    expect(jointIn(of('a', 'COR', 'MF'), of('b', 'COR'), of('c', 'MF'))).toEqual({ joint: none, shared: true })
    expect(jointIn(of('a', 'COR', 'MF'), of('c', 'RE')).joint.toSorted()).toEqual([
      ['COR', ['MF']],
      ['MF', ['COR']],
      ['RE', undefined],
    ])
  })

  test('the order in which links lead to detections does not matter', () => {
    fc.assert(
      fc.property(detectionsAsOf, (all) => {
        expect(across([...all].reverse())).toEqual(across(all))
      }),
    )
  })
})
