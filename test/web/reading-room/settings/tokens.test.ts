/** Tokens of programs in the room: shown once, revoked, for operators of a machine only. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { programTokensIn } from '../../../../lambdas/usecases/program-tokens.local.ts'
import { formToken, hostile, inRole, openRoom, type Room } from '../../../support/room.ts'

let room: Room
beforeAll(async () => {
  room = await openRoom()
})
afterAll(() => room.close())

const path = '/room/tokens'
const add = (form: Readonly<Record<string, string>>) =>
  room.send(path, {
    do: 'add',
    by: hostile,
    scopes: 'reports:read',
    territories: 'NC',
    clearance: 'TLP:GREEN',
    ...form,
  })

test('a token is shown on the page that makes it and nowhere after', async () => {
  const form = { token: formToken, do: 'add', by: hostile, name: 'd-1', scopes: 'reports:read', territories: 'NC' }
  const answer = await room.post(path, { ...form, clearance: 'TLP:AMBER', expires: '2024-06-30' })
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
  const shown = await answer.text()
  const [token = ''] = /vigie_[0-9a-f]{12}_[\w-]{43}/.exec(shown) ?? []
  expect(await programTokensIn(room.opened.table).open(token, new Date(0))).toMatchObject({ state: 'active' })
  expect(JSON.stringify(room.logged)).not.toContain(token.slice(19))
  const [french, english] = [await room.page(path, 'fr'), await room.page(path)]
  expect(french.text).toMatch(/Jetons.*d-1.*TLP:AMBER.*reports:read.*Nouvelle-Calédonie.*actif/s)
  expect(english.text).toMatch(/Tokens.*d-1.*New Caledonia.*active/s)
  expect(english.text).not.toContain(token.slice(19))
  expect(shown + english.text).not.toContain('<script>')
})

test('what is wrong stands at its field, and a name is taken once', async () => {
  expect(await add({ name: 'a b' })).toMatchObject({ status: 422, text: expect.stringContaining('must be 1 to 64') })
  expect((await add({ name: 'd-1' })).text).toMatch(/value="d-1" [^>]*aria-invalid.*d-1 has an active token/s)
  expect((await add({ name: 'd-2', expires: '2020-01-01' })).text).toContain('is no day or duration to come')
  expect((await add({ name: 'd-2', territories: '', clearance: '' })).status).toBe(422)
})

test('revoking ends it and is in the history', async () => {
  expect((await room.send(path, { do: 'revoke', name: 'd-1' })).to).toBe(path)
  expect(await programTokensIn(room.opened.table).all()).toMatchObject([{ name: 'd-1', revokedBy: 'this machine' }])
  expect((await room.page(path)).text).toMatch(/d-1.*revoked/s)
  expect((await room.page('/room/history')).text).toMatch(/withdrawn.*<a href="\/room\/tokens">.*d-1/s)
})

test('only an operator of a machine has the page, and gives no more than their own rights', async () => {
  await room.as(inRole('analyst'), async () => {
    expect((await room.page(path)).status).toBe(403)
    expect((await add({ name: 'd-3' })).status).toBe(403)
    expect((await room.page('/room/sources')).text).not.toContain(path)
  })
  await room.as(inRole('operator'), async () => {
    expect((await room.page('/room/sources')).text).toContain(path)
    expect((await add({ name: 'd-3' })).text).toContain('is beyond your own rights')
  })
  const stage = await openRoom({}, { signsIn: true })
  try {
    expect((await stage.page(path)).status).toBe(404)
    expect((await stage.page('/room/sources')).text).not.toContain(path)
  } finally {
    await stage.close()
  }
})
