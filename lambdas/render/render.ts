/** Renders a report's files and checks whether it may be published. */

import { createHash } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Fault, faultAt } from '../domain/core/fault.ts'
import { type Language, languages } from '../domain/core/language/languages.ts'
import { type Content, contentOf } from '../domain/core/text/content.ts'
import { longJsonPieces } from '../domain/core/text/long-json.ts'
import type { Report } from '../domain/page/page.ts'
import { compactPdf } from './compact-pdf.ts'
import type { Draft } from './draft.ts'
import { territoryMaps } from './drawings/maps.ts'
import { mispEvent } from './exports/misp.ts'
import { type SpilledContent, spilledContent } from './exports/spilled-content.ts'
import { stixBundle } from './exports/stix.ts'
import { fontFaceCss } from './fonts.ts'
import { type PageRead, pictureFaults, readPage } from './html-check.ts'
import type { PicturesEmbedded, Templates } from './html.ts'
import { MissingGlyphError, nameBookmarksOnce, normalisePdf } from './pdf.ts'
import { expectedOf, faultsOf } from './publish-gate.ts'
import { contradictionsIn, readDataBack } from './read-back.ts'
import { printPage, type SheetNumbers } from './table-of-contents.ts'

export type RenderedFile = { readonly name: string; readonly contentType: string; readonly content: Content }

export type Rendered = {
  readonly files: readonly RenderedFile[]
  /** Empty if publication is allowed. */
  readonly faults: readonly Fault[]
  /** Releases temporary storage, except the caller's CSV. */
  close(): void
}

/** Prints HTML or a draft's final document. */
export type Printing = {
  print(
    html: string,
    options: { readonly lang: 'fr' | 'en'; readonly title: string; readonly draft?: Draft | undefined },
  ): Promise<Uint8Array>
}

type Timing = <Done>(step: string, work: () => Promise<Done>) => Promise<Done>

/** Gives the same bytes for the same report on any Linux x86_64 machine. `csv` holds every detection of the period. */
export const renderFiles = async (
  report: Report,
  csv: Content,
  printer: Printing,
  templates: Templates,
  time: Timing,
  pictures: PicturesEmbedded = new Map(),
): Promise<Rendered> => {
  const pages = finishedPages(report, printer, templates, time, pictures)
  pages.catch(() => undefined) // awaited below, unless the data fail first
  // The browser process prints the first page meanwhile.
  await nextTurn()
  let close = (): void => undefined
  try {
    const spilled = await spilledData(report)
    close = spilled.close
    const { json, stix, misp } = spilled
    const read = await time('gate', () => readDataBack({ json, stix, misp, csv }))
    const finished = await pages
    const inBoth = (textOf: (page: FinishedPage) => string) =>
      Object.fromEntries(finished.map((page) => [page.lang, textOf(page)])) as Record<Language, string>
    const shown = { html: inBoth((page) => page.shown), pdf: inBoth((page) => page.printed) }
    const contradictions = await time('gate', async () => contradictionsIn(read, shown))
    const data: readonly RenderedFile[] = [
      { name: 'report.json', contentType: 'application/json', content: json },
      { name: 'report.stix.json', contentType: 'application/stix+json;version=2.1', content: stix },
      { name: 'report.misp.json', contentType: 'application/json', content: misp },
      { name: 'detections.csv', contentType: 'text/csv; charset=utf-8; header=present', content: csv },
    ]
    const files = [...data, ...finished.flatMap((page) => page.files)]
    return { files, faults: [...finished.flatMap(({ faults }) => faults), ...contradictions], close }
  } catch (error) {
    close()
    await Promise.allSettled([pages])
    throw error
  }
}

/** Yields to prints between steps. */
const spilledData = async (report: Report) => {
  const opened: SpilledContent[] = []
  const close = (): void => opened.forEach((one) => one.close())
  const spill = async (pieces: Iterable<string>): Promise<SpilledContent> => {
    const content = spilledContent(lines(pieces))
    opened.push(content)
    await nextTurn()
    return content
  }
  try {
    const json = await spill(longJsonPieces(report, 'contributing', report.contributing))
    const bundle = stixBundle(report)
    await nextTurn()
    const stix = await spill(longJsonPieces(bundle, 'objects', bundle.objects))
    const misp = await spill([JSON.stringify(mispEvent(report))])
    return { json, stix, misp, close }
  } catch (error) {
    close()
    throw error
  }
}

