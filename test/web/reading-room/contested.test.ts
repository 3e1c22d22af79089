/** Contested records in the room: both values by field, accepted or refused once, and hidden from other readers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../../../lambdas/domain/access/caller.ts'
import { rightsOf } from '../../../lambdas/domain/access/roles.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { correctDetection } from '../../../lambdas/usecases/ingest/edit/correct-detection.ts'
import { undoBatch } from '../../../lambdas/usecases/ingest/undo-batch.ts'
import { input } from '../../support/detections.ts'
import { hostile, inRole, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom({}, { signsIn: true })
  room.opened.at('2024-05-22T00:00:00.000Z')
})
afterAll(() => room.close())

const analyst = (name: string, changes: Partial<Caller> = {}): Partial<Caller> =>
  inRole('analyst', { who: `${name}@example.org`, clearance: 'TLP:AMBER', territories: ['NC'], ...changes })
const [ana, low, far] = [
  analyst('ana'),
  analyst('low', { clearance: 'TLP:GREEN' }),
  analyst('far', { territories: ['PF'] }),
]
const record = (id: string, changes: Partial<DetectionInput> = {}) =>
  input({
    id,
    marking: 'TLP:AMBER',
    title: { en: `zq${id} ${hostile} https://bad.example/x` },
    territories: ['NC'],
    ...changes,
  })
const correct = async (id: string, cells: Readonly<Record<string, string>>, by: string) => {
  const sender = { name: 'this machine', byOperator: true, by, reason: `${by} counted` }
  const asked = { id, cells, by, reason: `${by} counted`, sender, pseudonym: (account: string) => account }
  expect(await correctDetection(asked, room.opened.services)).toMatchObject({ outcome: 'revised' })
}
const waiting = async (id: string) => Array.fromAsync(room.opened.services.detections.contested(id))
const addressOf = async (id: string) => {
  const [one] = await waiting(id)
  if (!one) throw new Error(`nothing waits of ${id}`)
  return `/room/detections/${encodeURIComponent(id)}/contested/${one.sha256}`
}
const figuresOf = async (id: string) => {
  const latest = await room.opened.services.detections.latest(id)
  return [latest?.counts.posts?.value, latest?.counts.accounts?.value]
}
const revision = async (id: string) => String((await room.opened.services.detections.stored([id])).get(id)?.revision)
/** Stores a detection that Ana corrects and whose detector sends other figures. */
const contestedOne = async (id: string) => {
  await ingestInto(room.opened, [record(id, { counts: { posts: 100, accounts: 20 } })])
  await correct(id, { 'counts.posts': '90' }, 'Ana')
  await ingestInto(room.opened, [record(id, { counts: { posts: 150, accounts: 33 } })])
}

