import { describe, expect, it } from 'vitest'
import { wordingOf } from '../../lambdas/domain/core/language/report-wording.ts'
import { territoryOf } from '../../lambdas/domain/core/place/territory.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { assessmentOf, criteriaOf } from '../../lambdas/domain/page/manoeuvre/assessment.ts'
import { clusterOf } from '../../lambdas/domain/page/manoeuvre/cluster.ts'
import { cardsOf } from '../../lambdas/domain/page/manoeuvre/manoeuvre.ts'
import { type Entry, entryOf, type Facts } from '../../lambdas/domain/report/facts.ts'
import { detectionAsOf } from '../support/detections.ts'

const inForce = { house: {}, period: { last: '2024-05-19' } } as Facts
const english = wordingOf('en')
const french = wordingOf('fr')
const noumea = territoryOf('NC')

const entry = (input: Partial<DetectionInput>, parts: readonly Entry[] = []): Entry =>
  entryOf(detectionAsOf(input), 'TLP:RED', parts)

const accountSet = { id: 'big-423', name: '423 X accounts', size: 423 }
const onX = entry({ id: 'x', title: { en: 'Copies on X' }, counts: { posts: 5187, accounts: 1686 } })
const whole = (input: Partial<DetectionInput> = {}): Entry => {
  const made = entry(
    {
      observed: { from: '2024-05-15', to: '2024-05-16' },
      counts: { coordinatedAccounts: 348 },
      accountSet,
      ...input,
    },
    [onX],
  )
  // As a report gives it: the figure of the parts, as a floor.
  return { ...made, figures: { ...made.figures, accounts: { value: 1686, qualifier: 'at least' } } }
}

const metaOf = (corrected: readonly string[] | undefined, words = french) => {
  const changed = { ...onX, corrected }
  const others = { unlisted: { manoeuvres: 0 }, ongoing: [], undatedHere: [], campaigns: [] }
  const facts = { ...inForce, manoeuvres: [changed], ...others } as unknown as Facts
  return cardsOf([changed], facts, noumea, words, new Set())[0]?.meta
}

it('the card names the corrected fields, and not the analyst', () => {
  expect(metaOf(['counts.posts', 'title'])).toContain(
    ' · corrigé par un analyste\u00a0: nombre de messages et titre · D3lta',
  )
  expect(metaOf(['counts.posts', 'techniques'], english)).toContain(' · 2 fields corrected by an analyst · D3lta')
  expect(metaOf(undefined)).not.toContain('analyste')
})

it.each([
  ['KORDON', []],
  ['Another', [{ text: 'One part names another campaign; it is counted here with its whole.' }]],
])('the card of campaign Kordon mentions a part of campaign %s as expected', (campaign, paragraphs) => {
  const parts = [undefined, campaign].map((name, at) => entry({ id: `p${at}`, campaign: name, partOf: 'd1' }))
  const whole = entry({ campaign: 'Kordon' }, parts)
  const others = { unlisted: { manoeuvres: 0 }, ongoing: [], undatedHere: [], campaigns: [] }
  const facts = { ...inForce, manoeuvres: [whole], ...others, disarm: { reported: [] } } as unknown as Facts
  const rows = cardsOf([whole], facts, noumea, english, new Set())[0]?.rowsAfter ?? []
  expect(rows.filter(({ label }) => label === 'Parts').flatMap((row) => row.paragraphs.flat())).toEqual(paragraphs)
})

