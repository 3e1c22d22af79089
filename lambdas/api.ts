/** The Lambda behind the HTTP API: the web, for whom the mail service and signed addresses of the bucket work. */
import { bundledHouse } from './bundled-house.ts'
import { sesMailer } from './deliver/ses.ts'
import { readConfig } from './env.ts'
import { httpFunction } from './http-function.ts'
import { readersOn } from './readers.ts'
import { archiveBucket } from './store/archive-s3.ts'
import { signedBucket } from './store/signed-files.ts'
import { openTable } from './store/table-dynamodb.ts'
import { storesIn } from './stores.ts'
import { webApp } from './web/app.ts'

const config = readConfig('api', process.env)
const { log, answering } = httpFunction('api', config.STAGE)
const { house } = bundledHouse(import.meta.dirname)
const files = signedBucket({}, config.ARCHIVE_BUCKET)
const services = {
  ...storesIn(openTable({}, config.TABLE_NAME)),
  archive: archiveBucket({}, config.ARCHIVE_BUCKET),
  house,
  clock: () => new Date(),
}
const readers = readersOn(services, {
  mailer: sesMailer({}, { from: config.MAIL_FROM, configurationSet: config.MAIL_CONFIGURATION_SET }),
  from: config.MAIL_FROM,
  files,
  log,
})

export const handler = answering(webApp({ readers, house, log, filesOrigin: files.origin, secure: true }))
