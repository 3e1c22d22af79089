/**
 * Cuts the screen fonts and the coverage table in templates/fonts from the print fonts beside them.
 * `npm run build:fonts` takes those first from their packages, which it installs in tools/fonts.
 */
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import opentype from 'opentype.js'
import subsetFont from 'subset-font'
import {
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
function codePoints(file: Buffer): number[] {
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

/** The ranges of templates/fonts/coverage.json, computed from the print fonts. */
function coverage(): string[] {
  const all = new Set<number>()
  // A family's weights hold the same characters, and a bold that lacks one is replaced by its regular.
  for (const font of PRINT_FONTS) for (const code of codePoints(readFileSync(printFontPath(font)))) all.add(code)
  return toRanges([...all].sort((a, b) => a - b))
}

/** The files that are cut from the print fonts, by name. */
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
  files.set('coverage.json', Buffer.from(`${JSON.stringify(coverage())}\n`))
  return files
}

/** Copies the print fonts from their packages, and writes their copyright lines with their common licence. */
function takePrintFonts(): void {
  const licences = PRINT_FONTS.map((font) => {
    const style = font.file.slice(font.file.indexOf('_') + 1, -'.ttf'.length)
    // "Noto Sans Symbols 2" and "Source Serif 4" are noto-sans-symbols-2 and source-serif-4 on npm.
    const name = `@expo-google-fonts/${font.family.toLowerCase().replaceAll(' ', '-')}`
    const folder = join(import.meta.dirname, 'fonts/node_modules', name)
    copyFileSync(join(folder, style, font.file), printFontPath(font))
    return readFileSync(join(folder, 'LICENSE_FONT'), 'utf8')
  })
  const copyrights = new Set(licences.map((text) => text.slice(0, text.indexOf('\n')).trim()))
  const body = licences[0]?.slice(licences[0].indexOf('\n')) ?? ''
  writeFileSync(join(fontFolder(), 'OFL.txt'), `${[...copyrights].join('\n')}\n${body}`)
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

if (import.meta.main) {
  if (parseArgs({ options: { take: { type: 'boolean' } } }).values.take) takePrintFonts()
  for (const [name, bytes] of await buildFonts()) {
    writeFileSync(join(fontFolder(), name), bytes)
    process.stdout.write(`${name} ${bytes.length}\n`)
  }
}
