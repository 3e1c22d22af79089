/** The outbox of a laptop: a mail lies there once, or certainly not at all. */
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import PostalMime from 'postal-mime'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { mailingHere } from '../../bin/cli/deliver.ts'
import { everyReport } from '../../lambdas/domain/core/place/due.ts'
import { sendingLeaseMs } from '../../lambdas/domain/delivery/delivery.ts'
import { outboxMailer } from '../../lambdas/mail/mailer.local.ts'
import { MailRefusedError } from '../../lambdas/mail/mailer.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { sendDigests } from '../../lambdas/usecases/delivery/send-digests.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, type Opened, openedOn, openServices, reportFrom } from '../support/services.ts'

let folder: string
let remove: () => Promise<void>
beforeEach(async () => {
  const made = await newFolder()
  folder = made.folder
  remove = made.remove
})
afterEach(() => remove())

/** The clock stands. */
const openedAt = async (home: string, work: (opened: Opened) => Promise<void>): Promise<void> => {
  const opened = await openServices(home)
  try {
    await work(opened)
  } finally {
    await opened.close()
  }
}

const mail = {
  to: 'ana@example.org',
  subject: 'A report',
  raw: Buffer.from('Subject: A report\r\n\r\nIt is here.\r\n'),
}

test.each([{ digest: false }, { digest: true }])(
  'an organisation may let an AMBER mail show findings (%o)',
  async (more) => {
    await openedAt(folder, async (opened) => {
      await ingestInto(opened, [input({ marking: 'TLP:AMBER', counts: { posts: 8765 } })])
      await reportFrom(opened, 'NC', '2024-W20')
      await opened.services.recipients.replace(recipient('ana@example.org', { ...more, form: 'attachment' }))
      const message = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
      const services = { ...opened.services, organisation: { mail: { fullUpTo: 'TLP:AMBER' } } } as const
      const mailing = await mailingHere({ ...opened.context, services })
      await deliverReport(message, services, mailing)
      opened.at('2024-05-22T10:00:00.000Z')
      await sendDigests({ scheduled: everyReport }, services, mailing)
      const [name = ''] = await readdir(join(folder, 'outbox'))
      const { subject, text, attachments } = await PostalMime.parse(await readFile(join(folder, 'outbox', name)))
      expect(text).toMatch(/8.765/)
      expect(subject).not.toMatch(/8.765|Niveau/)
      expect(attachments.filter(({ disposition }) => disposition === 'attachment')).toEqual([])
    })
  },
)

describe('a mail that cannot be written', () => {
  test('stays to be sent with its reason, in the ledger and in what its queue is told', async () => {
    await openedOn(folder, async (opened) => {
      await ingestInto(opened, [input()])
      await reportFrom(opened, 'NC', '2024-W20')
      await opened.services.recipients.replace(recipient('ana@example.org'))
      const message = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
      const mailing = await mailingHere(opened.context)
      const write = () => Promise.reject(new Error('the site is no address'))
      const broken = deliverReport(message, opened.services, { ...mailing, write })
      await expect(broken).rejects.toThrow('not sent yet: 1 of 1 mail: the site is no address')
      expect(await opened.services.deliveries.about('NC', '2024-W20')).toMatchObject([
        { state: 'PENDING', attempts: 0, reason: 'the site is no address' },
      ])
      expect(await deliverReport(message, opened.services, mailing)).toMatchObject({ SENT: 1 })
    })
  })
})

describe('a mail that cannot be written to the outbox', () => {
  test('is refused, for certain: there is no doubt whether it went out', async () => {
    const place = join(folder, 'outbox')
    await writeFile(place, 'a file where the folder belongs')
    await expect(outboxMailer(place).send(mail, 'one')).rejects.toBeInstanceOf(MailRefusedError)
    await expect(outboxMailer(place).send(mail, 'one')).rejects.toThrow(place)
  })

  test('stays to be sent, and is there once when the outbox can be written again', async () => {
    await openedOn(folder, async (opened) => {
      await ingestInto(opened, [input()])
      await reportFrom(opened, 'NC', '2024-W20')
      await opened.services.recipients.replace(recipient('ana@example.org'))
      const message = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
      const deliver = async () => deliverReport(message, opened.services, await mailingHere(opened.context))
      const place = join(folder, 'outbox')
      await rm(place, { recursive: true })
      await writeFile(place, 'a file where the folder belongs')
      await expect(deliver()).rejects.toThrow('not sent yet: 1 of 1 mail')
      await rm(place)
      await mkdir(place)
      expect(await deliver()).toMatchObject({ SENT: 1, UNKNOWN: 0 })
      await deliver()
      expect(await readdir(place)).toHaveLength(1)
    })
  })
})

