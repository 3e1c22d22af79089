/**
 * The room's first page and its feed: figures are the reports' own, what is missing is never 0, and who
 * learns nothing.
 */
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Caller, everything } from '../../../../lambdas/domain/access/caller.ts'
import type { Marking } from '../../../../lambdas/domain/core/marking.ts'
import { type SubjectCode, territories } from '../../../../lambdas/domain/core/place/territory.ts'
import type { TerritoryCode } from '../../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { Report } from '../../../../lambdas/domain/page/page.ts'
import { archiveKey } from '../../../../lambdas/domain/report/manifest.ts'
import type { VersionEntry } from '../../../../lambdas/store/reports/reports.ts'
import { newFolder } from '../../../support/cli.ts'
import { withoutRuns } from '../../../support/date-runs.ts'
import { detection } from '../../../support/detections.ts'
import { feedIn } from '../../../support/feeds.ts'
import { noPrinter, roomOn } from '../../../support/room-on.ts'
import { hostile, openRoom, type Room } from '../../../support/room.ts'
import { openServices } from '../../../support/services.ts'

let room: Room
/** Of NC's week 20, as it is in the archive: version 2 of AMBER and version 1 of GREEN. */
let report: Report
let like: VersionEntry
let files: readonly (readonly [string, Uint8Array])[]

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const

beforeAll(async () => {
  room = await openRoom()
  const { archive, reports } = room.opened.services
  const read = (name: string) => archive.get(archiveKey(edition, 2, name))
  files = [
    ['report.json', await read('report.json')],
    ['manifest.json', await read('manifest.json')],
  ]
  report = JSON.parse(new TextDecoder().decode(files[0]?.[1])) as Report
  const entry = (await reports.versions(edition)).at(-1)
  if (!entry) throw new Error('the room has no report')
  like = entry
})
afterAll(async () => room.close())

const page = async (path: string) => {
  const answer = await room.get(path, { 'accept-language': 'en' })
  return { status: answer.status, headers: answer.headers, text: withoutRuns(await answer.text()) }
}
/** A report in place of one of a week before. */
const archived = async (territory: TerritoryCode, told: Report): Promise<void> => {
  const { archive, reports } = room.opened.services
  const bytes = Buffer.from(JSON.stringify(told))
  const manifest = Buffer.from(files[1]?.[1] ?? [])
    .toString()
    .replace(sha256(files[0]?.[1] ?? Buffer.alloc(0)), sha256(bytes))
  const own = { ...edition, territory, period: parsePeriod('2024-W16') } as const
  await reports.claim({ ...like, territory, period: '2024-W16', version: 1, asOf: '2024-05-01T00:00:00.000Z' })
  await archive.put(archiveKey(own, 1, 'report.json'), bytes, 'application/json')
  await archive.put(archiveKey(own, 1, 'manifest.json'), Buffer.from(manifest), 'application/json')
}
/** The row of a territory, as text between its tags. */
const rowOf = (text: string, name: string): string => {
  const row = text.split(/<tr role="row"[^>]*>/).find((one) => one.includes(`<b>${name}</b>`))
  return (row?.split('</tr>')[0] ?? '')
    .replace(/<svg.*?<\/svg>/gs, ' ')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim()
}

const untested = (one: Report['headlines'][number]): Report['headlines'][number] => ({
  ...one,
  comparison: { ...one.comparison, reading: 'not tested' },
})

const waitsIn = (text: string): string => /<h2 id="waits">.*?<\/section>/s.exec(text)?.[0] ?? ''