describe('the share of an account set', () => {
  it('is shown with the share of the participants, on one scale, each with its window', () => {
    const chart = clusterOf(whole(), noumea, english)
    expect(chart).toMatchObject({
      title: '82% of the set “423 X accounts” took part; that is at most 21% of the participants',
      most: 1686,
      bars: [
        { of: 'set', part: 348, whole: 423, window: 'window: 15–16 May 2024' },
        { of: 'participants', part: 348, whole: 1686, window: 'window: 15 May 2024' },
      ],
      caveat: 'The windows differ: 348 (15–16 May 2024), 1,686 (15 May 2024). So the share of 21% is a maximum.',
    })
    expect(chart?.bars[0]?.spoken).toBe('348 of 423 followed accounts, 75 not seen (82%). Window: 15–16 May 2024.')
    expect(chart?.bars[1]?.spoken).toContain('at least 1,338 other accounts, not qualified (at most 21%)')
    expect(JSON.stringify(chart)).not.toMatch(/organic/i)
  })

  it('is of no participants in another window where it is a floor of the set', () => {
    const chart = clusterOf(
      whole({ counts: { coordinatedAccounts: { value: 348, qualifier: 'at least' } } }),
      noumea,
      english,
    )
    expect(chart).toMatchObject({ bars: [{ of: 'set', written: '≥\u202f348' }], caveat: '' })
  })

  it.each([{}, { accounts: 100 }])('is one bar where the participants are unknown or too few: %j', (counts) => {
    const chart = clusterOf(entry({ counts: { coordinatedAccounts: 348, ...counts }, accountSet }), noumea, english)
    expect(chart).toMatchObject({ bars: [{ of: 'set' }], caveat: '' })
  })

  it('reads “all”, and repeats no number, where the whole set took part', () => {
    const chartOf = (coordinatedAccounts: number, accounts: number) =>
      clusterOf(entry({ counts: { coordinatedAccounts, accounts }, accountSet }), noumea, english)
    const among = chartOf(423, 1686)
    expect(among?.title).toBe('All of the set “423 X accounts” took part; that is 25% of the participants')
    expect(among?.bars[0]?.spoken).toMatch(/^All 423 followed accounts\. Window: 15\sMay/)
    expect(JSON.stringify([among, chartOf(348, 348)])).not.toMatch(/100|423 of 423|348 of 348/)
  })

  it('is a floor, a ceiling or an estimate where its figures are', () => {
    const titleOf = (part: object, size: object) =>
      clusterOf(
        entry({
          counts: { coordinatedAccounts: { value: 50, ...part } },
          accountSet: { ...accountSet, size: { value: 100, ...size } },
        }),
        noumea,
        english,
      )?.title
    expect(titleOf({ qualifier: 'at least' }, {})).toMatch(/^At least 50%/)
    expect(titleOf({}, { qualifier: 'at least' })).toMatch(/^At most 50%/)
    expect(titleOf({ qualifier: 'about' }, {})).toMatch(/^About 50%/)
    expect(titleOf({ qualifier: 'at least' }, { qualifier: 'at least' })).toBeUndefined()
    expect(titleOf({ qualifier: 'about' }, { qualifier: 'at least' })).toBeUndefined()
    // A bound that is rounded must still hold: 50 of 90 are 55.6%, of 92 they are 54.3%.
    expect(titleOf({ qualifier: 'at least' }, { value: 90 })).toMatch(/^At least 55%/)
    expect(titleOf({}, { value: 92, qualifier: 'at least' })).toMatch(/^At most 55%/)
  })

  it.each([
    ['no coordinated accounts', { accountSet }],
    ['none of them', { counts: { coordinatedAccounts: 0 }, accountSet }],
    ['more than the set has', { counts: { coordinatedAccounts: 500 }, accountSet }],
    ['no set', { counts: { coordinatedAccounts: 348 } }],
    ['a set without a size', { counts: { coordinatedAccounts: 348 }, accountSet: { id: 'big-423', name: 'X' } }],
    ['all of the set', { counts: { coordinatedAccounts: 423 }, accountSet }],
    ['all of the set, and no others', { counts: { coordinatedAccounts: 423, accounts: 423 }, accountSet }],
  ])('is not shown with %s', (_, input) => {
    expect(clusterOf(entry(input), noumea, english)).toBeNull()
  })
})

describe('likelihood and confidence', () => {
  it('are two fields, each with its scale and its author', () => {
    const assessed = entry({
      actor: { name: 'BIG', attributedBy: 'VIGINUM', likelihood: 'very likely', confidence: 'moderate' },
      confidence: { level: 'high', score: 85, source: 'OpenCTI' },
      reliability: 'A',
      credibility: 2,
    })
    const { fields = [], paragraphs = [] } = assessmentOf(assessed, english) ?? {}
    expect(fields.map(({ label, note, word }) => [label, note, word])).toEqual([
      ['Likelihood', 'of the attribution, according to VIGINUM', 'very likely'],
      ['Analytic confidence', 'of the attribution, according to VIGINUM', 'moderate'],
      ['Confidence', 'in the detection · 85 of 100 (OpenCTI)', 'high'],
    ])
    expect(fields[0]?.scale).toMatchObject({ form: 'band', low: 80, high: 95 })
    expect(fields[1]?.scale).toMatchObject({ form: 'steps', at: 1 })
    expect(paragraphs).toHaveLength(1)
  })

  it('have no scale where a platform filled the value in', () => {
    expect(assessmentOf(entry({}), english)).toBeNull()
    const filled = entry({ confidence: { level: 'high', score: 50, platformDefault: true } })
    const { fields = [], paragraphs = [] } = assessmentOf(filled, english) ?? {}
    expect(fields).toEqual([])
    expect(
      paragraphs
        .flat()
        .map(({ text }) => text)
        .join(''),
    ).toContain('no assessment')
  })

  it('belong to one statement where the source states it', () => {
    const of = { en: '39 of 423 accounts declare the party', fr: '39 des 423 comptes se réclament du parti' }
    const shown = (confidence: object) => assessmentOf(entry({ confidence: { of, ...confidence } }), english)
    expect(JSON.stringify(shown({ score: 70, source: 'VIGINUM' }))).toContain(
      'Confidence in the statement “39 of 423 accounts declare the party”: ',
    )
    expect(shown({ level: 'high' })?.fields[0]?.note).toBe('in the statement “39 of 423 accounts declare the party”')
  })

  it('are shown as missing where an attribution has none', () => {
    const actor = { name: 'BIG', attributedBy: 'VIGINUM' }
    const shown = (assessed: object) =>
      JSON.stringify(assessmentOf(entry({ actor: { ...actor, ...assessed } }), english))
    const missing = 'Confidence of the attribution, according to VIGINUM: '
    expect(shown({})).toContain(missing)
    expect(shown({ likelihood: 'likely' })).toContain(missing)
    expect(shown({ confidence: 'high' })).not.toContain(missing)
  })
})

describe('the four criteria', () => {
  it('are always four, in one order, where any is stated', () => {
    expect(criteriaOf(entry({}), inForce, english)).toBeNull()
    const stated = entry({
      criteria: [
        { criterion: 'misleading-content', state: 'supported', evidence: { en: 'Out of context.' } },
        { criterion: 'fundamental-interests', state: 'partial' },
      ],
    })
    expect(criteriaOf(stated, inForce, english)?.rows.map(({ sign, state }) => [sign, state])).toEqual([
      ['half', 'partial'],
      ['dashed', 'not assessed'],
      ['full', 'supported'],
      ['dashed', 'not assessed'],
    ])
  })
})
