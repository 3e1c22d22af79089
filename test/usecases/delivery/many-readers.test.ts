/** Mails a version to more readers than one function call can, by a virtual clock. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { story } from '../../../bin/cli/story.ts'
import { maxTries } from '../../../lambdas/config/env.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { type DeliveryMessage, deliveryQueueSchema } from '../../../lambdas/domain/report/messages.ts'
import { MailRefusedError } from '../../../lambdas/mail/mailer.ts'
import { deliverReport } from '../../../lambdas/usecases/delivery/deliver-report.ts'
import { type Mailing } from '../../../lambdas/usecases/delivery/mailing.ts'
import { generateReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { UnfinishedError } from '../../../lambdas/usecases/unfinished.ts'
import { newFolder } from '../../support/cli.ts'
import { recipient } from '../../support/recipients.ts'
import { ingestInto, type Opened, openServices } from '../../support/services.ts'

/** A tenth of the target, with mails that take ten times as long; `VIGIE_READERS=12000` has all. */
const readers = Number(process.env.VIGIE_READERS ?? 1_200)
/** Time of a mail on Lambda, and of a function call. */
const mailMs = (130 * 12_000) / readers
const functionMs = 290_000

let opened: Opened
let remove: () => Promise<void>
beforeAll(async () => {
  const { folder, remove: removing } = await newFolder()
  remove = removing
  opened = await openServices(folder)
  await ingestInto(opened, readFileSync(story.file))
  for (let at = 0; at < readers; at += 1) await opened.services.recipients.replace(recipient(`r${at}@example.org`))
})
afterAll(async () => {
  await opened.close()
  await remove()
})

test(`mails ${readers} readers once each, and gives up no message`, async () => {
  let now = Date.parse('2024-05-20T00:00:00Z')
  const services = opened.asRun('virtual', { clock: () => new Date(now) })
  const { report } = await generateReport(
    { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' },
    services,
  )
  const queue: { message: unknown; tries: number }[] = [
    {
      message: { territory: 'NC', period: '2024-W20', cap: 'TLP:AMBER', version: report.version, to: 'everybody' },
      tries: 0,
    },
  ]
  const [mailed, took, dead]: [Map<string, number>, number[], unknown[]] = [new Map(), [], []]
  let calls = 0

  for (let taken = queue.shift(); taken; taken = queue.shift()) {
    const message = deliveryQueueSchema.parse(taken.message) as DeliveryMessage
    const stop = new AbortController()
    const began = now
    const mailing: Mailing = {
      site: 'https://reports.example.org',
      writeRecall: async ({ recipient }) => ({
        mail: { to: recipient.address, subject: '', raw: new Uint8Array() },
        id: 'recall',
      }),
      write: async ({ recipient: { address }, form }) => ({
        mail: { to: address, subject: '', raw: new Uint8Array() },
        form,
      }),
      mailer: {
        send: async ({ to }) => {
          now += mailMs
          if (now - began > functionMs) stop.abort()
          calls += 1
          if (calls % 97 === 0) throw new MailRefusedError('throttled')
          mailed.set(to, 1 + (mailed.get(to) ?? 0))
          return { messageId: 'm' }
        },
      },
    }
    const handOver = async (part: DeliveryMessage) => {
      queue.push({ message: part, tries: 0 })
      // SQS delivers a message at least once.
      if (queue.length % 10 === 0) queue.push({ message: part, tries: 0 })
    }
    const tries = taken.tries + 1
    await deliverReport(message, services, mailing, { outOfTime: stop.signal, handOver }).catch((error: unknown) => {
      if (error instanceof UnfinishedError) queue.push({ message, tries: 0 })
      else if (tries < maxTries) queue.push({ message, tries })
      else dead.push(error)
    })
    took.push(now - began)
  }

  expect(dead).toEqual([])
  expect(mailed.size).toBe(readers)
  expect([...new Set(mailed.values())]).toEqual([1])
  expect(Math.max(...took)).toBeLessThanOrEqual(100 * mailMs)
})
