/** Jobs on this machine: one after the other, in this process, as the functions on AWS would do them. */
import type { DeliveryMessage, ReportMessage } from '../domain/messages.ts'
import { giveJobUp, makeDueReport } from '../make-due-report.ts'
import type { Laptop } from './laptop.ts'
import { deliverer } from './mail.ts'

export type JobRunner = {
  enqueue(message: ReportMessage): Promise<void>
  /** Once nothing is left to be done. */
  idle(): Promise<void>
}

export const jobRunner = (laptop: Laptop): JobRunner => {
  const { services } = laptop
  let last: Promise<void> = Promise.resolve()
  const work = async (message: ReportMessage): Promise<void> => {
    try {
      const delivery = async (word: DeliveryMessage) => void (await (await deliverer(laptop))(word))
      await makeDueReport(message, services, { report: enqueue, delivery })
    } catch (error) {
      const cause = error instanceof Error ? error : new Error(String(error))
      services.note(`${message.territory}: ${cause.message}`)
      await giveJobUp(message, cause, services)
    }
  }
  const enqueue = async (message: ReportMessage): Promise<void> => {
    last = last.then(() => work(message))
  }
  return { enqueue, idle: () => last }
}
