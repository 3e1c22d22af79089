/** The ledger of deliveries: each mail once, whatever happens between its beginning and its end. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { story } from '../../bin/cli/story.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { type Delivery, sendingLeaseMs } from '../../lambdas/domain/delivery/delivery.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { DeliveryMessage } from '../../lambdas/domain/report/messages.ts'
import { readNdjson } from '../../lambdas/intake/json/ndjson.ts'
import { AddressRefusedError, type Mailer, MailRefusedError } from '../../lambdas/mail/mailer.ts'
import {
  deliverReport,
  type Mailing,
  type MailToWrite,
  NoSuchVersionError,
  UndeliveredError,
} from '../../lambdas/usecases/delivery/deliver-report.ts'
import { recallVersion } from '../../lambdas/usecases/delivery/recall-version.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
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
  // A week of its own for each test, and nobody but its own recipients.
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

const made = async (cap: Marking = 'TLP:AMBER', territory: 'NC' | 'MQ' = 'NC'): Promise<DeliveryMessage> => {
  const { report } = await generateReport({ territory, period: parsePeriod(period), cap }, opened.services)
  return { territory, period, cap, version: report.version, to: 'everybody' }
}

type Sent = { readonly to: string; readonly delivery: string; readonly links: MailToWrite['links'] }

/** Mails as plain words, taken by a service that does what the test says. */
const mailing = (takes: (to: string, tries: number) => void | Promise<void> = () => {}) => {
  const sent: Sent[] = []
  const tries = new Map<string, number>()
  const links = new Map<string, MailToWrite['links']>()
  const mailer: Mailer = {
    send: async ({ to }, delivery) => {
      tries.set(to, 1 + (tries.get(to) ?? 0))
      await takes(to, tries.get(to) ?? 0)
      sent.push({ to, delivery, links: links.get(to) ?? { read: '', unsubscribe: '' } })
      return { messageId: `m-${sent.length}` }
    },
  }
  const parts: Mailing = {
    mailer,
    site: 'https://reports.example.org',
    write: async (mail) => {
      links.set(mail.recipient.address, mail.links)
      return { mail: { to: mail.recipient.address, subject: '', raw: new Uint8Array() }, form: mail.form }
    },
  }
  return { sent, parts }
}

const ledger = async (): Promise<readonly Delivery[]> =>
  (await opened.services.deliveries.about('NC', period)).toSorted((a, b) => a.version - b.version)
const statesOf = async () => (await ledger()).map(({ state }) => state)

const [ana, ben, eve] = ['ana@example.org', 'ben@example.org', 'eve@example.org'] as const

