/** What a check tells of rows that share an id. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { once, readRecords } from '../../../lambdas/intake/formats.ts'
import { checkList } from '../../../lambdas/usecases/ingest/check-detections.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { openStores, type Stores } from '../../oracle/product.ts'

let stores: Stores
beforeAll(async () => {
  stores = await openStores()
})
afterAll(() => stores.close())

const sender = { name: 'this machine', byOperator: true } as const

const opened = async () => {
  const { services } = await stores.open()
  const check = async (...rows: readonly string[]) => {
    const { records, onOutcome } = checkList(services.clock())
    const file = Buffer.from(`Identifiant;Date;Territoire;Titre;Nb de messages\n${rows.join('\n')}\n`)
    const read = readRecords(once(file), { file: 'veille.csv', format: 'csv' })
    await ingestDetections(read, 'veille.csv', services, { sender, onOutcome })
    return records(services.detections)
  }
  return { check }
}

it('shows each row’s own words, and says where a row revises another of its file', async () => {
  const { check } = await opened()
  const records = await check('R1;15/05/2024;NC;Une salve;10', 'R1;15/05/2024;NC;Une photo;20')
  expect(records).toMatchObject([
    { line: 2, outcome: 'accepted', detection: { title: 'Une salve', counts: { posts: { value: 10 } } } },
    { line: 3, outcome: 'revised', detection: { title: 'Une photo', counts: { posts: { value: 20 } } } },
  ])
  const look = 'the same id as line 2, with other content: it is taken as its revision'
  expect(records.map(({ doubts }) => doubts.includes(look))).toEqual([false, true])
  expect((await check('R1;15/05/2024;NC;Une photo;20'))[0]?.doubts).not.toContain(look)
})
