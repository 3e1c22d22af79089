/** How long a report is: sheets of paper and screens of a phone, as docs/reports.md promises. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDrawings, storyArrivals, ingestArrival, story } from '../../../bin/cli/story.ts'
import { type Language, languages } from '../../../lambdas/domain/core/language/languages.ts'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { type SubjectCode, territories } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import { reportOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { openPrinter, type Printer } from '../../../lambdas/render/chromium.ts'
import { fontFaceCss } from '../../../lambdas/render/fonts.ts'
import { builtInTemplates, type Templates } from '../../../lambdas/render/html.ts'
import { printPage } from '../../../lambdas/render/table-of-contents.ts'
import { embeddedPictures } from '../../../lambdas/usecases/archive/plates-of-report.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { draftFacts } from '../../../lambdas/usecases/reports/generate-report.ts'
import { openReader, type Reader } from '../../support/browser.ts'
import { newFolder } from '../../support/cli.ts'
import { detection } from '../../support/detections.ts'
import { graveWeek, mixedWeek, wideWeek } from '../../support/mixed.ts'
import { pdfSpoken, pdfText } from '../../support/pdf-text.ts'
import { type Opened, openServices } from '../../support/services.ts'

let printer: Printer
const cleanUps: (() => Promise<void>)[] = []

beforeAll(async () => {
  printer = await openPrinter()
})
afterAll(async () => {
  for (const cleanUp of cleanUps) await cleanUp()
  await printer.close()
})

const newHome = async (): Promise<Opened> => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder, '2024-05-20T05:00:00.000Z', printer)
  cleanUps.push(async () => {
    await opened.close()
    await remove()
  })
  return opened
}

const homeOf = async (count: number): Promise<Opened> => {
  const opened = await newHome()
  const records = mixedWeek(count).map((one) => ({ detection: detection(one) }))
  expect((await ingestDetections(records, 'mixed.ndjson', opened.services)).accepted).toBe(count)
  opened.at('2024-05-21T04:30:00.000Z')
  return opened
}

type Asked = { readonly territory: SubjectCode; readonly period: string; readonly cap?: Marking }

const reportIn = async (opened: Opened, { territory, period, cap = 'TLP:AMBER' }: Asked): Promise<Report> =>
  reportOf(await draftFacts({ territory, period: parsePeriod(period), cap, campaign: story.campaign }, opened.services))

const templatesOf = async (opened: Opened, report: Report): Promise<Templates> => {
  const [builtIn, pictures] = [builtInTemplates(), await embeddedPictures(report, opened.services)]
  return { ...builtIn, render: (page, fonts, numbers) => builtIn.render(page, fonts, numbers, pictures) }
}

const printOf = async (opened: Opened, report: Report, lang: Language): Promise<Uint8Array> => {
  const page = report.pages[lang]
  const { printed } = await printPage(page, await templatesOf(opened, report), fontFaceCss('print'), async (html) => ({
    printed: await printer.print(html, { lang, title: page.documentTitle }),
  }))
  return printed
}

/** The text of each sheet. */
const sheetsOf = async (opened: Opened, report: Report, lang: Language): Promise<readonly string[]> =>
  (await pdfText(await printOf(opened, report, lang))).map((text) => text.replace(/\s+/g, ' '))

/** Running head, foot and marking take some eighty characters of a sheet. */
const almostEmpty = (sheets: readonly string[]): readonly string[] => sheets.filter((sheet) => sheet.length < 400)

const caps = ['TLP:GREEN', 'TLP:AMBER', 'TLP:RED'] as const

