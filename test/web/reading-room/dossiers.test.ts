/** Dossiers in the reading room and for programs: who may know that there are any, and the way from a report to one. */
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outboxMailing } from '../../../bin/cli/deliver.ts'
import type { Caller } from '../../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import { deliverReport } from '../../../lambdas/usecases/delivery/deliver-report.ts'
import { dossierAsked } from '../../../lambdas/usecases/reports/ask-dossier.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { withoutRuns } from '../../support/date-runs.ts'
import { input } from '../../support/detections.ts'
import { feedIn } from '../../support/feeds.ts'
import { recipient } from '../../support/recipients.ts'
import { formToken, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

const big = 'UN-notorious BIG'
const [key, secret] = [campaignCode(big), 'Opération Secrète']
const all = territories.map(({ code }) => code)

let room: Room
const make = (campaign: string, cap: Marking = 'TLP:AMBER') => {
  const { services } = room.opened
  return generateReport(dossierAsked(campaign, { until: parsePeriod('2024-W20'), cap }, services), services)
}

beforeAll(async () => {
  room = await openRoom()
  const { services } = room.opened
  await ingestInto(room.opened, [
    input({ id: 'secret', campaign: secret, marking: 'TLP:AMBER', territories: ['PF'] }),
    input({ id: 'green', campaign: 'Opération Verte', marking: 'TLP:GREEN', counts: { posts: 42 } }),
  ])
  await generateReport({ territory: 'ALL', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' }, services)
  await make(big)
  await make(secret)
})
afterAll(() => room.close())

const page = async (path: string) => {
  const answer = await room.get(path, { 'accept-language': 'en' })
  return { status: answer.status, text: withoutRuns(await answer.text()) }
}
const reader = (said: Partial<Caller>): Partial<Caller> => ({
  territories: all,
  clearance: 'TLP:AMBER',
  scopes: ['reports:read'],
  ...said,
})

describe('a dossier in the room', () => {
  test('is listed by its campaign’s name, and leads to its versions and files', async () => {
    const { text } = await page('/room/archive')
    expect(text.replaceAll('\u00a0', ' ')).toContain(
      `<a href="/room/${key}/2024-W20/amber#v1"><bdi>${big}</bdi><small>Dossier until 19 May 2024</small></a>`,
    )
    const versions = await page(`/room/${key}/2024-W20/amber`)
    expect(versions.status).toBe(200)
    expect(versions.text).toContain(`<h1><b><bdi>${big}</bdi> </b>campaign dossier</h1>`)
    const file = await room.get(`/room/${key}/2024-W20/amber/1/files/report.en.html`)
    expect(file.status).toBe(302)
    const own = await page(`/room/archive?territory=${key}`)
    expect(own.text.match(/<th scope="row"/g)).toHaveLength(1)
  })

  test('has its campaign’s name in the heading and the choice of its own list', async () => {
    const { text } = await page(`/room/archive?territory=${key}`)
    expect(text).toContain(`<h2 id="list">Reports: ${big}</h2>`)
    expect(text).toContain(`<option value="${key}" selected>${big}</option>`)
    expect(text).not.toContain('Campaign dossier')
  })

  test('has its campaign’s name in the feed, and tells of no week', async () => {
    const { entries } = feedIn((await page('/room/feed.atom')).text)
    const titles = entries
      .filter(({ id }) => id.includes('campaign-'))
      .map(({ title }) => title.replaceAll('\u00a0', ' '))
    expect(titles.toSorted()).toEqual([
      `[TLP:AMBER] ${secret} · Dossier until 19 May 2024 · version 1`,
      `[TLP:AMBER] ${big} · Dossier until 19 May 2024 · version 1`,
    ])
    expect(entries.find(({ id }) => id.includes(key))?.summary).not.toMatch(/[Ww]eek/)
  })

  test('has its campaign’s name where a detection says what shows it', async () => {
    const { text } = await page('/room/detections/secret')
    expect(text.replaceAll('\u00a0', ' ')).toContain(
      `<a href="/room/${campaignCode(secret)}/2024-W20/amber#v1"><bdi>${secret}, Dossier until 19 May 2024</bdi> · Version 1</a>`,
    )
    expect(text).not.toContain('Campaign dossier')
  })

  test('is reached from a report that tells of its campaign', async () => {
    const link = `<a href="/room/archive?territory&#x3D;${key}"><bdi>${big}</bdi></a>`
    expect((await page('/room/ALL/2024-W20/amber')).text).toContain(link)
    expect((await page('/room/NC/2024-W20/amber')).text).toContain(link)
    const one = await room.as(reader({ territories: ['NC'] }), () => page('/room/NC/2024-W20/amber'))
    expect([one.status, one.text.includes(key)]).toEqual([200, false])
  })

  test.each([
    ['one territory', reader({ territories: ['PF'] })],
    ['a clearance below', reader({ clearance: 'TLP:GREEN' })],
  ])('is unknown to who has %s: no name, no key, no file, as of one that never was', async (_, who) => {
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

  test('is asked for again by its key', async () => {
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
  })
})

describe('the form', () => {
  test('asks for a group that it offers', async () => {
    const form = { territory: 'ALL', period: '2024-W20', cap: 'TLP:AMBER', token: formToken, key: '' }
    expect((await room.post('/room/reports', form)).status).toBe(303)
    room.queue.splice(0)
  })
})

describe('a dossier for programs', () => {
  const json = async (path: string) => (await (await room.get(path)).json()) as Record<string, never>

  test('is listed with its name, and asked for by its key', async () => {
    const listed = await json(`/reports?territory=${key}`)
    expect(listed).toMatchObject({
      reports: expect.arrayContaining([expect.objectContaining({ campaign: big, territory: key })]),
    })
    expect(await json(`/reports/${key}/2024-W20/amber/latest`)).toMatchObject({
      manifest: { report: `${key}/2024-W20/amber/v0001` },
    })
  })

  test('of a campaign that is unknown or above the cap fails with the same words', async () => {
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

describe('a dossier by mail', () => {
  const mailOf = async (campaign: string, cap: Marking) => {
    const { services, context } = room.opened
    await services.recipients.replace(recipient('all@example.org', { clearance: cap, territories: all }))
    const { report } = await make(campaign, cap)
    const { territory, version } = report
    const message = { territory: territory.code, period: '2024-W20', cap, version, to: 'everybody' } as const
    const summary = await deliverReport(message, services, outboxMailing(context))
    const names = (await readdir(room.outbox)).filter((name) => name.includes(territory.code))
    const mails = await Promise.all(names.map((name) => readFile(join(room.outbox, name), 'utf8')))
    return { summary, mails }
  }

  test('above GREEN names nothing, and goes to who reads every territory', async () => {
    const { summary, mails } = await mailOf(secret, 'TLP:AMBER')
    expect(summary.SENT).toBe(1)
    expect(mails).toHaveLength(1)
    const decoded = mails.join().replaceAll('=\r\n', '').replaceAll('=C3=A8', 'è')
    expect(decoded).not.toMatch(/Secr|Op=C3=A9ration/)
  })

  test('up to GREEN tells what is known', async () => {
    const { mails } = await mailOf('Opération Verte', 'TLP:GREEN')
    expect(mails.join()).toMatch(/42/)
  })
})
