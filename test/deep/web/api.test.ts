/**
 * The bundle of `api` as it would be deployed: events of the HTTP API in, pages, mails and signed addresses of the
 * bucket out.
 */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import { archiveBucket } from '../../../lambdas/archive/archive.s3.ts'
import type { Marking } from '../../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import type { Recipient } from '../../../lambdas/domain/delivery/recipient.ts'
import { readNdjson } from '../../../lambdas/intake/json/ndjson.ts'
import type { OutgoingMail } from '../../../lambdas/mail/mime.ts'
import { openPrinter } from '../../../lambdas/render/chromium.ts'
import { openTable } from '../../../lambdas/store/table/table.dynamodb.ts'
import { deliverReport } from '../../../lambdas/usecases/delivery/deliver-report.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { type Services, servicesOn } from '../../../lambdas/usecases/services.ts'
import { credentials, region } from '../../support/aws.ts'
import { ndjson } from '../../support/cli.ts'
import type { Instance } from '../../support/lambda.ts'
import { recipient } from '../../support/recipients.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { newInstance, type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let services: Services
let api: Instance
let close: () => Promise<void>

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  const table = openTable({ endpoint: stack.table.endpoint, region, credentials }, stack.outputs.TableName ?? '')
  const s3 = { endpoint: stack.services.endpoint, region, credentials, forcePathStyle: true }
  const archive = archiveBucket(s3, stack.outputs.ArchiveBucket ?? '')
  const printer = await openPrinter()
  services = servicesOn({ table, archive, printer, signer: stack.signer, run: 'test' })
  const chunks = async function* () {
    yield readFileSync(story.file)
    yield Buffer.from(
      ndjson({
        id: 'marked',
        detector: 'watch',
        kind: 'copy-paste',
        title: { fr: 'Constat réservé', en: 'Reserved finding' },
        territories: ['NC'],
        observed: { from: '2024-05-15' },
        counts: { posts: 7 },
        marking: 'TLP:AMBER',
      }),
    )
  }
  await ingestDetections(readNdjson(chunks(), { file: 'story' }), 'story', services)
  api = await newInstance(stack, 'ReadersWorker')
  close = async () => {
    await api.close()
    await printer.close()
    table.close()
    archive.close()
    await stack.close()
  }
})
afterAll(() => close())

/** Tokens of a mail that was delivered. */
const linksTo = async (one: Recipient, cap: Marking) => {
  await services.recipients.replace(one)
  const { report } = await generateReport({ territory: 'NC', period: parsePeriod('2024-W20'), cap }, services)
  let links = { read: '', unsubscribe: '' }
  const message = { territory: 'NC', period: '2024-W20', cap, version: report.version, to: 'everybody' } as const
  await deliverReport(message, services, {
    mailer: { send: async () => ({ messageId: 'm' }) },
    site: 'https://reports.example.org',
    write: async (mail) => {
      links = mail.links
      const empty: OutgoingMail = { to: mail.recipient.address, subject: '', raw: new Uint8Array() }
      return { mail: empty, form: 'link' }
    },
  })
  return { read: new URL(links.read).pathname, leave: new URL(links.unsubscribe).pathname }
}

type Answer = {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly isBase64Encoded: boolean
}

