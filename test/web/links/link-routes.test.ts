/** The link of a mail: opening the page opens no file, a button opens one, and from AMBER on a mailed code is needed. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import type { Recipient } from '../../../lambdas/domain/delivery/recipient.ts'
import { MailRefusedError } from '../../../lambdas/mail/mailer.ts'
import { recallVersion } from '../../../lambdas/usecases/delivery/recall-version.ts'
import { input } from '../../support/detections.ts'
import { recipient } from '../../support/recipients.ts'
import { ingestInto, reportFrom } from '../../support/services.ts'
import { openWeb, site, type Web } from '../../support/web.ts'

let web: Web
let readers = 0
const start = '2024-05-20T08:00:00.000Z'

beforeAll(async () => {
  web = await openWeb({ contact: 'veille@example.org' })
})
afterAll(() => web.close())

const someone = (changes: Partial<Recipient> = {}): Recipient => {
  readers += 1
  return recipient(`reader-${readers}@example.org`, changes)
}
const later = (minutes: number) => web.opened.at(new Date(Date.parse(start) + minutes * 60_000).toISOString())
const linkOf = async (changes: Partial<Recipient> = {}, options: Parameters<Web['linkTo']>[1] = {}) => {
  later(0)
  const reader = someone(changes)
  const { read } = await web.linkTo(reader, options)
  return { path: `/r/${read}`, reader }
}
const green = { clearance: 'TLP:GREEN' } as const
const greenLink = (changes: Partial<Recipient> = {}) => linkOf({ ...green, ...changes }, { cap: 'TLP:GREEN' })
const askFor = (path: string) => web.post(path, { ask: 'code' })
/** Another code than the one that was mailed. */
const wrong = (by = 1) => String((Number(web.code()) + by) % 1_000_000).padStart(6, '0')
const fileAt = async (answer: Response) => {
  expect(answer.status).toBe(303)
  return web.get(answer.headers.get('location') ?? '')
}

describe('opening the page', () => {
  test.each(['GET', 'HEAD'])('by %s changes nothing and opens no file', async (method) => {
    const { path } = await linkOf()
    const before = await web.state()
    for (let times = 0; times < 3; times += 1) {
      const answer = await web.app.request(`${site}${path}`, { method })
      expect(answer.status).toBe(200)
      expect(answer.headers.get('location')).toBeNull()
    }
    expect(await web.state()).toBe(before)
  })

  test('shows which report, its marking and a button, and nothing of its content', async () => {
    const { path } = await linkOf()
    const page = await (await web.get(path)).text()
    expect(page).toContain('TLP:AMBER')
    expect(page).toContain('Nouvelle-Calédonie')
    expect(page).toContain('rapport hebdomadaire')
    expect(page).toContain('semaine 20')
    expect(page).toContain('Recevoir le code')
    for (const finding of ['5\u202f187', '5\u202f332', 'UN-notorious', 'Copier-coller', 'reader-', 'Constat réservé']) {
      expect(page).not.toContain(finding)
    }
    expect(page).not.toContain('<script')
  })

  test('is in the reader’s own language, whatever the browser asks for', async () => {
    const { path } = await linkOf({ language: 'en' })
    const page = await (await web.get(path, { 'accept-language': 'fr' })).text()
    expect(page).toContain('<html lang="en">')
    expect(page).toContain('New Caledonia')
    expect(page).toContain('Send me the code')
  })

  test('sends no referrer, is never cached, and accepts nothing from elsewhere', async () => {
    const { path } = await linkOf()
    const { headers } = await web.get(path)
    const policy = headers.get('content-security-policy') ?? ''
    for (const rule of [
      "default-src 'none'",
      "style-src 'self'",
      "form-action 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ]) {
      expect(policy).toContain(rule)
    }
    expect(policy).not.toContain('unsafe')
    // Forms may also lead to the origin of the files, where that is another one.
    const files = { urlFor: async () => '', origin: async () => 'https://bucket.example' }
    const other = await web.ofOrganisation({}, files).request(`${site}${path}`)
    expect(other.headers.get('content-security-policy')).toContain("form-action 'self' https://bucket.example;")
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('cache-control')).toBe('no-store')
    expect(headers.get('x-robots-tag')).toContain('noindex')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('set-cookie')).toBeNull()
  })
})

