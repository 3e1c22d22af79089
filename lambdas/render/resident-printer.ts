/** A printer for a long-lived process; replaces its browser before that grows too large. */
import { readFile } from 'node:fs/promises'
import { openPrinter, PrintError, type Printer, type PrinterOptions } from './chromium.ts'
import type { Printing } from './render.ts'

export type ResidentPrinter = Printing & {
  /** Also ends requested prints; the next print starts another browser. */
  drop(): Promise<void>
}

export type RecycleRule = {
  /** Maximum prints of one browser. */
  readonly prints: number
  /** In MB, of resident memory. */
  readonly megabytes: number
}

/** A browser beyond these limits is replaced before the next print that runs alone. */
const usual: RecycleRule = { prints: 100, megabytes: 700 }

export const residentPrinter = (options: PrinterOptions = {}, rule: RecycleRule = usual): ResidentPrinter => {
  let printer: Promise<Printer> | undefined
  let prints = 0
  let running = 0

  /** External drops: prints requested before a drop must not start after it. */
  let drops = 0

  const end = async (): Promise<void> => {
    const dropped = printer
    printer = undefined
    prints = 0
    await (await dropped)?.close()
  }

  const isSpent = async (): Promise<boolean> => {
    const pid = (await printer)?.pid()
    return prints >= rule.prints || (pid !== undefined && (await residentMegabytes(pid)) > rule.megabytes)
  }

  /** Serialised, so that no print takes a printer about to be dropped. */
  let opening: Promise<unknown> = Promise.resolve()
  const opened = (): Promise<Printer> => {
    const asked = drops
    const next = opening.then(async () => {
      // Other pending prints would fail with the browser.
      if (running === 1 && (await isSpent())) await end()
      if (drops !== asked) throw new PrintError('The printer was dropped before this print began')
      printer ??= openPrinter(options)
      prints += 1
      return printer
    })
    opening = next.catch(() => undefined)
    return next
  }

  return {
    print: async (html, expected) => {
      running += 1
      try {
        return await (await opened()).print(html, expected)
      } finally {
        running -= 1
      }
    },
    async drop() {
      drops += 1
      await end()
    },
  }
}

/** Reads Linux's /proc; 0 if the process has ended or there is no /proc. */
const residentMegabytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
}