describe.each([4, 20, 100, 300])('a mixed week of %i detections', (count) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await homeOf(count)
  })

  it.each(caps)('has the whole brief of the nation on sheet 1, and at most eight sheets (%s)', async (cap) => {
    const report = await reportIn(opened, { territory: 'ALL', period: '2024-W20', cap })
    for (const lang of languages) {
      const sheets = await sheetsOf(opened, report, lang)
      const [first = ''] = sheets
      const tiles = report.pages[lang].group?.regions.flatMap((region) => region.tiles) ?? []
      expect(tiles).toHaveLength(territories.length)
      // The last tile's words, and those of what is not known.
      const told = [...tiles.map(({ name }) => name), tiles.at(-1)?.state ?? '', wordingOf(lang).say('watchFor')]
      const flat = (text: string) => text.replace(/\s/g, '')
      expect(told.filter((words) => !flat(first).includes(flat(words)))).toEqual([])
      expect(sheets.length).toBeLessThanOrEqual(8)
      expect(almostEmpty(sheets)).toEqual([])
    }
  })

  it.each(caps)('has at most eight sheets of a territory (%s)', async (cap) => {
    const report = await reportIn(opened, { territory: 'NC', period: '2024-W20', cap })
    for (const lang of languages) {
      const sheets = await sheetsOf(opened, report, lang)
      expect(sheets.length).toBeLessThanOrEqual(8)
      expect(almostEmpty(sheets)).toEqual([])
    }
  })
})

describe('three hundred detections of one territory', () => {
  it.each(caps)('fill at most eight sheets (%s)', async (cap) => {
    const opened = await newHome()
    const records = mixedWeek(300).map((one) => ({ detection: detection({ ...one, territories: ['NC'] }) }))
    await ingestDetections(records, 'mixed.ndjson', opened.services)
    const report = await reportIn(opened, { territory: 'NC', period: '2024-W20', cap })
    for (const lang of languages) expect((await sheetsOf(opened, report, lang)).length).toBeLessThanOrEqual(8)
  })
})

describe.each([
  ['many are grave', graveWeek, '2026-W46'],
  ['a third are grave, of as many campaigns as there are weeks in half a year', wideWeek, '2026-W47'],
] as const)('three hundred detections of which %s', (_, week, period) => {
  it.each(caps)('fill at most eight sheets, and keep each legend with what it explains (%s)', async (cap) => {
    const opened = await newHome()
    opened.at('2026-11-27T08:00:00.000Z')
    const records = week(300).map((one) => ({ detection: detection(one) }))
    expect((await ingestDetections(records, 'grave.ndjson', opened.services)).accepted).toBe(300)
    const report = await reportIn(opened, { territory: 'ALL', period, cap })
    for (const lang of languages) {
      const sheets = await sheetsOf(opened, report, lang)
      const { group } = report.pages[lang]
      const sheetWith = (text = '') => sheets.findIndex((sheet) => sheet.includes(text.replace(/\s+/g, ' ')))
      // Its sums hold floors and estimates, and *at least about* is longer.
      expect(sheets.length).toBeLessThanOrEqual(week === wideWeek ? 9 : 8)
      expect(almostEmpty(sheets)).toEqual([])
      expect(group?.steps?.text).toBeTruthy()
      expect(sheetWith(group?.steps?.text)).toBe(0)
      // A row of the map stands above its legend.
      const legend = sheetWith(group?.campaigns?.legend.at(-1)?.text)
      expect(sheets[legend]).toContain(group?.campaigns?.rows.at(-1)?.campaign)
    }
  })
})

describe('a month of a territory whose key points are long', () => {
  it('has its figures on sheet 1, or begins them there rather than leave a quarter of it empty', async () => {
    const opened = await newHome()
    opened.at('2026-12-02T08:00:00.000Z')
    const records = wideWeek(4).map((one) => ({ detection: detection({ ...one, territories: ['NC', 'PF'] }) }))
    await ingestDetections(records, 'wide.ndjson', opened.services)
    const report = await reportIn(opened, { territory: 'NC', period: '2026-11' })
    const page = report.pages.fr
    const flat = (text: string) => text.replace(/\s/g, '')
    for (const words of [100, 250, 276, 300]) {
      const findings = Array.from({ length: 6 }, () => [{ text: 'mot '.repeat(words / 6) }])
      const long = { ...page, essentials: { ...page.essentials, findings } }
      const [first = ''] = await sheetsOf(opened, { ...report, pages: { ...report.pages, fr: long } }, 'fr')
      const told = [page.figures.title, ...page.figures.rows.map(({ name }) => name)]
      const there = told.filter((one) => flat(first).includes(flat(one)))
      expect(there.length, `${words} words`).toBeGreaterThanOrEqual(words < 276 ? told.length : 3)
    }
  })
})

