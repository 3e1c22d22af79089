/** The Lambda that takes detections in: word of a dropped file in, stored detections and a result beside the file out. */
import { randomBytes } from 'node:crypto'
import { Logger } from '@aws-lambda-powertools/logger'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { dropBucket, MissingFileError } from './archive/drop.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { dropPrefix, readConfig } from './config/env.ts'
import { dropMessageSchema } from './domain/report/messages.ts'
import { secretPseudonyms } from './keys/pseudonyms.secret.ts'
import { openQueues } from './runtime/sqs-function.ts'
import { openTable } from './store/table.dynamodb.ts'
import { DroppedFileError, ingestDroppedFile } from './usecases/ingest/ingest-dropped-file.ts'
import { intakeStoresIn } from './usecases/stores.ts'

const config = readConfig('ingest', process.env)
const logger = new Logger({ serviceName: 'ingest', persistentKeys: { stage: config.STAGE } })
const queues = openQueues()
const stores = intakeStoresIn(openTable({}, config.TABLE_NAME))
const drop = dropBucket({}, config.DROP_BUCKET)
const { intake } = bundledOrganisation(import.meta.dirname)

const pseudonyms = secretPseudonyms(config.PSEUDONYM_SECRET)

export const handler = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  queues.workThrough(event, context, {
    queue: { url: config.INGEST_QUEUE_URL, deadLettersUrl: config.DEAD_LETTERS_URL },
    schema: dropMessageSchema.refine(
      (keys) => keys.every((key) => key.startsWith(dropPrefix)),
      `names no dropped file: those lie under ${dropPrefix}`,
    ),
    isHopeless: (error) => error instanceof DroppedFileError || error instanceof MissingFileError,
    logger,
    work: async (keys, { outOfTime }) => {
      const run = `${context.awsRequestId}-${randomBytes(4).toString('hex')}`
      const services = { ...stores, run, clock: () => new Date() }
      for (const key of keys) {
        const { rejects, contests, receipt, ...tally } = await ingestDroppedFile(
          key,
          services,
          drop,
          { ...intake, pseudonyms },
          outOfTime,
        )
        logger.info('taken in', { file: key, ...tally })
      }
    },
  })
