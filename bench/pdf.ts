/**
 * A whole version beside two bare prints of its pages; and HTML to PDF: the demo's report of six pages and two long
 * ones, warm and cold, beside what else prints the same HTML.
 */
import { join } from 'node:path'
import { getDocumentProxy } from 'unpdf'
import { withContext } from '../bin/cli/home/context.ts'
import { ingestFiles } from '../bin/cli/ingest-files.ts'
import { story } from '../bin/cli/story.ts'
import { archiveFolder } from '../lambdas/archive/archive.local.ts'
import { languages } from '../lambdas/domain/core/language/languages.ts'
import { contentOf } from '../lambdas/domain/core/text/content.ts'
import { parsePeriod } from '../lambdas/domain/core/time/period.ts'
import type { Report } from '../lambdas/domain/page/page.ts'
import { openPrinter } from '../lambdas/render/chromium.ts'
import { fontFaceCss } from '../lambdas/render/fonts.ts'
import { builtInTemplates, renderHtml } from '../lambdas/render/html.ts'
import { renderFiles } from '../lambdas/render/render.ts'
import { generateReport } from '../lambdas/usecases/reports/generate-report.ts'
import { type Figures, median, ms, timed } from './figures.ts'
import { longReport } from './long-reports.ts'
import { bare, type Contestant, type Document, ours } from './printers.ts'

/** How often each document is printed: more often where it is quick. */
const documents = [
  { name: 'NC report', rounds: 15 },
  { name: '42 pages', rounds: 7, paragraphs: 275 },
  { name: '162 pages', rounds: 5, paragraphs: 1_200 },
] as const
const coldRounds = 3

const noRows = contentOf(new Uint8Array())

/** Ours beside the bare print, of a version and of a document. */
export const pdfs = async (home: string): Promise<Figures> => {
  const report = await demoReport(home)
  return {
    ...(await versionsOf(home, report)),
    ...(await htmlOf(report)),
    ...(await contest([ours, bare], report)),
  }
}

/** All files of a version, read back by the gate and archived, and the bare prints of its two pages, in turn. */
const versionsOf = async (home: string, demo: Report): Promise<Figures> => {
  let figures: Figures = {}
  const printer = await openPrinter({ timeoutMs: 120_000 })
  const least = await bare.open()
  try {
    for (const { name, rounds, ...long } of documents) {
      const report = 'paragraphs' in long ? longReport(long.paragraphs) : demo
      const pages = languages.map((lang) => ({
        html: renderHtml(report.pages[lang], fontFaceCss('print')),
        title: report.pages[lang].documentTitle,
      }))
      const times: { readonly whole: number; readonly prints: number }[] = []
      for (let round = -1; round < rounds; round += 1) {
        const archive = archiveFolder(join(home, `${name} ${round}`))
        const whole = await timed(async () => {
          const { files, close } = await renderFiles(report, noRows, printer, builtInTemplates(), (_, work) => work())
          for (const file of files) await archive.put(file.name, file.content, file.contentType)
          close()
        })
        const prints = await timed(async () => {
          for (const page of pages) await least.print(page)
        })
        if (round >= 0) times.push({ whole, prints }) // the first one warms up
      }
      figures = {
        ...figures,
        [`${name}, a whole version`]: ms(median(times.map(({ whole }) => whole))),
        [`${name}, bare prints of its two pages`]: ms(median(times.map(({ prints }) => prints))),
        [`${name}, a whole version as times the bare prints`]: Number(
          median(times.map(({ whole, prints }) => whole / prints)).toFixed(2),
        ),
      }
    }
  } finally {
    await printer.close()
    await least.close()
  }
  return figures
}

/** The demo's New Caledonia report. */
export const demoReport = (home: string): Promise<Report> =>
  withContext({ home: join(home, 'demo') }, async (context) => {
    await ingestFiles({ files: [story.file], format: 'ndjson' }, context)
    const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
    return (await generateReport(request, context.services)).report
  })

const htmlOf = async (report: Report): Promise<Figures> => {
  const times: number[] = []
  for (let round = 0; round < 25; round += 1)
    times.push(await timed(() => renderHtml(report.pages.fr, fontFaceCss('screen'))))
  return { 'NC report, HTML, warm': ms(median(times)) }
}

/** Every document by every contestant, in turn; the first one is what the others are compared with. */
export const contest = async (contestants: readonly Contestant[], demo: Report): Promise<Figures> => {
  let figures: Figures = {}
  for (const { name, rounds, ...long } of documents) {
    const report = 'paragraphs' in long ? longReport(long.paragraphs) : demo
    const { documentTitle: title } = report.pages.fr
    const document = { title, html: renderHtml(report.pages.fr, fontFaceCss('print')) }
    const cold = await coldTimes(contestants, document)
    const warm = await warmTimes(contestants, document, rounds)
    figures = { ...figures, ...figuresOf(name, contestants, warm, cold) }
  }
  return figures
}

/** The times of each contestant, round by round. */
type Times = readonly (readonly number[])[]

/** The first print, which starts the browser; the code is loaded, and Chromium unpacked. */
const coldTimes = async (contestants: readonly Contestant[], document: Document): Promise<Times> => {
  const times = contestants.map((): number[] => [])
  for (let round = 0; round < coldRounds; round += 1) {
    for (const [at, contestant] of contestants.entries()) {
      if (contestant.isAlwaysCold) continue
      const opened = await contestant.open()
      times[at]?.push(await timed(() => opened.print(document)))
      await opened.close()
    }
  }
  return times
}

const warmTimes = async (contestants: readonly Contestant[], document: Document, rounds: number): Promise<Warm> => {
  const opened = await Promise.all(contestants.map((one) => one.open()))
  const times = contestants.map((): number[] => [])
  const sheets: number[] = []
  try {
    for (const { print } of opened) sheets.push(await pagesOf(await print(document))) // warms up, too
    for (let round = 0; round < rounds; round += 1) {
      for (const [at, { print }] of opened.entries()) times[at]?.push(await timed(() => print(document)))
    }
  } finally {
    for (const one of opened) await one.close()
  }
  return { times, sheets }
}

/** By a reader that knows everybody's PDF. */
const pagesOf = async (pdf: Uint8Array): Promise<number> => {
  const document = await getDocumentProxy(new Uint8Array(pdf), { verbosity: 0 })
  try {
    return document.numPages
  } finally {
    await document.cleanup()
  }
}

type Warm = { readonly times: Times; readonly sheets: readonly number[] }

/** Ratios of rounds, not of medians: what else the machine does is the same within a round. */
const ratio = (one: readonly number[], other: readonly number[]): number =>
  Number(median(one.map((time, at) => time / (other[at] ?? Number.NaN))).toFixed(2))

const figuresOf = (name: string, contestants: readonly Contestant[], { times, sheets }: Warm, cold: Times): Figures => {
  const [own = [], ...others] = times
  return Object.assign(
    {},
    ...contestants.map((contestant, at) => ({
      [`${name}, ${contestant.name}, ${sheets[at]} pages, warm`]: ms(median(times[at] ?? [])),
      ...(!contestant.isAlwaysCold && { [`${name}, ${contestant.name}, cold`]: ms(median(cold[at] ?? [])) }),
    })),
    ...others.map((time, at) => ({
      [`${name}, ${contestants[0]?.name} as times the ${contestants[at + 1]?.name}, warm`]: ratio(own, time),
    })),
  )
}
