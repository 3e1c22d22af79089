/**
 * The command line's services: the home's store and archive or a stage's, and its browsers, opened together and left
 * clean.
 */
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
import { openTemplates, type Templates } from '../../../lambdas/render/html.ts'
import { openPrinters } from '../../../lambdas/render/printers.ts'
import { isHome, openHome } from '../../../lambdas/store/embedded/home.ts'
import { lateTable } from '../../../lambdas/store/embedded/late-table.ts'
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

/** Reports that a weekly run makes at once, each with a browser of 200 MB and more. */
export const reportsAtOnce = Math.min(2, availableParallelism())

export type CliContext = {
  readonly services: Services
  /** What all of them work on. */
  readonly table: Table
  /** Absolute; `vigie.json` lies in it, and without a stage everything else. */
  readonly folder: string
  /**
   * Opens the pseudonyms of accounts; the key is made when it is first asked for, unless nothing of it is to be kept.
   */
  pseudonyms(how?: { readonly keeps?: boolean }): Promise<Pseudonyms>
  /** The deployed stage that the work is done on; undefined in the home. */
  readonly stage?: Stage | undefined
  /** The operator, who may read and do everything. */
  readonly caller: Caller
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

const interruptedWords = 'interrupted: what was done by now stays, and the same command again does the rest'

/** How long work in progress may take to put itself in order once the user has asked to stop, in milliseconds. */
const gracefulMs = 3_000

/** Where the work is done: in the home, or on what a deployed stage keeps. */
type Backend = {
  readonly folder: string
  readonly table: Table
  readonly archive: Archive
  readonly pictures?: Pictures | undefined
  readonly signer: Signer
  pseudonyms: CliContext['pseudonyms']
  readonly stage?: Stage
  /** Now, as what is stored here allows it. */
  clock(): Date
  close(): Promise<void>
}

/** What lies in the files of a home's folder. */
const filesIn = (folder: string) => ({
  folder,
  archive: archiveFolder(join(folder, 'archive')),
  pictures: picturesFolder(join(folder, 'plates')),
  signer: openSigner(folder),
})

/** A home that is not there is empty. */
const trialBackend = async (asked: string): Promise<Backend> => {
  const folder = resolve(asked)
  const home = isHome(asked) ? await homeBackend(asked) : undefined
  return onTrial({
    ...filesIn(folder),
    clock: systemClock,
    ...home,
    // Who says that nothing is kept is told where the key is of this run alone.
    pseudonyms: (how) =>
      how?.keeps === false ? openPseudonyms(folder, process.env, how) : openPassingPseudonyms(folder),
  })
}

/** Nothing that is stored lasts. */
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
  if (isHome(asked)) return homeBackend(asked)
  if (!makes) {
    throw new HomeError(
      `there is no home at ${resolve(asked)}`,
      'name another by --home, or make one by vigie ingest FILE or vigie demo',
    )
  }
  return isEndless ? homeBackend(asked) : lateBackend(asked)
}

/** A home that is made by what is first stored in it. */
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
    // A key that is kept lies in a home.
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
    clock = home.canWrite ? clockOf(await mindClock(instantsIn(home.table), systemClock)) : systemClock
  } catch (error) {
    await home.close()
    throw error
  }
  return {
    ...filesIn(home.folder),
    table: home.table,
    pseudonyms: (how) => openPseudonyms(home.folder, process.env, how),
    clock,
    close: home.close,
  }
}

/** Tells what was found of the clock; the one to work by never lies before what is stored. */
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

export type ContextOptions = {
  readonly home: string
  /** Works on what this deployed stage keeps, in place of the home's store and archive. */
  readonly stage?: string | undefined
  readonly templates?: string | undefined
  /** Makes a home where there is none, once something is stored. */
  readonly makes?: boolean
  /** Nothing that is stored lasts: the work is done on a table that is gone at its end. */
  readonly isTrial?: boolean
  /** It goes on until it is stopped: that is no interruption. */
  readonly isEndless?: boolean
  /** It owes its reader one value, also where it is interrupted. */
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

/**
 * Opens everything, does the work, and closes everything: also after an error, and on Ctrl-C, after which the process
 * ends. Nothing is left behind: no browser, no profile, no port.
 */
export const withContext = async <Done>(
  options: ContextOptions,
  work: (context: CliContext) => Promise<Done>,
): Promise<Done> => {
  const { templates } = options
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
    // A version under way gives its number up; then the store may go.
    await Promise.race([working.catch(() => undefined), pause(gracefulMs, undefined, { ref: false })])
    await close()
    if (options.json && !options.isEndless) {
      const answer: ErrorAnswer = { error: { message: interruptedWords } }
      await new Promise((written) => process.stdout.write(`${JSON.stringify(answer)}\n`, written))
    }
    process.exit(128 + constants.signals[signal]) // as shells expect
  }
  // A second Ctrl-C changes nothing: stopping takes a moment, and leaves nothing behind.
  const onSignal = (signal: NodeJS.Signals) => {
    if (!stopping.signal.aborted) void stop(signal)
  }
  for (const signal of signals) process.on(signal, onSignal)
  try {
    const run = newRun()
    const { aliases, flashDrafts } = await readOrganisationIntake(folder)
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
      flashDrafts,
      ...(templates !== undefined && { templates: ownTemplates(templates) }),
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
