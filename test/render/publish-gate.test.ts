/** The publish gate: its rules, and the reading of printed PDFs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lineOf } from '../../lambdas/domain/core/fault-text.ts'
import { fault } from '../../lambdas/domain/core/fault.ts'
import { contentOf } from '../../lambdas/domain/core/text/content.ts'
import { openPrinter, type Printer } from '../../lambdas/render/chromium.ts'
import { builtInTemplates } from '../../lambdas/render/html.ts'
import {
  type Expected,
  expectedOf,
  faultsIn,
  faultsOf,
  maxSheets,
  readPrinted,
  type Sheet,
} from '../../lambdas/render/publish-gate.ts'
import { renderFiles } from '../../lambdas/render/render.ts'
import { detectionAsOf } from '../support/detections.ts'
import { pictureNumber } from '../support/plates.ts'
import { csvOn, reportOn } from '../support/reports.ts'

const expected: Expected = { marking: 'TLP:AMBER', quiet: false, sections: ['Manœuvres'], pictures: [] }
const sheet: Sheet = {
  head: 'Vigie · Nouvelle-Calédonie TLP:AMBER',
  body: 'Du texte',
  foot: 'TLP:AMBER1 / 1Semaine 20',
}
const faults = (sheets: readonly Sheet[], said: Partial<Expected> = {}, bookmarks = ['Manœuvres'], small = 0) =>
  faultsIn({ sheets, bookmarks, small, painted: [] }, { ...expected, ...said }).map(lineOf)

describe('the rules', () => {
  test('pass a complete report', () => {
    expect(faults([sheet, sheet])).toEqual([])
  })

  test('refuse a blank page', () => {
    expect(faults([sheet, { ...sheet, body: ' \n' }, sheet])).toEqual(['page 2 is blank'])
  })

  test('require the marking in the header and footer of every page', () => {
    expect(faults([sheet, { ...sheet, head: 'Vigie' }])).toEqual(['page 2 is without TLP:AMBER in the header'])
    expect(
      faults([
        { ...sheet, foot: '1 / 2' },
        { ...sheet, foot: '' },
      ]),
    ).toEqual(['pages 1, 2 are without TLP:AMBER in the footer'])
  })

  test('distinguish AMBER and AMBER+STRICT', () => {
    const strict = { ...sheet, head: 'TLP:AMBER+STRICT', foot: 'TLP:AMBER+ STRICT1 / 1' }
    expect(faults([strict])).toHaveLength(2)
    expect(faults([strict], { marking: 'TLP:AMBER+STRICT' })).toEqual([])
    expect(faults([sheet], { marking: 'TLP:AMBER+STRICT' })).toHaveLength(2)
  })

  test('limit the number of pages', () => {
    const many = (count: number) => Array.from({ length: count }, () => sheet)
    expect(faults(many(maxSheets.full))).toEqual([])
    expect(faults(many(maxSheets.full + 1))).toEqual(['has 401 pages; a report has at most 400'])
    expect(faults(many(2), { quiet: true })).toEqual([])
    expect(faults(many(4), { quiet: true })).toEqual(['has 4 pages; a quiet report has at most 3'])
    expect(faults([])).toEqual(['has no page'])
  })

  test('require legible text', () => {
    expect(faults([sheet], {}, ['Manœuvres'], 0.25)).toEqual([])
    expect(faults([sheet], {}, ['Manœuvres'], 0.26)).toEqual([
      'much of its text is smaller than 7 points: something is too wide for the sheet',
    ])
  })

  test('require every section, with any line breaks in its title', () => {
    expect(faults([sheet], { sections: ['Manœuvres', 'Sources'] })).toEqual(['these sections are missing: Sources'])
    expect(faults([sheet], { sections: ['Les sources\u00a0: état'] }, ['Les sources : état'])).toEqual([])
  })
})

describe('a print', () => {
  let printer: Printer
  beforeAll(async () => {
    printer = await openPrinter()
  })
  afterAll(() => printer.close())

  const page = (body: string, style = '') =>
    printer.print(
      `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>t</title><style>
      @page{size:A4;margin:24mm 18mm 20.6mm;${style}}</style></head><body>${body}</body></html>`,
      { lang: 'fr', title: 't' },
    )
  const look = 'background:#000;color:#ffc000;font:700 12pt sans-serif'
  const chipsOf = (style: string) =>
    `@top-right{content:"TLP:AMBER";${look}}@bottom-right{content:"TLP:AMBER";${look};${style}}`
  const chips = chipsOf('')
  const heading = '<h1>Rapport</h1><h2>Manœuvres</h2><p>Texte</p>'

  test('has its margins apart and its headings as bookmarks', async () => {
    const read = await readPrinted(await page(heading, chips))
    expect(read.sheets).toHaveLength(1)
    expect(read.sheets[0]?.head).toBe('TLP:AMBER')
    expect(read.sheets[0]?.body).toContain('Texte')
    expect((await faultsOf(await page(heading, chips), expected)).faults).toEqual([])
  })

  test('with a blank page, or with a marking in the text only, is faulty', async () => {
    const blank = await page(`${heading}<div style="break-before:page;height:1mm"></div>`, chips)
    expect((await faultsOf(blank, expected)).faults).toEqual([fault('gate.pdf.blank', { count: 1, pages: '2' })])
    const bare = await page(`${heading}<p>TLP:AMBER</p>`)
    expect((await faultsOf(bare, expected)).faults).toHaveLength(2)
  })

  test('may have text of seven points', async () => {
    const small = `<p style="font-size:7pt">${'identifiant '.repeat(99)}</p>`
    expect((await faultsOf(await page(`${heading}${small}`, chips), expected)).faults).toEqual([])
  })

  test('that shrank is faulty', async () => {
    const wide = (centimetres: number) =>
      page(`${heading}<div style="width:${centimetres}cm">${'Large '.repeat(9)}</div>`, `${chips}}body{font-size:9pt`)
    expect((await faultsOf(await wide(17), expected)).faults).toEqual([])
    expect((await faultsOf(await wide(40), expected)).faults).toEqual([fault('gate.pdf.small', { points: 7 })])
  })

  test.each([
    ['white on white', 'color:#fff;background:#fff'],
    ['in another colour', 'color:#ffc001'],
    ['on another ground', 'background:#000001'],
    ['without a ground', 'background:none'],
    ['on a picture', 'background:linear-gradient(#000,#000)'],
    ['half transparent', 'color:rgb(255 192 0 / .5)'],
    ['tiny', 'font-size:2pt'],
    ['beyond its ground', 'width:9mm;white-space:nowrap;text-align:right'],
    ['beyond the sheet', 'width:30mm;margin-left:auto;margin-right:-20mm;text-align:right'],
  ])('whose marking is painted %s is faulty', async (_, style) => {
    const { faults: found } = await faultsOf(await page(heading, chipsOf(style)), expected)
    expect(found).toEqual([
      fault('gate.pdf.markingUnseen', { count: 1, pages: '1', marking: 'TLP:AMBER', margin: 'footer' }),
    ])
  })

  test('whose marking is covered is faulty, not one with something next to it', async () => {
    const beside = (style: string) => `${chips}@top-center{content:"";background:#fff;width:99mm;z-index:1;${style}}`
    const { faults: covered } = await faultsOf(await page(heading, beside('margin-right:-70mm')), expected)
    expect(covered).toEqual([
      fault('gate.pdf.markingUnseen', { count: 1, pages: '1', marking: 'TLP:AMBER', margin: 'header' }),
    ])
    expect((await faultsOf(await page(heading, beside('width:9mm')), expected)).faults).toEqual([])
  })

  test('with a picture without alternative text is faulty', async () => {
    const src = `data:image/png;base64,${pictureNumber(1).toString('base64')}`
    const pictures = [{ sha256: 'a'.repeat(64), alt: 'Schéma d’une maison' }]
    const withText = await page(`${heading}<p>Du texte</p><img src="${src}" alt="Schéma d’une maison">`, chips)
    expect((await faultsOf(withText, { ...expected, pictures })).faults).toEqual([])
    const without = await page(`${heading}<p>Du texte</p><img src="${src}" alt="">`, chips)
    expect((await faultsOf(without, { ...expected, pictures })).faults).toEqual([
      fault('gate.picture.untold', { sha256: 'a'.repeat(64) }),
    ])
  })

  test('that is no PDF is faulty', async () => {
    const {
      faults: [first],
    } = await faultsOf(new TextEncoder().encode('<html>'), expected)
    expect(first?.code).toBe('gate.pdf.unreadable')
  })

  test('of a report passes, also of a quiet one; with a missing glyph it is faulty', async () => {
    const time = <Done>(_: string, work: () => Promise<Done>) => work()
    for (const found of [[], [detectionAsOf({ marking: 'TLP:AMBER' })]]) {
      const report = reportOn(found)
      const csv = contentOf(csvOn(found))
      expect(expectedOf(report, 'fr').sections.length).toBeGreaterThan(2)
      expect((await renderFiles(report, csv, printer, builtInTemplates(), time)).faults).toEqual([])
    }
    const runes = [detectionAsOf({ title: 'Runes \u{12000}' })]
    const { files, faults } = await renderFiles(
      reportOn(runes),
      contentOf(csvOn(runes)),
      printer,
      builtInTemplates(),
      time,
    )
    expect(files.map(({ name }) => name)).toContain('report.fr.pdf')
    expect(faults.map(lineOf)[0]).toMatch(/^report\.fr\.pdf glyphs are missing on pages 1, 2.*U\+12000/)
  })
})
