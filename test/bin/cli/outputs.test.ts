/** What a report is told as in one line. */
import { expect, test } from 'vitest'
import { reportLine, reportsTable } from '../../../bin/cli/outputs.ts'
import type { Archive } from '../../../lambdas/archive/archive.ts'
import { parsePeriod } from '../../../lambdas/domain/core/period.ts'
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

test('a table of reports has a column of what is withheld where anything is', () => {
  const red = detectionAsOf({ id: 'red', marking: 'TLP:RED' })
  const archive = { locate: (key: string) => key } as Archive
  const table = (found: Parameters<typeof reportOn>[0]) => {
    const report = reportOn(found, { cap: 'TLP:GREEN' })
    const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:GREEN' }
    return reportsTable([{ edition, report } as unknown as MadeReport], archive).map((one) =>
      one.split(/ {2,}/).slice(0, 5),
    )
  }
  expect(table([red])[0]).toEqual(['Territory', 'Edition', 'Detections', 'Withheld', 'Change'])
  expect(table([red])[1]?.slice(0, 4)).toEqual(['New Caledonia', 'GREEN', '0', '1'])
  expect(table([])[0]).not.toContain('Withheld')
})
