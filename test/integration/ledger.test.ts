/** Deliveries: each mail leaves at most once, whatever fails, and the ledger has its outcome. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { type Delivery, type DeliveryState, sendingLeaseMs } from '../../lambdas/domain/delivery/delivery.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { DeliveryMessage } from '../../lambdas/domain/report/messages.ts'
import { AddressRefusedError, type Mailer, MailRefusedError } from '../../lambdas/mail/mailer.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { type Mailing, type MailToWrite, NoSuchVersionError } from '../../lambdas/usecases/delivery/mailing.ts'
import { recallVersion } from '../../lambdas/usecases/delivery/recall-version.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let opened: Opened
let remove: () => Promise<void>
let weeks = 0
let period: string

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
  // Each test has its own week and its own recipients.
  weeks += 1
  period = `2023-W${String(weeks).padStart(2, '0')}`
  for await (const one of opened.services.recipients.all()) {
    await opened.services.recipients.replace({ ...one, state: 'unsubscribed' })
  }
  opened.at('2024-05-20T00:00:00.000Z')
})

const having = async (...recipients: readonly Recipient[]) => {
  for (const one of recipients) await opened.services.recipients.replace(one)
}

const editionOf = (cap: Marking = 'TLP:AMBER', territory: 'NC' | 'MQ' = 'NC') =>
  ({ territory, period: parsePeriod(period), cap }) as const

const made = async (...asked: Parameters<typeof editionOf>): Promise<DeliveryMessage> => {
  const edition = editionOf(...asked)
  const { report } = await generateReport(edition, opened.services)
  return { ...edition, period, version: report.version, to: 'everybody' }
}

const deliver = (message: DeliveryMessage, parts: Mailing, services = opened.services) =>
  deliverReport(message, services, parts)

const recall = (version: number, edition = editionOf()) =>
  recallVersion({ edition, version, reason: 'a wrong figure', by: 'A. Roy' }, opened.services)

const approve = (marking: Marking, writtenAt: string) =>
  opened.services.notes.add({
    territory: 'NC',
    period,
    author: 'Ana Martin',
    role: 'analyst',
    language: 'fr',
    marking,
    approves: true,
    writtenAt,
  })

/** Records mails; `takes` replaces the mail service. */
const mailing = (takes: (to: string) => void | Promise<void> = () => {}) => {
  const sent: { readonly to: string; readonly links: MailToWrite['links'] }[] = []
  const links = new Map<string, MailToWrite['links']>()
  const mailer: Mailer = {
    send: async ({ to }) => {
      await takes(to)
      sent.push({ to, links: links.get(to) ?? { read: '', unsubscribe: '' } })
      return { messageId: `m-${sent.length}` }
    },
  }
  const parts: Mailing = {
    mailer,
    site: 'https://reports.example.org',
    writeRecall: async ({ recipient }) => ({
      mail: { to: recipient.address, subject: '', raw: new Uint8Array() },
      id: 'recall',
    }),
    write: async (mail) => {
      links.set(mail.recipient.address, mail.links)
      return { mail: { to: mail.recipient.address, subject: '', raw: new Uint8Array() }, form: mail.form }
    },
  }
  return { sent, parts, mailed: () => sent.map(({ to }) => to) }
}

const ledger = async (): Promise<readonly Delivery[]> =>
  (await opened.services.deliveries.about('NC', period)).toSorted((a, b) => a.version - b.version)
const [ana, ben, eve] = ['ana@example.org', 'ben@example.org', 'eve@example.org'] as const

