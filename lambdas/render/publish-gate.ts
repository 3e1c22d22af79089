/** The publish gate: checks a printed report by its bytes. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { getDocumentProxy } from 'unpdf'
import { type Fault, fault } from '../domain/core/fault.ts'
import type { Marking } from '../domain/core/marking.ts'
import { messageOf } from '../domain/core/text/thrown.ts'
import { picturesOn } from '../domain/page/manoeuvre/plates.ts'
import type { Report } from '../domain/page/page.ts'
import { baselineOf, paintsOf } from './look/paint.ts'
import { type PaintedSheet, sheetPromises } from './look/promises.ts'

export type Sheet = { readonly head: string; readonly body: string; readonly foot: string }

type PrintedReport = {
  readonly sheets: readonly Sheet[]
  readonly bookmarks: readonly string[]
  /** Share of characters in the body. */
  readonly small: number
  readonly painted: readonly PaintedSheet[]
}

export type Expected = {
  readonly marking: Marking
  readonly quiet: boolean
  readonly sections: readonly string[]
  readonly flash?: boolean
  readonly pictures: ReturnType<typeof picturesOn>
}

/** A longer report repeats something; a longer quiet one is not quiet. */
export const maxSheets = { full: 400, quiet: 3, flash: 1 } as const

/** In points. A browser shrinks the whole print if an element is too wide. */
const readable = 7
const maxSmallShare = 0.25

/** Margins of A4 in points, as in report.css. */
const marginHeight = { head: (24 / 25.4) * 72, foot: (20.6 / 25.4) * 72 } as const

/** Empty if the PDF may be published. */
export const faultsOf = async (
  pdf: Uint8Array,
  expected: Expected,
): Promise<{
  readonly faults: readonly Fault[]
  readonly text: string
}> => {
  try {
    const printed = await readPrinted(pdf)
    const text = printed.sheets.map(({ head, body }) => `${head} ${body}`).join(' ')
    const untold = expected.pictures.length === 0 ? [] : await untoldPictures(pdf, expected.pictures)
    return { faults: [...faultsIn(printed, expected), ...untold], text }
  } catch (error) {
    return { faults: [fault('gate.pdf.unreadable', { detail: messageOf(error) })], text: '' }
  }
}

export const expectedOf = (report: Report, language: keyof Report['pages']): Expected => {
  const { marking, first, figures, contents, flash } = report.pages[language]
  if (flash) return { marking, quiet: false, flash: true, sections: [flash.readers.title], pictures: [] }
  const sections = [...(first ? [first.title] : []), figures.title, ...contents.items.map(({ title }) => title)]
  // Notes may exceed two pages even in a quiet period.
  return {
    marking,
    quiet: report.quiet && report.notes.length === 0,
    sections,
    pictures: picturesOn(report.pages[language]),
  }
}

export const faultsIn = (
  { sheets, bookmarks, small, painted }: PrintedReport,
  expected: Expected,
): readonly Fault[] => {
  const kind = expected.flash ? 'flash' : expected.quiet ? 'quiet' : 'full'
  const most = maxSheets[kind]
  const { marking } = expected
  const numbersOf = (isFaulty: (sheet: Sheet) => boolean): readonly number[] =>
    sheets.flatMap((sheet, at) => (isFaulty(sheet) ? [at + 1] : []))
  const blank = numbersOf(({ body }) => squeezed(body) === '')
  const headless = numbersOf(({ head }) => !isMarked(head, marking))
  const footless = numbersOf(({ foot }) => !isMarked(foot, marking))
  const there = new Set(bookmarks.map(squeezed))
  const missing = expected.sections.filter((title) => !there.has(squeezed(title)))
  return [
    ...(sheets.length === 0 ? [fault('gate.pdf.noPage')] : []),
    ...(sheets.length > most ? [fault('gate.pdf.long', { pages: sheets.length, kind, most })] : []),
    ...(small > maxSmallShare ? [fault('gate.pdf.small', { points: readable })] : []),
    ...(blank.length > 0 ? [fault('gate.pdf.blank', pages(blank))] : []),
    ...(headless.length > 0 ? [fault('gate.pdf.unmarked', { ...pages(headless), marking, margin: 'header' })] : []),
    ...(footless.length > 0 ? [fault('gate.pdf.unmarked', { ...pages(footless), marking, margin: 'footer' })] : []),
    ...sheetPromises.flatMap(({ code, values, isKept }) => {
      const broken = painted.flatMap((sheet, at) => (isKept(sheet, marking) ? [] : [at + 1]))
      return broken.length > 0 ? [fault(code, { ...pages(broken), ...values, marking })] : []
    }),
    ...(missing.length > 0 ? [fault('gate.pdf.sections', { titles: missing.join('; ') })] : []),
  ]
}

