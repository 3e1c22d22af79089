/** The first page of the room and its feed: figures of the reports themselves, and no 0 for a missing figure. */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reportLine } from '../../../../bin/cli/output/outputs.ts'
import type { Caller } from '../../../../lambdas/domain/access/caller.ts'
import { type TerritoryCode, territories } from '../../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod, periodsBefore } from '../../../../lambdas/domain/core/time/period.ts'
import type { Report } from '../../../../lambdas/domain/page/page.ts'
import { archiveKey } from '../../../../lambdas/domain/report/manifest.ts'
import { readNdjson } from '../../../../lambdas/intake/json/ndjson.ts'
import type { VersionEntry } from '../../../../lambdas/store/reports/reports.ts'
import { ingestDetections } from '../../../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { withoutRuns } from '../../../support/date-runs.ts'
import { detection, input } from '../../../support/detections.ts'
import { feedIn } from '../../../support/feeds.ts'
import { hostile, openRoom, type Room } from '../../../support/room.ts'

let room: Room
/** Of NC's week 20, as it is in the archive: version 2 of AMBER and version 1 of GREEN. */
let report: Report
let like: VersionEntry
let published: NonNullable<VersionEntry['published']>
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
  if (!entry?.published) throw new Error('the room has no report')
  like = entry
  published = entry.published
})
afterAll(async () => room.close())