describe('a version', () => {
  test('is mailed once to each reader who may and wants to have it, and to no other', async () => {
    await having(
      recipient(ana),
      recipient(ben, { territories: ['pacific'] }),
      recipient(eve, { territories: ['MQ'] }),
      recipient('low@example.org', { clearance: 'TLP:GREEN' }),
      recipient('high@example.org', { clearance: 'TLP:RED' }),
      recipient('quiet@example.org', { quiet: 'skip' }),
      recipient('left@example.org', { state: 'unsubscribed' }),
      recipient('asked@example.org', { state: 'pending' }),
    )
    const message = await made()
    const { parts, mailed } = mailing()
    for (const _ of [1, 2]) expect(await deliver(message, parts)).toMatchObject({ SENT: 2, WITHHELD: 1 })
    expect(mailed().toSorted()).toEqual([ana, ben])
    const entries = await ledger()
    expect(entries.flatMap(({ messageId = [] }) => messageId).toSorted()).toEqual(['m-1', 'm-2'])
    expect(entries.flatMap(({ reason = [] }) => reason)).toMatchObject([{ code: 'withheld.quiet' }])
  })

  test('that two runs deliver at once is mailed once to each reader', async () => {
    await having(...Array.from({ length: 8 }, (_, at) => recipient(`r${at}@example.org`)))
    const message = await made()
    const { sent, parts, mailed } = mailing(() => new Promise((done) => setTimeout(done, 5)))
    // A run may fail because the other holds an entry; the next run finds all done.
    await Promise.allSettled(['one', 'two'].map((run) => deliver(message, parts, opened.asRun(run))))
    expect(await deliver(message, parts)).toMatchObject({ SENT: 8 })
    expect(new Set(mailed()).size).toBe(8)
    expect(sent).toHaveLength(8)
  })

  test('that waits for a note is mailed after one approves', async () => {
    await having(recipient(ana))
    const holding = { ...opened.services, organisation: { noteBeforeDelivery: true } }
    const { sent, parts } = mailing()
    expect(await deliver(await made(), parts, holding)).toMatchObject({ WITHHELD: 1 })
    // The note is above this edition, whose report stays the same.
    await approve('TLP:AMBER+STRICT', '2024-05-20T08:00:00.000Z')
    opened.at('2024-05-20T09:00:00.000Z')
    expect(await deliver(await made(), parts, holding)).toMatchObject({ SENT: 1, WITHHELD: 0 })
    expect(sent).toHaveLength(1)
    // The approval covers no other figures, even if what it approved is recalled.
    await recall(1)
    await ingestInto(opened, [input({ id: `later-${period}`, observed: { from: parsePeriod(period).first } })])
    opened.at('2024-05-20T10:00:00.000Z')
    expect(await deliver(await made(), parts, holding)).toMatchObject({ SENT: 0, WITHHELD: 1 })
    await approve('TLP:AMBER', '2024-05-20T10:30:00.000Z')
    opened.at('2024-05-20T11:00:00.000Z')
    expect(await deliver(await made(), parts, holding)).toMatchObject({ SENT: 1 })
  })

  test('that is public waits for a CLEAR note on each attribution or effect that it claims', async () => {
    await having(recipient(ana, { clearance: 'TLP:CLEAR' }))
    const claim = (id: string) =>
      ingestInto(opened, [
        input({
          id: `${id}-${period}`,
          marking: 'TLP:CLEAR',
          observed: { from: parsePeriod(period).first },
          actor: { name: 'BIG', attributedBy: 'VIGINUM' },
        }),
      ])
    const { sent, parts } = mailing()
    const deliverAt = async (time: string) => {
      opened.at(`2024-05-20T${time}:00.000Z`)
      return deliver(await made('TLP:CLEAR'), parts)
    }
    await claim('first')
    expect(await deliverAt('08:00')).toMatchObject({ WITHHELD: 1 })
    await approve('TLP:AMBER', '2024-05-20T08:30:00.000Z')
    expect(await deliverAt('09:00')).toMatchObject({ WITHHELD: 1 })
    expect(sent).toHaveLength(0)
    await approve('TLP:CLEAR', '2024-05-20T09:30:00.000Z')
    expect(await deliverAt('10:00')).toMatchObject({ SENT: 1 })
    // An approval does not cover later claims.
    await claim('next')
    expect(await deliverAt('11:00')).toMatchObject({ SENT: 0, WITHHELD: 1 })
    await approve('TLP:CLEAR', '2024-05-20T11:30:00.000Z')
    expect(await deliverAt('12:00')).toMatchObject({ SENT: 1 })
  })

  test('of an earlier time than the current one is not mailed, unless that is recalled', async () => {
    await having(recipient(ana))
    const message = await made()
    const { report } = await generateReport({ ...editionOf(), asOf: '2024-05-19T00:00:00.000Z' }, opened.services)
    expect(report).toMatchObject({ version: 2, reconstructed: true })
    const { sent, parts } = mailing()
    const earlier = { ...message, version: 2 }
    await expect(deliver(earlier, parts)).rejects.toThrow(/earlier time than version 1/)
    expect(await ledger()).toEqual([])
    await recall(1)
    expect(await deliver(earlier, parts)).toMatchObject({ SENT: 1 })
    expect(sent).toHaveLength(1)
  })

  test('that was never published, or is recalled, is not mailed', async () => {
    await having(recipient(ana))
    const message = await made()
    const { sent, parts } = mailing()
    await expect(deliver({ ...message, version: 9 }, parts)).rejects.toBeInstanceOf(NoSuchVersionError)
    await recall(1)
    await deliver(message, parts)
    expect(sent).toEqual([])
    expect(await ledger()).toMatchObject([{ state: 'WITHHELD', reason: { code: 'withheld.recalled' } }])
  })
})

