import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isCampaignCode, territories } from '../../../lambdas/domain/core/place/territory.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { campaignSpellings, parseAliases } from '../../../lambdas/domain/detection/names/aliases.ts'
import { actorLinks, knownIndicators, sourcesSaying } from '../../../lambdas/domain/dossier/claims.ts'
import { accountsNamed, setsOverTime } from '../../../lambdas/domain/dossier/returning.ts'
import { stepsBetween } from '../../../lambdas/domain/dossier/steps.ts'
import { detection, detectionAsOf, detectionsAsOf } from '../../support/detections.ts'
import { dossierOn } from '../../support/dossiers.ts'

const alpha = (input: Parameters<typeof detectionAsOf>[0]) => detectionAsOf({ campaign: 'Alpha', ...input })

describe('the key of a dossier', () => {
  it('is twelve digits of the hash of any name, in any case', () => {
    expect(campaignCode('UN-notorious BIG')).toMatch(/^campaign-[0-9a-f]{12}$/)
    expect(campaignCode(' un-notorious big ')).toBe(campaignCode('UN-notorious BIG'))
    expect(campaignCode('RRN')).not.toBe(campaignCode('Portal Kombat'))
    expect(isCampaignCode('campaign-0123456789AB')).toBe(false)
    expect(isCampaignCode('campaign-../../x1234')).toBe(false)
    fc.assert(fc.property(fc.string(), (name) => isCampaignCode(campaignCode(name))))
  })

  it('is one for all spellings, with the organisation’s own', () => {
    const own = parseAliases({ campaigns: { 'Operation A': ['Op A'], RRN: ['Doppel'] } }, 'vigie.json')
    expect(campaignSpellings('doppelganger', [])).toMatchObject({ name: 'RRN', isAlias: true })
    expect(campaignSpellings('Doppel', [own]).name).toBe('RRN')
    expect(campaignSpellings('op a', [own])).toEqual({
      name: 'Operation A',
      isAlias: true,
      spellings: ['Operation A', 'Op A'],
    })
    expect(campaignSpellings('RRN', [own]).spellings).toContain('Doppel')
    expect(campaignSpellings('Doppel', [])).toEqual({ name: 'Doppel', isAlias: false, spellings: ['Doppel'] })
  })
})

describe('steps', () => {
  it('are months, quarters or years, without a gap, and end with the dossier', () => {
    const { unit, steps } = stepsBetween('2023-07-14', '2024-05-19')
    expect(unit).toBe('month')
    expect(steps).toHaveLength(11)
    expect(steps[0]).toEqual({ name: '2023-07', first: '2023-07-01', last: '2023-07-31' })
    expect(steps.at(-1)).toEqual({ name: '2024-05', first: '2024-05-01', last: '2024-05-19' })
    expect(stepsBetween('2021-05-01', '2024-05-19')).toMatchObject({ unit: 'quarter' })
    expect(stepsBetween('2010-05-01', '2024-05-19').steps[0]).toEqual({
      name: '2010',
      first: '2010-01-01',
      last: '2010-12-31',
    })
  })

  it('follow each other day by day, at most 24 where years allow it', () => {
    const day = fc
      .integer({ min: 0, max: 8_000 })
      .map((at) => new Date(Date.UTC(2003, 0, 1 + at)).toISOString().slice(0, 10))
    fc.assert(
      fc.property(day, day, (one, other) => {
        const [first = '', last = ''] = [one, other].sort()
        const { steps } = stepsBetween(first, last)
        expect(steps.length).toBeLessThanOrEqual(24)
        expect((steps[0]?.first ?? '') <= first).toBe(true)
        expect(steps.at(-1)?.last).toBe(last)
        for (const [at, step] of steps.entries()) {
          const next = steps[at + 1]
          if (next) expect(Date.parse(next.first) - Date.parse(step.last)).toBe(86_400_000)
        }
      }),
    )
  })
})

