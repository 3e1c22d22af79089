/** Lambda that removes pictures once a day after their retention. */
import { picturesBucket } from './archive/pictures.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { systemClock } from './config/clock.ts'
import { readConfig } from './config/env.ts'
import { expiryDueSchema } from './domain/report/messages.ts'
import { openLogger } from './runtime/logger.ts'
import { onFirstCall } from './runtime/on-first-call.ts'
import { platesIn } from './store/intake/plates.ts'
import { reportsIn } from './store/reports/reports.ts'
import { schedulesIn } from './store/reports/schedules.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { expireByRetention } from './usecases/plates/expire-plates.ts'

const opened = onFirstCall(() => {
  const config = readConfig('expire', process.env)
  const table = openTable({}, config.TABLE_NAME)
  return {
    logger: openLogger('expire', config.STAGE),
    days: bundledOrganisation(import.meta.dirname).limits.retention?.images,
    services: {
      plates: platesIn(table),
      reports: reportsIn(table),
      schedules: schedulesIn(table),
      pictures: picturesBucket({}, config.PLATES_BUCKET),
      clock: systemClock,
    },
  }
})

export const handler = async (event: unknown) => {
  const { logger, days, services } = opened()
  const at = new Date(expiryDueSchema.parse(event).scheduledAt)
  if (days === undefined) return logger.info('pictures are kept permanently')
  const done = await expireByRetention({ days, at }, services)
  if ('paused' in done) return logger.info('paused', { ...done.paused })
  // Operators need the versions that show a removed picture.
  for (const { sha256, addedAt, shownBy } of done.removed) logger.info('removed', { plate: sha256, addedAt, shownBy })
  logger.info('expired', { before: done.before, removed: done.removed.length })
}
