/** Lambda that makes reports from the report queue, sends new versions to the delivery queue, and does the dry run. */
import './domain/core/fault-text.ts'
import { archiveBucket } from './archive/archive.s3.ts'
import { picturesBucket } from './archive/pictures.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { type DryRunMessage, type ReportMessage, reportQueueSchema } from './domain/report/messages.ts'
import { kmsSigner } from './keys/signer.kms.ts'
import type { Printing } from './render/render.ts'
import { type ResidentPrinter, residentPrinter } from './render/resident-printer.ts'
import { type QueueJob, type QueueRuntime, queueFunction } from './runtime/queue-function.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { dryRun, FailedDryRunError } from './usecases/reports/dry-run.ts'
import { HeldReportError, StuckReportError } from './usecases/reports/generate-report.ts'
import { failJob, handleReportMessage } from './usecases/reports/handle-report-message.ts'
import { RefusedReportError } from './usecases/reports/reading/refused-report.ts'
import { type Services, servicesOn } from './usecases/services.ts'

type Parts = Pick<QueueRuntime<'generate'>, 'config' | 'logger' | 'queues'> & {
  readonly services: Omit<Services, 'run' | 'printer'>
  readonly printer: ResidentPrinter
}

const nonRetryableErrors = [HeldReportError, RefusedReportError, StuckReportError, FailedDryRunError]

/** Closes the browser, and so ends the print, when time runs out. */
const until = (outOfTime: AbortSignal, printer: ResidentPrinter): Printing => {
  outOfTime.addEventListener('abort', () => void printer.drop())
  return {
    print: async (html, options) => {
      outOfTime.throwIfAborted()
      return printer.print(html, options)
    },
  }
}

export const workOn = ({
  config,
  logger,
  queues,
  services,
  printer,
}: Parts): QueueJob<ReportMessage | DryRunMessage> => {
  const outbox = {
    report: (message: unknown) => queues.send(config.REPORT_QUEUE_URL, message),
    delivery: (message: unknown) => queues.send(config.DELIVERY_QUEUE_URL, message),
  }
  return {
    queue: { url: config.REPORT_QUEUE_URL, deadLettersUrl: config.DEAD_LETTERS_URL },
    schema: reportQueueSchema,
    isNonRetryable: (error) => nonRetryableErrors.some((kind) => error instanceof kind),
    givenUp: async (message, cause) => {
      if (message.kind !== 'dry-run') await failJob(message, cause, services)
    },
    work: async (message, { outOfTime, run }) => {
      const mine = { ...services, run, printer: until(outOfTime, printer) }
      if (message.kind === 'dry-run') {
        logger.info('dry run', { request: message, ...(await dryRun(mine)) })
        return
      }
      const made = await handleReportMessage(message, mine, outbox)
      if (!made) {
        logger.info('done before', { request: message })
        return
      }
      if ('paused' in made) {
        const { at, by, reason, until } = made.paused
        logger.info('paused', { request: message, period: made.period, since: at, by, reason, until })
        return
      }
      const { report, isNew, timings } = made
      logger.info(isNew ? 'made' : 'stands', { report: report.id, timings })
    },
  }
}

export const handler = queueFunction('generate', ({ config, logger, queues }) => {
  const printer = residentPrinter()
  const { organisation, intake } = bundledOrganisation(import.meta.dirname)
  const services = servicesOn({
    table: openTable({}, config.TABLE_NAME),
    archive: archiveBucket({}, config.ARCHIVE_BUCKET),
    pictures: picturesBucket({}, config.PLATES_BUCKET),
    printer,
    signer: kmsSigner(config.SIGNING_KEY),
    run: '',
    organisation,
    aliases: intake.aliases,
    log: (message) => logger.info(message),
  })
  return workOn({ config, logger, queues, services, printer })
})
