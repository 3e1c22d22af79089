/** A reject is open until its record is stored, or an analyst drops it. */
import { expect, it } from 'vitest'
import { once, readRecords } from '../../../lambdas/intake/formats.ts'
import { ingestDetections, type Sender } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { undoBatch } from '../../../lambdas/usecases/ingest/undo-batch.ts'
import { type Store, storesOfFile } from '../../oracle/product.ts'
import { ndjson } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'

const stores = storesOfFile()

const analyst: Sender = { name: 'an analyst', byOperator: true }

const opened = async () => {
  const { services }: Store = await stores.open()
  const take = (text: string, file = 'veille.csv', sender = analyst, observed?: { from: string; to: string }) =>
    ingestDetections(
      readRecords(once(Buffer.from(text)), {
        file,
        format: 'auto',
        ...(observed && { observed: { ...observed, precision: 'day' } }),
      }),
      file,
      services,
      { sender },
    )
  const open = () => Array.fromAsync(services.rejects.open(), ({ raw, rejectId }) => ({ raw, rejectId }))
  return { services, take, open }
}

const sheet = (...rows: readonly string[]) => ['Titre;Date;Territoire', ...rows, ''].join('\n')

it('closes where its id is stored, by any file or its own', async () => {
  const { services, take, open } = await opened()
  await take(ndjson({ ...input({ id: 'a' }), kind: 'none' }, { ...input({ id: 'b' }), kind: 'none' }), 'one')
  expect(await open()).toHaveLength(2)
  const { batch } = await take(ndjson(input({ id: 'a' }), input({ id: 'c' })), 'two')
  expect(await open()).toHaveLength(1)
  expect(await undoBatch(batch, 'Ana Martin', services)).toMatchObject({ reopened: 1, withdrawn: 2 })
  expect(await open()).toHaveLength(2)
  await take(ndjson(input({ id: 'a' }), input({ id: 'c' })), 'two')
  expect(await open()).toHaveLength(1)
  await take(ndjson({ ...input({ id: 'd' }), kind: 'none' }, input({ id: 'd' }), input({ id: 'b' })), 'three')
  expect(await open()).toEqual([])
  await take(ndjson(input({ id: 'e' }), { ...input({ id: 'e' }), kind: 'none' }), 'four')
  expect(await open()).toHaveLength(1)
})

it('stays closed while its record is stored, whatever is undone', async () => {
  const { services, take, open } = await opened()
  await take(ndjson({ ...input({ id: 'a' }), kind: 'none' }, { ...input({ id: 'b' }), kind: 'none' }), 'one')
  const { batch } = await take(ndjson(input({ id: 'a' }), input({ id: 'b' })), 'two')
  await take(ndjson(input({ id: 'a', counts: { posts: 9 } })), 'three')
  const undone = await undoBatch(batch, 'Ana Martin', services)
  expect(undone).toMatchObject({ did: 'undone in part', left: ['a'], withdrawn: 1, reopened: 1 })
  expect((await open()).map(({ raw }) => raw)).toEqual([expect.stringContaining('"b"')])
})

it('closes where its row was corrected in place, or is understood now', async () => {
  const { take, open } = await opened()
  const bad = ['Une salve de copies;32/05/2024;NC', 'Une autre salve;;NC']
  await take(sheet(...bad))
  expect(await open()).toHaveLength(2)
  await take(sheet('Une salve de copies;31/05/2024;NC', bad[1] as string))
  expect((await open()).map(({ raw }) => raw)).toEqual([bad[1]])
  await take(sheet(bad[1] as string), 'veille.csv', analyst, { from: '2024-05-15', to: '2024-05-15' })
  expect(await open()).toEqual([])
})

it('closes where its line was cut, and comes whole', async () => {
  const { take, open } = await opened()
  const whole = ndjson(
    input({ id: 'a' }),
    input({ id: 'b', title: { fr: 'Un titre bien plus long que ce qui en restait' } }),
  )
  await take(whole.slice(0, whole.indexOf('"b"') + 5), 'cut.ndjson')
  expect(await open()).toHaveLength(1)
  await take(whole, 'cut.ndjson')
  expect(await open()).toEqual([])
})

it('closes among other records of its line', async () => {
  const { take, open } = await opened()
  const records = ['a', 'b', 'c'].map((id) => input({ id }))
  await take(JSON.stringify([...records.slice(0, 2), { ...records[2], kind: 'none' }]), 'one.json')
  expect(await open()).toHaveLength(1)
  await take(JSON.stringify(records), 'one.json')
  expect(await open()).toEqual([])
})

it('stays open for another row in its line, and for the same line of another file', async () => {
  const { take, open } = await opened()
  await take(sheet('Une salve de copies;32/05/2024;NC'))
  await take(sheet('Tout autre chose cette semaine;31/05/2024;NC'))
  await take(sheet('Une salve de copies;31/05/2024;MQ'), 'other.csv')
  expect(await open()).toHaveLength(1)
})

it('stays open where a sender of another name uses its id', async () => {
  const { take, open } = await opened()
  const [detector, other] = [{ name: 'a program' }, { name: 'another program' }]
  await take(ndjson({ ...input({ id: 'a' }), kind: 'none' }), 'api', detector)
  await take(ndjson(input({ id: 'a', detector: 'Other' })), 'api', other)
  expect(await open()).toHaveLength(1)
  await take(ndjson(input({ id: 'a', detector: 'Other' })), 'api', detector)
  expect(await open()).toEqual([])
})

it('is dropped once, with a reason, and not counted after that', async () => {
  const { services, take, open } = await opened()
  await take(ndjson({ ...input({ id: 'a' }), kind: 'none' }))
  const [{ rejectId } = { rejectId: '' }] = await open()
  const then = services.clock()
  const later = new Date(then.getTime() + 1_000)
  expect(await services.rejects.drop(rejectId, { by: 'a test', reason: 'no detection' }, later)).toBe(true)
  expect(await services.rejects.drop(rejectId, { by: 'a test', reason: 'again' }, later)).toBe(false)
  expect(await services.rejects.get(rejectId)).toMatchObject({ closedBy: 'drop', reason: 'no detection' })
  expect(await open()).toEqual([])
  const [from, to] = [then.toISOString(), new Date(then.getTime() + 60_000).toISOString()]
  expect(await services.rejects.count(from, to, then.toISOString())).toBe(1)
  expect(await services.rejects.count(from, to, later.toISOString())).toBe(0)
  // The same record again is the same reject.
  await take(ndjson({ ...input({ id: 'a' }), kind: 'none' }))
  expect(await open()).toEqual([])
})
