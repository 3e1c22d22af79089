import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createReadStream, createWriteStream, existsSync, readFileSync, rmSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { basename, dirname, join, resolve, sep } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { createBrotliDecompress } from 'node:zlib'
import type { Browser, CDPSession, ConnectionTransport, Page } from 'puppeteer-core'
import { extract } from 'tar-stream'
import { messageOf } from '../domain/core/text/thrown.ts'
import { chooseBrowser, environmentOf, isBundledFor } from './browser-choice.ts'
import { type Draft, fillingScript, fillsOf } from './draft.ts'
import { printFontFolder } from './fonts.ts'
import { refuseActiveContent } from './html-check.ts'
import { pdfLang, pdfTitle, requireGlyphs } from './pdf.ts'

type PrintOptions = {
  /** The document's <html lang> and <title> must match these. */
  readonly lang: 'fr' | 'en'
  readonly title: string
  readonly draft?: Draft | undefined
}

export type Printer = {
  /**
   * Prints a self-contained document (A4 unless its CSS overrides it). Calls are queued. Throws ActiveContentError
   * before, MissingGlyphError (with the PDF) after the print, or PrintError: then the browser is discarded, and the
   * next call starts a new one.
   */
  print(html: string, options: PrintOptions): Promise<Uint8Array>
  /** Ends the browser, after some seconds by SIGKILL, and removes its files. Idempotent, callable at any time. */
  close(): Promise<void>
  pid(): number | undefined
}

export type PrinterOptions = {
  /** By default VIGIE_CHROMIUM_DIR, else the system's temporary folder. */
  readonly chromiumDir?: string
  /** Replaces the bundled or installed browser; by default CHROME_PATH. */
  readonly chromePath?: string
  /** Timeout of one step in milliseconds; 120,000 by default. */
  readonly timeoutMs?: number
  /** Only the browser isolation test replaces it. */
  readonly refuse?: (html: string) => void
}

export class PrintError extends Error {
  override readonly name = 'PrintError'
}

const CLOSE_MS = 3_000

/** No cleaning between a report's prints while they are few and small. The limit bounds the garbage. */
const IDLE_MS = 100
const MOST_UNCLEAN = { prints: 4, bytes: 800_000 }
const PROFILE_PREFIX = 'vigie-profile-'

const running = new Set<Chromium>()

type Chromium = { readonly process: ChildProcess; readonly pid: number; readonly profile: string; stderr: string }
type Session = { readonly chromium: Chromium; readonly browser: Browser; readonly page: Page; readonly cdp: CDPSession }

const stepMs = 120_000

export async function openPrinter(options: PrinterOptions = {}): Promise<Printer> {
  const { timeoutMs = stepMs, refuse = refuseActiveContent } = options
  let session: Promise<Session> | undefined
  let queue: Promise<unknown> = Promise.resolve()
  let closing: Promise<void> | undefined
  let ended: Promise<void> = Promise.resolve()
  let pid: number | undefined
  let unclean = { prints: 0, bytes: 0 }
  let idle: NodeJS.Timeout | undefined

  const assertOpen = () => {
    if (closing !== undefined) throw new PrintError('The printer is closed: open another one')
  }

  const start = async (): Promise<Session> => {
    const started = await launch(options, timeoutMs, assertOpen)
    pid = started.chromium.pid
    return started
  }

  const discard = (): Promise<void> => {
    const ending = end(session)
    session = undefined
    pid = undefined
    ended = ended.then(() => ending)
    return ended
  }

  const printQueued = async (html: string, expected: PrintOptions): Promise<Printed> => {
    assertOpen()
    let reused = session !== undefined
    for (;;) {
      session ??= start()
      let opened: Session | undefined
      try {
        opened = await session
        return await printOn(opened, html, expected, timeoutMs)
      } catch (cause) {
        const died = opened !== undefined && !(isRunning(opened.chromium) && opened.browser.connected)
        const stderr = opened?.chromium.stderr.trim()
        await discard()
        assertOpen()
        // A browser that died since its last print is replaced once. A document that kills a fresh one is at fault.
        if (died && reused) {
          reused = false
          continue
        }
        throw new PrintError(`Printing "${expected.title}" failed: ${messageOf(cause)}${stderr ? `\n${stderr}` : ''}`, {
          cause,
        })
      }
    }
  }

  const clean = async () => {
    if (session === undefined || closing !== undefined || unclean.prints === 0) return
    unclean = { prints: 0, bytes: 0 }
    try {
      await blank(await session, timeoutMs)
    } catch {
      // The print succeeded; a browser that cannot be cleaned is discarded.
      await discard()
    }
  }

  /** Cleans when idle: cleaning takes a quarter of a print. */
  const cleanLater = () => {
    idle = setTimeout(() => {
      queue = queue.then(clean)
    }, IDLE_MS).unref()
  }

  const print: Printer['print'] = async (html, expected) => {
    refuse(html)
    clearTimeout(idle)
    const printed = queue.then(async () => {
      if (unclean.prints >= MOST_UNCLEAN.prints || unclean.bytes >= MOST_UNCLEAN.bytes) await clean()
      return printQueued(html, expected)
    })
    // The caller handles the error of `printed`, close() reports a browser that does not end.
    queue = printed.then(({ pdf }) => {
      clearTimeout(idle)
      if (pdf === undefined) return
      unclean = { prints: unclean.prints + 1, bytes: unclean.bytes + pdf.length }
      cleanLater()
    }, cleanLater)
    const { pdf, document } = await printed
    if (pdf === undefined) return print(document, { ...expected, draft: undefined })
    requireGlyphs(pdf, document)
    return pdf
  }

  return {
    print,
    async close() {
      clearTimeout(idle)
      closing ??= discard()
      await closing
    },
    pid: () => pid,
  }
}

