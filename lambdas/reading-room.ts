/** Lambda of the reading room. Without an identity from the authoriser the visitor is anonymous. */

import { randomBytes } from 'node:crypto'
import { archiveBucket } from './archive/archive.s3.ts'
import { picturesBucket, postedPlates } from './archive/pictures.s3.ts'
import { signedBucket } from './archive/signed-urls.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { systemClock } from './config/clock.ts'
import { scheduledIn } from './config/due.ts'
import { secretPseudonyms } from './keys/pseudonyms.secret.ts'
import { kmsSigner } from './keys/signer.kms.ts'
import { roomDrawings } from './render/drawings/drawings.ts'
import { httpFunction } from './runtime/http-function.ts'
import { openQueues } from './runtime/sqs-function.ts'
import { deliveriesIn } from './store/delivery/deliveries.ts'
import { recipientsIn } from './store/delivery/recipients.ts'
import { detectionsIn } from './store/detections/detections.ts'
import { batchesIn } from './store/intake/batches.ts'
import { plateUploadsIn } from './store/intake/plate-uploads.ts'
import { platesIn } from './store/intake/plates.ts'
import { sourcesIn } from './store/intake/sources.ts'
import { jobsIn } from './store/reports/jobs.ts'
import { reportsIn } from './store/reports/reports.ts'
import { schedulesIn } from './store/reports/schedules.ts'
import { changedDaysIn } from './store/table/changed-days.ts'
import { historyIn } from './store/table/history.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { deskOn } from './usecases/ingest/desk.ts'
import { candidateStoreIn, noteStoreIn } from './usecases/stores.ts'
import { webApp } from './web/app.ts'
import { stageSignInLinks } from './web/reading-room/frame/sign-in-links.ts'
import { roomRoutes } from './web/reading-room/routes.ts'
import { visitorIn } from './web/sign-in/identity.ts'

export const handler = httpFunction('reading-room', ({ config, log }) => {
  const { organisation, limits, intake } = bundledOrganisation(import.meta.dirname)
  const queues = openQueues()
  const table = openTable({}, config.TABLE_NAME)
  const pseudonyms = secretPseudonyms(config.PSEUDONYM_SECRET)
  const files = signedBucket({}, config.ARCHIVE_BUCKET)

  return webApp({
    ...{ organisation, log, secure: true },
    // Files are opened by links, never by forms.
    filesOrigin: async () => undefined,
    also: (web, style) =>
      roomRoutes(
        web,
        {
          visitorOf: (c) => visitorIn((c.env as { event?: unknown }).event),
          signInLinks: stageSignInLinks,
          services: {
            reports: reportsIn(table),
            archive: archiveBucket({}, config.ARCHIVE_BUCKET),
            sources: sourcesIn(table),
            detections: detectionsIn(table),
            changedDays: changedDaysIn(table),
            plates: platesIn(table),
            pictures: picturesBucket({}, config.PLATES_BUCKET),
            batches: batchesIn(table),
            candidates: candidateStoreIn(table),
            deliveries: deliveriesIn(table),
            history: historyIn(table),
            notes: noteStoreIn(table),
            recipients: recipientsIn(table),
            schedules: schedulesIn(table),
            signer: kmsSigner(config.SIGNING_KEY),
            jobs: jobsIn(table),
            clock: systemClock,
            limits,
            enqueue: (message) => queues.send(config.REPORT_QUEUE_URL, message),
          },
          desk: deskOn(table, {
            clock: systemClock,
            run: () => `room-${randomBytes(8).toString('hex')}`,
            intake: async () => ({ ...intake, pseudonyms }),
          }),
          due: scheduledIn(config.DUE),
          deliver: (message) => queues.send(config.DELIVERY_QUEUE_URL, message),
          files,
          plates: {
            uploads: plateUploadsIn(table),
            door: { is: 'elsewhere', form: postedPlates({}, config.PLATES_BUCKET) },
          },
          drawings: roomDrawings,
          log,
        },
        style,
      ),
  })
})
