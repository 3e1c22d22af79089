/** Opens and closes the command line's services. */
import { availableParallelism, constants } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { archiveFolder } from '../../../lambdas/archive/archive.local.ts'
import type { Archive } from '../../../lambdas/archive/archive.ts'
import { picturesFolder } from '../../../lambdas/archive/pictures.local.ts'
import type { Pictures } from '../../../lambdas/archive/pictures.ts'
import { systemClock } from '../../../lambdas/config/clock.ts'
import { HomeError } from '../../../lambdas/config/home-error.ts'
import { readOrganisation, readOrganisationIntake } from '../../../lambdas/config/organisation-file.ts'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import type { Signer } from '../../../lambdas/domain/report/signature.ts'
import { openPassingPseudonyms, openPseudonyms, type Pseudonyms } from '../../../lambdas/keys/pseudonyms.local.ts'
import { openSigner } from '../../../lambdas/keys/signer.local.ts'
import { openTemplates } from '../../../lambdas/render/html.ts'
import { openPrinters } from '../../../lambdas/render/printers.ts'
import { isHome, openHome } from '../../../lambdas/store/embedded/home.ts'
import { lateTable } from '../../../lambdas/store/embedded/late-table.ts'
import { refusalOfRoot } from '../../../lambdas/store/embedded/owner.ts'
import { openTableFile, passing } from '../../../lambdas/store/embedded/table-file.ts'
import { instantsIn } from '../../../lambdas/store/table/clock.ts'
import type { Table } from '../../../lambdas/store/table/table.ts'
import { trialTable } from '../../../lambdas/store/table/trial-table.ts'
import { type ClockWord, mindClock, describeClock } from '../../../lambdas/usecases/mind-clock.ts'
import { type Services, servicesOn } from '../../../lambdas/usecases/services.ts'
import type { ErrorAnswer } from '../answers.ts'
import { say } from '../output/terminal.ts'
import { isDeadRun, newRun } from './runs.ts'
import type { Stage } from './stage.ts'

/** Each needs a browser of 200 MB or more. */
export const reportsAtOnce = Math.min(2, availableParallelism())

