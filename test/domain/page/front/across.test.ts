import { describe, expect, it, test } from 'vitest'
import type { Across, DetectionLink } from '../../../../lambdas/domain/aggregate/across.ts'
import { notGiven } from '../../../../lambdas/domain/core/figures.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../../lambdas/domain/core/time/observed.ts'
import { acrossSection } from '../../../../lambdas/domain/page/front/across.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const report = reportOn([detectionAsOf({ id: 'here', observed: { from: '2024-05-15' } })])
const tag: DetectionLink = { kind: 'hashtag', value: 'vie' }

type Row = Partial<Across['rows'][number]>

const rowOf = (row: Row): Across['rows'][number] => ({
  ...{ territory: 'PF', by: [tag], lagDays: 4, detections: 1, posts: notGiven, accounts: notGiven, groupOnly: false },
  ...{ first: '2024-03-05T00:00:00.000Z', firstObserved: observedFrom('2024-03-05') },
  ...{ last: '2024-03-05T00:00:00.000Z', marking: 'TLP:GREEN' },
  ...row,
})

const acrossOf = (rows: readonly Row[], by: readonly DetectionLink[], from = '2024-03-01'): Across => ({
  manoeuvre: 'here',
  first: { territories: ['NC'], at: '2024-03-01T00:00:00.000Z', observed: observedFrom(from), by },
  rows: rows.map(rowOf),
  total: { detections: 4, posts: notGiven },
  more: false,
  marking: 'TLP:GREEN',
})

const tablesOf = (all: readonly Across[], language: 'fr' | 'en' = 'en') =>
  acrossSection({ ...report, across: all }, territoryOf('NC'), wordingOf(language))?.manoeuvres

describe('the first sighting', () => {
  const firstOf = (by: readonly DetectionLink[]) => tablesOf([acrossOf([{}], by, '2023-07')])?.[0]?.first
  const manoeuvre = 'Of this manoeuvre: 15\u00a0May\u00a02024.'

  it('names the links that were seen then', () => {
    expect(firstOf([{ kind: 'campaign', value: 'BIG' }])).toBe(
      `First seen of the campaign “BIG”: July\u00a02023, New Caledonia. ${manoeuvre}`,
    )
    expect(
      firstOf([
        { kind: 'accountSet', value: 'big-423' },
        { kind: 'fingerprint', value: 'x' },
        { kind: 'hashtag', value: 'port' },
      ]),
    ).toBe(
      `First seen of the account set “big-423”, the same text and the hashtag #port: July\u00a02023, New Caledonia. ${manoeuvre}`,
    )
  })

  it('is the manoeuvre’s own where nothing came before it', () => {
    expect(firstOf([])).toBe('First seen of this manoeuvre: July\u00a02023, New Caledonia.')
  })
})

