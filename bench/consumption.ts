/**
 * What a detection, a report and a mail take of table, archive and time, counted on the stand-ins: for the cost model.
 */
import { mkdir, readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { archiveFolder } from '../lambdas/archive/archive.local.ts'
import type { Archive } from '../lambdas/archive/archive.ts'
import { type TerritoryCode, territories } from '../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../lambdas/domain/core/time/period.ts'
import { readNdjson } from '../lambdas/intake/json/ndjson.ts'
import { openSigner } from '../lambdas/keys/signer.local.ts'
import { outboxMailer } from '../lambdas/mail/mailer.local.ts'
import { residentPrinter } from '../lambdas/render/resident-printer.ts'
import { openTable } from '../lambdas/store/table/table.dynamodb.ts'
import { mailingOn } from '../lambdas/usecases/delivery/compose-mail.ts'
import { deliverReport } from '../lambdas/usecases/delivery/deliver-report.ts'
import { addRecipient } from '../lambdas/usecases/delivery/manage-recipients.ts'
import { ingestDetections } from '../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport } from '../lambdas/usecases/reports/generate-report.ts'
import { deliveryMessageOf } from '../lambdas/usecases/reports/handle-report-message.ts'
import { type Services, servicesOn } from '../lambdas/usecases/services.ts'
import { credentials, region, startDynamo } from '../test/support/aws.ts'
import type { Interceptor } from '../test/support/proxy.ts'
import type { Consumption, Measured } from './cost-model.ts'
import { detectionLike } from './intake.ts'

const detectionsEach = 80
const week = parsePeriod('2024-W20')
const weekBefore = parsePeriod('2024-W19')

/** Everything once for each territory, on a table and in a folder of its own. */
export const consumption = async (folder: string): Promise<Measured> => {
  const home = join(folder, 'home')
  await mkdir(home)
  const { table: server, close } = await startDynamo()
  const counts = { readUnits: 0, writeUnits: 0, tableBytes: 0, archivePuts: 0, archiveGets: 0, archiveBytes: 0 }
  const table = openTable({ endpoint: server.endpoint, region, credentials }, 'bench')
  server.intercept(countingUnits(counts))
  const printer = residentPrinter()
  try {
    await table.create()
    const services = servicesOn({
      table,
      archive: countingArchive(archiveFolder(join(home, 'archive')), counts),
      printer,
      signer: openSigner(home),
      run: 'bench',
    })
    const each = async (many: number, work: () => Promise<unknown>): Promise<Consumption> => {
      for (const name of Object.keys(counts) as (keyof typeof counts)[]) counts[name] = 0
      const start = performance.now()
      await work()
      const all = { ms: performance.now() - start, ...counts }
      return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value / many])) as Consumption
    }
    await generateReport({ territory: 'NC', period: parsePeriod('2022-W20'), cap: 'TLP:AMBER' }, services) // starts the browser
    const codes = territories.map(({ code }) => code)
    const detection = await each(codes.length * detectionsEach, () => takeIn(codes, services))
    // A store in which each week was reported: later ones count those before from summaries.
    for (const territory of codes) await generateReport({ territory, period: weekBefore, cap: 'TLP:AMBER' }, services)
    const report = await each(codes.length, async () => {
      for (const territory of codes) await generateReport({ territory, period: week, cap: 'TLP:AMBER' }, services)
    })
    const mail = await mailed(codes, join(home, 'outbox'), services, each)
    return { report, detection, mail }
  } finally {
    await printer.drop()
    await table.close()
    await close()
  }
}

const takeIn = (codes: readonly TerritoryCode[], services: Services) => {
  const file = async function* () {
    for (const [number, code] of codes.entries()) {
      for (let at = 0; at < detectionsEach; at += 1) {
        yield Buffer.from(
          `${JSON.stringify({ ...detectionLike(number * detectionsEach + at), territories: [code] })}\n`,
        )
      }
    }
  }
  return ingestDetections(readNdjson(file(), { file: 'bench' }), 'bench', services)
}

