/** Cards of manoeuvres. */
import { expect, test } from 'vitest'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

test.each([
  ['en', 'through the group “French Pacific”'],
  ['fr', 'par le groupe «\u202fPacifique français\u202f»'],
] as const)('a card names the group that placed its detection in %s', (language, name) => {
  const { pages } = reportOn([detectionAsOf({ territories: ['pacific'] })])
  expect(pages[language].manoeuvres?.cards[0]?.meta).toContain(name)
})
