/** Renders a report to its files: HTML and PDF in both languages, JSON, CSV and STIX; and says whether it may be published. */

import { createHash } from 'node:crypto'
import { type Language, languages } from '../domain/language.ts'
import type { Report } from '../domain/page.ts'
import { printPage, type SheetNumbers } from './contents.ts'
import { fontFaceCss } from './fonts.ts'
import { expectedOf, faultsOf } from './gate.ts'
import type { Templates } from './html.ts'
import { shownText } from './html-check.ts'
import { territoryMaps } from './maps.ts'
import { MissingGlyphError, normalisePdf } from './pdf.ts'
import { contradictionsIn } from './read-back.ts'
import { stixBundle } from './stix.ts'

export type RenderedFile = { readonly name: string; readonly contentType: string; readonly bytes: Uint8Array }

/** The files of a version, and why it must not be published; no fault where it may be. */
export type Rendered = { readonly files: readonly RenderedFile[]; readonly faults: readonly string[] }

/** Prints HTML to PDF; a draft shows on which sheets things stand, and no more. */
export type Printing = {
  print(
    html: string,
    options: { readonly lang: 'fr' | 'en'; readonly title: string; readonly draft?: boolean },
  ): Promise<Uint8Array>
}

type Timing = <Done>(step: string, work: () => Promise<Done>) => Promise<Done>

/**
 * The same bytes for the same report, on any Linux x86_64 machine. `csv` holds every detection of the period, of which the
 * report itself lists the weightiest.
 */
export const renderFiles = async (
  report: Report,
  csv: Uint8Array,
  printer: Printing,
  templates: Templates,
  time: Timing,
): Promise<Rendered> => {
  const faults: Promise<readonly string[]>[] = []
  const printed: Promise<readonly [Language, string]>[] = []
  const shown = { fr: '', en: '' }
  // Sections begin on the same sheets in most reports, whatever the language.
  let likely: SheetNumbers | undefined
  const files: RenderedFile[] = [
    { name: 'report.json', contentType: 'application/json', bytes: json(report) },
    { name: 'report.stix.json', contentType: 'application/stix+json;version=2.1', bytes: json(stixBundle(report)) },
    { name: 'detections.csv', contentType: 'text/csv; charset=utf-8; header=present', bytes: csv },
  ]
  for (const lang of languages) {
    const page = report.pages[lang]
    const html = await time('html', async () => templates.render(page, fontFaceCss('screen')))
    shown[lang] = shownText(html).join(' ')
    files.push({ name: `report.${lang}.html`, contentType: 'text/html; charset=utf-8', bytes: utf8(html) })
    const name = `report.${lang}.pdf`
    const { pdf, fault } = await time('pdf', async () => {
      const { printed, fault, numbers } = await printPage(
        page,
        templates,
        fontFaceCss('print'),
        (printable, { draft }) => printWhole(printer, printable, { lang, title: page.documentTitle, draft }),
        likely,
      )
      likely = numbers
      return { pdf: normalisePdf(printed, new Date(report.asOf)), fault }
    })
    files.push({ name, contentType: 'application/pdf', bytes: pdf })
    // Read here while the browser, a process of its own, prints the next language.
    const found = time('gate', () => faultsOf(pdf, expectedOf(report, lang)))
    faults.push(found.then((read) => [...(fault ? [fault] : []), ...read.faults].map((one) => `${name}: ${one}`)))
    printed.push(found.then(({ text }) => [lang, text]))
  }
  const said = (await Promise.all(faults)).flat()
  const pdf = Object.fromEntries(await Promise.all(printed)) as Record<Language, string>
  const text = (name: string) => new TextDecoder().decode(files.find((file) => file.name === name)?.bytes)
  const contradictions = await time('gate', async () =>
    contradictionsIn({
      json: text('report.json'),
      stix: text('report.stix.json'),
      csv: text('detections.csv'),
      html: shown,
      pdf,
    }),
  )
  return { files, faults: [...said, ...contradictions] }
}

/** A print that lacks glyphs is kept, to be looked at; it is not published. */
const printWhole = async (
  printer: Printing,
  html: string,
  options: Parameters<Printing['print']>[1],
): Promise<{ readonly printed: Uint8Array; readonly fault?: string }> => {
  try {
    return { printed: await printer.print(html, options) }
  } catch (error) {
    if (!(error instanceof MissingGlyphError)) throw error
    return { printed: error.pdf, fault: error.message }
  }
}

/** One hash for everything besides the report that decides how its pages look. */
export const templatesSha256 = ({ texts }: Templates): string => {
  const hash = createHash('sha256')
  for (const text of [...texts, JSON.stringify(territoryMaps), fontFaceCss('print')]) hash.update(text).update('\0')
  return hash.digest('hex')
}

const json = (value: unknown): Uint8Array => utf8(`${JSON.stringify(value, null, 2)}\n`)

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