describe('returning accounts', () => {
  const operation = (id: string, ...inputs: readonly Parameters<typeof detection>[0][]) => ({
    id,
    detections: inputs.map((one) => detection({ id, ...one })),
  })

  it('are counted by references of an earlier operation alone', () => {
    const named = accountsNamed([
      operation('a', { accountRefs: ['x', 'y'] }),
      operation('b', {}),
      operation('c', { accountRefs: ['y', 'z'], marking: 'TLP:GREEN' }, { coordinatedAccountRefs: ['x'] }),
    ])
    expect(named.map(({ named: some, returned }) => [some, returned])).toEqual([
      [2, null],
      [null, null],
      [3, 2],
    ])
    // It has the marking of those before too.
    expect(named[2]?.marking).toBe('TLP:AMBER')
  })

  it('are at most the named ones, in any order of references', () => {
    const refs = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'))
    fc.assert(
      fc.property(fc.array(refs, { maxLength: 6 }), (all) => {
        const operations = all.map((accountRefs, at) => operation(`o${at}`, { accountRefs }))
        const seen = new Set<string>()
        for (const [at, { named, returned }] of accountsNamed(operations).entries()) {
          const own = all[at] ?? []
          expect(named).toBe(own.length === 0 ? null : own.length)
          expect(returned).toBe(own.length === 0 || seen.size === 0 ? null : own.filter((ref) => seen.has(ref)).length)
          for (const ref of own) seen.add(ref)
        }
      }),
    )
  })

  it('have their sets, with one part for each operation', () => {
    const set = (coordinatedAccounts: number) => ({
      accountSet: { id: 'big-423', name: '423 X accounts', size: 423 },
      counts: { coordinatedAccounts },
    })
    const [one, ...more] = setsOverTime([
      operation('a', set(423)),
      operation('b', {}),
      operation('c', set(348), set(100)),
    ])
    expect(more).toEqual([])
    expect(one?.operations.map(({ operation: { id }, part }) => [id, part.value])).toEqual([
      ['a', 423],
      ['c', 348],
    ])
  })
})

describe('what sources state', () => {
  const begun = (...inputs: readonly Parameters<typeof detection>[0][]) =>
    inputs.map((one, from) => ({ from, detection: detection({ id: `d${from}`, ...one }) }))
  const actor = { name: { en: 'Azerbaijan', fr: 'Azerbaïdjan' }, attributedBy: 'VIGINUM' }

  it('has a row for each actor and likelihood', () => {
    const links = actorLinks(
      begun(
        { actor, marking: 'TLP:GREEN' },
        { actor, marking: 'TLP:CLEAR' },
        { actor: { ...actor, likelihood: 'likely' } },
        {},
      ),
    )
    expect(links).toMatchObject([
      { kind: 'actor', detections: 2, marking: 'TLP:GREEN' },
      { kind: 'actor', detections: 1, likelihood: 'likely' },
    ])
    expect(actorLinks(begun({ modusOperandi: actor }))).toMatchObject([{ kind: 'modus operandi' }])
  })

  it('is counted by the source that may be named', () => {
    const rated = { detector: 'D3lta', reliability: 'A', credibility: 2 } as const
    const stated = sourcesSaying(
      begun(
        { ...rated, observedEffect: { state: 'none', text: 'No reach', source: 'VIGINUM' } },
        { ...rated, observedEffect: { state: 'observed' }, breakout: { category: 4 } },
        { detector: { name: 'Mme X', byHand: true }, confidence: { score: 70, of: '39 of 423' } },
      ),
    )
    expect(stated).toMatchObject([
      {
        source: 'D3lta',
        detections: 2,
        effect: { observed: 1, none: 1, 'not assessed': 0, 'not given': 0 },
        breakout: 4,
        ratings: ['A2'],
        texts: [{ text: { und: 'No reach' }, source: 'VIGINUM' }],
      },
      {
        ...{ source: 'by hand', effect: { observed: 0, none: 0, 'not assessed': 1, 'not given': 1 } },
        breakout: 0,
        statements: [{ of: { und: '39 of 423' } }],
      },
    ])
  })

  it('has each indicator once, defanged, those of most detections first', () => {
    const value = 'https://Evil.example/a'
    const found = knownIndicators(
      begun(
        { indicators: [{ type: 'domain', value: 'b.example' }] },
        { indicators: Array(2).fill({ type: 'url', value }) },
        { indicators: [{ type: 'url', value: value.toLowerCase(), note: 'never alone' }], marking: 'TLP:RED' },
      ),
    )
    expect(found.map(({ value: shown, detections }) => [shown, detections])).toEqual([
      ['[https]://Evil[.]example/a', 2],
      ['b[.]example', 1],
    ])
    expect(found[0]).toMatchObject({ note: { und: 'never alone' }, marking: 'TLP:RED' })
  })
})

