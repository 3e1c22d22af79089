import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounter, type DetectionAsOf } from '../../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { type Comparable, changesBetween } from '../../../lambdas/domain/report/changes.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'

const comparable = (all: readonly DetectionAsOf[], changes: Partial<Comparable> = {}): Comparable => {
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
    ...changes,
  }
}

const first = detectionAsOf({ id: 'a', counts: { posts: 10 } })
const waiting = (...ids: readonly string[]) =>
  comparable([first], ids.length > 0 ? { candidates: { listed: ids.map((id) => ({ id })) } } : {})

describe('what changed since the version before', () => {
  test('late data has the new detections and the changed figures', () => {
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

  const linkedTo = (across: readonly object[]) => ({ ...comparable([first]), across })

  test.each<[string, Comparable, Comparable]>([
    ['correction', comparable([first]), comparable([detectionAsOf({ id: 'a', counts: { posts: 12 } }, 2)])],
    ['withdrawal', comparable([first]), comparable([])],
    ['note', comparable([first]), comparable([first], { notes: ['n'] })],
    ['taxonomy', comparable([first]), comparable([first], { taxonomy: 'v2' })],
    ['rules', comparable([first]), comparable([first], { countingRules: 4 })],
    ['earlier periods', comparable([first]), comparable([first])],
    ['other territories', linkedTo([{ posts: 1 }]), linkedTo([])],
    ['candidates', waiting(), waiting('c')],
    ['candidates', waiting('c', 'd'), waiting('d')],
    ['no candidates', waiting('c'), waiting()],
  ])('the reason is: %s', (reason, before, after) => {
    expect(changesBetween(before, after).reasons).toEqual([reason])
  })

  test('detections that an alias added or removed are neither late nor withdrawn', () => {
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
    const renamed = { dossier: { name: 'Old', storedAs: [] } }
    expect(changesBetween(comparable([own], renamed), comparable([own], alone)).reasons).toEqual(['aliases'])
  })

  test('a dossier that continues another one has its end', () => {
    const before = comparable([first], { until: '2024-W20', isOver: false })
    const changes = changesBetween(before, comparable([first, detectionAsOf({ id: 'b' })]))
    expect(changes).toMatchObject({ until: '2024-W20', reasons: ['later period'], added: ['b'] })
    expect(changesBetween(comparable([first]), comparable([first]))).not.toHaveProperty('until')
  })

  test('a detection that is now above the cap is not named', () => {
    const both = comparable([first, detectionAsOf({ id: 'b', counts: { posts: 7 } })])
    expect(changesBetween(both, comparable([first]), { hidden: new Set(['b']), moved: new Set() })).toMatchObject({
      reasons: ['marking'],
      figures: [],
      removed: [],
      marking: 'TLP:CLEAR',
    })
  })

  test('a detection that a correction moved to another period is corrected, and not withdrawn', () => {
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

  test('the marking is that of the named detections', () => {
    const amber = detectionAsOf({ id: 'b', marking: 'TLP:AMBER' })
    const [clear, more] = [
      detectionAsOf({ id: 'a', marking: 'TLP:CLEAR' }),
      detectionAsOf({ id: 'c', marking: 'TLP:GREEN' }),
    ]
    expect(changesBetween(comparable([clear, amber]), comparable([clear])).marking).toBe('TLP:AMBER')
    expect(changesBetween(comparable([clear]), comparable([clear, more])).marking).toBe('TLP:GREEN')
    expect(changesBetween(comparable([clear]), comparable([clear], { notes: ['n'] })).marking).toBe('TLP:CLEAR')
  })

  test('changes there and back are opposite', () => {
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

test('added, revised and removed follow the ids and revisions', () => {
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
      const changed = changesBetween(comparable([], { contributing: before }), comparable([], { contributing: after }))
      const ids = [...is.keys()].sort()
      expect(changed.added).toEqual(ids.filter((id) => !was.has(id)))
      expect(changed.revised).toEqual(ids.filter((id) => was.has(id) && was.get(id) !== is.get(id)))
      expect(changed.removed).toEqual([...was.keys()].filter((id) => !is.has(id)).sort())
    }),
  )
})
