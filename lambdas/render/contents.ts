/** Prints a page; where it is long, once more with the sheets' numbers in its list of contents. */
import type { Page } from '../domain/page.ts'
import type { Templates } from './html.ts'
import { pdfDestinations, pdfPageCount } from './pdf.ts'

/** From so many sheets on, the list of contents has page numbers. */
export const numberedFrom = 4

/** Numbers change no line break in practice; where one does, the next print settles it. */
const printsAtMost = 4

/** The print of a page. The numbers in its list of contents are those of the very print that shows them. */
export const printPage = async <Print extends { readonly printed: Uint8Array }>(
  page: Page,
  { render }: Templates,
  fonts: string,
  print: (html: string) => Promise<Print>,
): Promise<Print> => {
  const first = await print(render(page, fonts))
  if (pdfPageCount(first.printed) < numberedFrom) return first
  let numbers = pageNumbers(page, first.printed)
  if (numbers.size === 0) return first
  for (let prints = 2; prints <= printsAtMost; prints += 1) {
    const next = await print(render(page, fonts, numbers))
    const found = pageNumbers(page, next.printed)
    if (sameNumbers(numbers, found)) return next
    numbers = found
  }
  throw new Error(
    `The contents of "${page.documentTitle}" changed their page numbers in each of ${printsAtMost} prints: ` +
      'give the list of contents room for its numbers in the style sheet',
  )
}

/** Where each section stands, from 1, in the order of the list. */
const pageNumbers = (page: Page, pdf: Uint8Array): ReadonlyMap<string, number> => {
  const found = pdfDestinations(pdf)
  return new Map(
    page.contents.items.flatMap(({ anchor }) => {
      const number = found.get(anchor)
      return number === undefined ? [] : [[anchor, number] as const]
    }),
  )
}

const sameNumbers = (one: ReadonlyMap<string, number>, other: ReadonlyMap<string, number>): boolean =>
  one.size === other.size && [...one].every(([anchor, number]) => other.get(anchor) === number)
