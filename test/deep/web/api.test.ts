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
import { deliverReport } from '../../../lambdas/usecases/delivery/deliver-report.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { type Services, servicesOn } from '../../../lambdas/usecases/services.ts'
import { credentials, region } from '../../support/aws.ts'
import { ndjson } from '../../support/cli.ts'
import { askFunction } from '../../support/http-event.ts'
import { recipient } from '../../support/recipients.ts'
import { sharedAssembly } from '../../support/shared-assembly.ts'
import { type StackHere, startStack } from '../../support/stack-here.ts'

let stack: StackHere
let services: Services
let close: () => Promise<void>

beforeAll(async () => {
  stack = await startStack(await sharedAssembly())
  const s3 = { endpoint: stack.services.endpoint, region, credentials, forcePathStyle: true }
  const archive = archiveBucket(s3, stack.outputs.ArchiveBucket ?? '')
  const printer = await openPrinter()
  services = servicesOn({ table: stack.stored, archive, printer, signer: stack.signer, run: 'test' })
  const marked = {
    ...{ id: 'marked', detector: 'watch', kind: 'copy-paste', title: { fr: 'Constat', en: 'Finding' } },
    ...{ territories: ['NC'], observed: { from: '2024-05-15' }, counts: { posts: 7 }, marking: 'TLP:AMBER' },
  }
  const chunks = async function* () {
    yield readFileSync(story.file)
    yield Buffer.from(ndjson(marked))
  }
  await ingestDetections(readNdjson(chunks(), { file: 'story' }), 'story', services)
  close = async () => {
    await printer.close()
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
    writeRecall: async ({ recipient }) => ({
      mail: { to: recipient.address, subject: '', raw: new Uint8Array() },
      id: 'recall',
    }),
    write: async (mail) => {
      links = mail.links
      const empty: OutgoingMail = { to: mail.recipient.address, subject: '', raw: new Uint8Array() }
      return { mail: empty, form: 'link' }
    },
  })
  return { read: new URL(links.read).pathname, leave: new URL(links.unsubscribe).pathname }
}

const ask = async (method: string, path: string, form?: Readonly<Record<string, string>>) =>
  askFunction(await stack.instance('ReadersWorker'), method, path, {
    headers: {
      accept: 'text/html',
      ...(form && { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }),
    },
    ...(form && { body: new URLSearchParams(form).toString() }),
  })

describe('the api', () => {
  test('opens a link by a redirect to an address of the bucket that is signed for five minutes', async () => {
    const { read } = await linksTo(recipient('green@example.org', { clearance: 'TLP:GREEN' }), 'TLP:GREEN')
    const page = await ask('GET', read)
    expect(page.status).toBe(200)
    expect(page.body).toContain('Nouvelle-Calédonie')
    expect(page.headers['strict-transport-security']).toContain('max-age=')
    const answer = await ask('POST', read, { file: 'html' })
    expect(answer.status).toBe(303)
    const url = new URL(answer.headers.location ?? '')
    expect(url.searchParams.get('X-Amz-Expires')).toBe('300')
    expect(url.pathname).toMatch(/\/reports\/NC\/2024-W20\/green\/v0001\/report\.fr\.html$/)
    expect(url.searchParams.get('response-content-disposition')).toMatch(/^inline; filename="vigie-NC-2024-W20-/)
    expect(url.searchParams.get('response-content-type')).toContain('text/html')
    // The form may lead there, and nowhere else.
    expect(page.headers['content-security-policy']).toContain(`form-action 'self' ${url.origin};`)
  })

  test('serves its style, its fonts and its health', async () => {
    expect((await ask('GET', '/healthz')).body).toBe('{"status":"ok"}')
    const nothing = await ask('GET', '/r/nothing')
    expect(nothing.status).toBe(404)
    const sheet = /href="(\/assets\/[^"]+)"/.exec(nothing.body)?.[1] ?? ''
    expect((await ask('GET', sheet)).headers['content-type']).toContain('text/css')
    const font = await ask('GET', sheet.replace('pages.css', 'SourceSans3-400.woff2'))
    expect(Buffer.from(font.body, 'base64').subarray(0, 4).toString()).toBe('wOF2')
  })

  test('mails a code by SES under a tag that SES takes, and logs no token, address or code', async () => {
    const { read } = await linksTo(recipient('amber@example.org'), 'TLP:AMBER')
    const tags: unknown[] = []
    const undo = stack.mail.service.intercept(async (asked, through) => {
      if (asked.url.startsWith('/v2/email/outbound-emails')) tags.push(JSON.parse(asked.body.toString()).EmailTags)
      return through(asked)
    })
    expect((await ask('POST', read, { ask: 'code' })).status).toBe(200)
    undo()
    expect(tags).toEqual([[{ Name: 'delivery', Value: expect.stringMatching(/^code_[A-Za-z0-9_-]+$/) }]])
    const mail = (await stack.mail.inbox()).at(-1)
    expect(mail?.destination.to.join()).toContain('amber@example.org')
    const code = /^\d{6}$/m.exec(mail?.body.text ?? '')?.[0] ?? ''
    expect((await ask('POST', read, { code, file: 'pdf' })).status).toBe(303)
    expect((await ask('POST', read, { code, file: 'pdf' })).status).toBe(422)
    const log = (await stack.instance('ReadersWorker')).log()
    expect(log).toContain('file opened')
    for (const secret of [read.slice(3), 'amber@example.org', code]) expect(log).not.toContain(secret)
  })

  test('unsubscribes by one click in a mail', async () => {
    const reader = recipient('leaving@example.org', { clearance: 'TLP:GREEN' })
    const { leave } = await linksTo(reader, 'TLP:GREEN')
    expect((await ask('GET', leave)).status).toBe(200)
    expect((await ask('POST', leave, { 'List-Unsubscribe': 'One-Click' })).status).toBe(200)
    expect(await services.recipients.get(reader.id)).toMatchObject({ state: 'unsubscribed' })
  })
})