it('a list of contents is on one sheet, however long what stands above it is', async () => {
  const opened = await newHome()
  const records = mixedWeek(2).map(({ partOf, ...one }) => ({
    detection: detection({ ...one, campaign: story.campaign }),
  }))
  await ingestDetections(records, 'mixed.ndjson', opened.services)
  opened.at('2024-05-21T04:30:00.000Z')
  const report = await reportIn(opened, { territory: campaignCode(story.campaign), period: '2024-W20' })
  const { fr } = report.pages
  const contents = wordingOf('fr').say('contents')
  for (let lines = 0; lines < 24; lines += 1) {
    const text = [{ text: 'mot '.repeat(24 * lines) }]
    const unknown = fr.dossier && { ...fr.dossier.unknown, items: [...fr.dossier.unknown.items, text] }
    const page = { ...fr, dossier: fr.dossier && unknown && { ...fr.dossier, unknown } }
    const sheets = await sheetsOf(opened, { ...report, pages: { ...report.pages, fr: page } }, 'fr')
    const [list] = sheets.filter((sheet) => sheet.includes(contents))
    const titles = fr.contents.items.map(({ title }) => title.replace(/\s+/g, ' '))
    const flat = (words: string) => words.replace(/\s/g, '')
    expect(titles.filter((title) => !flat(list?.split(contents)[1] ?? '').includes(flat(title)))).toEqual([])
  }
})

describe('a calm week of the nation with gaps in the watch', () => {
  it.each([{ watches: undefined }, { watches: ['NC', 'PF', 'GP', 'MQ', 'RE', 'COR', 'YT', 'GF'] }])(
    'is one sheet (watches $watches)',
    async ({ watches }) => {
      const opened = await newHome()
      const sources = [
        { name: 'D3lta', gap: ['2024-07-16', '2024-07-18'], on: '2024-06-20', territories: watches },
        {
          name: 'CooRTweet',
          gap: ['2024-07-13', '2024-07-26'],
          on: '2024-06-21',
          territories: ['GP', 'MQ', 'BL', 'MF'],
        },
      ] as const
      const records = sources.flatMap(({ name, on, territories: covered }) => ({
        detection: detection({
          ...{ id: `old-${name}`, title: { fr: 'Copier-coller ancien', en: 'Old copy-paste' }, territories: ['GP'] },
          observed: { from: on },
          detector: {
            ...{ name, version: '1.0', expectedRhythm: 'PT6H', marking: 'TLP:CLEAR' },
            thresholds: { grapheme: 0.693, language: 0.715, semantic: 0.85 },
            knownError: {
              fr: 'Rappel de 60 % sur les textes traduits ; ne voit pas la négation.',
              en: 'Recall of 60% on translated texts; does not see negation.',
            },
            ...(covered && { territories: [...covered] }),
          },
          marking: 'TLP:CLEAR',
        }),
      }))
      await ingestDetections(records, 'old.ndjson', opened.services)
      const hours = Array.from({ length: 160 }, (_, at) => Date.parse('2024-06-20T00:00:00.000Z') + at * 6 * 3_600_000)
      const runs = sources.flatMap(({ name, gap: [from, to] }) =>
        hours
          .map((at) => new Date(at).toISOString())
          .filter((at) => at < from || at > to)
          .map((ran) => ({ source: name, ran, found: 0 })),
      )
      await ingestArrival({ at: '2024-07-30T12:00:00.000Z', records: runs }, opened.services)
      opened.at('2024-07-31T00:00:00.000Z')
      const report = await reportIn(opened, { territory: 'ALL', period: '2024-W29' })
      expect(report.quiet).toBe(true)
      for (const lang of languages) expect(await sheetsOf(opened, report, lang)).toHaveLength(1)
    },
  )
})

