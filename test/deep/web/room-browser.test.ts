/** The reading room in a real browser, under its own policy: by click, by keyboard, on a phone, by day and by night. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { ElementHandle, HTTPResponse, Page } from 'puppeteer-core'
import { extractText, getDocumentProxy } from 'unpdf'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { recipientId } from '../../../lambdas/store/delivery/recipients.ts'
import type { VersionEntry } from '../../../lambdas/store/reports/reports.ts'
import { forgetPlate } from '../../../lambdas/usecases/plates/forget-plate.ts'
import { programTokensIn } from '../../../lambdas/usecases/program-tokens.local.ts'
import { flashAsked } from '../../../lambdas/usecases/reports/flash/ask-flash.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { openReader, type Reader, withChecker } from '../../support/browser.ts'
import { detection, input } from '../../support/detections.ts'
import { storePlate } from '../../support/plates.ts'
import { formToken, openRoom, type Room } from '../../support/room.ts'
import { ingestInto } from '../../support/services.ts'

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** By day and by night, at a desk and on a phone. */
const screens = [
  { width: 1280, scheme: 'dark' },
  { width: 390, scheme: 'light' },
] as const

let room: Room
let server: ServerType
let url: string
let reader: Reader
let page: Page
let asked: string[] = []
let complaints: string[] = []

/** Stores a candidate, and a lower marking that an analyst asked for. */
const addCandidate = async ({ opened, post }: Room) => {
  const { candidates, clock } = opened.services
  const found = detection({
    ...{ id: 'vigie-1f0e5e8a0b1c2d3e4f50', territories: ['NC'], counts: { posts: 212, accounts: 31 } },
    ...{ marking: 'TLP:AMBER', title: 'Thirty-one accounts shared one address within a minute of each other' },
    accountRefs: Array.from({ length: 31 }, (_, at) => `acct:${String(at).padStart(2, '0')}${'7c'.repeat(31)}`),
  })
  const strength = { evidence: 140, threshold: 90, pushes: 12, isSourceKnown: false }
  const shared = [{ name: `url https://a-rather-long-name.example/${'part/'.repeat(12)}`, accounts: 25 }]
  await candidates.save({ detection: found, members: ['one'], strength, shared }, clock())
  const form = { marking: 'TLP:GREEN', by: 'Ana', reason: 'published', revision: '1', do: 'do', token: formToken }
  expect((await post('/room/detections/late-1/correct', form)).status).toBe(303)
  const [record] = await Array.fromAsync(opened.services.detections.contested('late-1'))
  own.set('lowered', `/room/detections/late-1/lower/${record?.sha256}`)
}

/** Stores a record that another detector sent under a taken id. */
const addContested = async ({ opened }: Room) => {
  const [mine, other] = [
    { territories: ['NC'], marking: 'TLP:AMBER' as const },
    { name: `Another ${'detector '.repeat(9)}` },
  ]
  await ingestInto(opened, [input({ id: 'owned-1', ...mine })])
  await ingestInto(opened, [input({ id: 'owned-1', ...mine, detector: other, counts: { posts: 9 } })])
  const [record] = await Array.fromAsync(opened.services.detections.contested('owned-1'))
  if (!record) throw new Error('nothing is contested')
  own.set('contested', `/room/detections/owned-1/contested/${record.sha256}`)
}

