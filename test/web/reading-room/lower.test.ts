/** Lowering a marking in the room: requested by one analyst, and confirmed by another who sees the effect first. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import { rightsOf } from '../../../lambdas/domain/access/roles.ts'
import { now } from '../../support/clock.ts'
import { input } from '../../support/detections.ts'
import { hostile, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom({}, { signsIn: true })
  room.opened.at('2024-05-22T00:00:00.000Z')
  await ingestInto(room.opened, [
    ...['one', 'three', 'five'].map((id) =>
      input({ id: `low/${id}`, marking: 'TLP:AMBER', title: { en: `zq${id} ${hostile}` }, territories: ['NC'] }),
    ),
    input({ id: 'low/red', marking: 'TLP:RED', title: { en: 'zqred' }, territories: ['NC'] }),
  ])
})
afterAll(() => room.close())

const analyst = (name: string, changes: Partial<Caller> = {}): Partial<Caller> => ({
  who: `${name}@example.org`,
  ...{ roles: ['analyst'], scopes: [...rightsOf(['analyst'])], clearance: 'TLP:AMBER', territories: ['NC'] },
  ...changes,
})
const [ana, paul] = [analyst('ana'), analyst('paul')]
const page: Room['page'] = (...asked) => room.page(...asked)
let minutes = 0
const post = async (path: string, form: Readonly<Record<string, string>>) => {
  minutes += 1
  room.opened.at(new Date(Date.UTC(2024, 4, 22, 0, minutes)).toISOString())
  return room.send(path, form)
}
const addressOf = (id: string) => `/room/detections/${encodeURIComponent(id)}`
const stored = async (id: string) => {
  const found = (await room.opened.services.detections.stored([id])).get(id)
  if (!found) throw new Error(`${id} is not stored`)
  return found
}
const revision = async (id: string) => String((await stored(id)).revision)
const waiting = async (id: string) => Array.fromAsync(room.opened.services.detections.contested(id))
const asking = async (id: string, marking = 'TLP:GREEN') => ({
  ...{ marking, reason: 'the source published it', revision: await revision(id) },
})
const ask = async (id: string) =>
  room.as(ana, async () => post(`${addressOf(id)}/correct`, { ...(await asking(id)), do: 'do' }))
const recordOf = async (id: string) => {
  const [record] = await waiting(id)
  if (!record) throw new Error(`nothing waits of ${id}`)
  return `${addressOf(id)}/lower/${record.sha256}`
}
const actions = async (id: string) =>
  (await room.opened.services.history.list(100))
    .filter((one) => one.id === id)
    .map(({ did, by, reason }) => [did, by, reason])

describe('requesting a lower marking', () => {
  test('shows which editions would show the detection, and that another analyst must confirm', async () => {
    const seen = await room.as(ana, async () =>
      post(`${addressOf('low/one')}/correct`, { ...(await asking('low/one')), do: 'look' }),
    )
    expect(seen.status).toBe(200)
    expect(seen.text).toMatch(
      /Next versions that show it.*TLP:AMBER, TLP:AMBER\+STRICT and TLP:RED.*TLP:GREEN, TLP:AMBER/s,
    )
    expect(seen.text).toMatch(/nothing changes yet.*Ask another person to confirm/s)
    expect(await waiting('low/one')).toEqual([])
  })

  test('waits in the inbox, once, and changes nothing', async () => {
    for (const _ of [1, 2]) expect(await ask('low/one')).toMatchObject({ status: 303, to: '/room/inbox#lowered' })
    expect((await stored('low/one')).marking).toBe('TLP:AMBER')
    expect(await waiting('low/one')).toHaveLength(1)
    await room.as(paul, async () => {
      const { text } = await page('/room/inbox')
      expect(text).toMatch(/ana@example.org asks for it to go from TLP:AMBER to TLP:GREEN.*the source published it/s)
      expect(text).toContain('marked-amber')
      expect(text).not.toContain('<script>')
    })
    await room.as(analyst('low', { clearance: 'TLP:GREEN' }), async () =>
      expect((await page('/room/inbox')).text).not.toMatch(/zqone|ana@example|lowered/),
    )
    await room.as(analyst('far', { territories: ['PF'] }), async () => {
      expect((await page('/room/inbox')).text).not.toMatch(/zqone|ana@example/)
      expect((await page(await recordOf('low/one'))).status).toBe(404)
    })
  })

  test('hides a stricter request', async () => {
    await room.as(analyst('chief', { clearance: 'TLP:RED', territories: ['NC'] }), async () =>
      post(`${addressOf('low/red')}/correct`, { ...(await asking('low/red', 'TLP:AMBER')), do: 'do' }),
    )
    expect(await waiting('low/red')).toHaveLength(1)
    await room.as(paul, async () => {
      expect((await page('/room/inbox')).text).not.toMatch(/zqred|low\/red|chief/)
      expect((await page(await recordOf('low/red'))).status).toBe(404)
    })
  })
})

describe('deciding it', () => {
  test('is for another analyst than the one who asked', async () => {
    const address = await recordOf('low/one')
    await room.as(ana, async () => {
      const { text } = await page(address)
      expect(text).not.toContain('Confirm the lower marking')
      expect(text).toContain('You asked for it yourself')
      const form = { do: 'confirm', reason: 'mine', revision: await revision('low/one') }
      expect((await post(address, form)).status).toBe(403)
    })
    await room.as({ ...paul, scopes: [...rightsOf(['reader'])], roles: ['reader'] }, async () =>
      expect((await page(address)).status).toBe(403),
    )
    expect((await stored('low/one')).marking).toBe('TLP:AMBER')
  })

  test('shows the effect, needs a reason, and is written once with both names', async () => {
    const address = await recordOf('low/one')
    await room.as(paul, async () => {
      const seen = await page(address)
      expect(seen.text).toMatch(/from TLP:AMBER to TLP:GREEN.*Next versions that show it.*Confirm the lower marking/s)
      const at = await revision('low/one')
      expect((await post(address, { do: 'confirm', reason: '', revision: at })).status).toBe(422)
      const done = await post(address, { do: 'confirm', reason: 'I have seen it', revision: at })
      expect([done.status, done.to]).toEqual([303, '/room/detections/low%2Fone#revisions'])
      // It waits no more.
      const late = await post(address, { do: 'refuse', reason: 'no', revision: at })
      expect([late.status, late.text]).toEqual([409, expect.stringContaining('paul@example.org acted first')])
    })
    expect((await stored('low/one')).marking).toBe('TLP:GREEN')
    expect(await actions('low/one')).toEqual([
      ['accepted', 'paul@example.org', 'I have seen it'],
      // The repeated request has no line of its own.
      ['asked', 'ana@example.org', 'the source published it'],
    ])
    expect((await page('/room/history')).text).toMatch(/lower marking asked for/)
  })

  test('by refusing keeps the marking, also where the same is requested again', async () => {
    await ask('low/three')
    const form = { do: 'refuse', reason: 'not published', revision: await revision('low/three') }
    await room.as(paul, async () => expect((await post(await recordOf('low/three'), form)).status).toBe(303))
    expect((await stored('low/three')).marking).toBe('TLP:AMBER')
    expect(await ask('low/three')).toMatchObject({
      status: 422,
      text: expect.stringMatching(/this lower marking was turned down/),
    })
    expect(await waiting('low/three')).toEqual([])
    expect(await actions('low/three')).toEqual([
      ['refused', 'paul@example.org', 'not published'],
      ['asked', 'ana@example.org', 'the source published it'],
    ])
  })

  test('is not possible after another change of the marking; it can be requested again', async () => {
    await ask('low/five')
    const path = await recordOf('low/five')
    const seer = analyst('paul', { clearance: 'TLP:RED' })
    await room.as(seer, async () => {
      const raising = { ...(await asking('low/five', 'TLP:AMBER+STRICT')), do: 'do' }
      await post(`${addressOf('low/five')}/correct`, raising)
      expect((await stored('low/five')).marking).toBe('TLP:AMBER+STRICT')
      const { text } = await page(path)
      expect(text).toContain('asks for it to go from TLP:AMBER to TLP:GREEN')
      expect(text).toContain('It has been marked TLP:AMBER+STRICT since it was asked for')
      expect(text).not.toContain('value="confirm"')
      const form = { do: 'confirm', reason: 'as asked', revision: await revision('low/five') }
      expect((await post(path, form)).status).toBe(409)
      expect((await stored('low/five')).marking).toBe('TLP:AMBER+STRICT')
      const [record] = await waiting('low/five')
      if (!record) throw new Error('nothing waits')
      await expect(
        room.opened.services.detections.decide(record, { as: 'revision', by: 'the operator' }, now()),
      ).rejects.toThrow('has other markings than when this was asked for')
      expect((await post(path, { ...form, do: 'refuse' })).status).toBe(303)
    })
    expect(await waiting('low/five')).toEqual([])
    await room.as({ ...ana, clearance: 'TLP:RED' }, async () =>
      post(`${addressOf('low/five')}/correct`, { ...(await asking('low/five')), do: 'do' }),
    )
    expect((await waiting('low/five')).map(({ markingBefore }) => markingBefore)).toEqual(['TLP:AMBER+STRICT'])
  })
})

test('undoing a batch that raised a marking waits for another analyst, who may see both', async () => {
  const chief = analyst('chief', { clearance: 'TLP:RED', territories: everything.territories })
  const other = { ...chief, who: 'other@example.org' }
  const record = (marking: 'TLP:GREEN' | 'TLP:RED', title: string) =>
    input({ id: 'low/undone', title: { en: title }, territories: ['NC'], marking })
  await ingestInto(room.opened, [record('TLP:GREEN', 'zqundone')])
  const { batches } = await ingestInto(room.opened, [record('TLP:RED', 'zqraised')])
  const path = `/room/batches/${batches[0]?.batch}`
  await room.as(chief, async () => {
    expect((await page(path)).text).toMatch(/One detection waits for another person.*low\/undone/s)
    expect((await post(path, { do: 'undo', reason: 'a mistake' })).status).toBe(303)
    expect((await page('/room/inbox')).text).toMatch(/chief@example.org undoes the batch.*TLP:RED to TLP:GREEN/s)
  })
  expect(await stored('low/undone')).toMatchObject({ marking: 'TLP:RED', revision: 2 })
  const address = (await recordOf('low/undone')).replace('/lower/', '/contested/')
  const form = { do: 'confirm', reason: 'seen', revision: '2' }
  await room.as(paul, async () => {
    expect((await page('/room/inbox')).text).not.toMatch(/zqundone|zqraised|low\/undone/)
    expect((await page(address)).status).toBe(404)
  })
  await room.as(chief, async () => expect((await post(address, form)).status).toBe(403))
  await room.as(other, async () => expect((await post(address, form)).status).toBe(303))
  const undone = { marking: 'TLP:GREEN', revision: 3, restored: batches[0]?.batch }
  expect(await stored('low/undone')).toMatchObject(undone)
  expect((await actions('low/undone'))[0]).toEqual(['accepted', 'other@example.org', 'seen'])
})
