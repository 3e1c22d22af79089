/**
 * A paused report: not made when its schedule fires nor by the weekly run, named by the nation and by digests, and made
 * for whoever asks.
 */
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ListedSchedule } from '../../bin/cli/answers.ts'
import { everything } from '../../lambdas/domain/access/caller.ts'
import { everyReport } from '../../lambdas/domain/core/place/due.ts'
import type { SubjectCode } from '../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Recipient } from '../../lambdas/domain/delivery/recipient.ts'
import type { Page } from '../../lambdas/domain/page/page.ts'
import type { DeliveryMessage, RequestedReport } from '../../lambdas/domain/report/messages.ts'
import { mailingOn } from '../../lambdas/usecases/delivery/compose-mail.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { type DigestToWrite, sendDigests } from '../../lambdas/usecases/delivery/send-digests.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { setSchedule } from '../../lambdas/usecases/reports/schedules/set-schedule.ts'
import { runWeek } from '../../lambdas/usecases/reports/weekly-run.ts'
import { historyFor } from '../../lambdas/usecases/todo/history.ts'
import { jsonOf, newFolder, vigie } from '../support/cli.ts'
import { detection } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { type Opened, openServices } from '../support/services.ts'

let on: Opened
let home: string
let remove: () => Promise<void>
const week = '2024-W20'
const remarksIn = ({ group }: Page): string =>
  (group?.remarks ?? []).map((runs) => runs.map(({ text }) => text).join('')).join('\n')
/** The nation's report of week 20 leaves then, the last of all. */
const tuesday = '2024-05-21T04:30:00.000Z'

beforeAll(async () => {
  const made = await newFolder()
  home = join(made.folder, 'home')
  remove = made.remove
  on = await openServices(home, '2024-05-10T00:00:00.000Z')
  await on.services.detections.saveAll(
    [
      detection({
        id: 'one',
        territories: ['GP'],
        marking: 'TLP:GREEN',
        observed: { from: '2024-05-15' },
        counts: { posts: 7 },
      }),
      detection({ id: 'two', territories: ['NC'], marking: 'TLP:GREEN', observed: { from: '2024-05-16' } }),
    ],
    new Date('2024-05-09T00:00:00Z'),
  )
  const everywhere = { territories: ['overseas', 'COR'] } satisfies Partial<Recipient>
  for (const one of [
    recipient('nation@example.org', { ...everywhere, editions: ['ALL', 'PACIFIC', 'ANTILLES'] }),
    recipient('green@example.org', { territories: ['GP'], clearance: 'TLP:GREEN' }),
    recipient('digest@example.org', { territories: ['NC', 'GP', 'MQ'], digest: true }),
  ])
    await on.services.recipients.replace(one)
})
afterAll(async () => {
  await on.close()
  await remove()
})

const set = async (subject: SubjectCode, is: 'paused' | 'made', more: { until?: string } = {}) => {
  const seen = await on.services.schedules.get({ subject, cadence: 'week' })
  const done = await setSchedule(seen, { is, by: 'Claire', reason: 'nobody is there', ...more }, on.services)
  if ('fault' in done) throw new Error(`not set: ${done.fault}`)
}
const fire = async (territory: SubjectCode, scheduledAt: string, cadence: 'week' | 'month' = 'week') => {
  const [reports, deliveries]: [RequestedReport[], DeliveryMessage[]] = [[], []]
  const made = await handleReportMessage({ kind: 'scheduled', territory, cadence, scheduledAt }, on.services, {
    report: async (message) => void reports.push(message),
    delivery: async (message) => void deliveries.push(message),
  })
  return { made, asked: reports.map(({ territory: code, cap }) => `${code} ${cap}`), deliveries }
}
const versions = async (territory: SubjectCode, period = week) =>
  (await on.services.reports.versions({ territory, period: parsePeriod(period), cap: 'TLP:AMBER' })).length

