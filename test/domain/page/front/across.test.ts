/** Other territories on a page: a lag is no surer than the times between which it lies. */
import { describe, expect, it } from 'vitest'
import type { Across, DetectionLink } from '../../../../lambdas/domain/aggregate/across.ts'
import { notGiven } from '../../../../lambdas/domain/core/figures.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { type Observed, observedFrom } from '../../../../lambdas/domain/core/time/observed.ts'
import { acrossSection } from '../../../../lambdas/domain/page/front/across.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const report = reportOn([detectionAsOf({ id: 'here', observed: { from: '2024-05-15' } })])

const section = (earliest: Observed, there: Observed, lagDays: number, by: readonly DetectionLink[] = []) => {
  const across: Across = {
    manoeuvre: 'here',
    first: { territories: ['NC'], at: '2024-03-01T00:00:00.000Z', observed: earliest, by },
    rows: [
      {
        territory: 'PF',
        by: [{ kind: 'hashtag', value: '#port' }],
        first: '2024-03-05T00:00:00.000Z',
        firstObserved: there,
        last: '2024-03-05T00:00:00.000Z',
        lagDays,
        detections: 1,
        posts: notGiven,
        accounts: notGiven,
        groupOnly: false,
        marking: 'TLP:GREEN',
      },
    ],
    total: { detections: 2, posts: notGiven },
    more: false,
    marking: 'TLP:GREEN',
  }
  return acrossSection({ ...report, across: [across] }, territoryOf('NC'), wordingOf('en'))?.manoeuvres[0]
}

const lag = (earliest: Observed, there: Observed, lagDays: number): string | undefined =>
  section(earliest, there, lagDays)?.rows[0]?.lag

