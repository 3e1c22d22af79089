/** What a stage's schedules do, on one machine: reports, mails and digests that are due, and expiry. */
import { readOrganisationLimits } from '../../../lambdas/config/organisation-file.ts'
import type { LastRun } from '../../../lambdas/domain/checkup/home-findings.ts'
import { messageOf } from '../../../lambdas/domain/core/text/thrown.ts'
import type { ReportMessage } from '../../../lambdas/domain/report/messages.ts'
import { tableFileOf } from '../../../lambdas/store/embedded/home.ts'
import { emptyLog } from '../../../lambdas/store/embedded/table-file.ts'
import { waitingMailsIn } from '../../../lambdas/store/reports/waiting.ts'
import { watchedSince } from '../../../lambdas/store/reports/watched.ts'
import { dueNow } from '../../../lambdas/usecases/reports/schedules/due-now.ts'
import { expireAll } from '../../../lambdas/usecases/retention/expire-all.ts'
import { deliverer, digester } from '../deliver.ts'
import type { CliContext } from './context.ts'
import { keepLastRun } from './last-run.ts'

const pauseMs = 60_000

/** In milliseconds, after a report or mail that failed. */
const retryMs = 3_600_000

/** Returns one run of everything that is due; a step that fails does not stop the others. */
export const serviceOn = (context: CliContext, enqueue: (message: ReportMessage) => Promise<void>) => {
  const { services, table, folder } = context
  const { clock, schedules, reports } = services
  const asked = new Map<string, number>()
  let expiredOn = ''
  // A report that is not made is asked for again after an hour.
  const isNew = (key: string): boolean => {
    const now = clock().getTime()
    if (now - (asked.get(key) ?? 0) < retryMs) return false
    asked.set(key, now)
    return true
  }
  const steps: Readonly<Record<string, () => Promise<unknown>>> = {
    reports: async () => {
      const watch = { since: await watchedSince(table, clock()), settings: await schedules.all() }
      for (const message of await dueNow(watch, clock(), { reports }))
        if (isNew(JSON.stringify(message))) await enqueue(message)
    },
    mails: async () => {
      const before = new Date(clock().getTime() - retryMs).toISOString()
      const deliver = await deliverer(context)
      for (const message of await waitingMailsIn(table).begun(before)) await deliver(message)
    },
    digests: async () => (await digester(context))(),
    // Reads everything that is stored.
    expiry: async () => {
      const day = clock().toISOString().slice(0, 10)
      if (day === expiredOn) return
      await expireAll(await readOrganisationLimits(folder), services, table)
      emptyLog(tableFileOf(folder))
      expiredOn = day
    },
  }
  return async (): Promise<LastRun> => {
    const failed: string[] = []
    for (const [name, step] of Object.entries(steps)) {
      await step().catch((error: unknown) => {
        services.log(`${name}: ${messageOf(error)}`)
        failed.push(name)
      })
    }
    const run = { at: clock().toISOString(), failed }
    await keepLastRun(folder, run)
    return run
  }
}

/** Runs at once, and then every minute until the program ends. */
export const keepRunning = async (run: () => Promise<unknown>, stopping: AbortSignal): Promise<void> => {
  while (!stopping.aborted) {
    await run()
    await new Promise<void>((done) => {
      const wake = (): void => {
        clearTimeout(timer)
        stopping.removeEventListener('abort', wake)
        done()
      }
      const timer = setTimeout(wake, pauseMs)
      stopping.addEventListener('abort', wake)
    })
  }
}