describe('the week', () => {
  test('shows of each territory what its newest report says, in its words', async () => {
    const { status, text } = await page('/room')
    expect(status).toBe(200)
    expect(text).toMatch(/<h1><b>Week.20<\/b>, 13–19.May.2024<\/h1>/)
    const row = rowOf(text, 'New Caledonia')
    const said = report.pages.en.figures.rows
    const [posts, detections] = ['Posts', 'Detections'].map((name) => said.find((one) => one.name === name))
    for (const figure of [posts, detections]) expect(row).toContain(figure?.value)
    expect(row).toContain(`${posts?.qualifier} ${posts?.value}`)
    expect(row).toContain(posts?.reading.word)
    expect(row).toContain('Version 2')
    expect(text).toContain('href="/room/NC/2024-W20/amber#v2"')
    expect(text).toContain('href="/room/detections?territory&#x3D;NC&amp;period&#x3D;2024-W20"')
    expect(text).toMatch(/<header class="marking">.*TLP:AMBER/)
  })

  test('says where there is no report, and shows no figure there: not even 0', async () => {
    const { text } = await page('/room')
    expect(rowOf(text, 'French Polynesia')).toMatch(/Version 1 recalled/)
    expect(rowOf(text, 'Corsica')).toContain('none yet; was due 20 May, 06:30 (Paris time)')
    for (const name of ['French Polynesia', 'Corsica', 'National edition'])
      expect(rowOf(text, name).replace(/\d+ May, \d\d:\d\d|Version 1/g, '')).not.toMatch(/\d/)
    const none = await page('/room?week=2022-W10')
    expect(none.text).toContain('No report of this week has been made yet.')
    expect(none.text).not.toMatch(/<b>0<\/b>|>0</)
  })

  test('tells who may read every edition that there is none yet, and others that none is open to them', async () => {
    const all = await page('/room?week=2022-W10')
    expect(all.text).toContain(`${territories.length + 1} reports that were due have not been made`)
    expect(all.text).not.toContain('open to you')
    const french = (await page('/room?week=2022-W10&lang=fr')).text
    expect(french).toContain(`${territories.length + 1} rapports attendus n’ont pas été établis`)
    expect(french).not.toMatch(/vous (est|sont) (pas )?ouvert/)
    const below = await room.as({ clearance: 'TLP:AMBER+STRICT' }, () => page('/room?week=2022-W10'))
    expect(below.text).toContain(`${territories.length + 1} reports that were due are not open to you`)
    expect(below.text).toContain('No report of this week is open to you.')
    expect(below.text).not.toContain('have not been made')
  })

  test('without any report leads to the newest week of which the reader may read one', async () => {
    const link =
      '<a href="/room?week&#x3D;2024-W20">Newest week with a report: 13–19\u00a0May\u00a02024 (week\u00a020)</a>'
    expect((await page('/room?week=2022-W10')).text).toContain(link)
    expect((await page('/room')).text).not.toContain('Newest week with a report')
    // PF's only report was recalled, and TF has none.
    for (const code of ['PF', 'TF'] as const) {
      const { text } = await room.as({ territories: [code] }, () => page('/room?week=2022-W10'))
      expect(text).not.toContain('Newest week with a report')
    }
    const below = await room.as({ clearance: 'TLP:CLEAR' }, () => page('/room?week=2022-W10'))
    expect(below.text).not.toContain('Newest week with a report')
  })

  test('says of each figure whether it is a minimum', async () => {
    const { figures } = report.pages.en
    const rows = figures.rows.map((one) => ({ ...one, value: '7', qualifier: 'at least' }))
    await archived('RE', {
      ...report,
      pages: { ...report.pages, en: { ...report.pages.en, figures: { ...figures, rows } } },
    })
    expect(rowOf((await page('/room?week=2024-W16')).text, 'Réunion').match(/at least 7/g)).toHaveLength(2)
  })

  test('says that nothing was seen only where nothing is withheld and the watch was kept', async () => {
    const [source] = report.sources
    if (!source) throw new Error('the report has no source')
    const gaps = [{ from: report.asOf, to: report.asOf, hours: 103, missed: 4 }]
    const zero = { value: 0, qualifier: 'exact' } as const
    const totals = { ...report.totals, detections: 0, manoeuvres: 0, posts: zero, watched: true }
    const kept = { ...source, watch: { ...source.watch, gaps: [] } }
    const calm = { ...report, quiet: true, withheld: 0, headlines: report.headlines.map(untested), totals }
    const editions = [
      ['GP', { ...calm, sources: [kept] }],
      ['MQ', { ...calm, sources: [kept], withheld: 1 }],
      ['YT', { ...calm, sources: [{ ...source, watch: { ...source.watch, gaps } }] }],
    ] as const
    for (const [territory, told] of editions) await archived(territory, told)
    const { text } = await page('/room?week=2024-W16')
    expect(text).toContain('<b>One territory watched,</b> where nothing was seen: Guadeloupe.')
    expect(text).toContain(
      '<b>2 territories without a detection</b> in the edition shown, where the watch was kept: Martinique and Mayotte.',
    )
  })

  test('says of an interrupted watch that what was missed is not known, and calls no exact figure a minimum', async () => {
    const { archive, reports } = room.opened.services
    const [source] = report.sources
    if (!source) throw new Error('the report has no source')
    const watch = { ...source.watch, gaps: [{ from: report.asOf, to: report.asOf, hours: 31, missed: 2 }] }
    const silent = { ...report, totals: { ...report.totals, watched: true }, sources: [{ ...source, watch }] }
    const bytes = Buffer.from(JSON.stringify(silent))
    const manifest = Buffer.from(files[1]?.[1] ?? [])
      .toString()
      .replace(sha256(files[0]?.[1] ?? Buffer.alloc(0)), sha256(bytes))
    const own = { ...edition, territory: 'RE', period: parsePeriod('2024-W17') } as const
    await reports.claim({ ...like, territory: 'RE', period: '2024-W17', version: 1, asOf: '2024-05-01T00:00:00.000Z' })
    await archive.put(archiveKey(own, 1, 'report.json'), bytes, 'application/json')
    await archive.put(archiveKey(own, 1, 'manifest.json'), Buffer.from(manifest), 'application/json')
    const { text } = await page('/room?week=2024-W17')
    expect(text).toContain('The watch was interrupted:')
    expect(text).toContain('What was missed meanwhile is not known.')
    expect(text).not.toMatch(/minimum/i)
    const french = (await page('/room?week=2024-W17&lang=fr')).text
    expect(french).toContain('Ce qui a été manqué pendant ce temps n’est pas connu.')
    expect(french).not.toMatch(/minimum/i)
  })

  test('reads what earlier programs archived, which says less of effects', async () => {
    const { stated: _, ...effects } = report.effects
    const { effects: __, ...older } = report
    await archived('PM', { ...report, effects } as Report)
    await archived('BL', older as Report)
    const { text } = await page('/room?week=2024-W16')
    expect(text).toMatch(/targeted[^<]*: Saint Barthélemy, Saint Pierre and Miquelon/)
  })

  test('names what is held, and keeps the figures of the version that stands', async () => {
    const { reports } = room.opened.services
    const { published, ...rest } = like
    if (!published) throw new Error('nothing is published')
    const held = { ...rest, territory: 'WF', version: 1, state: 'held', held: published, reason: hostile } as const
    await reports.claim(held)
    await reports.claim({ ...rest, version: 3, state: 'held', held: published, reason: 'page 2 is blank' })
    const { text } = await page('/room')
    expect(rowOf(text, 'Wallis and Futuna')).toMatch(/Version 1 held, not sent/)
    expect(rowOf(text, 'New Caledonia')).toMatch(/Version 2.*a later version is held/)
    expect(text).not.toContain('<script')
    const waits = waitsIn(text)
    expect(waits).toContain('2 reports held')
    expect(waits).toContain('<a href="/room/NC/2024-W20/amber#v3">New Caledonia, TLP:AMBER edition, version 3</a>')
    expect(waits).toContain('<a href="/room/WF/2024-W20/amber#v1">Wallis and Futuna, TLP:AMBER edition, version 1</a>')
  })

  test('lists what is held of any edition, whatever edition stands beside it, to who may read it', async () => {
    const { reports } = room.opened.services
    const { published, ...rest } = like
    if (!published) throw new Error('nothing is published')
    const week = { ...rest, period: '2024-W18', territory: 'PM', asOf: '2024-05-06T00:00:00.000Z' } as const
    const held = { state: 'held', held: published, reason: 'page 2 is blank' } as const
    await reports.claim({ ...week, version: 1, ...held })
    await reports.claim({ ...week, version: 2, ...held })
    await reports.claim({ ...week, version: 1, cap: 'TLP:RED', published, state: 'published' })
    // What was made again after it was held waits for nobody.
    await reports.claim({
      ...week,
      version: 1,
      cap: 'TLP:GREEN',
      ...held,
      held: { ...published, marking: 'TLP:GREEN' },
    })
    const green = { ...published, marking: 'TLP:GREEN' } as const
    await reports.claim({ ...week, version: 2, cap: 'TLP:GREEN', published: green })
    const waits = waitsIn((await page('/room?week=2024-W18')).text)
    expect(waits).toContain('One report held')
    expect(waits).toContain(
      '<a href="/room/PM/2024-W18/amber#v2">Saint Pierre and Miquelon, TLP:AMBER edition, version 2</a>',
    )
    const below = await room.as({ clearance: 'TLP:GREEN' }, () => page('/room?week=2024-W18'))
    expect(waitsIn(below.text)).not.toContain('held')
  })

  test('tells when reports leave, in the reader’s time, with whose that is', async () => {
    const paris = await page('/room')
    expect(paris.text).toContain('When (Paris time)')
    expect(paris.text).toMatch(/Sunday 26\u00a0May, 21:30.*New Caledonia.*27\u00a0May, 06:30 \(Nouméa time\)/s)
    const there = await page('/room?zone=Pacific%2FNoumea')
    expect(there.text).toMatch(/When \(Nouméa time\).*Monday 27\u00a0May, 06:30/s)
    expect(there.text).toContain('href="/room/archive?zone&#x3D;Pacific%2FNoumea"')
    await room.as({ territories: ['NC'] }, async () =>
      expect((await page('/room')).text).toContain('When (Nouméa time)'),
    )
    expect((await page('/room?zone=Mars%2FOlympus')).text).toContain('When (Paris time)')
  })

  test.each([
    ['week=2024-W19', 'Week 19'],
    ['day=2024-05-12', 'Week 19'],
    ['day=2021-01-03', 'Week 53'],
    ['week=2024-w20', 'Week 20'],
    ['year=2020', 'Week 20'],
  ])('asked for %s shows %s', async (query, title) => {
    const { status, text } = await page(`/room?${query}`)
    expect(status).toBe(200)
    expect(text).toMatch(new RegExp(`<h1><b>${title.replace(' ', '.')}</b>`))
  })

  test.each(['week=2024-05', 'week=2024-W99', 'day=2024-02-30', 'day=soon', 'day=0001-01-01'])(
    'says that it cannot read %s, and shows the latest',
    async (query) => {
      const { status, text } = await page(`/room?${query}`)
      expect(status).toBe(422)
      expect(text).toContain('aria-invalid')
      expect(text).toContain('13–19')
    },
  )

  test('leads addresses of the list, which stood here, to the archive', async () => {
    for (const query of ['territory=NC', 'period=2024-W20&cap=TLP%3AGREEN', 'from=2024-05-01&lang=fr', 'cursor=x']) {
      const answer = await room.get(`/room?${query}`)
      expect([answer.status, answer.headers.get('location')]).toEqual([302, `/room/archive?${query}`])
    }
  })

  test('has a calendar of the year, whose links are weeks that have begun', async () => {
    const { text } = await page('/room?year=2020')
    const weeks = [...text.matchAll(/href="\/room\?week&#x3D;(2020-W\d\d)"/g)].map(([, id]) => id)
    expect(weeks).toHaveLength(53)
    expect(text).toMatch(/aria-label="Week.53, 28.December.2020.–.3.January.2021"/)
    const now = await page('/room?year=2024')
    expect(now.text).toContain('week&#x3D;2024-W21')
    expect(now.text).not.toContain('week&#x3D;2024-W22')
    const archive = await page('/room/archive?year=2023')
    expect(archive.text).toContain('href="/room/archive?period&#x3D;2023-W07"')
  })

  test('counts what waits for somebody, of what the reader may know', async () => {
    const { candidates, detections, deliveries } = room.opened.services
    const now = new Date('2024-05-20T00:00:00.000Z')
    for (const [id, marking] of [
      ['vigie-clear', 'TLP:CLEAR'],
      ['vigie-red', 'TLP:RED'],
    ] as const)
      await candidates.save({ detection: detection({ id, marking, counts: { posts: 3 } }), members: [id] }, now)
    await detections.saveAll([detection({ id: 'lost', territories: [], marking: 'TLP:GREEN' })], now)
    const [sent] = await deliveries.about('NC', '2024-W20')
    if (!sent) throw new Error('nothing was mailed')
    await deliveries.change(sent, { ...sent, state: 'FAILED', reason: 'mailbox full' })
    const { text } = await page('/room')
    for (const said of ['2 candidates to decide', 'One detection without a territory', 'One mail refused'])
      expect(text).toContain(said)
    const reader: Partial<Caller> = { clearance: 'TLP:AMBER', territories: ['NC'], scopes: ['reports:read'] }
    const own = await room.as(reader, () => page('/room'))
    expect(own.text).toContain('One candidate to decide')
    for (const said of ['without a territory', 'mail refused', 'National edition', 'Corsica', '/room/detections'])
      expect(own.text).not.toContain(said)
  })

  test('says of a version that is not what was archived that it cannot be read', async () => {
    const { archive, reports } = room.opened.services
    await reports.claim({ ...like, territory: 'GP', version: 1 })
    const { text } = await page('/room')
    expect(rowOf(text, 'Guadeloupe')).toContain('Version 1 cannot be read: inform the watch team')
    expect(rowOf(text, 'New Caledonia')).toContain('5,339')
    expect(room.logged.at(-1)).toMatchObject({ what: 'version cannot be read', facts: { territory: 'GP' } })
    expect(archive).toBeDefined()
  })
})

