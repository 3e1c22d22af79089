/** Reports under strain, as printed: a crowd of detections, and texts that are foreign, endless or hostile. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { VisibleSource } from '../../../lambdas/domain/aggregate/watch/watch.ts'
import { languages } from '../../../lambdas/domain/core/language/languages.ts'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import { contentOf } from '../../../lambdas/domain/core/text/content.ts'
import type { Report } from '../../../lambdas/domain/page/page.ts'
import { openPrinter, type Printer } from '../../../lambdas/render/chromium.ts'
import { shownText } from '../../../lambdas/render/html-check.ts'
import { builtInTemplates } from '../../../lambdas/render/html.ts'
import { type Rendered, renderFiles } from '../../../lambdas/render/render.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { pagesWithGlyphZero, pdfOutline, pdfText, pdfTextSize } from '../../support/pdf-text.ts'
import { csvOn, reportOn } from '../../support/reports.ts'
import { crowd, crowdedReport, hostile, hostileReport, hostileTexts } from '../../support/stress.ts'

let printer: Printer

beforeAll(async () => {
  printer = await openPrinter()
})
afterAll(() => printer.close())

const rendered = (report: Report, csv: Uint8Array): Promise<Rendered> =>
  renderFiles(report, contentOf(csv), printer, builtInTemplates(), (_step, work) => work())

const fileOf = ({ files }: Rendered, name: string): Uint8Array => {
  const found = files.find((file) => file.name === name)
  if (!found) throw new Error(`there is no ${name}`)
  return Buffer.concat([...(found.content.pieces() as Iterable<Uint8Array>)])
}

/**
 * Text without blanks, nor marks that turn or join: how a PDF breaks its lines says nothing. By NFKC, since Chromium
 * names a glyph that a Chinese character shares with its radical after the radical.
 */
const flat = (text: string): string => text.normalize('NFKC').replace(/[\s\p{Cf}]/gu, '')

const texts = async (made: Rendered, lang: 'fr' | 'en') => (await pdfText(fileOf(made, `report.${lang}.pdf`))).map(flat)

/** Sheets whose body is only a line or two: running head, foot and marking take some eighty characters. */
const almostEmpty = (sheets: readonly string[]): readonly number[] =>
  sheets.flatMap((sheet, at) => (sheet.length < 180 ? [at + 1] : []))

describe('three hundred detections of one week', () => {
  const report = crowdedReport()
  let made: Rendered

  beforeAll(async () => {
    made = await rendered(report, csvOn(crowd(300)))
  })

  it('may be published', () => {
    expect(made.faults).toEqual([])
  })

  it.each(languages)('fill at most nine sheets, none of them almost empty (%s)', async (lang) => {
    const sheets = await texts(made, lang)
    expect(sheets.length).toBeLessThanOrEqual(9)
    expect(almostEmpty(sheets)).toEqual([])
    expect(await pagesWithGlyphZero(fileOf(made, `report.${lang}.pdf`))).toEqual([])
  })

  it('are each in a card, in a row or in a fold', () => {
    const { manoeuvres } = report.pages.en
    const tables = manoeuvres?.rest?.tables ?? []
    const rows = tables.reduce((sum, table) => sum + table.rows.length, 0)
    const folds = tables.flatMap((table) => table.folds).filter(({ only }) => only !== 'paper')
    const folded = folds.reduce(
      (sum, { title }) => sum + Number(/\d+(?= others| (?:more )?manoeuvres)/.exec(title)?.[0]),
      0,
    )
    expect((manoeuvres?.cards.length ?? 0) + rows + folded).toBe(report.totals.manoeuvres)
  })

  it('are in the annex, each once, as far as it lists them', () => {
    const { rows = [], more } = report.pages.fr.annex?.detections ?? {}
    expect(new Set(rows.map(({ id }) => id)).size).toBe(6)
    expect(more).toContain('294')
  })
})

