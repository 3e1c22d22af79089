/**
 * The reading room by request: lists, filters, versions, jobs, mail and the watch; who sees what, and what hostile
 * requests come to.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Caller } from '../../../lambdas/domain/access/caller.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { cursorTo } from '../../../lambdas/usecases/archive/browse-archive.ts'
import { withoutRuns } from '../../support/date-runs.ts'
import { detection } from '../../support/detections.ts'
import { formToken, hostile, openRoom, type Room } from '../../support/room.ts'

let room: Room

beforeAll(async () => {
  room = await openRoom()
})
afterAll(async () => room.close())

const page = async (path: string, headers: Readonly<Record<string, string>> = { 'accept-language': 'en' }) => {
  const answer = await room.get(path, headers)
  return { status: answer.status, headers: answer.headers, text: withoutRuns(await answer.text()) }
}
const rowsIn = (text: string): number => text.match(/<th scope="row"/g)?.length ?? 0
const titleIn = (text: string): string => /<h1[^>]*>(.*?)<\/h1>/s.exec(text)?.[1] ?? ''

describe('the candidates', () => {
  const all = ['vigie-clear', 'vigie-amber', 'vigie-red', 'vigie-pf', 'vigie-signed']
  beforeAll(async () => {
    const { candidates } = room.opened.services
    const now = new Date('2024-05-20T00:00:00.000Z')
    for (const [id, marking, territory] of [
      ['vigie-clear', 'TLP:CLEAR', 'NC'],
      ['vigie-amber', 'TLP:AMBER', 'NC'],
      ['vigie-red', 'TLP:RED', 'NC'],
      ['vigie-pf', 'TLP:CLEAR', 'PF'],
      ['vigie-signed', 'TLP:CLEAR', 'NC'],
    ] as const) {
      const found = detection({
        id,
        marking,
        territories: [territory],
        title: hostile,
        counts: { posts: 12, accounts: 7 },
      })
      await candidates.save({ detection: found, members: [id] }, now)
    }
    const signed = await candidates.get('vigie-signed')
    if (signed) await candidates.decide(signed, { by: 'Ana Martin', state: 'signed' }, now)
  })
  const idsIn = (text: string) => all.filter((id) => text.includes(`<bdi>${id}</bdi>`))

  test('are those that wait, of the reader’s territories and up to the clearance, each with its page for who may sign', async () => {
    const { status, text } = await page('/room/candidates')
    expect([status, idsIn(text)]).toEqual([200, all.slice(0, 4)])
    expect(text).toContain('href="/room/candidates/vigie-clear"')
    expect(text).not.toContain('<script>alert')
    const reader: Partial<Caller> = { territories: ['NC'], clearance: 'TLP:AMBER', scopes: ['reports:read'] }
    const own = await room.as(reader, () => page('/room/candidates'))
    expect(idsIn(own.text)).toEqual(['vigie-clear', 'vigie-amber'])
    expect(own.text).toMatch(/<header class="marking">.*<b class="tlp tlp-amber">TLP:AMBER<\/b>/)
    const none = await room.as({ ...reader, territories: ['WF'] }, () => page('/room/candidates'))
    expect(none.text).toContain('Nothing that you may read waits for a decision.')
  })
})

describe('the archive', () => {
  test('is where the address without a path leads', async () => {
    const answer = await room.get('/')
    expect([answer.status, answer.headers.get('location')]).toEqual([302, '/room'])
  })

  test('is there with a slash at the end too', async () => {
    for (const [path, to] of [
      ['/room/', '/room'],
      ['/room/?week=2024-W20&lang=fr', '/room?week=2024-W20&lang=fr'],
    ]) {
      const answer = await room.get(path ?? '')
      expect([answer.status, answer.headers.get('location')]).toEqual([302, to])
    }
  })

  test('lists versions with marking, figures and their past', async () => {
    const { status, text } = await page('/room/archive')
    expect(status).toBe(200)
    expect(rowsIn(text)).toBe(5)
    expect(text).toContain('<span>at least</span><b>5,339</b>')
    expect(text).toContain('<b class="tlp tlp-amber">TLP:AMBER</b><small>TLP:AMBER edition</small>')
    expect(text).toContain('aria-label="No earlier period known, 3 not watched, then at least 5,3')
    // The page is marked as what it shows.
    expect(text).toMatch(/<header class="marking">.*<b class="tlp tlp-amber">TLP:AMBER<\/b>/)
  })

  test('names a recalled version, and tells no figure of it', async () => {
    const { text } = await page('/room/archive?territory=PF')
    expect(rowsIn(text)).toBe(1)
    expect(text).toContain('<small class="wrong">recalled</small>')
    expect(text).not.toContain('<b>0</b>')
  })

  test.each([
    ['territory=NC', 4],
    ['period=2024-W20', 4],
    ['period=2024-w20&cap=TLP%3AGREEN', 1],
    ['from=2024-05-13', 4],
    ['to=2024-05-12', 1],
    ['from=2024-05-10&to=2024-05-12&territory=NC&cadence=week', 1],
    ['cadence=month', 0],
    ['cadence=month&period=2024-W20', 0],
    ['territory=&period=&cap=&from=&to=', 5],
  ])('filtered by %s has %i rows', async (query, rows) => {
    const { status, text } = await page(`/room/archive?${query}`)
    expect([status, rowsIn(text)]).toEqual([200, rows])
    if (rows === 0) expect(text).toContain('No report matches these filters.')
  })

  test('keeps what was chosen in the form and in its links', async () => {
    const { text } = await page('/room/archive?lang=fr&territory=NC&cap=TLP%3AAMBER&from=2024-05-01')
    expect(text).toContain('<option value="NC" selected>')
    expect(text).toContain('<option value="TLP:AMBER" selected>')
    expect(text).toContain('name="from" type="date" value="2024-05-01"')
    expect(text).toContain('<input type="hidden" name="lang" value="fr">')
    expect(text).toContain(
      'href="/room/archive?territory&#x3D;PF&amp;cap&#x3D;TLP%3AAMBER&amp;from&#x3D;2024-05-01&amp;lang&#x3D;fr"',
    )
  })

  test.each(['territory=XX', 'cadence=day', 'period=2024-W99', 'cap=TLP', 'from=yesterday', 'to=2024-02-30'])(
    'says that it cannot read %s',
    async (query) => {
      const { status, text } = await page(`/room/archive?${query}`)
      expect([status, rowsIn(text)]).toEqual([422, 0])
      expect(text).toContain('role="alert"')
      expect(text.match(/aria-invalid/g)).toHaveLength(1)
    },
  )

  test.each(['%00', 'zz', Buffer.from('../../etc/passwd').toString('base64url'), 'A'.repeat(5_000)])(
    'refuses the cursor %s',
    async (cursor) => {
      const { status, text } = await page(`/room/archive?cursor=${cursor}`)
      expect([status, titleIn(text)]).toEqual([400, 'There is no such part of the list'])
    },
  )

  test('goes on from a cursor, and back to the newest', async () => {
    const { text } = await page(`/room/archive?cursor=${cursorTo('2024-05-20T00:00:00.000Z 2024-05-13 2024-05-06 ~')}`)
    expect(rowsIn(text)).toBe(1)
    expect(text).toContain('<a href="/room/archive">Back to the newest</a>')
  })
})

describe('the versions of a report', () => {
  test('stand side by side, with what changed, why, and their files', async () => {
    const { status, text } = await page('/room/NC/2024-W20/amber')
    expect(status).toBe(200)
    expect(text).toContain('Versions side by side')
    expect(text).toMatch(/<b>5,332<\/b>.*<b>5,339<\/b><span class="changed">changed<\/span>/)
    expect(text).toContain('<b>data that came late</b>')
    expect(text).toContain('published, in force')
    expect(text).toContain('published, replaced since')
    for (const name of [
      'report.fr.html',
      'report.en.pdf',
      'detections.csv',
      'report.stix.json',
      'manifest.json',
      'manifest.sig',
    ]) {
      expect(text).toContain(`href="/room/NC/2024-W20/amber/2/files/${name}"`)
    }
  })

  test('lead to the public key under which they are signed', async () => {
    expect((await page('/room/NC/2024-W20/amber')).text).toContain('href="/room/signing-key')
    const answer = await room.get('/room/signing-key')
    expect(answer.headers.get('content-type')).toBe('application/x-pem-file')
    expect(await answer.text()).toBe((await room.opened.services.signer.publicKey()).pem)
    expect((await room.as(undefined, () => room.get('/room/signing-key'))).status).toBe(401)
  })

  test('open by a signed address, and the opening is logged', async () => {
    const answer = await room.get('/room/NC/2024-W20/amber/2/files/report.en.html')
    expect(answer.status).toBe(302)
    const file = await room.get(answer.headers.get('location') ?? '')
    expect(file.headers.get('content-disposition')).toContain('inline')
    expect(room.logged.at(-1)).toEqual({
      what: 'file opened',
      facts: { who: 'this machine', report: 'NC/2024-W20/amber/v0002', file: 'report.en.html', marking: 'TLP:AMBER' },
    })
  })

  test('say of a recalled one why, as plain text, and open nothing of it', async () => {
    const { status, text } = await page('/room/PF/2024-W20/amber')
    expect(status).toBe(200)
    expect(text).toContain('Reason: &quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(text).not.toContain('/files/')
  })

  test('say of a held one why, and open nothing of it', async () => {
    const { reports } = room.opened.services
    const [first] = await Array.fromAsync(reports.all({ territory: 'NC', period: '2024-W19' }))
    if (!first?.published) throw new Error('there is no report of 2024-W19')
    const { published, ...rest } = first
    await reports.claim({ ...rest, version: 2, state: 'held', held: published, reason: `page 2 is blank ${hostile}` })
    const { text } = await page('/room/NC/2024-W19/amber')
    expect(text).toContain('page 2 is blank &quot;&gt;&lt;script&gt;')
    expect(text).toContain('<b class="wrong">held</b>')
    // Of those that stand, the newest is the one below it.
    expect(text).toContain('<b>published, in force</b>')
    expect(text).not.toContain('/amber/2/files/')
  })

  test.each([
    '/room/NC/2024-W20/red',
    '/room/XX/2024-W20/amber',
    '/room/NC/2024-W99/amber',
    '/room/NC/2024-W20/pink',
    '/room/x',
  ])('are not at %s', async (path) => {
    const { status, text } = await page(path)
    expect([status, titleIn(text)]).toEqual([404, 'There is nothing here'])
  })
})

describe('a report that is asked for', () => {
  const good = { token: formToken, territory: 'NC', period: '2024-W18', cap: 'TLP:AMBER' }

  test('waits, is made, and is linked; pressed twice it is one job', async () => {
    const key = '0b54d7c8-68a5-4a5c-9a5c-1f5f27b0a001'
    const [answer, twin] = [
      await room.post('/room/reports?lang=fr', { ...good, key }),
      await room.post('/room/reports?lang=fr', { ...good, key }),
    ]
    expect(answer.status).toBe(303)
    const path = answer.headers.get('location') ?? ''
    expect(path).toMatch(/^\/room\/jobs\/[0-9a-f-]{36}\?lang=fr$/)
    expect(twin.headers.get('location')).toBe(path)
    const waiting = await page(path)
    expect(waiting.headers.get('refresh')).toBe('4')
    expect(waiting.text).toContain('La demande attend son tour.')
    await room.work()
    const done = await page(path)
    expect(done.headers.get('refresh')).toBeNull()
    expect(done.text).toContain('Le rapport est prêt.')
    expect(done.text).toContain('href="/room/NC/2024-W18/amber/1/files/report.fr.html?lang&#x3D;fr"')
    expect(done.text).toContain('href="/room/NC/2024-W18/amber?lang&#x3D;fr#v1"')
    // Another request under the same key is another job: somebody went back and typed something else.
    const other = await room.post('/room/reports', { ...good, period: '2024-W17', key })
    expect(other.headers.get('location')).not.toBe(path.replace('?lang=fr', ''))
    room.queue.splice(0)
  })

  test('is refused, kindly, to whoever has asked for as many as he may within the hour', async () => {
    const form = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', token: formToken }
    await room.as({ who: 'sub-1 busy@example.org' }, async () => {
      for (let asked = 0; asked < 120; asked += 1) expect((await room.post('/room/reports', form)).status).toBe(303)
      const answer = await room.post('/room/reports', form, { 'accept-language': 'en' })
      expect(answer.status).toBe(429)
      expect(answer.headers.get('retry-after')).toBe('3600')
      expect(await answer.text()).toContain('You have already requested 120 reports within this hour')
    })
    // By the API he is the same caller; another reader is another.
    const body = JSON.stringify({ territory: 'NC', period: '2024-W20' })
    const headers = { 'content-type': 'application/json' }
    const byApi = async () => room.app.request('http://127.0.0.1/reports', { method: 'POST', headers, body })
    expect((await room.as({ who: 'sub-1' }, byApi)).status).toBe(429)
    expect((await room.as({ who: 'sub-2' }, byApi)).status).toBe(202)
    room.queue.splice(0)
  })

  test('says why it failed, as plain text', async () => {
    const { jobs } = room.opened.services
    const id = '0b54d7c8-68a5-4a5c-9a5c-1f5f27b0a002'
    const at = '2024-05-21T00:00:00.000Z'
    const request = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', deliver: false } as const
    await jobs.create({ id, state: 'failed', request, askedBy: 'x', askedAt: at, at, reason: hostile })
    const { text } = await page(`/room/jobs/${id}`)
    expect(text).toContain('The report could not be made.')
    expect(text).toContain('<bdi>&quot;&gt;&lt;script&gt;')
  })

  test('a period that is too large is given back with the limit', async () => {
    const counted = vi.spyOn(room.opened.services.detections, 'count').mockResolvedValue(2_000_000)
    const answer = await room.post('/room/reports?lang=en', { ...good, period: '2023' })
    counted.mockRestore()
    expect(answer.status).toBe(422)
    expect(await answer.text()).toContain('more than the 1,500,000 stored revisions of detections that a report reads')
    expect(room.queue).toEqual([])
  })

  test.each([
    [{ period: '2024-W99' }, 'Write a week'],
    [{ period: '' }, 'Write a week'],
    [{ period: hostile }, 'Write a week'],
    [{ period: '2030' }, 'This period has not begun in this territory.'],
    [{ territory: 'XX' }, 'Unknown value.'],
    [{ cap: 'TLP:PINK' }, 'Unknown value'],
  ])('%j is given back with what is wrong', async (changed, said) => {
    const answer = await room.post('/room/reports?lang=en', { ...good, ...changed })
    const text = await answer.text()
    expect(answer.status).toBe(422)
    expect(text).toContain(said)
    expect(text).not.toContain('<script')
    expect(room.queue).toEqual([])
  })

  test.each([
    ['from another site', good, { 'sec-fetch-site': 'cross-site' }, 403],
    ['from another origin', good, { 'sec-fetch-site': 'same-site', origin: 'http://127.0.0.2' }, 403],
    ['without the token', { ...good, token: '' }, {}, 403],
    ['with another token', { ...good, token: 'another' }, {}, 403],
    ['as JSON', good, { 'content-type': 'application/json' }, 400],
    ['of over a megabyte', { ...good, period: 'x'.repeat(1_100_000) }, {}, 413],
  ])('%s it is refused', async (_, form, headers, status) => {
    const answer = await room.post('/room/reports', form, headers)
    expect(answer.status).toBe(status)
    expect(room.queue).toEqual([])
  })

  test.each(['nothing', '0b54d7c8-68a5-4a5c-9a5c-1f5f27b0a999', '..%2F..%2Fetc'])('no job is %s', async (id) => {
    expect((await page(`/room/jobs/${id}`)).status).toBe(404)
  })
})

describe('mail', () => {
  test('lists deliveries with their mails, and reads one of them', async () => {
    const { text } = await page('/room/mail')
    expect(text).toContain('prefet@example.org')
    expect(text).toContain('<b>sent</b>')
    const path = /href="(\/room\/mail\/NC\.2024-W20\.amber\.1\.[^"]+)"/.exec(text)?.[1] ?? ''
    const letter = await page(path)
    expect(letter.status).toBe(200)
    expect(letter.text).toContain('<pre class="letter" dir="auto">')
    expect(letter.text).toMatch(/<h1 class="subject-line"><bdi>\[TLP:CLEAR\] Nouvelle-Calédonie/)
    expect(letter.text).toContain('prefet@example.org')
    expect(room.logged.at(-1)?.what).toBe('mail read')
  })

  test('shows a hostile mail as plain text', async () => {
    const name = 'code.0123abcd.ff'
    const lines = ['From: <a@b.example>', `Subject: ${hostile}`, 'Content-Type: text/plain', '', hostile]
    await writeFile(join(room.outbox, `${name}.eml`), lines.join('\r\n'))
    const { text } = await page('/room/mail')
    expect(text).toContain(`<a href="/room/mail/${name}">Reading code</a>`)
    const letter = await page(`/room/mail/${name}`)
    expect(letter.text).toContain('&lt;script&gt;alert(1)')
    expect(letter.text).not.toContain('<script')
  })

  test.each([
    '..%2Ftable.sqlite',
    '..%2F..%2Fetc%2Fpasswd',
    '%2Fetc%2Fpasswd',
    '..',
    '.draft-1',
    'NC.2024-W20.amber.1.x%00',
    'code.0123abcd.ff.eml',
    '%ff',
  ])('there is none of the name %s', async (name) => {
    expect((await room.get(`/room/mail/${name}`)).status).not.toBe(200)
  })
})

describe('the watch', () => {
  test('shows a source’s days, rhythm and gaps, its name as plain text', async () => {
    const { status, text } = await page('/room/coverage?territory=NC&week=2024-W21')
    expect(status).toBe(200)
    expect(text).toContain('<title>Source coverage · Vigie</title>')
    expect(text).toContain('20–26\u00a0May\u00a02024')
    expect(text).toContain('every 6 hours')
    expect(text).toContain('aria-label="input with detections, missing input, nothing due, ')
    // Of a week under way: silent on its two days, and nothing is due on those to come.
    expect(text).toContain('aria-label="missing input, missing input, nothing due, ')
    expect(text).toContain('<bdi>&quot;&gt;&lt;script&gt;')
    expect(text).toContain('href="/room/coverage?territory&#x3D;NC&amp;week&#x3D;2024-W20"')
    // The page is marked as the sources that it shows.
    expect(text).toMatch(/<header class="marking">.*TLP:/)
  })

  test('shows a reader the sources up to his clearance', async () => {
    await room.as({ clearance: 'TLP:GREEN' }, async () => {
      const { text } = await page('/room/coverage?territory=NC&week=2024-W21')
      expect(text).toContain('VIGINUM')
      expect(text).not.toContain('<bdi>&quot;&gt;&lt;script&gt;')
    })
  })

  test.each(['territory=XX', 'week=2024-05', 'week=nonsense'])('says that it cannot read %s', async (query) => {
    const { status, text } = await page(`/room/coverage?${query}`)
    expect(status).toBe(422)
    expect(text).toContain('aria-invalid')
  })
})

describe('who asks', () => {
  test('is told nothing where nobody is signed in', async () => {
    await room.as(undefined, async () => {
      for (const path of [
        '/room',
        '/room/archive',
        '/room/detections',
        '/room/NC/2024-W20/amber',
        '/room/mail',
        '/room/coverage',
        '/room/reports',
      ]) {
        const { status, text } = await page(path)
        expect([path, status]).toEqual([path, 401])
        expect(text).not.toContain('5,332')
      }
      expect((await room.post('/room/reports', { token: formToken })).status).toBe(401)
    })
  })

  test('sees its own territories alone', async () => {
    await room.as({ territories: ['PF'] }, async () => {
      const list = await page('/room/archive')
      expect(rowsIn(list.text)).toBe(1)
      for (const name of ['New Caledonia', 'Corsica']) expect(list.text).not.toContain(name)
      expect((await page('/room/archive?territory=NC')).status).toBe(422)
      expect((await page('/room/NC/2024-W20/amber')).status).toBe(404)
      expect((await page('/room/coverage?territory=NC')).text).not.toContain('New Caledonia')
      const mail = await page('/room/mail')
      expect(mail.text).not.toContain('@example.org')
      expect(mail.text).not.toContain('Reading code')
      expect((await page('/room/mail/code.0123abcd.ff')).status).toBe(404)
      const form = { token: formToken, territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER' }
      expect((await room.post('/room/reports', form)).status).toBe(403)
    })
  })

  test('sees editions and versions up to its clearance', async () => {
    await room.as({ clearance: 'TLP:GREEN' }, async () => {
      expect(rowsIn((await page('/room/archive')).text)).toBe(1)
      expect((await page('/room/NC/2024-W20/amber')).status).toBe(404)
      expect((await page('/room/NC/2024-W20/green')).status).toBe(200)
      expect((await page('/room/mail')).text).not.toContain('prefet@example.org')
    })
  })

  test('may read, and neither ask nor look at mail, where that is all it may', async () => {
    await room.as({ scopes: ['reports:read'] }, async () => {
      expect((await page('/room/archive')).status).toBe(200)
      for (const path of ['/room/mail', '/room/reports', '/room/mail/code.0123abcd.ff']) {
        expect([path, (await page(path)).status]).toEqual([path, 403])
      }
    })
  })
})

describe('every page', () => {
  const paths = [
    '/room',
    '/room/archive',
    '/room/detections',
    '/room/detections/late-1',
    '/room/NC/2024-W20/amber',
    '/room/reports',
    '/room/mail',
    '/room/coverage',
    '/room/nothing',
  ]

  test('is in the language that the browser or the address asks for', async () => {
    for (const path of paths) {
      const asked = await page(path, { 'accept-language': 'en-GB' })
      expect(asked.text).toContain('<html lang="en">')
      const named = await page(`${path}?lang=fr`, { 'accept-language': 'en-GB' })
      expect(named.text).toContain('<html lang="fr">')
      expect(named.headers.get('content-language')).toBe('fr')
      for (const [, href] of named.text.matchAll(/<a[^>]* href="(\/room[^"]*)"/g)) expect(href).toContain('lang&#x3D;')
    }
  })

  test('is under the strict policy, and holds no script and no style of its own', async () => {
    for (const path of paths) {
      const { headers, text } = await page(path)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'")
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(text).not.toMatch(/<script|<style| style=| on[a-z]+=/)
    }
  })
})

test('mails are listed once, on the page of their version', async () => {
  const { reports, deliveries } = room.opened.services
  const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
  const [first, second] = await reports.versions(edition)
  const sent = await deliveries.about('NC', '2024-W20')
  if (!first || !second) throw new Error('the room has no correction')
  expect(sent.length).toBeGreaterThan(0)
  // Between both versions of NC's week 20 come more reports than a page of mails is about.
  for (let week = 1; week <= 41; week += 1) {
    const period = `2023-W${String(week).padStart(2, '0')}`
    await reports.claim({ ...first, territory: 'MF', period, asOf: '2024-05-20T12:00:00.000Z' })
  }
  const one = (await page('/room/mail')).text
  const next = /class="next" href="([^"]+)"/.exec(one)?.[1]?.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')
  const other = (await page(next ?? '')).text
  const rows = [one, other].map((text) => text.match(/<th scope="row"/g)?.length ?? 0)
  expect(rows).toEqual([
    sent.filter(({ cap, version }) => cap === 'TLP:AMBER' && version === 2).length,
    sent.filter(({ cap, version }) => cap !== 'TLP:AMBER' || version === 1).length,
  ])
})
