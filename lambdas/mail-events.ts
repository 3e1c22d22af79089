/** Lambda that receives SES's events and updates deliveries and suppressed addresses. */
import { systemClock } from './config/clock.ts'
import { type QueueJob, type QueueRuntime, queueFunction } from './runtime/queue-function.ts'
import { deliveriesIn } from './store/delivery/deliveries.ts'
import { digestsIn } from './store/delivery/digests.ts'
import { recipientsIn } from './store/delivery/recipients.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import {
  type MailEvent,
  type MailEventServices,
  mailEventSchema,
  recordMailEvent,
  UnknownDeliveryError,
} from './usecases/delivery/record-mail-event.ts'

type Parts = Pick<QueueRuntime<'mail-events'>, 'config' | 'logger'> & { readonly services: MailEventServices }

export const workOn = ({ config, logger, services }: Parts): QueueJob<MailEvent> => ({
  queue: { url: config.FEEDBACK_QUEUE_URL, deadLettersUrl: config.DEAD_LETTERS_URL },
  schema: mailEventSchema,
  isNonRetryable: (error) => error instanceof UnknownDeliveryError,
  work: async (event) => {
    const { eventType, mail } = event.detail
    logger.info(eventType, { delivery: mail.tags.delivery[0], outcome: await recordMailEvent(event, services) })
  },
})

export const handler = queueFunction('mail-events', ({ config, logger }) => {
  const table = openTable({}, config.TABLE_NAME)
  const services = {
    deliveries: deliveriesIn(table),
    digests: digestsIn(table),
    recipients: recipientsIn(table),
    clock: systemClock,
  }
  return workOn({ config, logger, services })
})
