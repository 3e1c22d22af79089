import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { sourceStates } from '../../../../lambdas/domain/aggregate/watch/source-state.ts'
import {
  detectorShown,
  hoursOf,
  type Input,
  noTerritory,
  type SourceRecord,
  type Statement,
  type StoredInput,
  sourceOf,
  visibleSources,
  watchedBetween,
  watchOf,
} from '../../../../lambdas/domain/aggregate/watch/watch.ts'
import { fitsUnder, type Marking, markings } from '../../../../lambdas/domain/core/marking.ts'
import { type TerritoryCode, territories } from '../../../../lambdas/domain/core/place/territory.ts'
import { boundsIn, daysOf, parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import { detection } from '../../../support/detections.ts'

const week = parsePeriod('2024-W20')
const zone = 'Pacific/Noumea'
const period = { bounds: boundsIn(week, zone), dates: daysOf(week), zone }
const end = new Date(period.bounds.to).toISOString()

const every = (hours: number, from = period.bounds.from, to = period.bounds.to): Input[] => {
  const inputs: Input[] = []
  for (let at = from; at < to; at += hours * 3_600_000) inputs.push({ at: new Date(at).toISOString(), found: 0 })
  return inputs
}

describe('proof of watch', () => {
  test('a source in its rhythm has all its inputs and no gap', () => {
    const watch = watchOf(every(6), 'PT6H', period, end)
    expect(watch).toMatchObject({ inputs: 28, expected: 28, gaps: [] })
    expect(watch.days).toEqual(daysOf(week).map((date) => ({ date, inputs: 4, found: 0 })))
  })

  test('a silence of more than two rhythms is a gap, also from end to end', () => {
    const inputs = every(6).filter((_, at) => at < 10 || at > 15)
    expect(watchOf(inputs, 'PT6H', period, end).gaps).toEqual([{ from: inputs[9]?.at, to: inputs[10]?.at, hours: 42 }])
    expect(watchOf([], 'P1D', period, end)).toMatchObject({ inputs: 0, expected: 7, gaps: [{ hours: 168 }] })
    expect(watchOf([], undefined, period, end)).toMatchObject({ inputs: 0, expected: undefined, gaps: [] })
  })

  test('days after the as-of instant are not watched yet', () => {
    const wednesday = new Date(period.bounds.from + 2.5 * 86_400_000).toISOString()
    const watch = watchOf(every(6), 'PT6H', period, wednesday)
    expect(watch.days.map(({ date }) => date)).toEqual(['2024-05-13', '2024-05-14', '2024-05-15'])
    expect(watch).toMatchObject({ inputs: 10, expected: 10, gaps: [] })
    expect(watchOf(every(6), 'PT6H', period, '2024-05-01T00:00:00.000Z')).toMatchObject({
      inputs: 0,
      days: [],
      gaps: [],
    })
  })

  test('the order of inputs does not matter, and days add up to the inputs', () => {
    const input = fc.record({
      at: fc
        .integer({ min: period.bounds.from - 1e8, max: period.bounds.to + 1e8 })
        .map((at) => new Date(at).toISOString()),
      found: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(input), (inputs) => {
        const watch = watchOf(inputs, 'PT6H', period, end)
        expect(watchOf([...inputs].reverse(), 'PT6H', period, end)).toEqual(watch)
        expect(watch.days.reduce((sum, day) => sum + day.inputs, 0)).toBe(watch.inputs)
      }),
    )
  })

  test.each([
    ['P1D', 24],
    ['P1W', 168],
    ['PT30M', 0.5],
    ['P1M', 720],
  ])('%s is %d hours', (rhythm, hours) => {
    expect(hoursOf(rhythm)).toBe(hours)
  })
})

const at = (day: number) => `2024-05-${String(day).padStart(2, '0')}T06:00:00.000Z`

const stated = (marking: Marking, more: Partial<Statement> = {}): Statement => ({
  ...{ marking, statedAt: at(13), byHand: false },
  ...more,
})

const recordOf = (statements: readonly Statement[], inputs: readonly StoredInput[], name = 'D3lta'): SourceRecord => ({
  name,
  statements,
  inputs,
  earlier: [],
})

const see = (records: readonly SourceRecord[], cap: Marking) => visibleSources(records, { cap, territories: ['NC'] })

describe('the sources that an edition may know', () => {
  test('an undeclared one is AMBER, and RED where only RED records name it', () => {
    const clear = recordOf([stated('TLP:CLEAR')], [{ at: at(13), found: 1, by: { 'TLP:CLEAR': { NC: 1 } } }])
    expect(see([clear], 'TLP:GREEN')).toEqual([])
    expect(see([clear], 'TLP:AMBER')).toMatchObject([{ name: 'D3lta', marking: 'TLP:AMBER' }])
    const red = recordOf([stated('TLP:RED')], [{ at: at(13), found: 1, by: { 'TLP:RED': { NC: 1 } } }])
    expect(see([red], 'TLP:AMBER+STRICT')).toEqual([])
    expect(see([red], 'TLP:RED')).toMatchObject([{ name: 'D3lta', marking: 'TLP:RED' }])
  })

  test('counts only what fits under the cap, with the marking of what is printed of the period', () => {
    const statements = [stated('TLP:CLEAR', { declared: 'TLP:CLEAR' }), stated('TLP:RED', { version: '9' })]
    const inputs: StoredInput[] = [
      { at: at(13), found: 4, by: { 'TLP:CLEAR': { NC: 3 }, 'TLP:RED': { NC: 1 } } },
      { at: at(14), found: 2, by: { 'TLP:RED': { NC: 2 } } },
      { at: at(15), found: 0 },
    ]
    const [low] = see([recordOf(statements, inputs)], 'TLP:AMBER')
    expect(low?.inputs.map(({ found }) => found)).toEqual([3, 0])
    expect(low && sourceOf(low, period, end)).toMatchObject({
      marking: 'TLP:CLEAR',
      lastInput: at(15),
      watch: { inputs: 2 },
    })
    const [high] = see([recordOf(statements, inputs)], 'TLP:RED')
    expect(high && sourceOf(high, period, end)).toMatchObject({
      marking: 'TLP:RED',
      version: '9',
      watch: { inputs: 3 },
    })
    const [open] = see([recordOf(statements.slice(0, 1), inputs.slice(2))], 'TLP:RED')
    expect(open && sourceOf(open, period, end).marking).toBe('TLP:CLEAR')
  })

  test('are marked the same in any order of the inputs of one instant', () => {
    const inputs: StoredInput[] = [
      { at: at(22), found: 1, by: { 'TLP:CLEAR': { NC: 1 } } },
      { at: at(22), found: 1, by: { 'TLP:AMBER': { NC: 1 } } },
    ]
    const markingOf = (given: readonly StoredInput[]) => {
      const [source] = see([recordOf([stated('TLP:CLEAR', { declared: 'TLP:CLEAR' })], given)], 'TLP:AMBER')
      return source && sourceOf(source, period, end).marking
    }
    expect([markingOf(inputs), markingOf(inputs.toReversed())]).toEqual(['TLP:CLEAR', 'TLP:CLEAR'])
  })

  test('delivered afterwards where no visible input came before the period’s end, and was not silent', () => {
    const statements = [stated('TLP:CLEAR', { declared: 'TLP:CLEAR', expectedRhythm: 'PT6H' })]
    const later: StoredInput = { at: '2026-11-26T06:00:00.000Z', found: 3, by: { 'TLP:CLEAR': { NC: 3 } } }
    const hidden: StoredInput = { at: at(14), found: 1, by: { 'TLP:RED': { NC: 1 } } }
    const watched = (inputs: readonly StoredInput[], cap: Marking) => {
      const [source] = see([recordOf(statements, inputs)], cap)
      return source && sourceOf(source, period, '2026-11-26T07:00:00.000Z').watch
    }
    expect(watched([later], 'TLP:AMBER')).toMatchObject({ afterwards: true, expected: undefined, gaps: [] })
    expect(watched([hidden, later], 'TLP:AMBER')).toEqual(watched([later], 'TLP:AMBER'))
    expect(watched([hidden, later], 'TLP:RED')).toMatchObject({ afterwards: false, expected: 28 })
    const silentSince: StoredInput = { at: '2024-05-01T06:00:00.000Z', found: 0 }
    expect(watched([silentSince, later], 'TLP:AMBER')).toMatchObject({ afterwards: false, gaps: [{ hours: 168 }] })
  })

  test('is not in an edition on a territory that it does not watch', () => {
    const there = recordOf(
      [stated('TLP:CLEAR', { declared: 'TLP:CLEAR', territories: ['MQ'] })],
      [{ at: at(13), found: 0 }],
    )
    expect(see([there], 'TLP:RED')).toEqual([])
    expect(visibleSources([there], { cap: 'TLP:RED', territories: ['MQ', 'NC'] })).toHaveLength(1)
  })

  test('show a reader only what was found in the territories that they read', () => {
    const run: StoredInput = { at: at(12), found: 0 }
    const inputs: StoredInput[] = [
      { at: at(13), found: 6, by: { 'TLP:AMBER': { NC: 1, 'NC PF': 2 }, 'TLP:RED': { WF: 3 } } },
      { at: at(14), found: 1, by: { 'TLP:RED': { WF: 1 } } },
      { at: at(15), found: 1, by: { 'TLP:RED': { [noTerritory]: 1 } } },
    ]
    const statements = [stated('TLP:CLEAR', { declared: 'TLP:CLEAR' }), stated('TLP:RED')]
    const readBy = (...readable: TerritoryCode[]) => {
      const record = recordOf(statements, [run, ...inputs])
      const [seen] = visibleSources([record], { cap: 'TLP:RED', territories: readable, readable })
      return seen?.inputs.map(({ found, foundMarking }) => `${found} ${foundMarking}`)
    }
    expect(readBy('NC')).toEqual(['0 TLP:CLEAR', '3 TLP:AMBER'])
    expect(readBy('PF')).toEqual(['0 TLP:CLEAR', '2 TLP:AMBER'])
    expect(readBy('NC', 'PF')).toEqual(['0 TLP:CLEAR', '3 TLP:AMBER'])
    expect(readBy('WF')).toEqual(['0 TLP:CLEAR', '3 TLP:RED', '1 TLP:RED'])
    expect(readBy(...territories.map(({ code }) => code))).toHaveLength(4)
    const [state] = sourceStates([recordOf(statements, inputs)], { cap: 'TLP:RED', territories: ['NC'] }, 0)
    expect(state).toMatchObject({ lastInput: at(13), marking: 'TLP:AMBER' })
    // A report counts every delivery.
    expect(see([recordOf(statements, inputs)], 'TLP:RED')[0]?.inputs.map(({ found }) => found)).toEqual([6, 1, 1])
  })

  test('analysts are one source without a name, unless their marking is declared', () => {
    const hand = (name: string, day: number, declared?: Marking) =>
      recordOf(
        [stated('TLP:CLEAR', { byHand: true, knownError: { en: `Only what ${name} saw` }, declared })],
        [{ at: at(day), found: 1, by: { 'TLP:CLEAR': { NC: 1 } } }],
        name,
      )
    const seen = see([hand('Anne Martin', 15), hand('Bob', 14), hand('VIGINUM', 13, 'TLP:CLEAR')], 'TLP:AMBER')
    expect(seen).toMatchObject([
      { name: 'by hand', inputs: [{ at: at(14) }, { at: at(15) }], last: { at: at(15) } },
      { name: 'VIGINUM' },
    ])
    expect(JSON.stringify(seen)).not.toMatch(/Anne|Bob/)
  })

  test('have the freest marking at which a stretch of time was watched', () => {
    const seen = see(
      [
        recordOf([stated('TLP:CLEAR')], [{ at: at(13), found: 0 }]),
        recordOf(
          [stated('TLP:RED', { declared: 'TLP:GREEN' })],
          [{ at: at(13), found: 1, by: { 'TLP:RED': { NC: 1 } } }],
          'other',
        ),
      ],
      'TLP:RED',
    )
    const between = (from: number, to: number) => watchedBetween(seen, Date.parse(at(from)), Date.parse(at(to)))
    expect(between(13, 14)).toBe('TLP:AMBER')
    expect(between(12, 13)).toBeUndefined()
    expect(watchedBetween(seen.slice(1), Date.parse(at(13)), Date.parse(at(14)))).toBe('TLP:RED')
  })

  test('do not depend on records above the cap', () => {
    const marking = fc.constantFrom(...markings)
    const statement = fc.record({
      marking,
      statedAt: fc.integer({ min: 1, max: 28 }).map(at),
      byHand: fc.boolean(),
      declared: fc.option(marking, { nil: undefined }),
      version: fc.option(fc.string(), { nil: undefined }),
      territories: fc.constantFrom(undefined, ['NC' as const], ['MQ' as const]),
    })
    const input = fc.record({
      at: fc.integer({ min: 1, max: 28 }).map(at),
      found: fc.constant(9),
      by: fc.option(fc.dictionary(marking, fc.record({ NC: fc.integer({ min: 1, max: 9 }) })), { nil: undefined }),
    })
    const record = fc.record({
      name: fc.constantFrom('a', 'b'),
      statements: fc.uniqueArray(statement, { selector: (one) => one.marking }),
      inputs: fc.array(input, { maxLength: 6 }).map((all) => all.sort((a, b) => (a.at < b.at ? -1 : 1))),
      earlier: fc.constant([]),
    })
    fc.assert(
      fc.property(fc.array(record), marking, (records, cap) => {
        const below = records.map(({ statements, inputs, ...one }) => ({
          ...one,
          statements: statements.filter((one) => fitsUnder(one.marking, cap)),
          inputs: inputs.map(({ by, ...came }) => ({
            ...came,
            by: by && Object.fromEntries(Object.entries(by).filter(([of]) => fitsUnder(of as Marking, cap))),
          })),
        }))
        // Only old items have no statement that fits.
        fc.pre(below.every(({ statements }) => statements.length > 0))
        expect(see(records, cap)).toEqual(see(below, cap))
      }),
    )
  })
})

describe('the shown detector of a detection', () => {
  test.each([
    ['D3lta', 'TLP:CLEAR', 'D3lta'],
    [{ name: 'Anne Martin', byHand: true }, 'TLP:CLEAR', 'by hand'],
    [{ name: 'VIGINUM', byHand: true, marking: 'TLP:CLEAR' }, 'TLP:CLEAR', 'VIGINUM'],
    [{ name: 'VIGINUM', byHand: true, marking: 'TLP:AMBER' }, 'TLP:CLEAR', 'by hand'],
    [{ name: 'Secret', marking: 'TLP:AMBER' }, 'TLP:GREEN', 'not named at this marking'],
    [{ name: 'Secret', marking: 'TLP:AMBER' }, 'TLP:RED', 'Secret'],
  ] as const)('%j of a %s detection is %s', (detector, marking, shown) => {
    expect(detectorShown(detection({ detector, marking }))).toBe(shown)
  })
})
