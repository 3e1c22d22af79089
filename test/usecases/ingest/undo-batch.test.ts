/** A check predicts an ingest, and undoing reverses it: examples, and random sets compared by the facts of reports. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { once, readRecords } from '../../../lambdas/intake/formats.ts'
import { inMemory, openTableFile } from '../../../lambdas/store/embedded/table-file.ts'
import type { Item, Table } from '../../../lambdas/store/table/table.ts'
import { trialTable } from '../../../lambdas/store/table/trial-table.ts'
import { checkList } from '../../../lambdas/usecases/ingest/check-detections.ts'
import { ingestDetections, type Sender } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { undoBatch } from '../../../lambdas/usecases/ingest/undo-batch.ts'
import { storesIn } from '../../../lambdas/usecases/stores.ts'
import type { Held, Watcher } from '../../oracle/counting.ts'
import { asOf, factsOf, keepCounts, type Store, storesOfFile, takeSet } from '../../oracle/product.ts'
import { sets, watcherSets } from '../../oracle/sets.ts'
import { ndjson } from '../../support/cli.ts'
import { decideAll } from '../../support/contested.ts'
import { input } from '../../support/detections.ts'
import { textOf } from '../../support/faults.ts'

const runs = Number(process.env.VIGIE_ORACLE_RUNS ?? 25)

const stores = storesOfFile()

type Bytes = string | readonly (DetectionInput | Readonly<Record<string, unknown>>)[]

const recordsOf = (records: Bytes) =>
  readRecords(once(Buffer.from(typeof records === 'string' ? records : ndjson(...records))), {
    file: 'x',
    format: 'ndjson',
  })

const sender: Sender = { name: 'an analyst', byOperator: true }

/** An ingest, with the outcome of each record. */
const ingest = async (services: Store['services'], records: Bytes) => {
  const { records: list, onOutcome } = checkList(services.clock())
  const tally = await ingestDetections(recordsOf(records), 'x', services, { onOutcome, sender })
  return { ...tally, outcomes: await list(services.detections) }
}

const itemsOf = async (table: Table): Promise<readonly Item[]> => {
  const items: Item[] = []
  for await (const page of table.scan()) items.push(...page)
  return items
}