describe('a contested record', () => {
  test('is listed, shown on the page of its detection, and links to both values by field', async () => {
    await contestedOne('one')
    await room.as(ana, async () => {
      const address = await addressOf('one')
      for (const path of ['/room/inbox', '/room/detections/one']) {
        const { text } = await room.page(path)
        expect(text).toContain(address)
        expect(text).toContain('than Ana, who corrected it (Ana counted)')
        expect(text).not.toContain('<script>')
        expect(text).not.toContain('https://bad.example')
        expect(text).toContain('[https]://bad[.]example')
      }
      const { status, text } = await room.page(address)
      expect(status).toBe(200)
      expect(text).toMatch(/number of accounts<.*20<.*33<.*number of posts<.*90<.*150</s)
      expect(text).toContain('its other fields are stored if its detector sent nothing since.')
    })
  })

  test('is hidden from callers who may not know the detection or the record', async () => {
    // The record is marked above the detection.
    await ingestInto(room.opened, [record('up', { marking: 'TLP:GREEN', counts: { posts: 100 } })])
    await correct('up', { 'counts.posts': '90' }, 'Ana')
    await ingestInto(room.opened, [record('up', { marking: 'TLP:AMBER', counts: { posts: 150 } })])
    for (const who of [low, far])
      await room.as(who, async () => {
        expect((await room.page('/room/inbox')).text).not.toMatch(/contested|zqone|zqup/i)
        for (const id of ['one', 'up']) expect((await room.page(await addressOf(id))).status).toBe(404)
        expect((await room.page('/room')).text).not.toMatch(/contested/i)
      })
    await room.as(low, async () => {
      const { status, text } = await room.page('/room/detections/up')
      expect([status, text.includes('/contested/')]).toEqual([200, false])
    })
    await room.as({ ...ana, scopes: [...rightsOf(['reader'])], roles: ['reader'] }, async () =>
      expect((await room.page(await addressOf('one'))).status).toBe(403),
    )
  })

  test('hides the parts that are marked above the reader', async () => {
    await ingestInto(room.opened, [record('inner', { marking: 'TLP:GREEN', counts: { posts: 100 } })])
    await correct('inner', { 'counts.posts': '90' }, 'Ana')
    const quotes = [{ text: 'Canary', language: 'fr', marking: 'TLP:RED' }] as const
    await ingestInto(room.opened, [
      record('inner', { marking: 'TLP:GREEN', counts: { posts: 150 }, quotes: [...quotes] }),
    ])
    await room.as(low, async () => {
      const { text } = await room.page(await addressOf('inner'))
      expect(text).toMatch(/90.*150/s)
      expect(text).not.toMatch(/canary|quote/i)
    })
  })

  test('is accepted with all that was shown, once, with who and why', async () => {
    const address = await addressOf('one')
    const drawn = await revision('one')
    // Another field is corrected meanwhile, and must be shown first.
    await correct('one', { 'counts.accounts': '5' }, 'Bob')
    await room.as(ana, async () => {
      const late = await room.send(address, { do: 'confirm', reason: 'right', revision: drawn })
      expect([late.status, late.text]).toEqual([409, expect.stringContaining('than Bob, who corrected it')])
      expect(await figuresOf('one')).toEqual([90, 5])
      const at = await revision('one')
      expect((await room.send(address, { do: 'confirm', reason: '', revision: at })).status).toBe(422)
      const done = await room.send(address, { do: 'confirm', reason: 'right', revision: at })
      expect([done.status, done.to]).toEqual([303, '/room/detections/one#revisions'])
    })
    expect(await figuresOf('one')).toEqual([150, 33])
    const lines = await room.opened.services.history.list(20)
    const accepted = { by: 'ana@example.org', reason: 'right', what: ['counts.accounts', 'counts.posts'] }
    expect(lines.find(({ did, id }) => did === 'accepted' && id === 'one')).toMatchObject(accepted)
  })

  test('of another detector with a lower marking names no detector, and is not accepted by its sender', async () => {
    await ingestInto(room.opened, [record('three')])
    await ingestInto(room.opened, [record('three', { detector: 'Secret', marking: 'TLP:GREEN' })])
    await room.as(ana, async () => {
      const { text } = await room.page(await addressOf('three'))
      expect(text).toContain('Another detector than the one whose id it is sends it.')
      expect(text).toContain('It lowers the marking from TLP:AMBER to TLP:GREEN.')
      expect(text).not.toContain('Secret')
      expect(text).toContain('If you refuse it, nothing changes.')
    })
    const [batch] = await room.opened.services.batches.list()
    await room.as(analyst('x', { who: batch?.sender ?? '' }), async () => {
      const address = await addressOf('three')
      expect((await room.page(address)).text).not.toContain('value="confirm"')
      const form = { do: 'confirm', reason: 'mine', revision: await revision('three') }
      expect((await room.send(address, form)).status).toBe(403)
    })
  })

  test('with a lower marking names the corrections that it would make known more widely', async () => {
    await ingestInto(room.opened, [record('kept')])
    await correct('kept', { 'title.en': 'zqcorrected' }, 'Ana')
    await ingestInto(room.opened, [record('kept', { marking: 'TLP:GREEN' })])
    await room.as(ana, async () => {
      const { text } = await room.page(await addressOf('kept'))
      expect(text).toContain('It lowers the marking from TLP:AMBER to TLP:GREEN.')
      expect(text).toMatch(/It would show “title” as Ana corrected it: [^.]*zqcorrected/)
    })
  })
})

test('once the contested correction is undone, no page names it, and the record can be stored', async () => {
  const undo = async (id: string) => {
    const batches = await room.opened.services.batches.list()
    const batch = batches.find(({ file }) => file === `correction of ${id}`)?.name ?? ''
    await undoBatch(batch, 'Ana', room.opened.services)
  }
  await contestedOne('gone')
  await undo('gone')
  expect((await waiting('gone'))[0]?.reason).toEqual({ code: 'contested.nothingAgainst' })
  await room.as(ana, async () => {
    for (const path of ['/room/inbox', '/room/detections/gone', await addressOf('gone')]) {
      const { text } = await room.page(path)
      const parts = text.split(/<(?:li|main)\b/)
      const item = parts.findLast((part) => part.includes('zqgone') || part.includes('speaks against'))
      expect([path, item]).toEqual([
        path,
        expect.stringContaining('Nothing that is stored speaks against it any more.'),
      ])
      expect(item).not.toMatch(/its sender may not|who corrected it/i)
    }
    const form = { do: 'confirm', reason: 'right', revision: await revision('gone') }
    expect((await room.send(await addressOf('gone'), form)).status).toBe(303)
  })
  // The same record is also stored when it comes again.
  await contestedOne('back')
  await undo('back')
  await ingestInto(room.opened, [record('back', { counts: { posts: 150, accounts: 33 } })])
  for (const id of ['gone', 'back']) expect([await figuresOf(id), await waiting(id)]).toEqual([[150, 33], []])
})

test('the first page counts the contested records of the inbox', async () => {
  for (const who of [undefined, ana, low, far]) {
    const compare = async () => {
      const inbox = await room.page('/room/inbox')
      const week = await room.page('/room')
      const waits = /(\d+) contested record|(One) contested record/.exec(week.text)
      const listed = [...inbox.text.matchAll(/\/contested\/[0-9a-f]+/g)].length
      expect(waits ? Number(waits[1] ?? 1) : 0).toBe(listed)
    }
    await (who ? room.as(who, compare) : compare())
  }
})
