import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounter, type DetectionAsOf } from '../../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { type Comparable, changesBetween } from '../../../lambdas/domain/report/changes.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'

const comparable = (all: readonly DetectionAsOf[], said: Partial<Comparable> = {}): Comparable => {
  const counter = createCounter({ period: parsePeriod('2024-05'), zone: 'Pacific/Noumea', cap: 'TLP:RED' })
  for (const one of all) counter.add(one)
  const { totals, counted, ongoing, undatedHere } = counter.tally()
  return {
    version: 1,
    asOf: '2024-06-01T00:00:00.000Z',
    totals,
    contributing: [...counted, ...ongoing, ...undatedHere],
    notes: [],
    taxonomy: 'v1.6',
    countingRules: 3,
    house: {},
    isOver: true,
    ...said,
  }
}

const first = detectionAsOf({ id: 'a', counts: { posts: 10 } })

describe('what changed since the version before', () => {
  test('late data: which detections came, and what that does to the figures', () => {
    const late = detectionAsOf({ id: 'b', counts: { posts: 1000 } })
    expect(changesBetween(comparable([first]), comparable([first, late]))).toMatchObject({
      version: 1,
      reasons: ['late data'],
      added: ['b'],
      revised: [],
      removed: [],
      figures: [
        { figure: 'detections', before: { value: 1 }, after: { value: 2 } },
        { figure: 'posts', before: { value: 10 }, after: { value: 1010 } },
      ],
    })
  })

  test('a correction, a withdrawal, a note and a taxonomy are told apart', () => {
    const corrected = detectionAsOf({ id: 'a', counts: { posts: 12 } }, 2)
    expect(changesBetween(comparable([first]), comparable([corrected])).reasons).toEqual(['correction'])
    expect(changesBetween(comparable([first]), comparable([])).reasons).toEqual(['withdrawal'])
    expect(changesBetween(comparable([first]), comparable([first], { notes: ['n'] })).reasons).toEqual(['note'])
    expect(changesBetween(comparable([first]), comparable([first], { taxonomy: 'v2' })).reasons).toEqual(['taxonomy'])
    expect(changesBetween(comparable([first]), comparable([first], { countingRules: 4 })).reasons).toEqual(['rules'])
    expect(changesBetween(comparable([first]), comparable([first])).reasons).toEqual(['earlier periods'])
    const [was, is] = [
      { ...comparable([first]), across: [{ posts: 1 }] },
      { ...comparable([first]), across: [] },
    ]
    expect(changesBetween(was, is).reasons).toEqual(['other territories'])
    expect(changesBetween(was, was).reasons).toEqual(['earlier periods'])
  })

  test('a campaign’s names: what an alias brought or took is neither late nor withdrawn', () => {
    const [own, other] = [detectionAsOf({ id: 'a' }), detectionAsOf({ id: 'b' })]
    const alone = { dossier: { name: 'New', storedAs: [] } }
    const both = { dossier: { name: 'New', storedAs: [{ name: 'Old', ids: ['b'] }] } }
    expect(changesBetween(comparable([own], alone), comparable([own, other], both)).reasons).toEqual(['aliases'])
    expect(changesBetween(comparable([own, other], both), comparable([own], alone)).reasons).toEqual(['aliases'])
    const late = detectionAsOf({ id: 'c' })
    expect(changesBetween(comparable([own], alone), comparable([own, other, late], both)).reasons).toEqual([
      'late data',
      'aliases',
    ])
    expect(
      changesBetween(comparable([own], { dossier: { name: 'Old', storedAs: [] } }), comparable([own], alone)).reasons,
    ).toEqual(['aliases'])
  })

  test('a dossier that goes on where another ended says so, and from where', () => {
    const before = comparable([first], { until: '2024-W20', isOver: false })
    const changes = changesBetween(before, comparable([first, detectionAsOf({ id: 'b' })]))
    expect(changes).toMatchObject({ until: '2024-W20', reasons: ['later period'], added: ['b'] })
    expect(changesBetween(comparable([first]), comparable([first]))).not.toHaveProperty('until')
  })

  test('what waits for a decision is told apart from that nothing waits any more', () => {
    const candidates = (...ids: readonly string[]) =>
      comparable([first], { candidates: { listed: ids.map((id) => ({ id })) } })
    const none = comparable([first])
    expect(changesBetween(none, candidates('c')).reasons).toEqual(['candidates'])
    expect(changesBetween(candidates('c', 'd'), candidates('d')).reasons).toEqual(['candidates'])
    expect(changesBetween(candidates('c'), none).reasons).toEqual(['no candidates'])
  })

  test('what a marking above the cap took away is not told, wherever it stands now', () => {
    const both = comparable([first, detectionAsOf({ id: 'b', counts: { posts: 7 } })])
    expect(changesBetween(both, comparable([first]), { hidden: new Set(['b']), moved: new Set() })).toMatchObject({
      reasons: ['marking'],
      figures: [],
      removed: [],
      marking: 'TLP:CLEAR',
    })
  })

  test('what a correction moved out of the period was corrected, and not withdrawn', () => {
    const both = comparable([first, detectionAsOf({ id: 'b', counts: { posts: 7 } })])
    expect(changesBetween(both, comparable([first]), { hidden: new Set(), moved: new Set(['b']) })).toMatchObject({
      reasons: ['correction'],
      removed: ['b'],
    })
    expect(changesBetween(both, comparable([]), { hidden: new Set(), moved: new Set(['b']) }).reasons).toEqual([
      'correction',
      'withdrawal',
    ])
  })

  test('is as strict as what it names', () => {
    const amber = detectionAsOf({ id: 'b', marking: 'TLP:AMBER' })
    const [clear, more] = [
      detectionAsOf({ id: 'a', marking: 'TLP:CLEAR' }),
      detectionAsOf({ id: 'c', marking: 'TLP:GREEN' }),
    ]
    expect(changesBetween(comparable([clear, amber]), comparable([clear])).marking).toBe('TLP:AMBER')
    expect(changesBetween(comparable([clear]), comparable([clear, more])).marking).toBe('TLP:GREEN')
    expect(changesBetween(comparable([clear]), comparable([clear], { notes: ['n'] })).marking).toBe('TLP:CLEAR')
  })

  test('there and back cancels out', () => {
    fc.assert(
      fc.property(detectionsAsOf, detectionsAsOf, (some, others) => {
        const there = changesBetween(comparable(some), comparable(others))
        const back = changesBetween(comparable(others), comparable(some))
        expect(back).toMatchObject({ added: there.removed, removed: there.added, revised: there.revised })
        expect(back.figures).toEqual(
          there.figures.map(({ figure, before, after }) => ({ figure, before: after, after: before })),
        )
      }),
    )
  })
})

test('what came, was revised and went is what two plain lists of ids and revisions say', () => {
  const one = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'é', '\u{1F4A5}'),
    revision: fc.integer({ min: 0, max: 2 }),
  })
  const lists = fc
    .uniqueArray(one, { selector: ({ id }) => id })
    .map((all) => all.map((each) => ({ ...each, from: '2024-05-15T00:00:00.000Z', marking: 'TLP:CLEAR' as const })))
  fc.assert(
    fc.property(lists, lists, (before, after) => {
      const was = new Map(before.map(({ id, revision }) => [id, revision]))
      const is = new Map(after.map(({ id, revision }) => [id, revision]))
      const said = changesBetween(comparable([], { contributing: before }), comparable([], { contributing: after }))
      const ids = [...is.keys()].sort()
      expect(said.added).toEqual(ids.filter((id) => !was.has(id)))
      expect(said.revised).toEqual(ids.filter((id) => was.has(id) && was.get(id) !== is.get(id)))
      expect(said.removed).toEqual([...was.keys()].filter((id) => !is.has(id)).sort())
    }),
  )
})
