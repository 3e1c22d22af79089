/**
 * How long a report is: sheets of paper and screens of a phone, as docs/reports.md promises. Sizes, editions and
 * languages are those with the longest layout.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { addDrawings, storyArrivals, ingestArrival, story } from '../../../bin/cli/story.ts'
import { type Language, languages } from '../../../lambdas/domain/core/language/languages.ts'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import { type SubjectCode, territories } from '../../../lambdas/domain/core/place/territory.ts'
import { campaignCode } from '../../../lambdas/domain/detection/campaigns.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { openPrinter, type Printer } from '../../../lambdas/render/chromium.ts'
import { fontFaceCss } from '../../../lambdas/render/fonts.ts'
import { builtInTemplates, type Templates } from '../../../lambdas/render/html.ts'
import { printPage } from '../../../lambdas/render/table-of-contents.ts'
import { embeddedPictures } from '../../../lambdas/usecases/archive/plates-of-report.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { openReader, type Reader } from '../../support/browser.ts'
import { newFolder } from '../../support/cli.ts'
import { detection, detectionAsOf } from '../../support/detections.ts'
import { graveWeek, mixedWeek, wideWeek } from '../../support/mixed.ts'
import { pdfText } from '../../support/pdf-text.ts'
import { reportOn } from '../../support/reports.ts'
import { draftFrom, type Opened, openServices } from '../../support/services.ts'

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

type Records = readonly Partial<DetectionInput>[]

/** A home with these records, by a clock that is set after them. */
const homeOf = async (records: Records, now = '2024-05-21T04:30:00.000Z'): Promise<Opened> => {
  const opened = await newHome()
  opened.at(now)
  const all = records.map((one) => ({ detection: detection(one) }))
  expect((await ingestDetections(all, 'mixed.ndjson', opened.services)).accepted).toBe(records.length)
  return opened
}

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

const flat = (text: string): string => text.replace(/\s/g, '')

/** What page 1 ends with, and its tiles. */
const missingOnFirst = ({ pages }: Report, lang: Language, [sheet = '']: readonly string[]): readonly string[] => {
  const { first } = pages[lang]
  const words = [first?.made ?? 'page 1', ...(first?.national?.tiles ?? []).map(({ name }) => name)]
  return words.filter((one) => !flat(sheet).includes(flat(one)))
}

describe.each([
  [4, 'TLP:GREEN', 'fr'],
  [20, 'TLP:RED', 'fr'],
  [100, 'TLP:AMBER', 'en'],
  [300, 'TLP:RED', 'fr'],
] as const)('a mixed week of %i detections (%s, %s)', (count, cap, lang) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await homeOf(mixedWeek(count))
  })

  it('has page 1 of the nation on one sheet, and at most thirteen sheets', async () => {
    const report = await draftFrom(opened, 'ALL', '2024-W20', { cap })
    const sheets = await sheetsOf(opened, report, lang)
    expect(missingOnFirst(report, lang, sheets)).toEqual([])
    expect(report.pages[lang].first?.national?.tiles).toHaveLength(territories.length)
    expect(sheets.length).toBeLessThanOrEqual(13)
    expect(almostEmpty(sheets)).toEqual([])
  })

  it('has page 1 of a territory on one sheet, and at most ten sheets', async () => {
    const report = await draftFrom(opened, 'NC', '2024-W20', { cap })
    const sheets = await sheetsOf(opened, report, lang)
    expect(missingOnFirst(report, lang, sheets)).toEqual([])
    expect(sheets.length).toBeLessThanOrEqual(10)
    expect(almostEmpty(sheets)).toEqual([])
  })
})

