/** French pages are French: no English word of the code shows in them, apart from what users wrote. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readNdjson } from '../../../lambdas/intake/json/ndjson.ts'
import { correctDetection } from '../../../lambdas/usecases/ingest/edit/correct-detection.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { undoBatch } from '../../../lambdas/usecases/ingest/undo-batch.ts'
import { ndjson } from '../../support/cli.ts'
import { withoutRuns } from '../../support/date-runs.ts'
import { input } from '../../support/detections.ts'
import { openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

let room: Room
let record: string
beforeAll(async () => {
  room = await openRoom()
  const { services } = room.opened
  const byHand = { name: 'by hand', byHand: true }
  const of = (id: string, more = {}) =>
    input({ id, detector: byHand, title: { fr: 'Un titre' }, marking: 'TLP:GREEN', territories: ['MQ'], ...more })
  await ingestInto(room.opened, [
    of('main-1', { observed: { from: '2024-05-15T13:30:00Z' }, platforms: ['X'], kind: 'other' }),
    of('main-2', { breakout: { category: 4 } }),
    of('main-3', { territories: [] }),
  ])
  await ingestInto(room.opened, [{ ...of('main-1', { counts: { posts: 9 } }), detector: 'Robot' }])
  room.opened.at('2024-05-22T00:00:00.000Z')
  const chunks = async function* () {
    yield Buffer.from(ndjson(of('by-program')))
  }
  const sender = { name: 'this machine', byOperator: true, by: 'Ana Martin', reason: 'recompté' }
  await ingestDetections(readNdjson(chunks(), { file: 'sent' }), { kind: 'program', name: 'this machine' }, services, {
    sender: { name: 'this machine', byOperator: true },
  })
  const asked = { id: 'main-2', cells: { campaign: 'Essai' }, by: 'Ana Martin', reason: 'recompté', sender }
  await correctDetection({ ...asked, pseudonym: (account: string) => account }, services)
  record = (await Array.fromAsync(services.detections.contested('main-1')))[0]?.sha256 ?? ''
})
afterAll(() => room.close())

/** The text as it is read: without what is marked as English, addresses and code. */
const readIn = (html: string): string =>
  html
    .replace(/<(style|script|code|select)\b[^]*?<\/\1>/g, ' ')
    .replace(/<(\w+)[^>]* lang="en"[^>]*>[^]*?<\/\1>/g, ' ')
    .replace(/<[^>]+>/g, ' ')

const english =
  /\b(?:by hand|this machine|api:|unnamed|unknown|not given|not assessed|at least|withdrawn|accepted|revised|rejected|undone|somebody|the id|batch|copy-paste|offline-event)\b/i

const text = async (path: string) => {
  const answer = await room.get(path, { 'accept-language': 'fr' })
  expect([path, answer.status]).toEqual([path, 200])
  return readIn(withoutRuns(await answer.text()))
}

describe('in French', () => {
  test.each([
    ...['/room', '/room/inbox', '/room/history', '/room/history?all=1', '/room/add', '/room/sources'],
    ...['/room/detections/main-1', '/room/detections/main-2', '/room/detections/main-3', '/room/detections/by-program'],
    ...['/room/detections/main-1/correct', '/room/detections/main-3/place', '/room/detections/main-1/withdraw'],
    ...['/room/recipients', '/room/schedules', '/room/plates', '/room/archive'],
    ...['/room/detections', '/room/detections?q=titre'],
  ])('%s has no English word of the code', async (path) => {
    expect(english.exec(await text(path))).toBe(null)
  })
  test('a waiting record and each batch have none either', async () => {
    const waiting = await text(`/room/detections/main-1/contested/${record}`)
    expect(english.exec(waiting)).toBe(null)
    expect(waiting).toContain('celui d’une saisie à la main')
    for (const { name } of await room.opened.services.batches.list()) {
      expect([name, english.exec(await text(`/room/batches/${name}`))]).toEqual([name, null])
    }
  })
})

test('a stored instant is followed by its zone', async () => {
  const page = await text('/room/detections/main-1')
  expect(page).toMatch(/15\s+mai\s+2024, 09\s+h\s+30, heure de\s+Fort-de-France\s+· X/)
})

test('an unknown hash names no waiting record', async () => {
  const answer = async (hash: string) => {
    const got = await room.get(`/room/detections/main-1/contested/${hash}`, { 'accept-language': 'fr' })
    return [got.status, readIn(await got.text())] as const
  }
  const [status, page] = await answer('abc')
  expect(status).toBe(404)
  expect(page).not.toMatch(/a décidé/)
  expect((await answer('0'.repeat(64)))[1]).toContain('Aucun enregistrement n’y attend')
})

test('a search by a domain is described as one', async () => {
  expect(await text('/room/detections?q=example.org')).toContain('Cite ce domaine, ou contient ses mots')
  expect(await text('/room/detections?q=titre')).toContain('Contient les mots')
})

test('an undone batch has no link to a search for its name', async () => {
  await ingestInto(room.opened, [input({ id: 'undone-1', territories: ['NC'] })])
  const [batch] = await room.opened.services.batches.list()
  const link = `q&#x3D;${batch?.name}`
  const shown = async () => (await room.page(`/room/batches/${batch?.name}`)).text
  expect(await shown()).toContain(link)
  await undoBatch(batch?.name ?? '', 'Ana Martin', room.opened.services)
  expect(await shown()).not.toContain(link)
})
