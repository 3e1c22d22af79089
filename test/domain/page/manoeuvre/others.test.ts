/** A crowded period: each manoeuvre is a card, a row, or part of a fold. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import type { Page, Report } from '../../../../lambdas/domain/page/page.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const small = (id: string, more: Partial<DetectionInput> = {}) =>
  detectionAsOf({ id, counts: { posts: 3 }, campaign: 'RRN', observed: { from: '2024-05-14' }, ...more })

const large = (id: string, more: Partial<DetectionInput> = {}) => small(id, { counts: { posts: 700 }, ...more })

const many = (count: number, make: (id: string) => ReturnType<typeof small>, prefix = 's') =>
  Array.from({ length: count }, (_, at) => make(`${prefix}-${at}`))

const othersOf = (report: Report): NonNullable<NonNullable<Page['manoeuvres']>['rest']> => {
  const { rest } = report.pages.en.manoeuvres ?? {}
  if (!rest) throw new Error('all manoeuvres have cards')
  return rest
}

/** `3 others`, `3 other grave manoeuvres`, `RRN: one more manoeuvre`, `2 more campaigns: 5 manoeuvres` */
const countIn = (title: string): number => {
  const [, others, many] = /^(\d+) other(?:s| grave)|: (one|\d+) (?:more )?manoeuvres?/.exec(title) ?? []
  return many === 'one' ? 1 : Number(others ?? many)
}

/** The rows and folds that a screen shows, or paper. */
const linesOn = (medium: 'screen' | 'paper', report: Report) => {
  const tables = report.pages.en.manoeuvres?.rest?.tables ?? []
  const isThere = ({ only }: { readonly only: string }) => only === '' || only === medium
  return {
    rows: tables.flatMap(({ rows }) => rows.filter(isThere)),
    folds: tables.flatMap(({ folds }) => folds.filter(isThere)),
  }
}

/** How many manoeuvres the page shows, and how. */
const shown = (report: Report, medium: 'screen' | 'paper' = 'screen') => {
  const { cards = [] } = report.pages.en.manoeuvres ?? {}
  const lines = linesOn(medium, report)
  const rows = lines.rows.length
  const folded = lines.folds.reduce((sum, { title }) => sum + countIn(title), 0)
  return { cards: cards.length, rows, folded, all: cards.length + rows + folded }
}

describe('a period', () => {
  test('has five cards for five manoeuvres, and three for six', () => {
    expect(shown(reportOn(many(5, small)))).toEqual({ cards: 5, rows: 0, folded: 0, all: 5 })
    expect(shown(reportOn(many(6, small)))).toEqual({ cards: 3, rows: 0, folded: 3, all: 6 })
  })

  test('of thirteen has cards for the three gravest, and folds the small ones', () => {
    const grave = large('grave', { observedEffect: { state: 'observed', text: 'On television' } })
    const report = reportOn([...many(12, small), grave])
    expect(shown(report)).toEqual({ cards: 3, rows: 0, folded: 10, all: 13 })
    expect(report.pages.en.manoeuvres?.cards[0]?.meta).toContain('grave')
    expect(othersOf(report).tables[0]?.folds[0]).toMatchObject({
      title: '10 others, 3 posts each',
      under: 'In detections.csv: campaign = RRN',
      when: '14\u00a0May',
      posts: '30',
      accounts: 'n/a',
    })
  })
})

test('captions state the order of docs/reports.md', () => {
  const { fr, en } = reportOn(many(13, small)).pages
  const steps = (note: string | undefined) =>
    /\(([^)]*)\)/.exec(note ?? '')?.[1]?.split(/, (?:then |puis )?| et | and /)
  expect(steps(en.manoeuvres?.rest?.note)).toEqual(
    'act/breakout of 4 to 6/other effects/lesser breakout/attribution/share of the followed set/novelty/posts'.split(
      '/',
    ),
  )
  expect(steps(fr.manoeuvres?.rest?.note)).toEqual(
    'acte/propagation de 4 à 6/autres effets/propagation moindre/attribution/part de l’ensemble suivi/nouveauté/messages'.split(
      '/',
    ),
  )
  expect((['en', 'fr'] as const).map((lang) => wordingOf(lang).say('annex.detections.note').slice(0, 17))).toEqual([
    'The gravest first',
    'Les plus graves d',
  ])
})