describe('the feed', () => {
  test('has the reports that a reader may read; above GREEN that there is one, and no figure', async () => {
    const { status, headers, text } = await page('/room/feed.atom')
    expect([status, headers.get('content-type')]).toEqual([200, 'application/atom+xml; charset=utf-8'])
    const feed = feedIn(text)
    const amber = feed.entries.find(({ id }) => id === 'urn:vigie:report:NC/2024-W20/amber/v0002')
    expect(amber).toMatchObject({
      category: 'TLP:AMBER',
      href: 'http://127.0.0.1/room/NC/2024-W20/amber#v2',
      updated: report.asOf,
    })
    expect(amber?.summary).not.toMatch(/5.?339|[Pp]osts/)
    const green = feed.entries.find(({ id }) => id.includes('/green/'))
    expect(green?.summary).toContain('Posts: at least 5,332')
    const recalled = feed.entries.find(({ id }) => id.startsWith('urn:vigie:report:PF/'))
    expect(recalled).toMatchObject({ summary: 'Recalled: it is not to be read or quoted any more.' })
    const own = feedIn(
      await room.as({ clearance: 'TLP:GREEN', territories: ['NC'] }, async () => (await page('/room/feed.atom')).text),
    )
    expect(own.entries.map(({ id }) => id)).toEqual(['urn:vigie:report:NC/2024-W20/green/v0001'])
  })

  test('has no number for a period that nobody watched; nor has the archive, nor the versions', async () => {
    const { reports, archive } = room.opened.services
    const { published } = like
    if (!published) throw new Error('nothing is published')
    const none = { value: null, qualifier: 'not watched' } as const
    const figures = { posts: none, accounts: none, coordinatedAccounts: none, reposts: none, videos: none, views: none }
    const unwatched = { ...published.totals, ...figures, detections: 0, manoeuvres: 0, watched: false }
    const own = { ...edition, territory: 'MQ', cap: 'TLP:GREEN' } as const
    await reports.claim({
      ...{ ...like, territory: 'MQ', cap: 'TLP:GREEN', version: 1 },
      published: { ...published, marking: 'TLP:GREEN', totals: unwatched },
    })
    for (const [name, bytes] of files) await archive.put(archiveKey(own, 1, name), bytes, 'application/json')
    await room.as({ territories: ['MQ'] }, async () => {
      const [entry] = feedIn((await page('/room/feed.atom')).text).entries
      expect(entry?.summary).toContain('Posts: –. Detections: –.')
      const list = (await page('/room/archive')).text
      expect(list).toContain('data-label="Detections"><span>–</span>')
      const versions = (await page('/room/MQ/2024-W20/green')).text
      expect(versions).toMatch(/Detections<\/th><td[^>]*><div><b>–<\/b>/)
      expect(versions).toMatch(/Posts<\/th><td[^>]*><div><b>–<\/b>/)
    })
  })

  test('is a feed where there is no report, and closed to who is not signed in', async () => {
    const none = await room.as({ territories: ['TF'] }, () => page('/room/feed.atom'))
    expect(feedIn(none.text)).toMatchObject({ entries: [], updated: '2024-05-21T00:00:00.000Z' })
    expect((await room.as(undefined, () => page('/room/feed.atom'))).status).toBe(401)
  })
})

