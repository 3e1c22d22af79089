/** Lambda that stores the masked picture of an upload and deletes the upload. */
import * as z from 'zod'
import { incomingBucket, picturesBucket } from './archive/pictures.s3.ts'
import { systemClock } from './config/clock.ts'
import { incomingPrefix, readConfig } from './config/env.ts'
import { maskPicture } from './render/picture-decoder.ts'
import { openLogger } from './runtime/logger.ts'
import { onFirstCall } from './runtime/on-first-call.ts'
import { plateUploadsIn } from './store/intake/plate-uploads.ts'
import { platesIn } from './store/intake/plates.ts'
import { openTable } from './store/table/table.dynamodb.ts'
import { takeUpload } from './usecases/plates/take-upload.ts'

const opened = onFirstCall(() => {
  const config = readConfig('plates', process.env)
  const table = openTable({}, config.TABLE_NAME)
  return {
    logger: openLogger('plates', config.STAGE),
    services: {
      plates: platesIn(table),
      uploads: plateUploadsIn(table),
      pictures: picturesBucket({}, config.PLATES_BUCKET),
      incoming: incomingBucket({}, config.PLATES_BUCKET),
      clock: systemClock,
    },
  }
})

/** EventBridge's event of a new object under `incoming/`. */
const uploadedSchema = z.object({
  detail: z.object({
    object: z.object({ key: z.string().regex(new RegExp(`^${incomingPrefix}[0-9a-f-]{36}$`), 'is no upload’s key') }),
  }),
})

export const handler = async (event: unknown) => {
  const { logger, services } = opened()
  const id = uploadedSchema.parse(event).detail.object.key.slice(incomingPrefix.length)
  const taken = await takeUpload(id, maskPicture, services)
  logger.info(taken?.state ?? 'no upload was opened for it', {
    id,
    ...(taken && { who: taken.who, sha256: taken.sha256 }),
  })
}
