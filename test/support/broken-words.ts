/** Words, dates and figures of a page that a browser breaks inside, or that stand out of their place. */
import type { Reader } from './browser.ts'

/**
 * Latin words of at most twenty letters, figures with the marks inside them, days as numbers, dates with their month,
 * hours, ranges of days where their column can hold them, and ids and places that are kept whole, which stand on two
 * lines; and what stands out of its cell, its tile or its card. Longer words, hashtags and addresses may be broken;
 * heads of tables are out of sight on a phone, where each cell has its label.
 */
const brokenWords = (isPhone: boolean): readonly string[] => {
  const linesOf = (range: Range): number => {
    const tops: number[] = []
    for (const { top, width, height } of range.getClientRects())
      if (width > 0 && !tops.some((other) => Math.abs(other - top) < height * 0.6)) tops.push(top)
    return tops.length
  }
  const broken = new Set<string>()
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const { parentElement: parent, nodeValue } = text
    if (!parent || parent.closest('code, svg, style, option, .told, .skip') || (isPhone && parent.closest('thead')))
      continue
    const where = parent.closest('table, section')?.className || parent.outerHTML.slice(0, 80)
    const patterns = parent.closest('.unbroken, .place:not(.tile .place)')
      ? [/\S{2,40}/gu]
      : [
          /(?<![#@\p{L}\p{N}])[\p{Script=Latin}\p{N}]{2,20}(?![\p{L}\p{N}])/gu,
          /(?<![\p{L}\p{N}])\d{1,2}(?:er)?\u00a0\p{L}{3,12}\.?(?:\u00a0\d{4})?,?/gu,
          /(?<![\p{L}\p{N}])\d{2}(?:[\u00a0\u202f]h[\u00a0\u202f]|:)\d{2}(?![\p{L}\p{N}])/gu,
          /(?<![#@\p{L}\p{N}/.-])\p{N}+(?:[\u202f\u00a0.,-]\p{N}+)+(?![\p{L}\p{N}-])/gu,
        ]
    for (const { 0: word, index } of patterns.flatMap((pattern) => [...(nodeValue ?? '').matchAll(pattern)])) {
      const range = document.createRange()
      range.setStart(text, index)
      range.setEnd(text, index + word.length)
      if (linesOf(range) > 1) broken.add(`${word} in ${where}`)
    }
    const place = parent.closest('td, th, .tile, .totals > div, .counts > div')?.getBoundingClientRect()
    const whole = document.createRange()
    whole.selectNodeContents(text)
    if (
      place &&
      [...whole.getClientRects()].some(({ left, right }) => left < place.left - 1 || right > place.right + 1)
    )
      broken.add(`${nodeValue} stands out of its place in ${where}`)
  }
  for (const run of document.querySelectorAll<HTMLElement>('.date, .dates')) {
    const [before, after] = [run.previousSibling, run.nextSibling]
    const [first, last] = [run.getClientRects()[0], [...run.getClientRects()].at(-1)]
    const stands = (node: Node, at: number): DOMRect | undefined => {
      const mark = document.createRange()
      mark.setStart(node, at)
      mark.setEnd(node, at + 1)
      return mark.getClientRects()[0]
    }
    if (before instanceof Text && first && /[(«]\s?$/u.test(before.data)) {
      const opening = stands(before, before.data.trimEnd().length - 1)
      if (opening && opening.bottom < first.top + 1) broken.add(`${before.data.trimEnd().slice(-1)} ends a line`)
    }
    if (after instanceof Text && last && /^[\u00a0\u202f]?[).,;:!?…»]/u.test(after.data)) {
      const closing = stands(after, after.data.length - after.data.trimStart().length)
      if (closing && closing.top > last.bottom - 1) broken.add(`${after.data.trimStart().charAt(0)} begins a line`)
    }
  }
  for (const range of document.querySelectorAll<HTMLElement>(':is(th, td) .dates')) {
    let column = range.parentElement
    while (column && getComputedStyle(column).display === 'inline') column = column.parentElement
    if (!column || range.getClientRects().length === 0 || (isPhone && range.closest('thead'))) continue
    const all = document.createRange()
    all.selectNodeContents(range)
    if (linesOf(all) === 1) continue
    const { paddingLeft, paddingRight } = getComputedStyle(column)
    const room = column.clientWidth - Number.parseFloat(paddingLeft) - Number.parseFloat(paddingRight)
    range.style.whiteSpace = 'nowrap'
    range.style.maxWidth = 'none'
    // Printed letters are up to a fortieth wider than those on a screen.
    if (range.offsetWidth * 1.025 < room) broken.add(`${range.textContent} in a column that can hold it`)
    range.style.whiteSpace = ''
    range.style.maxWidth = ''
  }
  return [...broken]
}

type Paper = { readonly media: 'print' | 'screen'; readonly width: number }

/**
 * A sheet of A4 between its margins is 657 px wide; printed letters are up to a fortieth wider than those on a screen.
 */
export const sheetOfPaper: Paper = { media: 'print', width: 641 }

export const desks = [1920, 1440, 1280, 1100, 1000, 900] as const
export const papers: readonly Paper[] = [
  sheetOfPaper,
  ...[...desks, 390, 320].map((width) => ({ media: 'screen' as const, width })),
]

/** What a phone shows closed is looked at too. */
export const openAll = 'for (const one of document.querySelectorAll("details")) one.open = true'

/** What is broken on which paper or screen. */
export const brokenOn = async (
  html: string,
  reader: Reader,
  on: readonly Paper[] = papers,
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: Record<string, readonly string[]> = {}
  const page = await reader.show(html, { width: 1100, scheme: 'light' })
  await page.evaluate(openAll)
  try {
    for (const { media, width } of on) {
      await reader.turn({ width, scheme: 'light' })
      await page.emulateMediaType(media)
      await page.evaluate('Promise.all([...document.fonts].map((font) => font.load())).then(() => {})')
      const broken = await page.evaluate(brokenWords, width < 600)
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      const all = [...broken, ...(over > 0 ? [`scrolls sideways by ${over} px`] : [])]
      if (all.length > 0) found[`${media}, ${width} px`] = all
    }
  } finally {
    await page.emulateMediaType('screen')
  }
  return found
}
