/** The demo, and the story of DOMAIN.md §1 as a reader finds it in the files. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDrawings, ingestArrival, storyArrivals } from '../../bin/cli/story.ts'
import { subjectOf, type TerritoryCode, territories } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { archiveKey } from '../../lambdas/domain/report/manifest.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { verifyArchive } from '../../lambdas/usecases/archive/verify-archive.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import {
  type IngestJson,
  jsonOf,
  newFolder,
  type Ran,
  type ReportJson,
  vigie,
  type WeeklyJson,
} from '../support/cli.ts'
import { pdfFacts, pdfLinks, pdfOutline, pdfSizes, pdfText } from '../support/pdf-text.ts'
import { type Opened, openServices, reportFrom } from '../support/services.ts'

type DemoJson = WeeklyJson & { readonly ingested: IngestJson }

let home: string
/** The home after the demo; a second one joins. */
let opened: Opened
let cleanUp: () => Promise<void>
let first: Ran

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  home = join(folder, 'home')
  first = await vigie(['demo', '--home', home])
  opened = await openServices(home, 'now')
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
})

afterAll(() => cleanUp())

const pathOf = (report: ReportJson, name: string): string => {
  const file = report.files.find((one) => one.name === name)
  if (!file) throw new Error(`${report.id} has no ${name}`)
  return file.path
}

/** Text with every kind of space as one blank, as a reader sees it. */
const flat = (text: string): string => text.replace(/[\s\u00a0\u202f]+/g, ' ')

const htmlText = async (report: ReportJson, lang: 'fr' | 'en') =>
  flat(shownText(await readFile(pathOf(report, `report.${lang}.html`), 'utf8')).join(' '))

const pdfPages = async (report: ReportJson, lang: 'fr' | 'en') =>
  (await pdfText(await readFile(pathOf(report, `report.${lang}.pdf`)))).map(flat)

/** Every file below a folder with its time, size and, for the archive, nothing but these changing at a write. */
const listing = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true })
  return Promise.all(
    entries.toSorted().map(async (name) => {
      const { size, mtimeMs, ino } = await stat(join(folder, name))
      return `${name} ${size} ${mtimeMs} ${ino}`
    }),
  )
}

/** Each report is asked for once. */
const asked = new Map<string, Promise<ReportJson>>()

const made = (territory: TerritoryCode, period: string): Promise<ReportJson> => {
  const key = `${territory} ${period}`
  const report = asked.get(key) ?? reportFrom(opened, territory, period)
  asked.set(key, report)
  return report
}

describe('vigie demo', () => {
  it('ends well, with a plain line for each of the 13 territories, the nation, the campaign and other periods, on stderr', () => {
    expect(first.code).toBe(0)
    expect(first.stderr.match(/^done .*$/gm)).toHaveLength(20)
    for (const { name } of [...territories, subjectOf('ALL')]) expect(first.stderr).toContain(name.en)
    // oxlint-disable-next-line no-control-regex -- the escapes of terminals are what must not be there
    expect(first.stderr + first.stdout).not.toMatch(/\u001b/)
  })

  it('ends with a table of the reports by name and period', () => {
    const [head, ...rows] = first.stdout.split('\n').slice(0, 21)
    expect(head).toMatch(/^Report +Period +Edition +Detections +Change$/)
    const named = (code: TerritoryCode | 'ALL', period: string) => `${subjectOf(code).name.en} ${period}`
    expect(rows.map((row) => row.split(/ {2,}/).slice(0, 2).join(' '))).toEqual([
      named('COR', '2024-02'),
      'Dossier of UN-notorious BIG 2024-W20',
      ...territories.map(({ code }) => named(code, '2024-W20')),
      named('NC', '2024-05'),
      named('MQ', '2024-W41'),
      'Dossier of UN-notorious BIG 2024-W41',
      named('ALL', '2023-07'),
      named('ALL', '2024-W20'),
    ])
  })

  it('says which PDF to open first, in both languages, and how to go on', async () => {
    const [, after = ''] = first.stdout.split('Open first')
    const paths = [...after.matchAll(/\S+\.pdf/g)].map(([path]) => path)
    expect(paths.map((path) => path.split('/').slice(-5).join('/'))).toEqual(
      ['en', 'fr'].map((lang) => `ALL/2024-W20/amber/v0001/report.${lang}.pdf`),
    )
    for (const path of paths) expect((await readFile(path)).subarray(0, 5).toString()).toBe('%PDF-')
    for (const command of ['serve', 'report all 2024-Q2']) expect(after).toContain(`npx vigie ${command} `)
  })

  it('fits in 80 columns, but for where its home is', () => {
    const lines = first.stdout.replaceAll(home, '.vigie').split('\n')
    expect(lines.filter((line) => line.length > 80)).toEqual([])
  })

  it('finds nothing new the second time, and writes nothing', async () => {
    const before = await listing(join(home, 'archive'))
    expect(before.filter((line) => line.includes('manifest.json'))).toHaveLength(20)
    const again = await vigie(['demo', '--home', home, '--json'])
    expect(again.code).toBe(0)
    const { ingested, reports, failed } = jsonOf<DemoJson>(again)
    expect(ingested).toMatchObject({ duplicates: 756, runs: 0, accepted: 0, rejected: 0 })
    expect(failed).toEqual([])
    expect(reports.map(({ isNew, version }) => `${isNew} ${version}`)).toEqual(Array(18).fill('false 1'))
    expect(await listing(join(home, 'archive'))).toEqual(before)
  })

  it('leaves an archive that verifies, with all that the JSON promises on disk', async () => {
    expect((await verifyArchive(opened.services)).problems).toEqual([])
    const report = await made('NC', '2024-W20')
    for (const { path, bytes } of report.files) expect((await stat(path)).size).toBe(bytes)
    expect(report.files.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'manifest.json',
        'report.en.html',
        'report.en.pdf',
        'report.fr.html',
        'report.fr.pdf',
        'report.json',
      ]),
    )
  })
})

