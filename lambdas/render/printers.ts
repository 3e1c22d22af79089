import { openPrinter, type Printer, type PrinterOptions } from './chromium.ts'

/** Uses the first browser with the shortest queue: sequential reports need only one. */
export const openPrinters = async (most: number, options: PrinterOptions = {}): Promise<Omit<Printer, 'pid'>> => {
  const printers = await Promise.all(
    Array.from({ length: most }, async () => ({ printer: await openPrinter(options), waiting: 0 })),
  )
  return {
    async print(html, expected) {
      const least = printers.reduce((one, other) => (other.waiting < one.waiting ? other : one))
      least.waiting += 1
      try {
        return await least.printer.print(html, expected)
      } finally {
        least.waiting -= 1
      }
    },
    async close() {
      await Promise.all(printers.map(({ printer }) => printer.close()))
    },
  }
}
