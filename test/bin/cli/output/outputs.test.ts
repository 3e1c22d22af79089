import { describe, expect, test } from 'vitest'
import { reportLine, reportsTable } from '../../../../bin/cli/output/outputs.ts'
import type { Archive } from '../../../../lambdas/archive/archive.ts'
import type { DetectionAsOf } from '../../../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { MadeReport } from '../../../../lambdas/usecases/reports/generate-report.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

/** A made report of an edition. */
const made = (report: ReturnType<typeof reportOn>, more: object = {}) => {
  const edition = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' }
  const rest = { isNew: true, withheldByNow: report.withheld, timings: { total: 12 }, ...more }
  return { edition, report, ...rest } as unknown as MadeReport
}
const amber = { cap: 'TLP:AMBER' } as const
const [red, other] = ['a', 'b'].map((id) => detectionAsOf({ id, marking: 'TLP:RED' })) as [DetectionAsOf, DetectionAsOf]

test('a line has the number of withheld detections, and states that the period still runs', () => {
  const line = (...given: Parameters<typeof reportOn>): string => reportLine(made(reportOn(...given)))
  expect(line([])).toBe('New Caledonia 2024-W20 · 0 detections · version 1 · 12 ms')
  expect(line([red], amber)).toContain('· 1 withheld above AMBER · version 1')
  // The report is as of the Monday after W20.
  expect(line([], { period: '2024-W21' })).toContain('· a period that still runs · version 1')
})

test.each([
  [4, '4 withheld above AMBER (2 when version 1 was made)'],
  [2, '2 withheld above AMBER'],
  [0, '0 withheld above AMBER (2 when version 1 was made)'],
])('a line has the number of detections withheld now, and at first if that differs: %i', (withheldByNow, text) => {
  const line = reportLine(made(reportOn([red, other], amber), { isNew: false, withheldByNow }))
  expect(line).toContain(`· ${text} · version 1, nothing new`)
})

describe('a table of reports', () => {
  const archive = { locate: (key: string) => key } as Archive
  const cells = (line: string | undefined) => line?.split(/ {2,}/)
  const reportWith = (more: object) => made({ ...reportOn([], amber), ...more } as ReturnType<typeof reportOn>)

  test('has a column of withheld detections if there are any', () => {
    const [head, row] = reportsTable([made(reportOn([red], amber))])
    expect(cells(head)).toEqual(['Report', 'Period', 'Edition', 'Detections', 'Withheld', 'Change'])
    expect(cells(row)?.slice(0, 5)).toEqual(['New Caledonia', '2024-W20', 'AMBER v1', '0', '1'])
    expect(reportsTable([made(reportOn([], amber))])[0]).not.toContain('Withheld')
  })

  test('names the campaign of a dossier', () => {
    const dossier = reportWith({ dossier: { name: 'UN-notorious BIG' } })
    expect(reportsTable([dossier])[1]).toMatch(/^Dossier of UN-notorious BIG +2024-W20/)
  })

  test('fits in 80 columns, and has folders if an archive is given', () => {
    const longest = reportWith({ territory: { code: 'TF' } })
    for (const line of reportsTable([longest])) expect(line.length).toBeLessThanOrEqual(80)
    const [head, row] = reportsTable([longest], archive)
    expect([cells(head)?.at(-1), cells(row)?.at(-1)]).toEqual(['Folder', 'reports/NC/2024-W20/amber/v0001'])
  })
})
