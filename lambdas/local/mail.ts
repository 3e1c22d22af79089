/** Mail of the command line: into the home's outbox, or by the queue and the mail service of a stage. */
import { join } from 'node:path'
import { type DeliverySummary, deliverReport, type Mailing } from '../deliver-report.ts'
import { editionOf, reportId } from '../domain/manifest.ts'
import type { DeliveryMessage } from '../domain/messages.ts'
import type { Recipient } from '../domain/recipient.ts'
import { askToConfirm } from '../join-list.ts'
import { mailingOn } from '../mailing.ts'
import type { Laptop } from './laptop.ts'
import { outboxMailer } from './outbox.ts'

/** Where `vigie serve` listens when nobody says otherwise. */
export const usualSite = 'http://127.0.0.1:8080'
/** No mail comes back to it: nothing leaves the machine. */
const usualSender = 'vigie@localhost.invalid'

export type Delivered = {
  /** In one line. */
  readonly said: string
  /** What became of its mails, where they were sent here. */
  readonly summary?: DeliverySummary
}

/** Delivers a version: here, or by whoever works for the stage. */
export const deliverer = async (laptop: Laptop): Promise<(message: DeliveryMessage) => Promise<Delivered>> => {
  const { stage, services } = laptop
  if (stage) {
    return async (message) => {
      await stage.send('DeliveryQueueUrl', message)
      return { said: `${nameOf(message)} is handed to the stage's delivery` }
    }
  }
  const mailing = outboxMailing(laptop)
  return async (message) => {
    const summary = await deliverReport(message, services, mailing)
    const counts = Object.entries(summary).filter(([, count]) => count > 0)
    const what = counts.length === 0 ? 'no recipients' : counts.map(([state, count]) => `${count} ${state}`).join(', ')
    return { said: `${nameOf(message)}: ${what}`, summary }
  }
}

/** Where the links of mails lead. */
export const siteHere = (): string => process.env.VIGIE_SITE || usualSite

/** Whoever sends mails here: into the outbox. */
export const senderHere = ({ folder }: Pick<Laptop, 'folder'>) => ({
  mailer: outboxMailer(join(folder, 'outbox')),
  from: process.env.VIGIE_MAIL_FROM || usualSender,
})

/** Mails as files in the outbox, with links to `vigie serve`. */
export const outboxMailing = ({ folder, services }: Laptop): Mailing =>
  mailingOn({
    ...senderHere({ folder }),
    site: siteHere(),
    contact: services.house.contact,
    clock: services.clock,
  })

/** Mails pending recipients the link to confirm by. @throws StageError for a stage that mails nobody */
export const confirmer = async ({
  folder,
  services,
  stage,
}: Laptop): Promise<(recipient: Recipient) => Promise<void>> => {
  const sender = stage ? await stage.sender() : { ...senderHere({ folder }), site: siteHere() }
  return (recipient) => askToConfirm(recipient, services, { ...sender, house: services.house })
}

const nameOf = (message: DeliveryMessage): string => reportId(editionOf(message), message.version)
