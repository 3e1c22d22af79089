/** Lists, searches and counts on random sets, by pages, with anything stored above a reader's cap or elsewhere. */
import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, it } from 'vitest'
import type { Ceiling } from '../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { ListPlace } from '../../lambdas/domain/looking/place.ts'
import { type Asked, countDetections, findDetections } from '../../lambdas/usecases/detections/find-detections.ts'
import { searchDetections } from '../../lambdas/usecases/detections/search-detections.ts'
import { showDetection } from '../../lambdas/usecases/detections/show-detection.ts'
import type { Shown } from '../../lambdas/usecases/detections/view.ts'
import { type Held, markings, type Sent, zones } from './counting.ts'
import { operator, type Store, storesOfFile, takeSet } from './product.ts'
import { sets, territories } from './sets.ts'

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? 30)

const stores = storesOfFile()

const readers: fc.Arbitrary<Ceiling> = fc.record({
  clearance: fc.constantFrom<Marking>(...markings),
  territories: fc
    .subarray([...territories], { minLength: 1 })
    .map((codes): Ceiling['territories'] => (codes.length === territories.length ? operator.territories : codes)),
})

const period = parsePeriod('2024-05')

const mayKnow = ({ revisions, withdrawn }: Held, { clearance, territories: cleared }: Ceiling): Sent | undefined => {
  const last = revisions.at(-1)
  if (!last || withdrawn) return undefined
  const isLow = (markings as readonly string[]).indexOf(last.marking) <= markings.indexOf(clearance)
  return isLow && last.territories.every(({ code }) => cleared.includes(code as TerritoryCode)) ? last : undefined
}

/** Whether the first instant of an observation lies in May 2024, somewhere. */
const beginsInMay = ({ observed: { from }, territories: places }: Sent): boolean =>
  places.some(({ code }) => {
    if (from.length <= 10) return from.startsWith('2024-05')
    const zoned = Temporal.Instant.from(from).toZonedDateTimeISO(zones[code] ?? 'UTC')
    return zoned.toPlainDate().toString().startsWith('2024-05')
  })

const pagesOf = async (asked: Omit<Asked, 'limit' | 'after'>, limit: number, reader: Ceiling, { services }: Store) => {
  const all: Shown[] = []
  for (let after: ListPlace | undefined, isFirst = true; isFirst || after; isFirst = false) {
    const page = await findDetections({ ...asked, limit, after }, reader, services)
    all.push(...page.detections)
    after = page.next
  }
  return all
}

it('lists every detection within a reader’s rights once, the same by pages', async () => {
  await fc.assert(
    fc.asyncProperty(sets, readers, fc.integer({ min: 1, max: 3 }), async (held, reader, limit) => {
      const store = await stores.open()
      await takeSet(store, held, [])
      const listed = await pagesOf({ days: period }, 100, reader, store)
      const wanted = held.flatMap((one) => mayKnow(one, reader) ?? []).filter(beginsInMay)
      expect(listed.map(({ id }) => id).sort()).toEqual(wanted.map(({ id }) => id).sort())
      expect(await pagesOf({ days: period }, limit, reader, store)).toEqual(listed)
      const ofAlpha = wanted.filter(({ campaign }) => campaign?.toLowerCase() === 'alpha').map(({ id }) => id)
      const linked = await pagesOf({ days: period, key: 'ALPHA' }, limit, reader, store)
      expect(linked.map(({ id }) => id).sort()).toEqual(ofAlpha.sort())
      expect((await countDetections({ days: period }, reader, store.services)).detections).toBe(wanted.length)
    }),
    { numRuns: runs },
  )
})

/** All that a reader can ask. */
const allAnswers = async (reader: Ceiling, ids: readonly string[], { services }: Store) => {
  const asked = { days: period, limit: 2 }
  const searched = ['alpha', '#a', 'finding', 's1', 'text:f1', 'post.example', 'acct-1', 'alpho', ...ids]
  return [
    await findDetections(asked, reader, services),
    await findDetections({ ...asked, detector: 'D3lta' }, reader, services),
    await findDetections({ campaign: 'Beta', limit: 2 }, reader, services),
    await countDetections(asked, reader, services),
    ...(await Promise.all(searched.map((text) => searchDetections(text, asked, reader, services)))),
    ...(await Promise.all(ids.map(async (id) => (await showDetection(id, reader, services)) ?? 'none'))),
  ]
}

it('answers a reader the same, with anything stored outside their rights', async () => {
  await fc.assert(
    fc.asyncProperty(sets, readers, async (held, reader) => {
      const known = held.filter((one) => one.withdrawn || mayKnow(one, reader))
      const [whole, bare] = [await stores.open(), await stores.open()]
      await takeSet(whole, held, [])
      await takeSet(bare, known, [])
      const ids = held.flatMap(({ revisions: [first] }) => first?.id ?? [])
      expect(await allAnswers(reader, ids, whole)).toEqual(await allAnswers(reader, ids, bare))
    }),
    { numRuns: runs },
  )
})
