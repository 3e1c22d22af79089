/** The publish gate: what is wrong with a printed report, read from its bytes as a reader would meet them. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { getDocumentProxy } from 'unpdf'
import { type Fault, fault } from '../domain/core/fault.ts'
import { messageOf } from '../domain/core/text/thrown.ts'
import { picturesOn } from '../domain/page/manoeuvre/plates.ts'
import type { Report } from '../domain/page/page.ts'

/** One sheet as it can be read: its margins apart from what is between them. */
export type Sheet = { readonly head: string; readonly body: string; readonly foot: string }

type PrintedReport = {
  readonly sheets: readonly Sheet[]
  readonly bookmarks: readonly string[]
  /** The share of the characters between the margins that are too small to be read. */
  readonly small: number
}

/** What the gate asks of a page: its marking and the titles of its sections. */
export type Expected = {
  readonly marking: string
  readonly quiet: boolean
  readonly sections: readonly string[]
  /** A flash note is one page. */
  readonly flash?: boolean
  /** Those that the page embeds. */
  readonly pictures: ReturnType<typeof picturesOn>
}

/** A report longer than this says that something was repeated, a longer quiet one that it was not quiet. */
export const maxSheets = { full: 400, quiet: 2, flash: 1 } as const

/** Text of fewer points is unreadable. A browser shrinks the whole print where something is too wide for the sheet. */
const readable = 7
const maxSmallShare = 0.25

/** A4 in points, with the margins in which the running head and foot are (see report.css). */
const marginHeight = { head: (24 / 25.4) * 72, foot: (20.6 / 25.4) * 72 } as const

/** The faults of a PDF; none where it may be published. */
export const faultsOf = async (
  pdf: Uint8Array,
  expected: Expected,
): Promise<{
  readonly faults: readonly Fault[] /** All that its sheets say between the margins. */
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

/** What a report's page in one language must hold. */
export const expectedOf = (report: Report, language: keyof Report['pages']): Expected => {
  const { marking, essentials, figures, contents, flash } = report.pages[language]
  if (flash) return { marking, quiet: false, flash: true, sections: [flash.readers.title], pictures: [] }
  const sections = [essentials.title, figures.title, ...contents.items.map(({ title }) => title)]
  // An analyst may have more to say of a quiet period than two pages hold.
  return {
    marking,
    quiet: report.quiet && report.notes.length === 0,
    sections,
    pictures: picturesOn(report.pages[language]),
  }
}

/** The rules themselves, on what was read. */
export const faultsIn = ({ sheets, bookmarks, small }: PrintedReport, expected: Expected): readonly Fault[] => {
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
    ...(missing.length > 0 ? [fault('gate.pdf.sections', { titles: missing.join('; ') })] : []),
  ]
}

/** Text by sheet, and the titles of the outline, by Mozilla's pdf.js: another reader than the one that wrote them. */
export const readPrinted = async (pdf: Uint8Array): Promise<PrintedReport> => {
  // pdf.js takes the buffer for its own; the caller keeps theirs.
  const document = await getDocumentProxy(new Uint8Array(pdf), { verbosity: 0 })
  try {
    const sheets: Sheet[] = []
    const characters = { all: 0, small: 0 }
    for await (const { page, items } of pagesOf(document)) {
      const [, bottom = 0, , top = 0] = page.view
      const runs = items.flatMap((item) =>
        'str' in item ? [{ text: item.str, y: Number(item.transform[5]), height: item.height }] : [],
      )
      const between = (from: number, to: number) =>
        runs.flatMap(({ text, y }) => (y >= from && y < to ? [text] : [])).join('')
      const [foot, head] = [bottom + marginHeight.foot, top - marginHeight.head]
      for (const { text, y, height } of runs) {
        if (y < foot || y >= head || height === 0) continue
        characters.all += text.length
        // Seven points are printed as 6.997.
        if (Math.round(10 * height) / 10 < readable) characters.small += text.length
      }
      sheets.push({
        head: between(head, Number.POSITIVE_INFINITY),
        body: between(foot, head),
        foot: between(Number.NEGATIVE_INFINITY, foot),
      })
      page.cleanup()
    }
    return {
      sheets,
      bookmarks: titlesOf((await document.getOutline()) ?? []),
      small: characters.small / Math.max(1, characters.all),
    }
  } finally {
    await document.cleanup()
  }
}

/** Pictures whose text for who does not see them is not in the sheets' structure. */
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

/**
 * One after the other: whoever prints the next language is heard between two sheets, and waits for no more than one.
 */
const pagesOf = async function* (document: Awaited<ReturnType<typeof getDocumentProxy>>) {
  for (let number = 1; number <= document.numPages; number++) {
    const page = await document.getPage(number)
    yield { page, items: (await page.getTextContent()).items }
    await nextTurn()
  }
}

type Bookmark = { readonly title: string; readonly items: readonly Bookmark[] }

const titlesOf = (items: readonly Bookmark[]): readonly string[] =>
  items.flatMap(({ title, items: below }) => [title, ...titlesOf(below)])

/** TLP:AMBER is not found in TLP:AMBER+STRICT. */
const isMarked = (margin: string, marking: string): boolean => {
  const text = squeezed(margin)
  const at = text.indexOf(marking)
  return at >= 0 && text.charAt(at + marking.length) !== '+'
}

/** Without blanks: where a line is broken, or a run of text, says nothing. */
const squeezed = (text: string): string => text.replace(/\s+/gu, '').normalize('NFC')

const pages = (numbers: readonly number[]) => ({
  count: numbers.length,
  pages: `${numbers.slice(0, 20).join(', ')}${numbers.length > 20 ? ', …' : ''}`,
})
