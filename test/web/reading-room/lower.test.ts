/**
 * Lowering a marking in the room: asked for by one person, confirmed by another, who sees first which editions would
 * show it.
 */
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
  await ingestInto(
    room.opened,
    ['one', 'two', 'three', 'four', 'five'].map((id) =>
      input({ id: `low/${id}`, marking: 'TLP:AMBER', title: { en: `zq${id} ${hostile}` }, territories: ['NC'] }),
    ),
  )
  await ingestInto(room.opened, [
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
const deeds = async (id: string) =>
  (await room.opened.services.history.list(100))
    .filter((one) => one.id === id)
    .map(({ did, by, reason }) => [did, by, reason])

describe('asking for a lower marking', () => {
  test('shows which editions would show it, and that nothing changes before another person confirms', async () => {
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

  test('waits in the inbox and changes nothing; asked twice it is one', async () => {
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

  test('says nothing of a stricter one, nor of whether it waits', async () => {
    await room.as(analyst('chief', { clearance: 'TLP:RED', territories: ['NC'] }), async () =>
      post(`${addressOf('low/red')}/correct`, { ...(await asking('low/red', 'TLP:AMBER')), do: 'do' }),
    )
    expect(await waiting('low/red')).toHaveLength(1)
    await room.as(paul, async () => {
      expect((await page('/room/inbox')).text).not.toMatch(/zqred|low\/red|chief/)
      expect((await page(await recordOf('low/red'))).status).toBe(404)
    })
  })

  test('a marking that is raised is obeyed at once, and says which editions show it no more', async () => {
    await room.as(ana, async () => {
      const form = await asking('low/two', 'TLP:AMBER+STRICT')
      // It would lie above who asks.
      expect((await post(`${addressOf('low/two')}/correct`, { ...form, do: 'do' })).status).toBe(422)
    })
    expect((await stored('low/two')).marking).toBe('TLP:AMBER')
  })
})

describe('deciding of it', () => {
  test('is for another person than who asked, who may take it back', async () => {
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

  test('shows the effect, wants a reason, and is written once with who asked and who confirmed', async () => {
    const address = await recordOf('low/one')
    await room.as(paul, async () => {
      const seen = await page(address)
      expect(seen.text).toMatch(/from TLP:AMBER to TLP:GREEN.*Next versions that show it.*Confirm the lower marking/s)
      const at = await revision('low/one')
      expect((await post(address, { do: 'confirm', reason: '', revision: at })).status).toBe(422)
      const done = await post(address, { do: 'confirm', reason: 'I have seen it', revision: at })
      expect([done.status, done.to]).toEqual([303, '/room/detections/low%2Fone#revisions'])
      // Again, or too late: it waits no more.
      const late = await post(address, { do: 'refuse', reason: 'no', revision: at })
      expect([late.status, late.text]).toEqual([409, expect.stringContaining('paul@example.org acted first')])
    })
    expect((await stored('low/one')).marking).toBe('TLP:GREEN')
    expect(await deeds('low/one')).toEqual([
      ['accepted', 'paul@example.org', 'I have seen it'],
      // Asked again it was the same question, with one line.
      ['asked', 'ana@example.org', 'the source published it'],
    ])
    expect((await page('/room/history')).text).toMatch(/lower marking asked for/)
  })

  test('is not carried out over another revision than was seen', async () => {
    await ask('low/two')
    const address = await recordOf('low/two')
    const before = await revision('low/two')
    await room.as(ana, async () =>
      post(`${addressOf('low/two')}/correct`, { 'counts.posts': '41', reason: 'counted', revision: before, do: 'do' }),
    )
    await room.as(paul, async () => {
      const late = await post(address, { do: 'confirm', reason: 'seen', revision: before })
      expect([late.status, late.text]).toEqual([409, expect.stringMatching(/another user has changed it/)])
    })
    expect(await stored('low/two')).toMatchObject({ marking: 'TLP:AMBER', revision: Number(before) + 1 })
    await room.as(paul, async () => {
      const form = { do: 'confirm', reason: 'seen', revision: await revision('low/two') }
      expect((await post(address, form)).status).toBe(303)
    })
    // The other field stays as it was corrected.
    expect((await (await stored('low/two')).body()).counts.posts?.value).toBe(41)
    expect((await stored('low/two')).marking).toBe('TLP:GREEN')
  })

  test('turned down it stays, and the same words do not come up again', async () => {
    await ask('low/three')
    const form = { do: 'refuse', reason: 'not published', revision: await revision('low/three') }
    await room.as(paul, async () => expect((await post(await recordOf('low/three'), form)).status).toBe(303))
    expect((await stored('low/three')).marking).toBe('TLP:AMBER')
    expect(await ask('low/three')).toMatchObject({
      status: 422,
      text: expect.stringMatching(/this lower marking was turned down/),
    })
    expect(await waiting('low/three')).toEqual([])
    expect(await deeds('low/three')).toEqual([
      ['refused', 'paul@example.org', 'not published'],
      ['asked', 'ana@example.org', 'the source published it'],
    ])
  })

  test('of two at once one decides', async () => {
    await ask('low/four')
    const address = await recordOf('low/four')
    const at = await revision('low/four')
    const both = await room.as(paul, async () =>
      Promise.all(['a', 'b'].map((reason) => post(address, { do: 'confirm', reason, revision: at }))),
    )
    expect(both.filter(({ status }) => status === 303)).toHaveLength(1)
    expect((await deeds('low/four')).filter(([did]) => did === 'accepted')).toHaveLength(1)
  })
})

describe('a marking that somebody changed after it was asked for', () => {
  test('ends the request: it says what was asked, is confirmed by nobody, and can be asked for anew', async () => {
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
    expect((await waiting('low/five')).map(({ markingBefore: stood }) => stood)).toEqual(['TLP:AMBER+STRICT'])
  })
})

describe('undoing the batch that raised a marking', () => {
  const chief = analyst('chief', { clearance: 'TLP:RED', territories: everything.territories })
  const other = { ...chief, who: 'other@example.org' }
  const record = (changes: Parameters<typeof input>[0]) =>
    input({ id: 'low/undone', title: { en: 'zqundone' }, territories: ['NC'], ...changes })
  const batchOf = async (one: ReturnType<typeof record>) => (await ingestInto(room.opened, [one])).batches[0]?.batch

  test('waits for another person, who sees what would be lower', async () => {
    await ingestInto(room.opened, [record({ marking: 'TLP:GREEN' })])
    const batch = await batchOf(record({ marking: 'TLP:RED', title: { en: 'zqraised' } }))
    const path = `/room/batches/${batch}`
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
    expect(await stored('low/undone')).toMatchObject({ marking: 'TLP:GREEN', revision: 3, restored: batch })
    expect((await deeds('low/undone'))[0]).toEqual(['accepted', 'other@example.org', 'seen'])
  })

  test('leaves the id to no lower record that one person sends', async () => {
    const batch = await batchOf(record({ id: 'low/again', marking: 'TLP:RED' }))
    await room.as(chief, async () => post(`/room/batches/${batch}`, { do: 'undo', reason: 'a mistake' }))
    await ingestInto(room.opened, [record({ id: 'low/again', marking: 'TLP:AMBER', detector: 'Another' })])
    expect((await stored('low/again')).status).toBe('withdrawn')
    const address = (await recordOf('low/again')).replace('/lower/', '/contested/')
    await room.as(other, async () => {
      expect((await page(address)).text).toContain('It lowers the marking from TLP:RED to TLP:AMBER.')
      const form = { do: 'confirm', reason: 'seen', revision: await revision('low/again') }
      expect((await post(address, form)).status).toBe(303)
    })
    expect(await stored('low/again')).toMatchObject({ status: 'active', marking: 'TLP:AMBER' })
  })
})