const finishedPages = async (
  report: Report,
  printer: Printing,
  templates: Templates,
  time: Timing,
  pictures: PicturesEmbedded,
): Promise<readonly FinishedPage[]> => {
  const pictured: Templates = {
    ...templates,
    render: (page, fonts, numbers) => templates.render(page, fonts, numbers, pictures),
  }
  const pages: Promise<FinishedPage>[] = []
  let likely: SheetNumbers | undefined
  for (const lang of languages) {
    const page = report.pages[lang]
    const html = await time('html', async () => pictured.render(page, fontFaceCss('screen')))
    const shown = nextTurn().then(() => readPage(html))
    shown.catch(() => undefined) // awaited below, unless the print fails first
    const print = await time('pdf', () =>
      printPage(
        page,
        pictured,
        fontFaceCss('print'),
        (printable, draft) => printWhole(printer, printable, { lang, title: page.documentTitle, draft }),
        likely,
      ),
    )
    likely = print.numbers
    const finishing = finishPage({ html, shown: await shown, print, lang }, report, time)
    finishing.catch(() => undefined) // awaited below, unless the next print fails first
    pages.push(finishing)
  }
  return Promise.all(pages)
}

type FinishedPage = {
  readonly lang: Language
  readonly files: readonly RenderedFile[]
  readonly faults: readonly Fault[]
  readonly shown: string
  readonly printed: string
}

type PrintedPage = {
  readonly html: string
  readonly shown: PageRead
  readonly print: Awaited<ReturnType<typeof printWhole>>
  readonly lang: Language
}

const finishPage = async (
  { html, shown, print, lang }: PrintedPage,
  report: Report,
  time: Timing,
): Promise<FinishedPage> => {
  const { printed, fault } = print
  await nextTurn()
  const name = `report.${lang}.pdf`
  const bytes = await time('compact', async () =>
    compactPdf(normalisePdf(nameBookmarksOnce(printed, shown.texts), new Date(report.asOf)), {
      title: report.pages[lang].documentTitle,
      links: shown.links,
    }),
  )
  const expected = expectedOf(report, lang)
  const { faults, text } = await time('gate', () => faultsOf(bytes, expected))
  const onPage = pictureFaults(shown.pictures, expected.pictures, report.house.logo)
  return {
    lang,
    files: [
      { name: `report.${lang}.html`, contentType: 'text/html; charset=utf-8', content: contentOf(utf8(html)) },
      { name, contentType: 'application/pdf', content: contentOf(bytes) },
    ],
    faults: [
      ...[...(fault ? [fault] : []), ...faults].map((one) => faultAt(name, one)),
      ...onPage.map((one) => faultAt(`report.${lang}.html`, one)),
    ],
    shown: shown.texts.join(' '),
    printed: text,
  }
}

/** A print that lacks glyphs is kept for inspection. */
const printWhole = async (
  printer: Printing,
  html: string,
  options: Parameters<Printing['print']>[1],
): Promise<{ readonly printed: Uint8Array; readonly fault?: Fault }> => {
  try {
    return { printed: await printer.print(html, options) }
  } catch (error) {
    if (!(error instanceof MissingGlyphError)) throw error
    return { printed: error.pdf, fault: error.fault }
  }
}

/** Covers all inputs that affect pages, except the report. */
export const templatesSha256 = ({ texts }: Templates): string => {
  const hash = createHash('sha256')
  for (const text of [...texts, JSON.stringify(territoryMaps), fontFaceCss('print')]) hash.update(text).update('\0')
  return hash.digest('hex')
}

const lines = function* (pieces: Iterable<string>): Generator<string> {
  yield* pieces
  yield '\n'
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