/** As the HTTP API hands a request on: format 2.0, with a form's body in base64. */
const ask = async (method: string, path: string, form?: Readonly<Record<string, string>>): Promise<Answer> => {
  const domainName = 'abc123.execute-api.eu-west-3.amazonaws.com'
  const invoked = await api.invoke({
    version: '2.0',
    routeKey: `${method} ${path.replace(/[0-9a-f]{64}/, '{token}')}`,
    rawPath: path,
    rawQueryString: '',
    headers: {
      host: domainName,
      accept: 'text/html',
      ...(form && { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }),
    },
    requestContext: {
      accountId: '000000000000',
      apiId: 'abc123',
      domainName,
      domainPrefix: 'abc123',
      http: { method, path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: '$default',
      stage: '$default',
      time: '20/May/2024:08:00:00 +0000',
      timeEpoch: 0,
    },
    ...(form && { body: Buffer.from(new URLSearchParams(form).toString()).toString('base64') }),
    isBase64Encoded: form !== undefined,
  })
  if (!('value' in invoked)) throw new Error(`${JSON.stringify(invoked)} ${api.log()}`)
  return invoked.value as Answer
}

describe('the api', () => {
  test('opens a link by a redirect to an address of the bucket that is signed for five minutes', async () => {
    const { read } = await linksTo(recipient('green@example.org', { clearance: 'TLP:GREEN' }), 'TLP:GREEN')
    const page = await ask('GET', read)
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain('Nouvelle-Calédonie')
    expect(page.headers['strict-transport-security']).toContain('max-age=')
    const answer = await ask('POST', read, { file: 'html' })
    expect(answer.statusCode).toBe(303)
    const url = new URL(answer.headers.location ?? '')
    expect(url.searchParams.get('X-Amz-Expires')).toBe('300')
    expect(url.pathname).toMatch(/\/reports\/NC\/2024-W20\/green\/v0001\/report\.fr\.html$/)
    expect(url.searchParams.get('response-content-disposition')).toMatch(/^inline; filename="vigie-NC-2024-W20-/)
    expect(url.searchParams.get('response-content-type')).toContain('text/html')
    // The form may lead there, and nowhere else.
    expect(page.headers['content-security-policy']).toContain(`form-action 'self' ${url.origin};`)
  })

  test('serves its style and fonts, and says that it is well', async () => {
    expect((await ask('GET', '/healthz')).body).toBe('{"status":"ok"}')
    const nothing = await ask('GET', '/r/nothing')
    expect(nothing.statusCode).toBe(404)
    const sheet = /href="(\/assets\/[^"]+)"/.exec(nothing.body)?.[1] ?? ''
    expect((await ask('GET', sheet)).headers['content-type']).toContain('text/css')
    const font = await ask('GET', sheet.replace('pages.css', 'SourceSans3-400.woff2'))
    expect(font.isBase64Encoded).toBe(true)
    expect(Buffer.from(font.body, 'base64').subarray(0, 4).toString()).toBe('wOF2')
  })

  test('mails a code by SES under a tag that SES takes, and logs no token, address or code', async () => {
    const { read } = await linksTo(recipient('amber@example.org'), 'TLP:AMBER')
    const tags: unknown[] = []
    const mend = stack.mail.service.intercept(async (asked, through) => {
      if (asked.url.startsWith('/v2/email/outbound-emails')) tags.push(JSON.parse(asked.body.toString()).EmailTags)
      return through(asked)
    })
    expect((await ask('POST', read, { ask: 'code' })).statusCode).toBe(200)
    mend()
    expect(tags).toEqual([[{ Name: 'delivery', Value: expect.stringMatching(/^code_[A-Za-z0-9_-]+$/) }]])
    const mail = (await stack.mail.inbox()).at(-1)
    expect(mail?.destination.to.join()).toContain('amber@example.org')
    const code = /^\d{6}$/m.exec(mail?.body.text ?? '')?.[0] ?? ''
    expect((await ask('POST', read, { code, file: 'pdf' })).statusCode).toBe(303)
    expect((await ask('POST', read, { code, file: 'pdf' })).statusCode).toBe(422)
    const log = api.log()
    expect(log).toContain('file opened')
    for (const secret of [read.slice(3), 'amber@example.org', code]) expect(log).not.toContain(secret)
  })

  test('takes one click out of a mail', async () => {
    const reader = recipient('leaving@example.org', { clearance: 'TLP:GREEN' })
    const { leave } = await linksTo(reader, 'TLP:GREEN')
    expect((await ask('GET', leave)).statusCode).toBe(200)
    expect((await ask('POST', leave, { 'List-Unsubscribe': 'One-Click' })).statusCode).toBe(200)
    expect(await services.recipients.get(reader.id)).toMatchObject({ state: 'unsubscribed' })
  })
})
