/** Fonts of prints and screen reports. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

type Weight = 400 | 600 | 700

/** A TrueType file in templates/fonts/print. */
export type PrintFont = { readonly family: string; readonly weight: Weight; readonly file: string }

/** A woff2 subset of a print font, in templates/fonts. */
type ScreenFont = { readonly family: string; readonly weight: Weight; readonly file: string }

const printFont = (family: string, weight: Weight): PrintFont => {
  const style = { 400: '400Regular', 600: '600SemiBold', 700: '700Bold' }[weight]
  return { family, weight, file: `${family.replaceAll(' ', '')}_${style}.ttf` }
}

const families = (weights: readonly Weight[], ...names: string[]): PrintFont[] =>
  names.flatMap((name) => weights.map((weight) => printFont(name, weight)))

const FALLBACKS: readonly PrintFont[] = [
  ...families([400, 700], 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans Hebrew', 'Noto Sans Armenian'),
  ...families([400, 700], 'Noto Sans Georgian', 'Noto Sans Thai', 'Noto Sans Symbols'),
  ...families([400], 'Noto Sans Symbols 2', 'Noto Sans Math', 'Noto Emoji'),
  // 10 MB per weight: the browser synthesises their bold.
  ...families([400], 'Noto Sans SC', 'Noto Sans KR'),
]

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

/** U+202F alone: Source's glyph is 0.12 em, so that 5 187 reads as 5187. */
export const THIN_SPACE = { family: 'Espace fine', file: 'EspaceFine.woff2', codePoint: 0x202f, em: 0.175 } as const

/**
 * Finds templates/fonts upwards: two levels up in a checkout, next to this file in a bundle. @throws if there is none
 */
export function fontFolder(): string {
  for (let folder = import.meta.dirname; ; folder = dirname(folder)) {
    const candidate = join(folder, 'templates', 'fonts')
    if (existsSync(candidate)) return candidate
    if (folder === dirname(folder)) break
  }
  throw new Error(`No folder templates/fonts above ${import.meta.dirname}: copy it next to the bundle`)
}

/** Contains only print fonts: fontconfig sees all of it. */
export const printFontFolder = (): string => join(fontFolder(), 'print')

export const printFontPath = ({ file }: PrintFont): string => join(printFontFolder(), file)

const stack = (...names: string[]): string =>
  [THIN_SPACE.family, ...names, ...new Set(FALLBACKS.map((font) => font.family))].map((name) => `'${name}'`).join(',')

const css = new Map<'screen' | 'print', string>()

/**
 * For the screen, embeds the subsets (245 KB). For print, fonts are installed; without fontconfig (macOS, Windows:
 * CHROME_PATH) subsets are embedded too.
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

/** Reads coverage.json, written by `npm run build:fonts`: production needs no font parser. */
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
