import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounter, type DetectionAsOf } from '../../../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import { builtInDisarm } from '../../../../lambdas/domain/detection/frameworks/disarm-built-in.ts'
import {
  currentOf,
  disarmOf,
  frameworkOf,
  identityOf,
  mentionsIn,
  type Taxonomy,
} from '../../../../lambdas/domain/detection/frameworks/disarm.ts'
import { detectionAsOf } from '../../../support/detections.ts'

/** A whole framework in small: three techniques under three tactics, one id with successors under two of them. */
const small: Taxonomy = {
  ...builtInDisarm,
  techniques: [
    { id: 'T0001', tactic: 'TA01', names: { en: 'One' } },
    { id: 'T0002', tactic: 'TA17', names: { en: 'Two', fr: 'Deux' } },
    { id: 'T0002.001', tactic: 'TA17', names: { en: 'Two, in part' } },
  ],
  removed: [
    { id: 'T0010', successors: ['T0002'], gone: [] },
    { id: 'T0011', successors: ['T0001', 'T0002'], gone: [] },
    { id: 'T0012', successors: ['T0002', 'T0002.001'], gone: [] },
    { id: 'T0013', successors: [], gone: ['T0014'] },
  ],
}

describe('the built-in taxonomy', () => {
  test('has four phases and sixteen tactics by rank, with both names', () => {
    expect(builtInDisarm.tactics.map(({ rank }) => rank)).toEqual(Array.from({ length: 16 }, (_, at) => at + 1))
    expect(builtInDisarm.tactics.map(({ id }) => id)).not.toEqual(builtInDisarm.tactics.map(({ id }) => id).sort())
    expect([...new Set(builtInDisarm.tactics.map(({ phase }) => phase))]).toEqual(
      builtInDisarm.phases.map(({ id }) => id),
    )
    expect(builtInDisarm.tactics.every(({ names }) => names.en && names.fr)).toBe(true)
  })

  test('has the successors of each removed id', () => {
    const held = new Set(builtInDisarm.techniques.map(({ id }) => id))
    for (const { id, successors } of builtInDisarm.removed) {
      expect(held.has(id)).toBe(false)
      expect(successors.every((successor) => held.has(successor))).toBe(true)
    }
  })
})

describe('an id as reported', () => {
  test.each([
    ['T0084.001', 'kept', ['T0084.001']],
    ['T0104.005', 'replaced', ['T0015.001']],
    ['T0099.001', 'without equivalent', undefined],
    ['T0068', 'kept', ['T0068']],
    ['T9068', 'unknown', undefined],
  ])('%s is %s', (id, state, ids) => {
    const found = currentOf(builtInDisarm, id)
    expect(found.state).toBe(state)
    expect('current' in found ? found.current.map((one) => one.id) : undefined).toEqual(ids)
  })

  test('outside a framework is unknown, and several successors are all listed', () => {
    expect(currentOf(small, 'T0068')).toEqual({ state: 'unknown' })
    expect(currentOf(small, 'T0013')).toEqual({ state: 'without equivalent', gone: ['T0014'] })
    expect(currentOf(small, 'T0011')).toMatchObject({ state: 'replaced', current: [{ id: 'T0001' }, { id: 'T0002' }] })
  })

  test.each([
    [{ id: 'T0084.001' }, 'DISARM'],
    [{ id: 'T0084.001', framework: 'DISARM red' }, 'DISARM'],
    [{ id: 'T0084.001', framework: 'mitre-attack' }, 'DISARM'],
    [{ id: 'T1059.001', framework: 'mitre-attack' }, 'mitre-attack'],
    [{ id: 'T0084.001', framework: 'ABC' }, 'ABC'],
  ])('%j belongs to %s', (technique, framework) => {
    expect(frameworkOf(technique)).toBe(framework)
  })
})

