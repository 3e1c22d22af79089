/** The Lambda behind the HTTP API: the web, for whom the mail service and signed addresses of the bucket work. */
import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import { type APIGatewayProxyResult, handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda'
import { bundledHouse } from './bundled-house.ts'
import { sesMailer } from './deliver/ses.ts'
import { readConfig } from './env.ts'
import { readersOn } from './readers.ts'
import { archiveBucket } from './store/archive-s3.ts'
import { signedBucket } from './store/signed-files.ts'
import { openTable } from './store/table.ts'
import { storesIn } from './stores.ts'
import { webApp } from './web/app.ts'

const config = readConfig('api', process.env)
const logger = new Logger({ serviceName: 'api', persistentKeys: { stage: config.STAGE } })
const { house } = bundledHouse(import.meta.dirname)
const files = signedBucket({}, config.ARCHIVE_BUCKET)
const log = (what: string, facts: Readonly<Record<string, string | number>>) =>
  what === 'request failed' ? logger.error(what, facts) : logger.info(what, facts)
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
const answer = handle(webApp({ readers, house, log, filesOrigin: files.origin, secure: true }))

export const handler = async (event: APIGatewayProxyEventV2, context: Context): Promise<APIGatewayProxyResult> => {
  logger.addContext(context)
  return answer(event as unknown as LambdaEvent, context as unknown as LambdaContext)
}
