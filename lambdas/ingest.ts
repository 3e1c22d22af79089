/** Lambda that ingests dropped files and writes each result next to its file. */
import { type Drop, dropBucket, MissingFileError } from './archive/drop.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { systemClock } from './config/clock.ts'
import { dropPrefix } from './config/env.ts'
import { dropMessageSchema } from './domain/report/messages.ts'
import { secretPseudonyms } from './keys/pseudonyms.secret.ts'
import { type QueueJob, type QueueRuntime, queueFunction } from './runtime/queue-function.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { DroppedFileError, type Intake, ingestDroppedFile } from './usecases/ingest/ingest-dropped-file.ts'
import type { IntakeServices } from './usecases/services.ts'
import { intakeStoresIn } from './usecases/stores.ts'

type Parts = Pick<QueueRuntime<'ingest'>, 'config' | 'logger'> & {
  readonly services: Omit<IntakeServices, 'run'>
  readonly drop: Drop
  readonly intake: Intake
}

/** Ingests the dropped files with these keys. */
export const workOn = ({ config, logger, services, drop, intake }: Parts): QueueJob<readonly string[]> => ({
  queue: { url: config.INGEST_QUEUE_URL, deadLettersUrl: config.DEAD_LETTERS_URL },
  schema: dropMessageSchema.refine(
    (keys) => keys.every((key) => key.startsWith(dropPrefix)),
    `names no dropped file: those lie under ${dropPrefix}`,
  ),
  isNonRetryable: (error) => error instanceof DroppedFileError || error instanceof MissingFileError,
  work: async (keys, { outOfTime, run }) => {
    for (const key of keys) {
      const { rejects, contests, receipt, ...tally } = await ingestDroppedFile(
        key,
        { ...services, run },
        drop,
        intake,
        outOfTime,
      )
      logger.info('taken in', { file: key, ...tally })
    }
  },
})

export const handler = queueFunction('ingest', ({ config, logger }) =>
  workOn({
    ...{ config, logger },
    services: { ...intakeStoresIn(openTable({}, config.TABLE_NAME)), clock: systemClock },
    drop: dropBucket({}, config.DROP_BUCKET),
    intake: {
      ...bundledOrganisation(import.meta.dirname).intake,
      pseudonyms: secretPseudonyms(config.PSEUDONYM_SECRET),
    },
  }),
)
