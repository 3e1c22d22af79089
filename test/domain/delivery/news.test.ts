import { expect, test } from 'vitest'
import { isSameForReaders } from '../../../lambdas/domain/delivery/news.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { reportOn, unusualLevel } from '../../support/reports.ts'

const report = reportOn([detectionAsOf()], { level: unusualLevel() })

test('a level that changed is news, what changed in other territories alone is none', () => {
  expect(isSameForReaders(report, { ...report, level: { ...unusualLevel(), value: 3 } })).toBe(false)
  expect(isSameForReaders(report, { ...report, level: { ...unusualLevel(), tests: [] } })).toBe(true)
  const elsewhere = { ...report, across: [{ manoeuvre: 'nc-1', rows: [] }] as never }
  expect(isSameForReaders(report, elsewhere)).toBe(true)
})
