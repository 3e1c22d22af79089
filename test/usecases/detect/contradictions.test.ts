import { expect, test } from 'vitest'
import { fault } from '../../../lambdas/domain/core/fault.ts'
import { contradictionsIn } from '../../../lambdas/usecases/detect/contradictions.ts'

type Services = Parameters<typeof contradictionsIn>[0]
type Candidate = ReturnType<Services['candidates']['all']> extends AsyncIterable<infer One> ? One : never
type Stored = Awaited<ReturnType<Services['detections']['stored']>> extends ReadonlyMap<string, infer One> ? One : never

const contradicted = async (candidates: readonly Candidate[], stored: Readonly<Record<string, Stored>>) => {
  const found = await contradictionsIn({
    candidates: {
      all: async function* () {
        yield* candidates
      },
    },
    detections: { stored: async () => new Map(Object.entries(stored)) },
  })
  return found.map(({ id }) => id)
}

const active = { status: 'active' } as const
const withdrawn = (reason: Stored['reason']) => ({ status: 'withdrawn', reason }) as const

test('a signed candidate counts, unless an analyst withdrew its detection', async () => {
  const signed = ['counts', 'withdrawn', 'refused-half', 'missing'].map((id): Candidate => ({ id, state: 'signed' }))
  const stored = {
    counts: active,
    withdrawn: withdrawn('sent twice'),
    'refused-half': withdrawn(fault('candidate.lost')),
  }
  expect(await contradicted(signed, stored)).toEqual(['refused-half', 'missing'])
})

test('a refused, withdrawn or merged one does not, and an open one may', async () => {
  const candidates: readonly Candidate[] = [
    { id: 'open', state: 'open' },
    { id: 'refused', state: 'refused' },
    { id: 'refused-growth', state: 'refused', signedRevision: 1 },
    { id: 'withdrawn', state: 'withdrawn' },
    { id: 'signed', state: 'signed' },
    { id: 'part', state: 'merged', mergedInto: 'signed', signedRevision: 1 },
    { id: 'part-of-part', state: 'merged', mergedInto: 'part', signedRevision: 1 },
    { id: 'part-of-open', state: 'merged', mergedInto: 'open', signedRevision: 1 },
    { id: 'one', state: 'merged', mergedInto: 'two' },
    { id: 'two', state: 'merged', mergedInto: 'one' },
  ]
  const counting = Object.fromEntries(candidates.map(({ id }) => [id, active]))
  expect(await contradicted(candidates, counting)).toEqual(['refused', 'withdrawn', 'part', 'part-of-part'])
  expect(await contradicted(candidates, { signed: active })).toEqual([])
})