describe('the sample story', () => {
  let opened: Opened
  let reader: Reader
  beforeAll(async () => {
    opened = await newHome()
    await addDrawings(opened.services)
    for (const arrival of await storyArrivals()) await ingestArrival(arrival, opened.services)
    opened.at('2024-12-31T12:00:00.000Z')
    reader = await openReader()
  })
  afterAll(() => reader.close())

  it.each(languages)('has at most eight sheets for the nation’s year (%s)', async (lang) => {
    const report = await reportIn(opened, { territory: 'ALL', period: '2024' })
    const sheets = await sheetsOf(opened, report, lang)
    expect(sheets.length).toBeLessThanOrEqual(8)
    expect(almostEmpty(sheets)).toEqual([])
  })

  it('names a manoeuvre again on each sheet where it goes on, and to nobody who hears it', async () => {
    const report = await reportIn(opened, { territory: 'NC', period: '2024-W20' })
    const print = await printOf(opened, report, 'fr')
    const [title = ''] = report.pages.fr.manoeuvres?.cards.map((card) => card.title.text) ?? []
    const [texts, spoken] = [await pdfText(print), await pdfSpoken(print)]
    const first = texts.findIndex((text) => text.includes('(suite)'))
    expect(spoken[first]).toContain(title)
    expect(texts[first + 1]?.replace(/\s+/g, ' ')).toContain(`Manœuvre 1 sur 2 (suite) · ${title}`)
    expect(spoken.join('')).not.toContain('(suite)')
  })

  it.each(territories.map(({ code }) => code))('has one sheet for a quiet week (%s)', async (territory) => {
    const report = await reportIn(opened, { territory, period: '2024-W22' })
    for (const lang of languages) expect(await sheetsOf(opened, report, lang)).toHaveLength(1)
  })

  it.each([
    [campaignCode(story.campaign), '2024-W41'],
    ['ALL', '2024-W20'],
    ['NC', '2024-W20'],
  ] as const)('has at most six screens of a phone before the annexes (%s, %s)', async (territory, period) => {
    const report = await reportIn(opened, { territory, period })
    for (const lang of languages) expect(await screensOf(reader, opened, report, lang)).toBeLessThanOrEqual(6)
  })

  it.each(['NC', 'ALL'] as const)('so has a mixed week of twenty detections (%s)', async (territory) => {
    const mixed = await homeOf(20)
    for (const cap of caps) {
      const report = await reportIn(mixed, { territory, period: '2024-W20', cap })
      for (const lang of languages) expect(await screensOf(reader, mixed, report, lang)).toBeLessThanOrEqual(6)
    }
  })

  it.each([
    ['many are grave', graveWeek, '2026-W46'],
    ['each may have its own campaign', wideWeek, '2026-W47'],
  ] as const)('so has a week of twenty detections of which %s', async (_, week, period) => {
    const grave = await newHome()
    grave.at('2026-11-27T08:00:00.000Z')
    // Of twenty-two some are counted in another week.
    const records = week(22).map((one) => ({ detection: detection(one) }))
    await ingestDetections(records, 'grave.ndjson', grave.services)
    const report = await reportIn(grave, { territory: 'ALL', period })
    expect(report.totals.detections).toBeLessThanOrEqual(20)
    for (const lang of languages) expect(await screensOf(reader, grave, report, lang)).toBeLessThanOrEqual(6.1)
  })

  it('so has a dossier of twenty operations', async () => {
    const many = await newHome()
    const records = mixedWeek(20).map(({ partOf, ...one }) => ({
      detection: detection({ ...one, campaign: story.campaign }),
    }))
    await ingestDetections(records, 'mixed.ndjson', many.services)
    const report = await reportIn(many, { territory: campaignCode(story.campaign), period: '2024-W20' })
    for (const lang of languages) expect(await screensOf(reader, many, report, lang)).toBeLessThanOrEqual(6)
  })
})

const phone = { width: 390, height: 844 }

/** Screens of a phone above the annexes. */
const screensOf = async (reader: Reader, opened: Opened, report: Report, lang: Language): Promise<number> => {
  const html = (await templatesOf(opened, report)).render(report.pages[lang], fontFaceCss('screen'))
  const page = await reader.show(html, { width: phone.width, scheme: 'light' })
  await page.evaluate('document.fonts.ready')
  const top = await page.evaluate("document.querySelector('.annex').getBoundingClientRect().top + scrollY")
  return Number(top) / phone.height
}
