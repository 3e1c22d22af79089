/** S3 and SQS on loopback, in this process, each behind a proxy that tests can break. */
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import dynalite from 'dynalite'
import { buildApp } from 'fauxqs'
import aws from './aws-limits.json' with { type: 'json' }
import { onTestClock } from './clock.ts'
import { conditionalWrites, type Interceptor, listedInByteOrder, type StandInProxy, startProxy } from './proxy.ts'
import { transactions } from './transactions.ts'

/** A CommonJS module with a default of its own, which every importer reads otherwise. */
const { default: startSes } = createRequire(import.meta.url)('aws-ses-v2-local') as typeof import('aws-ses-v2-local')

export const region = 'eu-west-3'
export const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

export type Storage = {
  /** S3 and SQS. */
  readonly services: StandInProxy
  close(): Promise<void>
}

/** S3 as Vigie needs it, writes on condition included, and SQS. */
export const startStorage = async (): Promise<Storage> => {
  const app = buildApp({ logger: false })
  // S3 takes up to 5 GB at once; the stand-in 11 MB, which the table of a busy week is beyond.
  app.removeContentTypeParser('*')
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 2 ** 30 }, (_, body, done) => done(null, body))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const services = await startProxy((app.server.address() as AddressInfo).port)
  services.intercept(conditionalWrites())
  services.intercept(listedInByteOrder())
  services.intercept(sentByTestClock)
  return {
    services,
    close: async () => {
      await services.close()
      await app.close()
    },
  }
}

/** The stand-in dates messages by the machine's clock. */
const sentByTestClock: Interceptor = async (asked, through) => {
  const answer = await through(asked)
  if (asked.headers['x-amz-target'] !== 'AmazonSQS.ReceiveMessage') return answer
  const body = answer.body
    .toString()
    .replace(/("SentTimestamp":")(\d+)/g, (_, name: string, ms: string) => name + String(onTestClock(Number(ms))))
  return { ...answer, headers: { ...answer.headers, 'content-length': String(Buffer.byteLength(body)) }, body }
}

/** DynamoDB in memory. */
export const startDynamo = async (): Promise<{ readonly table: StandInProxy; close(): Promise<void> }> => {
  const server = dynalite({ createTableMs: 0, deleteTableMs: 0, maxItemSizeKb: aws.limits.item.limit / 1024 })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const table = await startProxy((server.address() as AddressInfo).port)
  table.intercept(transactions())
  return {
    table,
    close: async () => {
      await table.close()
      await new Promise<void>((done) => server.close(() => done()))
    },
  }
}

/** A mail as the stand-in for SES keeps it. */
export type InboxMail = {
  readonly messageId: string
  readonly subject: string
  readonly destination: { readonly to: readonly string[] }
  readonly body: { readonly text?: string; readonly html?: string }
}

export type MailService = {
  readonly service: StandInProxy
  /** Every mail that was taken, the first one first. */
  inbox(): Promise<readonly InboxMail[]>
  close(): Promise<void>
}

/** SES on loopback: it takes every mail, and sends none. */
export const startMail = async (): Promise<MailService> => {
  const server = await startSes({ port: 0, host: '127.0.0.1' })
  // On a slow machine a test may ask again after the usual five seconds, when the connection is just closed.
  server.keepAliveTimeout = 60_000
  const { port } = server.address() as AddressInfo
  // It keeps its mails in its module, which other test files of this process have used.
  await fetch(`http://127.0.0.1:${port}/clear-store`, { method: 'POST' })
  const service = await startProxy(port)
  return {
    service,
    inbox: async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/store`)
      return ((await answer.json()) as { emails: InboxMail[] }).emails
    },
    close: async () => {
      await service.close()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
