/** Lambda behind the links in mails. */

import { archiveBucket } from './archive/archive.s3.ts'
import { signedBucket } from './archive/signed-urls.s3.ts'
import { bundledOrganisation } from './config/bundled-organisation.ts'
import { systemClock } from './config/clock.ts'
import { sesMailer } from './mail/mailer.ses.ts'
import { httpFunction } from './runtime/http-function.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { readerActions } from './usecases/links/reader-actions.ts'
import { storesIn } from './usecases/stores.ts'
import { webApp } from './web/app.ts'

export const handler = httpFunction('mail-links', ({ config, log }) => {
  const { organisation } = bundledOrganisation(import.meta.dirname)
  const files = signedBucket({}, config.ARCHIVE_BUCKET)
  const services = {
    ...storesIn(openTable({}, config.TABLE_NAME)),
    archive: archiveBucket({}, config.ARCHIVE_BUCKET),
    organisation,
    clock: systemClock,
  }
  const readers = readerActions(services, {
    mailer: sesMailer({}, { from: config.MAIL_FROM, configurationSet: config.MAIL_CONFIGURATION_SET }),
    from: config.MAIL_FROM,
    files,
    log,
  })

  return webApp({ readers, organisation, log, filesOrigin: files.origin, secure: true })
})
