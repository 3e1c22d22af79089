/** A detection that is not active is never changed: each way of changing it is refused with its status. */
import { describe, expect, it } from 'vitest'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { reasonText } from '../../../lambdas/domain/core/fault-text.ts'
import { FaultError, fault, type Reason } from '../../../lambdas/domain/core/fault.ts'
import { byHandName, readDetection } from '../../../lambdas/domain/detection/detection.ts'
import { once, readRecords } from '../../../lambdas/intake/formats.ts'
import { addReply } from '../../../lambdas/usecases/ingest/edit/add-reply.ts'
import { correctDetection } from '../../../lambdas/usecases/ingest/edit/correct-detection.ts'
import { type EditRequest, editDetection } from '../../../lambdas/usecases/ingest/edit/edit-detection.ts'
import { ingestDetections, type Sender } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { undoBatch } from '../../../lambdas/usecases/ingest/undo-batch.ts'
import { trialStoresIn } from '../../../lambdas/usecases/stores.ts'
import { factsOf, type Store, storesOfFile } from '../../oracle/product.ts'
import { ndjson } from '../../support/cli.ts'
import { decideAll } from '../../support/contested.ts'
import { input } from '../../support/detections.ts'

const stores = storesOfFile()
const sender: Sender = { name: 'this machine', byOperator: true }
const asked = { id: 'a', by: 'Ana Martin', reason: 'counted again', sender }
const pseudonym = (account: string) => account
const secret = input({
  id: 'a',
  title: { en: 'zqsecret' },
  marking: 'TLP:RED',
  counts: { posts: 5 },
  actor: { name: 'Actor', attributedBy: 'Unit' },
})

const take = ({ services }: Store, text: string) =>
  ingestDetections(
    readRecords(once(Buffer.from(text)), { file: 'f', format: text.startsWith('{') ? 'ndjson' : 'csv' }),
    'f',
    services,
    { sender },
  )
const correct = (store: Store, cells: Readonly<Record<string, string>> = { 'counts.posts': '9' }) =>
  correctDetection({ ...asked, cells, pseudonym }, store.services)
const undo = (store: Store, batch: string) => undoBatch(batch, 'Ana Martin', store.services)

type Status = { readonly code: string; readonly revision: number; readonly reason: Reason }

const ways: Readonly<Record<string, (store: Store) => Promise<Status>>> = {
  undone: async (store) => {
    const { batch } = await take(store, ndjson(secret))
    await undo(store, batch)
    return { code: 'undone', revision: 2, reason: fault('detection.undone', { batch }) }
  },
  'undone, of an account that was forgotten': async (store) => {
    const { batch } = await take(store, ndjson({ ...secret, accountRefs: ['@one'] }))
    await store.services.forgetting.redact(
      {
        text: (text) => text.replaceAll('@one', '@other'),
        json: (text) => text.replaceAll('@one', '@other'),
        raw: (text) => text,
      },
      store.services.clock().toISOString(),
    )
    await undo(store, batch)
    return { code: 'undone', revision: 2, reason: fault('detection.undone', { batch }) }
  },
  withdrawn: async (store) => {
    await take(store, ndjson(secret))
    await store.services.detections.withdraw('a', { by: 'a test', reason: 'by mistake' }, store.services.clock())
    return { code: 'withdrawn', revision: 2, reason: 'by mistake' }
  },
  'a candidate': async ({ services }) => {
    const read = readDetection(secret)
    if ('refusal' in read) throw new FaultError(read.refusal)
    const strength = { evidence: 90, threshold: 60, pushes: 3, isSourceKnown: true }
    await services.candidates.save({ detection: read.detection, members: ['a'], strength }, services.clock())
    return { code: 'candidate', revision: 0, reason: '' }
  },
  'not stored': async () => ({ code: 'unknown', revision: 0, reason: '' }),
}