const questions = [
  { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' },
  { territory: 'MQ', period: '2024-05', cap: 'TLP:RED' },
]

/** Facts without revision numbers and their hash: a restored detection has the next number. */
const factsIn = async (store: Store) =>
  JSON.parse(
    JSON.stringify(await Promise.all(questions.map((question) => factsOf(store, question))), (key, value) =>
      ['revision', 'snapshotSha256', 'asOf'].includes(key) ? undefined : value,
    ),
  )

/** Records of a mistaken file: revisions, also of other detectors, new ids, reports of runs, and an invalid one. */
const mistaken = fc
  .tuple(sets, watcherSets)
  .map(([held, watchers]: readonly [readonly Held[], readonly Watcher[]]) => [
    ...held.flatMap(({ revisions }) => revisions as readonly object[]),
    ...watchers.flatMap(({ name, territories, inputs }) =>
      inputs.map((ran) => ({ source: { name, territories, version: 'mistaken' }, ran, found: 0 })),
    ),
    { id: 'none', title: 'no date' },
  ])

/** With another analyst who confirms each lower marking. */
const undoWhole = async (batch: string, { services }: Store) => {
  const undone = await undoBatch(batch, 'Ana Martin', services)
  if (undone.waits.length === 0) return undone
  const decided = await decideAll({ batch, by: 'Bea Roy', as: 'revision' }, services)
  expect(decided.failed).toEqual([])
  return undoBatch(batch, 'Ana Martin', services)
}

describe('on random sets', () => {
  it('a check predicts the ingest, and stores nothing', async () => {
    await fc.assert(
      fc.asyncProperty(sets, watcherSets, mistaken, async (held, watchers, records) => {
        const store = await stores.open()
        await takeSet(store, held, watchers)
        const before = await itemsOf(store.table)
        const trial = trialTable(store.table, await openTableFile(inMemory))
        const { batch: _, ...checked } = await ingest({ ...store.services, ...storesIn(trial) }, records as Bytes)
        await trial.close()
        expect(await itemsOf(store.table)).toEqual(before)
        const { batch: __, ...ingested } = await ingest(store.services, records as Bytes)
        expect(ingested).toEqual(checked)
      }),
      { numRuns: runs },
    )
  })
})

it('ingests undone in any order leave the facts of reports as they were', async () => {
  await fc.assert(
    fc.asyncProperty(
      sets,
      watcherSets,
      fc.array(mistaken, { minLength: 1, maxLength: 3 }),
      fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
      async (held, watchers, files, order) => {
        const store = await stores.open()
        await takeSet(store, held, watchers)
        const { services } = store
        const before = await factsIn(store)
        const batches: string[] = []
        for (const records of files) batches.push((await ingest(store.services, records as Bytes)).batch)
        // Summaries stored in between must not survive.
        for (const question of questions) await keepCounts(store, question as never)
        const left = new Set(order.flatMap((at) => batches[at] ?? []))
        for (let round = 0; left.size > 0 && round < files.length; round += 1) {
          for (const batch of [...left]) {
            if ((await store.services.batches.get(batch)) === undefined) left.delete(batch)
            else if ((await undoWhole(batch, store)).isDone) left.delete(batch)
          }
        }
        expect([...left]).toEqual([])
        expect(await factsIn(store)).toEqual(before)
        for (const waiting of [
          services.rejects.open(),
          services.detections.contested(),
          services.detections.unplaced(),
        ])
          expect(await Array.fromAsync<unknown>(waiting)).toEqual([])
      },
    ),
    { numRuns: runs },
  )
})

describe('an undone ingest', () => {
  const opened = async () => {
    const store = await stores.open()
    const take = (...records: Exclude<Bytes, string>[number][]) => ingest(store.services, records)
    const undo = (batch: string) => undoBatch(batch, 'Ana Martin', store.services)
    const latest = (id: string) => store.services.detections.latest(id)
    const inNC = async () => {
      const [from, to] = [Date.UTC(2024, 4, 1), Date.UTC(2024, 5, 1)]
      const all = store.services.detections.inWindow('NC', from, to, store.services.clock().toISOString())
      return Array.fromAsync(all, ({ detection }) => detection.id)
    }
    return { store, take, undo, latest, inNC }
  }

  it('leaves its ids free for the same record, corrected or not, and for another detector', async () => {
    const { take, undo, latest, inNC } = await opened()
    const first = await take(input({ id: 'a' }), input({ id: 'b', marking: 'TLP:GREEN' }))
    expect(await undo(first.batch)).toMatchObject({ withdrawn: 2, restored: 0, left: [] })
    expect(await inNC()).toEqual([])
    const again = [input({ id: 'a' }), input({ id: 'b', detector: 'Other', marking: 'TLP:RED' })]
    expect(await take(...again)).toMatchObject({ accepted: 2 })
    expect(await take(...again)).toMatchObject({ duplicates: 2 })
    expect(await inNC()).toEqual(['a', 'b'])
    expect(await latest('b')).toMatchObject({ revision: 3, detector: { name: 'Other' } })
  })

  it('keeps the id of a withdrawn detection, also withdrawn after the undoing', async () => {
    const { store, take, undo } = await opened()
    const { batch } = await take(input({ id: 'a' }))
    await undo(batch)
    const withdraw = () =>
      store.services.detections.withdraw('a', { by: 'a test', reason: 'by hand' }, store.services.clock())
    expect([await withdraw(), await withdraw()]).toEqual([true, false])
    expect(await take(input({ id: 'a', counts: { posts: 2 } }))).toMatchObject({ rejected: 1 })
  })

  it('waits for another analyst where it would lower a marking', async () => {
    const { store, take, undo, latest } = await opened()
    const { services } = store
    await take(input({ id: 'a', marking: 'TLP:GREEN' }), input({ id: 'b' }))
    const { batch } = await take(
      input({ id: 'a', marking: 'TLP:RED', title: { en: 'zqred' } }),
      input({ id: 'b', counts: { posts: 2 } }),
    )
    for (const restored of [1, 0]) {
      expect(await undo(batch)).toMatchObject({ restored, waits: ['a'], left: [], isDone: false })
      expect(await latest('a')).toMatchObject({ marking: 'TLP:RED', title: { en: 'zqred' } })
    }
    const waiting = await Array.fromAsync(services.detections.contested())
    expect(waiting).toMatchObject([
      { detection: { id: 'a', marking: 'TLP:GREEN' }, undoing: { batch, by: 'Ana Martin' }, markingBefore: 'TLP:RED' },
    ])
    expect(textOf(waiting[0]?.reason)).toContain('lowers the marking from TLP:RED to TLP:GREEN')
    expect(await decideAll({ batch, by: 'Bea Roy', as: 'new' }, services)).toMatchObject({ settled: [] })
    expect(await decideAll({ batch, by: 'Bea Roy', as: 'revision' }, services)).toMatchObject({
      settled: [{ id: 'a', under: 'a' }],
    })
    expect(await latest('a')).toMatchObject({ marking: 'TLP:GREEN', title: input().title })
    expect(await undo(batch)).toMatchObject({ already: 2, waits: [], isDone: true })
    expect(await Array.fromAsync(services.detections.contested())).toEqual([])
    expect(await take(input({ id: 'a', marking: 'TLP:GREEN' }))).toMatchObject({ duplicates: 1 })
  })

  it('is refused by the other analyst', async () => {
    const { store, take, undo, latest } = await opened()
    await take(input({ id: 'a', marking: 'TLP:GREEN' }))
    const { batch } = await take(input({ id: 'a', marking: 'TLP:RED' }))
    await undo(batch)
    await decideAll({ ids: ['a'], by: 'Bea Roy', as: 'refused' }, store.services)
    expect(await undo(batch)).toMatchObject({ left: ['a'], waits: [], isDone: false })
    expect(await latest('a')).toMatchObject({ marking: 'TLP:RED', revision: 2 })
  })

  it('leaves records below the marking of the undone ones contested', async () => {
    const { store, take, undo, latest } = await opened()
    const { batch } = await take(input({ id: 'a', marking: 'TLP:RED' }), input({ id: 'b', marking: 'TLP:RED' }))
    await undo(batch)
    const lower = [
      input({ id: 'a', marking: 'TLP:AMBER' }),
      input({ id: 'b', detector: 'Other', marking: 'TLP:AMBER' }),
    ]
    expect(await take(...lower)).toMatchObject({ contested: 2, accepted: 0 })
    expect(await latest('a')).toBeUndefined()
    const [record] = await Array.fromAsync(store.services.detections.contested())
    expect(record && (await store.services.detections.ifAccepted(record))).toMatchObject({
      ...{ before: { marking: 'TLP:RED' }, after: { marking: 'TLP:AMBER' } },
      against: {
        isForeign: false,
        reason: { code: 'lowering.detection', values: { from: 'TLP:RED', to: 'TLP:AMBER' } },
      },
    })
    await decideAll({ ids: ['a', 'b'], by: 'Bea Roy', as: 'revision' }, store.services)
    expect(await latest('a')).toMatchObject({ marking: 'TLP:AMBER' })
    expect(await latest('b')).toMatchObject({ marking: 'TLP:AMBER', detector: { name: 'Other' } })
    expect(await take(...lower)).toMatchObject({ duplicates: 2 })
  })

  it('keeps the marking of a quote that is sent again, undone or left out', async () => {
    const { store, take, undo, latest } = await opened()
    const { services } = store
    const quotes = (...those: readonly object[]) =>
      input({ id: 'a', marking: 'TLP:GREEN', quotes: those as never, counts: { posts: those.length } })
    const open = { text: 'zqquote', language: 'fr' }
    const red = { ...open, marking: 'TLP:RED' }
    await take(quotes(open))
    const { batch } = await take(quotes(red))
    expect(await take(quotes(open))).toMatchObject({ contested: 1 })
    expect(await undo(batch)).toMatchObject({ waits: ['a'] })
    await take(quotes())
    expect(await take({ ...quotes(open), title: { en: 'again' } })).toMatchObject({ contested: 1, revised: 0 })
    expect(await latest('a')).toMatchObject({ quotes: [] })
    const waiting = await Array.fromAsync(services.detections.contested('a'))
    const tried = await Promise.all(waiting.map((one) => services.detections.ifAccepted(one)))
    expect(tried.map((one) => one?.lowers)).toContainEqual([{ of: 'part', from: 'TLP:RED', to: 'TLP:GREEN' }])
  })

  it('stores no record of the same detector under another id with a lower marking', async () => {
    const { store, take } = await opened()
    await take(input({ id: 'a', marking: 'TLP:RED' }))
    await take(input({ id: 'a', marking: 'TLP:GREEN' }))
    const decided = await decideAll({ ids: ['a'], by: 'Bea Roy', as: 'new' }, store.services)
    expect(decided).toMatchObject({ settled: [], failed: [{ message: expect.stringContaining('or refuse it') }] })
  })

  it('lowers no marking by a decision about another revision', async () => {
    const { store, take, latest } = await opened()
    const { services } = store
    const accept = (as: 'revision' | 'new', seen?: number) =>
      decideAll({ ids: ['a'], by: 'Bea Roy', as, seen }, services)
    await take(
      input({ id: 'a', marking: 'TLP:GREEN' }),
      input({ id: 'Other:a', detector: 'Other', marking: 'TLP:RED' }),
    )
    await take(input({ id: 'a', detector: 'Other', marking: 'TLP:GREEN' }))
    expect((await accept('new')).failed).toMatchObject([{ message: expect.stringContaining('from TLP:RED to') }])
    expect(await latest('Other:a')).toMatchObject({ marking: 'TLP:RED' })
    await take(input({ id: 'a', marking: 'TLP:AMBER' }))
    expect((await accept('revision')).failed).toMatchObject([{ message: expect.stringContaining('from TLP:AMBER to') }])
    expect(await latest('a')).toMatchObject({ marking: 'TLP:AMBER' })
    expect((await accept('revision', 2)).settled).toEqual([{ id: 'a', under: 'a' }])
  })

  it('leaves what a later ingest has changed until that is undone', async () => {
    const { store, take, undo, latest, inNC } = await opened()
    await take(input({ id: 'a', counts: { posts: 1 } }))
    const second = await take(input({ id: 'a', counts: { posts: 100 } }), input({ id: 'c', counts: { posts: 7 } }))
    const third = await take(input({ id: 'a', counts: { posts: 1000 } }), input({ id: 'c', counts: { posts: 8 } }))
    const waits = { isDone: false, left: ['a', 'c'], laterBatches: [third.batch], withdrawn: 0, restored: 0 }
    expect(await undo(second.batch)).toMatchObject(waits)
    expect(await store.services.batches.get(second.batch)).toMatchObject({ left: 2, undoneBy: 'Ana Martin' })
    expect(await undo(third.batch)).toMatchObject({ isDone: true, restored: 2 })
    expect(await latest('c')).toMatchObject({ counts: { posts: { value: 7 } } })
    expect(await undo(second.batch)).toMatchObject({ isDone: true, restored: 1, withdrawn: 1, left: [] })
    expect(await store.services.batches.get(second.batch)).not.toHaveProperty('left')
    expect(await latest('a')).toMatchObject({ counts: { posts: { value: 1 } } })
    expect(await inNC()).toEqual(['a'])
  })

  it('counts what each undoing did, apart from earlier ones', async () => {
    const { store, take, undo } = await opened()
    await take(input({ id: 'old', counts: { posts: 1 } }))
    const six = ['1', '2', '3', '4', '5', '6'].map((id) => input({ id }))
    const first = await take(input({ id: 'old', counts: { posts: 2 } }), ...six, { id: 'none', title: 'no date' })
    const second = await take(...six.slice(3).map((one) => ({ ...one, counts: { posts: 9 } })))
    const places = [{ code: 'MQ', method: 'analyst' } as const]
    const third = await take(input({ id: 'p', territories: [] }))
    await store.services.detections.assignTerritories('p', places, { by: 'a test' }, store.services.clock())
    expect(await undo(first.batch)).toMatchObject({ withdrawn: 3, restored: 1, already: 0, rejects: 1, byHand: [] })
    const nothing = { withdrawn: 0, restored: 0, already: 4, rejects: 0, left: ['4', '5', '6'], isDone: false }
    expect(await undo(first.batch)).toMatchObject(nothing)
    await undo(second.batch)
    expect(await undo(first.batch)).toMatchObject({ withdrawn: 3, restored: 0, already: 4, isDone: true })
    const { inPart = [] } = (await store.services.batches.get(first.batch)) ?? {}
    expect(inPart.map((part) => part.nothing)).toEqual([undefined, true])
    expect(await undo(third.batch)).toMatchObject({ left: ['p'], byHand: ['p'], laterBatches: [] })
  })

  it('leaves what an analyst has changed since, also after later ingests are undone', async () => {
    const { store, take, undo } = await opened()
    const first = await take(input({ id: 'a', territories: [] }))
    await store.services.detections.assignTerritories(
      'a',
      [{ code: 'NC', method: 'analyst' }],
      { by: 'a test' },
      store.services.clock(),
    )
    const second = await take(input({ id: 'a', counts: { posts: 2 } }))
    expect(await undo(first.batch)).toMatchObject({ left: ['a'], laterBatches: [second.batch] })
    expect(await undo(second.batch)).toMatchObject({ isDone: true, restored: 1 })
    expect(await undo(first.batch)).toMatchObject({ isDone: false, left: ['a'], laterBatches: [] })
  })

  it('lists an accepted contested record as long as it is active', async () => {
    const { store, take, undo, latest } = await opened()
    await take(input({ id: 'a' }))
    const { batch } = await take(input({ id: 'a', detector: 'Other', counts: { posts: 9 } }))
    await decideAll({ ids: ['a'], by: 'Bea Roy', as: 'new' }, store.services)
    const accepted = [{ id: 'Other:a', by: 'Bea Roy' }]
    expect(await undo(batch)).toMatchObject({ isDone: false, accepted, contested: 0 })
    expect(await latest('Other:a')).toMatchObject({ counts: { posts: { value: 9 } } })
    await store.services.detections.withdraw('Other:a', { by: 'a test', reason: 'mistaken' }, store.services.clock())
    expect(await undo(batch)).toMatchObject({ isDone: true, accepted: [] })
  })

  it('is undone by one command at a time; after an interruption, by the next one later', async () => {
    const { store, take, undo } = await opened()
    const { batch } = await take(input({ id: 'a' }))
    const outcomes = await Promise.allSettled([undo(batch), undo(batch)])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { message: expect.stringContaining('is being undone by ') },
    })
    const { batch: other } = await take(input({ id: 'b' }))
    const now = store.services.clock()
    const kept = await store.services.batches.get(other)
    await store.services.batches.takeUndoing(kept as NonNullable<typeof kept>, now, new Date(now.getTime() + 300_000))
    const until = new Date(now.getTime() + 300_000).toISOString()
    await expect(undo(other)).rejects.toThrow(`should that have been cut off, it can be undone from ${until} on`)
    store.at(new Date(now.getTime() + 300_001).toISOString())
    expect(await undo(other)).toMatchObject({ isDone: true, withdrawn: 1 })
  })

  it('removes its statements about a detector between those of others', async () => {
    const { store, take, undo } = await opened()
    const state = (version: string) =>
      take({ source: { name: 'D3lta', version }, ran: `2024-05-1${version}T06:00:00Z`, found: 0 })
    const [, second, third] = [await state('1'), await state('2'), await state('3')]
    const version = async () => {
      const [source] = await store.services.sources.asOf(store.services.clock().toISOString())
      return source?.statements.map((one) => one.version)
    }
    await undo(second.batch)
    expect(await version()).toEqual(['3'])
    await undo(third.batch)
    expect(await version()).toEqual(['1'])
  })

  it('reopens no reject of an undone ingest', async () => {
    const { store, take, undo } = await opened()
    const first = await take({ id: 'a', title: 'no date' })
    const second = await take(input({ id: 'a' }))
    const open = () => Array.fromAsync(store.services.rejects.open())
    expect(await open()).toEqual([])
    await undo(first.batch)
    expect(await undo(second.batch)).toMatchObject({ reopened: 0, withdrawn: 1 })
    expect(await open()).toEqual([])
  })

  it('reopens its rejects and contested records when they come again', async () => {
    const { store, take, undo } = await opened()
    await take(input({ id: 'a' }))
    const records = [input({ id: 'a', detector: 'Other' }), { id: 'none', title: 'no date' }]
    const { batch } = await take(...records)
    expect(await undo(batch)).toMatchObject({ rejects: 1, contested: 1 })
    expect(await Array.fromAsync(store.services.rejects.open())).toEqual([])
    expect(await take(...records)).toMatchObject({ contested: 1, rejected: 1 })
    expect(await Array.fromAsync(store.services.rejects.open())).toHaveLength(1)
    expect(await Array.fromAsync(store.services.detections.contested())).toHaveLength(1)
  })

  it('is undone once, within seven days, and continues after an interruption', async () => {
    const { store, take, undo } = await opened()
    const { batch } = await take(input({ id: 'a' }), input({ id: 'b' }))
    const cut = { ...store.services.rejects, undo: () => Promise.reject(new Error('cut')) }
    const { batch: other } = await take(input({ id: 'c' }), { id: 'none', title: 'no date' })
    await expect(undoBatch(other, 'x', { ...store.services, rejects: cut })).rejects.toThrow('cut')
    expect(await undo(other)).toMatchObject({ withdrawn: 0, already: 1, rejects: 1, left: [] })
    await expect(undo(other)).rejects.toThrow('was undone already, by Ana Martin')
    await expect(undo('2024-01-01-00000000')).rejects.toThrow('no intake')
    store.at(new Date(Date.parse(asOf) + 7 * 86_400_000 + 1).toISOString())
    await expect(undo(batch)).rejects.toThrow('more than 7 days old')
  })

  it('counts as before for an earlier instant', async () => {
    const { store, take, undo } = await opened()
    const { batch } = await take(input({ id: 'a' }))
    const then = store.services.clock()
    store.at(new Date(then.getTime() + 60_000).toISOString())
    await undo(batch)
    const [from, to] = [Date.UTC(2024, 4, 1), Date.UTC(2024, 5, 1)]
    const known = (at: Date) =>
      Array.fromAsync(
        store.services.detections.inWindow('NC', from, to, at.toISOString()),
        ({ detection }) => detection.id,
      )
    expect(await known(then)).toEqual(['a'])
    expect(await known(store.services.clock())).toEqual([])
    expect(await store.services.sources.asOf(then.toISOString())).toHaveLength(1)
    expect(await store.services.sources.asOf(store.services.clock().toISOString())).toEqual([])
  })
})
