/** One laptop's services: the embedded store, the archive folder and one browser, opened together and left clean. */
import { randomBytes } from 'node:crypto'
import { constants } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { openPrinter } from '../render/chromium.ts'
import { openTemplates, type Templates } from '../render/html.ts'
import { type Services, servicesOn } from '../services.ts'
import { openTable } from '../store/table.ts'
import { archiveFolder } from './archive-folder.ts'
import { keepHeapSmall } from './heap.ts'
import { openHome } from './home.ts'
import { readHouse } from '../house-file.ts'

export type Laptop = {
  readonly services: Services
  readonly folder: string
  /** Aborted when the user has asked to stop: begin nothing more. */
  readonly stopping: AbortSignal
}

/** Opened once, when a page is first made. */
const ownTemplates = (folder: string) => {
  let opened: Templates | undefined
  return () => {
    opened ??= openTemplates(folder)
    return opened
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** How long work in progress may take to put itself in order once the user has asked to stop, in milliseconds. */
const graceful = 3_000

/**
 * Opens the home, does the work, and closes everything: also after an error, and on Ctrl-C, after which the process ends.
 * Nothing is left behind: no browser, no profile, no port.
 */
export const onLaptop = async <Done>(
  { home: asked, templates }: { readonly home: string; readonly templates?: string | undefined },
  work: (laptop: Laptop) => Promise<Done>,
): Promise<Done> => {
  keepHeapSmall()
  const home = await openHome(asked)
  const table = openTable(home.dynamo, home.tableName)
  const printer = await openPrinter()
  const stopping = new AbortController()
  let working: Promise<unknown> = Promise.resolve()

  const close = async () => {
    await printer.close()
    table.close()
    await home.close()
  }
  const stop = async (signal: NodeJS.Signals) => {
    stopping.abort(signal)
    await printer.close()
    // A version under way gives its number up; then the store may go.
    await Promise.race([working.catch(() => undefined), pause(graceful, undefined, { ref: false })])
    await close()
    process.exit(128 + constants.signals[signal]) // as shells expect
  }
  // A second Ctrl-C changes nothing: stopping takes a moment, and leaves nothing behind.
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stopping.signal.aborted) void stop(signal)
  }
  for (const signal of signals) process.on(signal, onSignal)
  try {
    await table.create()
    const run = `${process.pid}-${randomBytes(4).toString('hex')}`
    const services = servicesOn({
      table,
      archive: archiveFolder(home.archiveFolder),
      printer,
      run,
      note: (message) =>
        void process.stderr.write(`${message}
`),
      house: await readHouse(home.folder),
      ...(templates !== undefined && { templates: ownTemplates(templates) }),
    })
    const done = work({ services, folder: home.folder, stopping: stopping.signal })
    working = done
    return await done
  } finally {
    if (stopping.signal.aborted) await new Promise(() => {}) // stop() ends the process
    for (const signal of signals) process.off(signal, onSignal)
    await close()
  }
}
