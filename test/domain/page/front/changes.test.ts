import { expect, test } from 'vitest'
import { notGiven } from '../../../../lambdas/domain/core/figures.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { changesSection } from '../../../../lambdas/domain/page/front/changes.ts'
import type { Changes } from '../../../../lambdas/domain/report/changes.ts'
import { reportOn } from '../../../support/reports.ts'

test.each([
  ['en', 'no longer counted here'],
  ['fr', 'plus compté ici'],
] as const)('does not claim in %s that a figure was withdrawn whose detection may have moved', (language, after) => {
  const changes: Changes = {
    ...{ version: 1, asOf: '2024-05-20T06:00:00Z', added: [], revised: [], removed: ['a'] },
    reasons: ['correction'],
    figures: [{ figure: 'posts', before: { value: 5, qualifier: 'exact' }, after: notGiven }],
    marking: 'TLP:GREEN',
  }
  const section = changesSection({ ...reportOn([]), changes }, territoryOf('NC'), wordingOf(language))
  expect(section?.tables[0]?.rows[0]?.after).toBe(after)
})
