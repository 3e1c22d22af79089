/** What an edition that shows nothing may state. */
import { expect, test } from 'vitest'
import { memberRow } from '../../../lambdas/domain/aggregate/members.ts'
import type { MemberWatch } from '../../../lambdas/domain/aggregate/subject-watch.ts'
import { createCounter } from '../../../lambdas/domain/aggregate/tally.ts'
import type { TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { quietState } from '../../../lambdas/domain/page/front/quiet-state.ts'
import type { Facts } from '../../../lambdas/domain/report/facts.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { reportOn } from '../../support/reports.ts'

const group = (states: readonly MemberWatch['state'][], isWhole: boolean): Partial<Facts> => {
  const tally = createCounter({ period: parsePeriod('2024-W20'), zone: 'UTC', cap: 'TLP:AMBER' }).tally()
  const codes: readonly TerritoryCode[] = ['GP', 'MQ', 'MF']
  const rows = states.map((state, at) => memberRow(codes[at] ?? 'BL', tally, { state, marking: 'TLP:CLEAR' }, {}))
  return { group: { rows, campaigns: [], moreCampaigns: 0, isWhole, countedEarlier: 0, marking: 'TLP:CLEAR' } }
}

const atLeastNone: Partial<Facts> = {
  totals: { ...reportOn([]).totals, posts: { value: 0, qualifier: 'at least' } },
}

test.each<[string, Partial<Facts>, ReturnType<typeof quietState>]>([
  ['all was watched', {}, { state: 'statement', edition: 'all' }],
  ['all members were watched', group(['watched', 'watched'], true), { state: 'statement', edition: 'all' }],
  ['something is withheld', { withheld: 3 }, { state: 'statement', edition: 'part' }],
  ['a member has no source', group(['watched', 'by no source'], true), { state: 'partly', edition: 'all' }],
  ['a member was blind', group(['watched', 'blind'], false), { state: 'partly', edition: 'all' }],
  ['some days were not watched', atLeastNone, { state: 'someDays', edition: 'all' }],
])('where %s, nothing seen is no more than that', (_, changes, state) => {
  expect(quietState({ ...reportOn([]), ...changes })).toEqual(state)
})

test('page 1 limits itself to the edition where something is withheld, also where something continues', () => {
  const going = detectionAsOf({ observed: { from: '2024-05-10', to: '2024-05-15' }, marking: 'TLP:GREEN' })
  const rowsOn = (...found: Parameters<typeof reportOn>[0]) =>
    reportOn(found).pages.en.first?.rows.map(({ text }) => text.map((one) => one.text).join(''))
  expect(rowsOn()).toEqual(['Nothing was detected this week.'])
  expect(rowsOn(going, detectionAsOf({ id: 'secret', marking: 'TLP:RED' }))).toEqual([
    'No detection counts this week in this edition.',
    'One earlier detection continues this week.',
  ])
})
