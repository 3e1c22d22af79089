/** The Lambda behind the interface for programs: callers come signed in, by a token or as a role of the account. */
import { randomBytes } from 'node:crypto'
import { bundledHouse } from './bundled-house.ts'
import { readConfig } from './env.ts'
import { httpFunction } from './http-function.ts'
import { kmsSigner } from './kms-signer.ts'
import { openQueues } from './queue.ts'
import { secretPseudonyms } from './secret-pseudonyms.ts'
import { archiveBucket } from './store/archive-s3.ts'
import { jobsIn } from './store/jobs.ts'
import { reportsIn } from './store/reports.ts'
import { signedBucket, signedDrop } from './store/signed-files.ts'
import { openTable } from './store/table-dynamodb.ts'
import { intakeStoresIn } from './stores.ts'
import { takeDetections } from './take-detections.ts'
import { callerIn } from './web/callers.ts'
import { programsApp } from './web/programs-app.ts'

const config = readConfig('programs', process.env)
const { log, answering } = httpFunction('programs', config.STAGE)
const { limits, intake } = bundledHouse(import.meta.dirname)
const queues = openQueues()
const table = openTable({}, config.TABLE_NAME)
const files = signedBucket({}, config.ARCHIVE_BUCKET)
const upload = signedDrop({}, config.DROP_BUCKET)
const pseudonyms = secretPseudonyms(config.PSEUDONYM_SECRET)
const clock = () => new Date()
const stores = intakeStoresIn(table)

const app = programsApp({
  callerOf: (c) => callerIn((c.env as { event?: unknown }).event, config.IAM_CLEARANCE),
  services: {
    reports: reportsIn(table),
    archive: archiveBucket({}, config.ARCHIVE_BUCKET),
    sources: stores.sources,
    signer: kmsSigner(config.SIGNING_KEY),
    jobs: jobsIn(table),
    clock,
    limits,
    enqueue: (message) => queues.send(config.REPORT_QUEUE_URL, message),
  },
  files,
  take: (bytes, how) => {
    const run = `api-${randomBytes(8).toString('hex')}`
    return takeDetections(bytes, { ...how, ...intake, pseudonyms }, { ...stores, run, clock })
  },
  upload: (name, bytes, caller) => upload(name, bytes, caller, clock()),
  log,
  filesOrigin: files.origin,
  secure: true,
})

export const handler = answering(app)