describe('a version', () => {
  test('is mailed once to each who may have it, and to nobody else', async () => {
    await having(
      recipient(ana),
      recipient(ben, { territories: ['pacific'] }),
      recipient(eve, { territories: ['MQ'] }),
      recipient('low@example.org', { clearance: 'TLP:GREEN' }),
      recipient('left@example.org', { state: 'unsubscribed' }),
      recipient('asked@example.org', { state: 'pending' }),
    )
    const message = await made()
    const { sent, parts } = mailing()
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ SENT: 2, WITHHELD: 0 })
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ SENT: 2 })
    expect(sent.map(({ to }) => to).toSorted()).toEqual([ana, ben])
    expect((await ledger()).map(({ messageId }) => messageId).toSorted()).toEqual(['m-1', 'm-2'])
  })

  test('of each clearance goes to those who are cleared for it; of RED, to nobody', async () => {
    await having(
      recipient(ana, { clearance: 'TLP:GREEN' }),
      recipient(ben, { clearance: 'TLP:RED' }),
      recipient(eve, { clearance: 'TLP:AMBER+STRICT' }),
    )
    const { sent, parts } = mailing()
    for (const cap of ['TLP:GREEN', 'TLP:AMBER', 'TLP:AMBER+STRICT', 'TLP:RED'] as const) {
      await deliverReport(await made(cap), opened.services, parts)
    }
    expect(sent.map(({ to, delivery }) => `${to} ${delivery.split('.')[2]}`).toSorted()).toEqual([
      `${ana} green`,
      `${ben} amber-strict`,
      `${eve} amber-strict`,
    ])
  })

  test('that two deliver at once is mailed once to each', async () => {
    await having(...Array.from({ length: 8 }, (_, at) => recipient(`r${at}@example.org`)))
    const message = await made()
    const { sent, parts } = mailing(() => new Promise((done) => setTimeout(done, 5)))
    const both = ['one', 'two'].map((run) => deliverReport(message, opened.asRun(run), parts))
    // One of them may find the other at work, and says so; the next time it finds all done.
    await Promise.allSettled(both)
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ SENT: 8 })
    expect(new Set(sent.map(({ to }) => to)).size).toBe(8)
    expect(sent).toHaveLength(8)
  })

  test('is kept from those who want no quiet periods, and says so', async () => {
    await having(recipient(ana, { quiet: 'skip' }), recipient(ben))
    const { sent, parts } = mailing()
    await deliverReport(await made(), opened.services, parts)
    expect(sent.map(({ to }) => to)).toEqual([ben])
    expect((await ledger()).find(({ state }) => state === 'WITHHELD')).toMatchObject({
      reason: { code: 'withheld.quiet' },
    })
  })

  test('that waits for a note goes to nobody until one approves', async () => {
    await having(recipient(ana))
    const holding = { ...opened.services, organisation: { noteBeforeDelivery: true } }
    const { sent, parts } = mailing()
    await deliverReport(await made(), holding, parts)
    expect(await statesOf()).toEqual(['WITHHELD'])
    await opened.services.notes.add({
      territory: 'NC',
      period,
      author: 'Ana Martin',
      role: 'analyst',
      language: 'fr',
      marking: 'TLP:AMBER+STRICT',
      text: 'Bon pour diffusion.',
      approves: true,
      writtenAt: '2024-05-20T08:00:00.000Z',
    })
    opened.at('2024-05-20T09:00:00.000Z')
    // The note is above this edition: its report stays as it was, and may go out now.
    expect(await deliverReport(await made(), holding, parts)).toMatchObject({ SENT: 1, WITHHELD: 0 })
    expect(sent).toHaveLength(1)
  })

  test('that anybody may read waits for a CLEAR note where it attributes or shows an effect', async () => {
    await having(recipient(ana, { clearance: 'TLP:CLEAR' }))
    const observed = { from: parsePeriod(period).first }
    const actor = { name: 'BIG', attributedBy: 'VIGINUM' }
    await ingestInto(opened, [input({ id: `claim-${period}`, marking: 'TLP:CLEAR', observed, actor })])
    const { sent, parts } = mailing()
    const approve = (marking: Marking, writtenAt: string) =>
      opened.services.notes.add({
        ...{ territory: 'NC', period, author: 'Ana Martin', role: 'analyst', language: 'fr', approves: true },
        ...{ marking, writtenAt },
      })
    const deliver = async (at: string) => {
      opened.at(at)
      return deliverReport(await made('TLP:CLEAR'), opened.services, parts)
    }
    expect(await deliver('2024-05-20T08:00:00.000Z')).toMatchObject({ WITHHELD: 1 })
    await approve('TLP:AMBER', '2024-05-20T08:30:00.000Z')
    expect(await deliver('2024-05-20T09:00:00.000Z')).toMatchObject({ WITHHELD: 1 })
    expect(sent).toHaveLength(0)
    await approve('TLP:CLEAR', '2024-05-20T09:30:00.000Z')
    expect(await deliver('2024-05-20T10:00:00.000Z')).toMatchObject({ SENT: 1 })
    // Nobody has seen the next claim: neither the approval nor that of an edition before speaks for it.
    await ingestInto(opened, [input({ id: `next-${period}`, marking: 'TLP:CLEAR', observed, actor })])
    expect(await deliver('2024-05-20T11:00:00.000Z')).toMatchObject({ SENT: 0, WITHHELD: 1 })
    await approve('TLP:CLEAR', '2024-05-20T11:30:00.000Z')
    expect(await deliver('2024-05-20T12:00:00.000Z')).toMatchObject({ SENT: 1 })
  })

  test('that tells of an earlier time than one that stands is mailed to nobody, unless it is alone', async () => {
    await having(recipient(ana))
    const message = await made()
    const edition = { territory: 'NC', period: parsePeriod(period), cap: 'TLP:AMBER' } as const
    const { report } = await generateReport({ ...edition, asOf: '2024-05-19T00:00:00.000Z' }, opened.services)
    expect(report).toMatchObject({ version: 2, reconstructed: true })
    const { sent, parts } = mailing()
    const earlier = { ...message, version: 2 }
    await expect(deliverReport(earlier, opened.services, parts)).rejects.toThrow(/earlier time than version 1/)
    expect(await ledger()).toEqual([])
    await recallVersion({ edition, version: 1, reason: 'a wrong figure', by: 'A. Roy' }, opened.services)
    expect(await deliverReport(earlier, opened.services, parts)).toMatchObject({ SENT: 1 })
    expect(sent).toHaveLength(1)
  })

  test('that was never published, or is recalled, is mailed to nobody', async () => {
    await having(recipient(ana))
    const message = await made()
    const { sent, parts } = mailing()
    const never = deliverReport({ ...message, version: 9 }, opened.services, parts)
    await expect(never).rejects.toBeInstanceOf(NoSuchVersionError)
    const edition = { territory: 'NC', period: parsePeriod(period), cap: 'TLP:AMBER' } as const
    await recallVersion({ edition, version: 1, reason: 'a wrong figure', by: 'A. Roy' }, opened.services)
    await deliverReport(message, opened.services, parts)
    expect(sent).toEqual([])
    expect(await ledger()).toMatchObject([{ state: 'WITHHELD', reason: { code: 'withheld.recalled' } }])
  })
})

