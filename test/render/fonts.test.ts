/** The font list, the subsets and the coverage table agree with the print fonts. */
import { existsSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import {
  fontFaceCss,
  fontFolder,
  isCovered,
  PRINT_FONTS,
  printFontFolder,
  printFontPath,
  SCREEN_FONTS,
  THIN_SPACE,
} from '../../lambdas/render/fonts.ts'
import { buildFonts, toRanges } from '../../tools/build-fonts.ts'

test('the committed files are those of build-fonts', async () => {
  const built = await buildFonts()
  expect([...built.keys(), 'OFL.txt', 'print'].sort()).toEqual(readdirSync(fontFolder()).sort())
  for (const [name, bytes] of built) {
    const committed = readFileSync(join(fontFolder(), name))
    expect(committed.equals(bytes), `${name}: npm run build:fonts`).toBe(true)
  }
})

test('the screen subsets weigh at most 250 KB and the print fonts 40 MB', () => {
  const screen = SCREEN_FONTS.map((font) => statSync(join(fontFolder(), font.file)).size)
  const print = PRINT_FONTS.map((font) => statSync(printFontPath(font)).size)
  const sum = (sizes: readonly number[]) => sizes.reduce((a, b) => a + b, 0)
  expect(sum(screen)).toBeLessThan(250_000)
  expect(sum(print)).toBeLessThan(40_000_000)
})

test('the folder of fontconfig contains the print fonts only', () => {
  expect(readdirSync(printFontFolder()).sort()).toEqual(PRINT_FONTS.map(({ file }) => file).sort())
})

test('the print fonts are those of their packages', (context) => {
  const packages = join(import.meta.dirname, '../../tools/fonts/node_modules/@expo-google-fonts')
  context.skip(!existsSync(packages), 'the packages are not installed: npm run build:fonts')
  const found = globSync('**/*.ttf', { cwd: packages }).map((file) => [file.split('/').at(-1), join(packages, file)])
  const byName = Object.fromEntries(found)
  for (const { file } of PRINT_FONTS)
    expect(readFileSync(join(printFontFolder(), file)).equals(readFileSync(byName[file])), file).toBe(true)
})

test('screen CSS embeds every face; print CSS embeds the thin space only', () => {
  const screen = fontFaceCss('screen')
  expect(screen.match(/@font-face/g)).toHaveLength(SCREEN_FONTS.length + 1)
  expect(screen).not.toMatch(/url\((?!data:font\/woff2;base64,)/)
  const print = fontFaceCss('print')
  if (process.platform === 'linux') expect(print.match(/@font-face/g)).toHaveLength(1)
  for (const css of [screen, print]) {
    expect(css).toContain('unicode-range:U+202F')
    for (const name of ['serif', 'sans', 'mono']) expect(css).toContain(`--${name}:'${THIN_SPACE.family}',`)
  }
})

test('coverage lists the characters of the print fonts', () => {
  for (const character of 'aéəƏЖΩعאԱაไ国한かĀ€≥⚑😀𝗯\u202f') {
    expect(isCovered(character.codePointAt(0) ?? 0), character).toBe(true)
  }
  for (const codePoint of [0x1369, 0x10fffd, 0xe000, 0x12000]) expect(isCovered(codePoint)).toBe(false)
})

test('ranges are ascending and joined', () => {
  expect(toRanges([0x20, 0x21, 0x22, 0xa0])).toEqual(['20-22', 'a0'])
  expect(toRanges([])).toEqual([])
})
