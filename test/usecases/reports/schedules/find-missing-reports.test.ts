/** Finds the due reports that are missing. */
import { describe, expect, test } from 'vitest'
import { territories } from '../../../../lambdas/domain/core/place/territory.ts'
import type { Edition } from '../../../../lambdas/domain/report/manifest.ts'
import type { Reports, VersionEntry } from '../../../../lambdas/store/reports/reports.ts'
import { findMissingReports } from '../../../../lambdas/usecases/reports/schedules/find-missing-reports.ts'
import { versionEntry } from '../../../support/reports.ts'

const holding = (...entries: readonly VersionEntry[]): { reports: Pick<Reports, 'versions'> } => ({
  reports: {
    versions: async ({ territory, period, cap }: Edition) =>
      entries.filter((one) => one.territory === territory && one.period === period.id && one.cap === cap),
  },
})

const since = new Date('2024-01-01T00:00:00Z')
const weekly = { territories: ['NC'], cadences: ['week'], since, settings: [] } as const
const evening = new Date('2024-05-20T18:00:00Z')

test('nothing is missing where a version is published, also before a held one', async () => {
  expect(await findMissingReports(weekly, evening, holding(versionEntry({})))).toEqual([])
  const held = versionEntry({ version: 2, state: 'held' })
  expect(await findMissingReports(weekly, evening, holding(versionEntry({}), held))).toEqual([])
})

test.each([
  ['nothing was made', [], 'nothing was made since it ended, 2024-05-19T13:00:00.000Z'],
  ['it is held', [versionEntry({ state: 'held', reason: 'a blank page' })], 'version 1 is held: a blank page'],
  ['it was begun', [versionEntry({ state: 'claimed' })], 'version 1 is claimed'],
  [
    'it was recalled',
    [versionEntry({ recalled: { at: '', reason: 'a wrong figure' } })],
    'version 1 is recalled: a wrong figure',
  ],
])('a report is missing where %s', async (_, entries, why) => {
  expect(await findMissingReports(weekly, evening, holding(...entries))).toEqual([
    { territory: 'NC', period: '2024-W20', why },
  ])
})

test('the national edition is due on Tuesday morning in Paris, if all territories are watched', async () => {
  const codes = territories.map(({ code }) => code)
  const at = async (instant: string, watched = codes) =>
    (
      await findMissingReports(
        { territories: watched, cadences: ['week'], since, settings: [] },
        new Date(instant),
        holding(),
      )
    )
      .filter(({ territory }) => territory === 'ALL')
      .map(({ period, why }) => `${period}, ${why}`)
  const ended = 'nothing was made since it ended'
  expect(await at('2024-05-21T07:59:59Z')).toEqual([`2024-W19, ${ended}, 2024-05-13T10:00:00.000Z`])
  expect(await at('2024-05-21T08:00:00Z')).toEqual([`2024-W20, ${ended}, 2024-05-20T10:00:00.000Z`])
  expect(await at('2024-05-21T08:00:00Z', codes.slice(1))).toEqual([])
})

test('months may be missing too', async () => {
  const due = { territories: ['COR'], cadences: ['month'], since, settings: [] } as const
  const missing = await findMissingReports(due, new Date('2024-03-01T18:00:00Z'), holding())
  expect(missing).toMatchObject([{ territory: 'COR', period: '2024-02' }])
})

test('a period that ended before the watch began is not missing', async () => {
  const ended = Date.parse('2024-05-19T13:00:00Z')
  const missingOf = (since: number) => findMissingReports({ ...weekly, since: new Date(since) }, evening, holding())
  expect(await missingOf(ended + 1)).toEqual([])
  expect(await missingOf(ended)).toHaveLength(1)
})

describe('a paused schedule', () => {
  const turns = [
    { is: 'paused', at: '2024-05-01T00:00:00Z', by: 'Claire', reason: 'no readers', until: '2024-05-20' },
  ] as const

  // Week 20 of NC is due on Monday the 20th in Nouméa.
  test.each([
    ['no report of its own', { subject: 'NC', cadence: 'week', turns }, 0],
    [
      'a report after its last day',
      { subject: 'NC', cadence: 'week', turns: [{ ...turns[0], until: '2024-05-19' }] },
      1,
    ],
    ['reports of other cadences', { subject: 'NC', cadence: 'month', turns }, 1],
    ['reports of other territories', { subject: 'PF', cadence: 'week', turns }, 1],
  ] as const)('misses %s', async (_, settings, missing) => {
    expect(await findMissingReports({ ...weekly, settings: [settings] }, evening, holding())).toHaveLength(missing)
  })
})