describe('a report up to GREEN', () => {
  test('opens at a click, on the screen or as a PDF, in the reader’s language', async () => {
    const { path, reader } = await greenLink({ language: 'en' })
    const page = await (await web.get(path)).text()
    expect(page).toContain('Read on screen')
    const shown = await fileAt(await web.post(path, { file: 'html' }))
    expect(shown.headers.get('content-type')).toContain('text/html')
    expect(shown.headers.get('content-disposition')).toBe('inline; filename="vigie-NC-2024-W20-green-v0001.en.html"')
    expect(shown.headers.get('x-content-type-options')).toBe('nosniff')
    expect(shown.headers.get('content-security-policy')).toContain('sandbox')
    expect(await shown.text()).toContain('<html lang="en">')
    const saved = await fileAt(await web.post(path, { file: 'pdf' }))
    expect(saved.headers.get('content-type')).toBe('application/pdf')
    expect(saved.headers.get('content-disposition')).toMatch(/^attachment; /)
    expect(
      Buffer.from(await saved.arrayBuffer())
        .subarray(0, 5)
        .toString(),
    ).toBe('%PDF-')
    expect(web.logged.at(-1)).toEqual({
      what: 'file opened',
      facts: {
        delivery: `NC.2024-W20.green.1.${reader.id}`,
        recipient: reader.id,
        report: 'NC/2024-W20/green/v0001',
        file: 'report.en.pdf',
        marking: 'TLP:CLEAR',
        at: start,
      },
    })
    expect(JSON.stringify(web.logged)).not.toContain(reader.address)
    expect(JSON.stringify(web.logged)).not.toContain(path.slice(3))
  })

  test('is opened by a named file alone, and mails nothing', async () => {
    const { path } = await greenLink()
    const mails = web.mails.length
    for (const form of [{}, { file: 'report.json' }]) expect((await web.post(path, form)).status).toBe(400)
    expect(web.mails).toHaveLength(mails)
  })

  test('is open at its signed address for five minutes, as it was signed', async () => {
    const { path } = await greenLink()
    const location = (await web.post(path, { file: 'html' })).headers.get('location') ?? ''
    later(4.9)
    expect((await web.get(location)).status).toBe(200)
    later(5.1)
    expect((await web.get(location)).status).toBe(404)
    later(1)
    const [words = '', signature = ''] = location.slice('/signed/'.length).split('.')
    const other = JSON.parse(Buffer.from(words, 'base64url').toString())
    const forged = Buffer.from(JSON.stringify({ ...other, key: 'reports/NC/2024-W20/amber/v0001/report.json' }))
    for (const address of [
      `${forged.toString('base64url')}.${signature}`,
      `${words}.${signature.slice(0, -2)}`,
      words,
      `${words}.`,
      `${words}.${signature}.x`,
      `.${signature}`,
    ]) {
      expect((await web.get(`/signed/${address}`)).status, address).toBe(404)
    }
  })
})