describe('the first sighting', () => {
  const firstOf = (by: readonly DetectionLink[]) =>
    section(observedFrom('2023-07'), observedFrom('2024-03-05'), 0, by)?.first
  const manoeuvre = 'Of this manoeuvre: 15\u00a0May\u00a02024.'

  it('says what was seen then: the campaign is not the photo', () => {
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

describe('manoeuvres of which the same is told', () => {
  const tag: DetectionLink = { kind: 'hashtag', value: 'vie' }
  const across = (manoeuvre: string, ...by: readonly DetectionLink[]): Across => ({
    manoeuvre,
    first: { territories: ['NC'], at: '2024-03-01T00:00:00.000Z', observed: observedFrom('2024-03-01'), by },
    rows: (['PF', 'WF'] as const).map((territory) => ({
      ...{ territory, by, lagDays: 4, detections: 1, posts: notGiven, accounts: notGiven, groupOnly: false },
      ...{ first: '2024-03-05T00:00:00.000Z', firstObserved: observedFrom('2024-03-05') },
      ...{ last: '2024-03-05T00:00:00.000Z', marking: 'TLP:GREEN' },
    })),
    total: { detections: 3, posts: notGiven },
    more: false,
    marking: 'TLP:GREEN',
  })
  const campaign: DetectionLink = { kind: 'campaign', value: 'BIG' }
  const of = (...all: readonly Across[]) =>
    acrossSection({ ...report, across: all }, territoryOf('NC'), wordingOf('en'))?.manoeuvres

  it('share a table by the same links; by others they are named with their own', () => {
    const tables = of(
      across('a', campaign, tag),
      across('b', tag),
      across('e'),
      across('c', campaign, tag),
      across('d', campaign, { kind: 'accountSet', value: 'set-1' }, tag, { kind: 'fingerprint', value: 'x:1' }),
    )
    expect(tables).toHaveLength(1)
    expect(tables?.[0]?.rows[0]?.by).toBe('campaign “BIG” · #vie')
    expect(tables?.[0]?.also).toBe(
      'Holds for one more manoeuvre too: c. ' +
        'The same rows, but through other links, for 3 more manoeuvres: b (#vie), e (itself of these territories) and d (campaign “BIG” · accounts “set-1” · #vie · one more link).',
    )
  })

  it('says nothing of the same links where there are none, and where the links of more stand', () => {
    const tables = of(across('a', campaign), ...Array.from({ length: 8 }, (_, at) => across(`b${at}`, tag)))
    expect(tables).toHaveLength(1)
    expect(tables?.[0]?.also).toMatch(
      /^The same rows, but through other links, for 8 more manoeuvres: b0 \(#vie\), .*b5 \(#vie\) and 2 more \(links in report\.json\)\.$/,
    )
  })
})

describe('a row of several territories', () => {
  const tag: DetectionLink = { kind: 'hashtag', value: 'vie' }
  type Row = Partial<Across['rows'][number]>
  const tableOf = (rows: readonly Row[], language: 'fr' | 'en') => {
    const across: Across = {
      manoeuvre: 'here',
      first: { territories: ['NC'], at: '2024-03-01T00:00:00.000Z', observed: observedFrom('2024-03-01'), by: [tag] },
      rows: rows.map((row) => ({
        ...{ territory: 'COR', by: [tag], lagDays: 4, detections: 1, groupOnly: false },
        ...{ posts: { value: 6, qualifier: 'exact' }, accounts: notGiven },
        ...{ first: '2024-03-05T00:00:00.000Z', firstObserved: observedFrom('2024-03-05') },
        ...{ last: '2024-03-05T00:00:00.000Z', marking: 'TLP:GREEN' },
        ...row,
      })),
      total: { detections: 4, posts: { value: 28, qualifier: 'exact' } },
      more: false,
      marking: 'TLP:GREEN',
    }
    return acrossSection({ ...report, across: [across] }, territoryOf('NC'), wordingOf(language))?.manoeuvres[0]
  }
  const told = (rows: readonly Row[], language: 'fr' | 'en' = 'en') =>
    tableOf(rows, language)?.rows.map(({ territory, detections, posts, accounts }) => [
      ...[territory, detections, posts, accounts],
    ])

  it('says that its figures are each one’s', () => {
    const three = [{ territory: 'COR' }, { territory: 'MF' }, { territory: 'RE' }] as const
    expect(told(three)).toEqual([['Corsica, Saint Martin and Réunion', '1\u00a0each', '6\u00a0each', 'n/a']])
    expect(told(three, 'fr')?.[0]?.slice(1, 3)).toEqual(['1\u00a0chacun', '6\u00a0chacun'])
  })

  it('says that they are those of all together where the detections are the same, apart from who has its own', () => {
    const joint = (territory: 'COR' | 'MF', other: 'COR' | 'MF'): Row => ({ territory, joint: [other] })
    const rows = [joint('COR', 'MF'), joint('MF', 'COR'), { territory: 'RE' as const }]
    expect(told(rows)).toEqual([
      ['Corsica and Saint Martin', '1\u00a0in\u00a0all', '6\u00a0in\u00a0all', 'n/a'],
      ['Réunion', '1', '6', 'n/a'],
    ])
    expect(told(rows, 'fr')?.[0]?.slice(1, 3)).toEqual(['1\u00a0en\u00a0tout', '6\u00a0en\u00a0tout'])
  })

  it('has a fold that says each or from how many to how many, with qualifiers, and how many give none', () => {
    const codes = ['COR', 'MF', 'RE', 'GP', 'MQ', 'YT', 'PF', 'WF'] as const
    const rows = codes.map((territory, at) => ({ territory, lagDays: at }))
    const fold = (posts: (at: number) => Row['posts'], language: 'fr' | 'en' = 'en') => {
      const row = tableOf(
        rows.map((one, at) => ({ ...one, posts: posts(at) ?? notGiven })),
        language,
      )?.fold
      return [row?.detections, row?.posts]
    }
    expect(fold(() => ({ value: 6, qualifier: 'exact' }))).toEqual(['1\u00a0each', '6\u00a0each'])
    expect(fold(() => ({ value: 6, qualifier: 'exact' }), 'fr')).toEqual(['1\u00a0chacun', '6\u00a0chacun'])
    expect(fold((at) => ({ value: at, qualifier: 'at least' }))[1]).toBe('at least 5 to at least 7')
    expect(fold((at) => (at === 6 ? notGiven : { value: at, qualifier: 'exact' }))[1]).toBe('5 to 7; 1 n/a')
    expect(fold(() => notGiven)[1]).toBe('n/a')
    const joint = tableOf(
      rows.map((one) => ({ ...one, joint: codes.filter((code) => code !== one.territory) })),
      'en',
    )
    expect(joint?.fold?.posts).toBe('6\u00a0in\u00a0all')
  })
})

describe('a lag', () => {
  it('is in days between days', () => {
    expect(lag(observedFrom('2024-03-01'), observedFrom('2024-03-05'), 4)).toBe('4\u00a0d')
  })

  it('is a bound where one end is known to the month', () => {
    expect(lag(observedFrom('2024-03'), observedFrom('2024-03-05'), 4)).toBe('at most 4\u00a0d')
    expect(lag(observedFrom('2024-03-20'), observedFrom('2024-04'), 12)).toBe('at least 12\u00a0d')
  })

  it('is in months between months', () => {
    expect(lag(observedFrom('2024-03'), observedFrom('2024-03'), 0)).toBe('same month')
    expect(lag(observedFrom('2023-12'), observedFrom('2024-01'), 31)).toBe('1 month')
    expect(lag(observedFrom('2023-07'), observedFrom('2023-09'), 62)).toBe('2 months')
  })
})

it('names the manoeuvre itself where nothing else is in common with a territory', () => {
  const across: Across = {
    manoeuvre: 'here',
    first: { territories: ['NC'], at: '2024-03-01T00:00:00.000Z', observed: observedFrom('2024-03-01'), by: [] },
    rows: [
      {
        ...{
          territory: 'PF',
          by: [],
          lagDays: 0,
          detections: 1,
          posts: notGiven,
          accounts: notGiven,
          groupOnly: false,
        },
        ...{ first: '2024-03-01T00:00:00.000Z', firstObserved: observedFrom('2024-03-01') },
        ...{ last: '2024-03-01T00:00:00.000Z', marking: 'TLP:GREEN' },
      },
    ],
    ...{ total: { detections: 1, posts: notGiven }, more: false, marking: 'TLP:GREEN' },
  }
  const told = acrossSection({ ...report, across: [across] }, territoryOf('NC'), wordingOf('en'))
  expect(told?.manoeuvres[0]?.rows[0]?.by).toBe('this manoeuvre')
})
