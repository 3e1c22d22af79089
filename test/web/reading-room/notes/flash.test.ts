/**
 * Flash notes in the reading room: what waits for approval, until when one holds, that it has expired, and who may know
 * that there are any.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../../../../lambdas/domain/access/caller.ts'
import { territories } from '../../../../lambdas/domain/core/place/territory.ts'
import { approveFlash } from '../../../../lambdas/usecases/reports/flash/approve-flash.ts'
import { flashAsked } from '../../../../lambdas/usecases/reports/flash/ask-flash.ts'
import { generateReport, type MadeReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { input } from '../../../support/detections.ts'
import { feedIn } from '../../../support/feeds.ts'
import { openRoom, type Room } from '../../../support/room.ts'
import { ingestInto } from '../../../support/services.ts'

const all = territories.map(({ code }) => code)

let room: Room
let made: MadeReport
let path: string

beforeAll(async () => {
  room = await openRoom()
  const { services } = room.opened
  await ingestInto(room.opened, [
    input({ id: 'two', title: { en: 'zqTitle' }, territories: ['NC', 'PF'], marking: 'TLP:AMBER' }),
  ])
  made = await generateReport(await flashAsked(['two'], { cap: 'TLP:AMBER' }, services), services)
  path = `/room/${made.report.territory.code}/2024-W20/amber`
})
afterAll(() => room.close())

const page = async (asked: string) => {
  const answer = await room.get(asked, { 'accept-language': 'en' })
  return { status: answer.status, text: (await answer.text()).replaceAll(/[\u00a0\u202f]/g, ' ') }
}
const reader = (said: Partial<Caller>): Partial<Caller> => ({
  territories: all,
  clearance: 'TLP:AMBER',
  scopes: ['reports:read', 'reports:create'],
  ...said,
})

describe('a flash note in the room', () => {
  test('waits among what waits, leads to its list, and says what it waits for', async () => {
    const week = await page('/room')
    expect(week.text).toContain('A flash note to approve')
    expect(week.text).toContain(`href="${path}#v1"`)
    const inbox = await page('/room/inbox')
    expect(inbox.text).toContain('One flash note to approve')
    expect(inbox.text).not.toContain('zqTitle')
    const list = await page(`/room/archive?territory=${made.report.territory.code}`)
    expect(list.text).toContain('<bdi>Flash note, New Caledonia and French Polynesia</bdi>')
    expect(list.text).toContain('to approve')
    const { text } = await page(path)
    expect(text).toContain('<h1><b><bdi>Flash note, New Caledonia and French Polynesia</bdi> </b></h1>')
    expect(text).toContain('waits for approval')
    expect(text).toContain('holds until')
    expect((await room.get(`${path}/1/files/report.en.html`)).status).toBe(302)
  })

  test.each([
    ['one of its territories', reader({ territories: ['NC'] })],
    ['a clearance below', reader({ clearance: 'TLP:GREEN' })],
  ])('is unknown to who has %s, in every place', async (_, who) => {
    await room.as(who, async () => {
      for (const asked of ['/room', '/room/archive', '/room/feed.atom', '/room/inbox']) {
        expect((await page(asked)).text).not.toMatch(/flash-nc-pf-|[Ff]lash note|zqTitle/)
      }
      const list = async (code: string) =>
        (await page(`/room/archive?territory=${code}`)).text.replaceAll(code, '').replaceAll(/value="[^"]{20,}"/g, '')
      expect(await list(made.report.territory.code)).toBe(await list('flash-nc-pf-0123456789ab'))
      const never = await page('/room/flash-nc-pf-0123456789ab/2024-W20/amber')
      expect((await page(path)).status).toBe(never.status)
      expect((await room.get(`${path}/1/files/report.en.html`)).status).toBe(404)
    })
  })

  test('is read by who reads both its territories, and by name in the feed', async () => {
    await room.as(reader({ territories: ['NC', 'PF'] }), async () => {
      expect((await page(path)).status).toBe(200)
      const { entries } = feedIn((await page('/room/feed.atom')).text)
      expect(entries.map(({ title }) => title).join()).toContain('Flash note, New Caledonia and French Polynesia')
    })
  })

  test('says who approved it, waits no more, and says that it has expired', async () => {
    const { opened } = room
    await approveFlash({ key: made.report.territory.code, by: 'C. <Morel>' }, opened.services)
    expect((await page(path)).text).toContain('approved by C. &lt;Morel&gt;')
    expect((await page('/room')).text).not.toContain('A flash note to approve')
    opened.at('2024-06-20T00:00:00.000Z')
    expect((await page(path)).text).toContain('expired since')
    expect((await page(`/room/archive?territory=${made.report.territory.code}`)).text).toContain('expired')
  })
})
