/** The replies of named actors, added by an analyst: previewed, kept with the others, hidden above a clearance. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../../../lambdas/domain/access/caller.ts'
import { input } from '../../support/detections.ts'
import { hostile, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

const actor = { name: { fr: 'Groupe de Bakou', en: 'Baku group' }, attributedBy: 'VIGINUM' }
const given = { by: 'BIG', text: { en: 'It denies all.' } }

let room: Room
beforeAll(async () => {
  room = await openRoom()
  room.opened.at('2024-05-22T00:00:00.000Z')
  await ingestInto(room.opened, [
    input({ id: 'named', marking: 'TLP:GREEN', actor: { ...actor, replies: [given] } }),
    input({ id: 'nobody', marking: 'TLP:GREEN' }),
  ])
})
afterAll(() => room.close())

const path = '/room/detections/named/reply'
const amber: Partial<Caller> = { who: 'sub-1 claire@example.org', clearance: 'TLP:AMBER', roles: ['analyst'] }
const say = {
  ...{ do: 'look', by: 'Claire', reason: 'they wrote to us', 'reply.by': 'Baku group' },
  ...{ 'reply.text.fr': '', 'reply.text.en': 'We reject this.', 'reply.date': '2024-05-21' },
  ...{ 'reply.source': 'Their site', 'reply.url': 'https://evil.example/reply', 'reply.marking': '' },
}
const revisionIn = (text: string) => /name="revision" value="([^"]+)"/.exec(text)?.[1] ?? ''
const replies = async () => (await room.opened.services.detections.latest('named'))?.actor?.replies ?? []
const actions = async () => (await room.opened.services.history.list(100)).filter(({ id }) => id === 'named')

describe('a reply', () => {
  test('is offered for a named actor, to who may correct', async () => {
    expect((await room.page('/room/detections/named')).text).toContain('href="/room/detections/named/reply"')
    expect((await room.page('/room/detections/nobody')).text).not.toContain('/reply"')
    expect((await room.page('/room/detections/nobody/reply')).status).toBe(404)
    expect((await room.page(path, 'fr')).text).toContain('value="Groupe de Bakou"')
    await room.as({ scopes: ['reports:read', 'detections:read'] }, async () => {
      expect((await room.page(path)).status).toBe(403)
      expect((await room.page('/room/detections/named')).text).not.toContain('/reply"')
    })
  })

  test('is previewed, then kept with the others, with who and why', async () => {
    const revision = revisionIn((await room.page(path)).text)
    const seen = await room.send(path, { ...say, revision })
    expect(seen.status).toBe(200)
    expect(seen.text).toMatch(
      /replies<\/th>.*It denies all\..*It denies all\..*We reject this\. \(Their site, 21\u00a0May\u00a02024/s,
    )
    // The typed address is in the form alone.
    expect(seen.text).toContain('[https]://evil[.]example/reply')
    expect(seen.text).not.toMatch(/[^"]https:\/\/evil/)
    expect(await replies()).toEqual([given])
    const done = await room.send(path, { ...say, do: 'do', revision })
    expect([done.status, done.to]).toEqual([303, '/room/detections/named#revisions'])
    expect(await replies()).toEqual([
      given,
      {
        ...{ by: actor.name, text: { en: 'We reject this.' }, date: '2024-05-21' },
        source: { title: { und: 'Their site' }, archiveUrl: 'https://evil.example/reply' },
      },
    ])
    expect(await actions()).toMatchObject([{ did: 'corrected', what: ['actor.replies'], reason: 'they wrote to us' }])
    const shown = await room.page('/room/detections/named')
    expect(shown.text).toContain('We reject this.')
    expect(shown.text).not.toContain('https://evil.example')
  })

  test.each([
    [{ 'reply.text.en': '' }, /Write the reply, in one language at least/],
    [{ 'reply.date': '' }, /Fill this in/],
    [{ 'reply.date': 'yesterday' }, /must be a day, a month or a year/],
    [{ 'reply.source': 'x'.repeat(301) }, /At most 300 characters/],
    [{ 'reply.marking': 'TLP:CLEAR' }, /above your clearance/],
    [{}, /it has these values already/],
  ])('is refused with %j, and explains why', async (more, why) => {
    const { status, text } = await room.send(path, { ...say, revision: '2', ...more })
    expect([status, text]).toEqual([422, expect.stringMatching(why)])
    expect(await replies()).toHaveLength(2)
  })

  test('with hostile text is shown as text, and is not written without this session’s token', async () => {
    const form = { ...say, revision: '2', 'reply.by': hostile, 'reply.text.fr': hostile, 'reply.source': hostile }
    const seen = await room.send(path, form)
    expect([seen.status, seen.text.includes('<script>')]).toEqual([200, false])
    expect((await room.send(path, { ...form, do: 'do', token: 'another' })).status).toBe(403)
    expect(await replies()).toHaveLength(2)
  })

  test('above a clearance changes no page of a lower reader, and cannot be written by one', async () => {
    const paths = [path, '/room/detections/named', '/room/history', '/room/inbox']
    const pages = () => room.as(amber, async () => Promise.all(paths.map(async (one) => (await room.page(one)).text)))
    const before = await pages()
    const canary = { 'reply.text.en': 'zqcanary', 'reply.marking': 'TLP:RED' }
    const secret = { ...say, do: 'do', revision: '2', reason: 'zqwhy', ...canary }
    expect((await room.send(path, secret)).status).toBe(303)
    expect((await replies()).at(-1)).toMatchObject({ text: { en: 'zqcanary' }, marking: 'TLP:RED' })
    expect(await pages()).toEqual(before)
    const header = /Strictest marking on this page<\/span><b[^>]*>([^<]*)/
    const amberReply = { ...say, revision: '3', 'reply.marking': 'TLP:AMBER' }
    expect(header.exec((await room.page('/room/detections/named')).text)?.[1]).toBe('TLP:RED')
    expect(header.exec((await room.send(path, amberReply)).text)?.[1]).toBe('TLP:RED')
    await room.as(amber, async () => {
      const { text } = await room.send(path, { ...amberReply, revision: '2' })
      expect(header.exec(text)?.[1]).toBe('TLP:AMBER')
    })
    expect((await room.page('/room/history')).text).toContain('zqwhy')
    await room.as(amber, async () => {
      const seen = await room.send(path, { ...say, revision: '2', 'reply.text.en': 'Another.' })
      expect(seen.text).toContain('Another.')
      expect(seen.text).not.toMatch(/zqcanary|TLP:RED/)
      const above = await room.send(path, { ...secret, 'reply.text.en': 'x' })
      expect([above.status, above.text]).toEqual([422, expect.stringContaining('above your clearance')])
      expect((await room.send(path, { ...say, do: 'do', revision: '2', 'reply.text.en': 'Another.' })).status).toBe(303)
    })
    expect((await replies()).map(({ text }) => text.en)).toEqual([
      ...['It denies all.', 'We reject this.', 'zqcanary', 'Another.'],
    ])
  })
})