type Put = {
  readonly territory: SubjectCode
  readonly cap: Marking
  readonly marking: Marking
  readonly state: 'published' | 'held' | 'recalled'
}

/** Whether a territory's strictest edition has a version that stands. */
const standsIn = (seen: readonly Put[]): boolean =>
  ['NC', 'PF'].some((code) => {
    const own = seen.filter(({ territory }) => territory === code)
    const strictest = own.some(({ cap }) => cap === 'TLP:GREEN') ? 'TLP:GREEN' : 'TLP:CLEAR'
    return own.some(({ cap, state: is }) => cap === strictest && is === 'published')
  })

const state = fc.constantFrom('published' as const, 'held' as const, 'recalled' as const)
const known: fc.Arbitrary<Put> = fc.record({
  territory: fc.constantFrom<SubjectCode>('NC', 'PF'),
  cap: fc.constantFrom<Marking>('TLP:CLEAR', 'TLP:GREEN'),
  marking: fc.constant<Marking>('TLP:CLEAR'),
  state,
})
const hidden: fc.Arbitrary<Put> = fc.oneof(
  fc.record({
    territory: fc.constantFrom<SubjectCode>('NC', 'PF'),
    cap: fc.constantFrom<Marking>('TLP:AMBER', 'TLP:RED'),
    marking: fc.constantFrom<Marking>('TLP:CLEAR', 'TLP:AMBER'),
    state,
  }),
  fc.record({
    territory: fc.constantFrom<SubjectCode>('WF', 'ALL', 'PACIFIC'),
    cap: fc.constantFrom<Marking>('TLP:CLEAR', 'TLP:GREEN'),
    marking: fc.constant<Marking>('TLP:CLEAR'),
    state,
  }),
)

