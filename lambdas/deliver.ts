/** Lambda that mails reports from the delivery queue. */
import { archiveBucket } from './archive/archive.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { systemClock } from './config/clock.ts'
import { scheduledIn } from './config/due.ts'
import { type DeliveryMessage, type DigestsMessage, deliveryQueueSchema } from './domain/report/messages.ts'
import { sesMailer } from './mail/mailer.ses.ts'
import type { Mailer } from './mail/mailer.ts'
import { type QueueJob, type QueueRuntime, queueFunction } from './runtime/queue-function.ts'
import { deliveriesIn } from './store/delivery/deliveries.ts'
import { digestsIn } from './store/delivery/digests.ts'
import { recipientsIn } from './store/delivery/recipients.ts'
import { tokensIn } from './store/delivery/tokens.ts'
import { notesIn } from './store/reports/notes.ts'
import { reportsIn } from './store/reports/reports.ts'
import { schedulesIn } from './store/reports/schedules.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { mailingOn } from './usecases/delivery/compose-mail.ts'
import { deliverReport } from './usecases/delivery/deliver-report.ts'
import { type DeliveryServices, NoSuchVersionError } from './usecases/delivery/mailing.ts'
import { sendDigests } from './usecases/delivery/send-digests.ts'

type Parts = QueueRuntime<'deliver'> & {
  readonly services: Omit<DeliveryServices, 'run'>
  readonly mailer: Mailer
}

export const workOn = ({
  config,
  logger,
  queues,
  services,
  mailer,
}: Parts): QueueJob<DeliveryMessage | DigestsMessage> => {
  const { clock, organisation } = services
  const scheduled = scheduledIn(config.DUE)
  const mailing = mailingOn({
    ...{ mailer, from: config.MAIL_FROM, site: config.SITE, clock },
    ...{ contact: organisation.contact, fullUpTo: organisation.mail?.fullUpTo },
  })
  return {
    queue: { url: config.DELIVERY_QUEUE_URL, deadLettersUrl: config.DEAD_LETTERS_URL },
    schema: deliveryQueueSchema,
    isNonRetryable: (error) => error instanceof NoSuchVersionError,
    work: async (message, { outOfTime, run }) => {
      if (!('kind' in message)) {
        const handOver = (part: DeliveryMessage) => queues.send(config.DELIVERY_QUEUE_URL, part)
        const summary = await deliverReport(message, { ...services, run }, mailing, { outOfTime, handOver })
        const { recipients, ...about } = message
        logger.info('delivered', { ...about, ...(recipients && { readers: recipients.length }), ...summary })
      } else {
        const sent = await sendDigests({ scheduled, outOfTime }, { ...services, run }, mailing)
        logger.info('digests', { ...sent })
      }
    },
  }
}

export const handler = queueFunction('deliver', ({ config, logger, queues }) => {
  const table = openTable({}, config.TABLE_NAME)
  const services = {
    reports: reportsIn(table),
    notes: notesIn(table),
    recipients: recipientsIn(table),
    schedules: schedulesIn(table),
    deliveries: deliveriesIn(table),
    digests: digestsIn(table),
    tokens: tokensIn(table),
    archive: archiveBucket({}, config.ARCHIVE_BUCKET),
    organisation: bundledOrganisation(import.meta.dirname).organisation,
    clock: systemClock,
    log: (message: string) => logger.warn(message),
  }
  const mailer = sesMailer({}, { from: config.MAIL_FROM, configurationSet: config.MAIL_CONFIGURATION_SET })
  return workOn({ config, logger, queues, services, mailer })
})