it.each(languages)('page 1 is one sheet with everything at its longest (%s)', async (lang) => {
  const text = (length: number): string => 'Une phrase assez longue. '.repeat(40).slice(0, length)
  const both = (length: number) => ({ fr: text(length), en: text(length) })
  const points = Array.from({ length: 20 }, () => [{ text: text(500) }])
  const full = detectionAsOf({
    ...{ title: both(300), platforms: ['a', 'b', 'c'].map((end) => `${text(100)}${end}`), territories: ['YT', 'RE'] },
    ...{ established: { text: both(500), source: text(100) }, claim: { text: both(500) } },
    observedEffect: { state: 'observed', degree: 'act', text: both(500), source: text(60) },
    breakout: { category: 5, basis: 'amplified' },
    counts: { posts: { value: 12_400, qualifier: 'at least' }, views: 1_200_000, coordinatedAccounts: 348 },
    accountSet: { id: 's', name: 'S', size: 423 },
    actor: { name: text(100), attributedBy: text(60), likelihood: 'likely' },
  })
  const own = {
    ...full,
    detection: { ...full.detection, id: 'own', territories: full.detection.territories.slice(0, 1) },
  }
  const report = reportOn([full, own], {
    territory: 'YT',
    house: {
      contact: 'veille@prefecture.example',
      phone: { marking: 'TLP:AMBER', number: '01 99 00 12 34', hours: both(60) },
    },
    notes: [
      {
        ...{ author: 'A. Martin', role: 'analyst', language: 'fr', marking: 'TLP:AMBER', approves: false },
        ...{ writtenAt: '2024-05-20T08:00:00.000Z', blocks: [{ kind: 'paragraph', items: points.slice(0, 3) }] },
        ...{ unknown: points, recommended: points, avoid: points },
      },
    ],
    level: {
      ...{
        value: 4,
        claim: { is: 'act', id: 'd', field: 'effect' },
        isWhole: false,
        detections: 2,
        tests: [],
        marking: 'TLP:CLEAR',
      },
      ...{ inputs: { arrived: 2, expected: 28 }, last: { value: 'interrupted' } },
    },
  })
  const page = report.pages[lang]
  const { printed } = await printPage(page, builtInTemplates(), fontFaceCss('print'), async (html) => ({
    printed: await printer.print(html, { lang, title: page.documentTitle }),
  }))
  const sheets = (await pdfText(printed)).map((sheet) => sheet.replace(/\s+/g, ' '))
  expect(missingOnFirst(report, lang, sheets)).toEqual([])
})

it('three hundred detections of one territory fill at most twelve sheets', async () => {
  const opened = await homeOf(mixedWeek(300).map((one) => ({ ...one, territories: ['NC'] })))
  const report = await draftFrom(opened, 'NC', '2024-W20', { cap: 'TLP:RED' })
  expect((await sheetsOf(opened, report, 'fr')).length).toBeLessThanOrEqual(12)
})

it.each([
  ['many are grave', graveWeek, '2026-W46', 12],
  // Its sums hold floors and estimates, and *at least about* is longer.
  ['a third are grave, of as many campaigns as there are weeks in half a year', wideWeek, '2026-W47', 17],
] as const)('three hundred detections of which %s fill few sheets', async (_, week, period, most) => {
  const opened = await homeOf(week(300), '2026-11-27T08:00:00.000Z')
  const report = await draftFrom(opened, 'ALL', period, { cap: 'TLP:RED' })
  for (const lang of languages) {
    const sheets = await sheetsOf(opened, report, lang)
    expect(sheets.length).toBeLessThanOrEqual(most)
    expect(almostEmpty(sheets)).toEqual([])
    expect(missingOnFirst(report, lang, sheets)).toEqual([])
  }
})

/** A campaign of one name, of operations that stand alone. */
const campaignOf = (count: number): Records =>
  mixedWeek(count).map(({ partOf: _, ...one }) => ({ ...one, campaign: story.campaign }))

