/**
 * What prints HTML to PDF in the benchmarks: ours, and what it stands beside. Each is opened, prints, and is closed.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer, text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import puppeteer, { type Page } from 'puppeteer-core'
import { browserHere, openPrinter } from '../lambdas/render/chromium.ts'
import { compactPdf } from '../lambdas/render/compact-pdf.ts'
import { normalisePdf } from '../lambdas/render/pdf.ts'

export type Document = { readonly html: string; readonly title: string }

/** A way to PDF. Opening loads its code and starts no browser: that is the first print's, the cold one. */
export type Contestant = {
  readonly name: string
  /** Nothing is kept from one print to the next: each is as cold as the first. */
  readonly isAlwaysCold?: true
  open(): Promise<Opened>
}

type Opened = {
  print(document: Document): Promise<Uint8Array>
  close(): Promise<void>
}

const asOf = new Date('2024-05-20T00:00:00Z')
/** The longest documents take seconds on a busy machine. */
const timeoutMs = 120_000

export const ours: Contestant = {
  name: 'Vigie',
  open: async () => {
    const printer = await openPrinter({ timeoutMs })
    return {
      print: async ({ html, title }) =>
        compactPdf(normalisePdf(await printer.print(html, { lang: 'fr', title }), asOf), { title, links: new Map() }),
      close: () => printer.close(),
    }
  },
}

/** The browser as the product starts it, so that all who use it use the same. */
const chromium = async () => {
  const { executable: executablePath, args, environment: env } = await browserHere()
  return { executablePath, args: [...args], env }
}

/** The least that prints: one page, used again and again; nothing is checked, blanked or made the same. */
export const bare: Contestant = {
  name: 'bare print',
  open: async () => {
    let launched: Promise<Page> | undefined
    return {
      print: async ({ html }) => {
        launched ??= blankPage()
        const page = await launched
        await page.setContent(html, { waitUntil: 'load', timeout: timeoutMs })
        return page.pdf({
          format: 'A4',
          preferCSSPageSize: true,
          printBackground: true,
          tagged: true,
          outline: true,
          timeout: timeoutMs,
        })
      },
      close: async () => {
        await (await launched)?.browser().close()
      },
    }
  },
}

const blankPage = async (): Promise<Page> => {
  const browser = await puppeteer.launch(await chromium())
  const page = await browser.newPage()
  await page.setJavaScriptEnabled(false)
  return page
}

const peers = fileURLToPath(new URL('./peers/', import.meta.url))

export const hasJsreport = (): boolean => existsSync(join(peers, 'node_modules', '@jsreport', 'jsreport-core'))

type Answer = { readonly failed: string } | { readonly failed?: never; readonly pdf?: Uint8Array }

export const jsreport = (strategy: 'chrome-pool' | 'dedicated-process'): Contestant => ({
  name: `jsreport, ${strategy}`,
  open: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'vigie-bench-jsreport-'))
    const child = fork(join(peers, 'jsreport.mjs'), { serialization: 'advanced' })
    await ask(child, { what: 'open', strategy, folder, launchOptions: await chromium() })
    return {
      print: async ({ html }) => {
        const { pdf } = await ask(child, { what: 'print', html })
        if (!pdf) throw new Error(`jsreport (${strategy}) printed nothing`)
        return pdf
      },
      close: async () => {
        await ask(child, { what: 'close' })
        await rm(folder, { recursive: true })
      },
    }
  },
})

const ask = async (child: ChildProcess, message: { readonly what: string; readonly [key: string]: unknown }) => {
  const answer = await new Promise<Answer>((done, fail) => {
    const onExit = (code: number | null) => fail(new Error(`jsreport ended with ${code} when asked to ${message.what}`))
    child.once('exit', onExit)
    child.once('message', (said: Answer) => {
      child.off('exit', onExit)
      done(said)
    })
    child.send(message)
  })
  if (answer.failed !== undefined) throw new Error(`jsreport cannot ${message.what}: ${answer.failed}`)
  return answer
}

export const hasWeasyprint = async (): Promise<boolean> => {
  const child = spawn('weasyprint', ['--version'], { stdio: 'ignore' })
  return new Promise((done) => {
    child.on('error', () => done(false))
    child.on('close', (code) => done(code === 0))
  })
}

/** By its command line, as it is used from other languages: a process for each print, and no tags. */
export const weasyprint: Contestant = {
  name: 'weasyprint',
  isAlwaysCold: true,
  open: async () => ({
    print: async ({ html }) => {
      const child = spawn('weasyprint', ['--quiet', '-', '-'], { stdio: ['pipe', 'pipe', 'pipe'] })
      child.stdin.end(html)
      const [pdf, errors, code] = await Promise.all([
        buffer(child.stdout),
        text(child.stderr),
        new Promise((done) => child.on('close', done)),
      ])
      if (code !== 0) throw new Error(`weasyprint ended with ${code}: ${errors.slice(-2_000)}`)
      return pdf
    },
    close: async () => {},
  }),
}