describe('manoeuvres with the same rows', () => {
  const across = (manoeuvre: string, ...by: readonly DetectionLink[]): Across => ({
    ...acrossOf([{ by }, { by, territory: 'WF' }], by),
    manoeuvre,
  })
  const campaign: DetectionLink = { kind: 'campaign', value: 'BIG' }

  it('share a table by the same links; others are named with their own', () => {
    const tables = tablesOf([
      across('a', campaign, tag),
      across('b', tag),
      across('e'),
      across('c', campaign, tag),
      across('d', campaign, { kind: 'accountSet', value: 'set-1' }, tag, { kind: 'fingerprint', value: 'x:1' }),
    ])
    expect(tables).toHaveLength(1)
    expect(tables?.[0]?.rows[0]?.by).toBe('campaign “BIG” · #vie')
    expect(tables?.[0]?.also).toBe(
      'Holds for one more manoeuvre too: c. ' +
        'The same rows, but through other links, for 3 more manoeuvres: b (#vie), e (itself of these territories) and d (campaign “BIG” · accounts “set-1” · #vie · one more link).',
    )
  })

  it('are listed up to six by their other links', () => {
    const tables = tablesOf([across('a', campaign), ...Array.from({ length: 8 }, (_, at) => across(`b${at}`, tag))])
    expect(tables).toHaveLength(1)
    expect(tables?.[0]?.also).toMatch(
      /^The same rows, but through other links, for 8 more manoeuvres: b0 \(#vie\), .*b5 \(#vie\) and 2 more \(links in report\.json\)\.$/,
    )
  })
})

describe('a row of several territories', () => {
  const six = { posts: { value: 6, qualifier: 'exact' } } as const
  const tableOf = (rows: readonly Row[], language: 'fr' | 'en' = 'en') =>
    tablesOf([acrossOf(rows, [tag])], language)?.[0]
  const shown = (rows: readonly Row[], language: 'fr' | 'en' = 'en') =>
    tableOf(
      rows.map((row) => ({ ...six, ...row })),
      language,
    )?.rows.map(({ territory, detections, posts, accounts }) => [territory, detections, posts, accounts])

  it('has the figures of each', () => {
    const three = [{ territory: 'COR' }, { territory: 'MF' }, { territory: 'RE' }] as const
    expect(shown(three)).toEqual([['Corsica, Saint Martin and Réunion', '1\u00a0each', '6\u00a0each', 'n/a']])
    expect(shown(three, 'fr')?.[0]?.slice(1, 3)).toEqual(['1\u00a0chacun', '6\u00a0chacun'])
  })

  it('has the figures of all together where the detections are the same', () => {
    const joint = (territory: 'COR' | 'MF', other: 'COR' | 'MF'): Row => ({ territory, joint: [other] })
    expect(shown([joint('COR', 'MF'), joint('MF', 'COR'), { territory: 'RE' }])).toEqual([
      ['Corsica and Saint Martin', '1\u00a0in\u00a0all', '6\u00a0in\u00a0all', 'n/a'],
      ['Réunion', '1', '6', 'n/a'],
    ])
  })

  it('has a fold with the range of the figures, and how many give none', () => {
    const codes = ['COR', 'MF', 'RE', 'GP', 'MQ', 'YT', 'PF', 'WF'] as const
    const fold = (posts: (at: number) => Across['rows'][number]['posts'], more: (code: string) => Row = () => ({})) => {
      const rows = codes.map((territory, at) => ({ territory, lagDays: at, posts: posts(at), ...more(territory) }))
      return tableOf(rows)?.fold
    }
    expect(fold(() => six.posts)).toMatchObject({ detections: '1\u00a0each', posts: '6\u00a0each' })
    expect(fold((at) => ({ value: at, qualifier: 'at least' }))?.posts).toBe('at least 5 to at least 7')
    expect(fold((at) => (at === 6 ? notGiven : { value: at, qualifier: 'exact' }))?.posts).toBe('5 to 7; 1 n/a')
    expect(fold(() => notGiven)?.posts).toBe('n/a')
    const others = (code: string) => ({ joint: codes.filter((one) => one !== code) })
    expect(fold(() => six.posts, others)?.posts).toBe('6\u00a0in\u00a0all')
  })
})

test.each([
  ['2024-03-01', '2024-03-05', 4, '4\u00a0d'],
  // One end is known to the month.
  ['2024-03', '2024-03-05', 4, 'at most 4\u00a0d'],
  ['2024-03-20', '2024-04', 12, 'at least 12\u00a0d'],
  ['2024-03', '2024-03', 0, 'same month'],
  ['2023-12', '2024-01', 31, '1 month'],
  ['2023-07', '2023-09', 62, '2 months'],
])('the lag from %s to %s is exact or a bound', (earliest, there, lagDays, lag) => {
  const across = acrossOf([{ firstObserved: observedFrom(there), lagDays }], [], earliest)
  expect(tablesOf([across])?.[0]?.rows[0]?.lag).toBe(lag)
})

test('the manoeuvre itself is named where a territory has nothing else in common', () => {
  expect(tablesOf([acrossOf([{ by: [] }], [])])?.[0]?.rows[0]?.by).toBe('this manoeuvre')
})
