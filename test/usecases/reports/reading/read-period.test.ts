import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { parsePeriod, periodsBefore } from '../../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import type { Edition } from '../../../../lambdas/domain/report/manifest.ts'
import { detectionsIn } from '../../../../lambdas/store/detections/detections.ts'
import { inMemory, openTableFile } from '../../../../lambdas/store/embedded/table-file.ts'
import type { VersionEntry } from '../../../../lambdas/store/reports/reports.ts'
import { utcDays } from '../../../../lambdas/store/table/keys.ts'
import type { Item, Table } from '../../../../lambdas/store/table/table.ts'
import { draftFacts } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { readPeriod } from '../../../../lambdas/usecases/reports/reading/read-period.ts'
import { recountSummaries } from '../../../../lambdas/usecases/reports/reading/recount-summaries.ts'
import { servicesOn } from '../../../../lambdas/usecases/services.ts'
import { storesIn } from '../../../../lambdas/usecases/stores.ts'
import { detection } from '../../../support/detections.ts'
import { versionEntry } from '../../../support/reports.ts'
import { stepped } from '../../../support/steps.ts'

/** `VIGIE_INTERLEAVINGS` says how many ways of two processes' steps are tried for each change. */
const runs = Number(process.env.VIGIE_INTERLEAVINGS ?? 40)

const opened: Table[] = []
const memoryTable = async (): Promise<Table> => {
  const table = await openTableFile(inMemory)
  opened.push(table)
  return table
}
afterEach(() => {
  for (const table of opened.splice(0)) table.close()
})

const week = parsePeriod('2024-W20')
const edition: Edition = { territory: 'NC', period: week, cap: 'TLP:AMBER' }
const stored = new Date('2024-06-01T00:00:00.000Z')
const later = new Date('2024-06-02T00:00:00.000Z')
const asOf = '2024-06-03T00:00:00.000Z'

type Counted = { readonly table: Table; readonly partitions: string[] }

const counted = (table: Table): Counted => {
  const partitions: string[] = []
  return {
    partitions,
    table: {
      ...table,
      pages: (pk, range) => {
        partitions.push(pk)
        return table.pages(pk, range)
      },
    },
  }
}

/** Units of strongly consistent reads by partition: one for each 4 KB of a page, or of a single item. */
const counting = (table: Table, units: Map<string, number>): Table => {
  const take = (pk: string, items: readonly Item[]) => {
    const kind = pk.split('#')[0] ?? pk
    const bytes = items.reduce((all, item) => all + Buffer.byteLength(JSON.stringify(item)), 0)
    units.set(kind, (units.get(kind) ?? 0) + Math.max(1, Math.ceil(bytes / 4096)))
  }
  const pages: Table['pages'] = async function* (pk, range) {
    for await (const page of table.pages(pk, range)) {
      take(pk, page)
      yield page
    }
  }
  return {
    ...table,
    pages,
    query: async function* (pk, range) {
      for await (const page of pages(pk, range)) yield* page
    },
    get: async (key) => {
      const item = await table.get(key)
      take(key.pk, item ? [item] : [])
      return item
    },
    getAll: async (keys, only) => {
      const items = await table.getAll(keys)
      for (const { pk, sk } of keys)
        take(
          pk,
          items.filter((item) => item.pk === pk && item.sk === sk),
        )
      return only ? table.getAll(keys, only) : items
    },
  }
}

const servicesOf = (table: Table) =>
  servicesOn({
    table,
    run: 'test',
    clock: () => new Date(asOf),
    archive: {} as never,
    printer: {} as never,
    signer: {} as never,
  })

const forgetting = (table: Table) => {
  const services = servicesOf(table)
  return { ...services, summaries: { ...services.summaries, holding: async () => new Map() } }
}

const count = async (table: Table, of = edition, at = asOf) =>
  (await readPeriod(of, at, servicesOf(table), { keep: true })).counted.before