async function end(session: Promise<Session> | undefined): Promise<void> {
  const opened = await session?.catch(() => undefined)
  if (opened !== undefined) await shut(opened.chromium, opened.browser)
}

/** No PDF: the draft needs another document than the filled one. */
type Printed = { readonly pdf: Uint8Array | undefined; readonly document: string }

async function printOn({ page }: Session, html: string, expected: PrintOptions, ms: number): Promise<Printed> {
  await bounded(page.setContent(html, { waitUntil: 'load', timeout: ms }), ms, 'loading the HTML')
  await bounded(page.evaluate(loadFonts), ms, 'loading the fonts')
  // Another renderer after a cleaning has not the emulation of the one before.
  await bounded(Promise.all([page.emulateMediaType('print'), page.setViewport(sheet)]), ms, 'setting the sheet')
  const pdfOf = async (isWhole: boolean) => {
    await bounded(page.evaluate(fitPageOne), ms, 'fitting page 1')
    return bounded(
      page.pdf({
        format: 'A4',
        preferCSSPageSize: true,
        printBackground: true,
        tagged: isWhole,
        outline: isWhole,
        waitForFonts: true,
        timeout: ms,
      }),
      ms,
      'printing',
    )
  }
  let document = html
  if (expected.draft) {
    const { css, finished } = expected.draft
    await bounded(page.evaluate(styled(css)), ms, 'styling a draft')
    const draft = await pdfOf(false)
    // The next document is written into this one and would keep the draft's styles.
    await bounded(page.evaluate(styled('')), ms, 'finishing a draft')
    document = finished(draft)
    const fills = fillsOf(html, document)
    const isFilled = fills && (await bounded(page.evaluate(fillingScript(fills)), ms, 'finishing a draft'))
    if (!isFilled) return { pdf: undefined, document }
  }
  const pdf = await pdfOf(true)
  const found = { lang: pdfLang(pdf), title: pdfTitle(pdf) }
  if (found.lang !== expected.lang || found.title !== expected.title) {
    throw new PrintError(
      `The document has lang "${found.lang}" and title "${found.title}" where "${expected.lang}" and "${expected.title}" are expected: correct <html lang> and <title>`,
    )
  }
  return { pdf, document }
}

/** Changes styles without an element, so that the document stays unchanged. */
const styled = (css: string): string =>
  `{ const sheet = new CSSStyleSheet(); sheet.replaceSync(${JSON.stringify(css)}); document.adoptedStyleSheets = [sheet] }`

/**
 * A face used only in print would load too late, and its text would be missing. Faces that fail fall back to the next
 * family. A string, since bundlers change functions.
 */
const loadFonts = 'Promise.allSettled(Array.from(document.fonts, (face) => face.load())).then(() => undefined)'

/** CSS px between the margins of report.css, less what rounding may take. */
const sheet = { width: 657, height: 948 }

