/** One mail for many reports: sent once, with what its reader may have at that moment, and every report in the ledger. */
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import { reasonText } from '../../lambdas/domain/core/fault-text.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { everyReport } from '../../lambdas/domain/core/place/due.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { archiveKey } from '../../lambdas/domain/report/manifest.ts'
import { type Mailer, MailRefusedError } from '../../lambdas/mail/mailer.ts'
import { mailingOn } from '../../lambdas/usecases/delivery/compose-mail.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { findDelivery, resend } from '../../lambdas/usecases/delivery/manage-deliveries.ts'
import { recallVersion } from '../../lambdas/usecases/delivery/recall-version.ts'
import { mailEventSchema, recordMailEvent } from '../../lambdas/usecases/delivery/record-mail-event.ts'
import { sendDigests } from '../../lambdas/usecases/delivery/send-digests.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let opened: Opened
let weeks = 0
let period: string
/** Noon of a day. Each test has its own days, since a reader gets one digest a day. */
const noon = (day: number): string => new Date(Date.UTC(2024, 5, 10 * weeks + day, 10)).toISOString()

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  await ingestInto(opened, readFileSync(story.file))
  return async () => {
    await opened.close()
    await remove()
  }
})
beforeEach(async () => {
  // Each test has its own week, whose national edition is long due, and its own readers.
  weeks += 1
  period = `2023-W${String(weeks).padStart(2, '0')}`
  for await (const one of opened.services.recipients.all()) {
    await opened.services.recipients.replace({ ...one, state: 'unsubscribed' })
  }
  opened.at(noon(0))
  await sendDigests({ scheduled: everyReport }, opened.services, mailing().parts)
  opened.at(noon(1))
  await subscribe(reader('ana@example.org'))
})

const reader = (address: string, changes: Partial<Recipient> = {}): Recipient =>
  recipient(address, { territories: ['NC', 'MQ', 'COR'], digest: true, language: 'en', ...changes })
const subscribe = async (...readers: readonly Recipient[]) => {
  for (const one of readers) await opened.services.recipients.replace(one)
}

/** A mailer that keeps what it sends, with texts on one line. */
const mailing = (before: () => void | Promise<void> = () => {}) => {
  const sent: { to: string; name: string; subject: string; text: string }[] = []
  const mailer: Mailer = {
    send: async ({ to, subject, raw }, name) => {
      await before()
      const text = Buffer.from(raw).toString('utf8').replaceAll('=\r\n', '').replaceAll('\r\n', ' ')
      sent.push({ to, name, subject, text })
      return { messageId: `m-${sent.length}` }
    },
  }
  const { clock } = opened.services
  return { sent, parts: mailingOn({ mailer, from: 'vigie@example.org', site: 'https://r.example', clock }) }
}
type Parts = ReturnType<typeof mailing>['parts']

const editionOf = (territory: TerritoryCode, of = period, cap: Marking = 'TLP:AMBER') =>
  ({ territory, period: parsePeriod(of), cap }) as const
const deliver = (territory: TerritoryCode, of: string, cap: Marking, version: number, parts: Parts) =>
  deliverReport({ territory, period: of, cap, version, to: 'everybody' }, opened.services, parts)
const delivered = async (territory: TerritoryCode, of = period, cap: Marking = 'TLP:AMBER') => {
  const { report } = await generateReport(editionOf(territory, of, cap), opened.services)
  await deliver(territory, of, cap, report.version, mailing().parts)
  return report
}
/** Detections of the test's own week. */
const ingest = (...inputs: readonly Partial<DetectionInput>[]) => {
  const observed = { from: parsePeriod(period).first }
  const records = inputs.map((one, at) => ({ detection: detection({ id: `${period}-${at}`, observed, ...one }) }))
  return ingestDetections(records, 'late', opened.services)
}
const digests = (parts: Parts, run = 'test-1') => sendDigests({ scheduled: everyReport }, opened.asRun(run), parts)
const ledger = async (territory: TerritoryCode) =>
  (await opened.services.deliveries.about(territory, period))
    .map(({ version, state, reason = '' }) => [version, state, reasonText(reason)].filter(Boolean).join(' '))
    .toSorted()

