import { openAll } from './broken-words.ts'
/** Texts of a page whose contrast is below WCAG 2.2 AA, SVG texts and their halos too: axe looks at neither. */
import type { Reader } from './browser.ts'

const paleTexts = (): readonly string[] => {
  type Colour = readonly [number, number, number, number]
  const read = (written: string): Colour => {
    const [red = 0, green = 0, blue = 0, alpha = 1] = (/^rgba?\((.*)\)$/.exec(written)?.[1] ?? '')
      .split(/[,/ ]+/)
      .map(Number)
    return written.startsWith('rgb') ? [red, green, blue, alpha] : [0, 0, 0, 0]
  }
  const luminance = ([red, green, blue]: Colour): number => {
    const [r = 0, g = 0, b = 0] = [red, green, blue].map((part) =>
      part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4,
    )
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const contrast = (one: Colour, other: Colour): number => {
    const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a)
    return (light + 0.05) / (dark + 0.05)
  }
  const isShape = (one: Element): boolean => /^(rect|circle|path|polygon|ellipse)$/.test(one.tagName)
  /** The highest ground below a text. */
  const groundAt = (x: number, y: number, text: Element): Colour => {
    for (const one of document.elementsFromPoint(x, y)) {
      if (one === text && one instanceof SVGElement) continue
      const { fill, backgroundColor } = getComputedStyle(one)
      const colour = read(isShape(one) ? fill : one instanceof SVGElement ? '' : backgroundColor)
      if (colour[3] > 0) return colour
    }
    return read(getComputedStyle(document.body).backgroundColor)
  }
  const pale = new Set<string>()
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const parent = text.parentElement
    if (!parent || !text.nodeValue?.trim() || parent.closest('style, .told, .skip')) continue
    // Heads of tables are out of sight on a phone.
    const head = parent.closest('thead')
    if (head && getComputedStyle(head).position === 'absolute') continue
    const style = getComputedStyle(parent)
    const isSvg = parent instanceof SVGElement
    const own = read(isSvg ? style.fill : style.color)
    const size = Number.parseFloat(style.fontSize)
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5
    const halo =
      isSvg && style.stroke !== 'none' && Number.parseFloat(style.strokeWidth) > 0 ? read(style.stroke) : undefined
    const range = document.createRange()
    range.selectNodeContents(text)
    for (const { left, right, top, bottom, width, height } of range.getClientRects()) {
      if (width < 1 || height < 1) continue
      const grounds = halo
        ? [halo]
        : [left + 1, (left + right) / 2, right - 1].map((x) => groundAt(x, (top + bottom) / 2, parent))
      const found = Math.min(...grounds.map((ground) => contrast(own, ground)))
      if (found < least)
        pale.add(
          `${text.nodeValue.trim().slice(0, 40)}: ${found.toFixed(2)} in ${parent.tagName} ${parent.getAttribute('class')} of ${parent.closest('section, table, figure')?.className}`,
        )
    }
  }
  return [...pale]
}

const views = [
  { media: 'print', width: 657, scheme: 'light' },
  { media: 'screen', width: 1440, scheme: 'light' },
  { media: 'screen', width: 1440, scheme: 'dark' },
  { media: 'screen', width: 390, scheme: 'light' },
  { media: 'screen', width: 390, scheme: 'dark' },
] as const

export const paleOn = async (html: string, reader: Reader): Promise<Readonly<Record<string, readonly string[]>>> => {
  const found: Record<string, readonly string[]> = {}
  const page = await reader.show(html, { width: 1440, scheme: 'light' })
  await page.evaluate(openAll)
  try {
    for (const { media, width, scheme } of views) {
      // Each forgets the other: a sheet has no scheme.
      await page.emulateMediaType(media)
      if (media === 'screen') await reader.turn({ width, scheme })
      // Only what is in the window is found at a point.
      await page.setViewport({ width, height: await page.evaluate(() => document.documentElement.scrollHeight + 100) })
      const pale = await page.evaluate(paleTexts)
      if (pale.length > 0) found[`${media}, ${width} px, ${scheme}`] = pale
    }
  } finally {
    await page.emulateMediaType('screen')
  }
  return found
}