describe('a dossier', () => {
  it('counts a joint detection once, and shows it in each of its territories', () => {
    const facts = dossierOn([
      alpha({ territories: ['NC', 'PF', 'COR'], observed: { from: '2024-05-15' }, counts: { posts: 10 } }),
    ])
    expect(facts.steps[0]?.totals).toMatchObject({ detections: 1, posts: { value: 10, qualifier: 'exact' } })
    expect(facts.territories.filter(({ detections }) => detections > 0).map(({ territory }) => territory)).toEqual([
      'NC',
      'PF',
      'COR',
    ])
  })

  it('counts a detection on both sides of a month’s end in the earlier month alone', () => {
    const observed = { from: '2024-05-31T13:30:00Z' }
    const facts = dossierOn([alpha({ territories: ['NC', 'COR'], observed })], { last: '2024-06-30' })
    expect(facts.steps.map(({ totals }) => totals.detections)).toEqual([1, 0])
    const cells = (code: string) => facts.territories.find(({ territory }) => territory === code)?.cells
    expect([cells('COR'), cells('NC')]).toEqual([
      [1, null],
      [null, 1],
    ])
  })

  it('distinguishes 0 from not watched', () => {
    const facts = dossierOn([alpha({ observed: { from: '2024-05-15' } })], { last: '2024-07-31', watched: ['2024-06'] })
    const cells = (code: string) => facts.territories.find(({ territory }) => territory === code)?.cells
    expect(cells('NC')).toEqual([1, 0, null])
    expect(cells('MQ')).toEqual([null, 0, null])
    expect(facts.isWhole).toBe(false)
  })

  it('has only the names of its detections', () => {
    const found = [
      detectionAsOf({ id: 'a', campaign: 'RRN' }),
      detectionAsOf({ id: 'b', campaign: 'RRN', reported: { campaign: 'Doppelgänger' } }),
      detectionAsOf({ id: 'c', campaign: 'Doppel' }),
    ]
    const { name, storedAs, reported } = dossierOn(found, { isAlias: true, name: 'RRN' })
    expect([name, storedAs, reported]).toEqual(['RRN', [{ name: 'Doppel', ids: ['c'] }], ['Doppelgänger']])
    expect(dossierOn([detectionAsOf({ campaign: 'alpha' })], { name: 'ALPHA' }).name).toBe('alpha')
  })

  it('lists operations with their parts by when the whole began', () => {
    const facts = dossierOn([
      alpha({ id: 'late', observed: { from: '2024-06-01' } }),
      alpha({ id: 'whole', observed: { from: '2024-05-20' } }),
      alpha({ id: 'part', partOf: 'whole', observed: { from: '2024-04-02' } }),
      alpha({ id: 'between', observed: { from: '2024-05-01' } }),
    ])
    expect(facts.operations).toEqual(['between', 'whole', 'late'])
  })

  it('has steps and cells that add up, in any order of detections', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.infiniteStream(fc.nat()), (found, order) => {
        fc.pre(found.length > 0)
        const all = found.map((one) => ({ ...one, detection: { ...one.detection, campaign: 'Alpha' } as Detection }))
        const facts = dossierOn(all)
        const counted = facts.steps.reduce((sum, { totals }) => sum + totals.detections, 0)
        expect(counted).toBe(all.length)
        for (const { detections, cells } of facts.territories)
          expect(cells.reduce<number>((sum, cell) => sum + (cell ?? 0), 0)).toBe(detections)
        expect(facts.territories.map(({ territory }) => territory)).toEqual(territories.map(({ code }) => code))
        const shuffled = all.map((one) => ({ one, at: order.next().value })).toSorted((a, b) => a.at - b.at)
        expect(dossierOn(shuffled.map(({ one }) => one))).toEqual(facts)
      }),
      { numRuns: 40 },
    )
  })
})
