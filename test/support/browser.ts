/**
 * A reader's browser: the one that prints here, with scripts on, for checks that look at a page as it stands on a
 * screen.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import puppeteer, { type Page } from 'puppeteer-core'
import { browserHere } from '../../lambdas/render/chromium.ts'

type Screen = { readonly width: number; readonly scheme: 'light' | 'dark' }

export type Reader = {
  /** Shows a document on a screen; the page is the same one each time. */
  show(html: string, screen: Screen): Promise<Page>
  /** The page that was shown, on another screen. */
  turn(screen: Screen): Promise<Page>
  close(): Promise<void>
}

type ReaderOptions = {
  /** Visits servers on this machine, under the policies of their pages; else it sees only what it is shown. */
  readonly visits?: boolean
}

/** Takes the place of the rule that lets nothing be found. */
const loopbackOnly = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1'

/**
 * Has axe-core loaded in a page. It stays where another document is written over this one (`show`, `setContent`), and
 * what it has run so far makes it twice as quick.
 */
export const withChecker = async (page: Page): Promise<void> => {
  if (await page.evaluate('typeof globalThis.axe?.run === "function"')) return
  checker ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  await page.evaluate(await checker)
}

let checker: Promise<string> | undefined

export const openReader = async ({ visits = false }: ReaderOptions = {}): Promise<Reader> => {
  const { executable, args, environment } = await browserHere()
  const profile = await mkdtemp(join(tmpdir(), 'vigie-test-'))
  const browser = await puppeteer.launch({
    executablePath: executable,
    args: [...args, ...(visits ? [loopbackOnly] : [])],
    userDataDir: profile,
    pipe: true,
    // What hangs is ended by the test's own time.
    timeout: 0,
    protocolTimeout: 0,
    env: { ...process.env, ...environment },
  })
  const page = await browser.newPage()
  page.setDefaultTimeout(0)
  // The page's own policy forbids every script, and so the checker's too.
  await page.setBypassCSP(!visits)
  const turn = async ({ width, scheme }: Screen): Promise<Page> => {
    await page.setViewport({ width, height: 900 })
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: scheme }])
    return page
  }
  return {
    show: async (html, screen) => {
      await page.setContent(html, { waitUntil: 'load' })
      return turn(screen)
    },
    turn,
    close: async () => {
      await browser.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