describe('New Caledonia in 2024-W20', () => {
  it('has at least 5,332 posts, none added twice', async () => {
    const report = await made('NC', '2024-W20')
    expect(report.totals).toMatchObject({
      posts: { value: 5332, qualifier: 'at least' },
      accounts: { value: 1686, qualifier: 'at least' },
      coordinatedAccounts: { value: 348 },
    })
    expect(report.days.reduce((sum, { posts }) => sum + (posts.value ?? 0), 0) + (report.undatedPosts ?? 0)).toBe(5332)
    expect(report.days.reduce((sum, { detections }) => sum + detections, 0) + report.undated).toBe(
      report.totals.detections,
    )
    expect(report.days.find(({ date }) => date === '2024-05-15')).toMatchObject({
      posts: { value: 5332, qualifier: 'at least' },
    })
    // A video of unknown reach was seen on the next day: not a day of nothing.
    expect(report.days.find(({ date }) => date === '2024-05-16')).toMatchObject({
      posts: { value: null, qualifier: 'not given' },
    })
  })

  it.each([
    { lang: 'en', figures: ['5,332', '5,187', '1,686', '348', '423', '145', '80', '179', '301'] },
    { lang: 'fr', figures: ['5 332', '5 187', '1 686', '348', '423', '145', '80', '179', '301'] },
  ] as const)('tells its figures in HTML and PDF ($lang)', async ({ lang, figures }) => {
    const report = await made('NC', '2024-W20')
    const html = await htmlText(report, lang)
    const pdf = (await pdfPages(report, lang)).join(' ')
    for (const figure of figures) {
      const whole = new RegExp(`(?<![\\d,])${figure}(?![\\d,]\\d)`)
      expect(html, `${figure} in HTML`).toMatch(whole)
      expect(pdf, `${figure} in PDF`).toMatch(whole)
    }
    expect(html).toMatch(lang === 'en' ? /at least 5,332/i : /au moins 5 332/i)
    expect(pdf).toMatch(lang === 'en' ? /at least 5,332/i : /au moins 5 332/i)
    // 5,332 + 348 or + 5,000 would be the whole added to its parts.
    expect(html).not.toMatch(/10[, ]332|10[, ]519/)
  })

  it.each(['fr', 'en'] as const)(
    'carries label, page numbers, title, language, tags and outline in its PDF (%s)',
    async (lang) => {
      const report = await made('NC', '2024-W20')
      const bytes = await readFile(pathOf(report, `report.${lang}.pdf`))
      const pages = await pdfPages(report, lang)
      expect(pages.length).toBeGreaterThan(1)
      for (const [index, text] of pages.entries()) {
        // In the header and in the footer; the first page may say it once more in its text.
        expect(text.split(report.marking).length - 1, `page ${index + 1}`).toBeGreaterThanOrEqual(2)
        expect(text).toContain(`${index + 1} / ${pages.length}`)
      }
      const facts = await pdfFacts(bytes)
      expect(facts).toMatchObject({ lang, tagged: true })
      expect(flat(facts.title ?? '')).toContain(lang === 'fr' ? 'Nouvelle-Calédonie' : 'New Caledonia')
      expect((await pdfOutline(bytes)).length).toBeGreaterThan(3)
      for (const [width, height] of await pdfSizes(bytes)) {
        expect(width).toBeCloseTo(595, -0.5)
        expect(height).toBeCloseTo(842, -0.5)
      }
    },
  )

  it('has the same snapshot in another home, whatever the order of the input', async () => {
    const report = await made('NC', '2024-W20')
    const other = await newFolder()
    const there = await openServices(other.folder, 'now')
    try {
      await addDrawings(there.services)
      for (const arrival of (await storyArrivals()).toReversed()) await ingestArrival(arrival, there.services)
      const theirs = await reportFrom(there, 'NC', '2024-W20')
      expect(theirs.snapshotSha256).toBe(report.snapshotSha256)
      expect(theirs.totals).toEqual(report.totals)
    } finally {
      await there.close()
      await other.remove()
    }
  })
})