/** Page 1 is one sheet whatever its texts are: closer first, then smaller, down to 9 points. */
const fitPageOne = `(() => {
  const one = document.querySelector('.one')
  const isOver = () => one !== null && one.getBoundingClientRect().height > ${sheet.height}
  if (isOver()) one.classList.add('tight')
  for (let size = 9.8; isOver() && size >= 9; size -= 0.2) one.style.fontSize = size + 'pt'
})()`

/** Answered locally: browsers offer image decoders only in secure contexts. */
const emptyPage = 'https://vigie.invalid/'

/**
 * Runs work in a temporary browser without network or files. It runs only the evaluated script, given as text.
 * @throws PrintError where the browser does not start, or a step takes too long; else what the work throws
 */
export async function withPage<Done>(
  options: Pick<PrinterOptions, 'chromiumDir' | 'chromePath' | 'timeoutMs'>,
  work: (evaluate: <Value>(script: string, what: string) => Promise<Value>) => Promise<Done>,
): Promise<Done> {
  const { timeoutMs = stepMs } = options
  const { chromium, browser, page } = await launch(options, timeoutMs, () => undefined)
  try {
    // Takes effect from the next document.
    await page.setJavaScriptEnabled(true)
    await bounded(page.goto(emptyPage, { timeout: timeoutMs }), timeoutMs, 'opening a page')
    return await work((script, what) => bounded(page.evaluate(script) as Promise<never>, timeoutMs, what))
  } finally {
    await shut(chromium, browser)
  }
}

/** Without this a reused page grows without limit. */
async function blank({ page, cdp }: Session, ms: number): Promise<void> {
  await bounded(page.goto('about:blank', { timeout: ms }), ms, 'blanking the page')
  await bounded(cdp.send('HeapProfiler.collectGarbage'), ms, 'collecting garbage')
}

// --- launch and end ---

/** Not the package's list, which has --disable-web-security and --allow-running-insecure-content. */
const ARGUMENTS = [
  '--headless',
  '--no-sandbox', // Lambda and containers run as root; scripts are off and nothing is fetched
  '--disable-setuid-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--font-render-hinting=none',
  '--force-color-profile=srgb',
  '--hide-scrollbars',
  '--lang=en-US',
  '--user-agent=Vigie', // a full Chrome writes it to the PDF as /Creator, with version and platform
  '--host-resolver-rules=MAP * ~NOTFOUND',
  '--no-proxy-server',
  '--no-pings',
  '--disable-background-networking',
  '--disable-breakpad',
  '--disable-client-side-phishing-detection',
  '--disable-component-update',
  '--disable-crash-reporter',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-extensions',
  '--disable-features=Translate,MediaRouter,OptimizationHints',
  '--disable-sync',
  '--metrics-recording-only',
  '--mute-audio',
  '--no-default-browser-check',
  '--no-first-run',
  '--password-store=basic',
  '--use-mock-keychain',
  '--export-tagged-pdf',
  '--generate-pdf-document-outline',
  '--remote-debugging-pipe', // no port open to others, and Chromium ends with this process
]

/** Halves the launch time; only the bundled headless shell supports it. */
const SINGLE_PROCESS = ['--single-process', '--no-zygote']

export async function browserHere({
  chromePath,
  chromiumDir,
}: Pick<PrinterOptions, 'chromePath' | 'chromiumDir'> = {}): Promise<{
  readonly executable: string
  readonly isBundled: boolean
  readonly args: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}> {
  const choice = chooseBrowser(process, chromePath ?? process.env.CHROME_PATH, existsSync)
  if (choice.kind === 'none') {
    throw new PrintError(
      `No browser is bundled for ${process.platform} on ${process.arch}, and none of these is there: ${choice.places.join(', ')}. Install Chrome, Chromium or Edge, or name one by CHROME_PATH`,
    )
  }
  const base = resolve((chromiumDir ?? process.env.VIGIE_CHROMIUM_DIR) || tmpdir())
  // Elsewhere there is no fontconfig, and the printed document contains the fonts.
  const fonts = process.platform === 'linux' ? { FONTCONFIG_FILE: await writeFontsConf(base) } : {}
  if (choice.kind !== 'bundled')
    return { executable: choice.path, isBundled: false, args: ARGUMENTS, environment: fonts }
  const { executable, libraries } = await installChromium(base)
  return {
    executable,
    isBundled: true,
    args: [...ARGUMENTS, ...SINGLE_PROCESS],
    environment: { ...fonts, LD_LIBRARY_PATH: libraries },
  }
}

