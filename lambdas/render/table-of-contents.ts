/** Prints a page whose list of contents says on which sheets its sections begin. */
import { maximum } from '../domain/core/lists.ts'
import type { Page } from '../domain/page/page.ts'
import { blankFor, type Draft } from './draft.ts'
import { hasContents, type Templates } from './html.ts'
import { pdfDestinations, pdfPageCount } from './pdf.ts'

/** From so many sheets on, the list of contents has page numbers. */
export const numberedFrom = 4

/** Numbers change no line break in practice; where one does, the next print settles it. */
const maxPrints = 4

/** The sheets, from 1, on which sections begin, by anchor and in the order of the list; empty where none are shown. */
export type SheetNumbers = ReadonlyMap<string, number>

const none: SheetNumbers = new Map()

/**
 * Up to this sheet numbers of another language are tried: they were right for 9 of 11 shorter reports, and for none of
 * 9 longer ones.
 */
const likelyUpTo = 9

/**
 * Saves two layouts of each print, one before and one after it: Chromium lays a document out for its window as well.
 */
const unseenOnScreen = '@media screen{body{display:none}}'

/** A draft has the layout of a print and draws nothing but the links whose targets it tells. */
const drawnInDraft = '@media print{body *{visibility:hidden!important}.contents a[href]{visibility:visible!important}}'

/**
 * The print of a page, and the numbers in its list of contents: those of the very print that shows them. `likely`
 * numbers, of the same report in another language, save a draft where they are right. None of an earlier report would
 * do: where a template gives numbers no fixed room, what was tried first could show in the bytes.
 */
export const printPage = async <Print extends { readonly printed: Uint8Array }>(
  page: Page,
  { render }: Templates,
  fonts: string,
  print: (html: string, draft?: Draft) => Promise<Print>,
  likely?: SheetNumbers,
): Promise<Print & { readonly numbers: SheetNumbers }> => {
  const css = `${fonts}\n${unseenOnScreen}`
  if (!hasContents(page)) return { ...(await print(render(page, css))), numbers: none }
  let numbers = likely && maximum(likely.values(), 0) <= likelyUpTo ? likely : undefined
  let isShort = false
  for (let prints = 1; prints <= maxPrints; prints += 1) {
    const next = numbers
      ? await print(render(page, css, numbers))
      : await print(render(page, css, unknownNumbers(page)), {
          css: drawnInDraft,
          finished(draft) {
            numbers = sheetNumbers(page, draft)
            isShort = numbers.size === 0
            return render(page, css, numbers)
          },
        })
    const found = sheetNumbers(page, next.printed)
    if (isShort || sameNumbers(numbers ?? none, found)) return { ...next, numbers: numbers ?? none }
    // What is short with numbers is not made longer by taking them away: one more print without them is the last.
    isShort = found.size === 0
    numbers = found
  }
  throw new Error(
    `The contents of "${page.documentTitle}" changed their page numbers in each of ${maxPrints} prints: ` +
      'give the list of contents room for its numbers in the style sheet',
  )
}

/** Of two digits each, to have their room. */
const unknownNumbers = (page: Page): ReadonlyMap<string, string> =>
  new Map(page.contents.items.map(({ anchor }) => [anchor, blankFor('10')]))

/** Where each section is; none where there are few sheets. */
const sheetNumbers = (page: Page, pdf: Uint8Array): SheetNumbers => {
  if (pdfPageCount(pdf) < numberedFrom) return none
  const found = pdfDestinations(pdf)
  return new Map(
    page.contents.items.flatMap(({ anchor }) => {
      const number = found.get(anchor)
      return number === undefined ? [] : [[anchor, number] as const]
    }),
  )
}

const sameNumbers = (one: SheetNumbers, other: SheetNumbers): boolean =>
  one.size === other.size && [...one].every(([anchor, number]) => other.get(anchor) === number)
