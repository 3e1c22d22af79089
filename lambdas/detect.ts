/** Lambda that reads dropped posts once a day and stores candidates and a record of the run. */
import type { Context } from 'aws-lambda'
import { dropBucket } from './archive/drop.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { systemClock } from './config/clock.ts'
import { readConfig } from './config/env.ts'
import { postsDueSchema } from './domain/report/messages.ts'
import { secretPseudonyms } from './keys/pseudonyms.secret.ts'
import { openLogger } from './runtime/logger.ts'
import { onFirstCall } from './runtime/on-first-call.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { detectDropped } from './usecases/detect/detect-dropped.ts'
import { detectStoresIn } from './usecases/stores.ts'

const opened = onFirstCall(() => {
  const config = readConfig('detect', process.env)
  return {
    logger: openLogger('detect', config.STAGE),
    stores: detectStoresIn(openTable({}, config.TABLE_NAME)),
    drop: dropBucket({}, config.DROP_BUCKET),
    organisation: bundledOrganisation(import.meta.dirname).intake,
    pseudonyms: secretPseudonyms(config.PSEUDONYM_SECRET),
  }
})

/** Milliseconds reserved at the end for reporting unread queries. */
const shutdownMs = 10_000

/** @throws Error naming the queries that were not read: Lambda retries, and finished queries are skipped */
export const handler = async (event: unknown, context: Pick<Context, 'awsRequestId' | 'getRemainingTimeInMillis'>) => {
  const { logger, stores, drop, organisation, pseudonyms } = opened()
  const { lookedAt, failed } = await detectDropped(
    {
      at: new Date(postsDueSchema.parse(event).scheduledAt),
      organisation,
      pseudonyms,
      outOfTime: AbortSignal.timeout(Math.max(1, context.getRemainingTimeInMillis() - shutdownMs)),
    },
    { ...stores, clock: systemClock, run: context.awsRequestId },
    drop,
  )
  for (const { result, ...about } of lookedAt) {
    const { posts, accounts, rejected, kept } = result
    logger.info('looked at', { ...about, posts, accounts, rejected, kept })
  }
  for (const { query, cause } of failed) logger.error('failed', { query, error: cause })
  if (failed.length > 0) {
    const causes = failed.map(({ query, cause }) => `${query} (${cause.message})`)
    throw new Error(`posts were not examined, of ${causes.join('; ')}`)
  }
}
