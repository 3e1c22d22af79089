/** The Lambda that takes detections in: word of a dropped file in, stored detections and a result beside the file out. */
import { randomBytes } from 'node:crypto'
import { Logger } from '@aws-lambda-powertools/logger'
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { bundledHouse } from './bundled-house.ts'
import { dropMessageSchema } from './domain/messages.ts'
import { dropPrefix, readConfig } from './env.ts'
import { openQueues } from './queue.ts'
import { secretPseudonyms } from './secret-pseudonyms.ts'
import { dropBucket, MissingFileError } from './store/drop.ts'
import { openTable } from './store/table-dynamodb.ts'
import { intakeStoresIn } from './stores.ts'
import { DroppedFileError, takeDroppedFile } from './take-dropped-file.ts'

const config = readConfig('ingest', process.env)
const logger = new Logger({ serviceName: 'ingest', persistentKeys: { stage: config.STAGE } })
const queues = openQueues()
const stores = intakeStoresIn(openTable({}, config.TABLE_NAME))
const drop = dropBucket({}, config.DROP_BUCKET)
const { intake } = bundledHouse(import.meta.dirname)

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
        const { rejects, contests, receipt, ...tally } = await takeDroppedFile(
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
