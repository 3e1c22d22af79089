/** A manoeuvre's charts: two shares with their windows, two axes of assessment, four criteria. */
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

const entry = (said: Partial<DetectionInput>, parts: readonly Entry[] = []): Entry =>
  entryOf(detectionAsOf(said), 'TLP:RED', parts)

const accountSet = { id: 'big-423', name: '423 X accounts', size: 423 }
const onX = entry({ id: 'x', title: { en: 'Copies on X' }, counts: { posts: 5187, accounts: 1686 } })
const whole = (said: Partial<DetectionInput> = {}): Entry => {
  const made = entry(
    {
      observed: { from: '2024-05-15', to: '2024-05-16' },
      counts: { coordinatedAccounts: 348 },
      accountSet,
      ...said,
    },
    [onX],
  )
  // As a report gives it: the figure of the parts, as a floor.
  return { ...made, figures: { ...made.figures, accounts: { value: 1686, qualifier: 'at least' } } }
}

describe('what an analyst corrected', () => {
  const metaOf = (corrected: readonly string[] | undefined, words = french) => {
    const told = { ...onX, corrected }
    const others = { unlisted: { manoeuvres: 0 }, ongoing: [], undatedHere: [], campaigns: [] }
    const facts = { ...inForce, manoeuvres: [told], ...others } as unknown as Facts
    return cardsOf([told], facts, noumea, words, new Set())[0]?.meta
  }

  it('is named beside the detector, where it is little, without who corrected it', () => {
    expect(metaOf(['counts.posts', 'title'])).toContain(
      ' · corrigé par un analyste\u00a0: nombre de messages et titre · D3lta',
    )
    expect(metaOf(['counts.posts', 'techniques'], english)).toContain(' · 2 fields corrected by an analyst · D3lta')
    expect(metaOf(undefined)).not.toContain('analyste')
  })
})

describe('parts that name another campaign', () => {
  const rowsOf = (campaigns: readonly (string | undefined)[]) => {
    const parts = campaigns.map((campaign, at) => entry({ id: `p${at}`, campaign, partOf: 'd1' }))
    const told = entry({ campaign: 'Kordon' }, parts)
    const others = {
      unlisted: { manoeuvres: 0 },
      ongoing: [],
      undatedHere: [],
      campaigns: [],
      disarm: { reported: [] },
    }
    const facts = { ...inForce, manoeuvres: [told], ...others } as unknown as Facts
    const rows = cardsOf([told], facts, noumea, english, new Set())[0]?.rowsAfter ?? []
    return rows.filter(({ label }) => label === 'Parts').flatMap(({ paragraphs }) => paragraphs.flat())
  }

  it('are told on the card of their whole', () => {
    expect(rowsOf([undefined, 'KORDON'])).toEqual([])
    expect(rowsOf([undefined, 'Another'])).toEqual([
      { text: 'One part names another campaign; it is counted here with its whole.' },
    ])
  })
})

describe('the share of an account set', () => {
  it('is shown beside the share of the participants, on one scale, each with its window', () => {
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
    expect(clusterOf(whole(), noumea, french)?.bars[1]?.spoken).toContain(
      'au moins 1\u202f338 autres comptes, non qualifiés',
    )
  })

  it('is one bar where nobody counted the participants', () => {
    const alone = entry({ counts: { coordinatedAccounts: 348 }, accountSet })
    expect(clusterOf(alone, noumea, english)?.bars).toHaveLength(1)
    expect(clusterOf(alone, noumea, english)?.caveat).toBe('')
  })

  it('says all, and no number twice, where the whole set took part', () => {
    const all = (counts: object) => entry({ counts: { coordinatedAccounts: 423, ...counts }, accountSet })
    expect(clusterOf(all({}), noumea, english)).toBeNull()
    expect(clusterOf(all({ accounts: 423 }), noumea, english)).toBeNull()
    const among = clusterOf(all({ accounts: 1686 }), noumea, english)
    expect(among?.title).toBe('All of the set “423 X accounts” took part; that is 25% of the participants')
    expect(among?.bars[0]?.spoken).toMatch(/^All 423 followed accounts\. Window: 15\sMay/)
    const part = clusterOf(entry({ counts: { coordinatedAccounts: 348, accounts: 348 }, accountSet }), noumea, french)
    expect(part?.title).toContain('c’est la totalité des participants')
    expect(JSON.stringify([among, part])).not.toMatch(/100|423 of 423|348 sur 348/)
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
    // A bound that is rounded must still hold: 50 of 90 are 55.6%, of 92 they are 54.3%.
    expect(titleOf({ qualifier: 'at least' }, { value: 90 })).toMatch(/^At least 55%/)
    expect(titleOf({}, { value: 92, qualifier: 'at least' })).toMatch(/^At most 55%/)
  })

  it('is not shown where a figure is missing, zero or does not fit', () => {
    expect(clusterOf(entry({ accountSet }), noumea, english)).toBeNull()
    expect(clusterOf(entry({ counts: { coordinatedAccounts: 0 }, accountSet }), noumea, english)).toBeNull()
    expect(clusterOf(entry({ counts: { coordinatedAccounts: 500 }, accountSet }), noumea, english)).toBeNull()
    expect(clusterOf(entry({ counts: { coordinatedAccounts: 348 } }), noumea, english)).toBeNull()
    const unsized = { id: 'big-423', name: '423 X accounts' }
    expect(clusterOf(entry({ counts: { coordinatedAccounts: 348 }, accountSet: unsized }), noumea, english)).toBeNull()
    const fewer = entry({ counts: { coordinatedAccounts: 348, accounts: 100 }, accountSet })
    expect(clusterOf(fewer, noumea, english)?.bars).toHaveLength(1)
  })
})

describe('likelihood and confidence', () => {
  it('are two fields, each with its scale, and say whose they are', () => {
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

  it('have no scale where a platform filled the value in by itself', () => {
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

  it('belong to one statement where the source says so', () => {
    const of = { en: '39 of 423 accounts declare the party', fr: '39 des 423 comptes se réclament du parti' }
    const told = (confidence: object) => assessmentOf(entry({ confidence: { of, ...confidence } }), english)
    expect(JSON.stringify(told({ score: 70, source: 'VIGINUM' }))).toContain(
      'Confidence in the statement “39 of 423 accounts declare the party”: ',
    )
    expect(told({ level: 'high' })?.fields[0]?.note).toBe('in the statement “39 of 423 accounts declare the party”')
    expect(JSON.stringify(assessmentOf(entry({ confidence: { of, score: 70 } }), french))).toContain(
      'Confiance dans l’énoncé «\u202f39 des 423',
    )
  })

  it('are said to be missing where somebody attributes without saying how surely', () => {
    const actor = { name: 'BIG', attributedBy: 'VIGINUM' }
    const told = (assessed: object) =>
      JSON.stringify(assessmentOf(entry({ actor: { ...actor, ...assessed } }), english))
    const missing = 'Confidence of the attribution, according to VIGINUM: '
    expect(told({})).toContain(missing)
    expect(told({ likelihood: 'likely' })).toContain(missing)
    expect(told({ confidence: 'high' })).not.toContain(missing)
  })

  it('are left out where nothing is assessed', () => {
    expect(assessmentOf(entry({}), english)).toBeNull()
  })
})

describe('the four criteria', () => {
  it('are always four, in one order, where any is stated', () => {
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

  it('are no table where none is stated', () => {
    expect(criteriaOf(entry({}), inForce, english)).toBeNull()
  })
})
