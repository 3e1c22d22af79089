/** The Lambda behind the reading room: who asks is what the doorkeeper says, and nobody where it says nothing. */
import { bundledHouse } from './bundled-house.ts'
import { readConfig } from './env.ts'
import { httpFunction } from './http-function.ts'
import { kmsSigner } from './kms-signer.ts'
import { openQueues } from './queue.ts'
import { roomDrawings } from './render/room-drawings.ts'
import { archiveBucket } from './store/archive-s3.ts'
import { deliveriesIn } from './store/deliveries.ts'
import { jobsIn } from './store/jobs.ts'
import { recipientsIn } from './store/recipients.ts'
import { reportsIn } from './store/reports.ts'
import { signedBucket } from './store/signed-files.ts'
import { sourcesIn } from './store/sources.ts'
import { openTable } from './store/table-dynamodb.ts'
import { webApp } from './web/app.ts'
import { visitorIn } from './web/callers.ts'
import { doorOfStage } from './web/door.ts'
import { roomRoutes } from './web/room.ts'

const config = readConfig('room', process.env)
const { log, answering } = httpFunction('room', config.STAGE)
const { house, limits } = bundledHouse(import.meta.dirname)
const queues = openQueues()
const table = openTable({}, config.TABLE_NAME)
const files = signedBucket({}, config.ARCHIVE_BUCKET)

const app = webApp({
  ...{ house, log, secure: true },
  // Files are opened by links: no form leads to them.
  filesOrigin: async () => undefined,
  also: (web, dress) =>
    roomRoutes(
      web,
      {
        visitorOf: (c) => visitorIn((c.env as { event?: unknown }).event),
        door: doorOfStage,
        services: {
          reports: reportsIn(table),
          archive: archiveBucket({}, config.ARCHIVE_BUCKET),
          sources: sourcesIn(table),
          deliveries: deliveriesIn(table),
          recipients: recipientsIn(table),
          signer: kmsSigner(config.SIGNING_KEY),
          jobs: jobsIn(table),
          clock: () => new Date(),
          limits,
          enqueue: (message) => queues.send(config.REPORT_QUEUE_URL, message),
        },
        files,
        drawings: roomDrawings,
        log,
      },
      dress,
    ),
})

export const handler = answering(app)
