/** Schedules in the room: pausing and resuming with the effect first, and how other pages show a paused report. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Schedule, Turn } from '../../../../lambdas/domain/report/schedule.ts'
import { hostile, inRole, openRoom, type Room } from '../../../support/room.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
})
afterAll(() => room.close())
// A Wednesday noon in Paris: week 20 is over everywhere, and week 21 leaves from Sunday the 26th on.
let minutes = 0
beforeEach(() => {
  minutes += 1
  room.opened.at(new Date(Date.parse('2024-05-22T10:00:00.000Z') + minutes * 60_000).toISOString())
})

const spaced = (text: string): string => text.replaceAll('\u00a0', ' ')
const page = async (address: string, language = 'en') => {
  const { status, text } = await room.page(address, language)
  return { status, text: spaced(text) }
}
const post = async (address: string, form: Readonly<Record<string, string>>) => {
  const { text, ...answer } = await room.send(address, form)
  return { ...answer, text: spaced(text) }
}
const list = '/room/schedules'
const one = `${list}/NC/week`
const NC: Schedule = { subject: 'NC', cadence: 'week' }
const turns = async (schedule = NC) => (await room.opened.services.schedules.get(schedule)).turns
const revision = async (schedule = NC) => (await turns(schedule)).at(-1)?.at ?? ''
const set = async (schedule: Schedule, is: Turn['is'], changes: Partial<Turn> = {}) => {
  const { schedules, clock } = room.opened.services
  const turn = { is, at: clock().toISOString(), by: 'Claire', reason: 'closed', ...changes }
  expect(await schedules.add(await schedules.get(schedule), turn)).toBe(true)
}

test('a home without schedulers promises no report, and a stage does', async () => {
  const promised = 'come by themselves'
  const due = 'no report is made automatically. “vigie weekly” makes'
  const { text } = await page(list)
  expect(text).toContain('none comes by itself: “vigie weekly” makes')
  expect(text).not.toContain(promised)
  expect((await page('/room')).text).toContain(due)
  const stage = await openRoom({}, { signsIn: true })
  try {
    expect((await stage.page(list)).text).toContain(promised)
    expect((await stage.page('/room')).text).not.toContain(due)
  } finally {
    await stage.close()
  }
})

describe('pausing', () => {
  test('shows its effect, then is written once, with who, when and why', async () => {
    expect((await page(list)).text).toMatch(/36 reports have dates.*; none is paused/s)
    expect((await page(one)).text).not.toContain('value="do"')
    const seen = await post(one, { do: 'look', by: 'Ana', reason: hostile, until: '2024-06-02', revision: '' })
    expect(seen.status).toBe(200)
    expect(seen.text).toMatch(/paused to 2 June 2024/)
    // Weeks 21 to 24 leave on Mondays there; the pause ends on Sunday, so it skips the first alone.
    expect(seen.text).toMatch(/Week 21.*Week 22.*Week 23.*Week 24.*<b><bdi>Week 22.*Week 23.*Week 24/s)
    expect(seen.text).toMatch(/2 recipients.*no recipient/s)
    expect(seen.text).not.toContain('<script>')
    expect(await turns()).toEqual([])
    const form = { do: 'do', by: 'Ana', reason: hostile, until: '2024-06-02', revision: '' }
    expect(await post(one, form)).toMatchObject({ status: 303, to: list })
    expect(await turns()).toMatchObject([{ is: 'paused', by: 'Ana', reason: hostile, until: '2024-06-02' }])
    // The same form again gets the conflict.
    expect(await post(one, form)).toMatchObject({ status: 409, text: expect.stringMatching(/Ana set it first/) })
    expect(await turns()).toHaveLength(1)
    const { text } = await page(list)
    expect(text).toMatch(
      /; one of them is paused.*paused to 2 June 2024.*Ana.*What was set.*New Caledonia, each week: paused to 2 June 2024/s,
    )
    expect(text).not.toContain('<script>')
    expect((await page('/room/history')).text).toMatch(
      /Ana.*report paused.*2 June 2024.*<a href="\/room\/schedules\/NC\/week"><bdi>New Caledonia, each week<\/bdi>/s,
    )
    expect((await page('/room/history', 'fr')).text).toContain('<bdi>Nouvelle-Calédonie, chaque semaine</bdi>')
  })

  test('is ended by resuming, which shows its effect at once', async () => {
    const seen = await page(one)
    expect(seen.text).toMatch(/made again from the next one on.*no recipient.*2 recipients/s)
    expect(await post(one, { do: 'do', by: 'Paul', reason: 'open again', revision: await revision() })).toMatchObject({
      status: 303,
    })
    expect(await turns()).toMatchObject([{ is: 'paused' }, { is: 'made', by: 'Paul' }])
    expect((await page(list)).text).toMatch(/none is paused.*New Caledonia, each week: resumed/s)
    expect((await page('/room/history')).text).toMatch(/Paul.*report resumed/s)
  })

  test.each([
    [{ reason: '' }, /Write why/],
    [{ until: '2024-05-21' }, /from today on/],
    [{ until: hostile }, /from today on/],
  ])('is refused with %j, and explains why', async (wrong, why) => {
    const form = { by: 'Ana', reason: 'closed', until: '', do: 'do', revision: await revision(), ...wrong }
    const { status, text } = await post(one, form)
    expect([status, text]).toEqual([422, expect.stringMatching(why)])
    expect(text).toContain('role="alert"')
    expect(text).not.toContain('<script>')
    expect(await turns()).toHaveLength(2)
  })

  test('is for operators, of subjects with all territories in their charge', async () => {
    for (const role of ['reader', 'analyst', 'approver'] as const) {
      await room.as(inRole(role), async () => {
        expect((await page(list)).status).toBe(403)
        expect((await post(one, { do: 'do', by: 'x', reason: 'x', revision: await revision() })).status).toBe(403)
      })
    }
    await room.as(inRole('operator', { territories: ['NC'] }), async () => {
      const { text } = await page(list)
      expect(text).toContain('New Caledonia')
      expect(text).not.toMatch(/Martinique|National edition|Pacific/)
      for (const other of ['MQ/week', 'ALL/week', 'PACIFIC/month', 'XX/week', 'NC/year'])
        expect((await page(`${list}/${other}`)).status).toBe(404)
      expect((await page(one)).status).toBe(200)
    })
    expect((await post(one, { do: 'do', by: 'x', reason: 'x', token: 'other', revision: '' })).status).toBe(403)
    expect(await turns()).toHaveLength(2)
  })
})

describe('a paused report', () => {
  beforeAll(async () => {
    room.opened.at('2024-05-10T00:00:00.000Z')
    await set({ subject: 'MQ', cadence: 'week' }, 'paused')
    await set({ subject: 'ALL', cadence: 'week' }, 'paused')
  })

  test('is neither late nor missing in the week, which names it', async () => {
    const { text } = await page('/room?week=2024-W20')
    expect(text).toMatch(/<b>Paused<\/b>, so no report comes by itself: Martinique/)
    expect(text).toMatch(/No report yet<\/b> for [^<]*Guadeloupe/)
    expect(text).not.toMatch(/No report yet<\/b> for [^<]*Martinique/)
    expect(text).toMatch(/Martinique<\/b><\/th>\s*<td[^>]*><span>paused; none came by itself/)
    expect(text).toMatch(/Guadeloupe<\/b><\/th>\s*<td[^>]*><span>none yet; was due/)
    expect(text).toMatch(/National edition.*paused: it is not made/s)
    const count = Number(/>(\d+) reports that were due have not been made/.exec(text)?.[1])
    expect(count).toBe([...text.matchAll(/<span>none yet; was due/g)].length)
  })

  test('is shown so to a reader of that territory alone, also for a week to come', async () => {
    await room.as({ ...inRole('reader'), territories: ['MQ'], clearance: 'TLP:GREEN' }, async () => {
      const { text } = await page('/room?week=2024-W20')
      expect(text).toMatch(/<b>Paused<\/b>, so no report comes by itself: Martinique/)
      expect(text).not.toMatch(/No report of this week|none open to you/)
      expect((await page('/room?week=2024-W21')).text).toMatch(/paused; would leave 27 May/)
    })
  })

  test('is made on request', async () => {
    const asked = await post('/room/reports', { territory: 'MQ', period: '2024-W20', cap: 'TLP:AMBER' })
    expect(asked.status).toBe(303)
    await room.work()
    expect((await page('/room?week=2024-W20')).text).not.toMatch(/Martinique<\/b><\/th>\s*<td[^>]*><span>paused/)
  })
})

describe('the removal of old pictures', () => {
  let keeping: Room
  beforeAll(async () => {
    keeping = await openRoom({}, { limits: { retention: { images: 30 } } })
    keeping.opened.at('2024-05-22T10:00:00.000Z')
  })
  afterAll(() => keeping.close())
  const address = `${list}/plates/day`
  const seen = async (path: string) => spaced((await keeping.page(path)).text)

  test('is listed only where pictures are kept for a limited time', async () => {
    expect((await room.get(address)).status).toBe(404)
    expect((await page(list)).text).not.toContain('Removal of old pictures')
    expect(await seen(list)).toMatch(
      /36 reports have dates.*Removal of old pictures.*each day.*pictures added before 23 April 2024/s,
    )
  })

  test('is paused like a report, with its effect first', async () => {
    const form = { by: 'Ana', reason: 'a court asks', until: '2024-05-24', revision: '' }
    const look = spaced((await keeping.send(address, { ...form, do: 'look' })).text)
    expect(look).toMatch(/23 April.*24 April.*25 April.*26 April.*<b><bdi>25 April 2024 · 26 April 2024/s)
    expect(look).not.toContain('Mailed')
    expect(await keeping.send(address, { ...form, do: 'do' })).toMatchObject({ status: 303, to: list })
    expect(await seen(list)).toMatch(/Removal of old pictures.*paused to 24 May 2024.*a court asks/s)
    expect(await seen('/room/history')).toContain(`<a href="${address}"><bdi>Removal of old pictures, each day</bdi>`)
  })

  test('has no link in the history where it has no page', async () => {
    await set({ subject: 'plates', cadence: 'day' }, 'paused')
    const { text } = await page('/room/history')
    expect(text).toContain('<bdi>Removal of old pictures, each day</bdi>')
    expect(text).not.toContain(address)
  })

  test('is paused by operators of every territory alone', async () => {
    const some = inRole('operator', { territories: ['NC'] })
    await keeping.as(some, async () => expect((await keeping.get(address)).status).toBe(404))
    await keeping.as(inRole('analyst'), async () => expect((await keeping.get(address)).status).toBe(403))
  })
})
