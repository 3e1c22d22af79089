/** Unsubscribing and confirming: by a button or the one click of a mail program, never by opening the page. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fault } from '../../../lambdas/domain/core/fault.ts'
import type { Recipient } from '../../../lambdas/domain/delivery/recipient.ts'
import { askToConfirm } from '../../../lambdas/usecases/links/confirm-subscription.ts'
import { recipient } from '../../support/recipients.ts'
import { openWeb, site, type Web } from '../../support/web.ts'

let web: Web
let readers = 0

beforeAll(async () => {
  web = await openWeb({ organisation: 'Cellule de veille', contact: 'veille@example.org' })
})
afterAll(() => web.close())

const someone = (changes: Partial<Recipient> = {}): Recipient => {
  readers += 1
  return recipient(`reader-${readers}@example.org`, changes)
}
const stored = async ({ id }: Recipient) => web.opened.services.recipients.get(id)

describe('unsubscribing', () => {
  const linkOf = async (changes: Partial<Recipient> = {}) => {
    const reader = someone({ clearance: 'TLP:GREEN', ...changes })
    const { read, leave } = await web.linkTo(reader, { cap: 'TLP:GREEN' })
    return { path: `/unsubscribe/${leave}`, read: `/r/${read}`, reader }
  }
  const oneClick = { 'List-Unsubscribe': 'One-Click' }

  test.each(['GET', 'HEAD'])('is not done by %s', async (method) => {
    const { path } = await linkOf()
    const before = await web.state()
    const answer = await web.app.request(`${site}${path}`, { method })
    expect(answer.status).toBe(200)
    if (method === 'GET') expect(await answer.text()).toContain('Me désinscrire')
    expect(await web.state()).toBe(before)
  })

  test('is done by the page’s button, once, and closes the links', async () => {
    const { path, read, reader } = await linkOf()
    const done = await web.post(path, { leave: 'yes' })
    expect(done.status).toBe(200)
    expect(await done.text()).toContain('Désinscription faite')
    const after = await stored(reader)
    expect(after).toMatchObject({
      state: 'unsubscribed',
      reason: fault('recipient.leftByMail', { how: 'button', at: '2024-05-20T00:00:00.000Z' }),
    })
    web.opened.at('2024-05-20T01:00:00.000Z')
    expect((await web.post(path, { leave: 'yes' })).status).toBe(200)
    expect((await web.post(path, oneClick)).status).toBe(200)
    expect(await stored(reader)).toEqual(after)
    expect(await (await web.get(path)).text()).toContain('Désinscription faite')
    expect((await web.post(read, { file: 'html' })).status).toBe(403)
    web.opened.at('2024-05-20T00:00:00.000Z')
  })

  test('is done by one click of a mail program, from any site, without a redirect (RFC 8058)', async () => {
    const { path, reader } = await linkOf({ language: 'en' })
    const cross = { 'sec-fetch-site': 'cross-site', origin: 'https://mail.example.com' }
    const done = await web.post(path, oneClick, cross)
    expect(done.status).toBe(200)
    expect(await done.text()).toContain('You are unsubscribed')
    expect(await stored(reader)).toMatchObject({ state: 'unsubscribed' })
    expect(web.logged.at(-1)).toMatchObject({
      what: 'recipient left',
      facts: { recipient: reader.id, by: 'click' },
    })
  })

  test('is done by one click as multipart/form-data too', async () => {
    const { path, reader } = await linkOf()
    const body = new FormData()
    body.set('List-Unsubscribe', 'One-Click')
    expect((await web.app.request(`${site}${path}`, { method: 'POST', body })).status).toBe(200)
    expect(await stored(reader)).toMatchObject({ state: 'unsubscribed' })
  })

  test('is done once where ten requests come at once', async () => {
    const { path, reader } = await linkOf()
    const left = web.logged.filter(({ what }) => what === 'recipient left').length
    const answers = await Promise.all(Array.from({ length: 10 }, () => web.post(path, oneClick)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(web.logged.filter(({ what }) => what === 'recipient left')).toHaveLength(left + 1)
    expect(await stored(reader)).toMatchObject({ state: 'unsubscribed' })
  })

  test('keeps why a recipient was suppressed', async () => {
    const { path, reader } = await linkOf()
    const suppressed: Recipient = { ...reader, state: 'suppressed', reason: 'its address bounced: 5.1.1' }
    await web.opened.services.recipients.replace(suppressed)
    await web.post(path, { leave: 'yes' })
    expect(await stored(reader)).toMatchObject({
      state: 'unsubscribed',
      reason: { code: 'recipient.leftByMailAfter', values: { before: suppressed.reason } },
    })
  })

  test('is not done by another form, nor by a token of another kind', async () => {
    const { path, read, reader } = await linkOf()
    for (const form of [{}, { 'List-Unsubscribe': 'no' }, { leave: 'no' }])
      expect((await web.post(path, form)).status).toBe(400)
    expect((await web.post(read.replace('/r/', '/unsubscribe/'), oneClick)).status).toBe(404)
    expect(await stored(reader)).toMatchObject({ state: 'active' })
  })
})

describe('confirming', () => {
  const asked = async (changes: Partial<Recipient> = {}) => {
    const reader = someone({ state: 'pending', territories: ['NC', 'antilles'], ...changes })
    await web.opened.services.recipients.replace(reader)
    let text = ''
    const mailer = {
      send: async ({ raw }: { raw: Uint8Array }) => {
        text = Buffer.from(raw).toString().replaceAll('=\r\n', '')
        return { messageId: 'm' }
      },
    }
    const organisation = { organisation: 'Cellule de veille' }
    await askToConfirm(reader, web.opened.services, { mailer, from: 'vigie@example.org', site, organisation })
    const token = /\/confirm\/([0-9a-f]{64})/.exec(text)?.[1] ?? ''
    return { path: `/confirm/${token}`, reader, text }
  }

  test('is requested by a mail that names the sender and the reports', async () => {
    const { text } = await asked({ language: 'en' })
    expect(text).toContain('Subject: Vigie: confirm your registration')
    expect(text).toContain('Cellule de veille registered this address')
    expect(text).toContain('(French Antilles and New Caledonia)')
    const named = await asked({ language: 'en', territories: ['overseas', 'COR'], editions: ['ALL', 'NC'] })
    expect(named.text).toContain('(National edition and New Caledonia)')
    for (const page of [await web.get(named.path), await web.post(named.path, { join: 'yes' })]) {
      const shown = await page.text()
      expect(shown).toContain('Reports: National edition and New Caledonia.')
      expect(shown).not.toContain('Territories')
    }
  })

  test('is done by the button, and not by opening the page', async () => {
    const { path, reader } = await asked()
    const page = await web.get(path)
    expect(await page.text()).toContain('Confirmer l’inscription')
    await web.app.request(`${site}${path}`, { method: 'HEAD' })
    expect(await stored(reader)).toMatchObject({ state: 'pending' })
    expect((await web.post(path, {})).status).toBe(400)
    expect(await stored(reader)).toMatchObject({ state: 'pending' })
    const done = await web.post(path, { join: 'yes' })
    expect(done.status).toBe(200)
    expect(await done.text()).toContain('Inscription confirmée')
    expect(await stored(reader)).toEqual({ ...reader, state: 'active' })
    expect(await (await web.get(path)).text()).toContain('Inscription confirmée')
  })

  test.each(['unsubscribed', 'suppressed'] as const)('does not take back a recipient who is %s', async (state) => {
    const { path, reader } = await asked()
    const gone: Recipient = { ...reader, state, reason: 'for a reason' }
    await web.opened.services.recipients.replace(gone)
    expect((await web.get(path)).status).toBe(403)
    expect((await web.post(path, { join: 'yes' })).status).toBe(403)
    expect(await stored(reader)).toEqual(gone)
  })

  test('is not done after thirty days', async () => {
    const { path, reader } = await asked()
    web.opened.at('2024-06-20T00:00:00.000Z')
    expect((await web.post(path, { join: 'yes' })).status).toBe(404)
    expect(await stored(reader)).toMatchObject({ state: 'pending' })
    web.opened.at('2024-05-20T00:00:00.000Z')
  })
})
