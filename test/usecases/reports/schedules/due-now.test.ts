/** What a machine without schedules makes by itself: what should have left, once, also late. */
import { expect, test } from 'vitest'
import type { ScheduleSetting } from '../../../../lambdas/domain/report/schedule.ts'
import type { VersionEntry } from '../../../../lambdas/store/reports/reports.ts'
import { dueNow } from '../../../../lambdas/usecases/reports/schedules/due-now.ts'
import { versionEntry } from '../../../support/reports.ts'

/** 06:30 of Monday 20 May in Nouméa. */
const left = '2024-05-19T19:30:00.000Z'

const dueAt = async (
  instant: string,
  entries: readonly VersionEntry[] = [],
  { since = '2024-01-01T00:00:00Z', settings = [] as readonly ScheduleSetting[] } = {},
) => {
  const versions = async ({ territory, period }: { territory: string; period: { id: string } }) =>
    entries.filter((one) => one.territory === territory && one.period === period.id)
  const found = await dueNow({ since: new Date(since), settings }, new Date(instant), {
    reports: { versions },
  } as never)
  return found.filter(({ territory }) => territory === 'NC')
}

const week = { kind: 'scheduled', territory: 'NC', cadence: 'week', scheduledAt: left }

test('a week is due from its morning on, however late, until it was tried', async () => {
  const weekly = async (...args: Parameters<typeof dueAt>) =>
    (await dueAt(...args)).filter((one) => one.kind === 'scheduled' && one.cadence === 'week')
  expect(await weekly('2024-05-19T19:29:59Z')).toEqual([])
  expect(await weekly(left)).toEqual([week])
  expect(await weekly('2024-05-24T12:00:00Z')).toEqual([week])
  const before = versionEntry({ asOf: '2024-05-19T12:00:00.000Z' })
  expect(await weekly(left, [before])).toEqual([week])
  for (const state of ['published', 'held', 'claimed'] as const)
    expect(await weekly(left, [versionEntry({ state, asOf: left })])).toEqual([])
})

test('a period that ended before the service began, or whose schedule is paused, is not due', async () => {
  const turn = { is: 'paused', at: '2024-04-01T00:00:00.000Z', by: 'Ana', reason: 'moving' } as const
  const paused = (['week', 'month'] as const).map((cadence) => ({ subject: 'NC' as const, cadence, turns: [turn] }))
  expect(await dueAt(left, [], { since: '2024-05-19T14:00:00Z' })).toEqual([])
  expect(await dueAt(left, [], { settings: paused as never })).toEqual([])
  expect(await dueAt(left)).toHaveLength(2)
})
