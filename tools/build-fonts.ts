/**
 * Cuts the screen fonts and the coverage table in templates/fonts from the installed font packages.
 * `node tools/build-fonts.ts` rewrites them (same packages, same bytes); `--bundle DIR` instead copies all that a
 * deployed renderer reads, print fonts included, to DIR/templates/fonts.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import opentype from 'opentype.js'
import subsetFont from 'subset-font'
import {
  bundledPath,
  fontFolder,
  PRINT_FONTS,
  type PrintFont,
  printFontPath,
  SCREEN_FONTS,
  THIN_SPACE,
} from '../lambdas/render/fonts.ts'

/** What a screen report may show in Source, in so far as the font has it. */
const SOURCE_RANGES: readonly (readonly [number, number])[] = [
  [0x20, 0x7e],
  [0xa0, 0x24f], // Latin-1, Latin Extended-A and -B
  [0x259, 0x259], // Azeri ə
  [0x2bb, 0x2bc], // Polynesian glottal stops
  [0x300, 0x30c], // combining accents
  [0x1e80, 0x1e85],
  [0x2010, 0x2027],
  [0x202f, 0x203a],
  [0x2044, 0x2044],
  [0x2070, 0x208e], // superiors and inferiors
  [0x20a0, 0x20bf],
  [0x2116, 0x2122],
  [0x2190, 0x2199],
  [0x2206, 0x2265],
  [0x25a0, 0x25cf],
  [0x2610, 0x2611],
  [0x2713, 0x2718],
  [0xfb01, 0xfb02],
]

/** Signs which Source lacks. */
const SYMBOLS = '⚐⚑⌀'
const SYMBOLS_2 = '◇◐◑◒◓◔◕◗◖◊'

/** Layout features the pages use; the rest (small capitals, swashes) is a third of the size. */
const FEATURES = [
  'ccmp',
  'locl',
  'kern',
  'mark',
  'mkmk',
  'liga',
  'calt',
  'lnum',
  'tnum',
  'pnum',
  'onum',
  'sups',
  'subs',
  'frac',
]

/** The code points that a font's cmap holds, ascending. */
export function codePoints(file: Buffer): number[] {
  const cmap: { [key: string]: unknown } = opentype.parse(new Uint8Array(file).buffer).tables.cmap ?? {}
  return Object.entries(cmap.glyphIndexMap ?? {})
    .filter(([, glyph]) => glyph !== 0)
    .map(([code]) => Number(code))
    .sort((a, b) => a - b)
}

/** Sorted code points as ranges in hexadecimal: 20-7e, a0. */
export function toRanges(sorted: readonly number[]): string[] {
  const ranges: string[] = []
  let start: number | undefined
  sorted.forEach((code, i) => {
    start ??= code
    if (sorted[i + 1] === code + 1) return
    ranges.push(start === code ? code.toString(16) : `${start.toString(16)}-${code.toString(16)}`)
    start = undefined
  })
  return ranges
}

/** The ranges of templates/fonts/coverage.json, computed from the installed print fonts. */
export function coverage(): string[] {
  const all = new Set<number>()
  // A family's weights hold the same characters, and a bold that lacks one is replaced by its regular.
  for (const font of PRINT_FONTS) for (const code of codePoints(readFileSync(printFontPath(font)))) all.add(code)
  return toRanges([...all].sort((a, b) => a - b))
}

/** Every file of templates/fonts by name. */
export async function buildFonts(): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>()
  files.set(THIN_SPACE.file, await thinSpace())
  for (const font of SCREEN_FONTS) {
    const source = readFileSync(printFontPath(printFontOf(font.family, font.weight)))
    const subset = await subsetFont(source, screenText(font.family), {
      targetFormat: 'woff2',
      keepFeatures: FEATURES,
      noHinting: true,
      dropTables: ['STAT', 'DSIG', 'MATH'],
    })
    files.set(font.file, subset)
  }
  files.set('OFL.txt', Buffer.from(licence()))
  files.set('coverage.json', Buffer.from(`${JSON.stringify(coverage())}\n`))
  return files
}

