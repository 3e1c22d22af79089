/** Where the room takes a period, it suggests the week, quarter or month that was meant, and never takes it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePeriod, periodMeant } from '../../../lambdas/domain/core/time/period.ts'
import { formToken, openRoom, type Room } from '../../support/room.ts'

describe('the room', () => {
  const suggestion = 'Did you mean the week 2025-W47?'
  let room: Room
  beforeAll(async () => {
    room = await openRoom()
  })
  afterAll(() => room.close())

  test.each([
    '/room/notes?territory=NC&period=2025-47',
    '/room/archive?period=2025-S47',
    '/room?week=2025-47',
    '/room/coverage?week=2025-47',
    '/room/recipients?territory=NC&week=2025-47',
  ])('suggests it at %s', async (path) => {
    const { status, text } = await room.page(path)
    expect([status, text]).toEqual([422, expect.stringContaining(suggestion)])
  })

  test('suggests it in the form that requests a report, and requests none', async () => {
    const form = { territory: 'NC', period: '2025-47', cap: 'TLP:AMBER' }
    const { status, text } = await room.send('/room/reports', form)
    expect([status, text]).toEqual([422, expect.stringContaining(suggestion)])
    expect(room.queue).toEqual([])
  })

  test('suggests it for the date of a whole file', async () => {
    const body = new FormData()
    for (const [name, value] of Object.entries({ token: formToken, territory: '', observed: '2025-S47' }))
      body.set(name, value)
    body.set('file', new File(['{}'], 'stated.json'))
    const headers = { 'sec-fetch-site': 'same-origin', 'accept-language': 'en' }
    const answer = await room.app.request('http://127.0.0.1/room/add', { method: 'POST', headers, body })
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining(suggestion)])
  })
})

test.each([
  ['2025-W47', ['2025-47', '2025-S47', '2025 S47', 'S47 2025', 'semaine 47 2025', 'week 47/2025', '2025 W47']],
  ['2025-W07', ['2025S7', ' 2025-s07 ']],
  ['2020-W53', ['2020-53']],
  ['2026-Q4', ['2026-T4', 'T4 2026', 'trimestre 4 2026']],
  [undefined, ['2025-53', '2025-12', '2025-99', '2025-S53', '2025-S0', '2025-SX', '2026-T5', 'S54 2026', 'mai 2026']],
])('%s is meant by %j', (period, texts) => {
  expect(texts.map(periodMeant)).toEqual(texts.map(() => period))
})

test('an error names the period that was meant, or the missing year', () => {
  expect(() => parsePeriod('2026-T4')).toThrow('do you mean the quarter 2026-Q4?')
  expect(() => parsePeriod('semaine 47 2026')).toThrow('do you mean the week 2026-W47?')
  expect(() => parsePeriod('S47')).toThrow('is no period without its year')
})