describe('what is grave', () => {
  const seen = { observedEffect: { state: 'observed', text: 'On television' } } as const

  test.each([
    ['an observed effect', seen],
    ['a breakout of 4', { breakout: { category: 4 } }],
  ] as const)('is never folded: %s', (_, more) => {
    const report = reportOn([...many(15, (id) => large(id, more)), ...many(3, large, 'l')])
    expect(othersOf(report).tables[0]).toMatchObject({
      rows: { length: 12 },
      folds: [{ title: '3 others, 700 posts each' }],
    })
  })

  test('has its reason in its row, from itself or from a part; other rows have none', () => {
    const report = reportOn([
      ...many(3, (id) => large(id, { breakout: { category: 6 } }), 'told'),
      large('act', { observedEffect: { state: 'observed', degree: 'act' }, breakout: { category: 5 } }),
      large('spread', { breakout: { category: 4 } }),
      small('whole'),
      small('part', { partOf: 'whole', observedEffect: { state: 'observed', degree: 'online' } }),
      large('other', { breakout: { category: 3 } }),
      ...many(2, small, 'folded'),
    ])
    const under = othersOf(report).tables[0]?.rows.map((row) => row.under.replaceAll('\u00a0', ' ')) ?? []
    expect(under.map((text) => text.split(' · ').slice(0, -2))).toEqual([
      ['breakout 6'],
      ['breakout 4'],
      ['echo online'],
      [],
    ])
  })

  test('is one fold on paper beyond twenty-four, with its effects counted, and a row on screens', () => {
    const report = reportOn([
      ...many(3, (id) => large(id, { ...seen, breakout: { category: 6 } }), 'told'),
      ...many(24, (id) => large(id, { breakout: { category: 5 } }), 'wide'),
      ...many(4, (id) => large(id, { observedEffect: { state: 'observed', degree: 'media' } }), 'media'),
      large('online', { observedEffect: { state: 'observed', degree: 'online' } }),
    ])
    const [paper, screen] = [linesOn('paper', report), linesOn('screen', report)]
    expect([paper.rows.length, screen.rows.length, screen.folds.length]).toEqual([24, 29, 0])
    expect(paper.folds.map(({ title }) => title)).toEqual([
      '5 other grave manoeuvres: 4 echoes offline or in the media and one echo online, 700 posts each',
    ])
  })

  test('has a row in the table that campaigns share', () => {
    const campaigns = Array.from({ length: 40 }, (_, at) =>
      small(`c-${at}`, { campaign: `C${at % 10}`, ...(at < 10 && seen) }),
    )
    const table = othersOf(reportOn(campaigns)).tables.at(-1)
    expect(table?.title).toBe('6 more campaigns')
    expect(table?.rows.map(({ under }) => under.split(' · ').at(-1))).toEqual(['c-7', 'c-8', 'c-9'])
  })
})

describe('a fold', () => {
  const foldIn = (report: Report) => othersOf(report).tables[0]?.folds[0]
  const crowd = many(15, (id) => large(id, { breakout: { category: 5 } }), 'l')

  test.each([
    ['none', [{}, {}], '2 others, no number of posts', 'n/a'],
    ['one', [6, {}, {}], '3 others, one of 6 posts; 2 n/a', 'at least 6'],
    ['all the same', [6, 6], '2 others, 6 posts each', '12'],
    ['some', [0, 3, {}], '3 others, 0 to 3 posts; 1 n/a', 'at least 3'],
  ] as const)('has the range of the known posts: %s', (_, posts, title, sum) => {
    const report = reportOn([
      ...crowd,
      ...posts.map((one, at) => small(`f-${at}`, { counts: typeof one === 'number' ? { posts: one } : {} })),
    ])
    expect(foldIn(report)).toMatchObject({ title, posts: sum })
  })

  test('has its days in the territory’s time, and the number known to the month alone', () => {
    const report = reportOn(
      [
        ...crowd.slice(2),
        // The evening of the 14th in UTC is the morning of the 15th in Nouméa.
        small('a', { observed: { from: '2024-05-14T20:00:00Z' } }),
        small('b', { observed: { from: '2024-05-15', to: '2024-05-18' } }),
        small('c', { observed: { from: '2024-05-17' } }),
        small('d', { observed: { from: '2024-05' } }),
      ],
      { period: '2024-05' },
    )
    expect(foldIn(report)?.when).toBe('2 days, 15–17 May; one known to the month')
  })
})

