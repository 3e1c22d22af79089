/** Campaign dossiers in the reading room and for programs: their names, the links to them, and who may know them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../../../lambdas/domain/access/caller.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import { dossierAsked } from '../../../lambdas/usecases/reports/ask-dossier.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { input } from '../../support/detections.ts'
import { feedIn } from '../../support/feeds.ts'
import { formToken, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

const big = 'UN-notorious BIG'
const [key, secret] = [campaignCode(big), 'Opération Secrète']
const until = parsePeriod('2024-W20')

let room: Room
beforeAll(async () => {
  room = await openRoom()
  const { services } = room.opened
  await ingestInto(room.opened, [input({ id: 'secret', campaign: secret, marking: 'TLP:AMBER', territories: ['PF'] })])
  await generateReport({ territory: 'ALL', period: until, cap: 'TLP:AMBER' }, services)
  for (const campaign of [big, secret])
    await generateReport(dossierAsked(campaign, { until, cap: 'TLP:AMBER' }, services), services)
})
afterAll(() => room.close())

const page = async (path: string) => {
  const { status, text } = await room.page(path)
  return { status, text: text.replaceAll('\u00a0', ' ') }
}
const reader = (changes: Partial<Caller>): Partial<Caller> => ({
  clearance: 'TLP:AMBER',
  scopes: ['reports:read'],
  ...changes,
})

describe('a dossier in the room', () => {
  test('is listed by the name of its campaign, with links to its versions and files', async () => {
    const title = 'Dossier until 19 May 2024'
    expect((await page('/room/archive')).text).toContain(
      `<a href="/room/${key}/2024-W20/amber#v1"><bdi>${big}</bdi><small>${title}</small></a>`,
    )
    const versions = await page(`/room/${key}/2024-W20/amber`)
    expect(versions.status).toBe(200)
    expect(versions.text).toContain(`<h1><b><bdi>${big}</bdi> </b>campaign dossier</h1>`)
    expect((await room.get(`/room/${key}/2024-W20/amber/1/files/report.en.html`)).status).toBe(302)
    const own = (await page(`/room/archive?territory=${key}`)).text
    expect(own.match(/<th scope="row"/g)).toHaveLength(1)
    expect(own).toContain(`<h2 id="list">Reports: ${big}</h2>`)
    expect(own).toContain(`<option value="${key}" selected>${big}</option>`)
    const link = `/room/${campaignCode(secret)}/2024-W20/amber#v1`
    const detection = (await page('/room/detections/secret')).text
    expect(detection).toContain(`<a href="${link}"><bdi>${secret}, ${title}</bdi> · Version 1</a>`)
    for (const text of [own, detection]) expect(text).not.toContain('Campaign dossier')
    const { entries } = feedIn((await page('/room/feed.atom')).text)
    const dossiers = entries.filter(({ id }) => id.includes('campaign-'))
    expect(dossiers.map((entry) => entry.title).toSorted()).toEqual([
      `[TLP:AMBER] ${secret} · ${title} · version 1`,
      `[TLP:AMBER] ${big} · ${title} · version 1`,
    ])
    expect(entries.find(({ id }) => id.includes(key))?.summary).not.toMatch(/[Ww]eek/)
  })

  test('is linked from the reports on its campaign, to who may read it', async () => {
    const link = `<a href="/room/archive?territory&#x3D;${key}"><bdi>${big}</bdi></a>`
    expect((await page('/room/ALL/2024-W20/amber')).text).toContain(link)
    expect((await page('/room/NC/2024-W20/amber')).text).toContain(link)
    const one = await room.as(reader({ territories: ['NC'] }), () => page('/room/NC/2024-W20/amber'))
    expect([one.status, one.text.includes(key)]).toEqual([200, false])
  })

  test.each([
    ['one territory', reader({ territories: ['PF'] })],
    ['a clearance below', reader({ clearance: 'TLP:GREEN' })],
  ])('is like an unknown one to a reader with %s', async (_, who) => {
    await room.as(who, async () => {
      const code = campaignCode(secret)
      expect((await page('/room/archive')).text).not.toMatch(new RegExp(`Secrète|${code}`))
      for (const path of [`/room/${code}/2024-W20/amber`, `/room/${code}/2024-W20/amber/1/files/report.json`]) {
        const [known, never] = [await page(path), await page(path.replace(code, 'campaign-000000000000'))]
        expect([known.status, known.text.replaceAll(code, '')]).toEqual([
          404,
          never.text.replaceAll('campaign-000000000000', ''),
        ])
      }
    })
  })

  test('can be requested again by its key', async () => {
    const form = { territory: key, period: '2024-W19', cap: 'TLP:AMBER', token: formToken, key: '' }
    expect((await page(`/room/reports?territory=${key}`)).text).toContain(`<option value="${key}" selected>`)
    const answer = await room.post('/room/reports', form)
    expect(answer.status).toBe(303)
    await room.work()
    const job = await page(answer.headers.get('location') ?? '')
    expect(job.text).toContain(`/room/${key}/2024-W19/amber`)
    const one = await room.as(reader({ territories: ['NC'], scopes: ['reports:read', 'reports:create'] }), () =>
      room.post('/room/reports', form),
    )
    expect(one.status).toBe(403)
    // The form also offers groups.
    expect((await room.post('/room/reports', { ...form, territory: 'ALL' })).status).toBe(303)
    room.queue.splice(0)
  })
})

describe('a dossier for programs', () => {
  const json = async (path: string) => (await (await room.get(path)).json()) as Record<string, never>

  test('is listed with its name, and read by its key', async () => {
    const listed = await json(`/reports?territory=${key}`)
    expect(listed).toMatchObject({
      reports: expect.arrayContaining([expect.objectContaining({ campaign: big, territory: key })]),
    })
    expect(await json(`/reports/${key}/2024-W20/amber/latest`)).toMatchObject({
      manifest: { report: `${key}/2024-W20/amber/v0001` },
    })
  })

  test('of a campaign that is unknown or above the cap fails with one reason', async () => {
    const ask = async (territory: string) => {
      const asked = await room.app.request('http://127.0.0.1/reports', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ territory, period: '2024-W20', cap: 'TLP:GREEN' }),
      })
      expect(asked.status).toBe(202)
      await room.work()
      const { state, reason } = await json(asked.headers.get('location') ?? '')
      return { state, reason }
    }
    const hidden = await ask(campaignCode(secret))
    expect(hidden).toEqual(await ask('campaign-000000000000'))
    expect(hidden).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('no campaign of this name is known'),
    })
  })
})
