/** Removes pictures after their retention: which, in what order, once, also after interruptions. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Pictures } from '../../../lambdas/archive/pictures.ts'
import type { Plate } from '../../../lambdas/domain/plate/plate.ts'
import { firstKept, nextExpiry } from '../../../lambdas/domain/plate/retention.ts'
import { plateExpiry } from '../../../lambdas/domain/report/schedule.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import { expireByRetention, platesBefore } from '../../../lambdas/usecases/plates/expire-plates.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'
import { storePlate } from '../../support/plates.ts'

const day = 86_400_000
const start = Date.parse('2024-05-01T00:00:00.000Z')

/** Plates added so many milliseconds after the start; calls `cut` before each removal. */
const homeWith = async (added: readonly number[], cut: () => void = () => undefined) => {
  let now = start
  const { plates, history, reports, schedules } = storesIn(memoryTable())
  const kept = new Map<string, Uint8Array>()
  const gone: string[] = []
  const pictures: Pictures = {
    put: async (sha256, bytes) => void kept.set(sha256, bytes),
    get: async (sha256) => kept.get(sha256),
    remove: async (sha256) => {
      cut()
      if (kept.delete(sha256)) gone.push(sha256)
    },
  }
  const services = { plates, history, reports, schedules, pictures, clock: () => new Date(now) }
  const stored: Plate[] = []
  for (const [at, after] of added.entries()) {
    now = start + after
    stored.push(await storePlate(services, at + 1))
  }
  return { services, stored, kept, gone, at: (instant: number) => (now = instant) }
}

const someInstants = fc.array(fc.integer({ min: 0, max: 40 * day }), { minLength: 1, maxLength: 6 })
const forgotten = async ({ history }: Awaited<ReturnType<typeof homeWith>>['services']) =>
  (await history.list(100)).filter(({ did }) => did === 'forgotten').map(({ id }) => id)

describe('the time of a picture', () => {
  test('is a number of whole UTC days after the day of adding', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000 * day }), fc.integer({ min: 1, max: 2_000 }), (after, days) => {
        const added = start + after
        const midnight = Math.floor(added / day) * day
        const last = midnight + (days + 1) * day - 1
        const goesAt = (instant: number) => new Date(added).toISOString() < firstKept(new Date(instant), days)
        expect([goesAt(added), goesAt(last), goesAt(last + 1)]).toEqual([false, false, true])
      }),
    )
  })

  test('is checked each day at 02:40', () => {
    const next = (instant: string) => new Date(nextExpiry(Date.parse(instant))).toISOString()
    expect(next('2024-05-15T02:39:59.999Z')).toBe('2024-05-15T02:40:00.000Z')
    expect(next('2024-05-15T02:40:00.000Z')).toBe('2024-05-16T02:40:00.000Z')
    expect(next('2024-12-31T23:00:00.000Z')).toBe('2025-01-01T02:40:00.000Z')
  })
})

describe('retention', () => {
  test('removes exactly the due pictures, the oldest first, once, and records why', async () => {
    await fc.assert(
      fc.asyncProperty(someInstants, fc.integer({ min: 1, max: 30 }), async (added, days) => {
        const { services, stored, kept, gone, at } = await homeWith(added)
        const now = start + 41 * day
        at(now)
        const due = stored
          .filter(({ addedAt }) => Math.floor(Date.parse(addedAt) / day) < Math.floor(now / day) - days)
          .toSorted((one, other) => (one.addedAt + one.sha256 < other.addedAt + other.sha256 ? -1 : 1))
        const done = await expireByRetention({ days, at: new Date(now) }, services)
        expect(done).toMatchObject({ removed: due.map(({ sha256 }) => ({ sha256 })) })
        const addedAt = new Map(stored.map((one) => [one.sha256, one.addedAt]))
        expect(gone.map((hash) => addedAt.get(hash))).toEqual(due.map((one) => one.addedAt))
        expect(new Set(kept.keys())).toEqual(
          new Set(stored.filter((one) => !due.includes(one)).map(({ sha256 }) => sha256)),
        )
        for (const { removed } of await services.plates.named(due.map(({ sha256 }) => sha256))) {
          expect(removed).toMatchObject({ by: 'schedule plates/day', keptDays: days })
        }
        expect(new Set(await forgotten(services))).toEqual(new Set(due.map(({ sha256 }) => sha256)))
        expect(await expireByRetention({ days, at: new Date(now) }, services)).toMatchObject({ removed: [] })
        expect(await forgotten(services)).toHaveLength(due.length)
        expect(gone).toHaveLength(due.length)
      }),
      { numRuns: 40 },
    )
  })

  test('is completed by the next call after any interruption', async () => {
    await fc.assert(
      fc.asyncProperty(someInstants, fc.integer({ min: 0, max: 5 }), async (added, failsAt) => {
        let calls = 0
        let isCut = true
        const { services, stored, kept, at } = await homeWith(added, () => {
          if (isCut && calls++ === failsAt) throw new Error('cut off')
        })
        const now = start + 60 * day
        at(now)
        const asked = { days: 10, at: new Date(now) }
        await expireByRetention(asked, services).catch((error: unknown) =>
          expect(error).toMatchObject({ message: 'cut off' }),
        )
        isCut = false
        at(now + day)
        await expireByRetention({ ...asked, at: new Date(now + day) }, services)
        expect([...kept]).toEqual([])
        expect((await forgotten(services)).toSorted()).toEqual(stored.map(({ sha256 }) => sha256).toSorted())
        expect(await platesBefore('9999', services)).toEqual([])
      }),
      { numRuns: 40 },
    )
  })

  test('removes each picture once when it runs twice at once', async () => {
    const { services, stored, kept, at } = await homeWith([0, day, 2 * day])
    at(start + 60 * day)
    const asked = { days: 10, at: new Date(start + 60 * day) }
    const both = await Promise.all([expireByRetention(asked, services), expireByRetention(asked, services)])
    const removed = both.flatMap((one) => ('removed' in one ? one.removed : []))
    expect(removed.map(({ sha256 }) => sha256).toSorted()).toEqual(stored.map(({ sha256 }) => sha256).toSorted())
    expect(kept.size).toBe(0)
    expect(await forgotten(services)).toHaveLength(3)
  })

  test('does nothing while it is paused, and catches up after', async () => {
    const { services, stored, kept, at } = await homeWith([0])
    const due = start + 60 * day
    at(due - 1)
    const turn = { by: 'Claire', reason: 'a court asks for them', at: new Date(due - 1).toISOString() }
    await services.schedules.add(await services.schedules.get(plateExpiry), {
      ...turn,
      is: 'paused',
      until: '2024-07-01',
    })
    at(due)
    const asked = { days: 10, at: new Date(due) }
    expect(await expireByRetention(asked, services)).toMatchObject({ paused: { by: 'Claire' } })
    expect(kept.size).toBe(1)
    // Its last day is the first of July, UTC.
    const late = new Date('2024-07-01T23:59:59.999Z')
    expect(await expireByRetention({ ...asked, at: late }, services)).toHaveProperty('paused')
    const after = await expireByRetention({ ...asked, at: new Date('2024-07-02T00:00:00.000Z') }, services)
    expect(after).toMatchObject({ removed: [{ sha256: stored[0]?.sha256 }] })
  })
})
