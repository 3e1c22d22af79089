/** Lambda of the API for programs: callers have a token or a role of the account. */
import { randomBytes } from 'node:crypto'
import { archiveBucket } from './archive/archive.s3.ts'
import { signedPlates } from './archive/pictures.s3.ts'
import { signedBucket, signedDrop } from './archive/signed-urls.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { systemClock } from './config/clock.ts'
import { secretPseudonyms } from './keys/pseudonyms.secret.ts'
import { kmsSigner } from './keys/signer.kms.ts'
import { httpFunction } from './runtime/http-function.ts'
import { openQueues } from './runtime/sqs-function.ts'
import { plateUploadsIn } from './store/intake/plate-uploads.ts'
import { jobsIn } from './store/reports/jobs.ts'
import { reportsIn } from './store/reports/reports.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { deskOn } from './usecases/ingest/desk.ts'
import { candidateStoreIn } from './usecases/stores.ts'
import { apiApp } from './web/api/app.ts'
import { callerIn } from './web/sign-in/identity.ts'

export const handler = httpFunction('api', ({ config, log }) => {
  const { limits, intake } = bundledOrganisation(import.meta.dirname)
  const queues = openQueues()
  const table = openTable({}, config.TABLE_NAME)
  const files = signedBucket({}, config.ARCHIVE_BUCKET)
  const upload = signedDrop({}, config.DROP_BUCKET)
  const open = signedPlates({}, config.PLATES_BUCKET)
  const pseudonyms = secretPseudonyms(config.PSEUDONYM_SECRET)
  const clock = systemClock
  const desk = deskOn(table, {
    clock,
    run: () => `api-${randomBytes(8).toString('hex')}`,
    intake: async () => ({ ...intake, pseudonyms }),
  })

  return apiApp({
    callerOf: (c) => callerIn((c.env as { event?: unknown }).event, config.IAM_CLEARANCE),
    services: {
      reports: reportsIn(table),
      archive: archiveBucket({}, config.ARCHIVE_BUCKET),
      ...desk.services,
      signer: kmsSigner(config.SIGNING_KEY),
      candidates: candidateStoreIn(table),
      jobs: jobsIn(table),
      clock,
      limits,
      enqueue: (message) => queues.send(config.REPORT_QUEUE_URL, message),
    },
    files,
    desk,
    plates: { open, uploads: plateUploadsIn(table) },
    upload: (name, bytes, caller) => upload(name, bytes, caller, clock()),
    log,
    filesOrigin: files.origin,
    secure: true,
  })
})
