/** The printer: the same bytes, no network, no files read, nothing left behind. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import {
  installChromium,
  openPrinter,
  PrintError,
  type Printer,
  type PrinterOptions,
} from '../../../lambdas/render/chromium.ts'
import { compactPdf } from '../../../lambdas/render/compact-pdf.ts'
import { blankFor } from '../../../lambdas/render/draft.ts'
import { fontFaceCss, PRINT_FONTS } from '../../../lambdas/render/fonts.ts'
import { ActiveContentError } from '../../../lambdas/render/html-check.ts'
import {
  MissingGlyphError,
  normalisePdf,
  pagesWithMissingGlyphs,
  pdfDestinations,
} from '../../../lambdas/render/pdf.ts'
import { pagesWithGlyphZero, pdfFacts, pdfFonts, pdfOutline, pdfTags, pdfText } from '../../support/pdf-text.ts'

const options = { lang: 'fr', title: 'Essai' } as const
const instant = new Date('2024-05-19T19:30:00Z')

const page = (body: string, head = '') =>
  `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Essai</title><style>${fontFaceCss('print')} body{font:10pt var(--sans)}</style>${head}</head><body>${body}</body></html>`

const opened: Printer[] = []
const folders: string[] = []

async function printer(more: PrinterOptions = {}): Promise<Printer> {
  const made = await openPrinter(more)
  opened.push(made)
  return made
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-test-'))
  folders.push(folder)
  return folder
}

/** Profile folders of a host process, and the processes that run in them. */
function leftovers(host: number, folder = tmpdir()): string[] {
  const prefix = `vigie-profile-${host}-`
  const profiles = readdirSync(folder).filter((name) => name.startsWith(prefix))
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && commandLine(name).includes(prefix))
  return [...profiles, ...processes]
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    // It has ended meanwhile.
    return ''
  }
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(20)
}