describe('the drawings of the diverted photo', () => {
  it('say in both languages that they are drawings and no captures, and are small', async () => {
    const plates = await opened.services.plates.list()
    expect(plates).toHaveLength(2)
    for (const plate of plates) {
      for (const words of [plate.caption, plate.alt]) {
        expect(words.fr).toMatch(/^Dessin .*non une capture/)
        expect(words.en).toMatch(/^(Drawing|Schematic drawing).*not a capture/)
      }
      expect(plate).toMatchObject({ marking: 'TLP:CLEAR', masks: 0, source: 'dessin de la démo · demo drawing' })
      expect(plate.bytes).toBeLessThan(60_000)
    }
  })

  it.each([
    [
      'fr',
      'Dessin fait pour la démonstration d’après le récit publié, et non une capture',
      'l’original et l’image détournée',
    ],
    [
      'en',
      'Drawing made for the demo after the published account, not a capture',
      'the original and the diverted picture',
    ],
  ] as const)('stand as a pair in the annexes of New Caledonia’s week (%s)', async (lang, caption, pair) => {
    const report = await made('NC', '2024-W20')
    for (const text of [await htmlText(report, lang), (await pdfPages(report, lang)).join(' ')]) {
      expect(text).toContain(pair)
      expect(text.split(caption)).toHaveLength(3)
    }
    expect(await readFile(pathOf(report, `report.${lang}.html`), 'utf8')).not.toContain('class="crop"')
  })

  it('are not drawn where no detection names them', async () => {
    expect(await htmlText(await made('MQ', '2024-W41'), 'en')).not.toContain('Drawing made for the demo')
  })
})

describe('the samples', () => {
  it('arrive in order, each after it was over, and in time for its report', async () => {
    const arrivals = await storyArrivals()
    expect(arrivals.map(({ at }) => at)).toEqual(arrivals.map(({ at }) => at).toSorted())
    type Sample = { readonly observed?: { readonly from: string; readonly to?: string }; readonly ran?: string }
    for (const { at, records } of arrivals) {
      for (const { observed, ran } of records as readonly Sample[]) {
        const end = ran ?? observed?.to ?? observed?.from ?? ''
        // A day or a month is over where the arrival is in a later one.
        expect(at.slice(0, end.length) > end).toBe(true)
      }
    }
  })

  it('show a watch that was kept, a week before that was quiet, and inputs of their own days', async () => {
    const report = await made('NC', '2024-W20')
    const { asOf, before, sources } = JSON.parse(await readFile(pathOf(report, 'report.json'), 'utf8')) as Report
    expect(asOf).toBe('2024-05-21T04:30:00.000Z')
    expect(before.at(-1)).toMatchObject({ period: '2024-W19', totals: { posts: { value: 0, qualifier: 'exact' } } })
    expect(sources.find(({ name }) => name === 'D3lta')).toMatchObject({ watch: { gaps: [] } })
    expect(await htmlText(report, 'en')).toContain('The watch was kept')
  })
})

