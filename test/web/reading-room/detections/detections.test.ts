/** Stored detections in the reading room: the search with its facets, and one detection with why it counts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, everything } from '../../../../lambdas/domain/access/caller.ts'
import { newFolder } from '../../../support/cli.ts'
import { input } from '../../../support/detections.ts'
import { noPrinter, roomOn } from '../../../support/room-on.ts'
import { hostile } from '../../../support/room.ts'
import { ingestInto, type Opened, openServices } from '../../../support/services.ts'

const whole = input({
  id: 'whole',
  marking: 'TLP:CLEAR',
  campaign: 'Matriochka',
  counts: { posts: 5001 },
  title: { en: 'The whole story' },
})
const part = input({
  id: 'part',
  marking: 'TLP:CLEAR',
  partOf: 'whole',
  campaign: 'Matriochka',
  counts: { posts: 12 },
  kind: 'video',
})
const amber = input({
  id: 'amber/1',
  marking: 'TLP:AMBER',
  title: { en: `Reserved ${hostile}` },
  summary: { en: 'See https://bad.example.org/x' },
  campaign: hostile,
  observed: { from: '2024-05-15T20:30:00Z' },
  territories: ['NC', 'PF'],
})
const red = input({ id: 'red', marking: 'TLP:RED', campaign: 'Matriochka', hashtags: ['#matryochko'] })
const nowhere = input({ id: 'nowhere', marking: 'TLP:CLEAR', territories: [] })

const reader: Caller = { ...everything, who: 'reader', clearance: 'TLP:GREEN', territories: ['NC'] }

let opened: Opened
let remove: () => Promise<void>
const as = (caller: Partial<Caller> = {}) => roomOn(opened.services, { ...everything, ...caller })

const titlesIn = (text: string) =>
  [...text.matchAll(/<th scope="row" role="rowheader"><a [^>]*><bdi[^>]*>(.*?)<\/bdi>/g)].map(([, title]) => title)
const idsIn = (text: string) => [...text.matchAll(/ · ([\w/]+)<\/bdi><\/small>/g)].map(([, id]) => id)
const facetIn = (text: string, label: string) =>
  new RegExp(`<bdi>${label}</bdi></a> <span>(\\d+)</span>`).exec(text)?.[1]

beforeAll(async () => {
  const made = await newFolder()
  remove = made.remove
  opened = await openServices(made.folder, '2024-05-20T00:00:00.000Z', noPrinter)
  await ingestInto(opened, [whole, part, amber, red, nowhere])
  opened.at('2024-05-21T00:00:00.000Z')
  await ingestInto(opened, [{ ...whole, counts: { posts: 5002 } }])
})
afterAll(async () => {
  await opened.close()
  await remove()
})

describe('the list', () => {
  test('has each detection once, a part under its whole, with counts and facets', async () => {
    const { status, text } = await as()('/room/detections')
    expect(status).toBe(200)
    expect(titlesIn(text)).toHaveLength(4)
    expect(text).toContain('4 detections')
    expect(text).toMatch(/The whole story.*<tr role="row" class="part">.*part of whole/s)
    expect([facetIn(text, 'New Caledonia'), facetIn(text, 'French Polynesia'), facetIn(text, 'Video')]).toEqual([
      '4',
      '1',
      '1',
    ])
    expect(text).toMatch(/<header class="top">.*TLP:RED/)
  })

  test.each([
    ['q=matriochka', ['red', 'whole', 'part']],
    ['q=story', ['whole']],
    ['q=nowhere', ['nowhere']],
    ['kind=video', ['part']],
    ['marking=TLP%3ARED', ['red']],
    ['campaign=matriochka&period=2024-W20', ['red', 'whole', 'part']],
    ['territory=PF', ['amber/1']],
    ['from=2024-05-16&to=2024-05-20', ['amber/1']],
    ['from=2024-05-17', []],
  ])('with %s has %j', async (query, ids) => {
    const { status, text } = await as()(`/room/detections?${query}`)
    expect(status).toBe(200)
    expect(idsIn(text).toSorted()).toEqual(ids.toSorted())
    const count = ids.length === 0 ? 'No detection' : ids.length === 1 ? 'One detection' : `${ids.length} detections`
    expect(text).toContain(`<h2 id="found">${count}</h2>`)
  })

  test.each([
    ['territory=XX', 'territory'],
    ['kind=rumour', 'kind'],
    ['marking=TLP', 'marking'],
    ['from=yesterday', 'from', 'Write YYYY-MM-DD'],
    ['period=2024', 'from'],
    ['period=2024-W20&from=2024-05-13', 'from'],
    ['from=2024-05-20&to=2024-05-01', 'from', 'The first day is after the last'],
  ])('reports that it cannot read %s', async (query, wrong, why = '') => {
    const { status, text } = await as()(`/room/detections?${query}`)
    expect(status).toBe(422)
    expect(text).toContain('role="alert"')
    expect(text).toContain(`aria-describedby="${wrong}-wrong"`)
    expect(text).toContain(why)
    expect(idsIn(text)).toEqual([])
  })

  test('of a territory of other callers is refused like an unknown one', async () => {
    const get = roomOn(opened.services, reader)
    const [own, none] = [await get('/room/detections?territory=PF'), await get('/room/detections?territory=XX')]
    expect([own.status, own.text.replaceAll('PF', 'XX')]).toEqual([none.status, none.text])
  })

  test('suggests similar names, and is marked no lower than their detections', async () => {
    const { text } = await as()('/room/detections?q=matriochko&from=2024-05-01&to=2024-05-31')
    expect(text).toMatch(/Do you mean:.*#?matryochko/s)
    expect(text).toMatch(/<header class="top">.*TLP:RED/)
  })

  test('names the zone of an instant, and shows hostile text as text', async () => {
    const { text } = await as()('/room/detections?territory=PF')
    expect(text).toContain('15\u00a0May\u00a02024, 10:30<small>Tahiti time</small>')
    expect(text).toContain('&lt;script&gt;alert(1)')
    expect(text).not.toContain('<script')
  })

  test('continues from a cursor, and refuses an invalid one', async () => {
    const many = Array.from({ length: 60 }, (_, at) => input({ id: `many-${at}`, campaign: 'Many' }))
    await ingestInto(opened, many)
    const seen: string[] = []
    let path: string | undefined = '/room/detections?campaign=Many'
    for (let pages = 0; path !== undefined && pages < 4; pages += 1) {
      const { text } = await as()(path)
      expect(text).toContain('60 detections')
      seen.push(...[...text.matchAll(/ · (many-\d+)<\/bdi>/g)].map(([, id]) => id ?? ''))
      path = /class="next" href="([^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&').replaceAll('&#x3D;', '=')
    }
    expect(seen.toSorted()).toEqual(many.map(({ id }) => id).toSorted())
    expect((await as()('/room/detections?cursor=nonsense')).status).toBe(400)
  })

  test('is closed to who may read reports alone, and not in their navigation', async () => {
    const get = as({ scopes: ['reports:read', 'reports:create'] })
    for (const path of ['/room/detections', '/room/detections/whole']) expect((await get(path)).status).toBe(403)
    expect((await get('/room')).text).not.toContain('/room/detections')
  })
})

describe('one detection', () => {
  test('is shown with its place, why it counts there, its parts and its revisions', async () => {
    const { status, text } = await as()('/room/detections/whole')
    expect(status).toBe(200)
    expect(text).toContain('New Caledonia, 13–19\u00a0May\u00a02024 (week\u00a020)')
    expect(text).toContain('<b>counted</b><small><bdi>its first observation lies wholly in the period')
    expect(text).toContain('href="/room/detections/part"><bdi>part</bdi>')
    expect(text).toContain('Wednesday, 15\u00a0May\u00a02024, Nouméa time')
    expect(text).toMatch(
      /<th scope="row" role="rowheader">2<\/th>.*number of posts.*<th scope="row" role="rowheader">1</s,
    )
    expect(text).toContain('5,002 posts')
  })

  test('may not belong to another report, and is withheld above the cap of an edition', async () => {
    const other = await as()('/room/detections/whole?territory=NC&period=2024-W19')
    expect(other.text).toContain('<b>not in it</b><small><bdi>it was first observed after the period')
    const { text } = await as()('/room/detections/amber%2F1?territory=PF&period=2024-W20')
    expect(text).toMatch(/tlp-clear.*tlp-green.*withheld: only its number is given.*tlp-amber.*<b>counted<\/b>/s)
    expect(text).toContain('[https]://bad[.]example[.]org')
    expect(text).not.toMatch(/<script|https:\/\/bad/)
    expect(text).toMatch(/<header class="top">.*TLP:AMBER/)
  })

  test('shows the links of its attribution as far as the reader may know', async () => {
    const [from, to] = [{ name: 'BIG', kind: 'group' } as const, { name: 'Baku', kind: 'state' } as const]
    const link = (fact: string, marking: string) =>
      ({ from, to, basis: 'administrative', fact: { en: fact }, attributedBy: 'VIGINUM', marking }) as const
    const links = [link('Registered in Baku', 'TLP:CLEAR'), link('Paid by a ministry', 'TLP:RED')]
    const replies = [{ by: 'BIG', text: { en: 'We act alone' } }]
    const actor = { name: 'BIG', attributedBy: 'VIGINUM', links, replies }
    await ingestInto(opened, [input({ id: 'rests', marking: 'TLP:CLEAR', actor })])
    const { text } = await as(reader)('/room/detections/rests')
    expect(text).toMatch(/administrative <b>supported<\/b>/)
    expect(text).toMatch(/<table class="blocks of-dossier links".*Registered in Baku.*<\/table>/s)
    expect(text).toContain('We act alone')
    expect(text).not.toContain('ministry')
    expect((await as()('/room/detections/rests')).text).toContain('Paid by a ministry')
    expect((await as(reader)('/room/detections/part')).text).not.toContain('of-dossier')
  })

  test('shows the share of its account set', async () => {
    const accountSet = { id: 's', name: 'Sigma', size: 100 }
    const counts = { accounts: 80, coordinatedAccounts: 50 }
    await ingestInto(opened, [input({ id: 'set', marking: 'TLP:CLEAR', accountSet, counts })])
    const { text } = await as(reader)('/room/detections/set')
    expect(text).toContain('<p dir="auto">50% of the set “Sigma” took part')
    expect(text).not.toContain('<p dir="auto"></p>')
  })

  test('that is a part names its whole', async () => {
    const { text } = await as()('/room/detections/part')
    expect(text).toContain('a part of whole: its figures belong to that one and are not added to it')
    expect(text).toContain('href="/room/detections/whole"')
  })

  test.each(['territory=XX&period=2024-W20', 'territory=NC&period=2024-W99', 'territory=NC'])(
    'asked in %s, which cannot be read, shows its usual report',
    async (query) => {
      const { status, text } = await as()(`/room/detections/whole?${query}`)
      expect(status).toBe(200)
      expect(text).toMatch(/<h3 id="standing">New Caledonia, 13–19.May.2024/)
    },
  )

  test('shows the weeks of its campaign that the reader may know, its own marked', async () => {
    const later = { marking: 'TLP:CLEAR', campaign: 'matriochka', observed: { from: '2024-05-01' } } as const
    await ingestInto(opened, [
      input({ ...later, id: 'earlier' }),
      input({ ...later, id: 'other', territories: ['PF'] }),
    ])
    const chart = async (id: string, caller: Partial<Caller> = {}) =>
      /<section[^>]*aria-labelledby="campaign">.*?<\/section>/s.exec(
        (await as(caller)(`/room/detections/${id}`)).text,
      )?.[0]
    const text = (await chart('whole')) ?? ''
    expect(text).toContain('5 dated detections by week')
    expect(text).toMatch(/aria-label="29.April.–.5.May.2024 \(week.18\): 2 and 13–19.May.2024 \(week.20\): 3"/)
    expect(text.match(/class="(subject|past)"/g)).toEqual(['class="past"', 'class="subject"'])
    expect(await chart('whole', reader)).toContain('3 dated detections by week')
    expect(await chart('nowhere')).toBeUndefined()
  })

  test('links back to the search that found it, also from its own links', async () => {
    const plain = (text: string) => text.replaceAll('&#x3D;', '=').replaceAll('&amp;', '&')
    const search = '/room/detections?q=story&from=2024-05-01&to=2024-05-31&marking=TLP%3ACLEAR&lang=en'
    const back = `<a href="${search}">Back to detections</a>`
    const found = plain((await as()(search)).text)
    const path = /<th scope="row" role="rowheader"><a href="([^"]*)"><bdi[^>]*>The whole story/.exec(found)?.[1] ?? ''
    const one = plain((await as()(path)).text)
    expect(one).toContain(back)
    const other = /href="([^"]*\/whole\?territory=NC[^"]*)"/.exec(one)?.[1] ?? ''
    expect(plain((await as()(other)).text)).toContain(back)
    const part = /href="([^"]*\/part\?[^"]*)"/.exec(one)?.[1] ?? ''
    expect(plain((await as()(part)).text)).toContain(back)
  })

  test('links to a search alone, whatever the address holds', async () => {
    for (const list of [
      'https://evil.example.org',
      '//evil',
      'x=1&href=//evil',
      '"><script>',
      '%',
      '&'.repeat(9_000),
    ]) {
      const { status, text } = await as()(`/room/detections/whole?list=${encodeURIComponent(list)}`)
      expect(status).toBe(200)
      expect(text).toContain('<a href="/room/detections">Back to detections</a>')
      expect(text).not.toMatch(/href="[^"?]*evil|<script/)
    }
    const { text } = await as()(`/room/detections/whole?list=${encodeURIComponent(`q=${hostile}`)}`)
    expect(text).not.toContain('<script')
  })

  test('that was withdrawn shows where it was placed, and why it does not count', async () => {
    await ingestInto(opened, [input({ id: 'gone', marking: 'TLP:RED', campaign: 'Gone' })])
    expect((await as()('/room/detections/gone')).text).toContain('counts in <')
    const { detections, clock } = opened.services
    await detections.withdraw('gone', { by: 'a test', reason: 'a false alarm' }, clock())
    const { text } = await as()('/room/detections/gone')
    expect(text).toContain('it was withdrawn')
    expect(text).toContain('>Why it does not count</h2>')
    expect(text).not.toContain('Why it counts')
    expect(text).toMatch(/Where it belongs.*New Caledonia/s)
    expect(text).not.toContain('counts in')
    expect(text).not.toMatch(/id="placed".*href="[^"]*gone\?territory.*id="stored"/s)
  })

  test('without a territory is in no report', async () => {
    const { status, text } = await as()('/room/detections/nowhere')
    expect(status).toBe(200)
    expect(text).toContain('It has no territory yet: no report has it.')
  })

  test('that the reader may not know is like an unknown one', async () => {
    const get = roomOn(opened.services, reader)
    const unknown = await get('/room/detections/nobody')
    expect(unknown.status).toBe(404)
    for (const id of ['red', 'amber%2F1', 'nowhere', '%ff', 'x'.repeat(300)]) {
      const { status, text } = await get(`/room/detections/${id}`)
      expect([status, text.replaceAll(id, 'nobody')]).toEqual([404, unknown.text])
    }
  })

  test('shows its batches to callers who may know everything alone', async () => {
    expect((await as()('/room/detections/whole')).text).toContain('intake 2024')
    expect((await roomOn(opened.services, reader)('/room/detections/whole')).text).not.toContain('intake')
  })
})

test.each(['%00', '%20%EF%BB%BF%E2%80%8E'])('a search for %s is blank like one for a space', async (q) => {
  const pages = await Promise.all([q, '%20'].map((one) => as()(`/room/detections?q=${one}&campaign=${q}&lang=en`)))
  expect(pages.map(({ status }) => status)).toEqual([200, 200])
  // The link to the other language holds the address as requested.
  const [one, other] = pages.map(({ text }) => text.replace(/<li class="language">.*?<\/li>/, ''))
  expect(one).toBe(other)
  expect(pages[0]?.text).not.toMatch(/Your search has no word|No detection/)
})

test('a search for signs alone reports that it has no word, and does not blame the days', async () => {
  const { text } = await as()('/room/detections?q=%F0%9F%91%8D&lang=en')
  expect(text).toContain('Your search has no word')
  expect(text).not.toContain('in these days')
})