/** A separate process that runs `script` with openPrinter and an HTML page in scope. */
function host(script: string, environment: Readonly<Record<string, string>> = {}): ChildProcess {
  const module = pathToFileURL(join(import.meta.dirname, '../../../lambdas/render/chromium.ts'))
  const code = `
    import { writeFileSync } from 'node:fs'
    import { openPrinter } from '${module}'
    const html = ${JSON.stringify(page('<p>Bonjour</p>'))}
    const options = ${JSON.stringify(options)}
    const printer = await openPrinter()
    ${script}`
  return spawn(process.execPath, ['--input-type=module', '-e', code], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

let shared: Printer
let server: Server
let hits: string[] = []
let origin = ''

beforeAll(async () => {
  shared = await openPrinter()
  server = createServer((request, response) => {
    hits.push(request.url ?? '')
    response.setHeader('access-control-allow-origin', '*')
    response.end('x')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})

afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

afterAll(async () => {
  await shared.close()
  server.close()
  expect(leftovers(process.pid)).toEqual([])
})

// --- what is printed ----------------------------------------------------------------------------------------------

test('a document has its title, language, tags, outline, pages and destinations', async () => {
  const body = `<h1>Un</h1><p><a href="#deux">vers</a></p><table><tr><th scope="col">a</th></tr><tr><td>b</td></tr></table>
    <h2 id="deux" style="break-before:page">Deux</h2><p>fin 5\u202f187</p>`
  const pdf = await shared.print(
    page(body, '<style>@page{margin:20mm;@bottom-right{content:counter(page) " / " counter(pages)}}</style>'),
    options,
  )
  const text = await pdfText(pdf)
  expect(text).toHaveLength(2)
  expect(text[1]).toMatch(/2 \/ 2/)
  expect(text[1]).toMatch(/fin 5\s187/)
  expect(await pdfOutline(pdf)).toEqual([
    { title: 'Un', level: 1 },
    { title: 'Deux', level: 2 },
  ])
  expect(await pdfFacts(normalisePdf(pdf, instant))).toEqual({
    title: 'Essai',
    lang: 'fr',
    tagged: true,
    created: "D:20240519193000+00'00'",
  })
  expect(await pdfTags(pdf, 1)).toEqual(expect.arrayContaining(['H1', 'P', 'Link', 'Table', 'TR', 'TH', 'TD']))
  expect(pdfDestinations(pdf)).toEqual(new Map([['deux', 2]]))
})

/** A list of contents with a place for the number of its one section, before a sheet break. */
const listed = (number: string, beside = '') =>
  page(
    `<h1>Un</h1><p><a href="#deux">vers <b>${number}</b></a>${beside}</p><h2 id="deux" style="break-before:page">Deux</h2>`,
  )

test('a document is finished by its own draft, to the bytes that it has without one', async () => {
  // The number is also in an attribute and a comment, next to a text that looks like its place.
  const html = (number: string) => listed(number, ` \u206033\u2060<i title="${number}">i</i><!-- ${number} -->`)
  const plain = await shared.print(html('2'), options)
  const drafts: Uint8Array[] = []
  const finished = (draft: Uint8Array) => {
    drafts.push(draft)
    return html(String(pdfDestinations(draft).get('deux')))
  }
  const drafted = await shared.print(html(blankFor('10')), {
    ...options,
    draft: { css: '@media print{b{display:none}}', finished },
  })
  expect(normalisePdf(drafted, instant).equals(normalisePdf(plain, instant))).toBe(true)
  expect(drafts).toHaveLength(1)
  const [draft = new Uint8Array()] = drafts
  expect(await pdfFacts(normalisePdf(draft, instant))).toMatchObject({ tagged: false })
  expect((await pdfText(draft)).join(' ')).not.toContain('10')
})

test('a document that is finished by its draft is checked as any other', async () => {
  const drafted = (finished: string) =>
    shared.print(listed(blankFor('10')), { ...options, draft: { css: '', finished: () => finished } })
  await expect(drafted(listed('2<script>1</script>'))).rejects.toThrow(ActiveContentError)
  await expect(drafted(listed('2 ፩'))).rejects.toThrow(MissingGlyphError)
  await expect(drafted(listed('2').replace('Essai', 'Autre'))).rejects.toThrow('has lang "fr" and title "Autre"')
  await expect(shared.print(listed('2'), options)).resolves.toBeDefined()
})

test('the same document gives the same bytes, again and in another browser', async () => {
  const html = page(
    `<h1>Titre</h1><p>${'Lorem ipsum '.repeat(2_000)}</p><p><a href="#x">x</a></p><p id="x">😀 ə 中</p>`,
  )
  const other = await printer()
  const prints = [
    await shared.print(html, options),
    await shared.print(html, options),
    await other.print(html, options),
  ]
  const [first, ...more] = prints.map((pdf) => Buffer.from(normalisePdf(pdf, instant)))
  for (const again of more) expect(first?.equals(again)).toBe(true)
})

const SCRIPTS: Readonly<Record<string, string>> = {
  French: 'Où l’été naît, çà et là : « œuvre » — 1 234,5 ‰',
  Azeri: 'Azərbaycan Əliyev ğışöüç',
  Vietnamese: 'Tiếng Việt ở đâu',
  Polynesian: 'ʻŌlelo Tāhiti, fa’a’apu',
  Cyrillic: 'Кириллица, Україна їжак',
  Greek: 'Ελληνικά ώρα',
  Arabic: 'العربية والأخبار',
  Hebrew: 'עברית',
  Armenian: 'Հայերեն',
  Georgian: 'ქართული',
  Devanagari: 'हिन्दी समाचार',
  Thai: 'ภาษาไทย',
  Chinese: '中文新闻 繁體國語',
  Japanese: 'ひらがなカタカナ',
  Korean: '한국어 뉴스',
  Mathematical: '𝗯𝗼𝗹𝗱 𝓼𝓬𝓻𝓲𝓹𝓽 ≥ ≤ × − ∑',
  Signs: '⚑ ⚐ ◐ ○ ● ▲ △ → ↗ № € ✓ ☎ ★',
  Emoji: '😀 🚀 ⚠️ 👍🏽 👨‍👩‍👧 ❤️',
  Flags: '🇫🇷 🇳🇨 🇵🇫 🇦🇿 🇷🇺',
}

test('every script prints without a missing glyph, in regular, bold and code', async () => {
  const lines = Object.values(SCRIPTS).map((text) => `<p>${text}</p><p><b>${text}</b></p><code>${text}</code>`)
  expect(pagesWithMissingGlyphs(await shared.print(page(lines.join('')), options))).toEqual([])
})

test('the first print of a browser has the text of fonts that only the print shows', async () => {
  const html = page('<p>5\u202f187 messages</p>', '<style>@media screen{body{display:none}}</style>')
  const own = await printer()
  const first = await own.print(html, options)
  expect((await pdfText(first)).join()).toContain('187 messages')
  const second = await own.print(html, options)
  expect(normalisePdf(first, instant).equals(normalisePdf(second, instant))).toBe(true)
})

test('only our fonts are used, whatever the CSS asks for and the machine has', async () => {
  const ours = PRINT_FONTS.map(({ file }) => basename(file, '.ttf').replace(/_\d+/, '-'))
  const stacks = ['DejaVu Sans', 'Arial', 'Times New Roman', 'Helvetica', 'Courier', 'serif', 'sans-serif', 'monospace']
  const lines = [...stacks, 'system-ui', 'cursive', 'fantasy', 'emoji', 'math'].map(
    (family) => `<p style="font-family:${family}">${Object.values(SCRIPTS).join(' ')}</p>`,
  )
  const used = pdfFonts(await shared.print(page(lines.join('')), options))
  expect(used.filter((name) => !ours.includes(name))).toEqual([])
})

test('each weight of Source is the real one', async () => {
  const body = [400, 600, 700].map(
    (weight) => `<p style="font-weight:${weight}">a<span style="font-family:var(--serif)">b</span></p>`,
  )
  const used = pdfFonts(
    await shared.print(page(`${body.join('')}<code style="font-family:var(--mono)">c</code>`), options),
  )
  expect(used).toEqual([
    'SourceCodePro-Regular',
    'SourceSans3-Bold',
    'SourceSans3-Regular',
    'SourceSans3-SemiBold',
    'SourceSerif4-Regular',
    'SourceSerif4-SemiBold',
  ])
})

test('a missing glyph is named, and the browser continues', async () => {
  const pid = shared.pid()
  const attempt = shared.print(page('<p>Le mot ፩ manque</p>'), options)
  await expect(attempt).rejects.toThrow(MissingGlyphError)
  await expect(attempt).rejects.toThrow('page 1: U+1369 ፩ ("Le mot ፩ manque")')
  const faulty = await attempt.catch((error: unknown) => (error instanceof MissingGlyphError ? error.pdf : undefined))
  expect(faulty && (await pagesWithGlyphZero(compactPdf(faulty, { title: '', links: new Map() })))).toEqual([1])
  expect(shared.pid()).toBe(pid)
})

test('language and title must be those of the request', async () => {
  await expect(shared.print(page('<p>a</p>'), { lang: 'en', title: 'Essai' })).rejects.toThrow(/lang "fr".*"en"/)
})

test('prints that are asked for at once are queued', async () => {
  const words = ['alpha', 'bravo', 'charlie', 'delta']
  const pdfs = await Promise.all(words.map((word) => shared.print(page(`<p>${word}</p>`), options)))
  const texts = await Promise.all(pdfs.map(async (pdf) => (await pdfText(pdf)).join('').trim()))
  expect(texts).toEqual(words)
})

// --- isolation ----------------------------------------------------------------------------------------------------

const hostile = (url: string, secret: string) =>
  page(
    `<p>debut</p><img src="${url}/img"><img src="${url.replace('127.0.0.1', 'localhost')}/localhost"><img srcset="${url}/srcset 1x">
    <picture><source srcset="${url}/source"><img></picture><iframe src="${url}/iframe"></iframe>
    <iframe srcdoc="<img src='${url}/srcdoc'>"></iframe><object data="${url}/object"></object><embed src="${url}/embed">
    <video src="${url}/video" poster="${url}/poster"></video><audio src="${url}/audio" autoplay></audio>
    <svg><image href="${url}/svg" width="5" height="5"/><use href="${url}/use#a"/></svg>
    <iframe src="file://${secret}"></iframe><object data="file://${secret}"></object><embed src="file://${secret}">
    <p style="background:url(${url}/inline);cursor:url(${url}/cursor),auto">a</p>
    <script>fetch('${url}/script');new Image().src='${url}/js';document.body.append('SCRIPT-RAN')</script>
    <script src="${url}/external"></script><form action="${url}/form"><input autofocus onfocus="fetch('${url}/focus')"></form>
    <a href="${url}/link" ping="${url}/ping">lien</a><a download href="data:application/octet-stream,x">d</a><p>fin</p>`,
    `<link rel="stylesheet" href="${url}/css"><link rel="preload" as="image" href="${url}/preload"><link rel="icon" href="${url}/icon">
    <link rel="prefetch" href="${url}/prefetch"><link rel="modulepreload" href="${url}/module"><link rel="manifest" href="${url}/manifest">
    <link rel="dns-prefetch" href="${url}"><link rel="preconnect" href="${url}"><link rel="stylesheet" href="file://${secret}">
    <style>@import url(${url}/import);@font-face{font-family:X;src:url(${url}/font)}p{font-family:X,var(--sans);background:url(${url}/background)}
    @page{background:url(${url}/page)} p::after{content:url(${url}/content)}</style>`,
  )

function secretFile(): string {
  const file = join(temporary(), 'secret.html')
  writeFileSync(file, '<body style="color:red">SECRET-CONTENT</body>')
  return file
}

test('a document that refers outwards is refused before any browser sees it', async () => {
  hits = []
  await expect(shared.print(hostile(origin, secretFile()), options)).rejects.toThrow(ActiveContentError)
  expect(hits).toEqual([])
})

test('even a document that was not checked reaches no server and no file', async () => {
  await fetch(`${origin}/control`)
  expect(hits).toContain('/control')
  hits = []
  const unchecked = await printer({ refuse: () => undefined })
  const pdf = await unchecked.print(hostile(origin, secretFile()), options)
  await sleep(300)
  expect(hits).toEqual([])
  const text = (await pdfText(pdf)).join('\n')
  expect(text).toMatch(/debut[\s\S]*fin/)
  expect(text).not.toMatch(/SECRET|SCRIPT-RAN/)
})

test.each(['http', 'file'])('a redirect by meta to %s: leads nowhere', async (scheme) => {
  hits = []
  const target = scheme === 'http' ? `${origin}/refresh` : `file://${secretFile()}`
  const unchecked = await printer({ refuse: () => undefined, timeoutMs: 5_000 })
  const html = page('<p>reste</p>', `<meta http-equiv="refresh" content="0;url=${target}">`)
  // Chromium may print the page or fail; it must not go there.
  const text = await unchecked.print(html, options).then(
    async (pdf) => (await pdfText(pdf)).join(''),
    (error: unknown) => String(error),
  )
  await sleep(300)
  expect(hits).toEqual([])
  expect(text).not.toContain('SECRET')
})

test('the browser’s environment is built from nothing', async () => {
  process.env.AWS_SECRET_ACCESS_KEY = 'not-for-the-browser'
  const own = await printer()
  try {
    await own.print(page('<p>a</p>'), options)
    const environment = readFileSync(`/proc/${own.pid()}/environ`, 'utf8').split('\0').filter(Boolean)
    const names = environment.map((line) => line.slice(0, line.indexOf('='))).sort()
    expect(names).toEqual(['FONTCONFIG_FILE', 'HOME', 'LANG', 'LD_LIBRARY_PATH', 'PATH', 'TMPDIR', 'TZ'])
    expect(process.env.LD_LIBRARY_PATH).toBeUndefined()
  } finally {
    delete process.env.AWS_SECRET_ACCESS_KEY
  }
})

// --- nothing is left ----------------------------------------------------------------------------------------------

test('a printer that prints nothing unpacks nothing', async () => {
  const folder = temporary()
  const own = await printer({ chromiumDir: folder })
  await own.close()
  expect(readdirSync(folder)).toEqual([])
})

test('close ends the browser and removes its profile, and may be called twice', async () => {
  const before = leftovers(process.pid)
  const own = await printer()
  await own.print(page('<p>a</p>'), options)
  expect(leftovers(process.pid).length).toBeGreaterThan(before.length)
  await Promise.all([own.close(), own.close()])
  expect(leftovers(process.pid)).toEqual(before)
  await expect(own.print(page('<p>a</p>'), options)).rejects.toThrow('The printer is closed')
})

test('close during a print rejects it and leaves nothing', async () => {
  const before = leftovers(process.pid)
  const own = await printer()
  const printing = own.print(page(`<p>${'mot '.repeat(50_000)}</p>`), options)
  const failed = expect(printing).rejects.toThrow(PrintError)
  await until(() => own.pid() !== undefined)
  await own.close()
  await failed
  expect(leftovers(process.pid)).toEqual(before)
})

test('a step that takes too long fails, and leaves nothing', async () => {
  const before = leftovers(process.pid)
  const own = await printer({ timeoutMs: 200 })
  await expect(own.print(page(`<table>${'<tr><td>mot</td></tr>'.repeat(30_000)}</table>`), options)).rejects.toThrow(
    PrintError,
  )
  expect(leftovers(process.pid)).toEqual(before)
})

test('a browser that hangs is killed at close', async () => {
  const before = leftovers(process.pid)
  const own = await printer()
  await own.print(page('<p>a</p>'), options)
  process.kill(own.pid() ?? 0, 'SIGSTOP')
  await own.close()
  expect(leftovers(process.pid)).toEqual(before)
})

test('a browser that died is replaced at the next print', async () => {
  const before = leftovers(process.pid)
  const own = await printer()
  await own.print(page('<p>a</p>'), options)
  const first = own.pid() ?? 0
  process.kill(first, 'SIGKILL')
  const pdf = await own.print(page('<p>encore</p>'), options)
  expect(await pdfText(pdf)).toEqual(['encore'])
  expect(own.pid()).not.toBe(first)
  await own.close()
  expect(leftovers(process.pid)).toEqual(before)
})

test.each(['SIGTERM', 'SIGKILL'] as const)(
  'a host ended by %s leaves no browser, and its profile is swept',
  async (signal) => {
    const folder = temporary()
    const environment = { TMPDIR: folder, VIGIE_CHROMIUM_DIR: tmpdir() }
    const child = host(
      "await printer.print(html, options); console.log('ready'); setInterval(() => {}, 1000)",
      environment,
    )
    await once(child.stdout ?? child, 'data')
    expect(leftovers(child.pid ?? 0, folder)).toHaveLength(2)
    child.kill(signal)
    await once(child, 'exit')
    await until(() => leftovers(child.pid ?? 0, folder).length <= 1)
    const next = host('await printer.print(html, options); await printer.close()', environment)
    expect(await once(next, 'exit')).toEqual([0, null])
    expect(readdirSync(folder)).toEqual([])
  },
)

test('a host that exits without close leaves nothing', async () => {
  const folder = temporary()
  const child = host('await printer.print(html, options); process.exit(3)', {
    TMPDIR: folder,
    VIGIE_CHROMIUM_DIR: tmpdir(),
  })
  expect(await once(child, 'exit')).toEqual([3, null])
  await until(() => leftovers(child.pid ?? 0, folder).length === 0)
  expect(readdirSync(folder)).toEqual([])
})

// --- unpacking ----------------------------------------------------------------------------------------------------

test('two processes that unpack at once, in a temporary folder of their own, both print text', async () => {
  const folder = temporary()
  const results = ['a', 'b'].map((name) => join(folder, `${name}.pdf`))
  const children = results.map((file) =>
    host(`writeFileSync(${JSON.stringify(file)}, await printer.print(html, options)); await printer.close()`, {
      TMPDIR: folder,
      VIGIE_CHROMIUM_DIR: '',
    }),
  )
  const exits = await Promise.all(children.map((child) => once(child, 'exit')))
  expect(exits).toEqual([
    [0, null],
    [0, null],
  ])
  for (const file of results) expect(await pdfText(readFileSync(file))).toEqual(['Bonjour'])
  expect(
    readdirSync(folder)
      .filter((name) => !name.endsWith('.pdf'))
      .sort(),
  ).toEqual([expect.stringMatching(/^vigie-chromium-149\.0\.0-x64-\d+$/), expect.stringMatching(/^vigie-fonts-\d+$/)])
})

test('a truncated browser is unpacked again', async () => {
  const folder = temporary()
  const { executable } = await installChromium(folder)
  const whole = statSync(executable).size
  truncateSync(executable, 1_000)
  mkdirSync(join(folder, `${basename(join(executable, '..'))}.999999999.0123456789ab.tmp`))
  expect((await installChromium(folder)).executable).toBe(executable)
  expect(statSync(executable).size).toBe(whole)
  expect(readdirSync(folder)).toHaveLength(1)
})

test('a folder that others can write is not trusted', async () => {
  const folder = temporary()
  const { executable } = await installChromium(folder)
  chmodSync(join(executable, '..'), 0o777)
  await expect(installChromium(folder)).rejects.toThrow('only we can write')
})

test('a Chrome of the system that cannot be run is named', async () => {
  const own = await printer({ chromePath: '/nowhere/chrome' })
  await expect(own.print(page('<p>a</p>'), options)).rejects.toThrow('/nowhere/chrome cannot be run')
  expect(leftovers(process.pid).length).toBeLessThanOrEqual(2)
})