/** Uses pdf.js, a library independent of the writer. */
export const readPrinted = async (pdf: Uint8Array): Promise<PrintedReport> => {
  // pdf.js takes ownership of the buffer.
  const document = await getDocumentProxy(new Uint8Array(pdf), { verbosity: 0 })
  try {
    const sheets: Sheet[] = []
    const painted: PaintedSheet[] = []
    const characters = { all: 0, small: 0 }
    for await (const page of pagesOf(document)) {
      const paints = await paintsOf(page)
      const [left = 0, bottom = 0, right = 0, top = 0] = page.view
      const runs = paints.flatMap((one) => (one.kind === 'text' ? [{ text: one.text, ...baselineOf(one) }] : []))
      const between = (from: number, to: number) =>
        runs.flatMap(({ text, y }) => (y >= from && y < to ? [text] : [])).join('')
      const [foot, head] = [bottom + marginHeight.foot, top - marginHeight.head]
      for (const { text, y, size } of runs) {
        if (y < foot || y >= head) continue
        characters.all += text.length
        // Seven points are printed as 6.997.
        if (Math.round(10 * size) / 10 < readable) characters.small += text.length
      }
      sheets.push({
        head: between(head, Number.POSITIVE_INFINITY),
        body: between(foot, head),
        foot: between(Number.NEGATIVE_INFINITY, foot),
      })
      painted.push({ paints, header: [left, head, right, top], footer: [left, bottom, right, foot] })
      page.cleanup()
    }
    return {
      sheets,
      painted,
      bookmarks: titlesOf((await document.getOutline()) ?? []),
      small: characters.small / Math.max(1, characters.all),
    }
  } finally {
    await document.cleanup()
  }
}

/** Looks for alternative text in the PDF structure. */
const untoldPictures = async (pdf: Uint8Array, pictures: Expected['pictures']): Promise<readonly Fault[]> => {
  const document = await getDocumentProxy(new Uint8Array(pdf), { verbosity: 0 })
  const altTexts = new Set<string>()
  const walk = (node: { readonly alt?: unknown; readonly children?: readonly object[] } | null): void => {
    if (typeof node?.alt === 'string') altTexts.add(squeezed(node.alt))
    for (const child of node?.children ?? []) walk(child)
  }
  try {
    for (let number = 1; number <= document.numPages; number++) {
      walk(await (await document.getPage(number)).getStructTree())
    }
  } finally {
    await document.cleanup()
  }
  return pictures.flatMap(({ sha256, alt }) =>
    altTexts.has(squeezed(alt)) ? [] : [fault('gate.picture.untold', { sha256 })],
  )
}

/** Reads page by page, so that another print can start between. */
const pagesOf = async function* (document: Awaited<ReturnType<typeof getDocumentProxy>>) {
  for (let number = 1; number <= document.numPages; number++) {
    yield await document.getPage(number)
    await nextTurn()
  }
}

type Bookmark = { readonly title: string; readonly items: readonly Bookmark[] }

const titlesOf = (items: readonly Bookmark[]): readonly string[] =>
  items.flatMap(({ title, items: below }) => [title, ...titlesOf(below)])

/** Does not match TLP:AMBER in TLP:AMBER+STRICT. */
const isMarked = (margin: string, marking: string): boolean => {
  const text = squeezed(margin)
  const at = text.indexOf(marking)
  return at >= 0 && text.charAt(at + marking.length) !== '+'
}

/** Removes blanks: line and run breaks carry no meaning. */
const squeezed = (text: string): string => text.replace(/\s+/gu, '').normalize('NFC')

const pages = (numbers: readonly number[]) => ({
  count: numbers.length,
  pages: `${numbers.slice(0, 20).join(', ')}${numbers.length > 20 ? ', …' : ''}`,
})