describe('a schedule that fires', () => {
  test('makes nothing while it is paused: no version, no other edition, no mail', async () => {
    await set('GP', 'paused')
    on.at('2024-05-20T10:31:00.000Z')
    const { made, asked, deliveries } = await fire('GP', '2024-05-20T10:30:00.000Z')
    expect(made).toMatchObject({ paused: { by: 'Claire', reason: 'nobody is there' }, period: week })
    expect([asked, deliveries, await versions('GP')]).toEqual([[], [], 0])
  })

  test('is paused by the hour at which it was due, however late the message comes', async () => {
    await set('GP', 'made')
    expect((await fire('GP', '2024-05-20T10:30:00.000Z')).made).toMatchObject({ paused: {} })
    expect(await versions('GP')).toBe(0)
  })

  test('makes what is not paused: another cadence, and later ones', async () => {
    on.at('2024-06-01T12:00:00.000Z')
    expect((await fire('GP', '2024-06-01T10:30:00.000Z', 'month')).made).toMatchObject({ edition: { territory: 'GP' } })
    on.at('2024-05-27T12:00:00.000Z')
    expect((await fire('GP', '2024-05-27T10:30:00.000Z')).asked).toEqual(['GP TLP:GREEN'])
    expect(await versions('GP', '2024-W21')).toBe(1)
  })

  test('of the nation leaves groups to their own settings', async () => {
    on.at('2024-05-20T12:00:00.000Z')
    await set('ALL', 'paused')
    await set('PACIFIC', 'paused')
    on.at(tuesday)
    const { made, asked } = await fire('ALL', tuesday)
    expect(made).toMatchObject({ paused: {} })
    expect(asked).toEqual(['ANTILLES TLP:AMBER'])
    await set('ALL', 'made')
    await set('PACIFIC', 'made')
  })
})

test('the nation counts a paused territory, and names it: neither 0 nor late', async () => {
  on.at('2024-05-22T00:00:00.000Z')
  const { report } = await generateReport(
    { territory: 'ALL', period: parsePeriod(week), cap: 'TLP:AMBER' },
    on.services,
  )
  const rows = new Map(report.group?.rows.map((row) => [row.territory, row]))
  expect(rows.get('GP')).toMatchObject({ paused: true, totals: { posts: { value: 7 } } })
  expect(rows.get('NC')?.paused).toBeUndefined()
  expect(remarksIn(report.pages.en)).toMatch(/Guadeloupe: its own report is paused\. The figures here are counted/)
  expect(remarksIn(report.pages.fr)).toMatch(/Guadeloupe\u00a0: rapport propre suspendu\./)
})

test('the nation of before a pause says nothing of it', async () => {
  const period = parsePeriod('2024-W18')
  const { report } = await generateReport({ territory: 'ALL', period, cap: 'TLP:AMBER' }, on.services)
  expect(report.group?.rows.filter(({ paused }) => paused)).toEqual([])
})

test('a digest names what is paused apart from what is late', async () => {
  on.at('2024-05-22T01:00:00.000Z')
  const { report } = await generateReport({ territory: 'NC', period: parsePeriod(week), cap: 'TLP:AMBER' }, on.services)
  const told: Pick<DigestToWrite, 'late' | 'paused'>[] = []
  const parts = mailingOn({
    mailer: { send: async () => ({ messageId: 'm-1' }) },
    ...{ from: 'vigie@example.org', site: 'https://r.example', clock: on.services.clock },
  })
  const noting = {
    ...parts,
    writeDigest: async (digest: DigestToWrite) => {
      told.push({ late: digest.late, paused: digest.paused })
      return parts.writeDigest(digest)
    },
  }
  const message = { territory: 'NC', period: week, cap: 'TLP:AMBER', version: report.version, to: 'everybody' } as const
  await deliverReport(message, on.services, parts)
  on.at('2024-05-22T10:00:00.000Z')
  expect(await sendDigests({ scheduled: everyReport }, on.services, noting)).toMatchObject({ sent: 1 })
  expect(told).toEqual([{ late: [{ subject: 'MQ', period: week }], paused: [{ subject: 'GP', period: week }] }])
})

test('the weekly run on a laptop passes over what is paused now, and says who paused it and why', async () => {
  on.at('2024-05-23T00:00:00.000Z')
  await set('GP', 'paused', { until: '2024-06-30' })
  const told: string[] = []
  const { reports, paused, failed } = await runWeek(
    { week: parsePeriod(week), cap: 'TLP:AMBER', only: ['GP', 'MQ'] },
    on.services,
    { started: () => {}, made: () => {}, failed: () => {}, paused: ({ territory }) => void told.push(territory) },
  )
  expect(failed).toEqual([])
  expect(reports.map(({ edition }) => edition.territory)).toEqual(['MQ'])
  expect(paused).toMatchObject([{ territory: 'GP', by: 'Claire', reason: 'nobody is there', until: '2024-06-30' }])
  expect(told).toEqual(['GP'])
  expect(await versions('GP')).toBe(0)
  const asked = await generateReport({ territory: 'GP', period: parsePeriod(week), cap: 'TLP:AMBER' }, on.services)
  expect(asked.isNew).toBe(true)
})