describe('a mail', () => {
  test('that is refused for now stays to be sent, and never stops the others', async () => {
    await having(recipient(ana), recipient(ben), recipient(eve))
    const message = await made()
    const { sent, parts } = mailing((to, tries) => {
      if (to === ben && tries === 1) throw new MailRefusedError('TooManyRequestsException: slower')
    })
    await expect(deliverReport(message, opened.services, parts)).rejects.toThrow('not sent yet: 1 of 3 mails')
    expect(sent.map(({ to }) => to).toSorted()).toEqual([ana, eve])
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ SENT: 3 })
    expect(sent).toHaveLength(3)
  })

  test('that is refused five times is given up', async () => {
    await having(recipient(ana))
    const message = await made()
    const { parts } = mailing(() => {
      throw new MailRefusedError('LimitExceededException: no more today')
    })
    for (let times = 1; times < 5; times += 1) {
      await expect(deliverReport(message, opened.services, parts)).rejects.toBeInstanceOf(UndeliveredError)
    }
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ FAILED: 1 })
    expect(await ledger()).toMatchObject([{ attempts: 5, reason: 'LimitExceededException: no more today' }])
  })

  test('whose address is refused fails at once, and never stops the others', async () => {
    await having(recipient(ana), recipient(ben))
    const { sent, parts } = mailing((to) => {
      if (to === ana) throw new AddressRefusedError('MessageRejected: not verified')
    })
    expect(await deliverReport(await made(), opened.services, parts)).toMatchObject({ FAILED: 1, SENT: 1 })
    expect(sent.map(({ to }) => to)).toEqual([ben])
  })

  test('of which nobody knows whether it went out is never sent again', async () => {
    await having(recipient(ana))
    const message = await made()
    const { sent, parts } = mailing((_, tries) => {
      if (tries === 1) throw new Error('socket hang up')
    })
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ UNKNOWN: 1 })
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ UNKNOWN: 1 })
    expect(sent).toEqual([])
    expect(await ledger()).toMatchObject([{ reason: 'socket hang up' }])
  })

  test('whose sender died after it went out is waited for, then unknown, and never sent again', async () => {
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
    const dead = deliverReport(message, opened.asRun('dying'), dying)
    dead.catch(() => undefined)
    while (sent.length === 0) await new Promise((done) => setTimeout(done, 5))
    await expect(deliverReport(message, opened.services, parts)).rejects.toThrow('not sent yet')
    opened.at(new Date(Date.parse('2024-05-20T00:00:00.000Z') + sendingLeaseMs + 1).toISOString())
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ UNKNOWN: 1 })
    expect(sent).toHaveLength(1)
  })

  test('that cannot be written stays to be sent, and never stops the others', async () => {
    await having(recipient(ana), recipient(ben))
    const message = await made()
    const { sent, parts } = mailing()
    const halting: Mailing = {
      ...parts,
      write: async (mail) => {
        if (mail.recipient.address === ana) throw new Error('no such template')
        return parts.write(mail)
      },
    }
    await expect(deliverReport(message, opened.services, halting)).rejects.toThrow('1 of 2 mails')
    expect(sent.map(({ to }) => to)).toEqual([ben])
    expect((await statesOf()).toSorted()).toEqual(['PENDING', 'SENT'])
  })

  test('to somebody who left while the others were mailed is withheld', async () => {
    await having(recipient(ana), recipient(ben))
    const message = await made()
    const { sent, parts } = mailing(async (to) => {
      const other = to === ana ? ben : ana
      await opened.services.recipients.replace(recipient(other, { state: 'unsubscribed' }))
    })
    expect(await deliverReport(message, opened.services, parts)).toMatchObject({ SENT: 1, WITHHELD: 1 })
    expect(sent).toHaveLength(1)
  })

  test('holds a link of its own, of which the ledger knows the hash only, and a token opens what it should', async () => {
    await having(recipient(ana), recipient(ben))
    const { sent, parts } = mailing()
    await deliverReport(await made(), opened.services, parts)
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
    const { first } = parsePeriod(period)
    const record = {
      id: `late-${period}`,
      detector: 'late',
      kind: 'copy-paste',
      title: { fr: 'Salve tardive', en: 'Late burst' },
      territories: ['NC'],
      observed: { from: first },
      counts: { posts: 9 },
    }
    const chunks = async function* () {
      yield Buffer.from(JSON.stringify(record))
    }
    await ingestDetections(readNdjson(chunks(), { file: 'late' }), 'late', opened.services)
    return made()
  }

  test('goes to those who got the version before, and says which', async () => {
    await having(recipient(ana))
    const { sent, parts } = mailing()
    await deliverReport(await made(), opened.services, parts)
    await having(recipient(ben))
    const message = await later()
    expect(message.version).toBe(2)
    await deliverReport({ ...message, to: 'corrected' }, opened.services, parts)
    expect(sent.map(({ to }) => to)).toEqual([ana, ana])
    expect(await ledger()).toMatchObject([{ version: 1 }, { version: 2, corrects: 1 }])
  })

  test('goes to everybody where the report is due, as a first one to those who have none', async () => {
    await having(recipient(ana))
    const { parts } = mailing()
    await deliverReport(await made(), opened.services, parts)
    await having(recipient(ben))
    await deliverReport(await later(), opened.services, parts)
    const second = (await ledger()).filter(({ version }) => version === 2)
    expect(second.map(({ corrects }) => corrects).toSorted()).toEqual([1, undefined])
  })

  test('goes to nobody where it says what the one before said, but for a recalled one', async () => {
    await having(recipient(ana, { territories: ['MQ'] }))
    const { sent, parts } = mailing()
    await deliverReport(await made('TLP:AMBER', 'MQ'), opened.services, parts)
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
    await deliverReport({ ...second, to: 'corrected' }, opened.services, parts)
    opened.at('2024-05-23T00:00:00.000Z')
    // A revision of what no page shows, and no figure is made of.
    await ingestInto(opened, [{ ...record, fingerprints: [{ algorithm: 'text', value: 'f' }] }])
    const third = await made('TLP:AMBER', 'MQ')
    expect([second.version, third.version]).toEqual([2, 3])
    await deliverReport({ ...third, to: 'corrected' }, opened.services, parts)
    await deliverReport(third, opened.services, parts)
    expect(sent).toHaveLength(2)
    await having(recipient(ben, { territories: ['MQ'] }))
    await deliverReport(third, opened.services, parts)
    expect(sent.map(({ to }) => to)).toEqual([ana, ana, ben])
    const edition = { territory: 'MQ', period: parsePeriod(period), cap: 'TLP:AMBER' } as const
    await recallVersion({ edition, version: 2, reason: 'a wrong figure', by: 'A. Roy' }, opened.services)
    await deliverReport(third, opened.services, parts)
    expect(sent.map(({ to }) => to)).toEqual([ana, ana, ben, ana])
  })

  // The last one: it makes the week after its own.
  test('that was asked for, with no mail, goes with the next week’s run to those who got the version before', async () => {
    await having(recipient(ana))
    const { sent, parts } = mailing()
    await deliverReport(await made(), opened.services, parts)
    const { version } = await later()
    const scheduledAt = new Date(Date.parse(parsePeriod(period).first) + 14 * 86_400_000).toISOString()
    const words: DeliveryMessage[] = []
    const reports: unknown[] = []
    const onward = {
      report: async (message: unknown) => void reports.push(message),
      delivery: async (message: DeliveryMessage) => void words.push(message),
    }
    await handleReportMessage(
      { kind: 'scheduled', territory: 'NC', cadence: 'week', scheduledAt },
      opened.services,
      onward,
    )
    expect(words).toContainEqual({ territory: 'NC', period, cap: 'TLP:AMBER', version, to: 'corrected' })
    expect(reports).toEqual([])
    for (const word of words.filter((one) => one.period === period)) await deliverReport(word, opened.services, parts)
    expect(sent.map(({ to }) => to)).toEqual([ana, ana])
    expect(await ledger()).toMatchObject([{ version: 1 }, { version: 2, corrects: 1 }])
  })
})