/** Stores pictures of a detection, one of them removed, and announces two that are to come. */
const addPlates = async ({ opened, post, send }: Room) => {
  const { services } = opened
  const original = await storePlate(services, 1, {
    caption: { fr: `Six personnes devant un magasin ${'très '.repeat(60)}long`, en: 'Six people outside a shop' },
    archive: `https://web.archive.org/web/1/${'path/'.repeat(40)}`,
  })
  const diverted = await storePlate(services, 2, {
    marking: 'TLP:AMBER',
    divertedFrom: original.sha256,
    changes: { fr: 'Recadrage ; un bandeau ajouté', en: 'Cropped; a banner was added' },
  })
  const gone = await storePlate(services, 3)
  await forgetPlate(gone, { by: 'A. Roy', reason: 'montre un mineur' }, services)
  const plates = [original, diverted, gone].map(({ sha256 }) => sha256)
  await ingestInto(opened, [input({ id: 'plated-1', territories: ['NC'], marking: 'TLP:GREEN', plates })])
  const words = { 'caption.fr': 'Une maison', 'caption.en': 'A house', 'alt.fr': 'Une maison', 'alt.en': 'A house' }
  const said = { ...words, source: 'X', date: '2024-05', marking: 'TLP:GREEN', masks: '1,2,30,40', by: 'Claire' }
  const { to } = await send('/room/plates/add', said)
  const body = new FormData()
  body.set('token', formToken)
  body.set('file', new File(['<svg/>'], 'a.svg'))
  const refused = await send('/room/plates/add', said)
  await room.app.request(`http://127.0.0.1${refused.to}/file`, { method: 'POST', body })
  own.set('plate', `/room/plates/${diverted.sha256}`)
  own.set('plate again', `/room/plates/${original.sha256}`)
  own.set('plate removed', `/room/plates/${gone.sha256}`)
  own.set('plate remove', `/room/plates/${original.sha256}/remove`)
  own.set('plate words', `/room/plates/add?like=${original.sha256}`)
  own.set('plate upload', to)
  own.set('plate refused', refused.to)
  expect((await post('/room/plates/add', { token: formToken, masks: '1' })).status).toBe(422)
}

beforeAll(async () => {
  room = await openRoom()
  await addCandidate(room)
  await addPlates(room)
  await addContested(room)
  const rights = { scopes: ['reports:read', 'detections:write'], territories: ['NC', 'TF'], clearance: 'TLP:AMBER' }
  await programTokensIn(room.opened.table).add(
    { name: 'detector-1', ...rights },
    'Ana',
    everything,
    room.opened.services.clock(),
  )
  server = createAdaptorServer({ fetch: room.app.fetch, overrideGlobalObjects: false })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  reader = await openReader({ visits: true })
  page = await reader.turn({ width: 1280, scheme: 'light' })
  page.on('request', (request) => void asked.push(request.url()))
  page.on('console', (message) => void complaints.push(message.text()))
  page.on('pageerror', (error) => void complaints.push(String(error)))
})
afterAll(async () => {
  await reader.close()
  await new Promise((done) => server.close(done))
  await room.close()
})
beforeEach(async () => {
  asked = []
  complaints = []
  await reader.turn({ width: 1280, scheme: 'light' })
})

/** The answer to a press that leads to another page. */
const landing = async (press: () => Promise<unknown>): Promise<HTTPResponse | null> => {
  const [answer] = await Promise.all([page.waitForNavigation({ waitUntil: 'load' }), press()])
  return answer
}
const titleOf = () => page.$eval('h1', (element) => element.textContent)
const rows = () => page.$$eval('tbody tr', (all) => all.length)
const focusedText = () => page.evaluate(() => document.activeElement?.textContent?.trim())

