/** Prints a page with sheet numbers in its table of contents. */
import { maximum } from '../domain/core/lists.ts'
import type { Page } from '../domain/page/page.ts'
import { blankFor, type Draft } from './draft.ts'
import { hasContents, type Templates } from './html.ts'
import { pdfDestinations, pdfPageCount } from './pdf.ts'

/** Minimum number of sheets for page numbers. */
export const numberedFrom = 4

const maxPrints = 4

/** From 1, by anchor; empty if none are shown. */
export type SheetNumbers = ReadonlyMap<string, number>

const none: SheetNumbers = new Map()

/** In sheets: another language's numbers were right for 9 of 11 shorter reports, and for none of 9 longer ones. */
const likelyUpTo = 9

/** Saves two layouts of each print: Chromium lays a document out for its window as well. */
const unseenOnScreen = '@media screen{body{display:none}}'

/** A draft draws only the links whose targets are needed. */
const drawnInDraft =
  '@media print{body *{visibility:hidden!important}.contents a[href],.made a[href]{visibility:visible!important}}'

/**
 * Prints a page whose contents show the numbers of that same print. `likely` numbers, from another language, save a
 * draft if right. Numbers of an earlier report could change the bytes if a template gives them no fixed width.
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
    // Removing numbers does not lengthen a short document.
    isShort = found.size === 0
    numbers = found
  }
  throw new Error(
    `The contents of "${page.documentTitle}" changed their page numbers in each of ${maxPrints} prints: ` +
      'give the list of contents room for its numbers in the style sheet',
  )
}

const unknownNumbers = (page: Page): ReadonlyMap<string, string> =>
  new Map(page.contents.items.map(({ anchor }) => [anchor, blankFor('10')]))

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
