/** A lane for each manoeuvre that was seen in other territories. */
import { expect, test } from 'vitest'
import type { Across, DetectionLink } from '../../../../lambdas/domain/aggregate/across.ts'
import { notGiven } from '../../../../lambdas/domain/core/figures.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { type TerritoryCode, territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../../lambdas/domain/core/time/observed.ts'
import { acrossSection } from '../../../../lambdas/domain/page/front/across.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const campaign: DetectionLink = { kind: 'campaign', value: 'BIG' }
const tag: DetectionLink = { kind: 'hashtag', value: 'vie' }

const acrossOf = (
  manoeuvre: string,
  by: readonly DetectionLink[],
  first: TerritoryCode,
  from = '2024-03-05',
): Across => ({
  ...{ manoeuvre, total: { detections: 4, posts: notGiven }, more: false, marking: 'TLP:GREEN' },
  first: { territories: [first], at: '2024-03-01T00:00:00.000Z', observed: observedFrom('2024-03-01'), by },
  rows: [
    {
      ...{ territory: 'PF', by, lagDays: 4, detections: 1, posts: notGiven, accounts: notGiven, groupOnly: false },
      ...{ first: '2024-03-05T00:00:00.000Z', firstObserved: observedFrom(from), last: '2024-03-05T00:00:00.000Z' },
      marking: 'TLP:GREEN',
    },
  ],
})

const sectionOf = (...across: readonly Across[]) => {
  const report = reportOn([detectionAsOf({ id: 'here', observed: { from: '2024-05-15' } })])
  return acrossSection({ ...report, across }, territoryOf('NC'), wordingOf('en'))
}

test('a manoeuvre has the day of its own territory, whether that was first or not', () => {
  expect(sectionOf(acrossOf('here', [campaign], 'NC'))?.lanes.rows).toMatchObject([
    { name: 'BIG', text: 'New Caledonia (1\u00a0March\u00a02024) and French Polynesia (5\u00a0March\u00a02024)' },
  ])
  expect(sectionOf(acrossOf('here', [tag], 'PF'))?.lanes.rows).toMatchObject([
    {
      name: 'A burst of copies',
      text: 'French Polynesia (5\u00a0March\u00a02024) and New Caledonia (15\u00a0May\u00a02024)',
      note: 'In all, this manoeuvre included and each detection once: 4 detections, posts not counted.',
    },
  ])
})

test('manoeuvres with the same rows share a lane, and those beyond six are counted', () => {
  const same = [acrossOf('a', [campaign], 'NC'), acrossOf('b', [tag], 'NC')]
  expect(sectionOf(...same)?.lanes.rows).toHaveLength(1)
  const days = Array.from({ length: 8 }, (_, at) => acrossOf('a', [tag], 'NC', `2024-03-1${at}`))
  const { lanes, more } = sectionOf(...days) ?? {}
  expect(lanes?.rows).toHaveLength(6)
  expect(more).toMatch(/2 /)
})

test('a group’s edition has its campaigns on page 1 instead', () => {
  const report = reportOn([])
  const group = {
    rows: [],
    campaigns: [],
    moreCampaigns: 0,
    isWhole: true,
    countedEarlier: 0,
    marking: 'TLP:CLEAR',
  } as const
  const across = [acrossOf('here', [tag], 'NC')]
  expect(acrossSection({ ...report, across, group }, territoryOf('NC'), wordingOf('en'))).toBeNull()
})