describe('the national edition', () => {
  const hrefs = async (lang: 'fr' | 'en') => {
    const folder = join(home, 'archive/reports/ALL/2024-W20/amber/v0001')
    const html = await readFile(join(folder, `report.${lang}.html`), 'utf8')
    return [...html.matchAll(/<a href="(\.\.[^"]*)"/g)].map(([, href = '']) => join(folder, href))
  }

  it.each(['fr', 'en'] as const)(
    'leads to each territory’s report and to the dossier, in the archive (%s)',
    async (lang) => {
      const found = await hrefs(lang)
      const told = [...territories.map(({ code }) => code), 'campaign-4379075e7f51']
      expect(found.map((file) => file.split('/').at(-5)).sort()).toEqual(told.sort())
      for (const file of found) {
        expect(file.endsWith(`report.${lang}.html`)).toBe(true)
        expect((await stat(file)).size).toBeGreaterThan(10_000)
      }
    },
  )

  it('leads to no report that was made after it, or of another cap', async () => {
    const { services } = opened
    const request = { territory: 'ALL', period: parsePeriod('2024-W20'), asOf: '2024-05-20T20:00:00.000Z' } as const
    const early = await generateReport({ ...request, cap: 'TLP:AMBER' }, services)
    expect(early.report.group?.rows.filter(({ report }) => report !== undefined)).toEqual([])
    const other = await generateReport({ territory: 'ALL', period: request.period, cap: 'TLP:GREEN' }, services)
    expect(JSON.stringify(other.report.pages)).not.toContain('report.fr.html')
  })

  it('leads to the reading room where the house names it', async () => {
    const organisation = { room: 'https://vigie.example.org' }
    const services = { ...opened.services, organisation }
    const asked = { territory: 'ALL', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER', redress: true } as const
    const { report, edition } = await generateReport(asked, services)
    const tiles = report.pages.fr.group?.regions.flatMap((region) => region.tiles) ?? []
    expect(tiles.find(({ code }) => code === 'NC')?.href).toBe('https://vigie.example.org/room/NC/2024-W20/amber')
    const pdf = await services.archive.get(archiveKey(edition, report.version, 'report.fr.pdf'))
    // A name on two lines is two areas.
    const links = new Set((await pdfLinks(pdf)).filter((link) => link.startsWith('https:')))
    expect([...links].map((link) => link.split('/').at(-3)).sort()).toEqual(
      [...territories.map(({ code }) => code), 'campaign-4379075e7f51'].sort(),
    )
  })
})

describe('the rest of the story', () => {
  it('has at least eleven videos and two hashtags in Martinique in 2024-W41', async () => {
    const report = await made('MQ', '2024-W41')
    expect(report.totals.videos).toEqual({ value: 11, qualifier: 'at least' })
    for (const lang of ['fr', 'en'] as const) {
      const html = await htmlText(report, lang)
      const pdf = (await pdfPages(report, lang)).join(' ')
      for (const text of [html, pdf]) {
        expect(text).toMatch(lang === 'fr' ? /au moins 11/i : /at least 11/i)
        expect(text).toContain('#independ')
        expect(text).toContain('#colonialism')
      }
    }
  })

  it('counts the conference in Corsica in 2024-02, and lists it undated in 2024-W06', async () => {
    const month = await made('COR', '2024-02')
    expect(month.totals.detections).toBe(1)
    expect(month.undated).toBe(1)
    expect(await htmlText(month, 'en')).toMatch(/conference/i)
    const week = await made('COR', '2024-W06')
    expect(week.totals.detections).toBe(0)
    expect(week.undatedHere).toEqual(['big-2024-02-conference'])
    expect(await htmlText(week, 'en')).toMatch(/conference/i)
    expect(await htmlText(week, 'fr')).toMatch(/conférence/i)
  })

  it('reports the quiet week of French Polynesia on one page', async () => {
    const report = await made('PF', '2024-W20')
    expect(report.totals).toMatchObject({ detections: 0, posts: { value: 0, qualifier: 'exact' } })
    for (const lang of ['fr', 'en'] as const) {
      const pages = await pdfPages(report, lang)
      expect(pages).toHaveLength(1)
      expect(pages[0]).toContain('1 / 1')
      expect(pages[0]).toContain('D3lta')
    }
    const facts = JSON.parse(await readFile(pathOf(report, 'report.json'), 'utf8')) as { quiet: boolean }
    expect(facts.quiet).toBe(true)
  })
})