describe('a reader', () => {
  test('chooses a territory on the map, filters, opens a report and reads it', async () => {
    await page.goto(`${url}/?lang=en`)
    await landing(() => page.click('.rooms a[href^="/room/archive"]'))
    expect(await rows()).toBe(5)
    await landing(() => page.click('.places a[href*="territory=NC"]'))
    expect(await rows()).toBe(4)
    await page.select('#cap', 'TLP:AMBER')
    await page.type('#period', '2024-W20')
    await landing(() => page.click('.filters button'))
    expect(await rows()).toBe(2)
    expect(new URL(page.url()).searchParams.get('lang')).toBe('en')
    await landing(() => page.click('tbody a'))
    expect(await titleOf()).toBe('New Caledonia weekly report')
    const answer = await landing(() => page.click('a[href*="/2/files/report.en.html"]'))
    expect(answer?.status()).toBe(200)
    expect(page.url()).toContain('/signed/')
    expect(await titleOf()).toContain('New Caledonia')
    expect(complaints).toEqual([])
    expect(asked.every((one) => one.startsWith(url) || one.startsWith('data:'))).toBe(true)
  })

  test('compares two versions side by side', async () => {
    await page.goto(`${url}/room/NC/2024-W20/amber?lang=fr`)
    const heads = await page.$$eval('.side thead th b', (all) => all.map((one) => one.textContent))
    expect(heads).toEqual(['Version\u00a01', 'Version\u00a02'])
    expect(await page.$$eval('.changed', (all) => all.length)).toBeGreaterThan(0)
    // Styled, and with the report's own drawing of a marking.
    expect(await page.$eval('h1', (element) => getComputedStyle(element).fontFamily)).toContain('Source Serif 4')
    expect(await page.$eval('main .tlp', (element) => getComputedStyle(element).backgroundColor)).toBe('rgb(0, 0, 0)')
  })

  test('asks for a report by keyboard alone, and watches it come', async () => {
    await page.goto(`${url}/room/reports?lang=en`)
    await page.keyboard.press('Tab')
    expect(await focusedText()).toBe('Skip to content')
    const ring = await page.evaluate(() => getComputedStyle(document.activeElement ?? document.body).outlineStyle)
    expect(ring).toBe('solid')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('territory')
    await page.keyboard.press('Tab')
    await page.keyboard.type('2024-W18')
    await landing(() => page.keyboard.press('Enter'))
    expect(await page.$eval('[role=status]', (element) => element.textContent)).toContain('waits for its turn')
    await room.work()
    // Without a press: the page renews itself, as often as it takes to make the report.
    const status = () => page.$eval('[role=status]', (element) => element.textContent ?? '')
    while (!(await status()).includes('The report is ready.')) await page.waitForNavigation({ waitUntil: 'load' })
    await landing(() => page.click('main .section a.button'))
    expect(await titleOf()).toContain('New Caledonia')
    expect(complaints).toEqual([])
  })

  test('opens a mail of the outbox', async () => {
    await page.goto(`${url}/room/mail?lang=fr`)
    await landing(() => page.click('.deliveries a[href^="/room/mail/"]'))
    expect(await page.$eval('.letter', (element) => element.textContent)).toContain('VIGIE')
  })
})

test('the feed is XML as a browser reads it', async () => {
  const feed = await (await room.get('/room/feed.atom?lang=fr')).text()
  await page.goto(`${url}/room?lang=fr`)
  const read = await page.evaluate((text) => {
    const parsed = new DOMParser().parseFromString(text, 'application/xml')
    return {
      wrong: parsed.querySelector('parsererror')?.textContent ?? '',
      kind: `${parsed.documentElement.namespaceURI} ${parsed.documentElement.localName}`,
      titles: [...parsed.querySelectorAll('entry > title')].map((one) => one.textContent),
    }
  }, feed)
  expect([read.wrong, read.kind]).toEqual(['', 'http://www.w3.org/2005/Atom feed'])
  expect(read.titles.some((one) => /^\[TLP:AMBER\] Nouvelle-Calédonie · Semaine.20 · version 2$/.test(one ?? ''))).toBe(
    true,
  )
})

test('a period is chosen by keyboard alone', async () => {
  await page.goto(`${url}/room?lang=en`)
  await page.focus('#choose > summary')
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.id)).toBe('day')
  await page.focus('.calendar a[href*="2024-W19"]')
  await landing(() => page.keyboard.press('Enter'))
  expect(await titleOf()).toMatch(/^Week.19, /)
})

