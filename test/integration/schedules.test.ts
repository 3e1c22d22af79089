/**
 * A paused report is not made by its schedule or the weekly run, is named by national reports and digests, and is made
 * on request. When a pause applies is test/domain/report/schedule.test.ts.
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
import { input } from '../support/detections.ts'
import { recipient } from '../support/recipients.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let on: Opened
let home: string
let remove: () => Promise<void>
const week = '2024-W20'
/** When the national report of week 20 is due, the last of all. */
const tuesday = '2024-05-21T04:30:00.000Z'

beforeAll(async () => {
  const made = await newFolder()
  home = join(made.folder, 'home')
  remove = made.remove
  on = await openServices(home, '2024-05-09T00:00:00.000Z')
  const marking = 'TLP:GREEN' as const
  await ingestInto(on, [
    input({ id: 'one', territories: ['GP'], marking, counts: { posts: 7 } }),
    input({ id: 'two', territories: ['NC'], marking, observed: { from: '2024-05-16' } }),
  ])
  on.at('2024-05-10T00:00:00.000Z')
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
  const done = await setSchedule(seen, { is, by: 'Claire', reason: 'the office is closed', ...more }, on.services)
  if ('fault' in done) throw new Error(`not set: ${done.fault}`)
}
const fire = async (territory: SubjectCode, scheduledAt: string, cadence: 'week' | 'month' = 'week') => {
  const [reports, deliveries]: [RequestedReport[], DeliveryMessage[]] = [[], []]
  const made = await handleReportMessage({ kind: 'scheduled', territory, cadence, scheduledAt }, on.services, {
    report: async (message) => void reports.push(message),
    delivery: async (message) => void deliveries.push(message),
  })
  return { made, requested: reports.map(({ territory: code, cap }) => `${code} ${cap}`), deliveries }
}
const generate = (territory: SubjectCode, period = week) =>
  generateReport({ territory, period: parsePeriod(period), cap: 'TLP:AMBER' }, on.services)
const versions = async (territory: SubjectCode, period = week) =>
  (await on.services.reports.versions({ territory, period: parsePeriod(period), cap: 'TLP:AMBER' })).length

describe('a schedule that fires', () => {
  test('makes no version, edition or mail while it is paused, however late its message is', async () => {
    await set('GP', 'paused')
    on.at('2024-05-20T10:31:00.000Z')
    const { made, requested, deliveries } = await fire('GP', '2024-05-20T10:30:00.000Z')
    expect(made).toMatchObject({ paused: { by: 'Claire', reason: 'the office is closed' }, period: week })
    expect([requested, deliveries]).toEqual([[], []])
    await set('GP', 'made')
    expect((await fire('GP', '2024-05-20T10:30:00.000Z')).made).toMatchObject({ paused: {} })
    expect(await versions('GP')).toBe(0)
  })

  test('makes reports of other cadences and later periods', async () => {
    on.at('2024-06-01T12:00:00.000Z')
    expect((await fire('GP', '2024-06-01T10:30:00.000Z', 'month')).made).toMatchObject({ edition: { territory: 'GP' } })
    on.at('2024-05-27T12:00:00.000Z')
    expect((await fire('GP', '2024-05-27T10:30:00.000Z')).requested).toEqual(['GP TLP:GREEN'])
    expect(await versions('GP', '2024-W21')).toBe(1)
  })

  test('of the nation leaves groups to their own settings', async () => {
    on.at('2024-05-20T12:00:00.000Z')
    await set('ALL', 'paused')
    await set('PACIFIC', 'paused')
    on.at(tuesday)
    const { made, requested } = await fire('ALL', tuesday)
    expect([made, requested]).toMatchObject([{ paused: {} }, ['ANTILLES TLP:AMBER']])
    await set('ALL', 'made')
    await set('PACIFIC', 'made')
  })
})

test('the national report counts a paused territory and names it, as neither 0 nor late, and not before the pause', async () => {
  on.at('2024-05-22T00:00:00.000Z')
  const { report } = await generate('ALL')
  const rows = new Map(report.group?.rows.map((row) => [row.territory, row]))
  expect(rows.get('GP')).toMatchObject({ paused: true, totals: { posts: { value: 7 } } })
  expect(rows.get('NC')?.paused).toBeUndefined()
  const remarksIn = ({ group }: Page) => JSON.stringify(group?.remarks.map((runs) => runs.map(({ text }) => text)))
  expect(remarksIn(report.pages.en)).toMatch(/Guadeloupe.*: its own report is paused\. The figures here are counted/)
  expect(remarksIn(report.pages.fr)).toMatch(/Guadeloupe.*\u00a0: rapport propre suspendu\./)
  const earlier = await generate('ALL', '2024-W18')
  expect(earlier.report.group?.rows.filter(({ paused }) => paused)).toEqual([])
})

test('a digest names paused reports apart from late ones', async () => {
  on.at('2024-05-22T01:00:00.000Z')
  const { version } = (await generate('NC')).report
  const written: Pick<DigestToWrite, 'late' | 'paused'>[] = []
  const parts = mailingOn({
    mailer: { send: async () => ({ messageId: 'm-1' }) },
    ...{ from: 'vigie@example.org', site: 'https://r.example', clock: on.services.clock },
  })
  const writeDigest: typeof parts.writeDigest = async (digest) => {
    written.push({ late: digest.late, paused: digest.paused })
    return parts.writeDigest(digest)
  }
  const message = { territory: 'NC', period: week, cap: 'TLP:AMBER', version, to: 'everybody' } as const
  await deliverReport(message, on.services, parts)
  on.at('2024-05-22T10:00:00.000Z')
  const sent = await sendDigests({ scheduled: everyReport }, on.services, { ...parts, writeDigest })
  expect(sent).toMatchObject({ sent: 1 })
  expect(written).toEqual([{ late: [{ subject: 'MQ', period: week }], paused: [{ subject: 'GP', period: week }] }])
})

test('the weekly run skips a paused report, and states who paused it and why; a request makes it', async () => {
  on.at('2024-05-23T00:00:00.000Z')
  await set('GP', 'paused', { until: '2024-06-30' })
  const skipped: string[] = []
  const { reports, paused, failed } = await runWeek(
    { week: parsePeriod(week), cap: 'TLP:AMBER', only: ['GP', 'MQ'] },
    on.services,
    { started: () => {}, made: () => {}, failed: () => {}, paused: ({ territory }) => void skipped.push(territory) },
  )
  expect([failed, reports.map(({ edition }) => edition.territory), skipped]).toEqual([[], ['MQ'], ['GP']])
  expect(paused).toMatchObject([{ territory: 'GP', by: 'Claire', reason: 'the office is closed', until: '2024-06-30' }])
  expect(await versions('GP')).toBe(0)
  expect((await generate('GP')).isNew).toBe(true)
})

test('one of two concurrent settings is stored', async () => {
  const seen = await on.services.schedules.get({ subject: 'RE', cadence: 'month' })
  const both = await Promise.all(
    ['Ana', 'Paul'].map((by) => setSchedule(seen, { is: 'paused', by, reason: 'x' }, on.services)),
  )
  expect(both.filter((one) => 'fault' in one)).toEqual([{ fault: 'changed' }])
  expect((await on.services.schedules.get(seen)).turns).toHaveLength(1)
})

test('the history has each setting once, for readers of its territories', async () => {
  const request = { most: 100, sender: 'x' }
  const all = (await historyFor(everything, request, on.services)).filter(({ of }) => of === 'schedule')
  expect(all.filter(({ id }) => id === 'GP/week').map(({ did }) => did)).toEqual(['paused', 'resumed', 'paused'])
  expect(all[0]).toMatchObject({ by: expect.any(String), reason: expect.any(String) })
  const few = await historyFor({ clearance: 'TLP:CLEAR', territories: ['GP'] }, request, on.services)
  expect(new Set(few.map(({ id }) => id))).toEqual(new Set(['GP/week']))
})

describe('the commands', () => {
  const run = async (...args: string[]) => vigie(['--home', home, 'schedules', ...args])
  beforeAll(() => on.close())

  test('pause, list and resume; a repeated pause is no failure', async () => {
    const words = ['--by', 'Ana', '--reason', 'the summer', '--cadence', 'week']
    const pause = ['pause', 'MQ', 'all', ...words, '--until', '2099-08-31']
    expect(jsonOf(await run(...pause, '--json'))).toMatchObject([
      { subject: 'MQ', cadence: 'week', state: 'paused', turns: [{ by: 'Ana', until: '2099-08-31' }] },
      { subject: 'ALL', cadence: 'week', state: 'paused' },
    ])
    const again = await run(...pause)
    expect([again.code, again.stderr]).toEqual([0, expect.stringMatching(/MQ\/week: it is paused already, by Ana/)])
    const listed = jsonOf<readonly ListedSchedule[]>(await run('list', '--paused', '--json'))
    expect(listed.map(({ subject, cadence }) => `${subject}/${cadence}`)).toEqual(['MQ/week', 'RE/month', 'ALL/week'])
    expect((await run('list')).stdout).toMatch(/^What.* Next due \(UTC\)[^]*MQ +week +paused .*2099-08-31/)
    const weekly = await vigie(['--home', home, 'weekly', week, '--territory', 'MQ', '--no-deliver', '--json'])
    const paused = [{ territory: 'MQ', by: 'Ana', reason: 'the summer' }]
    expect(jsonOf(weekly)).toMatchObject({ reports: [], paused })
    const resumed = await run('resume', 'MQ', 'all', ...words)
    expect([resumed.code, resumed.stdout]).toEqual([0, expect.stringMatching(/Martinique, each week: made/)])
  })

  test.each([
    [['--reason', ''], 2, /reason/],
    [['campaign-0123456789ab'], 2, /no schedule/],
    [['--cadence', 'year'], 2, /year/],
    [['--until', '2020-01-01'], 1, /until: is past/],
    [['--until', 'soon'], 1, /until: /],
  ])('refuse %j and set nothing', async (more, exit, message) => {
    const { code, stderr } = await run('pause', 'YT', '--by', 'Ana', '--reason', 'x', ...more)
    expect([code, stderr]).toEqual([exit, expect.stringMatching(message)])
    const listed = jsonOf<readonly ListedSchedule[]>(await run('list', '--json'))
    expect(listed.find(({ subject }) => subject === 'YT')?.turns).toEqual([])
  })
})
