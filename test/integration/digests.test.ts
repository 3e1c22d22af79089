/**
 * One mail in place of many: it leaves once, holds what its reader may have at that moment, and the ledger knows each
 * report of it.
 */
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import { reasonText } from '../../lambdas/domain/core/fault-text.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { everyReport } from '../../lambdas/domain/core/place/due.ts'
import type { TerritoryCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import { archiveKey } from '../../lambdas/domain/report/manifest.ts'
import { type Mailer, MailRefusedError } from '../../lambdas/mail/mailer.ts'
import { mailingOn } from '../../lambdas/usecases/delivery/compose-mail.ts'
import { deliverReport, UndeliveredError } from '../../lambdas/usecases/delivery/deliver-report.ts'
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
let remove: () => Promise<void>
let weeks = 0
let period: string
/** Noon of a day: each test has days of its own, since a reader gets one digest a day. */
const noon = (day: number): string => new Date(Date.UTC(2024, 5, 10 * weeks + day, 10)).toISOString()

beforeAll(async () => {
  const { folder, remove: removing } = await newFolder()
  remove = removing
  opened = await openServices(folder)
  await ingestInto(opened, readFileSync(story.file))
})
afterAll(async () => {
  await opened.close()
  await remove()
})
beforeEach(async () => {
  // A week of its own for each test, whose national edition is long due, and its own readers alone.
  weeks += 1
  period = `2023-W${String(weeks).padStart(2, '0')}`
  for await (const one of opened.services.recipients.all()) {
    await opened.services.recipients.replace({ ...one, state: 'unsubscribed' })
  }
  opened.at(noon(0))
  await sendDigests({ scheduled: everyReport }, opened.services, mailing().parts)
  opened.at(noon(1))
})

const reader = (address: string, changes: Partial<Recipient> = {}): Recipient =>
  recipient(address, { territories: ['NC', 'MQ', 'COR'], digest: true, ...changes })
const having = async (...readers: readonly Recipient[]) => {
  for (const one of readers) await opened.services.recipients.replace(one)
}

const mailing = (takes: () => void | Promise<void> = () => {}) => {
  const sent: { to: string; name: string; subject: string; text: string }[] = []
  const mailer: Mailer = {
    send: async ({ to, subject, raw }, name) => {
      await takes()
      sent.push({ to, name, subject, text: Buffer.from(raw).toString('utf8') })
      return { messageId: `m-${sent.length}` }
    },
  }
  const parts = mailingOn({
    mailer,
    from: 'vigie@example.org',
    site: 'https://r.example',
    clock: opened.services.clock,
  })
  return { sent, parts }
}

const delivered = async (territory: TerritoryCode, { of = period, cap = 'TLP:AMBER' as Marking } = {}) => {
  const { report } = await generateReport({ territory, period: parsePeriod(of), cap }, opened.services)
  const message = { territory, period: of, cap, version: report.version, to: 'everybody' } as const
  await deliverReport(message, opened.services, mailing().parts)
  return report
}
const digests = (parts: ReturnType<typeof mailing>['parts'], run = 'test-1') =>
  sendDigests({ scheduled: everyReport }, opened.asRun(run), parts)
const ledger = async (territory: TerritoryCode, of = period) =>
  (await opened.services.deliveries.about(territory, of)).map(({ version, state, reason = '' }) =>
    [version, state, reasonText(reason)].filter(Boolean).join(' '),
  )
const links = (text: string) => [...new Set(text.match(/https:\/\/r\.example\/r\/[0-9a-f]{64}/g))]

describe('a digest', () => {
  test('takes the reports of a period along in one mail, each with a link and an entry of its own', async () => {
    await having(reader('ana@example.org'))
    for (const code of ['NC', 'MQ', 'COR'] as const) await delivered(code)
    expect(await ledger('NC')).toEqual(['1 PENDING'])
    const { sent, parts } = mailing()
    expect(await digests(parts)).toEqual({ sent: 1, reports: 3, waiting: 0 })
    expect(sent).toHaveLength(1)
    expect(sent[0]?.name).toMatch(/^digest\.[0-9a-f]{16}\.2024-06-11$/)
    const text = (sent[0]?.text ?? '').replaceAll('=\r\n', '')
    const opens = await Promise.all(
      links(text).map((link) => opened.services.tokens.open(link.slice(-64), opened.services.clock().toISOString())),
    )
    const about = opens.map((grant) => (grant?.kind === 'read' ? grant.delivery.territory : undefined))
    expect(about.toSorted()).toEqual(['COR', 'MQ', 'NC'])
    for (const code of ['NC', 'MQ', 'COR'] as const) expect(await ledger(code)).toEqual(['1 SENT'])
    expect(await digests(parts)).toEqual({ sent: 0, reports: 0, waiting: 0 })
    expect(sent).toHaveLength(1)
  })

  test('leaves once the national edition has been due, and not before', async () => {
    const week = '2024-W20'
    await having(reader('early@example.org', { territories: ['NC'] }))
    opened.at('2024-05-20T20:00:00.000Z')
    await delivered('NC', { of: week })
    const { sent, parts } = mailing()
    opened.at('2024-05-21T04:29:59.000Z')
    await digests(parts)
    expect(sent).toEqual([])
    opened.at('2024-05-21T04:30:00.000Z')
    await digests(parts)
    expect(sent.map(({ to }) => to)).toEqual(['early@example.org'])
  })

  test('leaves one mail a day: what comes later waits for the next day', async () => {
    await having(reader('ana@example.org'))
    const { sent, parts } = mailing()
    await delivered('NC')
    await digests(parts)
    await delivered('MQ')
    expect(await digests(parts)).toEqual({ sent: 0, reports: 0, waiting: 1 })
    opened.at(noon(2))
    expect(await digests(parts)).toEqual({ sent: 1, reports: 1, waiting: 0 })
    expect(sent.map(({ name }) => name.slice(-10))).toEqual([1, 2].map((day) => noon(day).slice(0, 10)))
  })

  test('asks at sending whether each may still be had', async () => {
    await having(
      reader('lowered@example.org'),
      reader('left@example.org'),
      reader('moved@example.org'),
      reader('ana@example.org'),
    )
    const recalled = await delivered('NC')
    await delivered('MQ')
    const edition = { territory: 'NC', period: parsePeriod(period), cap: 'TLP:AMBER' } as const
    await recallVersion({ edition, version: recalled.version, reason: 'a wrong name', by: 'A. Roy' }, opened.services)
    await having(
      reader('lowered@example.org', { clearance: 'TLP:GREEN' }),
      reader('left@example.org', { state: 'unsubscribed' }),
      reader('moved@example.org', { territories: ['COR'] }),
    )
    const { sent, parts } = mailing()
    expect(await digests(parts)).toEqual({ sent: 1, reports: 1, waiting: 0 })
    expect(sent.map(({ to }) => to)).toEqual(['ana@example.org'])
    expect((await ledger('MQ')).toSorted()).toEqual([
      '1 SENT',
      '1 WITHHELD another territory',
      '1 WITHHELD clearance',
      '1 WITHHELD not active',
    ])
    expect(new Set(await ledger('NC'))).toEqual(new Set(['1 WITHHELD not published']))
  })

  test('mails the version that stands, not the one that it replaced', async () => {
    await having(reader('ana@example.org'))
    await delivered('NC')
    const [from] = [parsePeriod(period).first]
    await ingestDetections(
      [{ detection: detection({ id: `late-${period}`, observed: { from } }) }],
      'late',
      opened.services,
    )
    const { report } = await generateReport(
      { territory: 'NC', period: parsePeriod(period), cap: 'TLP:AMBER' },
      opened.services,
    )
    expect(report.version).toBe(2)
    const { sent, parts } = mailing()
    await digests(parts)
    expect(sent).toHaveLength(1)
    expect((await ledger('NC')).toSorted()).toEqual([
      '1 WITHHELD version 2 took its place before it was mailed',
      '2 SENT',
    ])
  })

  test('that is refused is tried again that day; one whose answer is lost is left alone', async () => {
    await having(reader('ana@example.org'))
    await delivered('NC')
    const refusing = mailing(() => {
      throw new MailRefusedError('slow down')
    })
    expect(await digests(refusing.parts)).toEqual({ sent: 0, reports: 0, waiting: 1 })
    expect(await ledger('NC')).toEqual(['1 PENDING slow down'])
    const losing = mailing(() => {
      throw new Error('the answer was lost')
    })
    await digests(losing.parts)
    expect(await ledger('NC')).toEqual(['1 UNKNOWN the answer was lost'])
    const { sent, parts } = mailing()
    opened.at(noon(2))
    await digests(parts)
    expect(sent).toEqual([])
  })

  test('that two runs send at once leaves once to each', async () => {
    await having(...['a1', 'b2', 'c3', 'd4'].map((name) => reader(`${name}@example.org`)))
    for (const code of ['NC', 'MQ'] as const) await delivered(code)
    const { sent, parts } = mailing(() => new Promise((done) => setTimeout(done, 5)))
    await Promise.allSettled(['one', 'two', 'three'].map((run) => digests(parts, run)))
    await digests(parts)
    expect(sent.map(({ to }) => to).toSorted()).toEqual(['a1', 'b2', 'c3', 'd4'].map((name) => `${name}@example.org`))
    expect(new Set(await ledger('NC'))).toEqual(new Set(['1 SENT']))
  })

  test('of whose reports one cannot be read takes the others along', async () => {
    await having(reader('ana@example.org'))
    const report = await delivered('NC')
    await delivered('MQ')
    const edition = { territory: 'NC', period: parsePeriod(period), cap: 'TLP:AMBER' } as const
    const file = opened.services.archive.locate(archiveKey(edition, report.version, 'report.json'))
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

  test('that cannot be written says so at the end, once all others are sent', async () => {
    await having(reader('ana@example.org'), reader('ben@example.org'))
    await delivered('NC')
    const { sent, parts } = mailing()
    const failing: typeof parts = {
      ...parts,
      writeDigest: async (digest) => {
        if (digest.recipient.address.startsWith('ana')) throw new Error('no room')
        return parts.writeDigest(digest)
      },
    }
    await expect(digests(failing)).rejects.toThrow(UndeliveredError)
    expect(sent.map(({ to }) => to)).toEqual(['ben@example.org'])
  })

  test('tells what each mail might tell, and nothing of what is above GREEN; the strictest marking is the mail’s', async () => {
    const { first: from } = parsePeriod(period)
    const of = (id: string, territories: readonly TerritoryCode[], marking: Marking, value: number) =>
      detection({ id, territories: [...territories], marking, observed: { from }, counts: { posts: value } })
    await ingestDetections(
      [
        { detection: of(`green-${period}`, ['MQ'], 'TLP:GREEN', 4321) },
        { detection: of(`amber-${period}`, ['NC'], 'TLP:AMBER', 8765) },
      ],
      'both',
      opened.services,
    )
    await having(reader('ana@example.org', { language: 'en', name: 'Ana' }))
    for (const code of ['NC', 'MQ'] as const) await delivered(code)
    const { sent, parts } = mailing()
    await digests(parts)
    const [mail] = sent
    expect(mail?.subject).toBe(`[TLP:AMBER] Week ${weeks} of 2023: 2 reports`)
    const text = (mail?.text ?? '').replaceAll('=\r\n', '')
    expect(text).toContain('4,321')
    expect(text).not.toContain('8,765')
    expect(text).toContain('Its marking, TLP:AMBER, does not allow its content in a mail')
    expect(text).toContain('Corsica')
  })

  test('says of a quiet public report that there is nothing to publish, and nothing of what lies above its cap', async () => {
    const { first: from } = parsePeriod(period)
    const hidden = detection({ id: `hidden-${period}`, territories: ['NC'], marking: 'TLP:RED', observed: { from } })
    await ingestDetections([{ detection: hidden }], 'hidden', opened.services)
    await having(reader('ana@example.org', { language: 'en', clearance: 'TLP:GREEN', territories: ['NC'] }))
    await delivered('NC', { cap: 'TLP:GREEN' })
    const { sent, parts } = mailing()
    await digests(parts)
    const text = (sent[0]?.text ?? '').replaceAll('=\r\n', '').replaceAll('\r\n', ' ')
    expect(text).toContain('Nothing to publish')
    expect(text).not.toMatch(/marking is above/)
  })

  test('names what is late once, and not again with what comes after it', async () => {
    await having(reader('ana@example.org', { language: 'en' }))
    await delivered('NC')
    const { sent, parts } = mailing()
    await digests(parts)
    const words = (at: number) => (sent[at]?.text ?? '').replaceAll('=\r\n', '').replaceAll('\r\n', ' ')
    expect(words(0)).toContain('These reports were due and are not made yet')
    expect(words(0)).toContain('Martinique')
    await delivered('MQ')
    opened.at(noon(2))
    await digests(parts)
    expect(words(1)).not.toContain('not made yet')
  })

  test('that bounces settles each of its entries, and its reader is mailed no more', async () => {
    await having(reader('ana@example.org'))
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

  test('that its reader wants no more gives back what waits for it: each goes by a mail of its own', async () => {
    await having(reader('ana@example.org'))
    await delivered('NC')
    await having(reader('ana@example.org', { digest: false }))
    const { sent, parts } = mailing()
    const message = { territory: 'NC', period, cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
    await deliverReport(message, opened.services, parts)
    expect(sent.map(({ name }) => name.split('.')[0])).toEqual(['NC'])
    expect(await digests(parts)).toEqual({ sent: 0, reports: 0, waiting: 0 })
    expect(await ledger('NC')).toEqual(['1 SENT'])
  })

  test('leaves a report to a mail of its own where a person sends it again', async () => {
    await having(reader('ana@example.org'))
    await delivered('NC')
    const [waiting] = await opened.services.deliveries.about('NC', period)
    if (!waiting) throw new Error('nothing waits')
    const id = `NC.${period}.amber.1.${waiting.recipient}`
    const message = await resend(id, opened.services)
    const { sent, parts } = mailing()
    await deliverReport(message, opened.services, parts)
    expect(sent.map(({ name }) => name)).toEqual([id])
    await digests(parts)
    expect(sent).toHaveLength(1)
    expect((await findDelivery(id, opened.services)).state).toBe('SENT')
  })
})