describe('a quiet week that ends with its sheet', () => {
  const input = (at: string) => ({
    ...{ at, found: 0 },
    ...({ marking: 'TLP:CLEAR', foundMarking: 'TLP:CLEAR' } as const),
  })
  const source = (name: string, at: string, more: Partial<VisibleSource> = {}): VisibleSource => ({
    ...{ name, byHand: false, marking: 'TLP:CLEAR' },
    inputs: [input(at)],
    first: at,
    last: input(at),
    ...more,
  })
  const described = {
    version: '1.0',
    thresholds: { grapheme: 0.69, language: 0.715, semantic: 0.85 },
    expectedRhythm: 'PT6H',
    knownError: { fr: 'Rappel de 60 % sur les textes traduits ; ne voit pas la négation.', en: 'Recall of 60%' },
  }
  const sources = [
    source('D3lta', '2024-05-13T00:00:00.000Z', described),
    source('VIGINUM', '2024-05-01T00:00:00.000Z', {
      byHand: true,
      knownError: { fr: 'Faits publiés : ce qui n’a pas été publié manque.', en: 'Published facts.' },
    }),
    source('o18', '2024-05-19T23:00:00.000Z'),
  ]

  it.each([
    ['PM', 1],
    ['PM', 2],
    ['PM', 3],
    ['PF', 3],
  ] as const)('has no empty second one (%s, %i sources)', async (territory, count) => {
    const made = await rendered(reportOn([], { territory, sources: sources.slice(0, count) }), csvOn([]))
    expect(made.faults).toEqual([])
  })
})

it('a table of several sheets repeats its head on each', async () => {
  const continuing = Array.from({ length: 40 }, (_, at) =>
    detectionAsOf({ id: `goes-on-${at + 100}`, observed: { from: '2024-05-01', to: '2024-05-15' } }),
  )
  const { say } = wordingOf('en')
  const head = flat([say('list.title'), say('list.when'), say('platforms')].join(''))
  const sheets = await texts(await rendered(reportOn(continuing), csvOn(continuing)), 'en')
  const rows = sheets.filter((sheet) => (sheet.match(/·goes-on-\d{3}/g) ?? []).length > 5)
  expect(rows.length).toBeGreaterThan(1)
  expect(rows.filter((sheet) => !sheet.includes(head))).toEqual([])
})

it('a few manoeuvres have each an activity chart, many only the gravest, and very many none', () => {
  const chartsIn = (count: number) =>
    crowdedReport(count).pages.en.manoeuvres?.cards.filter(({ rhythm }) => rhythm !== null).length
  expect([6, 12, 60, 300].map(chartsIn)).toEqual([4, 3, 1, 0])
})

describe('hostile text', () => {
  const report = hostileReport()
  let made: Rendered

  beforeAll(async () => {
    made = await rendered(report, csvOn(hostile(), { cap: 'TLP:AMBER+STRICT' }))
  })

  it('passes the gate', () => expect(made.faults).toEqual([]))

  it.each(languages)(
    'of ten thousand letters neither fills a book, leaves a sheet empty nor shrinks the print (%s)',
    async (lang) => {
      const sheets = await texts(made, lang)
      expect(sheets.length).toBeLessThan(35)
      expect(almostEmpty(sheets)).toEqual([])
      // A browser shrinks the print where something is too wide for a sheet.
      expect(await pdfTextSize(fileOf(made, `report.${lang}.pdf`), report.pages[lang].territory)).toBeCloseTo(25.71, 1)
    },
  )

  it.each(languages)('is printed in every script (%s)', async (lang) => {
    const pdf = fileOf(made, `report.${lang}.pdf`)
    expect(await pagesWithGlyphZero(pdf)).toEqual([])
    const all = (await texts(made, lang)).join('')
    for (const word of ['müstəmləkəçilik', 'Каледония', '喀里多尼亚', '뉴칼레도니아', 'კალედონია', 'Կալեդոնիա'])
      expect(all.includes(word), word).toBe(true)
  })

  it('is short where it is a title', async () => {
    const titles = (await pdfOutline(fileOf(made, 'report.fr.pdf'))).map(({ title }) => title)
    expect(titles.length).toBeGreaterThan(hostileTexts.length)
    expect(Math.max(...titles.map((title) => [...title].length))).toBeLessThanOrEqual(300)
    expect(titles.filter((title) => title.endsWith('…')).length).toBeGreaterThan(0)
  })

  it('is whole in its own card, and only ever text', () => {
    const html = Buffer.from(fileOf(made, 'report.fr.html')).toString()
    const shown = shownText(html).join('\n')
    expect(shown).toContain('</style></title><script>alert(1)</script><img src=x onerror=alert(1)>')
    expect(shown).toContain('{{constructor}} {{{lookup this "x"}}}')
    expect(shown).toContain('Anticonstitutionnellement'.repeat(400))
    expect(html).not.toMatch(/<script|<img|onerror="|href="http/)
    expect(shown).not.toContain('https://evil.example')
  })

  it('makes the same pages whatever order it comes in', () => {
    const again = reportOn([...hostile()].reverse(), { cap: 'TLP:AMBER+STRICT' })
    expect(JSON.stringify(again)).toBe(JSON.stringify(report))
  })
})