async function launch(options: PrinterOptions, ms: number, assertOpen: () => void): Promise<Session> {
  const { executable, args, environment } = await browserHere(options)
  await sweepProfiles()
  assertOpen()
  const chromium = await spawnChromium(executable, args, environment)
  let browser: Browser | undefined
  try {
    // Lets a later process clean up if this one is killed.
    await writeFile(join(chromium.profile, 'pid'), String(chromium.pid))
    // Commands that print nothing need not load it.
    const { connect } = await import('puppeteer-core')
    const connecting = connect({
      transport: pipeTransport(chromium.process),
      defaultViewport: null,
      protocolTimeout: ms,
      downloadBehavior: { policy: 'deny' },
    })
    browser = await bounded(connecting, ms, 'launching Chromium')
    const page = await bounded(openPage(browser), ms, 'opening a page')
    const cdp = await bounded(page.createCDPSession(), ms, 'opening a session')
    assertOpen()
    return { chromium, browser, page, cdp }
  } catch (cause) {
    await shut(chromium, browser)
    throw new PrintError(`Chromium did not start: ${messageOf(cause)}\n${chromium.stderr}`, { cause })
  }
}

/**
 * Runs no script and loads only data: URLs. Interception misses <link rel=prefetch>, which refuseActiveContent and the
 * resolver rule block.
 */
async function openPage(browser: Browser): Promise<Page> {
  const page = (await browser.pages())[0] ?? (await browser.newPage())
  await page.setJavaScriptEnabled(false)
  await page.setRequestInterception(true)
  page.on('request', (request) => {
    if (request.url() === emptyPage) {
      void request.respond({ contentType: 'text/html', body: '<!doctype html><title>-</title>' }).catch(() => undefined)
      return
    }
    const allowed = request.url().startsWith('data:') || request.url() === 'about:blank'
    void (allowed ? request.continue() : request.abort('accessdenied')).catch(() => undefined)
  })
  return page
}

async function spawnChromium(
  executable: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Chromium> {
  const profile = join(tmpdir(), `${PROFILE_PREFIX}${process.pid}-${randomBytes(6).toString('hex')}`)
  await mkdir(profile, { mode: 0o700 })
  const child = spawn(executable, [...args, `--user-data-dir=${profile}`, 'about:blank'], {
    env: { ...environmentOf(process, profile), ...environment },
    // Core files are written here, and so are removed with the profile.
    cwd: profile,
    // Can be killed as a whole, and Ctrl-C reaches only the host.
    detached: process.platform !== 'win32',
    windowsHide: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
  })
  try {
    await once(child, 'spawn')
  } catch (cause) {
    await rm(profile, { recursive: true, force: true })
    throw new PrintError(`${executable} cannot be run: ${messageOf(cause)}`, { cause })
  }
  const chromium: Chromium = { process: child, pid: child.pid ?? 0, profile, stderr: '' }
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    chromium.stderr = (chromium.stderr + text).slice(-2_000)
  })
  if (running.size === 0) process.on('exit', removeRunning)
  running.add(chromium)
  return chromium
}

function isRunning({ process: child }: Chromium): boolean {
  return child.exitCode === null && child.signalCode === null
}

async function shut(chromium: Chromium, browser?: Browser): Promise<void> {
  const ended: Promise<unknown> = isRunning(chromium) ? once(chromium.process, 'exit') : Promise.resolve()
  try {
    if (isRunning(chromium) && browser !== undefined) {
      await bounded(Promise.all([browser.close(), ended]), CLOSE_MS, 'closing Chromium')
    }
  } catch {}
  killAll(chromium)
  if (isRunning(chromium)) await bounded(ended, CLOSE_MS, `killing Chromium (process ${chromium.pid})`)
  running.delete(chromium)
  if (running.size === 0) process.off('exit', removeRunning)
  // On Windows, child processes keep files open a moment longer.
  await rm(chromium.profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  await removeCores(chromium.pid)
}

/** Nothing can be awaited at the host's exit. */
function removeRunning(): void {
  for (const chromium of running) {
    killAll(chromium)
    rmSync(chromium.profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 20 })
  }
}