describe('a mail', () => {
  test.each<[string, DeliveryState, DeliveryState, 'write' | 'send', Error]>([
    ['that cannot be written', 'PENDING', 'SENT', 'write', new Error('no such template')],
    ['that is refused for now', 'PENDING', 'SENT', 'send', new MailRefusedError('TooManyRequestsException: slower')],
    ['with a refused address', 'FAILED', 'FAILED', 'send', new AddressRefusedError('MessageRejected: not verified')],
    ['whose answer was lost', 'UNKNOWN', 'UNKNOWN', 'send', new Error('socket hang up')],
  ])('%s is %s, after the next run %s, and stops no other', async (_, first, second, step, error) => {
    await having(recipient(ana), recipient(ben))
    const message = await made()
    const { parts, mailed } = mailing()
    const failFor = (address: string, at: typeof step) => {
      if (address === ana && at === step) throw error
    }
    const broken: Mailing = {
      ...parts,
      writeRecall: async ({ recipient }) => ({
        mail: { to: recipient.address, subject: '', raw: new Uint8Array() },
        id: 'recall',
      }),
      write: async (mail) => {
        failFor(mail.recipient.address, 'write')
        return parts.write(mail)
      },
      mailer: {
        send: async (mail, delivery) => {
          failFor(mail.to, 'send')
          return parts.mailer.send(mail, delivery)
        },
      },
    }
    const delivered = deliver(message, broken)
    if (first === 'PENDING') await expect(delivered).rejects.toThrow(`not sent yet: 1 of 2 mails: ${error.message}`)
    else await delivered
    expect(mailed()).toEqual([ben])
    expect(await ledger()).toContainEqual(expect.objectContaining({ state: first, reason: error.message }))
    await deliver(message, parts)
    expect(mailed()).toEqual(second === 'SENT' ? [ben, ana] : [ben])
    expect((await ledger()).map(({ state }) => state).toSorted()).toEqual([second, 'SENT'].toSorted())
  })

  test('that is refused five times is given up', async () => {
    await having(recipient(ana))
    const message = await made()
    const { parts } = mailing(() => {
      throw new MailRefusedError('LimitExceededException: no more today')
    })
    for (let times = 1; times < 5; times += 1) {
      await expect(deliver(message, parts)).rejects.toThrow('not sent yet')
    }
    expect(await deliver(message, parts)).toMatchObject({ FAILED: 1 })
    expect(await ledger()).toMatchObject([{ attempts: 5, reason: 'LimitExceededException: no more today' }])
  })

  test('whose sender died after sending is waited for, then unknown, and never sent again', async () => {
    await having(recipient(ana))
    const message = await made()
    const { sent, parts } = mailing()
    const dying: Mailing = {
      ...parts,
      mailer: {
        send: async (mail, delivery) => {
          await parts.mailer.send(mail, delivery)
          return new Promise(() => {}) // the process is gone
        },
      },
    }
    deliver(message, dying, opened.asRun('dying')).catch(() => undefined)
    while (sent.length === 0) await new Promise((done) => setTimeout(done, 5))
    await expect(deliver(message, parts)).rejects.toThrow('not sent yet')
    opened.at(new Date(Date.parse('2024-05-20T00:00:00.000Z') + sendingLeaseMs + 1).toISOString())
    expect(await deliver(message, parts)).toMatchObject({ UNKNOWN: 1 })
    expect(sent).toHaveLength(1)
  })

  test('to a reader who left while others were mailed is withheld', async () => {
    await having(recipient(ana), recipient(ben))
    const { sent, parts } = mailing(async (to) => {
      const other = to === ana ? ben : ana
      await opened.services.recipients.replace(recipient(other, { state: 'unsubscribed' }))
    })
    expect(await deliver(await made(), parts)).toMatchObject({ SENT: 1, WITHHELD: 1 })
    expect(sent).toHaveLength(1)
  })

  test('has its own links; the ledger has only their hashes, and each opens one thing until it expires', async () => {
    await having(recipient(ana), recipient(ben))
    const { sent, parts } = mailing()
    await deliver(await made(), parts)
    const tokens = sent
      .flatMap(({ links }) => [links.read, links.unsubscribe])
      .map((url) => url.split('/').at(-1) ?? '')
    expect(new Set(tokens).size).toBe(4)
    for (const token of tokens) expect(token).toMatch(/^[0-9a-f]{64}$/)
    const stored = JSON.stringify(await ledger())
    for (const token of tokens) expect(stored).not.toContain(token)
    const [read = '', leave = ''] = tokens
    const before = '2024-08-17T23:00:00.000Z'
    expect(await opened.services.tokens.open(read, before)).toMatchObject({ kind: 'read', delivery: { period } })
    expect(await opened.services.tokens.open(leave, before)).toMatchObject({ kind: 'unsubscribe' })
    expect(await opened.services.tokens.open(read, '2024-08-18T00:00:01.000Z')).toBeUndefined()
    expect(await opened.services.tokens.open(read.replace(/^./, 'x'), before)).toBeUndefined()
  })
})