describe('a digest', () => {
  test('has the reports of a period in one mail, each with its link and its entry', async () => {
    for (const code of ['NC', 'MQ', 'COR'] as const) await delivered(code)
    expect(await ledger('NC')).toEqual(['1 PENDING'])
    const { sent, parts } = mailing()
    expect(await digests(parts)).toEqual({ sent: 1, reports: 3, waiting: 0 })
    expect(sent.map(({ name }) => name)).toEqual([expect.stringMatching(/^digest\.[0-9a-f]{16}\.2024-06-11$/)])
    const links = new Set(sent[0]?.text.match(/https:\/\/r\.example\/r\/[0-9a-f]{64}/g))
    const now = opened.services.clock().toISOString()
    const opens = await Promise.all([...links].map((link) => opened.services.tokens.open(link.slice(-64), now)))
    const about = opens.map((grant) => (grant?.kind === 'read' ? grant.delivery.territory : undefined))
    expect(about.toSorted()).toEqual(['COR', 'MQ', 'NC'])
    for (const code of ['NC', 'MQ', 'COR'] as const) expect(await ledger(code)).toEqual(['1 SENT'])
    expect(await digests(parts)).toEqual({ sent: 0, reports: 0, waiting: 0 })
    expect(sent).toHaveLength(1)
  })

  test('is sent once the national edition is due, and not before', async () => {
    opened.at('2024-05-20T20:00:00.000Z')
    await delivered('NC', '2024-W20')
    const { sent, parts } = mailing()
    opened.at('2024-05-21T04:29:59.000Z')
    await digests(parts)
    expect(sent).toEqual([])
    opened.at('2024-05-21T04:30:00.000Z')
    await digests(parts)
    expect(sent).toHaveLength(1)
  })

  test('is one mail a day: a later report waits for the next day, and late ones are named once', async () => {
    const { sent, parts } = mailing()
    await delivered('NC')
    await digests(parts)
    await delivered('MQ')
    expect(await digests(parts)).toEqual({ sent: 0, reports: 0, waiting: 1 })
    opened.at(noon(2))
    expect(await digests(parts)).toEqual({ sent: 1, reports: 1, waiting: 0 })
    expect(sent.map(({ name }) => name.slice(-10))).toEqual([1, 2].map((day) => noon(day).slice(0, 10)))
    expect(sent[0]?.text).toMatch(/These reports were due and are not made yet.*Martinique/)
    expect(sent[1]?.text).not.toContain('not made yet')
  })

  test('checks at sending which reports each reader may still have', async () => {
    const changed = {
      lowered: { clearance: 'TLP:GREEN' },
      left: { state: 'unsubscribed' },
      moved: { territories: ['COR'] },
    } as const
    await subscribe(...Object.keys(changed).map((name) => reader(`${name}@example.org`)))
    const { version } = await delivered('NC')
    await delivered('MQ')
    const recall = { edition: editionOf('NC'), version, reason: 'a wrong name', by: 'A. Roy' }
    await recallVersion(recall, opened.services)
    await subscribe(
      ...Object.entries(changed).map(([name, changes]) => reader(`${name}@example.org`, changes as never)),
    )
    const { sent, parts } = mailing()
    expect(await digests(parts)).toEqual({ sent: 1, reports: 1, waiting: 0 })
    expect(sent.map(({ to }) => to)).toEqual(['ana@example.org'])
    const withheld = ['another territory', 'clearance', 'not active'].map((why) => `1 WITHHELD ${why}`)
    expect(await ledger('MQ')).toEqual(['1 SENT', ...withheld])
    expect(new Set(await ledger('NC'))).toEqual(new Set(['1 WITHHELD not published']))
  })

  test('has the current version, not the one that it replaced', async () => {
    await delivered('NC')
    await ingest({})
    expect((await generateReport(editionOf('NC'), opened.services)).report.version).toBe(2)
    const { sent, parts } = mailing()
    await digests(parts)
    expect(sent).toHaveLength(1)
    expect(await ledger('NC')).toEqual(['1 WITHHELD version 2 took its place before it was mailed', '2 SENT'])
  })

  test('is sent again that day after a refusal, and never after a lost answer', async () => {
    await delivered('NC')
    const failing = (error: Error) =>
      mailing(() => {
        throw error
      }).parts
    expect(await digests(failing(new MailRefusedError('slow down')))).toEqual({ sent: 0, reports: 0, waiting: 1 })
    expect(await ledger('NC')).toEqual(['1 PENDING slow down'])
    await digests(failing(new Error('the answer was lost')))
    expect(await ledger('NC')).toEqual(['1 UNKNOWN the answer was lost'])
    const { sent, parts } = mailing()
    opened.at(noon(2))
    await digests(parts)
    expect(sent).toEqual([])
  })

  test('of two runs at once is sent once to each reader', async () => {
    const addresses = ['ana', 'b2', 'c3', 'd4'].map((name) => `${name}@example.org`)
    await subscribe(...addresses.map((address) => reader(address)))
    for (const code of ['NC', 'MQ'] as const) await delivered(code)
    const { sent, parts } = mailing(() => new Promise((done) => setTimeout(done, 5)))
    await Promise.allSettled(['one', 'two', 'three'].map((run) => digests(parts, run)))
    await digests(parts)
    expect(sent.map(({ to }) => to).toSorted()).toEqual(addresses)
    expect(new Set(await ledger('NC'))).toEqual(new Set(['1 SENT']))
  })

  test('has the other reports where one cannot be read, and that one a day later', async () => {
    const { version } = await delivered('NC')
    await delivered('MQ')
    const file = opened.services.archive.locate(archiveKey(editionOf('NC'), version, 'report.json'))
    const whole = readFileSync(file)
    await rm(file)
    const { sent, parts } = mailing()
    expect(await digests(parts)).toMatchObject({ sent: 1, reports: 1 })
    expect(await ledger('NC')).toEqual(['1 PENDING'])
    await writeFile(file, whole)
    opened.at(noon(2))
    await digests(parts)
    expect(sent).toHaveLength(2)
  })

  test('that cannot be written fails the run after all others are sent', async () => {
    await subscribe(reader('ben@example.org'))
    await delivered('NC')
    const { sent, parts } = mailing()
    const writeDigest: Parts['writeDigest'] = async (digest) => {
      if (digest.recipient.address.startsWith('ana')) throw new Error('no room')
      return parts.writeDigest(digest)
    }
    await expect(digests({ ...parts, writeDigest })).rejects.toThrow('not sent')
    expect(sent.map(({ to }) => to)).toEqual(['ben@example.org'])
  })

  test('has the content of reports up to GREEN alone, under the strictest marking of all', async () => {
    await ingest(
      { territories: ['MQ'], marking: 'TLP:GREEN', counts: { posts: 4321 } },
      { territories: ['NC'], marking: 'TLP:AMBER', counts: { posts: 8765 } },
    )
    for (const code of ['NC', 'MQ'] as const) await delivered(code)
    const { sent, parts } = mailing()
    await digests(parts)
    const [{ subject, text } = { subject: '', text: '' }] = sent
    expect(subject).toBe(`[TLP:AMBER] Week ${weeks} of 2023: 2 reports`)
    expect(text).toContain('4,321')
    expect(text).not.toContain('8,765')
    expect(text).toContain('Its marking, TLP:AMBER, does not allow its content in a mail')
  })

  test('that bounces fails each of its entries, and suppresses its reader', async () => {
    for (const code of ['NC', 'MQ'] as const) await delivered(code)
    const { sent, parts } = mailing()
    await digests(parts)
    const event = mailEventSchema.parse({
      detail: {
        eventType: 'Bounce',
        mail: { messageId: 'm-1', tags: { delivery: [sent[0]?.name.replaceAll('.', '_')] } },
        bounce: { bounceType: 'Permanent' },
      },
    })
    await recordMailEvent(event, opened.services)
    for (const code of ['NC', 'MQ'] as const) expect((await ledger(code))[0]).toMatch(/^1 FAILED its address bounced/)
    expect((await opened.services.recipients.get(recipient('ana@example.org').id))?.state).toBe('suppressed')
  })

  test('is replaced by a mail for each report where its reader no longer wants it', async () => {
    await delivered('NC')
    await subscribe(reader('ana@example.org', { digest: false }))
    const { sent, parts } = mailing()
    await deliver('NC', period, 'TLP:AMBER', 1, parts)
    expect(sent.map(({ name }) => name.split('.')[0])).toEqual(['NC'])
    expect(await digests(parts)).toEqual({ sent: 0, reports: 0, waiting: 0 })
    expect(await ledger('NC')).toEqual(['1 SENT'])
  })

  test('leaves out a report that was sent again by hand', async () => {
    await delivered('NC')
    const [waiting] = await opened.services.deliveries.about('NC', period)
    const id = `NC.${period}.amber.1.${waiting?.recipient}`
    const message = await resend(id, opened.services)
    const { sent, parts } = mailing()
    await deliverReport(message, opened.services, parts)
    expect(sent.map(({ name }) => name)).toEqual([id])
    await digests(parts)
    expect(sent).toHaveLength(1)
    expect((await findDelivery(id, opened.services)).state).toBe('SENT')
  })
})