const page = async (path: string) => {
  const answer = await room.get(path, { 'accept-language': 'en' })
  return { status: answer.status, headers: answer.headers, text: withoutRuns(await answer.text()) }
}
/** Archives a report of a week before as version 1. */
const archived = async (territory: TerritoryCode, changed: Report, week = '2024-W16'): Promise<void> => {
  const { archive, reports } = room.opened.services
  const bytes = Buffer.from(JSON.stringify(changed))
  const manifest = Buffer.from(files[1]?.[1] ?? [])
    .toString()
    .replace(sha256(files[0]?.[1] ?? Buffer.alloc(0)), sha256(bytes))
  const own = { ...edition, territory, period: parsePeriod(week) } as const
  await reports.claim({ ...like, territory, period: week, version: 1, asOf: '2024-05-01T00:00:00.000Z' })
  await archive.put(archiveKey(own, 1, 'report.json'), bytes, 'application/json')
  await archive.put(archiveKey(own, 1, 'manifest.json'), Buffer.from(manifest), 'application/json')
}
const hold = async (changes: Partial<VersionEntry>): Promise<void> => {
  const { published: held, ...rest } = like
  const entry = { ...rest, state: 'held', held, reason: 'page 2 is blank', ...changes } as VersionEntry
  await room.opened.services.reports.claim(entry)
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

const waitsIn = (text: string): string => /<h2 id="waits">.*?<\/section>/s.exec(text)?.[0] ?? ''

describe('the week', () => {
  test('shows the newest report of each territory, in its words', async () => {
    const { status, text } = await page('/room')
    expect(status).toBe(200)
    expect(text).toMatch(/<h1><b>Week.20<\/b>, 13–19.May.2024<\/h1>/)
    const row = rowOf(text, 'New Caledonia')
    const { rows } = report.pages.en.figures
    const [posts, detections] = ['Posts', 'Detections'].map((name) => rows.find((one) => one.name === name))
    for (const figure of [posts, detections]) expect(row).toContain(figure?.value)
    expect(row).toContain(`${posts?.qualifier} ${posts?.value}`)
    expect(row).toContain('Version 2')
    expect(text).toContain('href="/room/NC/2024-W20/amber#v2"')
    expect(text).toContain('href="/room/detections?territory&#x3D;NC&amp;period&#x3D;2024-W20"')
    expect(text).toMatch(/<header class="top">.*TLP:AMBER/)
  })

  test('shows no figure where there is no report, not even 0', async () => {
    const { text } = await page('/room')
    expect(rowOf(text, 'French Polynesia')).toMatch(/Version 1 recalled/)
    expect(rowOf(text, 'Corsica')).toContain('none yet; was due 20 May, 06:30 (Paris time)')
    for (const name of ['French Polynesia', 'Corsica', 'National edition'])
      expect(rowOf(text, name).replace(/\d+ May, \d\d:\d\d|Version 1/g, '')).not.toMatch(/\d/)
    const none = await page('/room?week=2022-W10')
    expect(none.text).toContain('No report of this week has been made yet.')
    expect(none.text).not.toMatch(/<b>0<\/b>|>0</)
  })

  test('reports missing reports to who may read every edition, and to others that none is open to them', async () => {
    const all = await page('/room?week=2022-W10')
    expect(all.text).toContain(`${territories.length + 1} reports that were due have not been made`)
    expect(all.text).not.toContain('open to you')
    const below = await room.as({ clearance: 'TLP:AMBER+STRICT' }, () => page('/room?week=2022-W10'))
    expect(below.text).toContain(`${territories.length + 1} reports that were due are not open to you`)
    expect(below.text).toContain('No report of this week is open to you.')
    expect(below.text).not.toContain('have not been made')
  })

  test('without any report leads to the newest week with a report that the reader may read', async () => {
    const link =
      '<a href="/room?week&#x3D;2024-W20">Newest week with a report: 13–19\u00a0May\u00a02024 (week\u00a020)</a>'
    expect((await page('/room?week=2022-W10')).text).toContain(link)
    expect((await page('/room')).text).not.toContain('Newest week with a report')
    // The only report of PF was recalled.
    const recalled = await room.as({ territories: ['PF'] }, () => page('/room?week=2022-W10'))
    expect(recalled.text).not.toContain('Newest week with a report')
    const below = await room.as({ clearance: 'TLP:CLEAR' }, () => page('/room?week=2022-W10'))
    expect(below.text).not.toContain('Newest week with a report')
  })

  test('reports a calm week only where nothing is withheld and the watch was kept', async () => {
    const [source] = report.sources
    if (!source) throw new Error('the report has no source')
    const gaps = [{ from: report.asOf, to: report.asOf, hours: 103, missed: 4 }]
    const zero = { value: 0, qualifier: 'exact' } as const
    const totals = { ...report.totals, detections: 0, manoeuvres: 0, posts: zero, watched: true }
    const kept = { ...source, watch: { ...source.watch, gaps: [] } }
    const level = report.level && { ...report.level, value: 0 as const }
    const calm = { ...report, level, quiet: true, withheld: 0, totals }
    const editions = [
      ['GP', { ...calm, sources: [kept] }],
      ['MQ', { ...calm, sources: [kept], withheld: 1 }],
      ['YT', { ...calm, sources: [{ ...source, watch: { ...source.watch, gaps } }] }],
    ] as const
    for (const [territory, changed] of editions) await archived(territory, changed)
    const { text } = await page('/room?week=2024-W16')
    expect(text).toContain('<b>One territory watched,</b> where nothing was seen: Guadeloupe.')
    expect(text).toContain(
      '<b>2 territories without a detection</b> in the edition shown, where the watch was kept: Martinique and Mayotte.',
    )
  })

  test('reports what an interrupted watch missed as unknown, and calls no exact figure a minimum', async () => {
    const [source] = report.sources
    if (!source) throw new Error('the report has no source')
    const watch = { ...source.watch, gaps: [{ from: report.asOf, to: report.asOf, hours: 31, missed: 2 }] }
    const totals = { ...report.totals, watched: true }
    await archived('RE', { ...report, totals, sources: [{ ...source, watch }] }, '2024-W17')
    const { text } = await page('/room?week=2024-W17')
    expect(text).toContain('The watch was interrupted:')
    expect(text).toContain('What was missed meanwhile is not known.')
    expect(text).not.toMatch(/minimum/i)
  })

  test('draws the weeks that reports of the same edition state, up to 26, and breaks the line where none does', async () => {
    const own = (week: string, changes: Partial<Report> = {}): Report => {
      const period = { ...report.period, ...parsePeriod(week) }
      const before = periodsBefore(period, report.before.length).map(({ id }, at) => ({
        ...report.before[at],
        period: id,
      }))
      return { ...report, period, before, ...changes } as Report
    }
    await archived('GF', own('2024-W15'), '2024-W15')
    await archived('GF', own('2024-W04', { marking: 'TLP:RED' }), '2024-W04')
    await archived('GF', own('2023-W40'), '2023-W40')
    const { text } = await page('/room?week=2024-W15')
    const [, row = ''] = /<b>French Guiana<\/b>(.*?)<\/tr>/s.exec(text) ?? []
    const points = report.headlines.find(({ figure }) => figure === 'posts')?.comparison.before ?? []
    expect(points).toHaveLength(8)
    const [, spoken = ''] = /aria-label="([^"]*W15: [^"]*)"/.exec(row) ?? []
    expect(spoken).toMatch(/^Posts, W48 to W15: /)
    expect(spoken.split('n/a')).toHaveLength(3)
    expect(row).toMatch(/Posts: 2 weeks of 26/)
    expect(text).toMatch(/<header class="top">.*TLP:RED/)
  })

  test('reads reports of earlier programs, which have less on effects', async () => {
    const { stated: _, ...effects } = report.effects
    const { effects: __, level: ___, ...older } = report
    await archived('PM', { ...older, effects } as Report)
    await archived('BL', older as Report)
    const { text } = await page('/room?week=2024-W16')
    expect(text).toMatch(/targeted[^<]*: Saint Barthélemy and Saint Pierre and Miquelon/)
  })

  test('names held versions, and keeps the figures of the current version', async () => {
    await hold({ territory: 'WF', version: 1, reason: hostile })
    await hold({ version: 3 })
    const { text } = await page('/room')
    expect(rowOf(text, 'Wallis and Futuna')).toMatch(/Version 1 held, not sent/)
    expect(rowOf(text, 'New Caledonia')).toMatch(/Version 2.*a later version is held/)
    expect(text).not.toContain('<script')
    const waits = waitsIn(text)
    expect(waits).toContain('2 reports held')
    expect((await page('/room/inbox')).text.match(/<b>Held report<\/b>/g)).toHaveLength(2)
    const below = await room.as({ clearance: 'TLP:GREEN' }, () => page('/room/inbox'))
    expect(below.text).not.toContain('Held report')
    expect(waits).toContain('<a href="/room/NC/2024-W20/amber#v3">New Caledonia, TLP:AMBER edition, version 3</a>')
    expect(waits).toContain('<a href="/room/WF/2024-W20/amber#v1">Wallis and Futuna, TLP:AMBER edition, version 1</a>')
  })

  test('lists the held versions of any edition, to who may read it', async () => {
    const { reports } = room.opened.services
    const week = { period: '2024-W18', territory: 'PM', asOf: '2024-05-06T00:00:00.000Z' } as const
    const green = { ...published, marking: 'TLP:GREEN' } as const
    await hold({ ...week, version: 1 })
    await hold({ ...week, version: 2 })
    await reports.claim({ ...like, ...week, version: 1, cap: 'TLP:RED' })
    // A version that was made again after it was held is not listed.
    await hold({ ...week, version: 1, cap: 'TLP:GREEN', held: green })
    await reports.claim({ ...like, ...week, version: 2, cap: 'TLP:GREEN', published: green })
    const waits = waitsIn((await page('/room?week=2024-W18')).text)
    expect(waits).toContain('One report held')
    expect(waits).toContain(
      '<a href="/room/PM/2024-W18/amber#v2">Saint Pierre and Miquelon, TLP:AMBER edition, version 2</a>',
    )
    const below = await room.as({ clearance: 'TLP:GREEN' }, () => page('/room?week=2024-W18'))
    expect(waitsIn(below.text)).not.toContain('held')
  })

  test('shows when reports leave, in the reader’s time, and names its zone', async () => {
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
    ['week=2024-w19', 'Week 19'],
    ['day=2024-05-12', 'Week 19'],
    ['day=2021-01-03', 'Week 53'],
    ['year=2020', 'Week 20'],
  ])('asked for %s shows %s', async (query, title) => {
    const { status, text } = await page(`/room?${query}`)
    expect(status).toBe(200)
    expect(text).toMatch(new RegExp(`<h1><b>${title.replace(' ', '.')}</b>`))
  })

  test.each(['week=2024-05', 'week=2024-W99', 'day=2024-02-30', 'day=0001-01-01'])(
    'reports that it cannot read %s, and shows the latest',
    async (query) => {
      const { status, text } = await page(`/room?${query}`)
      expect(status).toBe(422)
      expect(text).toContain('aria-invalid')
      expect(text).toContain('13–19')
    },
  )

  test('redirects old addresses of the list to the archive', async () => {
    const query = 'period=2024-W20&cap=TLP%3AGREEN&lang=fr'
    for (const one of [query, 'territory=NC', 'from=2024-05-01', 'cursor=x']) {
      const answer = await room.get(`/room?${one}`)
      expect([answer.status, answer.headers.get('location')]).toEqual([302, `/room/archive?${one}`])
    }
  })

  test('has a calendar of the year that links to the weeks that have begun', async () => {
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

  test('counts pending work, as far as the reader may know of it', async () => {
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
    for (const work of ['2 candidates to decide', 'One detection without a territory', 'One mail refused'])
      expect(text).toContain(work)
    const reader: Partial<Caller> = { clearance: 'TLP:AMBER', territories: ['NC'], scopes: ['reports:read'] }
    const own = await room.as(reader, () => page('/room'))
    expect(own.text).toContain('One candidate to decide')
    for (const hidden of ['without a territory', 'mail refused', 'National edition', 'Corsica', '/room/detections'])
      expect(own.text).not.toContain(hidden)
  })

  test('names a version that differs from its archived files as unreadable', async () => {
    await room.opened.services.reports.claim({ ...like, territory: 'GP', version: 1 })
    const { text } = await page('/room')
    expect(rowOf(text, 'Guadeloupe')).toContain('Version 1 cannot be read: inform the watch team')
    expect(rowOf(text, 'New Caledonia')).toContain('5,339')
    expect(room.logged.at(-1)).toMatchObject({ what: 'version cannot be read', facts: { territory: 'GP' } })
  })
})

describe('the feed', () => {
  test('has the reports that a reader may read, without figures above GREEN', async () => {
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

  test('has no number for an unwatched period; nor has the archive, nor the versions', async () => {
    const { reports, archive } = room.opened.services
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

  test('opens on the newest week with a report, and links to the later one without', async () => {
    const later = await openRoom()
    later.opened.at('2024-06-20T00:00:00.000Z')
    const { text } = await later.page('/room')
    expect(text).toMatch(/<h1><b>Week.20<\/b>/)
    expect(text).toContain(
      '<a href="/room?week&#x3D;2024-W24">Latest complete week, without a report that you may read',
    )
    await later.close()
  })

  test('is empty where there is no report, and closed without a sign-in', async () => {
    const none = await room.as({ territories: ['TF'] }, () => page('/room/feed.atom'))
    expect(feedIn(none.text)).toMatchObject({ entries: [], updated: '2024-05-21T00:00:00.000Z' })
    expect((await room.as(undefined, () => page('/room/feed.atom'))).status).toBe(401)
  })
})

test('posts that territories share are apart from its own on page 1, in each list and in each line', async () => {
  const { services } = room.opened
  const observedEffect = { state: 'observed', degree: 'media', source: 'Préfecture' } as const
  const shared = { marking: 'TLP:GREEN', observed: { from: '2024-03-19' } } as const
  const found = [
    input({ ...shared, id: 'own', territories: ['MQ'], counts: { posts: 10_675 } }),
    input({ ...shared, id: 'shared', territories: ['MQ', 'GP'], counts: { posts: 2_000 }, observedEffect }),
  ]
  const lines = async function* () {
    for (const one of found) yield new TextEncoder().encode(`${JSON.stringify(one)}\n`)
  }
  await ingestDetections(readNdjson(lines(), { file: 'shared' }), 'shared', services)
  const period = parsePeriod('2024-W12')
  const made = await generateReport({ territory: 'MQ', period, cap: 'TLP:GREEN' }, services)
  const [size] = made.report.pages.en.first?.rows.filter(({ label }) => label === 'Size') ?? []
  expect(size?.text.map(({ text }) => text).join('')).toMatch(/^At least 10,675 posts .* At least 2,000 posts/)
  const both = '10,675 and at least 2,000 shared'
  expect(reportLine(made)).toContain('10,675 posts and at least 2,000 shared')
  const row = rowOf((await page('/room?week=2024-W12')).text, 'Martinique')
  expect(row).toContain(both)
  expect(row).toContain('(common to 2 territories)')
  expect((await page('/room/archive?territory=MQ')).text.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')).toContain(
    both,
  )
  const feed = feedIn((await page('/room/feed.atom')).text)
  expect(feed.entries.find(({ id }) => id.startsWith('urn:vigie:report:MQ/2024-W12'))?.summary).toContain(both)
})
