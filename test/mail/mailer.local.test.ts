/** The outbox of a laptop: a mail lies there once, or certainly not at all. */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { outboxMailing } from '../../bin/cli/deliver.ts'
import { outboxMailer } from '../../lambdas/mail/mailer.local.ts'
import { MailRefusedError } from '../../lambdas/mail/mailer.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, openedOn, reportFrom } from '../support/services.ts'

let folder: string
let remove: () => Promise<void>
beforeEach(async () => {
  const made = await newFolder()
  folder = made.folder
  remove = made.remove
})
afterEach(() => remove())

const mail = {
  to: 'ana@example.org',
  subject: 'A report',
  raw: Buffer.from('Subject: A report\r\n\r\nIt is here.\r\n'),
}

describe('a mail that cannot be written', () => {
  test('stays to be sent with its reason, in the ledger and in what its queue is told', async () => {
    await openedOn(folder, async (opened) => {
      await ingestInto(opened, [input()])
      await reportFrom(opened, 'NC', '2024-W20')
      await opened.services.recipients.replace(recipient('ana@example.org'))
      const message = { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: 1, to: 'everybody' } as const
      const mailing = outboxMailing(opened.context)
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
      const deliver = () => deliverReport(message, opened.services, outboxMailing(opened.context))
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
