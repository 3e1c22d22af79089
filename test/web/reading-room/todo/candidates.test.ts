/** Candidates in the room: shown with their effect, signed or refused once, and hidden above the caller. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Caller } from '../../../../lambdas/domain/access/caller.ts'
import { decideCandidate } from '../../../../lambdas/usecases/detect/decide-candidates.ts'
import { detection } from '../../../support/detections.ts'
import { hostile, inRole, openRoom, type Room } from '../../../support/room.ts'

let room: Room
let minutes = 0
const tick = () => {
  minutes += 1
  room.opened.at(new Date(Date.UTC(2024, 4, 22, 0, minutes)).toISOString())
}
const found = async (id: string, changes: Partial<Parameters<typeof detection>[0]> = {}) => {
  tick()
  const { candidates, clock } = room.opened.services
  const one = detection({
    ...{ id, marking: 'TLP:AMBER', territories: ['NC'], title: `zq ${hostile}`, kind: 'coordinated-sharing' },
    ...{ counts: { posts: 12, accounts: 7 }, observed: { from: '2024-05-15' } },
    ...changes,
  } as Parameters<typeof detection>[0])
  const strength = { evidence: 140, threshold: 90, pushes: 12, isSourceKnown: false }
  const shared = [{ name: `url https://bad.example/${hostile}`, accounts: 5 }]
  await candidates.save({ detection: one, members: [id], strength, shared, ties: [['a', 'b', 3] as const] }, clock())
}
beforeAll(async () => {
  room = await openRoom({}, { signsIn: true })
})
afterAll(() => room.close())

const by: Partial<Caller> = { who: 'ana@example.org', clearance: 'TLP:AMBER', territories: ['NC'] }
const analyst = inRole('analyst', by)
const page: Room['page'] = (...asked) => room.page(...asked)
const post = async (path: string, form: Readonly<Record<string, string>>) => {
  tick()
  return room.send(path, form)
}
const pathOf = (id: string) => `/room/candidates/${id}`
const stampIn = (text: string) => /name="revision" value="([^"]+)"/.exec(text)?.[1] ?? ''
const get = async (id: string) => room.opened.services.candidates.get(id)
const counting = async (id: string) => (await room.opened.services.detections.stored([id])).get(id)?.status
const actions = async (id: string) =>
  (await room.opened.services.history.list(100)).filter((one) => one.id === id).map(({ did, by }) => [did, by])

describe('signing', () => {
  test('shows the candidate and what would count, and stores nothing', async () => {
    await found('vigie-one')
    await room.as(analyst, async () => {
      expect((await page('/room/inbox')).text).toContain('href="/room/candidates/vigie-one"')
      const { status, text } = await page(pathOf('vigie-one'))
      expect(status).toBe(200)
      expect(text).toMatch(/waits for a decision.*12.*7.*140 against 90; 12 items; source unknown/s)
      expect(text).toMatch(/So far no candidate was signed, none refused.*<svg class="net".*<line.*<circle/s)
      expect(text).toMatch(/\[https\]:\/\/bad\[\.\]example.*by 5 accounts/s)
      expect(text).toMatch(/nowhere.*New Caledonia.*week.20/s)
      expect(text).toMatch(/TLP:AMBER, TLP:AMBER\+STRICT and TLP:RED/)
      expect(text).toContain('marked-amber')
      expect(text).not.toContain('<script>')
    })
    expect(await counting('vigie-one')).toBeUndefined()
  })

  test('stores it by the analyst’s name, once, and records it', async () => {
    await room.as(analyst, async () => {
      const revision = stampIn((await page(pathOf('vigie-one'))).text)
      const form = { do: 'sign', reason: '', revision }
      expect(await post(pathOf('vigie-one'), form)).toMatchObject({ status: 303, to: '/room/detections/vigie-one' })
      expect(await get('vigie-one')).toMatchObject({ state: 'signed', decidedBy: 'ana@example.org' })
      expect(await counting('vigie-one')).toBe('active')
      const late = await post(pathOf('vigie-one'), { ...form, do: 'refuse', reason: 'no' })
      expect([late.status, late.text]).toEqual([409, expect.stringMatching(/ana@example\.org decided first.*signed/s)])
      expect((await page('/room/detections/vigie-one')).status).toBe(200)
      expect((await page('/room/history')).text).toMatch(/ana@example\.org.*candidate signed.*New Caledonia/s)
    })
    expect(await actions('vigie-one')).toEqual([['signed', 'ana@example.org']])
    const files = (await room.opened.services.batches.list()).map(({ file }) => file)
    expect(files).toContain('candidate vigie-one, signed by ana@example.org')
  })
})

test('refusing needs a reason, and cannot be undone by hand', async () => {
  await found('vigie-two')
  await room.as(analyst, async () => {
    const seen = await page(pathOf('vigie-two'))
    expect(seen.text).toContain('no way back by hand')
    const form = { do: 'refuse', revision: stampIn(seen.text) }
    const refused = await post(pathOf('vigie-two'), form)
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Write why')])
    expect((await get('vigie-two'))?.state).toBe('open')
    const done = await post(pathOf('vigie-two'), { ...form, reason: 'a press agency' })
    expect([done.status, done.to]).toEqual([303, '/room/inbox'])
    expect(await get('vigie-two')).toMatchObject({ state: 'refused', reason: 'a press agency' })
    expect((await page(pathOf('vigie-two'))).text).toMatch(/turned down.*ana@example\.org.*a press agency/s)
    expect((await page('/room/history')).text).toContain('candidate turned down')
  })
  expect(await counting('vigie-two')).toBeUndefined()
})

test('a candidate is for who may sign, up to the own clearance, with all its territories', async () => {
  await found('vigie-red', { marking: 'TLP:RED' })
  await found('vigie-both', { territories: ['NC', 'PF'] })
  await found('vigie-mine')
  await room.as(analyst, async () => {
    for (const id of ['vigie-red', 'vigie-both', 'vigie-none']) {
      const { status, text } = await page(pathOf(id))
      expect([id, status]).toEqual([id, 404])
      expect(text).not.toContain('zq ')
      expect((await post(pathOf(id), { do: 'sign', revision: '1.open.' })).status).toBe(404)
    }
    const list = (await page('/room/inbox')).text
    expect(list).not.toContain('vigie-red')
    expect(list).toMatch(/<header class="top">.*<b class="tlp tlp-amber">TLP:AMBER<\/b>/)
    const stamp = stampIn((await page(pathOf('vigie-mine'))).text)
    expect((await post(pathOf('vigie-mine'), { do: 'sign', revision: stamp, token: 'other' })).status).toBe(403)
    expect((await post(pathOf('vigie-mine'), { do: 'throw away', reason: 'x', revision: stamp })).status).toBe(200)
  })
  await room.as(inRole('reader', by), async () => {
    const list = await page('/room/inbox')
    expect(list.text).toContain('vigie-mine')
    expect(list.text).not.toContain('href="/room/candidates/vigie-mine"')
    expect((await page(pathOf('vigie-mine'))).status).toBe(403)
    expect((await post(pathOf('vigie-mine'), { do: 'sign', revision: '1.open.' })).status).toBe(403)
  })
  await room.as(inRole('reader', { ...by, territories: ['WF'] }), async () =>
    expect((await page('/room/inbox')).text).toContain('Nothing to do.'),
  )
  expect((await get('vigie-mine'))?.state).toBe('open')
  expect(await counting('vigie-mine')).toBeUndefined()
})

test.each([
  ['signed', 'signed'],
  ['signed', 'refused'],
  ['refused', 'signed'],
] as const)('of two decisions at one moment, %s and %s, one counts', async (...both) => {
  const id = `vigie-race-${both.join('-')}`
  await found(id)
  const seen = await get(id)
  const decisions = both.map((state, at) => {
    const name = ['Ana', 'Paul'][at] ?? ''
    const sender = { name, byOperator: true }
    return decideCandidate(seen, { state, by: name, reason: 'x', sender }, room.opened.services)
  })
  const done = await Promise.all(decisions)
  expect(done.filter(Boolean)).toMatchObject([{ fault: 'decided' }])
  const state = (await get(id))?.state
  expect(both).toContain(state)
  expect(await counting(id)).toBe(state === 'signed' ? 'active' : undefined)
  expect(await actions(id)).toHaveLength(1)
})

test('a signed candidate that grew is signed again, and one that disappeared is withdrawn', async () => {
  await found('vigie-grown')
  const { candidates, clock } = room.opened.services
  await room.as(analyst, async () => {
    const sign = async () =>
      post(pathOf('vigie-grown'), { do: 'sign', revision: stampIn((await page(pathOf('vigie-grown'))).text) })
    expect((await sign()).status).toBe(303)
    await found('vigie-grown', { counts: { posts: 30, accounts: 9 } })
    const grown = await page(pathOf('vigie-grown'))
    expect(grown.text).toMatch(/signed, and has grown since.*The detection that it is.*what was signed before stays/s)
    expect((await sign()).status).toBe(303)
    expect((await room.opened.services.detections.latest('vigie-grown'))?.counts.posts?.value).toBe(30)
    const signed = await get('vigie-grown')
    if (!signed) throw new Error('it is gone')
    tick()
    await candidates.settle(signed, { by: 'a run', state: 'withdrawn' }, clock())
    const lost = await page(pathOf('vigie-grown'))
    expect(lost.text).toMatch(/signed, and found no longer.*the detection is withdrawn/s)
    const form = { do: 'refuse', reason: 'gone', revision: stampIn(lost.text) }
    expect((await post(pathOf('vigie-grown'), form)).status).toBe(303)
    expect(await counting('vigie-grown')).toBe('withdrawn')
  })
})