describe('a row of its own', () => {
  const crowd = many(13, (id) => large(id, { breakout: { category: 3 } }), 'l')

  test.each([
    ['ten posts', { counts: { posts: 10 } }, true],
    ['nine posts', { counts: { posts: 9 } }, false],
    ['at least nine posts', { counts: { posts: { value: 9, qualifier: 'at least' } } }, true],
    ['an unknown number of posts', { counts: {} }, true],
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
    const cards = report.pages.en.manoeuvres?.cards.filter(({ campaign }) => campaign === 'Other').length ?? 0
    if (isRow) expect((table?.rows.length ?? 0) + cards).toBe(3)
    else expect([table?.rows.length, table?.folds[0]?.title.slice(0, 8)]).toEqual([0, '3 others'])
  })

  test('is what a fold of one becomes, and five are the most', () => {
    const report = reportOn([...many(10, large, 'l'), small('lonely', { campaign: 'Other' }), ...many(3, small)])
    const tables = othersOf(report).tables
    expect(tables.find(({ title }) => title.includes('Other'))).toMatchObject({ rows: [{}], folds: [] })
    expect(tables.find(({ title }) => title.includes('RRN'))?.rows).toHaveLength(5)
  })
})

test('of more than twenty campaigns beyond the chapters the last share a line', () => {
  const report = reportOn(Array.from({ length: 60 }, (_, at) => small(`c-${at}`, { campaign: `C${at % 30}` })))
  const [shared] = othersOf(report).tables.slice(-1)
  expect(shared?.folds).toHaveLength(20)
  expect(shared?.folds.at(-1)).toMatchObject({
    title: expect.stringMatching(/^\d more campaigns: \d+ manoeuvres, 3 posts each$/),
    under: 'In detections.csv: column campaign',
  })
  expect(shown(report).all).toBe(60)
})

test('campaigns beyond four share the last table, each in a line', () => {
  const report = reportOn(Array.from({ length: 40 }, (_, at) => small(`c-${at}`, { campaign: `C${at % 10}` })))
  const { tables } = othersOf(report)
  expect(tables).toHaveLength(5)
  expect(tables.at(-1)).toMatchObject({
    ...{ title: '6 more campaigns', rows: [], folds: { length: 6 } },
    note: 'Of each campaign, in detections.csv: the column campaign has its name.',
  })
  expect(tables.at(-1)?.folds.slice(-2)).toMatchObject([
    { title: 'C9: 4 manoeuvres, 3 posts each', under: '', posts: '12' },
    // Two of it have cards.
    { title: 'C0: 2 more manoeuvres, 3 posts each', under: '', posts: '6' },
  ])
  expect(shown(report).all).toBe(40)
})

test('a sum counts once what two detectors saw, as a floor', () => {
  // One post, in two manoeuvres.
  const print = { indicators: [{ type: 'url' as const, value: 'https://x.example/1' }] }
  const twice = [
    small('one', { ...print, detector: { name: 'A' } }),
    small('two', { ...print, detector: { name: 'B' } }),
  ]
  const report = reportOn([...many(13, small), ...twice])
  expect(report.totals.posts.value).toBeLessThan(3 * report.totals.manoeuvres)
  expect(othersOf(report).tables[0]?.folds[0]?.posts).toBe('at least 33')
})

test('a fold that the total leaves out wholly reads “not in the total”, also with a stated 0', () => {
  const seenBy = (name: string, value: string, posts: number) => ({
    ...{ detector: { name }, fingerprints: [{ algorithm: 'text', value }], counts: { posts, reposts: posts } },
  })
  const found = [
    ...many(12, small),
    ...['p', 'q', 'r'].map((value) => small(`big-${value}`, seenBy('A', value, 900))),
    ...['p', 'q', 'r'].map((value, at) => small(`out-${value}`, { ...seenBy('B', value, 6 + at), campaign: 'Y' })),
  ]
  const zero = small('none', { counts: { posts: 0, reposts: 0 }, campaign: 'Y' })
  for (const all of [found, [...found, zero]]) {
    const folds = othersOf(reportOn(all)).tables.flatMap((table) => table.folds)
    expect(folds.find(({ under }) => under.includes('= Y'))).toMatchObject({
      posts: 'not in the total',
      reposts: 'not in the total',
    })
  }
})