/** The copyright lines of the fonts in this folder, then their common licence. */
function licence(): string {
  const texts = ['Noto Sans', ...SCREEN_FONTS.map((font) => font.family)].map((family) =>
    readFileSync(join(dirname(printFontPath(printFontOf(family, 400))), '..', 'LICENSE_FONT'), 'utf8'),
  )
  const copyrights = new Set(texts.map((text) => text.slice(0, text.indexOf('\n')).trim()))
  const body = texts[0]?.slice(texts[0].indexOf('\n')) ?? ''
  return `${[...copyrights].join('\n')}\n${body}`
}

function printFontOf(family: string, weight: number): PrintFont {
  const found = PRINT_FONTS.find((font) => font.family === family && font.weight === weight)
  if (found === undefined) throw new Error(`No print font ${family} ${weight}: add it to PRINT_FONTS`)
  return found
}

function screenText(family: string): string {
  if (family === 'Noto Sans Symbols') return SYMBOLS
  if (family === 'Noto Sans Symbols 2') return SYMBOLS_2
  return SOURCE_RANGES.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => String.fromCodePoint(from + i)),
  ).join('')
}

/**
 * Noto's thin space with an advance of our own. TrueType outlines, since a glyph of a CFF font would leave no U+202F in
 * the PDF's text; and with a full stop, since browsers refuse a font without a single outline (unicode-range hides it).
 */
async function thinSpace(): Promise<Uint8Array> {
  const noto = readFileSync(printFontPath(printFontOf('Noto Sans', 400)))
  const text = `${String.fromCodePoint(THIN_SPACE.codePoint)}.`
  const sfnt = await subsetFont(noto, text, { targetFormat: 'truetype', keepFeatures: [], noHinting: true })
  const font = opentype.parse(new Uint8Array(sfnt).buffer)
  const glyph = font.charToGlyphIndex(text.charAt(0))
  const metrics = sfnt.readUInt16BE(tableOffset(sfnt, 'hhea') + 34)
  if (glyph === 0 || glyph >= metrics)
    throw new Error(`Noto Sans has no advance of its own for U+202F (glyph ${glyph})`)
  sfnt.writeUInt16BE(Math.round(THIN_SPACE.em * font.unitsPerEm), tableOffset(sfnt, 'hmtx') + glyph * 4)
  // Once more, for the checksums.
  return await subsetFont(sfnt, text, { targetFormat: 'woff2', keepFeatures: [] })
}

function tableOffset(sfnt: Buffer, tag: string): number {
  const tables = sfnt.readUInt16BE(4)
  for (let record = 12; record < 12 + tables * 16; record += 16) {
    if (sfnt.toString('latin1', record, record + 4) === tag) return sfnt.readUInt32BE(record + 8)
  }
  throw new Error(`The font has no table ${tag}`)
}

/** Copies what a deployed renderer reads to `target`/templates/fonts. */
export function bundleFonts(target: string): void {
  const to = join(target, 'templates', 'fonts')
  const names = [THIN_SPACE.file, 'coverage.json', 'OFL.txt', ...SCREEN_FONTS.map((font) => font.file)]
  const copies = [
    ...names.map((name) => [join(fontFolder(), name), join(to, name)] as const),
    ...PRINT_FONTS.map((font) => [printFontPath(font), join(to, bundledPath(font))] as const),
  ]
  for (const [from, into] of copies) {
    mkdirSync(dirname(into), { recursive: true })
    cpSync(from, into)
  }
}

if (import.meta.main) {
  const { bundle } = parseArgs({ options: { bundle: { type: 'string' } } }).values
  if (bundle === undefined) {
    for (const [name, bytes] of await buildFonts()) {
      writeFileSync(join(fontFolder(), name), bytes)
      process.stdout.write(`${name} ${bytes.length}\n`)
    }
  } else bundleFonts(bundle)
}