/** With the PDF attached: the dearer form. */
const mailed = async (
  codes: readonly TerritoryCode[],
  outbox: string,
  services: Services,
  each: (many: number, work: () => Promise<unknown>) => Promise<Consumption>,
): Promise<Measured['mail']> => {
  await mkdir(outbox, { recursive: true })
  const reader = { address: 'reader@example.org', territories: codes, clearance: 'TLP:GREEN', form: 'attachment' }
  await addRecipient(reader, {}, { by: 'the bench' }, services)
  const mailing = mailingOn({
    mailer: outboxMailer(outbox),
    from: 'vigie@example.org',
    site: 'https://reports.example.org',
    clock: services.clock,
  })
  const made = await Promise.all(
    // What is attached fits under GREEN.
    codes.map((territory) => generateReport({ territory, period: week, cap: 'TLP:GREEN' }, services)),
  )
  const taken = await each(codes.length, async () => {
    for (const one of made) await deliverReport(deliveryMessageOf(one, 'everybody'), services, mailing)
  })
  const mails = (await readdir(outbox)).filter((name) => name.endsWith('.eml'))
  if (mails.length !== codes.length) throw new Error(`${mails.length} mails went out where ${codes.length} were due`)
  const sizes = await Promise.all(mails.map(async (name) => (await stat(join(outbox, name))).size))
  return { ...taken, bytes: sizes.reduce((all, size) => all + size, 0) / mails.length }
}

type Units = { readUnits: number; writeUnits: number; tableBytes: number }

/** Asks the table with each request what it takes, in DynamoDB's own units. */
const countingUnits =
  (counts: Units): Interceptor =>
  async (asked, through) => {
    const [, operation = ''] = String(asked.headers['x-amz-target'] ?? '').split('.')
    const isWrite = ['PutItem', 'BatchWriteItem', 'UpdateItem', 'DeleteItem'].includes(operation)
    if (!isWrite && !['GetItem', 'BatchGetItem', 'Query', 'Scan'].includes(operation)) return through(asked)
    const said = JSON.parse(asked.body.toString())
    const body = Buffer.from(JSON.stringify({ ...said, ReturnConsumedCapacity: 'TOTAL' }))
    const headers = { ...asked.headers, 'content-length': String(body.length) }
    const answer = await through({ ...asked, headers, body })
    const { ConsumedCapacity = [] } = JSON.parse(answer.body.toString())
    for (const { CapacityUnits } of [ConsumedCapacity].flat())
      counts[isWrite ? 'writeUnits' : 'readUnits'] += CapacityUnits
    if (isWrite) counts.tableBytes += writtenBytes(said)
    return answer
  }

/** Of the items in a request, as they are written in it: somewhat more than the table counts. */
const writtenBytes = (asked: {
  readonly Item?: object
  readonly RequestItems?: Readonly<Record<string, readonly { readonly PutRequest?: { readonly Item: object } }[]>>
}): number => {
  const items = [
    asked.Item,
    ...Object.values(asked.RequestItems ?? {}).flatMap((all) => all.map(({ PutRequest }) => PutRequest?.Item)),
  ]
  return items.reduce((bytes, item) => bytes + (item ? JSON.stringify(item).length : 0), 0)
}

type Objects = { archivePuts: number; archiveGets: number; archiveBytes: number }

const countingArchive = (archive: Archive, counts: Objects): Archive => ({
  ...archive,
  put: (key, body, contentType) => {
    counts.archivePuts += 1
    counts.archiveBytes += body instanceof Uint8Array ? body.byteLength : body.size
    return archive.put(key, body, contentType)
  },
  get: (key) => {
    counts.archiveGets += 1
    return archive.get(key)
  },
  read: (key) => {
    counts.archiveGets += 1
    return archive.read(key)
  },
})
