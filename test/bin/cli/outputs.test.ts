/** What a report is told as in one line. */
import { expect, test } from 'vitest'
import { reportLine } from '../../../bin/cli/outputs.ts'
import type { MadeReport } from '../../../lambdas/usecases/reports/generate-report.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { reportOn } from '../../support/reports.ts'

const line = (...asked: Parameters<typeof reportOn>): string =>
  reportLine({ report: reportOn(...asked), isNew: true, timings: { total: 12 } } as unknown as MadeReport)

test('a line says what the edition withholds, and that its period still runs', () => {
  expect(line([])).toBe('New Caledonia 2024-W20 · 0 detections · version 1 · 12 ms')
  const red = detectionAsOf({ id: 'red', marking: 'TLP:RED' })
  expect(line([red], { cap: 'TLP:GREEN' })).toContain('· 0 detections · 1 withheld above GREEN · version 1')
  // The report is as of the Monday after W20.
  expect(line([], { period: '2024-W21' })).toContain('· a period that still runs · version 1')
})