describe.each(Object.entries(ways))('a detection that is %s', (_what, prepare) => {
  const prepared = async () => {
    const store = await stores.open()
    return { store, ...(await prepare(store)) }
  }
  const isUnchanged = async (store: Store) => {
    expect(await store.services.detections.latest('a')).toBeUndefined()
    const question = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' }
    expect(JSON.stringify(await factsOf(store, question))).not.toContain('zqsecret')
  }

  it('is not corrected by a command', async () => {
    const { store, code, reason } = await prepared()
    const why = { code, path: 'id', values: { id: 'a', ...(reason !== '' && { reason }) } }
    await expect(correct(store)).rejects.toMatchObject({ fault: why })
    await expect(correct(store, { marking: 'CLEAR', territories: 'NC' })).rejects.toMatchObject({ fault: why })
    await isUnchanged(store)
  })

  it('gets no reply and no place', async () => {
    const { store, code, reason } = await prepared()
    const reply = { by: 'BIG', text: { en: 'no' }, date: '2024-06-01', source: { title: { en: 'Site' } } }
    await expect(addReply({ ...asked, reply }, store.services)).rejects.toMatchObject({ fault: { code } })
    const places = [{ code: 'NC', method: 'analyst', by: 'Ana Martin' } as const]
    await expect(
      store.services.detections.assignTerritories('a', places, { by: 'a test' }, store.services.clock()),
    ).rejects.toMatchObject({ fault: { code } })
    await expect(correct(store)).rejects.toThrow(reasonText(reason))
    await isUnchanged(store)
  })

  it('is not corrected by a row of a sheet, with the reason', async () => {
    const { store, reason } = await prepared()
    const { rejects, ...counts } = await take(store, 'id;Nb de messages\na;9\n')
    expect(counts).toMatchObject({ rejected: 1, accepted: 0, revised: 0, unplaced: 0, contested: 0 })
    expect(rejects[0]).toMatchObject({ path: 'id', message: expect.stringContaining(reasonText(reason)) })
    await isUnchanged(store)
  })

  it('is not corrected, placed or replied to in the reading room', async () => {
    const { store, revision } = await prepared()
    const { services, table } = store
    const desk = {
      services,
      trial: () => ({ ...trialStoresIn(table), clock: services.clock, run: 'trial' }),
      intake: async () => ({ pseudonyms: async () => pseudonym }),
    }
    const reply = { by: 'BIG', text: { en: 'no' }, date: '2024-06-01', source: { title: { en: 'Site' } } }
    const wanted: readonly EditRequest['edit'][] = [
      { does: 'correct', cells: { 'counts.posts': '9' } },
      { does: 'place', territories: ['NC'] },
      { does: 'reply', reply },
    ]
    for (const one of wanted) {
      const how = { id: 'a', revision, by: 'Ana Martin', reason: 'counted again', edit: one }
      expect(
        await editDetection(how, everything, desk as unknown as Parameters<typeof editDetection>[2]),
      ).toHaveProperty('fault')
    }
    await isUnchanged(store)
  })
})

it('refuses a waiting correction of an undone detection', async () => {
  const store = await stores.open()
  const { batch } = await take(store, ndjson(secret))
  expect(await correct(store, { marking: 'GREEN' })).toMatchObject({ outcome: 'contested' })
  await undo(store, batch)
  const decided = await decideAll({ ids: ['a'], by: 'Bea Roy', as: 'revision' }, store.services)
  expect(decided).toMatchObject({ settled: [], failed: [{ id: 'a', message: expect.stringContaining(batch) }] })
  expect(await store.services.detections.latest('a')).toBeUndefined()
})

it('fills no open field of a row from an undone detection', async () => {
  const store = await stores.open()
  const { batch } = await take(store, ndjson({ ...secret, detector: { name: byHandName, byHand: true } }))
  expect(await take(store, 'id;Titre;Date;TLP\na;Zq;15/05/2024;GREEN\n')).toMatchObject({ contested: 1 })
  await undo(store, batch)
  const decided = await decideAll({ ids: ['a'], by: 'Bea Roy', as: 'revision' }, store.services)
  expect(decided).toMatchObject({ settled: [], failed: [{ id: 'a' }] })
})

it('stores a new record under an undone id without the old content', async () => {
  const store = await stores.open()
  const { batch } = await take(store, ndjson(secret))
  await undo(store, batch)
  await store.take(input({ id: 'a', title: { en: 'Another' }, marking: 'TLP:RED' }))
  expect(await store.services.detections.latest('a')).toMatchObject({ title: { en: 'Another' }, counts: {} })
})
