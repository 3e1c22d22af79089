/** Which due reports are missing, from the versions that stand. */
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

test('nothing is missing where a version stands', async () => {
  expect(await findMissingReports(weekly, evening, holding(versionEntry({})))).toEqual([])
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

test('a version that stands behind a held one is enough', async () => {
  expect(
    await findMissingReports(weekly, evening, holding(versionEntry({}), versionEntry({ version: 2, state: 'held' }))),
  ).toEqual([])
})

test('a week is due some hours after it ended in its own zone, and not before', async () => {
  const due = { territories: ['NC', 'PF'], cadences: ['week'], since, settings: [] } as const
  // Nouméa's week ended at 13:00 UTC on Sunday, Tahiti's 21 hours later.
  const at = async (instant: string) =>
    (await findMissingReports(due, new Date(instant), holding())).map(
      ({ territory, period }) => `${territory} ${period}`,
    )
  expect(await at('2024-05-19T20:30:00Z')).toEqual(['NC 2024-W19', 'PF 2024-W19'])
  // Made at 19:30 where all is well: missed an hour and a half later.
  expect(await at('2024-05-19T21:00:00Z')).toEqual(['NC 2024-W20', 'PF 2024-W19'])
  expect(await at('2024-05-20T18:00:00Z')).toEqual(['NC 2024-W20', 'PF 2024-W20'])
})

test('the national edition is due on Tuesday morning in Paris, where all territories are', async () => {
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

test('months are looked for as weeks are', async () => {
  const due = { territories: ['COR'], cadences: ['month'], since, settings: [] } as const
  const missing = await findMissingReports(due, new Date('2024-03-01T18:00:00Z'), holding())
  expect(missing).toMatchObject([{ territory: 'COR', period: '2024-02' }])
})

test('a period that ended before the stage was watched is missed by nobody', async () => {
  const ended = Date.parse('2024-05-19T13:00:00Z')
  const missingOf = (since: number) => findMissingReports({ ...weekly, since: new Date(since) }, evening, holding())
  expect(await missingOf(ended + 1)).toEqual([])
  expect(await missingOf(ended)).toHaveLength(1)
})

describe('a schedule that a person has paused', () => {
  // Nouméa's report of week 20 is due at 19:30 UTC on Sunday the 19th.
  const turn = (is: 'paused' | 'made', at: string, until?: string) => ({
    ...{ is, at, by: 'Claire', reason: 'nobody reads it' },
    ...(until !== undefined && { until }),
  })
  const missingWith = async (...turns: readonly ReturnType<typeof turn>[]) =>
    (await findMissingReports({ ...weekly, settings: [{ subject: 'NC', cadence: 'week', turns }] }, evening, holding()))
      .length

  test.each([
    ['is not missed', [turn('paused', '2024-05-01T00:00:00Z')], 0],
    [
      'is not missed once it goes on',
      [turn('paused', '2024-05-01T00:00:00Z'), turn('made', '2024-05-20T01:00:00Z')],
      0,
    ],
    [
      'is missed where it went on before',
      [turn('paused', '2024-05-01T00:00:00Z'), turn('made', '2024-05-19T19:00:00Z')],
      1,
    ],
    ['does not excuse what was late before', [turn('paused', '2024-05-19T20:00:00Z')], 1],
    ['is missed after its last day', [turn('paused', '2024-05-01T00:00:00Z', '2024-05-19')], 1],
    // It is Monday the 20th in Nouméa when it is due.
    ['is not on its last day', [turn('paused', '2024-05-01T00:00:00Z', '2024-05-20')], 0],
  ] as const)('%s', async (_, turns, missing) => expect(await missingWith(...turns)).toBe(missing))

  test('leaves other cadences and territories alone', async () => {
    const turns = [turn('paused', '2024-05-01T00:00:00Z')]
    for (const other of [
      { subject: 'NC', cadence: 'month', turns },
      { subject: 'PF', cadence: 'week', turns },
    ] as const)
      expect(await findMissingReports({ ...weekly, settings: [other] }, evening, holding())).toHaveLength(1)
  })
})