/** Windows has no process groups, ends child processes too, and soon reuses process ids. */
function killAll(chromium: Chromium): void {
  if (process.platform !== 'win32') killGroup(chromium.pid)
  else if (isRunning(chromium)) chromium.process.kill('SIGKILL')
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // The whole group has ended; macOS reports EPERM until the exit status is collected.
    const ended = process.platform === 'darwin' ? ['ESRCH', 'EPERM'] : ['ESRCH']
    if (!ended.includes(codeOf(error) ?? '')) throw error
  }
}

/** Some kernels write core files to the temporary folder. */
async function removeCores(pid: number): Promise<void> {
  const core = new RegExp(`^core\\.(.*\\.)?${pid}$`)
  for (const name of await readdir(tmpdir())) if (core.test(name)) await rm(join(tmpdir(), name), { force: true })
}

async function sweepProfiles(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const owner = /^vigie-profile-(\d+)-[0-9a-f]{12}$/.exec(name)?.[1]
    if (owner === undefined || isAlive(Number(owner))) continue
    const profile = join(tmpdir(), name)
    const found = await lstat(profile).catch(ignoreMissing)
    // Skips other users' folders in a shared /tmp.
    if (found === undefined || !found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) continue
    const pid = Number(await readFile(join(profile, 'pid'), 'utf8').catch(ignoreMissing))
    // The id may be reused: kills only a process that works in this profile.
    const folder = pid > 0 ? await readlink(`/proc/${pid}/cwd`).catch(() => undefined) : undefined
    if (folder === profile) killGroup(pid)
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

/** DevTools messages over file descriptors 3 and 4: JSON ending in NUL. */
function pipeTransport(child: ChildProcess): ConnectionTransport {
  const input = child.stdio[3] as Writable
  const output = child.stdio[4] as Readable
  let parts: string[] = []
  const transport: ConnectionTransport = {
    send: (message) => void input.write(`${message}\0`),
    close: () => void input.end(),
  }
  input.on('error', () => undefined)
  output.on('error', () => undefined)
  output.setEncoding('utf8').on('data', (text: string) => {
    const messages = text.split('\0')
    const rest = messages.pop() ?? ''
    for (const message of messages) {
      transport.onmessage?.(parts.join('') + message)
      parts = []
    }
    parts.push(rest)
  })
  output.on('close', () => transport.onclose?.())
  return transport
}

// --- bundled binary ---

type Installed = { readonly executable: string; readonly libraries: string }

/**
 * The package's own code reuses any /tmp/chromium without lock or check, and sets LD_LIBRARY_PATH for the process.
 * Throws except on x64 Linux, and if another user owns the folder.
 */
export async function installChromium(base: string): Promise<Installed> {
  if (!isBundledFor(process)) {
    throw new PrintError(
      `The bundled Chromium is for Linux on x64, not ${process.platform} on ${process.arch}: set CHROME_PATH to a Chrome`,
    )
  }
  const main = createRequire(import.meta.url).resolve('@sparticuz/chromium')
  const root = main.slice(0, main.lastIndexOf(`${sep}build${sep}`))
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const folder = join(base, `vigie-chromium-${version}-${process.arch}-${process.getuid?.() ?? 0}`)
  const installed = { executable: join(folder, 'chromium'), libraries: join(folder, 'lib') }
  if (await isWhole(folder)) return installed

  const fresh = `${folder}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(fresh, { recursive: true, mode: 0o700 })
    await Promise.all([
      pipeline(
        createReadStream(join(root, 'bin', 'chromium.br'), { highWaterMark: 4 << 20 }),
        createBrotliDecompress({ chunkSize: 2 << 20 }),
        createWriteStream(join(fresh, 'chromium'), { mode: 0o700 }),
      ),
      unpackTar(join(root, 'bin', 'al2023.tar.br'), fresh),
    ])
    await writeFile(join(fresh, MARKER), JSON.stringify(await sizes(fresh)))
    await sweepUnfinished(folder)
    await putInPlace(fresh, folder)
  } catch (cause) {
    throw new PrintError(
      `Chromium cannot be unpacked to ${folder}: ${messageOf(cause)}. It needs 200 MB there; VIGIE_CHROMIUM_DIR names another place`,
      { cause },
    )
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
  return installed
}

/** Written last; a folder is used only if all sizes match. */
const MARKER = 'unpacked.json'

async function sizes(folder: string): Promise<Record<string, number>> {
  const found: Record<string, number> = {}
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    if (entry.isFile() && entry.name !== MARKER) found[path.slice(folder.length + 1)] = (await stat(path)).size
  }
  return found
}

/**
 * Throws unless the folder is ours alone: in a shared /tmp anyone can create it first, with their own program or fonts.
 */
async function isOurs(folder: string): Promise<boolean> {
  const found = await lstat(folder).catch(ignoreMissing)
  if (found === undefined) return false
  const uid = process.getuid?.()
  if (!found.isDirectory() || (uid !== undefined && (found.uid !== uid || (found.mode & 0o022) !== 0))) {
    throw new PrintError(`${folder} is not a folder that only we can write: remove it, or set VIGIE_CHROMIUM_DIR`)
  }
  return true
}

async function isWhole(folder: string): Promise<boolean> {
  if (!(await isOurs(folder))) return false
  const marker = await readFile(join(folder, MARKER), 'utf8').catch(ignoreMissing)
  if (marker === undefined) return false
  const found = await sizes(folder)
  return JSON.stringify(Object.entries(found).sort()) === JSON.stringify(Object.entries(parseSizes(marker)).sort())
}

function parseSizes(marker: string): Record<string, unknown> {
  try {
    return JSON.parse(marker) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** A second process uses the first one's folder. */
async function putInPlace(fresh: string, folder: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await rename(fresh, folder)
      return
    } catch (error) {
      if (await isWhole(folder)) return
      if (attempt === 3 || !['ENOTEMPTY', 'EEXIST'].includes(codeOf(error) ?? '')) throw error
      const broken = `${fresh.slice(0, -'.tmp'.length)}.broken.tmp`
      await rename(folder, broken).catch(ignoreMissing)
      await rm(broken, { recursive: true, force: true })
      await sleep(10 * attempt)
    }
  }
}

async function sweepUnfinished(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.`
  for (const name of await readdir(dirname(folder))) {
    const owner = name.startsWith(prefix) ? /^(\d+)\..*tmp$/.exec(name.slice(prefix.length))?.[1] : undefined
    if (owner === undefined || isAlive(Number(owner))) continue
    await rm(join(dirname(folder), name), { recursive: true, force: true })
  }
}

async function unpackTar(file: string, folder: string): Promise<void> {
  const archive = extract()
  archive.on('entry', (header, content, next) => {
    const path = resolve(folder, header.name)
    if (header.type !== 'file' || !path.startsWith(folder + sep)) {
      content.resume().on('end', next)
      return
    }
    mkdir(dirname(path), { recursive: true })
      .then(() => pipeline(content, createWriteStream(path, { mode: 0o700 })))
      .then(() => next(), next)
  })
  await pipeline(createReadStream(file), createBrotliDecompress(), archive)
}

/** Shows Chromium only our fonts. The name is a content hash, so that Vigie versions can share a machine. */
async function writeFontsConf(base: string): Promise<string> {
  const generic = (name: string, family: string) =>
    `<alias binding="same"><family>${name}</family><prefer><family>${family}</family></prefer></alias>`
  const folder = join(base, `vigie-fonts-${process.getuid?.() ?? 0}`)
  const content = [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    `<dir>${escapeXml(printFontFolder())}</dir>`,
    `<cachedir>${escapeXml(join(folder, 'cache'))}</cachedir>`,
    generic('serif', 'Source Serif 4'),
    generic('sans-serif', 'Source Sans 3'),
    generic('monospace', 'Source Code Pro'),
    '</fontconfig>',
  ].join('\n')
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16)
  const file = join(folder, `${hash}.conf`)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  await isOurs(folder)
  if ((await readFile(file, 'utf8').catch(ignoreMissing)) === content) return file
  const fresh = `${file}.${process.pid}.${randomBytes(6).toString('hex')}.tmp`
  await writeFile(fresh, content)
  await rename(fresh, file)
  return file
}

const escapeXml = (text: string) => text.replace(/[&<>]/g, (sign) => `&#${sign.charCodeAt(0)};`)

/** The work continues; the caller kills it. */
async function bounded<T>(work: Promise<T>, ms: number, what: string): Promise<T> {
  const timer = new AbortController()
  work.catch(() => undefined)
  const deadline = sleep(ms, undefined, { signal: timer.signal }).then(() => {
    throw new PrintError(`${what} took more than ${ms} ms`)
  })
  try {
    return await Promise.race([work, deadline])
  } finally {
    deadline.catch(() => undefined)
    timer.abort()
  }
}

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== 'ENOENT') throw error
}