test('of two who set one at once, one does', async () => {
  const seen = await on.services.schedules.get({ subject: 'RE', cadence: 'month' })
  const both = await Promise.all(
    ['Ana', 'Paul'].map((by) => setSchedule(seen, { is: 'paused', by, reason: 'x' }, on.services)),
  )
  expect(both.filter((one) => 'fault' in one)).toEqual([{ fault: 'changed' }])
  expect((await on.services.schedules.get(seen)).turns).toHaveLength(1)
})

test('the history tells of each, once, to who reads of its territories', async () => {
  const asked = { most: 100, sender: 'x' }
  const all = (await historyFor(everything, asked, on.services)).filter(({ of }) => of === 'schedule')
  expect(all.filter(({ id }) => id === 'GP/week').map(({ did }) => did)).toEqual(['paused', 'resumed', 'paused'])
  expect(all[0]).toMatchObject({ by: expect.any(String), reason: expect.any(String) })
  const few = await historyFor({ clearance: 'TLP:CLEAR', territories: ['GP'] }, asked, on.services)
  expect(new Set(few.map(({ id }) => id))).toEqual(new Set(['GP/week']))
})

describe('the commands', () => {
  const at = async (...args: string[]) => vigie(['--home', home, ...args])
  beforeAll(() => on.close())

  test('pause, list and resume; what is so already is told, and no failure', async () => {
    const words = ['--by', 'Ana', '--reason', 'the summer', '--cadence', 'week']
    const paused = jsonOf<readonly ListedSchedule[]>(
      await at('--json', 'schedules', 'pause', 'MQ', 'all', ...words, '--until', '2099-08-31'),
    )
    expect(paused).toMatchObject([
      { subject: 'MQ', cadence: 'week', state: 'paused', turns: [{ by: 'Ana', until: '2099-08-31' }] },
      { subject: 'ALL', cadence: 'week', state: 'paused' },
    ])
    const again = await at('schedules', 'pause', 'MQ', ...words, '--until', '2099-08-31')
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/MQ\/week: it is paused already, by Ana/)])
    const listed = jsonOf<readonly ListedSchedule[]>(await at('--json', 'schedules', 'list', '--paused'))
    expect(listed.map(({ subject, cadence }) => `${subject}/${cadence}`)).toEqual(['MQ/week', 'RE/month', 'ALL/week'])
    expect((await at('schedules', 'list')).stdout).toMatch(/^What.* Next due \(UTC\)/)
    expect((await at('schedules', 'list')).stdout).toMatch(/MQ +week +paused .*2099-08-31/)
    const weekly = jsonOf<{ paused: readonly { territory: string }[]; reports: unknown[] }>(
      await at('--json', 'weekly', week, '--territory', 'MQ', '--no-deliver'),
    )
    expect(weekly).toMatchObject({ reports: [], paused: [{ territory: 'MQ', by: 'Ana', reason: 'the summer' }] })
    const resumed = await at('schedules', 'resume', 'MQ', 'all', ...words)
    expect([resumed.code, resumed.stdout]).toEqual([0, expect.stringMatching(/Martinique, each week: made/)])
  })

  test.each([
    [['MQ', '--by', 'Ana'], /reason/],
    [['MQ', '--by', '', '--reason', 'x'], /--by/],
    [['campaign-0123456789ab', '--by', 'Ana', '--reason', 'x'], /no schedule/],
    [['Atlantis', '--by', 'Ana', '--reason', 'x'], /Atlantis/],
    [['MQ', '--by', 'Ana', '--reason', 'x', '--cadence', 'year'], /year/],
  ])('%j is wrong usage', async (words, why) => {
    const { code, stderr } = await at('schedules', 'pause', ...words)
    expect([code, stderr]).toEqual([2, expect.stringMatching(why)])
  })

  test('a last day that is past or none is told, and nothing is set', async () => {
    for (const [until, why] of [
      ['2020-01-01', /until: is past/],
      ['soon', /until: /],
    ] as const) {
      const { code, stderr } = await at('schedules', 'pause', 'YT', '--by', 'Ana', '--reason', 'x', '--until', until)
      expect([code, stderr]).toEqual([1, expect.stringMatching(why)])
    }
    const listed = jsonOf<readonly ListedSchedule[]>(await at('--json', 'schedules', 'list'))
    expect(listed.find(({ subject }) => subject === 'YT')?.turns).toEqual([])
  })
})
