/** Times stored by a fast clock are set back at the next start, as if the clock had always been right. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fault } from '../../../lambdas/domain/core/fault.ts'
import type { Observed } from '../../../lambdas/domain/core/time/observed.ts'
import { memoryTable } from '../../../lambdas/store/table/memory-table.ts'
import type { Item, Table } from '../../../lambdas/store/table/table.ts'
import { mindClock, describeClock } from '../../../lambdas/usecases/mind-clock.ts'
import { type Stores, storesIn } from '../../../lambdas/usecases/stores.ts'
import { detection } from '../../support/detections.ts'

const newTable = async () => memoryTable()

const minute = 60_000
const day = 1_440 * minute
const start = Date.parse('2026-03-01T00:00:00.000Z')
const iso = (ms: number) => new Date(ms).toISOString()
const clockAt = (ms: number) => () => new Date(ms)

const kinds = ['detect', 'withdraw', 'place', 'deliver', 'ran', 'reject', 'mend', 'note', 'accounts'] as const
type Step = { readonly kind: (typeof kinds)[number]; readonly which: number; readonly minutes: number }

const reject = (which: number) => ({
  file: 'f.ndjson',
  path: 'kind',
  fault: fault('asWritten', { text: `wrong ${which}` }),
  message: `wrong ${which}`,
  raw: '{}',
  bytes: 2,
  sha256: String(which).repeat(64),
  offset: which,
})

/** Does a step at the clock's time; `truly` is the real time. */
const does = async (stores: Stores, { kind, which }: Step, clock: number, truly: number, nth: number) => {
  const now = new Date(clock)
  const id = `d${which}`
  const said = {
    id,
    observed: (which === 0 ? { from: '2026-02-24', to: '2026-02-26' } : { from: '2026-02-25' }) as Observed,
    territories: which === 3 ? [] : (['NC'] as const).slice(),
    campaign: 'c',
    counts: { posts: 10 + nth },
  }
  const reads = async (done: Promise<unknown>) => void (await done.catch(() => undefined))
  if (kind === 'detect') await stores.detections.saveAll([detection(said as never)], now)
  else if (kind === 'withdraw') await reads(stores.detections.withdraw(id, { by: 'a test', reason: 'wrong' }, now))
  else if (kind === 'place')
    await reads(
      stores.detections.assignTerritories('d3', [{ code: 'NC', method: 'analyst' } as never], { by: 'a test' }, now),
    )
  else if (kind === 'deliver') await stores.sources.recordInputs([brought(nth)], `b${nth}`, now)
  else if (kind === 'ran') await stores.sources.recordRun({ detector: { name: 'x' }, at: iso(truly), found: 1 }, now)
  else if (kind === 'reject') await stores.rejects.keep([reject(which)], now)
  else if (kind === 'mend') {
    for await (const { rejectId } of stores.rejects.open()) {
      await stores.rejects.markFixed(rejectId, 'a batch', now)
      break
    }
  } else if (kind === 'note') {
    const about = {
      territory: 'NC',
      period: '2026-W09',
      author: 'A',
      role: 'r',
      language: 'fr',
      approves: false,
    } as const
    await stores.notes.add({ ...about, marking: 'TLP:GREEN', text: `note ${nth}`, writtenAt: iso(clock) })
  } else await stores.accountSets.save({ id: 's', name: `n${which}`, accounts: ['a'] }, now)
}

const brought = (found: number) => ({
  name: 'x',
  brought: new Map([['TLP:AMBER' as const, { detector: { name: 'x' }, found: { NC: found } }]]),
})