test('on paper each sheet lies across and bears the page’s marking, at its head and its foot', async () => {
  await page.goto(`${url}/room?lang=en`)
  const bytes = await page.pdf({ preferCSSPageSize: true, printBackground: true })
  const pdf = await getDocumentProxy(new Uint8Array(bytes))
  const { text } = await extractText(pdf)
  expect(text.length).toBeGreaterThan(1)
  for (const [at, sheet] of text.entries()) {
    const { width, height } = (await pdf.getPage(at + 1)).getViewport({ scale: 1 })
    expect([at, width > height, sheet.match(/TLP:AMBER(?! edition)/g)?.length ?? 0]).toEqual([
      at,
      true,
      expect.toSatisfy((times: number) => times >= 2),
    ])
  }
})

/** An analyst's pages, by what they are called here. */
const own = new Map<string, string>()

const sheet = [
  'Identifiant;Date de détection;Territoire;Messages;Description',
  'desk-1;2024-05-15;NC;31;Copie de textes',
  'desk-2;2024-05-16;Martinqiue;12;Un lieu mal écrit',
  'desk-3;n’importe quand;NC;5;Une date illisible',
].join('\n')

describe('an analyst', () => {
  let folder = ''
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'vigie-desk-'))
    await writeFile(join(folder, 'may.csv'), sheet)
    await writeFile(join(folder, 'more.csv'), sheet.replaceAll('desk-', 'more-'))
    await writeFile(join(folder, 'report.pdf'), '%PDF-1.7')
  })
  afterAll(() => rm(folder, { recursive: true }))

  const choose = async (name: string) => {
    await page.goto(`${url}/room/add?lang=en`)
    const input = (await page.$('#file')) as ElementHandle<HTMLInputElement> | null
    await input?.uploadFile(join(folder, name))
    await page.focus('.deed > .buttons button')
    await landing(() => page.keyboard.press('Enter'))
  }
  const figures = () => page.$$eval('.figures dd', (all) => all.map((one) => one.textContent))
  const fill = async (fields: Readonly<Record<string, string>>) => {
    for (const [name, value] of Object.entries(fields)) {
      await page.$eval(`#${name.replace('.', '\\.')}`, (one) => ((one as HTMLInputElement).value = ''))
      await page.type(`#${name.replace('.', '\\.')}`, value)
    }
  }

  test('from a spreadsheet to what is stored, placed, corrected, withdrawn and undone', async () => {
    await choose('may.csv')
    expect([await titleOf(), await figures()]).toEqual(['may.csv', ['1', '1', '1']])
    await page.type('#by', 'Claire Marchand')
    await landing(() => page.click('button[value=store]'))
    const batch = new URL(page.url()).pathname
    expect(await figures()).toEqual(['1', '1', '1'])

    await landing(() => page.click('.rooms a[href^="/room/inbox"]'))
    await landing(() => page.click('a[href*="desk-2/place"]'))
    // By keyboard alone: the first box is what is perhaps meant.
    await page.focus('.choices input')
    await page.keyboard.press('Space')
    await page.type('#by', 'Claire Marchand')
    await landing(() => page.keyboard.press('Enter'))
    expect(await page.$eval('.changes tbody', (one) => one.textContent)).toContain('Martinique')
    await landing(() => page.click('button[value=do]'))
    expect(new URL(page.url()).pathname).toBe('/room/detections/desk-2')

    await page.goto(`${url}/room/detections/desk-1/correct?lang=en`)
    await fill({ 'counts.posts': '≥ 45', by: 'Claire Marchand', reason: 'counted again' })
    await landing(() => page.click('button[value=look]'))
    await landing(() => page.click('button[value=do]'))
    expect(await page.$eval('#revisions', (one) => one.parentElement?.textContent)).toContain('counted again')
    await landing(() => page.click('a.button.alert'))
    await fill({ by: 'Claire Marchand', reason: 'a test' })
    await landing(() => page.click('button[value=do]'))
    expect(await page.$eval('.state-line', (one) => one.textContent)).toContain('withdrawn')
    // Back and again does nothing a second time.
    await page.goBack()
    expect((await landing(() => page.reload()))?.status()).toBe(404)

    // What a person withdrew is done; what a person placed is left.
    await page.goto(`${url}${batch}?lang=en`)
    await fill({ by: 'Claire Marchand' })
    await landing(() => page.click('button[value=undo]'))
    expect(await page.$eval('.state-line', (one) => one.textContent)).toContain('undone in part, 1 left')
    await page.goto(`${url}/room/history?lang=en`)
    const done = await page.$$eval('td[data-label=Did] span', (all) => all.map((one) => one.firstChild?.textContent))
    expect(done).toEqual(expect.arrayContaining(['corrected', 'placed', 'withdrawn', 'added']))
    expect(complaints.filter((one) => !one.includes('404'))).toEqual([])
  })

  test('leaves a look, a batch, a reject and a file that cannot be read, for the pages below', async () => {
    await choose('report.pdf')
    own.set('wrong', new URL(page.url()).pathname)
    await choose('may.csv')
    own.set('look', new URL(page.url()).pathname)
    await choose('more.csv')
    await page.type('#by', 'Claire')
    await landing(() => page.click('button[value=store]'))
    expect(new URL(page.url()).pathname).toMatch(/^\/room\/batches\//)
    own.set('batch', new URL(page.url()).pathname)
    const [reject] = await Array.fromAsync(room.opened.services.rejects.open())
    expect(reject).toBeDefined()
    own.set('reject', `/room/inbox/rejects/${reject?.rejectId}`)
    await page.goto(`${url}/room/notes?territory=NC&period=2024-W20&lang=en`)
    await page.type('#by', 'Claire')
    await page.type('#text', 'Paid, **most likely**.\n\n- one\n- two')
    await page.select('#likelihood', 'likely')
    await page.type('#of', 'It comes back before the vote')
    await page.type('#watch', 'the harbour')
    await page.type('#avoid', 'naming the accounts')
    await landing(() => page.click('button[value=look]'))
    expect(await page.$eval('.analyst b', (element) => element.textContent)).toBe('most likely')
    await landing(() => page.click('#preview ~ form button[value=do]'))
    const approve = await page.$eval('a[href*="/notes/approve"]', (link) => link.getAttribute('href'))
    own.set('approve', String(approve).replace('&lang=en', ''))
  })

  test('approves a flash note, and has a held report made again, by click', async () => {
    const { services } = room.opened
    await ingestInto(room.opened, [input({ id: 'flash-1', territories: ['NC', 'PF'], marking: 'TLP:AMBER' })])
    const request = await flashAsked(['flash-1'], { cap: 'TLP:AMBER' }, services)
    await generateReport(request, services)
    const edition = { period: request.period, cap: 'TLP:AMBER' } as const
    const [seen] = await services.reports.versions({ ...edition, territory: 'PF' })
    const { published, recalled: _, ...rest } = seen as Required<VersionEntry>
    const reason = 'report.fr.pdf: page 3 without TLP:AMBER in the header'
    await services.reports.claim({ ...rest, version: 2, state: 'held', held: published, reason })

    await page.goto(`${url}/room?lang=en`)
    await landing(() => page.click(`#waits ~ ul a[href*="${request.territory}"]`))
    await landing(() => page.click('a[href*="/decide"]'))
    own.set('decide', new URL(page.url()).pathname)
    await page.type('#by', 'Claire')
    await landing(() => page.click('button[value=approve]'))
    expect(new URL(page.url()).pathname).toBe(`/room/${request.territory}/2024-W20/amber`)
    expect(await page.$eval('.version .state-line', (element) => element.textContent)).toContain('approved by Claire')

    await page.goto(`${url}/room/PF/2024-W20/amber?lang=en`)
    await landing(() => page.click('#v2 ~ form button'))
    expect(new URL(page.url()).pathname).toMatch(/^\/room\/jobs\//)
    expect(complaints).toEqual([])
  })
})