describe('the matrix', () => {
  test('counts by current id, without ids of several tactics', () => {
    const disarm = disarmOf(
      small,
      mentionsIn([
        [{ id: 'T0010' }, { id: 'T0002' }, { id: 'T0002' }],
        [{ id: 'T0002' }, { id: 'T0011' }, { id: 'T0012' }],
        [{ id: 'T0013' }, { id: 'T1059', framework: 'mitre-attack', name: 'Scripts' }],
      ]),
    )
    const cells = disarm.phases.flatMap(({ tactics }) => tactics)
    expect(cells).toHaveLength(16)
    expect(cells.filter(({ mentions }) => mentions > 0)).toMatchObject([{ rank: 12, mentions: 4 }])
    expect(disarm).toMatchObject({ mentions: 7, outsideMatrix: 2, inOtherFrameworks: 1 })
    expect(disarm.reported.map(({ id, mentions, state, rank }) => [id, mentions, state, rank])).toEqual([
      ['T0002', 2, 'kept', 12],
      ['T0010', 1, 'replaced', 12],
      ['T0011', 1, 'replaced', null],
      ['T0012', 1, 'replaced', 12],
      ['T0013', 1, 'without equivalent', null],
    ])
    expect(disarm.otherFrameworks).toEqual([{ id: 'T1059', framework: 'mitre-attack', name: 'Scripts', mentions: 1 }])
  })

  test('counts a technique of a whole and of its part twice, and a withheld one not at all', () => {
    const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
    const techniques = [{ id: 'T0084.001' }]
    counter.add(detectionAsOf({ id: 'whole', techniques }))
    counter.add(detectionAsOf({ id: 'part', partOf: 'whole', techniques }))
    counter.add(detectionAsOf({ id: 'red', marking: 'TLP:RED', techniques: [{ id: 'T0068' }] }))
    counter.add(detectionAsOf({ id: 'later', observed: { from: '2024-06-15' }, techniques }))
    expect(counter.tally().techniques).toEqual([{ id: 'T0084.001', framework: 'DISARM', mentions: 2 }])
  })
})

const ids = ['T0001', 'T0002', 'T0002.001', 'T0010', 'T0011', 'T0012', 'T0013', 'T0999', 'T1059', 'S1', 'odd']

const technique = fc.record(
  {
    id: fc.constantFrom(...ids),
    framework: fc.constantFrom('DISARM', 'disarm', 'mitre-attack', 'ATT&CK', 'Abc', 'ABC'),
    name: fc.constantFrom('One', 'one', 'Two'),
  },
  { requiredKeys: ['id'] },
)

const detections: fc.Arbitrary<readonly DetectionAsOf[]> = fc
  .array(fc.array(technique, { maxLength: 6 }), { maxLength: 10 })
  .map((all) => all.map((techniques, at) => detectionAsOf({ id: `d${at}`, techniques })))

const tallied = (all: readonly DetectionAsOf[]) => {
  const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
  for (const one of all) counter.add(one)
  return counter.tally().techniques
}

test('the matrix, what is outside it and the other frameworks make all mentions, in any order', () => {
  fc.assert(
    fc.property(detections, fc.constantFrom(small, builtInDisarm), (all, taxonomy) => {
      const disarm = disarmOf(taxonomy, tallied(all))
      const backwards = all.toReversed().map((one) => ({
        ...one,
        detection: { ...one.detection, techniques: one.detection.techniques.toReversed() },
      }))
      expect(tallied(backwards)).toEqual(tallied(all))
      const inMatrix = disarm.phases.flatMap(({ tactics }) => tactics).reduce((sum, cell) => sum + cell.mentions, 0)
      const distinct = all.reduce((sum, { detection }) => {
        const keys = detection.techniques.map((one) => `${frameworkOf(one).toLowerCase()} ${one.id}`)
        return sum + new Set(keys).size
      }, 0)
      expect(inMatrix + disarm.outsideMatrix + disarm.inOtherFrameworks).toBe(disarm.mentions)
      expect(disarm.mentions).toBe(distinct)
      const listed = [...disarm.reported, ...disarm.otherFrameworks].reduce((sum, { mentions }) => sum + mentions, 0)
      expect(listed).toBe(distinct)
    }),
  )
})

test('a taxonomy is identified by its contents', () => {
  expect(identityOf(small).sha256).not.toBe(identityOf(builtInDisarm).sha256)
  expect(identityOf(structuredClone(small))).toEqual(identityOf(small))
})