describe('a mail whose sender died before its end was noted', () => {
  const later = new Date(Date.parse('2024-05-20T00:00:00.000Z') + sendingLeaseMs + 1).toISOString()
  const message = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
  /** The same home with its sender's end as it is known to others. */
  const others = (opened: Opened, { isDead }: { readonly isDead: boolean }) =>
    opened.asRun('next', { isDeadRun: (run) => isDead && run === 'dying' })
  /** Its process is gone when the mail is to be written, or when that is to be noted. */
  const dyingAt = async (opened: Opened, moment: 'the mail' | 'its note', digest = false) => {
    await ingestInto(opened, [input()])
    await reportFrom(opened, 'NC', '2024-W20')
    await opened.services.recipients.replace(recipient('ana@example.org', { digest }))
    const { deliveries } = opened.services
    const dead = () => Promise.reject(new Error('killed'))
    const change: typeof deliveries.change = (from, to) =>
      to.state === 'SENDING' ? deliveries.change(from, to) : dead()
    const services = opened.asRun('dying', { deliveries: { ...deliveries, change } })
    const mailing = await mailingHere(opened.context)
    const mailer = moment === 'the mail' ? { ...mailing.mailer, send: dead } : mailing.mailer
    const deliver = deliverReport(message, services, { ...mailing, mailer })
    await (digest ? deliver : deliver.catch(() => undefined))
    if (digest) opened.at('2024-05-22T10:00:00.000Z')
    if (digest) await sendDigests({ scheduled: everyReport }, services, { ...mailing, mailer }).catch(() => undefined)
    expect(await deliveries.about('NC', '2024-W20')).toMatchObject([{ state: 'SENDING' }])
  }
  const outbox = () => readdir(join(folder, 'outbox'))

  test.each(['the mail', 'its note'] as const)('at %s, is in the outbox once, and SENT', async (moment) => {
    await openedAt(folder, async (opened) => {
      await dyingAt(opened, moment)
      expect(await outbox()).toHaveLength(moment === 'the mail' ? 0 : 1)
      const services = others(opened, { isDead: true })
      expect(await deliverReport(message, services, await mailingHere(opened.context))).toMatchObject({ SENT: 1 })
      expect(await outbox()).toHaveLength(1)
    })
  })

  test.each(['the mail', 'its note'] as const)('at %s of a digest, is in the outbox once, and SENT', async (moment) => {
    await openedAt(folder, async (opened) => {
      await dyingAt(opened, moment, true)
      const services = others(opened, { isDead: true })
      await sendDigests({ scheduled: everyReport }, services, await mailingHere(opened.context))
      expect(await services.deliveries.about('NC', '2024-W20')).toMatchObject([{ state: 'SENT' }])
      expect(await outbox()).toHaveLength(1)
    })
  })

  test('or is only suspended, is UNKNOWN until its file or its end is there', async () => {
    await openedAt(folder, async (opened) => {
      await dyingAt(opened, 'the mail')
      opened.at(later)
      const mailing = await mailingHere(opened.context)
      const again = (isDead: boolean) => deliverReport(message, others(opened, { isDead }), mailing)
      expect(await again(false)).toMatchObject({ UNKNOWN: 1 })
      expect(await outbox()).toEqual([])
      const [{ messageId } = { messageId: '' }] = await opened.services.deliveries.about('NC', '2024-W20')
      await mailing.mailer.send(mail, 'the suspended one goes on', messageId)
      expect(await again(false)).toMatchObject({ UNKNOWN: 0, SENT: 1 })
      const second = mailing.mailer.send(mail, 'the suspended one goes on', messageId)
      await expect(second).rejects.toBeInstanceOf(MailRefusedError)
      expect(await outbox()).toEqual([messageId])
    })
  })
})
