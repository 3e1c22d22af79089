/** Runs jobs one after the other in this process. */

import { maxTries } from '../../../lambdas/config/env.ts'
import { messageOf } from '../../../lambdas/domain/core/text/thrown.ts'
import type { DeliveryMessage, ReportMessage } from '../../../lambdas/domain/report/messages.ts'
import type { Waiting } from '../../../lambdas/store/reports/waiting.ts'
import { failJob, handleReportMessage } from '../../../lambdas/usecases/reports/handle-report-message.ts'
import { deliverer } from '../deliver.ts'
import type { CliContext } from './context.ts'

type JobRunner = {
  /** Resolves once stored. */
  enqueue(message: ReportMessage): Promise<void>
  /** Resumes unfinished jobs of an earlier process. @returns their number */
  resume(): Promise<number>
  idle(): Promise<void>
}

export const jobRunner = (context: CliContext): JobRunner => {
  const { services, stopping } = context
  const { waiting } = services
  let last: Promise<void> = Promise.resolve()

  const work = async (one: Waiting): Promise<void> => {
    // Remaining jobs wait for the next start.
    if (stopping.aborted) return
    const { message } = one
    if (message) {
      try {
        if (one.tries >= maxTries) throw new Error(`it was begun ${one.tries} times, and the program ended each time`)
        await waiting.begin(one)
        const delivery = async (word: DeliveryMessage) => void (await (await deliverer(context))(word))
        await handleReportMessage(message, services, { report: enqueue, delivery })
      } catch (error) {
        if (stopping.aborted) return
        const cause = error instanceof Error ? error : new Error(String(error))
        const job = message.kind === 'requested' && message.job ? ` (job ${message.job})` : ''
        services.log(`${message.territory}${job}: ${cause.message}`)
        await failJob(message, cause, services)
      }
    }
    await waiting.done(one)
  }
  const follow = (one: Waiting): void => {
    last = last
      .then(() => work(one))
      .catch((error: unknown) => {
        services.log(`a job is left for the next start: ${messageOf(error)}`)
      })
  }
  const enqueue = async (message: ReportMessage): Promise<void> => follow(await waiting.add(message, services.clock()))

  return {
    enqueue,
    resume: async () => {
      const left = await Array.fromAsync(waiting.all())
      for (const one of left) follow(one)
      return left.length
    },
    idle: () => last,
  }
}