/** All that a report would read, without the instants of storing. */
const readings = async (stores: Stores, now: number) => {
  const asOf = iso(now)
  const week = [Date.parse('2026-02-20'), Date.parse('2026-03-02')] as const
  const found = async (found: AsyncIterable<{ detection: unknown; revision: number }>) =>
    Array.fromAsync(found, (one) => [one.detection, one.revision])
  return {
    inWindow: await found(stores.detections.inWindow('NC', ...week, asOf)),
    reaching: await found(stores.detections.reaching('NC', ...week, asOf)),
    linked: (
      await stores.detections.linked({ kind: 'campaign', value: 'c' }, asOf, { cap: 'TLP:RED', before: '9', most: 50 })
    ).linked.map(({ id }) => id),
    unplaced: await Array.fromAsync(stores.detections.unplaced(), (one) => [one.detection.id, one.storedAt <= asOf]),
    sources: (await stores.sources.asOf(asOf, iso(0))).map(({ name, inputs, earlier }) => [
      name,
      inputs.map(({ found }) => found).toSorted(),
      [...earlier, ...inputs].every(({ at }) => at <= asOf),
    ]),
    rejects: await stores.rejects.count(iso(0), asOf, asOf),
    open: (
      await Array.fromAsync(stores.rejects.open(), ({ rejectId, rejectedAt }) => [rejectId, rejectedAt <= asOf])
    ).toSorted(),
    notes: (await stores.notes.about('NC', '2026-W09', asOf)).map(({ text }) => text),
    accounts: (await stores.accountSets.latest('s'))?.revision,
  }
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    which: fc.integer({ min: 0, max: 3 }),
    minutes: fc.integer({ min: 1, max: 300 }),
  }),
  { maxLength: 12 },
)

const scanned = async (table: Table) =>
  (await Array.fromAsync(table.scan())).flat().sort((a, b) => (`${a.pk}\n${a.sk}` < `${b.pk}\n${b.sk}` ? -1 : 1))

