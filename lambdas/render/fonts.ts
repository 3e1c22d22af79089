/** The one list of fonts: the files that print, the subsets that a screen report embeds, the families' order. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

type Weight = 400 | 600 | 700

/** A full TrueType file for print: its CSS family and weight, and its name in templates/fonts/print. */
export type PrintFont = { readonly family: string; readonly weight: Weight; readonly file: string }

/** A woff2 subset for the screen, in templates/fonts; `source` is the print font it is cut from. */
type ScreenFont = { readonly family: string; readonly weight: Weight; readonly file: string }

const printFont = (family: string, weight: Weight): PrintFont => {
  const style = { 400: '400Regular', 600: '600SemiBold', 700: '700Bold' }[weight]
  return { family, weight, file: `${family.replaceAll(' ', '')}_${style}.ttf` }
}

const families = (weights: readonly Weight[], ...names: string[]): PrintFont[] =>
  names.flatMap((name) => weights.map((weight) => printFont(name, weight)))

/** Families that stand in for a script or sign which Source lacks, in the order in which they are tried. */
const FALLBACKS: readonly PrintFont[] = [
  ...families([400, 700], 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans Hebrew', 'Noto Sans Armenian'),
  ...families([400, 700], 'Noto Sans Georgian', 'Noto Sans Thai', 'Noto Sans Symbols'),
  ...families([400], 'Noto Sans Symbols 2', 'Noto Sans Math', 'Noto Emoji'),
  // Ten megabytes a weight: their bold is drawn by the browser.
  ...families([400], 'Noto Sans SC', 'Noto Sans KR'),
]

/** Every font a print can use. fontconfig is shown these files and no other. */
export const PRINT_FONTS: readonly PrintFont[] = [
  ...families([400, 600], 'Source Serif 4'),
  ...families([400, 600, 700], 'Source Sans 3'),
  ...families([400], 'Source Code Pro'),
  ...FALLBACKS,
]

const screenFont = (family: string, weight: Weight): ScreenFont => ({
  family,
  weight,
  file: `${family.replaceAll(' ', '')}-${weight}.woff2`,
})

/** Subsets that `npm run build:fonts` cuts and a report's HTML embeds. */
export const SCREEN_FONTS: readonly ScreenFont[] = [
  screenFont('Source Serif 4', 400),
  screenFont('Source Serif 4', 600),
  screenFont('Source Sans 3', 400),
  screenFont('Source Sans 3', 600),
  screenFont('Source Sans 3', 700),
  screenFont('Source Code Pro', 400),
  screenFont('Noto Sans Symbols', 400),
  screenFont('Noto Sans Symbols 2', 400),
]

/** The one-glyph font for U+202F: Source's own is 0.12 em, so that 5 187 reads as 5187. */
export const THIN_SPACE = { family: 'Espace fine', file: 'EspaceFine.woff2', codePoint: 0x202f, em: 0.175 } as const

/**
 * The folder templates/fonts, found upwards from this file: in a checkout it is two levels up, in a bundle beside it.
 * Throws where there is none.
 */
export function fontFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'templates', 'fonts')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) break
  }
  throw new Error(`No folder templates/fonts above ${import.meta.dirname}: copy it beside the bundle`)
}

/** The folder of the print fonts, which holds no other: fontconfig is shown the whole of it. */
export const printFontFolder = (): string => join(fontFolder(), 'print')

export const printFontPath = ({ file }: PrintFont): string => join(printFontFolder(), file)

const stack = (...names: string[]): string =>
  [THIN_SPACE.family, ...names, ...new Set(FALLBACKS.map((font) => font.family))].map((name) => `'${name}'`).join(',')

/** The CSS that declares the report's fonts; see fontFaceCss. Read once: the files do not change while we run. */
const css = new Map<'screen' | 'print', string>()

/**
 * The @font-face rules and the stacks `--serif`, `--sans`, `--mono` for a <style> element.
 * For the screen the subsets are in it as data: URIs (245 KB of text); for print the families are installed, and
 * only the thin space is in it. Without fontconfig (macOS, Windows: CHROME_PATH) print embeds the subsets as well.
 */
export function fontFaceCss(medium: 'screen' | 'print'): string {
  const known = css.get(medium)
  if (known !== undefined) return known
  const folder = fontFolder()
  const face = (family: string, weight: string, file: string, range = ''): string => {
    const data = readFileSync(join(folder, file)).toString('base64')
    return `@font-face{font-family:'${family}';font-weight:${weight};font-style:normal;font-display:block;${range}src:url(data:font/woff2;base64,${data}) format('woff2')}`
  }
  const embedded = medium === 'screen' || process.platform !== 'linux' ? SCREEN_FONTS : []
  const made = [
    face(THIN_SPACE.family, '100 900', THIN_SPACE.file, 'unicode-range:U+202F;'),
    ...embedded.map((font) => face(font.family, String(font.weight), font.file)),
    `:root{--serif:${stack('Source Serif 4')},serif;--sans:${stack('Source Sans 3')},sans-serif;--mono:${stack('Source Code Pro')},monospace}`,
  ].join('\n')
  css.set(medium, made)
  return made
}

let covered: readonly (readonly [number, number])[] | undefined

/**
 * Whether any print font has a glyph for a code point, by templates/fonts/coverage.json.
 * The table is written by `npm run build:fonts`, so that no font parser runs in production.
 */
export function isCovered(codePoint: number): boolean {
  covered ??= (JSON.parse(readFileSync(join(fontFolder(), 'coverage.json'), 'utf8')) as string[]).map((range) => {
    const [from = '', to = from] = range.split('-')
    return [Number.parseInt(from, 16), Number.parseInt(to, 16)] as const
  })
  let low = 0
  let high = covered.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const range = covered[middle]
    if (range === undefined || codePoint < range[0]) high = middle
    else if (codePoint > range[1]) low = middle + 1
    else return true
  }
  return false
}
