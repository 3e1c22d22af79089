/** Every value of a report has a marking above it: a new field without one fails here, under any name. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { newFolder } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices } from '../support/services.ts'

let opened: Opened
let report: Report
let cleanUp: () => Promise<void>

const record = (id: string, more: Partial<DetectionInput> = {}): DetectionInput =>
  input({ id, campaign: 'C', hashtags: ['#c'], narratives: [{ en: 'n' }], languages: ['en'], ...more })

const make = async (): Promise<Report> => {
  const request = { territory: 'NC', period: parsePeriod('2024-W20'), cap: 'TLP:RED' } as const
  return (await generateReport(request, opened.services)).report
}

beforeAll(async () => {
  const { folder, remove } = await newFolder()
  opened = await openServices(folder)
  cleanUp = async () => {
    await opened.close()
    await remove()
  }
  opened.at('2024-05-16T00:00:00.000Z')
  await ingestInto(opened, [
    record('whole', { observed: { from: '2024-05-14', to: '2024-05-15' }, platforms: ['X'], counts: { posts: 9 } }),
    record('part', {
      partOf: 'whole',
      territories: ['NC', 'PF'],
      counts: { posts: 4, accounts: 2 },
      techniques: [{ id: 'T0084.001' }],
    }),
    record('elsewhere', { territories: ['MQ'], marking: 'TLP:RED', counts: { posts: 777_777 } }),
    record('before', { observed: { from: '2024-05-07' }, marking: 'TLP:AMBER+STRICT', counts: { posts: 888_888 } }),
    record('continuing', { observed: { from: '2024-05-01', to: '2024-05-30' } }),
    record('month', { observed: { from: '2024-05' } }),
  ])
  await make()
  opened.at('2024-05-17T00:00:00.000Z')
  await ingestInto(opened, [record('late', { territories: ['NC', 'GP'], counts: { posts: 1 } })])
  report = await make()
})
afterAll(() => cleanUp())

/** Identifies the report, and depends on no finding. */
const structure = new Set([
  ...['schema', 'id', 'territory', 'period', 'cap', 'marking', 'version', 'asOf', 'reconstructed', 'house'],
  ...['snapshotSha256', 'countingRules', 'quiet', 'withheld', 'unlisted', 'pages'],
])

const unmarked = (value: unknown, path: string, isMarked: boolean): readonly string[] => {
  if (typeof value !== 'object' || value === null) return isMarked || value === undefined ? [] : [path]
  const here = isMarked || (!Array.isArray(value) && 'marking' in value)
  return Object.entries(value).flatMap(([key, inner]) => unmarked(inner, `${path}.${key}`, here))
}

test('each value has a marking above it', () => {
  const facts = Object.entries(JSON.parse(JSON.stringify(report))).filter(([key]) => !structure.has(key))
  const values = facts.flatMap(([key, value]) => unmarked(value, key, false))
  // Earlier periods are marked by their totals; their names depend on no finding.
  expect(values.filter((path) => !/^before\.\d\.period$/.test(path))).toEqual([])
  expect(report.before.every(({ totals }) => totals.marking !== undefined)).toBe(true)
  expect(facts.map(([key]) => key)).toEqual(expect.arrayContaining(['across', 'changes', 'before', 'sources', 'joint']))
})

test('the report is as strict as a row of another territory and a figure of an earlier week', () => {
  expect(report.totals.marking).toBe('TLP:AMBER')
  expect(report.across.some(({ marking }) => marking === 'TLP:RED')).toBe(true)
  expect(report.marking).toBe('TLP:RED')
  expect(JSON.stringify(report.before)).toContain('888888')
})
