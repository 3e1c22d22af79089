/** The Lambda that mails reports: a message of the delivery queue in, one mail for each who may have it out. */
import { randomBytes } from 'node:crypto'
import { Logger } from '@aws-lambda-powertools/logger'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { archiveBucket } from './archive/archive.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { readConfig } from './config/env.ts'
import { deliveryQueueSchema } from './domain/report/messages.ts'
import { sesMailer } from './mail/mailer.ses.ts'
import { openQueues } from './runtime/sqs-function.ts'
import { deliveriesIn } from './store/deliveries.ts'
import { notesIn } from './store/notes.ts'
import { recipientsIn } from './store/recipients.ts'
import { reportsIn } from './store/reports.ts'
import { openTable } from './store/table.dynamodb.ts'
import { tokensIn } from './store/tokens.ts'
import { mailingOn } from './usecases/delivery/compose-mail.ts'
import { deliverReport, NoSuchVersionError } from './usecases/delivery/deliver-report.ts'
import { mailSynthetic } from './usecases/trial/mail-synthetic.ts'
import { SyntheticFaultError } from './usecases/trial/read-synthetic.ts'

const config = readConfig('deliver', process.env)
const logger = new Logger({ serviceName: 'deliver', persistentKeys: { stage: config.STAGE } })
const queues = openQueues()
const clock = () => new Date()
const { organisation } = bundledOrganisation(import.meta.dirname)
const table = openTable({}, config.TABLE_NAME)
const services = {
  reports: reportsIn(table),
  notes: notesIn(table),
  recipients: recipientsIn(table),
  deliveries: deliveriesIn(table),
  tokens: tokensIn(table),
  archive: archiveBucket({}, config.ARCHIVE_BUCKET),
  organisation,
  clock,
  log: (message: string) => logger.warn(message),
}
const mailer = sesMailer({}, { from: config.MAIL_FROM, configurationSet: config.MAIL_CONFIGURATION_SET })
const sender = { mailer, from: config.MAIL_FROM, site: config.SITE, clock }
const mailing = mailingOn({ ...sender, contact: organisation.contact })

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  queues.workThrough(event, context, {
    queue: { url: config.DELIVERY_QUEUE_URL, deadLettersUrl: config.DEAD_LETTERS_URL },
    schema: deliveryQueueSchema,
    isHopeless: (error) => error instanceof NoSuchVersionError || error instanceof SyntheticFaultError,
    logger,
    work: async (message, { outOfTime }) => {
      if ('kind' in message) {
        logger.info(`trial ${await mailSynthetic(message, { ...sender, archive: services.archive })}`, { message })
        return
      }
      const run = `${context.awsRequestId}-${randomBytes(4).toString('hex')}`
      const summary = await deliverReport(message, { ...services, run }, mailing, outOfTime)
      logger.info('delivered', { ...message, ...summary })
    },
  })