describe('a clock that was ahead', () => {
  /** Two tables with the same steps, one by a clock that was ahead for a while, until its next start. */
  const afterFast = async (before: readonly Step[], fast: readonly Step[], ahead: number) => {
    const [table, right] = [await newTable(), await newTable()]
    const [mine, theirs] = [storesIn(table), storesIn(right)]
    let truly = start
    let nth = 0
    const all = async (some: readonly Step[], by: number) => {
      for (const step of some) {
        truly += step.minutes * minute
        nth += 1
        await does(mine, step, truly + by, truly, nth)
        await does(theirs, step, truly, truly, nth)
      }
    }
    await all(before, 0)
    await all(fast, ahead * minute)
    truly += minute
    const word = await mindClock(mine.instants, clockAt(truly))
    const read = word.kind === 'minutes' ? truly + word.by : truly
    const both = async (at: number) => [await readings(mine, at), await readings(theirs, at)] as const
    return { mine, word, read, all, now: () => truly, both }
  }

  const beyond = fc.integer({ min: 11, max: 60 * 1_440 })

  test('reads like a right one after setting back', async () => {
    await fc.assert(
      fc.asyncProperty(steps, steps, steps, beyond, async (before, fast, after, more) => {
        // Far enough ahead that all fast instants are in the future at the next start.
        const ahead = more + fast.slice(1).reduce((sum, { minutes }) => sum + minutes, 0)
        const { mine, word, read, all, now, both } = await afterFast(before, fast, ahead)
        const [left, right] = await both(read)
        expect(left).toEqual(right)
        if (word.kind === 'set back') expect((await mindClock(mine.instants, clockAt(now()))).kind).toBe('right')
        await all(after, 0)
        const [later, rightly] = await both(Math.max(now() + minute, read))
        expect(later).toEqual(rightly)
      }),
      { numRuns: 25 },
    )
  })

  test('loses and doubles nothing where some instants have passed by the next start', async () => {
    const unordered = ({ notes, ...rest }: Awaited<ReturnType<typeof readings>>) => ({
      ...rest,
      notes: notes.toSorted(),
    })
    await fc.assert(
      fc.asyncProperty(steps, steps, beyond, async (before, fast, ahead) => {
        const { both, read } = await afterFast(before, fast, ahead)
        const [left, right] = await both(read + 1)
        expect(unordered(left)).toEqual(unordered(right))
      }),
      { numRuns: 25 },
    )
  })

  test('is reported with what it stored, how much, and since when', async () => {
    const table = await newTable()
    const stores = storesIn(table)
    const fast = start + 40 * day
    const step = { which: 1, minutes: 1 }
    await does(stores, { ...step, kind: 'detect' }, fast, start, 1)
    await does(stores, { ...step, kind: 'note' }, fast + minute, start + minute, 2)
    const now = new Date(start + 2 * minute)
    const word = await mindClock(stores.instants, () => now)
    expect(word).toMatchObject({ kind: 'set back', found: { since: iso(fast), latest: iso(fast + minute) } })
    const [line] = describeClock(word, now)
    expect(line).toContain(`from ${iso(fast)} to ${iso(fast + minute)}: detections 1, notes 1`)
    expect(line).toContain('set back by 39 days 23 hours 59 minutes')
  })

  test('is set back completely after an interruption', async () => {
    const table = await newTable()
    const stores = storesIn(table)
    for (const [nth, kind] of (['detect', 'deliver', 'reject', 'note', 'accounts'] as const).entries()) {
      await does(stores, { kind, which: 1, minutes: 1 }, start + 40 * day + nth * minute, start + nth * minute, nth)
    }
    const whole = await newTable()
    await whole.putAll(await scanned(table))
    const now = clockAt(start + 10 * minute)
    const reference = storesIn(whole)
    await mindClock(reference.instants, now)
    let changes = 0
    const dies = (work: () => Promise<never>) => () => {
      changes += 1
      return changes > 4 ? Promise.reject(new Error('the process died here')) : work()
    }
    const dying: Table = {
      ...table,
      change: (...given) => dies(() => table.change(...given) as Promise<never>)(),
      remove: (...given) => dies(() => table.remove(...given) as Promise<never>)(),
    }
    const { instantsIn } = await import('../../../lambdas/store/table/clock.ts')
    await expect(mindClock(instantsIn(dying), now)).rejects.toThrow('died here')
    await mindClock(stores.instants, clockAt(start + 11 * minute))
    // The mark of the interrupted change stays until its lease ends.
    const without = (items: readonly Item[]) => items.filter(({ pk }) => !/^(CLOCK$|CHANGED#|CHANGING#)/.test(pk))
    expect(without(await scanned(table))).toEqual(without(await scanned(whole)))
  })
})

test('checking takes one read where nothing is ahead, and one write for each instant', async () => {
  const asked: string[] = []
  const table = await newTable()
  const counting: Table = {
    ...table,
    get: (key) => {
      asked.push('get')
      return table.get(key)
    },
    getAll: (keys, only) => {
      asked.push('getAll')
      return table.getAll(keys, only)
    },
    putIf: (item, condition) => {
      if (item.pk === 'CLOCK') asked.push('mark')
      return table.putIf(item, condition)
    },
    scan: () => {
      asked.push('scan')
      return table.scan()
    },
  }
  const stores = storesIn(counting)
  expect(await mindClock(stores.instants, clockAt(start - minute))).toEqual({ kind: 'right' })
  asked.length = 0
  const many = Array.from({ length: 40 }, (_, nth) => detection({ id: `m${nth}` }))
  await stores.detections.saveAll(many, new Date(start))
  expect(asked.filter((what) => what === 'mark')).toHaveLength(1)
  asked.length = 0
  expect(await mindClock(stores.instants, clockAt(start + minute))).toEqual({ kind: 'right' })
  expect(asked).toEqual(['get'])
})

describe('a clock that is behind', () => {
  test('changes nothing: time continues from the last stored instant, with a warning', async () => {
    const table = await newTable()
    const stores = storesIn(table)
    await stores.detections.saveAll(
      [detection({ id: 'a', observed: { from: '2026-02-25' } as Observed })],
      new Date(start),
    )
    await stores.sources.recordInputs([brought(1)], 'b', new Date(start))
    const before = (await scanned(table)).filter(({ pk }) => pk !== 'CLOCK')
    const behind = start - 40 * day
    for (const _ of [1, 2]) {
      const word = await mindClock(stores.instants, clockAt(behind))
      expect(word).toMatchObject({ kind: 'behind', by: 40 * day + 1 })
      expect(describeClock(word, new Date(behind))[0]).toContain('the clock is behind, set it right')
      expect((await readings(stores, behind + (word.kind === 'behind' ? word.by : 0))).inWindow).toHaveLength(1)
    }
    expect((await scanned(table)).filter(({ pk }) => pk !== 'CLOCK')).toEqual(before)
    // The clock of AWS is trusted.
    const other = await newTable()
    await other.putAll(await scanned(table))
    const trusted = await mindClock(storesIn(other).instants, clockAt(behind), { isTrusted: true })
    expect(trusted.kind).toBe('set back')
    expect((await mindClock(stores.instants, clockAt(start + day))).kind).toBe('right')
  })
})