test('cards, rows and folds are all manoeuvres, with the posts of the period', () => {
  const one = fc.record({
    posts: fc.integer({ min: 0, max: 40 }),
    campaign: fc.constantFrom('A', 'a ', 'B', 'C', 'D', 'E', 'F', undefined),
    category: fc.constantFrom(1, 2, 4, 6, undefined),
    degree: fc.constantFrom('act', 'media', undefined, undefined, undefined),
  })
  const number = (text: string) => Number(text.replace(/\D/g, ''))
  fc.assert(
    fc.property(fc.array(one, { minLength: 13, maxLength: 120 }), (all) => {
      const report = reportOn(
        all.map(({ posts, campaign, category, degree }, at) =>
          detectionAsOf({
            id: `d-${at}`,
            counts: { posts },
            ...(campaign !== undefined && { campaign }),
            ...(category !== undefined && { breakout: { category } }),
            ...(degree !== undefined && { observedEffect: { state: 'observed', degree } }),
          } as Partial<DetectionInput>),
        ),
      )
      const inCards = report.manoeuvres.slice(0, 3).reduce((sum, { figures }) => sum + (figures.posts.value ?? 0), 0)
      for (const medium of ['screen', 'paper'] as const) {
        expect(shown(report, medium).all).toBe(report.totals.manoeuvres)
        const { rows, folds } = linesOn(medium, report)
        const listed = [...rows, ...folds].reduce((sum, { posts }) => sum + number(posts), 0)
        expect(inCards + listed).toBe(report.totals.posts.value)
      }
    }),
  )
})

test('the line of a campaign counts what its manoeuvres add to the total', () => {
  const one = fc.record({
    posts: fc.integer({ min: 0, max: 40 }),
    campaign: fc.constantFrom('A', 'B'),
    detector: fc.constantFrom('One', 'Other'),
    print: fc.constantFrom(undefined, 'same', 'too'),
    partOf: fc.constantFrom(undefined, undefined, 'elsewhere', 'd-0'),
  })
  fc.assert(
    fc.property(fc.array(one, { minLength: 2, maxLength: 20 }), (all) => {
      const { manoeuvres, campaigns } = reportOn(
        all.map(({ posts, campaign, detector, print, partOf }, at) =>
          detectionAsOf({
            ...{ id: `d-${at}`, counts: { posts }, campaign, detector: { name: detector } },
            ...(print !== undefined && { fingerprints: [{ algorithm: 'text', value: print }] }),
            ...(partOf !== undefined && at > 0 && { partOf }),
          } as Partial<DetectionInput>),
        ),
      )
      for (const { name, posts } of campaigns) {
        const own = manoeuvres.filter(({ campaign }) => campaign === name)
        const added = own.filter(({ apart }) => !apart?.includes('posts'))
        expect(posts.value).toBe(added.reduce((sum, { figures }) => sum + (figures.posts.value ?? 0), 0))
        if (added.length < own.length) expect(posts.qualifier).toBe('at least')
      }
    }),
  )
})

test('a whole has the marking of a stricter part behind its figures', () => {
  const whole = detectionAsOf({
    id: 'whole',
    counts: { posts: { value: 800, qualifier: 'at least' } },
    marking: 'TLP:GREEN',
  })
  const part = detectionAsOf({ id: 'part', partOf: 'whole', counts: { posts: 1000 }, marking: 'TLP:AMBER' })
  const report = reportOn([whole, part])
  const { manoeuvres, annex } = report.pages.en
  expect([...report.manoeuvres][0]).toMatchObject({ marking: 'TLP:GREEN', figuresMarking: 'TLP:AMBER' })
  expect(manoeuvres?.cards[0]?.marking).toBe('TLP:AMBER')
  const rows = annex?.detections?.rows ?? []
  expect(rows.map(({ id, posts, marking }) => [id, posts, marking])).toEqual([
    ['whole', 'at least 1,000', 'TLP:AMBER'],
    ['part', '1,000', 'TLP:AMBER'],
  ])
})
