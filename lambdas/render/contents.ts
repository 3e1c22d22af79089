/** Prints a page; where it is long, first a draft, whose sheets' numbers its list of contents then has. */
import type { Page } from '../domain/page.ts'
import { hasContents, type Templates } from './html.ts'
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
  print: (html: string, how: { readonly draft: boolean }) => Promise<Print>,
): Promise<Print> => {
  const html = render(page, fonts)
  const draft = hasContents(page)
  const first = await print(html, { draft })
  let numbers = pageNumbers(page, first.printed)
  if (pdfPageCount(first.printed) < numberedFrom || numbers.size === 0) {
    return draft ? print(html, { draft: false }) : first
  }
  for (let prints = 2; prints <= printsAtMost; prints += 1) {
    const next = await print(render(page, fonts, numbers), { draft: false })
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
