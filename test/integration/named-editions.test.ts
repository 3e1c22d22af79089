import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
/**
 * Reports that recipients name: the nation's and groups', made and mailed for them by the weekly run and by a stage's
 * schedule.
 */
import { reasonText } from '../../lambdas/domain/core/fault-text.ts'
import type { SubjectCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import { deliveryId } from '../../lambdas/domain/delivery/delivery.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { DeliveryMessage, RequestedReport } from '../../lambdas/domain/report/messages.ts'
import { MailRefusedError } from '../../lambdas/mail/mailer.ts'
import { deliverReport, type Mailing, UndeliveredError } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { runWeek } from '../../lambdas/usecases/reports/weekly-run.ts'
import { newFolder, vigie } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { openServices } from '../support/services.ts'

const week = '2024-W20'
const idle = { started: () => {}, made: () => {}, failed: () => {} }
const everything = { territories: ['overseas', 'COR'] } as const satisfies Partial<Recipient>
const people = {
  nation: recipient('nation@example.org', { ...everything, editions: ['ALL', 'PACIFIC'] }),
  green: recipient('green@example.org', { ...everything, editions: ['ALL'], clearance: 'TLP:GREEN' }),
  own: recipient('own@example.org', { ...everything, editions: ['COR'] }),
  short: recipient('short@example.org', { territories: ['overseas'], editions: ['ALL'] }),
  plain: recipient('plain@example.org', { territories: ['pacific', 'COR'] }),
}

/** Mails as the names of their deliveries, by address; refused while the test says so. */
const mailing = (refuses = () => false) => {
  const sent: string[] = []
  const parts: Mailing = {
    mailer: {
      send: async ({ to }, delivery) => {
        if (refuses()) throw new MailRefusedError('busy')
        sent.push(`${to.split('@')[0]} ${delivery.split('.').slice(0, 4).join('.')}`)
        return { messageId: `m-${sent.length}` }
      },
    },
    site: 'https://reports.example.org',
    write: async (mail) => ({
      mail: { to: mail.recipient.address, subject: '', raw: new Uint8Array() },
      form: mail.form,
    }),
  }
  return { sent, parts }
}

/** A home with something seen in the Pacific and in Corsica, and who is on the list. */
const homeOf = async (...recipients: readonly Recipient[]) => {
  const { folder, remove } = await newFolder()
  const home = join(folder, 'home')
  const opened = await openServices(home, '2024-05-21T06:00:00.000Z')
  await opened.services.detections.saveAll(
    [
      detection({ id: 'pacific', territories: ['NC', 'PF'], marking: 'TLP:GREEN', observed: { from: '2024-05-15' } }),
      detection({ id: 'corsica', territories: ['COR'], marking: 'TLP:AMBER', observed: { from: '2024-05-16' } }),
    ],
    new Date('2024-05-19T00:00:00Z'),
  )
  for (const one of recipients) await opened.services.recipients.replace(one)
  return { ...opened, home, remove }
}
type Home = Awaited<ReturnType<typeof homeOf>>

const statesOf = async ({ services }: Home, subject: SubjectCode) =>
  Object.fromEntries(
    await Promise.all(
      (await services.deliveries.about(subject, week)).map(async ({ recipient: id, state, reason }) => [
        (await services.recipients.get(id))?.address.split('@')[0],
        [state, ...(reason ? [reasonText(reason)] : [])].join(': '),
      ]),
    ),
  )

describe('the weekly run', () => {
  let on: Home
  const { sent, parts } = mailing()
  beforeAll(async () => {
    on = await homeOf(...Object.values(people))
  })
  afterAll(async () => {
    await on.close()
    await on.remove()
  })
  const run = () =>
    runWeek(
      {
        week: parsePeriod(week),
        cap: 'TLP:AMBER',
        deliver: (message) => deliverReport(message, on.services, parts),
      },
      on.services,
      idle,
    )

  test('makes the groups that somebody waits for, and mails each what it named and may read', async () => {
    const { reports, national, groups, failed } = await run()
    expect(failed).toEqual([])
    expect(new Set(reports.map(({ edition }) => edition.territory)).size).toBe(13)
    expect(national.map(({ edition }) => `${edition.territory} ${edition.cap}`)).toEqual([
      'ALL TLP:AMBER',
      'ALL TLP:GREEN',
    ])
    expect(groups.map(({ edition }) => `${edition.territory} ${edition.cap}`)).toEqual(['PACIFIC TLP:AMBER'])
    expect(sent.toSorted()).toEqual(
      [
        'green ALL.2024-W20.green.1',
        'nation ALL.2024-W20.amber.1',
        'nation PACIFIC.2024-W20.amber.1',
        'own COR.2024-W20.amber.1',
        ...['COR', 'NC', 'PF', 'WF'].map((code) => `plain ${code}.2024-W20.amber.1`),
      ].toSorted(),
    )
    expect(await statesOf(on, 'ALL')).toEqual({
      nation: 'SENT',
      green: 'SENT',
      short: 'WITHHELD: not every territory',
    })
    expect(await statesOf(on, 'COR')).toEqual({ own: 'SENT', plain: 'SENT' })
  })

  test('mails nothing twice, and later what a right that was given opens', async () => {
    sent.length = 0
    await run()
    expect(sent).toEqual([])
    await on.services.recipients.replace({ ...people.short, ...everything })
    await run()
    expect(sent).toEqual(['short ALL.2024-W20.amber.1'])
    expect(await statesOf(on, 'ALL')).toEqual({ nation: 'SENT', green: 'SENT', short: 'SENT' })
  })

  test('has a stage do the same: its schedule of the nation hands on the other caps and the groups', async () => {
    const [reports, deliveries]: [RequestedReport[], DeliveryMessage[]] = [[], []]
    const onward = {
      report: async (message: RequestedReport) => void reports.push(message),
      delivery: async (message: DeliveryMessage) => void deliveries.push(message),
    }
    const scheduledAt = '2024-05-21T04:30:00Z'
    await handleReportMessage(
      { kind: 'scheduled', territory: 'ALL', cadence: 'week', scheduledAt },
      on.services,
      onward,
    )
    expect(deliveries).toMatchObject([{ territory: 'ALL', period: week, cap: 'TLP:AMBER', to: 'everybody' }])
    expect(reports.map(({ territory, period, cap, deliver }) => [territory, period, cap, deliver].join(' '))).toEqual([
      'ALL 2024-W20 TLP:GREEN everybody',
      'PACIFIC 2024-W20 TLP:AMBER everybody',
    ])
    reports.length = 0
    await handleReportMessage({ kind: 'scheduled', territory: 'NC', cadence: 'week', scheduledAt }, on.services, onward)
    expect(reports).toEqual([])
  })
})

test('a right that is lost between queue and sending keeps the mail back, with the reason in the ledger', async () => {
  const on = await homeOf(people.nation)
  let isBusy = true
  const { sent, parts } = mailing(() => isBusy)
  try {
    const message = { kind: 'requested', territory: 'ALL', period: week, cap: 'TLP:AMBER' } as const
    const queued: DeliveryMessage[] = []
    await handleReportMessage({ ...message, deliver: 'everybody', late: 'leave' }, on.services, {
      report: async () => {},
      delivery: async (one) => void queued.push(one),
    })
    const [delivery] = queued
    if (!delivery) throw new Error('nothing is to be delivered')
    await expect(deliverReport(delivery, on.services, parts)).rejects.toBeInstanceOf(UndeliveredError)
    await on.services.recipients.replace({ ...people.nation, territories: ['overseas'] })
    isBusy = false
    expect(await deliverReport(delivery, on.services, parts)).toMatchObject({ SENT: 0, WITHHELD: 1 })
    expect(sent).toEqual([])
    const id = deliveryId({ ...delivery, recipient: people.nation.id })
    await on.close()
    const shown = await vigie(['deliveries', 'show', id, '--home', on.home])
    expect(shown.stdout).toContain('state: WITHHELD')
    expect(shown.stdout).toContain('reason: not every territory')
  } finally {
    await on.close().catch(() => undefined)
    await on.remove()
  }
})
