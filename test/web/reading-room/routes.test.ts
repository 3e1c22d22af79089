/** The reading room by request: archive, versions, jobs, mail and coverage, the rights of readers, hostile requests. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { cursorTo } from '../../../lambdas/usecases/archive/browse-archive.ts'
import { withoutRuns } from '../../support/date-runs.ts'
import { formToken, hostile, inRole, openRoom, type Room } from '../../support/room.ts'

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

test.each([
  ['/', '/room'],
  ['/room/', '/room'],
  ['/room/?week=2024-W20&lang=fr', '/room?week=2024-W20&lang=fr'],
])('the address %s redirects to %s', async (path, to) => {
  const answer = await room.get(path)
  expect([answer.status, answer.headers.get('location')]).toEqual([302, to])
})

describe('the places', () => {
  const placesIn = (text: string) => [...text.matchAll(/<nav class="rooms".*?<\/nav>/gs)].join('')
  const namesIn = (text: string) => [...placesIn(text).matchAll(/>([^<]+)<\/a>/g)].map(([, name]) => name)

  test('are five and a button, with the place of each page', async () => {
    const { text } = await page('/room/mail')
    expect(namesIn(text)).toEqual(['Week', 'Detections', 'Reports', 'To do', 'Settings'])
    expect(placesIn(text)).toMatch(/href="\/room\/archive[^"]*" aria-current="true">Reports/)
    expect(text).toMatch(/<nav class="tabs" aria-label="Reports">.*aria-current="page">Mails sent/)
    expect(text).toMatch(/<a class="button" href="\/room\/add[^"]*">Add</)
    expect(placesIn((await page('/room/inbox')).text)).toMatch(/aria-current="page">To do/)
  })

  test('are those with a page that the caller may open, and open there', async () => {
    await room.as(inRole('reader'), async () => {
      const { text } = await page('/room')
      expect(namesIn(text)).toEqual(['Week', 'Reports', 'To do', 'Settings'])
      expect(text).not.toContain('/room/add')
      expect(text).toMatch(/<nav class="tabs" aria-label="Week">.*>Watch</)
    })
    await room.as(inRole('operator'), async () => {
      const { text } = await page('/room/schedules')
      expect(namesIn(text)).toEqual(['Week', 'Settings'])
      expect(placesIn(text)).toMatch(/href="\/room\/coverage[^"]*">Week/)
    })
  })
})

describe('the archive', () => {
  test('lists versions with marking and figures, and marks the page as what it shows', async () => {
    const { status, text } = await page('/room/archive')
    expect(status).toBe(200)
    expect(rowsIn(text)).toBe(5)
    expect(text).toContain('<span>at least</span><b>5,339</b>')
    expect(text).toContain('<b class="tlp tlp-amber">TLP:AMBER</b><small>TLP:AMBER edition</small>')
    expect(text).toContain('aria-label="No earlier period known, 8 not watched, then at least 5,3')
    expect(text).toMatch(/<header class="top">.*<b class="tlp tlp-amber">TLP:AMBER<\/b>/)
  })

  test('names a recalled version, and shows no figure of it', async () => {
    const { text } = await page('/room/archive?territory=PF')
    expect(rowsIn(text)).toBe(1)
    expect(text).toContain('<small class="wrong">recalled</small>')
    expect(text).not.toContain('<b>0</b>')
  })

  test.each([
    ['territory=NC', 4],
    ['period=2024-w20&cap=TLP%3AGREEN', 1],
    ['from=2024-05-10&to=2024-05-12&territory=NC&cadence=week', 1],
    ['cadence=month', 0],
    ['territory=&period=&cap=&from=&to=', 5],
  ])('filtered by %s has %i rows', async (query, rows) => {
    const { status, text } = await page(`/room/archive?${query}`)
    expect([status, rowsIn(text)]).toEqual([200, rows])
    if (rows === 0) expect(text).toContain('No report matches these filters.')
  })

  test('keeps the chosen filters in the form and in its links', async () => {
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
    'reports that it cannot read %s',
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
  test('are shown side by side, with what changed, why, and their files', async () => {
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
      'report.misp.json',
      'manifest.sig',
    ])
      expect(text).toContain(`href="/room/NC/2024-W20/amber/2/files/${name}"`)
  })

  test('lead to the public key of their signatures', async () => {
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

  test('show why one is held, and open nothing of it', async () => {
    const { reports } = room.opened.services
    const [first] = await Array.fromAsync(reports.all({ territory: 'NC', period: '2024-W19' }))
    if (!first?.published) throw new Error('there is no report of 2024-W19')
    const { published, ...rest } = first
    await reports.claim({ ...rest, version: 2, state: 'held', held: published, reason: `page 2 is blank ${hostile}` })
    const { text } = await page('/room/NC/2024-W19/amber')
    expect(text).toContain('page 2 is blank &quot;&gt;&lt;script&gt;')
    expect(text).toContain('<b class="wrong">held</b>')
    // The version before it stays in force.
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

describe('a requested report', () => {
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
    // Another request under the same key is another job: the user went back and changed the form.
    const other = await room.post('/room/reports', { ...good, period: '2024-W17', key })
    expect(other.headers.get('location')).not.toBe(path.replace('?lang=fr', ''))
    room.queue.splice(0)
  })

  test('is refused beyond the hourly limit of its caller', async () => {
    const form = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', token: formToken }
    await room.as({ who: 'sub-1 busy@example.org' }, async () => {
      for (let asked = 0; asked < 120; asked += 1) expect((await room.post('/room/reports', form)).status).toBe(303)
      const answer = await room.post('/room/reports', form, { 'accept-language': 'en' })
      expect(answer.status).toBe(429)
      expect(answer.headers.get('retry-after')).toBe('3600')
      expect(await answer.text()).toContain('You have already requested 120 reports within this hour')
    })
    room.queue.splice(0)
  })

  test('shows why it failed, as plain text', async () => {
    const { jobs } = room.opened.services
    const id = '0b54d7c8-68a5-4a5c-9a5c-1f5f27b0a002'
    const at = '2024-05-21T00:00:00.000Z'
    const request = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', deliver: false } as const
    await jobs.create({ id, state: 'failed', request, askedBy: 'x', askedAt: at, at, reason: hostile })
    const { text } = await page(`/room/jobs/${id}`)
    expect(text).toContain('The report could not be made.')
    expect(text).toContain('<bdi>&quot;&gt;&lt;script&gt;')
  })

  test('states that it is mailed, where that was asked for', async () => {
    const id = '0b54d7c8-68a5-4a5c-9a5c-1f5f27b0a003'
    const at = '2024-05-21T00:00:00.000Z'
    const request = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', deliver: true } as const
    await room.opened.services.jobs.create({ id, state: 'done', request, askedBy: 'x', askedAt: at, at, version: 1 })
    expect((await page(`/room/jobs/${id}`)).text).toContain('is ready, and is mailed to its recipients, if it has any.')
  })

  test('of a period that is too large is returned with the limit', async () => {
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
  ])('with %j is returned with what is wrong', async (changed, words) => {
    const answer = await room.post('/room/reports?lang=en', { ...good, ...changed })
    const text = await answer.text()
    expect(answer.status).toBe(422)
    expect(text).toContain(words)
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
  ])('is refused %s', async (_, form, headers, status) => {
    const answer = await room.post('/room/reports', form, headers)
    expect(answer.status).toBe(status)
    expect(room.queue).toEqual([])
  })

  test.each(['nothing', '0b54d7c8-68a5-4a5c-9a5c-1f5f27b0a999', '..%2F..%2Fetc'])('has no job %s', async (id) => {
    expect((await page(`/room/jobs/${id}`)).status).toBe(404)
  })
})

describe('mail', () => {
  test('lists deliveries with their mails, and reads one of them', async () => {
    const { text } = await page('/room/mail')
    expect(text).toContain('prefet@example.org')
    expect(text).toContain('<b>written to the outbox</b>')
    const path = /href="(\/room\/mail\/NC\.2024-W20\.amber\.1\.[^"]+)"/.exec(text)?.[1] ?? ''
    const letter = await page(path)
    expect(letter.status).toBe(200)
    expect(letter.text).toContain('<pre class="letter" dir="auto">')
    expect(letter.text).toMatch(/<h1 class="subject-line"><bdi>\[TLP:CLEAR\] Nouvelle-Calédonie/)
    expect(letter.text).toContain('prefet@example.org')
    expect(letter.text).toContain('<body class="room marked-clear">')
    expect(room.logged.at(-1)?.what).toBe('mail read')
  })

  test('shows a hostile mail as text', async () => {
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
    ['code.0123abcd.fe', 'Reading code'],
    ['confirm.0123abcd.fe', 'Confirmation of registration'],
    ['digest.0123abcd.2024-05-21', 'Reports in one mail'],
    ['digest.0123abcd.2024-05-21-2', 'Reports in one mail'],
    ['other', 'Mail'],
  ])('lists %s as %s', async (name, kind) => {
    await writeFile(join(room.outbox, `${name}.eml`), 'Subject: x\r\n\r\nx')
    expect((await page('/room/mail')).text).toContain(`<a href="/room/mail/${name}">${kind}</a>`)
  })

  test.each([
    '..%2F..%2Fetc%2Fpasswd',
    '%2Fetc%2Fpasswd',
    '..',
    '.draft-1',
    'NC.2024-W20.amber.1.x%00',
    'code.0123abcd.ff.eml',
    '%ff',
  ])('has none of the name %s', async (name) => {
    expect((await room.get(`/room/mail/${name}`)).status).not.toBe(200)
  })

  test('is listed once, on the page of its version', async () => {
    const { reports, deliveries } = room.opened.services
    const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    const [first] = await reports.versions(edition)
    const sent = await deliveries.about('NC', '2024-W20')
    if (!first) throw new Error('the room has no report')
    expect(sent.length).toBeGreaterThan(0)
    // Between both versions of NC's week 20 come more reports than a page of mails is about.
    for (let week = 1; week <= 41; week += 1) {
      const period = `2023-W${String(week).padStart(2, '0')}`
      await reports.claim({ ...first, territory: 'MF', period, asOf: '2024-05-20T12:00:00.000Z' })
    }
    const one = (await page('/room/mail')).text
    const next = /class="next" href="([^"]+)"/.exec(one)?.[1]?.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')
    const other = (await page(next ?? '')).text
    const isNewest = ({ cap, version }: (typeof sent)[number]) => cap === 'TLP:AMBER' && version === 2
    const newest = sent.filter(isNewest).length
    expect([one, other].map(rowsIn)).toEqual([newest, sent.length - newest])
  })
})

describe('source coverage', () => {
  test('shows the days, rhythm and gaps of a source, its name as plain text', async () => {
    const { status, text } = await page('/room/coverage?territory=NC&week=2024-W21')
    expect(status).toBe(200)
    expect(text).toContain('<title>Source coverage · Vigie</title>')
    expect(text).toContain('20–26\u00a0May\u00a02024')
    expect(text).toContain('every 6 hours')
    expect(text).toContain('aria-label="input received, missing input, nothing due, ')
    // The current week: no input on its two days, and nothing is due on those to come.
    expect(text).toContain('aria-label="missing input, missing input, nothing due, ')
    expect(text).toContain('<bdi>&quot;&gt;&lt;script&gt;')
    expect(text).toContain('href="/room/coverage?territory&#x3D;NC&amp;week&#x3D;2024-W20"')
    expect(text).toMatch(/<header class="top">.*TLP:/)
  })

  test('shows a reader the sources up to the reader’s clearance', async () => {
    await room.as({ clearance: 'TLP:GREEN' }, async () => {
      const { text } = await page('/room/coverage?territory=NC&week=2024-W21')
      expect(text).toContain('VIGINUM')
      expect(text).not.toContain('<bdi>&quot;&gt;&lt;script&gt;')
    })
  })

  test.each(['territory=XX', 'week=2024-05', 'week=nonsense'])('reports that it cannot read %s', async (query) => {
    const { status, text } = await page(`/room/coverage?${query}`)
    expect(status).toBe(422)
    expect(text).toContain('aria-invalid')
  })
})

describe('a caller', () => {
  test('who is not signed in gets nothing', async () => {
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

  test('sees the own territories alone', async () => {
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

  test('sees editions and versions up to the own clearance', async () => {
    await room.as({ clearance: 'TLP:GREEN' }, async () => {
      expect(rowsIn((await page('/room/archive')).text)).toBe(1)
      expect((await page('/room/NC/2024-W20/amber')).status).toBe(404)
      expect((await page('/room/NC/2024-W20/green')).status).toBe(200)
      expect((await page('/room/mail')).text).not.toContain('prefet@example.org')
    })
  })

  test('with the right to read alone may neither request reports nor see mail', async () => {
    await room.as({ scopes: ['reports:read'] }, async () => {
      expect((await page('/room/archive')).status).toBe(200)
      for (const path of ['/room/mail', '/room/reports', '/room/mail/code.0123abcd.ff']) {
        expect([path, (await page(path)).status]).toEqual([path, 403])
      }
      expect((await page('/room/NC/2024-W20/amber')).text).not.toContain('/room/reports?')
    })
    expect((await page('/room/NC/2024-W20/amber')).text).toContain('/room/reports?')
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

  test('is under the strict policy, without scripts and inline styles', async () => {
    for (const path of paths) {
      const { headers, text } = await page(path)
      expect(headers.get('content-security-policy')).toContain("default-src 'none'; style-src 'self'")
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(text).not.toMatch(/<script|<style| style=| on[a-z]+=/)
    }
  })

  test.each(['/room/detections/late-1', '/room/archive', '/room/mail'])(
    '%s has one zone, the reader’s',
    async (path) => {
      const zonesIn = (text: string) => [
        ...new Set([...text.matchAll(/\b\d{4}, \d{2}:\d{2}([^<·]*)/g)].map(([, zone = '']) => zone.trim())),
      ]
      const paris = await page(path)
      expect([paris.status, zonesIn(paris.text)]).toEqual([200, [expect.stringMatching(/^\(Paris.time\)$/)]])
      const chosen = await page(`${path}?zone=Pacific/Noumea`)
      expect(zonesIn(chosen.text)).toEqual([expect.stringMatching(/^\(Nouméa.time\)$/)])
      expect(paris.text).not.toContain(' UTC')
    },
  )
})