/** Pages of what the analyst has done here have other addresses each time. */
const pathOf = (name: string): string => own.get(name) ?? name
const inLanguage = (path: string, language: string) => `${path}${path.includes('?') ? '&' : '?'}lang=${language}`

test.each(languages)('the heads of tables in %s break no word', async (language) => {
  for (const path of [
    ...['/room', '/room/archive', '/room/detections', '/room/coverage', '/room/detections/late-1', '/room/add'],
    ...['/room/history', '/room/recipients', '/room/schedules', '/room/sources', '/room/tokens'],
    ...[`/room/recipients/${recipientId('prefet@example.org')}`, pathOf('look')],
  ]) {
    await page.goto(`${url}${inLanguage(path, language)}`)
    for (const width of [1440, 1024, 860]) {
      await reader.turn({ width, scheme: 'light' })
      const cut = await page.$$eval('thead th', (all) =>
        all.filter((one) => one.scrollWidth > one.clientWidth + 1).map((one) => one.textContent),
      )
      expect(cut, `${path}, ${width}`).toEqual([])
    }
  }
})

/** By axe-core, what is against WCAG 2.2 AA on a screen. */
const violationsOn = async (screen: Parameters<Reader['turn']>[0]) => {
  await reader.turn(screen)
  return (await page.evaluate(
    `axe.run({ runOnly: ${JSON.stringify(tags)} }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' ')))`,
  )) as readonly string[]
}

