/** Times in the room: each names its town, and a page has one, the reader's. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openRoom, type Room } from '../../support/room.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
})
afterAll(() => room.close())

/** Of each time of a day on the page what stands behind it. */
const zonesIn = (text: string): ReadonlySet<string> =>
  new Set(
    [...text.matchAll(/\b\d{4}, \d{2}:\d{2}([^<·]*)/g)].map(([, zone = '']) => zone.trim().replaceAll('\u00a0', ' ')),
  )

test.each(['/room/detections/late-1', '/room/archive', '/room/mail'])('%s', async (path) => {
  const paris = await room.page(path, 'en')
  expect([paris.status, [...zonesIn(paris.text)]]).toEqual([200, ['(Paris time)']])
  const chosen = await room.page(`${path}?zone=Pacific/Noumea`, 'en')
  expect([...zonesIn(chosen.text)]).toEqual(['(Nouméa time)'])
  expect(paris.text).not.toContain(' UTC')
})
