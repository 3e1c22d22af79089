/** What a report is told as in one line. */
import { expect, test } from 'vitest'
import { reportLine, reportsTable } from '../../../../bin/cli/output/outputs.ts'
import type { Archive } from '../../../../lambdas/archive/archive.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { MadeReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const madeOf = (report: ReturnType<typeof reportOn>) =>
  ({ report, isNew: true, withheldByNow: report.withheld, timings: { total: 12 } }) as unknown as MadeReport

const line = (...asked: Parameters<typeof reportOn>): string => reportLine(madeOf(reportOn(...asked)))

test('a line says what the edition withholds, and that its period still runs', () => {
  expect(line([])).toBe('New Caledonia 2024-W20 · 0 detections · version 1 · 12 ms')
  const red = detectionAsOf({ id: 'red', marking: 'TLP:RED' })
  expect(line([red], { cap: 'TLP:AMBER' })).toContain('· 1 withheld above AMBER · version 1')
  // The report is as of the Monday after W20.
  expect(line([], { period: '2024-W21' })).toContain('· a period that still runs · version 1')
})

test('a line tells how many are withheld by now, where the version that stands was made when fewer were', () => {
  const [one, other] = ['a', 'b'].map((id) => detectionAsOf({ id, marking: 'TLP:RED' }))
  const report = reportOn(one && other ? [one, other] : [], { cap: 'TLP:AMBER' })
  const stands = { report, isNew: false, timings: { total: 12 } }
  const of = (withheldByNow: number) => reportLine({ ...stands, withheldByNow } as unknown as MadeReport)
  expect(of(4)).toContain('· 4 withheld above AMBER (2 when version 1 was made) · version 1, nothing new')
  expect(of(2)).toContain('· 2 withheld above AMBER · version 1, nothing new')
  expect(of(0)).toContain('· 0 withheld above AMBER (2 when version 1 was made) · version 1')
})

/** A made report of an edition, as a table shows it. */
const made = (found: Parameters<typeof reportOn>[0], more: object = {}) => {
  const report = { ...reportOn(found, { cap: 'TLP:AMBER' }), ...more }
  const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' }
  return { edition, report, withheldByNow: report.withheld } as unknown as MadeReport
}
const archive = { locate: (key: string) => key } as Archive
const cells = (line: string | undefined) => line?.split(/ {2,}/)

test('a table of reports names report, period and version, and has a column of what is withheld where anything is', () => {
  const red = detectionAsOf({ id: 'red', marking: 'TLP:RED' })
  const [head, row] = reportsTable([made([red])])
  expect(cells(head)).toEqual(['Report', 'Period', 'Edition', 'Detections', 'Withheld', 'Change'])
  expect(cells(row)?.slice(0, 5)).toEqual(['New Caledonia', '2024-W20', 'AMBER v1', '0', '1'])
  expect(reportsTable([made([])])[0]).not.toContain('Withheld')
})

test('a table of reports names the campaign of a dossier', () => {
  const dossier = made([], { dossier: { name: 'UN-notorious BIG' } })
  expect(reportsTable([dossier])[1]).toMatch(/^Dossier of UN-notorious BIG +2024-W20/)
})

test('a table of reports fits in 80 columns, and names folders where it is given the archive', () => {
  const longest = made([], { territory: { code: 'TF' } })
  for (const line of reportsTable([longest])) expect(line.length).toBeLessThanOrEqual(80)
  const [head, row] = reportsTable([longest], archive)
  expect([cells(head)?.at(-1), cells(row)?.at(-1)]).toEqual(['Folder', 'reports/NC/2024-W20/amber/v0001'])
})