describe('the pages', () => {
  const paths = [
    '/room',
    '/room?week=2024-W01&year=2020',
    '/room?day=never',
    '/room/archive',
    '/room/archive?territory=XX&year=2024',
    '/room/archive?cadence=year',
    '/room/detections',
    '/room/detections?q=matriochka',
    '/room/detections?from=never',
    '/room/detections/nc-2024-05-diverted-photo',
    '/room/detections/late-1?territory=XX&period=x',
    '/room/NC/2024-W20/amber',
    '/room/PF/2024-W20/amber',
    'decide',
    '/room/NC/2024-W20/amber/1/recall',
    '/room/reports',
    '/room/mail',
    '/room/inbox?kind=candidate',
    '/room/candidates/vigie-1f0e5e8a0b1c2d3e4f50',
    'lowered',
    'contested',
    '/room/plates',
    '/room/plates/add',
    'plate',
    'plate again',
    'plate removed',
    'plate remove',
    'plate words',
    'plate upload',
    'plate refused',
    '/room/detections/plated-1',
    '/room/schedules',
    '/room/schedules/NC/week',
    '/room/coverage?week=2024-W21',
    '/room/sources',
    '/room/tokens',
    '/room/sources/D3lta',
    '/room/add',
    'look',
    'batch',
    'wrong',
    '/room/inbox',
    'reject',
    '/room/detections/more-2/place',
    '/room/detections/late-1/correct',
    '/room/detections/late-1/withdraw',
    '/room/history',
    '/room/recipients?territory=NC&week=2024-W20',
    '/room/recipients?territory=XX&week=never',
    `/room/recipients/${recipientId('prefet@example.org')}?week=2024-W20`,
    '/room/recipients/new',
    '/room/notes?territory=NC&period=2024-W20',
    '/room/notes?territory=XX&period=never',
    'approve',
    `/room/recipients/${recipientId('prefet@example.org')}/change`,
    `/room/recipients/${recipientId('prefet@example.org')}/pause`,
    '/room/nothing',
  ]
  /** Forms that are refused, with an alert at the top of the page. */
  const refused = [
    ['look', { do: 'store' }],
    ['batch', { do: 'undo', by: '' }],
    ['contested', { do: 'confirm', reason: '', by: '', revision: '1' }],
    ['/room/reports', { territory: 'XX', period: 'never', cap: 'TLP:AMBER', key: 'a-key' }],
    ['/room/notes?territory=NC&period=2024-W20', { do: 'do' }],
    ['/room/sources/D3lta', { do: 'look', rhythm: 'daily', marking: 'TLP:GREEN', revision: '' }],
    ['/room/recipients/new', { do: 'look' }],
    ['/room/detections/late-1/correct', { do: 'look', revision: '1', 'counts.posts': 'many' }],
    ['/room/schedules/NC/week', { do: 'look', until: '', revision: '' }],
    ['/room/plates/add', { masks: '1' }],
    ['reject', { do: 'drop' }],
  ] as const
  test('of a refused form show one alert, at their top, which leads to the field', async () => {
    await page.goto(`${url}/room?lang=fr`)
    await withChecker(page)
    const found: unknown[] = []
    for (const [name, form] of refused) {
      const answer = await room.post(inLanguage(pathOf(name), 'fr'), { token: formToken, ...form })
      await page.setContent(await answer.text(), { waitUntil: 'load' })
      const seen = await page.evaluate(() => ({
        title: /^\p{L}+/u.exec(document.title)?.[0],
        alerts: document.querySelectorAll('[role=alert]').length,
        isFirst: document.querySelector('#content')?.firstElementChild?.getAttribute('role') === 'alert',
        isSeen: (document.querySelector('[role=alert]')?.getBoundingClientRect().bottom ?? innerHeight) < innerHeight,
        links: document.querySelectorAll('[role=alert] a').length > 0,
        // Each leads to what is named, and is pointed out there.
        astray: [...document.querySelectorAll('[role=alert] a')].filter(
          (link) => !document.getElementById((link.getAttribute('href') ?? '').slice(1))?.closest('.field, fieldset'),
        ).length,
        twice: [...document.querySelectorAll('[id]')].filter((one) => document.getElementById(one.id) !== one).length,
      }))
      const against = await violationsOn(screens[1])
      await reader.turn({ width: 1280, scheme: 'light' })
      found.push({ name, status: answer.status, ...seen, against })
    }
    const right = {
      ...{ status: 422, title: 'Erreur', alerts: 1, isFirst: true, isSeen: true, links: true },
      ...{ astray: 0, twice: 0, against: [] },
    }
    expect(found).toEqual(refused.map(([name]) => ({ name, ...right })))
  })

  test('have no duplicate id, nothing against WCAG 2.2 AA, and never scroll sideways', async () => {
    await page.goto(`${url}/room?lang=fr`)
    await withChecker(page)
    const policyOf = (answer: Response) => answer.headers.get('content-security-policy')
    const policy = policyOf(await room.get('/room?lang=fr'))
    for (const path of paths.map(pathOf)) {
      const answer = await room.get(inLanguage(path, 'fr'))
      // Written over the page before, under the policy that both have: the checker stays loaded.
      expect([path, policyOf(answer)]).toEqual([path, policy])
      const html = await answer.text()
      const ids = [...html.matchAll(/<[^>]*? id="([^"]*)"/g)].map(([, id]) => id)
      expect([path, ids.filter((id, at) => ids.indexOf(id) !== at)]).toEqual([path, []])
      await page.setContent(html, { waitUntil: 'load' })
      const isStyled = await page.evaluate(() => [...document.styleSheets].some(({ cssRules }) => cssRules.length > 9))
      expect([path, isStyled]).toEqual([path, true])
      for (const screen of screens) expect([path, screen, await violationsOn(screen)]).toEqual([path, screen, []])
      for (const width of [1280, 390, 320]) {
        await reader.turn({ width, scheme: 'light' })
        const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect(over, `${path}, ${width}`).toBeLessThanOrEqual(0)
      }
    }
  })
})

test('a token is revoked from its row', async () => {
  await page.goto(`${url}/room/tokens`)
  await landing(() => page.click('button[form="revoke"]'))
  expect(await programTokensIn(room.opened.table).all()).toMatchObject([{ revokedBy: 'this machine' }])
})