describe('a report from AMBER on', () => {
  test('mails a code first, to the reader alone', async () => {
    const { path, reader } = await linkOf()
    const answer = await askFor(path)
    expect(answer.status).toBe(200)
    const page = await answer.text()
    expect(page).toContain('name="code"')
    const mail = web.mails.at(-1)
    expect(mail?.to).toBe(reader.address)
    expect(web.code()).toMatch(/^\d{6}$/)
    expect(mail?.subject).toBe('Vigie\u00a0: votre code de lecture')
    expect(mail?.subject).not.toContain(web.code())
    expect(page).not.toContain(web.code())
    expect(page).not.toContain(reader.address)
    expect(mail?.raw).toContain('Auto-Submitted: auto-generated')
    // Neither the code nor anything to guess it from is stored.
    expect(await web.state()).not.toContain(web.code())
  })

  test('asks for a code also where a file is named', async () => {
    const { path } = await linkOf()
    const answer = await web.post(path, { file: 'html' })
    expect(answer.status).toBe(200)
    expect(answer.headers.get('location')).toBeNull()
    expect(await answer.text()).toContain('name="code"')
  })

  test('opens once by the right code', async () => {
    const { path } = await linkOf()
    await askFor(path)
    const code = web.code()
    const shown = await fileAt(
      await web.post(path, { code: ` ${code.slice(0, 3)}\u00a0${code.slice(3)} `, file: 'html' }),
    )
    expect(await shown.text()).toContain('TLP:AMBER')
    const again = await web.post(path, { code, file: 'pdf' })
    expect(again.status).toBe(422)
    expect(await again.text()).toContain('n’ouvre qu’une fois')
    // Another code may be requested at once.
    const mails = web.mails.length
    expect((await askFor(path)).status).toBe(200)
    expect(web.mails).toHaveLength(mails + 1)
  })

  test('opens once where the right code comes three times at once', async () => {
    const { path } = await linkOf()
    await askFor(path)
    const form = { code: web.code(), file: 'html' }
    const opened = web.logged.filter(({ what }) => what === 'file opened').length
    const answers = await Promise.all([web.post(path, form), web.post(path, form), web.post(path, form)])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 422, 422])
    expect(web.logged.filter(({ what }) => what === 'file opened')).toHaveLength(opened + 1)
  })

  test('counts wrong codes, also of many requests at once, and after five accepts no code', async () => {
    const { path } = await linkOf()
    await askFor(path)
    const answer = await web.post(path, { code: wrong(), file: 'html' })
    expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('il reste 4')])
    const answers = await Promise.all(
      Array.from({ length: 11 }, (_, at) => web.post(path, { code: wrong(at + 2), file: 'html' })),
    )
    const pages = await Promise.all(answers.map((one) => one.text()))
    expect(pages.filter((page) => page.includes('pas le bon'))).toHaveLength(3)
    expect(pages.filter((page) => page.includes('ne vaut plus'))).toHaveLength(8)
    expect((await web.post(path, { code: web.code(), file: 'html' })).status).toBe(422)
  })

  test('keeps the code where no code is typed or no file is named', async () => {
    const { path } = await linkOf()
    await askFor(path)
    for (let times = 0; times < 6; times += 1) {
      const answer = await web.post(path, { code: "' OR 1=1", file: 'html' })
      expect([answer.status, await answer.text()]).toEqual([422, expect.stringContaining('six chiffres')])
    }
    expect((await web.post(path, { code: web.code() })).status).toBe(400)
    expect((await web.post(path, { code: web.code(), file: 'pdf' })).status).toBe(303)
  })

  test('mails three codes an hour, and shows from when on it mails another', async () => {
    const { path } = await linkOf()
    const mails = web.mails.length
    for (const minute of [0, 1, 2]) {
      later(minute)
      await askFor(path)
    }
    later(3)
    const fourth = await askFor(path)
    expect([fourth.status, fourth.headers.get('retry-after')]).toEqual([429, '3420'])
    expect(await fourth.text()).toContain('dans 57 minutes')
    expect(web.mails).toHaveLength(mails + 3)
    expect((await web.post(path, { code: web.code(), file: 'html' })).status).toBe(303)
  })

  test('mails one code where it is requested ten times at once', async () => {
    const { path } = await linkOf()
    const mails = web.mails.length
    const answers = await Promise.all(Array.from({ length: 10 }, () => askFor(path)))
    expect(answers.every(({ status }) => status === 200)).toBe(true)
    expect(web.mails).toHaveLength(mails + 1)
    expect((await web.post(path, { code: web.code(), file: 'html' })).status).toBe(303)
  })

  test('shows where the code could not be sent, and does not count it', async () => {
    const { path } = await linkOf()
    web.refuse(new MailRefusedError('TooManyRequestsException: slower'))
    for (let times = 0; times < 4; times += 1) expect((await askFor(path)).status).toBe(503)
    web.refuse(undefined)
    expect((await askFor(path)).status).toBe(200)
    later(1)
    web.refuse(new Error('socket hang up'))
    for (let times = 0; times < 2; times += 1) expect((await askFor(path)).status).toBe(503)
    // These may have arrived, and count.
    expect((await askFor(path)).status).toBe(429)
    web.refuse(undefined)
  })

  test('accepts the code of one link for no other', async () => {
    const one = await linkOf()
    await askFor(one.path)
    const code = web.code()
    const other = await linkOf({}, { period: '2024-W19' })
    await askFor(other.path)
    if (code !== web.code()) expect((await web.post(other.path, { code, file: 'html' })).status).toBe(422)
  })

  test('mails no more codes once fifty were wrong', async () => {
    const { path } = await linkOf()
    await askFor(path)
    const { tokens } = web.opened.services
    const code = await tokens.code(path.slice(3))
    if (!code) throw new Error('no code was mailed')
    await tokens.setCode(path.slice(3), code, { ...code, tries: 4, wrong: 49 })
    await web.post(path, { code: wrong(), file: 'html' })
    const answer = await askFor(path)
    expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('Trop de codes faux')])
  })
})

