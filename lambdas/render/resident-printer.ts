/**
 * A printer for a process that lives on: its browser is replaced before it has grown too large, and can be dropped at
 * any time.
 */
import { readFile } from 'node:fs/promises'
import { openPrinter, PrintError, type Printer, type PrinterOptions } from './chromium.ts'
import type { Printing } from './render.ts'

export type ResidentPrinter = Printing & {
  /** Ends the browser, and with it each print that was asked for; the next print starts another. */
  drop(): Promise<void>
}

export type RecycleRule = {
  /** Prints of one browser at the most. */
  readonly prints: number
  /** Resident memory of a browser that prints once more, in MB. */
  readonly megabytes: number
}

/**
 * A browser that has printed more than these, or grown beyond, is replaced before the next print that is asked for
 * alone.
 */
const usual: RecycleRule = { prints: 100, megabytes: 700 }

export const residentPrinter = (options: PrinterOptions = {}, rule: RecycleRule = usual): ResidentPrinter => {
  let printer: Promise<Printer> | undefined
  let prints = 0
  let running = 0

  /** How often the printer was dropped from outside: prints that were asked for before are not to begin after. */
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

  /** One after the other, so that no print takes a printer that another is about to drop. */
  let opening: Promise<unknown> = Promise.resolve()
  const opened = (): Promise<Printer> => {
    const asked = drops
    const next = opening.then(async () => {
      // What others have asked for and not got yet would fail with the browser.
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

/** What a process holds in memory, by Linux's own account; 0 where it has ended, or the system keeps none. */
const residentMegabytes = async (pid: number): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024
}
