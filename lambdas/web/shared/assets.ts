import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Organisation } from '../../domain/report/organisation.ts'
import { SCREEN_FONTS, THIN_SPACE } from '../../render/fonts.ts'
import { templateFolder } from '../../templating/folder.ts'

type Asset = { readonly contentType: string; readonly bytes: Uint8Array<ArrayBuffer> }

type Assets = {
  readonly styleSheet: string
  at(version: string, name: string): Asset | undefined
}

const sheetName = 'pages.css'

/** Reads all assets into memory; together they have 250 kB. */
export const openAssets = ({ accent, accentDark }: Organisation): Assets => {
  const folder = templateFolder('pages')
  const font = (file: string) => new Uint8Array(readFileSync(join(folder, 'fonts', file)))
  const files = new Map<string, Asset>(
    [THIN_SPACE, ...SCREEN_FONTS].map(({ file }) => [file, { contentType: 'font/woff2', bytes: font(file) }]),
  )
  const css = [
    face(THIN_SPACE.family, '100 900', THIN_SPACE.file, 'unicode-range:U+202F;'),
    ...SCREEN_FONTS.map(({ family, weight, file }) => face(family, String(weight), file)),
    readFileSync(join(folder, 'report.css'), 'utf8'),
    ...[sheetName, 'room/room.css'].map((file) => readFileSync(join(folder, 'pages', file), 'utf8')),
    `:root{--serif:${stack('Source Serif 4', 'Georgia', 'serif')};--sans:${stack('Source Sans 3', 'system-ui', 'sans-serif')};--mono:${stack('Source Code Pro', 'monospace')}}`,
    ...(accent ? [`@media print,(prefers-color-scheme:light){:root{--accent:${accent}}}`] : []),
    ...(accentDark ? [`@media (prefers-color-scheme:dark){:root{--accent:${accentDark}}}`] : []),
  ].join('\n')
  files.set(sheetName, { contentType: 'text/css; charset=utf-8', bytes: new Uint8Array(Buffer.from(css)) })
  const hash = createHash('sha256')
  for (const { bytes } of files.values()) hash.update(bytes)
  const version = hash.digest('hex').slice(0, 16)
  return {
    styleSheet: `/assets/${version}/${sheetName}`,
    at: (asked, name) => (asked === version ? files.get(name) : undefined),
  }
}

const face = (family: string, weight: string, file: string, range = ''): string =>
  `@font-face{font-family:'${family}';font-weight:${weight};font-style:normal;font-display:swap;${range}src:url(${file}) format('woff2')}`

const generic: readonly string[] = ['serif', 'sans-serif', 'monospace', 'system-ui']

const stack = (...names: readonly string[]): string =>
  [THIN_SPACE.family, ...names].map((name) => (generic.includes(name) ? name : `'${name}'`)).join(',')
