/**
 * A week that was written as a month, or by its French letter, is suggested wherever the room takes a period, and never
 * taken.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePeriod, periodMeant } from '../../../lambdas/domain/core/time/period.ts'
import { input } from '../../support/detections.ts'
import { formToken, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
  await ingestInto(room.opened, [input({ id: 'meant', territories: ['NC'] })])
})
afterAll(() => room.close())

test.each([
  '/room/notes?territory=NC&period=2025-47',
  '/room/detections/meant?territory=NC&period=2025-47',
  '/room/archive?period=2025-47',
  '/room?week=2025-47',
  '/room/coverage?week=2025-47',
  '/room/recipients?territory=NC&week=2025-47',
  '/room/archive?period=2025-S47',
  '/room?week=2025-s47',
])('%s suggests it', async (path) => {
  const { status, text } = await room.page(path)
  expect([status, text]).toEqual([422, expect.stringContaining('Did you mean the week 2025-W47?')])
  expect((await room.page(path, 'fr')).text).toContain('Vouliez-vous dire la semaine 2025-W47\u202f?')
})

test('the form that asks for a report suggests it, and asks for none', async () => {
  const form = { territory: 'NC', period: '2025-47', cap: 'TLP:AMBER' }
  const { status, text } = await room.send('/room/reports', form)
  expect([status, text]).toEqual([422, expect.stringContaining('Did you mean the week 2025-W47?')])
  expect(room.queue).toEqual([])
})

test('the form that gives the date of a whole file suggests it, and takes none', async () => {
  const body = new FormData()
  for (const [name, value] of Object.entries({ token: formToken, territory: '', observed: '2025-S47' }))
    body.set(name, value)
  body.set('file', new File([JSON.stringify(input({ id: 'stated' }))], 'stated.json'))
  const headers = { 'sec-fetch-site': 'same-origin', 'accept-language': 'en' }
  const answer = await room.app.request('http://127.0.0.1/room/add', { method: 'POST', headers, body })
  expect([answer.status, await answer.text()]).toEqual([
    422,
    expect.stringContaining('Did you mean the week 2025-W47?'),
  ])
})

test('what is no week of its year is not suggested', () => {
  expect(['2025-47', '2020-53', '2025-53', '2025-12', '2025-99', 'x'].map(periodMeant)).toEqual([
    ...['2025-W47', '2020-W53'],
    ...[undefined, undefined, undefined, undefined],
  ])
  expect(['2025-S47', ' 2025-s05 ', '2025S7', '2025 S47', '2025-S53', '2025-S0', '2025-SX'].map(periodMeant)).toEqual([
    ...['2025-W47', '2025-W05', '2025-W07', '2025-W47'],
    ...[undefined, undefined, undefined],
  ])
})

test('weeks and quarters in other words are suggested where their year is said', () => {
  const weeks = [
    'S47 2026',
    'semaine 47 2026',
    'Semaine 47/2026',
    'W47 2026',
    '2026 W47',
    '2026-semaine 47',
    'week 47 2026',
  ]
  expect(weeks.map(periodMeant)).toEqual(weeks.map(() => '2026-W47'))
  expect(['2026-T4', 'T4 2026', 'trimestre 4 2026', '2026-T5', 'S54 2026', 'mai 2026'].map(periodMeant)).toEqual([
    ...['2026-Q4', '2026-Q4', '2026-Q4'],
    ...[undefined, undefined, undefined],
  ])
  expect(() => parsePeriod('2026-T4')).toThrow('do you mean the quarter 2026-Q4?')
  expect(() => parsePeriod('semaine 47 2026')).toThrow('do you mean the week 2026-W47?')
  expect(() => parsePeriod('S47')).toThrow('is no period without its year')
})
