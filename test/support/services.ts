/** The use cases' services on a real home in this process, with a clock that the test sets. */
import { archiveFolder } from '../../lambdas/local/archive-folder.ts'
import { openHome } from '../../lambdas/local/home.ts'
import type { Laptop } from '../../lambdas/local/laptop.ts'
import { openPseudonyms } from '../../lambdas/local/pseudonym-key.ts'
import { openPrinter } from '../../lambdas/render/chromium.ts'
import { type Services, servicesOn } from '../../lambdas/services.ts'
import { openTable, type Table } from '../../lambdas/store/table.ts'

export type Opened = {
  readonly services: Services
  /** The same, as commands work on it. */
  readonly laptop: Laptop
  readonly table: Table
  /** Sets the clock; it stands until it is set again. */
  at(instant: string): void
  /** Services of another run on the same home, with the same clock. */
  asRun(run: string, changed?: Partial<Services>): Services
  close(): Promise<void>
}

export const openServices = async (folder: string, start = '2024-05-20T00:00:00.000Z'): Promise<Opened> => {
  const home = await openHome(folder)
  const table = openTable(home.dynamo, home.tableName)
  await table.create()
  const printer = await openPrinter()
  const archive = archiveFolder(home.archiveFolder)
  let now = new Date(start)
  const clock = () => now
  const services = servicesOn({ table, archive, printer, run: 'test-1', clock })
  return {
    services,
    laptop: {
      services,
      folder: home.folder,
      pseudonyms: () => openPseudonyms(home.folder),
      stopping: new AbortController().signal,
    },
    table,
    at: (instant) => {
      now = new Date(instant)
    },
    asRun: (run, changed = {}) => ({ ...servicesOn({ table, archive, printer, run, clock }), ...changed }),
    close: async () => {
      await printer.close()
      table.close()
      await home.close()
    },
  }
}
