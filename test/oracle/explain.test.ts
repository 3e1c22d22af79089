/** Explanations agree with reports, on random sets and for every cap. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { everything } from '../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { SubjectCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { type Explanation, explainDetection } from '../../lambdas/usecases/detections/explain-detection.ts'
import { type Held, isPublic, markings, type Question } from './counting.ts'
import { factsOf, type Store, storesOfFile, takeSet } from './product.ts'
import { questions, sets } from './sets.ts'

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? 30)

const stores = storesOfFile()

type Listed = { readonly id: string; readonly sameText?: true; readonly parts: readonly Listed[] }
type Listing = Readonly<Record<'manoeuvres' | 'ongoing' | 'undatedHere', readonly Listed[]>> & {
  readonly withheld?: number
}

/** `d1 counted in d2`, its manoeuvre, sorted; and how many are withheld. */
const countedIn = (whole: Listed): readonly string[] => {
  // An explanation of one detection knows no other of the same text.
  let top = whole.id
  return [whole, ...whole.parts].map(({ id, sameText }) => {
    if (sameText) top = id
    return `${id} counted in ${top}`
  })
}

const reported = ({ manoeuvres, ongoing, undatedHere, withheld }: Listing): readonly string[] => [
  ...[
    ...manoeuvres.flatMap(countedIn),
    ...ongoing.map(({ id }) => `${id} ongoing`),
    ...undatedHere.map(({ id }) => `${id} undated`),
  ].sort(),
  ...(withheld === undefined ? [] : [`${withheld} withheld`]),
]

const explained = (all: readonly Explanation[], cap: string): readonly string[] => {
  const standings = all.flatMap(({ detection: { id }, report }) =>
    (report?.standings ?? []).filter((one) => one.cap === cap).map((one) => ({ id, ...one })),
  )
  const wholes = new Map(standings.map(({ id, whole }) => [id, whole]))
  const manoeuvreOf = (id: string): string => {
    const whole = wholes.get(id)
    return whole === undefined ? id : manoeuvreOf(whole)
  }
  const listed = standings.filter(({ state }) => state !== 'outside' && state !== 'withheld')
  const withheld = standings.filter(({ state }) => state === 'withheld').length
  const lines = listed.map(({ id, state }) => `${id} ${state}${state === 'counted' ? ` in ${manoeuvreOf(id)}` : ''}`)
  return [...lines.sort(), ...(isPublic(cap) ? [] : [`${withheld} withheld`])]
}

const explainAll = async (
  { services }: Store,
  held: readonly Held[],
  { territory, period }: Question,
  clearance: Marking,
): Promise<readonly Explanation[]> => {
  const report = { territory: territory as SubjectCode, period: parsePeriod(period) }
  const ids = held.flatMap(({ revisions: [first] }) => first?.id ?? [])
  const all: Explanation[] = []
  for (const id of ids) {
    const one = await explainDetection(id, report, { ...everything, clearance }, services)
    if (one) all.push(one)
  }
  return all
}

it('gives each detection the count status of the report, at every cap', async () => {
  await fc.assert(
    fc.asyncProperty(sets, questions, fc.boolean(), async (held, [first], isNational) => {
      if (!first) return
      const question = isNational ? { ...first, territory: 'ALL' } : first
      const store = await stores.open()
      await takeSet(store, held, [])
      const all = await explainAll(store, held, question, 'TLP:RED')
      expect(all).toHaveLength(held.length)
      for (const cap of markings) {
        const { rounds: _, ...asked } = question
        const facts = (await factsOf(store, { ...asked, cap })) as unknown as Listing
        expect(explained(all, cap)).toEqual(reported(facts))
      }
    }),
    { numRuns: runs },
  )
})

it('gives a reader the same, with anything stored above the cap', async () => {
  await fc.assert(
    fc.asyncProperty(sets, questions, async (held, [question]) => {
      if (!question) return
      // Nothing is above RED, and operators see batches, whose names differ.
      const cap = (question.cap === 'TLP:RED' ? 'TLP:GREEN' : question.cap) as Marking
      const isShown = ({ revisions }: Held) =>
        markings.indexOf(revisions.at(-1)?.marking as Marking) <= markings.indexOf(cap)
      const [whole, bare] = [await stores.open(), await stores.open()]
      await takeSet(whole, held, [])
      await takeSet(bare, held.filter(isShown), [])
      const [shown, shownBare] = [
        await explainAll(whole, held, question, cap),
        await explainAll(bare, held.filter(isShown), question, cap),
      ]
      expect(shown).toEqual(shownBare)
    }),
    { numRuns: runs },
  )
})