it('a list of contents is on one sheet, however long what is above it is', async () => {
  const opened = await homeOf(campaignOf(2))
  const report = await draftFrom(opened, campaignCode(story.campaign), '2024-W20', { campaign: story.campaign })
  const { fr } = report.pages
  const contents = wordingOf('fr').say('contents')
  const titles = fr.contents.items.map(({ title }) => title.replace(/\s+/g, ' '))
  for (let lines = 0; lines < 24; lines += 3) {
    const text = [{ text: 'mot '.repeat(24 * lines) }]
    const unknown = fr.dossier && { ...fr.dossier.unknown, items: [...fr.dossier.unknown.items, text] }
    const page = { ...fr, dossier: fr.dossier && unknown && { ...fr.dossier, unknown } }
    const sheets = await sheetsOf(opened, { ...report, pages: { ...report.pages, fr: page } }, 'fr')
    const [list] = sheets.filter((sheet) => sheet.includes(contents))
    expect(titles.filter((title) => !flat(list?.split(contents)[1] ?? '').includes(flat(title)))).toEqual([])
  }
})

it.each([{ watches: undefined }, { watches: ['NC', 'PF', 'GP', 'MQ', 'RE', 'COR', 'YT', 'GF'] }])(
  'a calm week of the nation with gaps in the watch is at most three sheets (watches $watches)',
  async ({ watches }) => {
    const opened = await newHome()
    const sources = [
      { name: 'D3lta', gap: ['2024-07-16', '2024-07-18'], on: '2024-06-20', territories: watches },
      {
        ...({ name: 'CooRTweet', gap: ['2024-07-13', '2024-07-26'], on: '2024-06-21' } as const),
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
    const report = await draftFrom(opened, 'ALL', '2024-W29')
    expect(report.quiet).toBe(true)
    for (const lang of languages) expect((await sheetsOf(opened, report, lang)).length).toBeLessThanOrEqual(3)
  },
)

const openStory = (): Promise<Opened> => {
  storyHome ??= (async () => {
    const opened = await newHome()
    await addDrawings(opened.services)
    for (const arrival of await storyArrivals()) await ingestArrival(arrival, opened.services)
    opened.at('2024-12-31T12:00:00.000Z')
    return opened
  })()
  return storyHome
}
let storyHome: Promise<Opened> | undefined

describe('the sample story', () => {
  let opened: Opened
  beforeAll(async () => {
    opened = await openStory()
  })

  it('has at most eleven sheets for the nation’s year', async () => {
    const sheets = await sheetsOf(opened, await draftFrom(opened, 'ALL', '2024'), 'fr')
    expect(sheets.length).toBeLessThanOrEqual(11)
    expect(almostEmpty(sheets)).toEqual([])
  })

  it.each([
    ['NC', 3],
    ['PM', 2],
    ['TF', 2],
  ] as const)('has few sheets for a quiet week (%s)', async (territory, most) => {
    const sheets = await sheetsOf(opened, await draftFrom(opened, territory, '2024-W22'), 'fr')
    expect(sheets.length).toBeLessThanOrEqual(most)
  })
})

describe('a phone has at most eight screens before the annexes', () => {
  let reader: Reader
  beforeAll(async () => {
    reader = await openReader()
  })
  afterAll(() => reader.close())

  it.each<[string, () => Promise<Opened>, SubjectCode, string]>([
    ['the dossier of the sample story', openStory, campaignCode(story.campaign), '2024-W41'],
    ['the nation’s week of the sample story', openStory, 'ALL', '2024-W20'],
    ['a territory’s week of the sample story', openStory, 'NC', '2024-W20'],
    ['a mixed week of the nation', () => homeOf(mixedWeek(20)), 'ALL', '2024-W20'],
    ['a mixed week of a territory', () => homeOf(mixedWeek(20)), 'NC', '2024-W20'],
    // Of twenty-two some are counted in another week.
    ['a week of many grave ones', () => homeOf(graveWeek(22), '2026-11-27T08:00:00.000Z'), 'ALL', '2026-W46'],
    ['a week of many campaigns', () => homeOf(wideWeek(22), '2026-11-27T08:00:00.000Z'), 'ALL', '2026-W47'],
    ['a dossier of twenty operations', () => homeOf(campaignOf(20)), campaignCode(story.campaign), '2024-W20'],
  ])('of %s', async (_, open, territory, period) => {
    const opened = await open()
    const report = await draftFrom(opened, territory, period, { campaign: story.campaign })
    for (const lang of languages) expect(await screensOf(reader, opened, report, lang)).toBeLessThanOrEqual(8)
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
