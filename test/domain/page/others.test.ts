/** A crowded period: what is not told in full stands in a row or a fold, each once, and adds up to the period. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import type { Page, Report } from '../../../lambdas/domain/page/page.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { reportOn } from '../../support/reports.ts'

const small = (id: string, more: Partial<DetectionInput> = {}) =>
  detectionAsOf({ id, counts: { posts: 3 }, campaign: 'RRN', observed: { from: '2024-05-14' }, ...more })

const large = (id: string, more: Partial<DetectionInput> = {}) => small(id, { counts: { posts: 700 }, ...more })

const many = (count: number, make: (id: string) => ReturnType<typeof small>, prefix = 's') =>
  Array.from({ length: count }, (_, at) => make(`${prefix}-${at}`))

const othersOf = (report: Report): NonNullable<NonNullable<Page['manoeuvres']>['rest']> => {
  const { rest } = report.pages.en.manoeuvres ?? {}
  if (!rest) throw new Error('all manoeuvres are told in full')
  return rest
}

/** How many manoeuvres the page shows, and how. */
const shown = (report: Report) => {
  const { cards = [], rest } = report.pages.en.manoeuvres ?? {}
  const tables = rest?.tables ?? []
  const rows = tables.reduce((sum, table) => sum + table.rows.length, 0)
  const folded = tables.reduce((sum, { fold }) => sum + Number(/^\d+/.exec(fold?.title ?? '0')?.[0]), 0)
  return { told: cards.length, rows, folded, all: cards.length + rows + folded }
}

describe('a period', () => {
  test('of five manoeuvres tells all of them in full, of six the three gravest', () => {
    expect(shown(reportOn(many(5, small)))).toEqual({ told: 5, rows: 0, folded: 0, all: 5 })
    expect(shown(reportOn(many(6, small)))).toEqual({ told: 3, rows: 0, folded: 3, all: 6 })
  })

  test('of thirteen tells the three gravest, and folds the small ones', () => {
    const grave = large('grave', { observedEffect: { state: 'observed', text: 'On television' } })
    const report = reportOn([...many(12, small), grave])
    expect(shown(report)).toEqual({ told: 3, rows: 0, folded: 10, all: 13 })
    expect(report.pages.en.manoeuvres?.cards[0]?.meta).toContain('grave')
    expect(othersOf(report).tables[0]?.fold).toMatchObject({
      title: '10 others, 3 posts each',
      under: 'in detections.csv: campaign = RRN',
      when: '14\u00a0May',
      posts: '30',
      accounts: 'n/a',
    })
  })
})

test('a fold says how many of its own had an effect or a wide breakout', () => {
  const seen = { observedEffect: { state: 'observed', text: 'On television' } } as const
  const report = reportOn(many(15, (id) => large(id, seen)))
  expect(othersOf(report).tables[0]).toMatchObject({
    rows: { length: 5 },
    fold: { title: '7 others, 700 posts each', under: expect.stringMatching(/^7 with an observed effect .* · in/) },
  })
})

describe('a row of its own', () => {
  const crowd = many(13, (id) => large(id, { breakout: { category: 3 } }), 'l')

  test.each([
    ['ten posts', { counts: { posts: 10 } }, true],
    ['nine posts', { counts: { posts: 9 } }, false],
    ['at least nine posts', { counts: { posts: { value: 9, qualifier: 'at least' } } }, true],
    ['posts that nobody counted', { counts: {} }, true],
    ['a breakout of 2', { breakout: { category: 2 } }, true],
    ['a breakout of 1', { breakout: { category: 1 } }, false],
    ['an effect that was observed', { observedEffect: { state: 'observed', text: 'Seen' } }, true],
    ['an actor', { actor: { name: 'A', attributedBy: 'B' } }, true],
  ] as const)('%s: %j', (_, more, isRow) => {
    const report = reportOn([
      ...crowd,
      ...['x', 'y', 'z'].map((id) => small(id, { campaign: 'Other', ...more } as never)),
    ])
    const table = othersOf(report).tables.find(({ title }) => title.includes('Other'))
    const told = report.pages.en.manoeuvres?.cards.filter(({ campaign }) => campaign === 'Other').length ?? 0
    if (isRow) expect((table?.rows.length ?? 0) + told).toBe(3)
    else expect([table?.rows.length, table?.fold?.title.slice(0, 8)]).toEqual([0, '3 others'])
  })

  test('is what a fold of one becomes, and five are the most', () => {
    const report = reportOn([...many(10, large, 'l'), small('lonely', { campaign: 'Other' }), ...many(3, small)])
    const tables = othersOf(report).tables
    expect(tables.find(({ title }) => title.includes('Other'))).toMatchObject({ rows: [{}], fold: null })
    expect(tables.find(({ title }) => title.includes('RRN'))?.rows).toHaveLength(5)
  })
})

test('campaigns beyond four share the last table', () => {
  const report = reportOn(Array.from({ length: 40 }, (_, at) => small(`c-${at}`, { campaign: `C${at % 10}` })))
  const { tables } = othersOf(report)
  expect(tables).toHaveLength(5)
  expect(tables.at(-1)).toMatchObject({ title: '6 more campaigns', rows: [] })
  expect(shown(report).all).toBe(40)
})

test('a sum that would count twice is not given', () => {
  // Two detectors saw the same posts: the period's total leaves one of them out.
  const print = { fingerprints: [{ algorithm: 'text', value: 'same' }] }
  const twice = [
    small('one', { ...print, detector: { name: 'A' } }),
    small('two', { ...print, detector: { name: 'B' } }),
  ]
  const report = reportOn([...many(13, small), ...twice])
  expect(report.totals.posts.value).toBeLessThan(3 * report.totals.manoeuvres)
  expect(othersOf(report).tables[0]?.fold?.posts).toBe('–')
})

test('cards, rows and folds are all manoeuvres, and their posts the period’s', () => {
  const one = fc.record({
    posts: fc.integer({ min: 0, max: 40 }),
    campaign: fc.constantFrom('A', 'a ', 'B', 'C', 'D', 'E', 'F', undefined),
    category: fc.constantFrom(1, 2, undefined),
  })
  const number = (text: string) => Number(text.replace(/\D/g, ''))
  fc.assert(
    fc.property(fc.array(one, { minLength: 13, maxLength: 60 }), (all) => {
      const report = reportOn(
        all.map(({ posts, campaign, category }, at) =>
          detectionAsOf({
            id: `d-${at}`,
            counts: { posts },
            ...(campaign !== undefined && { campaign }),
            ...(category !== undefined && { breakout: { category } }),
          } as Partial<DetectionInput>),
        ),
      )
      expect(shown(report).all).toBe(report.totals.manoeuvres)
      const told = report.manoeuvres.slice(0, 3).reduce((sum, { figures }) => sum + (figures.posts.value ?? 0), 0)
      const listed = othersOf(report).tables.flatMap(({ rows, fold }) => [...rows, ...(fold ? [fold] : [])])
      expect(told + listed.reduce((sum, { posts }) => sum + number(posts), 0)).toBe(report.totals.posts.value)
    }),
  )
})