test('a link to a replaced version still opens it, and names the newest one', async () => {
  const { path } = await linkOf(green, { cap: 'TLP:GREEN', period: '2024-W16' })
  expect(await (await web.get(path)).text()).not.toContain('remplacée')
  later(60)
  await ingestInto(web.opened, [input({ id: 'came-late', observed: { from: '2024-04-17' }, marking: 'TLP:GREEN' })])
  await reportFrom(web.opened, 'NC', '2024-W16', { cap: 'TLP:GREEN' })
  expect(await (await web.get(path)).text()).toContain('1, remplacée\u00a0: la version 2 est la plus récente')
  await fileAt(await web.post(path, { file: 'html' }))
})

describe('a link that opens nothing', () => {
  const never = '0'.repeat(64)

  test('has the same page, whether unknown, malformed, expired or of another kind', async () => {
    const { path } = await greenLink()
    const { leave } = await web.linkTo(someone(green), { cap: 'TLP:GREEN' })
    const [unknown, malformed, upper, other] = await Promise.all(
      [never, 'x', path.slice(3).toUpperCase(), leave].map(async (token) => web.get(`/r/${token}`)),
    )
    later(91 * 24 * 60)
    const expired = await web.get(path)
    const bodies = await Promise.all([unknown, malformed, upper, other, expired].map((one) => one?.text()))
    expect(new Set(bodies).size).toBe(1)
    for (const one of [unknown, malformed, upper, other, expired]) expect(one?.status).toBe(404)
    expect(bodies[0]).toContain('Ce lien n’ouvre rien')
    expect(bodies[0]).toContain('veille@example.org')
    expect((await web.post(path, { file: 'html' })).status).toBe(404)
  })

  test('explains a recall to its reader, without the reason', async () => {
    const { path } = await linkOf(green, { cap: 'TLP:GREEN', period: '2024-W18' })
    const edition = { territory: 'NC', period: parsePeriod('2024-W18'), cap: 'TLP:GREEN' } as const
    await recallVersion({ edition, version: 1, reason: 'a wrong figure', by: 'A. Roy' }, web.opened.services)
    for (const answer of [await web.get(path), await web.post(path, { file: 'html' })]) {
      expect(answer.status).toBe(403)
      const page = await answer.text()
      expect(page).toContain('rappelé cette version')
      expect(page).not.toContain('a wrong figure')
    }
    expect(web.logged.at(-1)).toMatchObject({ what: 'link refused', facts: { why: 'recalled' } })
  })

  test.each([
    ['unsubscribed', { state: 'unsubscribed' }, 'ne figure plus'],
    ['cleared for less', { clearance: 'TLP:CLEAR' }, 'ne comprend pas ce rapport'],
  ] as const)('explains to its reader that they are now %s', async (_, change, words) => {
    const { path, reader } = await linkOf()
    await askFor(path)
    await web.opened.services.recipients.replace({ ...reader, ...change } as Recipient)
    expect((await web.get(path)).status).toBe(403)
    const answer = await web.post(path, { code: web.code(), file: 'html' })
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain(words)
    const mails = web.mails.length
    expect((await askFor(path)).status).toBe(403)
    expect(web.mails).toHaveLength(mails)
  })

  test('waits for the note of an analyst where the organisation requires one', async () => {
    const { path } = await greenLink()
    const careful = web.ofOrganisation({ noteBeforeDelivery: true })
    const answer = await careful.request(`${site}${path}`)
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('l’accord d’un analyste')
  })

  test('is in the browser’s language where the reader is unknown', async () => {
    for (const [languages, words] of [
      ['en-GB,en;q=0.9,fr;q=0.3', 'This link opens nothing'],
      ['de,fr-CA;q=0.9,en;q=0.3', 'Ce lien n’ouvre rien'],
    ] as const)
      expect(await (await web.get(`/r/${never}`, { 'accept-language': languages })).text()).toContain(words)
  })

  test('is a problem for programs', async () => {
    const answer = await web.get(`/r/${never}`, { accept: 'application/json', 'accept-language': 'en' })
    expect(answer.status).toBe(404)
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({
      type: 'urn:vigie:problem:unknown-link',
      title: 'This link opens nothing',
      status: 404,
    })
  })
})