export type CliContext = {
  readonly services: Services
  readonly table: Table
  /** Absolute; contains `vigie.json`, and without a stage all data. */
  readonly folder: string
  /** Creates the key on first use, unless `keeps` is false. */
  pseudonyms(how?: { readonly keeps?: boolean }): Promise<Pseudonyms>
  /** Undefined for a data folder. */
  readonly stage?: Stage | undefined
  readonly caller: Caller
  /** Aborted when the user asks to stop. */
  readonly stopping: AbortSignal
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

const interruptedWords = 'interrupted: what was done by now stays, and the same command again does the rest'

/** Milliseconds for cleanup after a stop. */
const gracefulMs = 3_000

type Backend = {
  readonly folder: string
  readonly table: Table
  readonly archive: Archive
  readonly pictures?: Pictures | undefined
  readonly signer: Signer
  pseudonyms: CliContext['pseudonyms']
  readonly stage?: Stage
  /** Never earlier than stored data. */
  clock(): Date
  close(): Promise<void>
}

const filesIn = (folder: string) => ({
  folder,
  archive: archiveFolder(join(folder, 'archive')),
  pictures: picturesFolder(join(folder, 'plates')),
  signer: openSigner(folder),
})

/** Where this user may not write, files are not written either. */
const closed = ({ archive, pictures, signer }: ReturnType<typeof filesIn>, refusal: HomeError) => {
  const refuse = () => Promise.reject(refusal)
  return {
    archive: { ...archive, put: refuse },
    pictures: { ...pictures, put: refuse, remove: refuse },
    signer: { ...signer, sign: refuse },
  }
}

/** Treats a missing data folder as empty. */
const trialBackend = async (asked: string): Promise<Backend> => {
  const folder = resolve(asked)
  const home = isHome(asked) ? await homeBackend(asked) : undefined
  return onTrial({
    ...filesIn(folder),
    clock: systemClock,
    ...home,
    pseudonyms: (how) =>
      how?.keeps === false ? openPseudonyms(folder, process.env, how) : openPassingPseudonyms(folder),
  })
}

const onTrial = async (
  backend: Omit<Backend, 'table' | 'close'> & Partial<Pick<Backend, 'table' | 'close'>>,
): Promise<Backend> => {
  const table = trialTable(backend.table, await openTableFile(passing))
  const close = async () => {
    await table.close()
    await backend.close?.()
  }
  return { ...backend, table, close }
}

const homeAsked = async (asked: string, makes: boolean, isEndless = false): Promise<Backend> => {
  const refusal = isEndless ? refusalOfRoot(resolve(asked)) : undefined
  if (refusal) throw refusal
  if (isHome(asked)) return homeBackend(asked)
  if (!makes) {
    throw new HomeError(
      `there is no data folder at ${resolve(asked)}`,
      'name another with --home, or make one with vigie ingest FILE or vigie demo',
    )
  }
  return isEndless ? homeBackend(asked) : lateBackend(asked)
}

/** Creates the data folder on the first write. */
const lateBackend = (asked: string): Backend => {
  const folder = resolve(asked)
  let made: Promise<Backend> | undefined
  const whole = (): Promise<Backend> => {
    made ??= homeBackend(asked)
    return made
  }
  let clock = systemClock
  const table = lateTable(
    async () => {
      const backend = await whole()
      clock = backend.clock
      return backend.table
    },
    () => isHome(asked),
  )
  return {
    ...filesIn(folder),
    table,
    // Keeping a key creates the data folder.
    pseudonyms: async (how) =>
      how?.keeps === false ? openPseudonyms(folder, process.env, how) : (await whole()).pseudonyms(how),
    clock: () => clock(),
    close: async () => (await made)?.close(),
  }
}

const homeBackend = async (asked: string): Promise<Backend> => {
  const home = await openHome(asked)
  let clock: Backend['clock']
  try {
    clock = home.refusal ? systemClock : clockOf(await mindClock(instantsIn(home.table), systemClock))
  } catch (error) {
    await home.close()
    throw error
  }
  const files = filesIn(home.folder)
  return {
    ...files,
    ...(home.refusal && closed(files, home.refusal)),
    table: home.table,
    pseudonyms: (how) => openPseudonyms(home.folder, process.env, home.refusal ? { keeps: false } : how),
    clock,
    close: home.close,
  }
}

/** Returns a clock never earlier than stored data. */
const clockOf = (word: ClockWord): Backend['clock'] => {
  for (const line of describeClock(word, systemClock())) say(line)
  if (word.kind === 'right' || word.kind === 'set back') return systemClock
  return () => new Date(systemClock().getTime() + word.by)
}

const stageBackend = async (stage: string, home: string): Promise<Backend> => {
  const { openStage } = await import('./stage.ts')
  const opened = await openStage(stage)
  return { ...opened, folder: resolve(home), stage: opened, clock: systemClock }
}

type ContextOptions = {
  readonly home: string
  readonly stage?: string | undefined
  readonly templates?: string | undefined
  /** Creates a missing data folder on the first write. */
  readonly makes?: boolean
  /** Works on a temporary table. */
  readonly isTrial?: boolean
  /** Runs until stopped, so a stop is no interruption. */
  readonly isEndless?: boolean
  /** Prints one JSON value, even when interrupted. */
  readonly json?: boolean
}

const backendOf = async ({
  home,
  stage,
  makes = true,
  isTrial = false,
  isEndless,
}: ContextOptions): Promise<Backend> => {
  if (stage === undefined) return isTrial ? trialBackend(home) : homeAsked(home, makes, isEndless)
  const backend = await stageBackend(stage, home)
  return isTrial ? onTrial(backend) : backend
}

/** Closes all services after errors and on Ctrl-C too, without leaving a browser, profile or port. */
export const withContext = async <Done>(
  options: ContextOptions,
  work: (context: CliContext) => Promise<Done>,
): Promise<Done> => {
  // A wrong folder fails before anything is opened, also where nothing is rendered.
  const templates = options.templates === undefined ? undefined : openTemplates(options.templates)
  const backend = await backendOf(options)
  const { folder, table, archive, pictures, signer, pseudonyms, clock, stage: deployed } = backend
  const printer = await openPrinters(reportsAtOnce)
  const stopping = new AbortController()
  let working: Promise<unknown> = Promise.resolve()

  const close = async () => {
    await printer.close()
    await backend.close()
  }
  const stop = async (signal: NodeJS.Signals) => {
    stopping.abort(signal)
    if (!options.isEndless) say(interruptedWords)
    await printer.close()
    // A version in progress releases its number before the store closes.
    await Promise.race([working.catch(() => undefined), pause(gracefulMs, undefined, { ref: false })])
    await close()
    if (options.json && !options.isEndless) {
      const answer: ErrorAnswer = { error: { message: interruptedWords } }
      await new Promise((written) => process.stdout.write(`${JSON.stringify(answer)}\n`, written))
    }
    process.exit(128 + constants.signals[signal]) // shell convention
  }
  // Ignores a second Ctrl-C, so that cleanup completes.
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stopping.signal.aborted) void stop(signal)
  }
  for (const signal of signals) process.on(signal, onSignal)
  try {
    const run = newRun()
    const { aliases } = await readOrganisationIntake(folder)
    const services = servicesOn({
      table,
      archive,
      pictures,
      printer,
      signer,
      run,
      clock,
      log: say,
      isDeadRun,
      organisation: await readOrganisation(folder),
      aliases,
      ...(templates && { templates: () => templates }),
    })
    const opened = { services, table, folder, pseudonyms, stage: deployed, caller: everything }
    const done = work({ ...opened, stopping: stopping.signal })
    working = done
    return await done
  } finally {
    if (stopping.signal.aborted) await new Promise(() => {}) // stop() ends the process
    for (const signal of signals) process.off(signal, onSignal)
    await close()
  }
}