describe('a correction', () => {
  const later = async (): Promise<DeliveryMessage> => {
    opened.at('2024-05-21T00:00:00.000Z')
    const observed = { from: parsePeriod(period).first }
    await ingestInto(opened, [input({ id: `late-${period}`, observed, counts: { posts: 9 } })])
    return made()
  }

  test('goes to all readers where the report is due, as a first one to those without an earlier one', async () => {
    await having(recipient(ana))
    const { parts } = mailing()
    await deliver(await made(), parts)
    await having(recipient(ben))
    await deliver(await later(), parts)
    const second = (await ledger()).filter(({ version }) => version === 2)
    expect(second.map(({ corrects }) => corrects).toSorted()).toEqual([1, undefined])
  })

  test('that changes nothing a reader sees is not mailed, except after a recalled version', async () => {
    await having(recipient(ana, { territories: ['MQ'] }))
    const { sent, parts, mailed } = mailing()
    await deliver(await made('TLP:AMBER', 'MQ'), parts)
    opened.at('2024-05-22T00:00:00.000Z')
    const { first } = parsePeriod(period)
    const record = input({
      id: `again-${period}`,
      observed: { from: first },
      territories: ['MQ'],
      counts: { posts: 9 },
    })
    await ingestInto(opened, [record])
    const second = await made('TLP:AMBER', 'MQ')
    await deliver({ ...second, to: 'corrected' }, parts)
    opened.at('2024-05-23T00:00:00.000Z')
    // No page shows fingerprints, and no figure depends on them.
    await ingestInto(opened, [{ ...record, fingerprints: [{ algorithm: 'text', value: 'f' }] }])
    const third = await made('TLP:AMBER', 'MQ')
    expect([second.version, third.version]).toEqual([2, 3])
    await deliver({ ...third, to: 'corrected' }, parts)
    await deliver(third, parts)
    expect(sent).toHaveLength(2)
    await having(recipient(ben, { territories: ['MQ'] }))
    await deliver(third, parts)
    expect(mailed()).toEqual([ana, ana, ben])
    await recall(2, editionOf('TLP:AMBER', 'MQ'))
    await deliver(third, parts)
    expect(mailed()).toEqual([ana, ana, ben, ana])
  })

  test('of a recalled version: those who received it are informed once, and again only where that certainly failed', async () => {
    await having(recipient(ana), recipient(ben), recipient(eve))
    const refusing = new Set<string>([eve])
    const { parts, mailed } = mailing((to) => {
      if (refusing.has(to)) throw new MailRefusedError('busy')
    })
    const message = await made()
    await expect(deliver(message, parts)).rejects.toThrow('not sent yet')
    await having(recipient(ben, { state: 'unsubscribed' }))
    const notice = { ...message, to: 'recalled' } as const
    await expect(deliver(notice, parts)).rejects.toThrow(NoSuchVersionError)
    await recall(1)
    refusing.add(ana)
    await expect(deliver(notice, parts)).rejects.toThrow('not mailed yet')
    refusing.clear()
    await deliver(notice, parts)
    await deliver(notice, parts)
    // Eve never received it, and Ben left.
    expect(mailed()).toEqual([ana, ben, ana])
  })

  // Must be last: it makes the week of the next test.
  test('requested without mail goes to the readers of the version before with the next weekly run', async () => {
    await having(recipient(ana))
    const { parts, mailed } = mailing()
    await deliver(await made(), parts)
    await having(recipient(ben))
    const { version } = await later()
    expect(version).toBe(2)
    const scheduledAt = new Date(Date.parse(parsePeriod(period).first) + 14 * 86_400_000).toISOString()
    const queued: DeliveryMessage[] = []
    const reports: unknown[] = []
    await handleReportMessage({ kind: 'scheduled', territory: 'NC', cadence: 'week', scheduledAt }, opened.services, {
      report: async (message) => void reports.push(message),
      delivery: async (message) => void queued.push(message),
    })
    expect(queued).toContainEqual({ territory: 'NC', period, cap: 'TLP:AMBER', version, to: 'corrected' })
    expect(reports).toEqual([])
    for (const message of queued.filter((one) => one.period === period)) await deliver(message, parts)
    expect(mailed()).toEqual([ana, ana])
    expect(await ledger()).toMatchObject([{ version: 1 }, { version: 2, corrects: 1 }])
  })
})
