/** The Lambda that hears what became of mails: SES's events in, settled deliveries and suppressed addresses out. */
import { Logger } from '@aws-lambda-powertools/logger'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { readConfig } from './config/env.ts'
import { openQueues } from './runtime/sqs-function.ts'
import { deliveriesIn } from './store/deliveries.ts'
import { recipientsIn } from './store/recipients.ts'
import { openTable } from './store/table.dynamodb.ts'
import { mailEventSchema, recordMailEvent, UnknownDeliveryError } from './usecases/delivery/record-mail-event.ts'

const config = readConfig('mail-events', process.env)
const logger = new Logger({ serviceName: 'mail-events', persistentKeys: { stage: config.STAGE } })
const queues = openQueues()
const table = openTable({}, config.TABLE_NAME)
const services = { deliveries: deliveriesIn(table), recipients: recipientsIn(table), clock: () => new Date() }

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  queues.workThrough(event, context, {
    queue: { url: config.FEEDBACK_QUEUE_URL, deadLettersUrl: config.DEAD_LETTERS_URL },
    schema: mailEventSchema,
    isHopeless: (error) => error instanceof UnknownDeliveryError,
    logger,
    work: async (feedback) => {
      const { eventType, mail } = feedback.detail
      logger.info(eventType, { delivery: mail.tags.delivery[0], outcome: await recordMailEvent(feedback, services) })
    },
  })
