/** Editions that recipients name: of the nation and of groups, made and mailed by the weekly run and by a stage. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reasonText } from '../../lambdas/domain/core/fault-text.ts'
import type { SubjectCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { DeliveryMessage, RequestedReport } from '../../lambdas/domain/report/messages.ts'
import { MailRefusedError } from '../../lambdas/mail/mailer.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { type Mailing } from '../../lambdas/usecases/delivery/mailing.ts'
import { handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { runWeek } from '../../lambdas/usecases/reports/weekly-run.ts'
import { newFolder } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { openServices } from '../support/services.ts'

const week = '2024-W20'
const everything = { territories: ['overseas', 'COR'] } as const satisfies Partial<Recipient>
const people = {
  nation: recipient('nation@example.org', { ...everything, editions: ['ALL', 'PACIFIC'] }),
  green: recipient('green@example.org', { ...everything, editions: ['ALL'], clearance: 'TLP:GREEN' }),
  own: recipient('own@example.org', { ...everything, editions: ['COR'] }),
  short: recipient('short@example.org', { territories: ['overseas'], editions: ['ALL'] }),
  plain: recipient('plain@example.org', { territories: ['pacific', 'COR'] }),
}

/** Records each mail as its reader and delivery. */
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
    writeRecall: async ({ recipient }) => ({
      mail: { to: recipient.address, subject: '', raw: new Uint8Array() },
      id: 'recall',
    }),
    write: async ({ recipient: { address }, form }) => ({
      mail: { to: address, subject: '', raw: new Uint8Array() },
      form,
    }),
  }
  return { sent, parts }
}

/** Collects the messages of a stage's function. */
const collecting = () => {
  const [reports, deliveries]: [RequestedReport[], DeliveryMessage[]] = [[], []]
  const outbox = {
    report: async (message: RequestedReport) => void reports.push(message),
    delivery: async (message: DeliveryMessage) => void deliveries.push(message),
  }
  return { reports, deliveries, outbox }
}

const openWith = async (...recipients: readonly Recipient[]) => {
  const { folder, remove } = await newFolder()
  const opened = await openServices(folder, '2024-05-21T06:00:00.000Z')
  await opened.services.detections.saveAll(
    [
      detection({ id: 'pacific', territories: ['NC', 'PF'], marking: 'TLP:GREEN', observed: { from: '2024-05-15' } }),
      detection({ id: 'corsica', territories: ['COR'], marking: 'TLP:AMBER', observed: { from: '2024-05-16' } }),
    ],
    new Date('2024-05-19T00:00:00Z'),
  )
  for (const one of recipients) await opened.services.recipients.replace(one)
  const statesOf = async (subject: SubjectCode) => {
    const { deliveries, recipients: known } = opened.services
    const states = await Array.fromAsync(
      await deliveries.about(subject, week),
      async ({ recipient: id, state, reason }) => [
        (await known.get(id))?.address.split('@')[0],
        [state, ...(reason ? [reasonText(reason)] : [])].join(': '),
      ],
    )
    return Object.fromEntries(states)
  }
  const close = async () => {
    await opened.close()
    await remove()
  }
  return { services: opened.services, statesOf, close }
}

describe('the weekly run', () => {
  let on: Awaited<ReturnType<typeof openWith>>
  const { sent, parts } = mailing()
  beforeAll(async () => {
    on = await openWith(...Object.values(people))
  })
  afterAll(() => on.close())
  const run = () =>
    runWeek(
      { week: parsePeriod(week), cap: 'TLP:AMBER', deliver: (message) => deliverReport(message, on.services, parts) },
      on.services,
      { started: () => {}, made: () => {}, failed: () => {} },
    )

  test('makes the groups that readers name, and mails each reader the editions that they name and may read', async () => {
    const { reports, national, groups, failed } = await run()
    expect(failed).toEqual([])
    expect(new Set(reports.map(({ edition }) => edition.territory)).size).toBe(13)
    expect([...national, ...groups].map(({ edition }) => `${edition.territory} ${edition.cap}`)).toEqual([
      'ALL TLP:AMBER',
      'ALL TLP:GREEN',
      'PACIFIC TLP:AMBER',
    ])
    expect(sent.toSorted()).toEqual([
      'green ALL.2024-W20.green.1',
      'nation ALL.2024-W20.amber.1',
      'nation PACIFIC.2024-W20.amber.1',
      'own COR.2024-W20.amber.1',
      ...['COR', 'NC', 'PF', 'WF'].map((code) => `plain ${code}.2024-W20.amber.1`),
    ])
    const withheld = 'WITHHELD: not every territory'
    expect(await on.statesOf('ALL')).toEqual({ nation: 'SENT', green: 'SENT', short: withheld })
    expect(await on.statesOf('COR')).toEqual({ own: 'SENT', plain: 'SENT' })
  })

  test('again mails only what a new right allows', async () => {
    sent.length = 0
    await run()
    expect(sent).toEqual([])
    await on.services.recipients.replace({ ...people.short, ...everything })
    await run()
    expect(sent).toEqual(['short ALL.2024-W20.amber.1'])
    expect(await on.statesOf('ALL')).toEqual({ nation: 'SENT', green: 'SENT', short: 'SENT' })
  })

  test('of a stage requests the other caps and the groups by the schedule of the nation alone', async () => {
    const { reports, deliveries, outbox } = collecting()
    const due = { kind: 'scheduled', cadence: 'week', scheduledAt: '2024-05-21T04:30:00Z' } as const
    await handleReportMessage({ ...due, territory: 'ALL' }, on.services, outbox)
    expect(deliveries).toMatchObject([{ territory: 'ALL', period: week, cap: 'TLP:AMBER', to: 'everybody' }])
    expect(reports.map(({ territory, period, cap, deliver }) => [territory, period, cap, deliver].join(' '))).toEqual([
      'ALL 2024-W20 TLP:GREEN everybody',
      'PACIFIC 2024-W20 TLP:AMBER everybody',
    ])
    await handleReportMessage({ ...due, territory: 'NC' }, on.services, outbox)
    expect(reports).toHaveLength(2)
  })
})

test('a right lost between queue and sending withholds the mail, with the reason in the ledger', async () => {
  const on = await openWith(people.nation)
  let isBusy = true
  const { sent, parts } = mailing(() => isBusy)
  const { deliveries, outbox } = collecting()
  const requested = { kind: 'requested', territory: 'ALL', period: week, cap: 'TLP:AMBER' } as const
  await handleReportMessage({ ...requested, deliver: 'everybody', late: 'leave' }, on.services, outbox)
  const deliver = () => deliverReport(deliveries[0] as DeliveryMessage, on.services, parts)
  await expect(deliver()).rejects.toThrow('not sent yet')
  await on.services.recipients.replace({ ...people.nation, territories: ['overseas'] })
  isBusy = false
  expect(await deliver()).toMatchObject({ SENT: 0, WITHHELD: 1 })
  expect(sent).toEqual([])
  expect(await on.statesOf('ALL')).toEqual({ nation: 'WITHHELD: not every territory' })
  await on.close()
})