const countAgain = async (table: Table, of = edition, at = asOf) =>
  (await readPeriod(of, at, forgetting(table), { keep: false })).counted.before

const take = (table: Table, said: Partial<DetectionInput>, at = stored) =>
  storesIn(table).detections.saveAll([detection(said)], at)

const inWeekBefore = (id: string, posts: number, said: Partial<DetectionInput> = {}): Partial<DetectionInput> => ({
  id,
  observed: { from: '2024-05-08' },
  counts: { posts },
  hashtags: ['#a'],
  ...said,
})

const postsBefore = (before: Awaited<ReturnType<typeof count>>) => before.at(-1)?.totals.posts.value

describe('a week after eight others', () => {
  it('reads only its own days once the others were counted', async () => {
    const memory = await memoryTable()
    for (const [at, { first }] of periodsBefore(week, 8).entries())
      await take(memory, inWeekBefore(`w${at}`, 10 + at, { observed: { from: first } }))
    await take(memory, { id: 'own', observed: { from: '2024-05-15' } })
    await count(memory)
    const { table, partitions } = counted(memory)
    expect(await count(table)).toEqual(await countAgain(memory))
    const days = partitions.filter((pk) => pk.startsWith('DET#')).map((pk) => pk.slice('DET#NC#'.length))
    // A week of Nouméa touches eight days of UTC.
    expect(days).toHaveLength(8)
    expect(days[0]).toBe('2024-05-12')
  })
  it('reads ahead on a slow table, with the same result', async () => {
    const memory = await memoryTable()
    for (const day of ['13', '14', '15', '16', '17'])
      await take(memory, { id: `d${day}`, observed: { from: `2024-05-${day}` }, counts: { posts: Number(day) } })
    const begun: string[] = []
    let most = 0
    let waiting = 0
    const slow: Table = {
      ...memory,
      readAhead: 3,
      pages: async function* (pk, range) {
        begun.push(pk)
        most = Math.max(most, (waiting += 1))
        await nextTurn()
        waiting -= 1
        yield* memory.pages(pk, range)
      },
    }
    const ids = async (table: Table) => {
      const found = storesIn(table).detections.inWindow('NC', Date.parse('2024-05-12'), Date.parse('2024-05-20'), asOf)
      return (await Array.fromAsync(found)).map(({ detection: { id } }) => id)
    }
    expect(await ids(slow)).toEqual(await ids(memory))
    expect(begun).toHaveLength(8)
    expect(most).toBe(4)
  })
  it('stores the summary of each week at once where all are too many', async () => {
    const memory = await memoryTable()
    for (const [at, { first }] of periodsBefore(week, 8).entries())
      await take(memory, inWeekBefore(`w${at}`, 10 + at, { observed: { from: first } }))
    const { table, partitions } = counted({ ...memory, count: async () => 100_000 })
    const days = () => partitions.splice(0).filter((pk) => pk.startsWith('DET#')).length
    const dying: Table = {
      ...table,
      pages: (pk, range) => {
        if (pk === 'DET#NC#2024-04-20') throw new Error('out of time')
        return table.pages(pk, range)
      },
    }
    await expect(count(dying)).rejects.toThrow('out of time')
    days()
    expect(await count(table)).toEqual(await countAgain(memory))
    // Four weeks were stored; four are left, the week itself, and the one before all: it shares a day of UTC.
    expect(days()).toBe(6 * 8)
  })
  it('reads little more than its own week, besides other territories', async () => {
    const memory = await memoryTable()
    let number = 0
    for (const { first } of [...periodsBefore(week, 8), week]) {
      const inWeek = (): Partial<DetectionInput> => {
        number += 1
        const from = new Date(Date.parse(first) + (number % 7) * 86_400_000).toISOString().slice(0, 10)
        const text = { fr: 'Messages identiques publiés en quelques minutes par des comptes récents.' }
        return {
          id: `d${number}`,
          observed: { from },
          summary: text,
          hashtags: [`#mot${number % 200}`],
          counts: { posts: number },
        }
      }
      await storesIn(memory).detections.saveAll(
        Array.from({ length: 300 }, () => detection(inWeek())),
        stored,
      )
    }
    await count(memory)
    const units = new Map<string, number>()
    const facts = await draftFacts(edition, servicesOf(counting(memory, units)))
    expect(facts.totals.detections).toBe(300)
    const own = new Map<string, number>()
    for (const day of utcDays(Date.parse('2024-05-12T13:00:00Z'), Date.parse('2024-05-19T13:00:00Z')))
      await Array.fromAsync(counting(memory, own).query(`DET#NC#${day}`))
    const sum = (taken: ReadonlyMap<string, number>) => [...taken.values()].reduce((all, one) => all + one, 0)
    units.delete('LINK')
    expect(sum(units)).toBeLessThanOrEqual(1.1 * sum(own) + 60)
    // Figures and names of the eight weeks, and of the one before, which shares a day of UTC.
    expect(units.get('SUMMARY')).toBeLessThanOrEqual(11)
  })
  it('counts no weeks of a large month of a group, whose levels are then minimums', async () => {
    const memory = await memoryTable()
    await take(memory, { id: 'a', observed: { from: '2024-05-15' }, counts: { posts: 5_000 } })
    const month = { territory: 'ALL', period: parsePeriod('2024-05'), cap: 'TLP:AMBER' } as const
    const levelOn = async (table: Table) =>
      (await draftFacts(month, { ...servicesOf(table), archive: { locate: () => '' } as never })).group?.rows.find(
        ({ territory }) => territory === 'NC',
      )?.level
    expect(await levelOn(memory)).toMatchObject({ value: 2, weeks: { gravest: '2024-W20' } })
    const large = await levelOn({ ...memory, count: async () => 100_000 })
    expect(large).toMatchObject({ value: 1, isAtLeast: true })
    expect(large?.weeks).toBeUndefined()
  })
  it('takes the least figures of an unusual week from the organisation', async () => {
    const memory = await memoryTable()
    await take(memory, { id: 'a', observed: { from: '2024-05-15' }, counts: { posts: 5_000 } })
    const floors = { NC: { posts: 501, accounts: 1, videos: 1 } }
    const levelWith = async (organisation: object) =>
      (await draftFacts(edition, { ...servicesOf(memory), organisation })).level
    expect(await levelWith({})).toMatchObject({ value: 2 })
    expect(await levelWith({ floors })).toMatchObject({ value: 1, tests: [{ floor: 501 }] })
  })
  it('takes the level of an earlier week from its own report', async () => {
    const memory = await memoryTable()
    const ran = { detector: { name: 'Watch', expectedRhythm: 'P7D' }, found: 0 }
    await storesIn(memory).sources.recordRun({ ...ran, at: '2024-04-05T00:00:00.000Z' }, stored)
    for (const before of [...periodsBefore(week, 5), week]) {
      await storesIn(memory).sources.recordRun({ ...ran, at: `${before.last}T00:00:00.000Z` }, stored)
      if (before === week) break
      const observed = { from: before.first }
      await take(memory, { id: before.id, observed, counts: { posts: 100 } })
    }
    await take(memory, { id: 'a', observed: { from: '2024-05-15' }, counts: { posts: 5_000 } })
    const levelOf = async (...entries: readonly Partial<VersionEntry>[]) => {
      const newest = async function* () {
        for (const one of entries) yield versionEntry({ ...one, period: '2024-W19' })
      }
      return (await draftFacts(edition, { ...servicesOf(memory), reports: { ...storesIn(memory).reports, newest } }))
        .level
    }
    const printed = { asOf: '2024-05-14T00:00:00.000Z', published: { level: { value: 3 } } as never }
    expect(await levelOf()).toMatchObject({ last: { value: 1 }, tests: [{ ordinary: { weeks: 6 } }] })
    expect(await levelOf(printed)).toMatchObject({
      last: { value: 3 },
      tests: [{ ordinary: { weeks: 5 }, leftOut: 1 }],
    })
    for (const other of [{ cap: 'TLP:RED' }, { asOf: '2024-05-11T00:00:00.000Z' }, { reconstructed: true }] as const)
      expect(await levelOf({ ...printed, ...other })).toMatchObject({ last: { value: 1 } })
    expect(await levelOf({ ...printed, recalled: { at: '2024-05-15T00:00:00.000Z', reason: '' } })).toMatchObject({
      last: { value: 1 },
    })
  })
  it('says nothing of the watch in a public edition of a large month', async () => {
    const memory = await memoryTable()
    const month = { territory: 'NC', period: parsePeriod('2024-05'), cap: 'TLP:CLEAR' } as const
    const facts = await draftFacts(month, servicesOf({ ...memory, count: async () => 100_000 }))
    expect(facts.level).toMatchObject({ value: 0, isAtLeast: true })
  })
  it('counts only the week that changed', async () => {
    const memory = await memoryTable()
    await take(memory, inWeekBefore('a', 10))
    await count(memory)
    await take(memory, inWeekBefore('b', 5), later)
    const { table, partitions } = counted(memory)
    expect(postsBefore(await count(table))).toBe(15)
    expect(partitions.filter((pk) => pk.startsWith('DET#'))).toHaveLength(15)
  })
  it('has the names of the week before from its summary', async () => {
    const memory = await memoryTable()
    await take(memory, inWeekBefore('a', 10))
    await take(memory, { id: 'own', observed: { from: '2024-05-15' }, hashtags: ['#A'] })
    await count(memory)
    expect((await count(memory)).at(-1)?.shares?.hashtags).toMatchObject([{ name: '#a', posts: { value: 10 } }])
  })
  it('sees a change of a detection that began before', async () => {
    const memory = await memoryTable()
    const span = { id: 'long', observed: { from: '2024-04-01', to: '2024-05-10' } }
    await take(memory, span)
    expect((await count(memory)).at(-1)?.totals.posts.qualifier).toBe('not given')
    // Its old end and the days between are marked too.
    await take(memory, { ...span, observed: { from: '2024-04-01', to: '2024-04-03' } }, later)
    expect((await count(memory)).at(-1)?.totals.posts.qualifier).toBe('not watched')
    expect(await count(memory)).toEqual(await countAgain(memory))
    const begun = { ...span, observed: { from: '2024-04-20', to: '2024-05-10' } }
    await take(memory, begun, later)
    await count(memory)
    await take(memory, { ...span, observed: { from: '2024-05-10', to: '2024-05-10' } }, later)
    expect(await count(memory)).toEqual(await countAgain(memory))
    expect((await count(memory)).at(-2)?.totals.posts.qualifier).toBe('not watched')
  })
  it('sees a change of a whole in another territory', async () => {
    const memory = await memoryTable()
    const whole = { id: 'whole', territories: ['MQ'], observed: { from: '2024-02-01' } }
    await take(memory, { ...whole, marking: 'TLP:GREEN' })
    await take(memory, inWeekBefore('top', 100, { id: 'top' }))
    await take(memory, inWeekBefore('part', 10, { partOf: 'whole' }))
    await count(memory)
    expect(postsBefore(await count(memory))).toBe(110)
    await take(memory, { ...whole, partOf: 'top', marking: 'TLP:GREEN' }, later)
    expect(postsBefore(await count(memory))).toBe(100)
    await take(memory, { ...whole, partOf: 'top', marking: 'TLP:RED' }, later)
    expect(await count(memory)).toEqual(await countAgain(memory))
  })
  it('is counted again for an instant before a change', async () => {
    const memory = await memoryTable()
    await take(memory, inWeekBefore('a', 10))
    await take(memory, inWeekBefore('b', 5), later)
    await count(memory)
    expect(postsBefore(await count(memory))).toBe(15)
    expect(postsBefore(await count(memory, edition, stored.toISOString()))).toBe(10)
    expect(postsBefore(await count(memory))).toBe(15)
  })
  it('stores no summary with detections of a fast clock', async () => {
    const memory = await memoryTable()
    await take(memory, inWeekBefore('a', 10))
    await take(memory, inWeekBefore('ahead', 5), new Date('2024-06-03T00:10:00.000Z'))
    expect(postsBefore(await count(memory))).toBe(10)
    expect(postsBefore(await count(memory, edition, '2024-06-04T00:00:00.000Z'))).toBe(15)
  })
  it('sees a change of the watch', async () => {
    const memory = await memoryTable()
    await count(memory)
    expect((await count(memory)).at(-1)?.totals.watched).toBe(false)
    const ran = { detector: { name: 'Watch' }, at: '2024-05-08T00:00:00.000Z', found: 0 }
    await storesIn(memory).sources.recordRun(ran, stored)
    expect((await count(memory)).at(-1)?.totals).toMatchObject({ watched: true, posts: { value: 0 } })
  })
  it('counts again with another version of the program', async () => {
    const memory = await memoryTable()
    await take(memory, inWeekBefore('a', 10))
    await count(memory)
    const items: Item[] = []
    for await (const page of memory.scan()) items.push(...page.filter(({ pk }) => pk.startsWith('SUMMARY#')))
    expect(items).toHaveLength(18)
    for (const item of items) await memory.put({ ...item, by: 'vigie 0.0.9' })
    const { table, partitions } = counted(memory)
    await count(table)
    expect(partitions.filter((pk) => pk.startsWith('DET#')).length).toBeGreaterThan(60)
  })
  it('stores the same summary for a cap with any detections above it', async () => {
    const bodiesOf = async (...more: Partial<DetectionInput>[]) => {
      const memory = await memoryTable()
      await take(memory, inWeekBefore('a', 10))
      for (const one of more) await take(memory, one)
      await count(memory)
      const items: unknown[] = []
      for await (const page of memory.scan())
        items.push(
          ...page.flatMap(({ pk, sk, body, latest }) => (pk.startsWith('SUMMARY#') ? [[sk, body, latest]] : [])),
        )
      return items
    }
    const red = inWeekBefore('red', 7, { marking: 'TLP:RED', hashtags: ['#secret'] })
    const other = inWeekBefore('other', 99, { marking: 'TLP:AMBER+STRICT', campaign: 'Secret' })
    expect(await bodiesOf(red)).toEqual(await bodiesOf(other, red))
  })
  it('is counted again on request, and drops a wrong summary', async () => {
    const memory = await memoryTable()
    await take(memory, inWeekBefore('a', 10))
    await count(memory)
    const services = servicesOf(memory)
    expect(await recountSummaries(services)).toEqual({ compared: 9, wrong: [] })
    // Stored without marks.
    await detectionsIn(memory).saveAll([detection(inWeekBefore('unmarked', 5))], later)
    expect((await recountSummaries(services)).wrong.map(({ period }) => period.id)).toEqual(['2024-W19'])
    expect(postsBefore(await count(memory))).toBe(15)
    expect(await recountSummaries(services)).toEqual({ compared: 9, wrong: [] })
  })
  it('forgets an account that a hashtag names', async () => {
    const memory = await memoryTable()
    await take(memory, inWeekBefore('a', 10, { hashtags: ['#account'] }))
    await count(memory)
    const same = (text: string) => text
    const redaction = {
      text: (text: string) => text.replace('account', 'x'),
      json: (text: string) => text.replace('account', 'x'),
      raw: same,
    }
    await storesIn(memory).forgetting.redact(redaction as never, '2024-05-20T00:00:00.000Z')
    for await (const page of memory.scan()) expect(page.filter(({ pk }) => pk.startsWith('SUMMARY#'))).toEqual([])
    await take(memory, { id: 'own', observed: { from: '2024-05-15' }, hashtags: ['#x'] })
    expect((await count(memory)).at(-1)?.shares?.hashtags).toMatchObject([{ name: '#x' }])
  })
})