test('what a reader may not read of changes no byte of the week, the feed and the archive', async () => {
  const caller: Caller = { ...everything, who: 'reader', clearance: 'TLP:GREEN', territories: ['NC', 'PF'] }
  const paths = [
    '/room',
    '/room?week=2024-W20&lang=fr',
    '/room/feed.atom',
    '/room/archive',
    '/room/candidates',
    '/room/candidates/secret',
  ]
  const pagesOf = async (seen: readonly Put[], unseen: readonly Put[]) => {
    const { folder, remove } = await newFolder()
    const home = await openServices(folder, '2024-05-21T00:00:00.000Z', noPrinter)
    const { reports, archive, candidates, detections } = home.services
    const now = home.services.clock()
    const versions = new Map<string, number>()
    try {
      for (const { territory, cap, marking, state: is } of [...seen, ...unseen]) {
        const own = { ...edition, territory, cap }
        const version = (versions.get(`${territory} ${cap}`) ?? 0) + 1
        versions.set(`${territory} ${cap}`, version)
        const { published, ...rest } = like
        if (!published) throw new Error('nothing is published')
        const kept = { ...published, marking }
        await reports.claim({
          ...{ ...rest, territory, cap, version, state: is === 'held' ? 'held' : 'published' },
          ...(is === 'held' ? { held: kept, reason: 'x' } : { published: kept }),
          ...(is === 'recalled' && { recalled: { at: '2024-05-21T00:00:00.000Z', reason: 'x' } }),
        })
        for (const [name, bytes] of files) await archive.put(archiveKey(own, version, name), bytes, 'application/json')
      }
      if (unseen.length > 0) {
        const secret = detection({ id: 'secret', marking: 'TLP:RED', counts: { posts: 3 } })
        await candidates.save({ detection: secret, members: ['secret'] }, now)
        await detections.saveAll([detection({ id: 'lost', territories: [], marking: 'TLP:CLEAR' })], now)
      }
      const get = roomOn(home.services, caller)
      return await Promise.all(paths.map(async (path) => ({ path, ...(await get(path)), headers: undefined })))
    } finally {
      await home.close()
      await remove()
    }
  }
  const some = fc.array(hidden, { minLength: 1, maxLength: 4 })
  await fc.assert(
    fc.asyncProperty(fc.array(known, { maxLength: 4 }), some, async (seen, unseen) => {
      const without = await pagesOf(seen, [])
      expect(await pagesOf(seen, unseen)).toEqual(without)
      // The page does tell of what may be read: else equality would prove nothing.
      if (standsIn(seen)) expect(without[0]?.text).toContain('5,339')
    }),
    { numRuns: 25 },
  )
})