/** Changes of the week before, during a report. */
const changes: Readonly<Record<string, (table: Table) => Promise<unknown>>> = {
  'a new detection': (table) => take(table, inWeekBefore('new', 5), later),
  'a revision that moves one away': (table) =>
    take(table, inWeekBefore('a', 10, { observed: { from: '2024-04-30' } }), later),
  'a revision that raises a marking above the cap': (table) =>
    take(table, inWeekBefore('a', 10, { marking: 'TLP:RED' }), later),
  'a detection over several weeks': (table) =>
    take(table, inWeekBefore('wide', 5, { observed: { from: '2024-04-29', to: '2024-05-12' } }), later),
  'a withdrawal': (table) => storesIn(table).detections.withdraw('a', { by: 'a test', reason: 'by mistake' }, later),
}

describe('a report during a change of the week before', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(asOf) })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  const start = async (isCounted = false): Promise<Table> => {
    const memory = await memoryTable()
    await take(memory, inWeekBefore('a', 10))
    if (isCounted) await count(memory)
    return memory
  }
  const stepsOf = async (work: (table: Table) => Promise<unknown>): Promise<number> => {
    const { table, taken, allowAll } = stepped(await start())
    allowAll()
    await work(table)
    return taken()
  }
  /** Steps of the writer, of the reader, and of the writer again; then the reader ends, and the writer ends or dies. */
  const interleaved = async (
    change: (table: Table) => Promise<unknown>,
    [first, second, third]: readonly [number, number, number],
    { dies, isCounted }: { readonly dies: boolean; readonly isCounted: boolean },
  ): Promise<Table> => {
    const memory = await start(isCounted)
    const [writer, reader] = [stepped(memory), stepped(memory)]
    const writing = change(writer.table)
    await writer.allow(first)
    const reading = count(reader.table)
    await reader.allow(second)
    await writer.allow(third)
    reader.allowAll()
    await reading
    if (dies) return memory
    writer.allowAll()
    await writing
    return memory
  }

  for (const [name, change] of Object.entries(changes)) {
    it(`leaves no stale summary in any order of steps: ${name}`, async () => {
      const [writes, reads] = [await stepsOf(change), await stepsOf(count)]
      expect(writes).toBeGreaterThan(6)
      const steps = fc.tuple(
        fc.integer({ min: 0, max: writes }),
        fc.oneof(fc.integer({ min: 0, max: reads }), fc.integer({ min: reads - 40, max: reads })),
        fc.integer({ min: 0, max: writes }),
      )
      const property = fc.asyncProperty(steps, fc.boolean(), fc.boolean(), async (at, dies, isCounted) => {
        const memory = await interleaved(change, at, { dies, isCounted })
        expect(await count(memory)).toEqual(await countAgain(memory))
        if (!dies) return
        try {
          vi.setSystemTime(Date.parse(asOf) + 16 * 60_000)
          expect(await count(memory)).toEqual(await countAgain(memory))
          await change(memory)
          expect(await count(memory)).toEqual(await countAgain(memory))
        } finally {
          vi.setSystemTime(Date.parse(asOf))
        }
      })
      await fc.assert(property, { numRuns: runs })
    })
  }
})

it('a table without marks of changes leaves stale summaries', async () => {
  const memory = await memoryTable()
  await take(memory, inWeekBefore('a', 10))
  await count(memory)
  await detectionsIn(memory).saveAll([detection(inWeekBefore('unmarked', 5))], later)
  expect(await count(memory)).not.toEqual(await countAgain(memory))
})
