/**
 * Every value that a report prints has a marking above it: a new field without one fails here, whatever it is called.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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

const said = (id: string, more: Partial<DetectionInput> = {}): DetectionInput =>
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
    said('whole', { observed: { from: '2024-05-14', to: '2024-05-15' }, platforms: ['X'], counts: { posts: 9 } }),
    said('part', {
      partOf: 'whole',
      territories: ['NC', 'PF'],
      counts: { posts: 4, accounts: 2 },
      techniques: [{ id: 'T0084.001' }],
    }),
    said('elsewhere', { territories: ['MQ'], marking: 'TLP:RED', counts: { posts: 777_777 } }),
    said('before', { observed: { from: '2024-05-07' }, marking: 'TLP:AMBER+STRICT', counts: { posts: 888_888 } }),
    said('going', { observed: { from: '2024-05-01', to: '2024-05-30' } }),
    said('month', { observed: { from: '2024-05' } }),
  ])
  await make()
  opened.at('2024-05-17T00:00:00.000Z')
  await ingestInto(opened, [said('late', { territories: ['NC', 'GP'], counts: { posts: 1 } })])
  report = await make()
})

afterAll(() => cleanUp())

/** What says which report it is, and nothing of what was found. */
const structure = new Set([
  ...['schema', 'id', 'territory', 'period', 'cap', 'marking', 'version', 'asOf', 'reconstructed', 'house'],
  ...['snapshotSha256', 'countingRules', 'quiet', 'withheld', 'unlisted', 'pages'],
])

const unmarked = (value: unknown, path: string, isMarked: boolean): readonly string[] => {
  if (typeof value !== 'object' || value === null) return isMarked || value === undefined ? [] : [path]
  const here = isMarked || (!Array.isArray(value) && 'marking' in value)
  return Object.entries(value).flatMap(([key, inner]) => unmarked(inner, `${path}.${key}`, here))
}

describe('a report', () => {
  it('has a marking above each value', () => {
    // As a reader of the file has it.
    const facts = Object.entries(JSON.parse(JSON.stringify(report))).filter(([key]) => !structure.has(key))
    const values = facts.flatMap(([key, value]) => unmarked(value, key, false))
    // The name of a period before says nothing of what was found in it.
    expect(values.filter((path) => !/^before\.\d\.period$/.test(path))).toEqual([])
    // Periods before are marked by their totals.
    expect(report.before.every(({ totals }) => totals.marking !== undefined)).toBe(true)
    expect(facts.map(([key]) => key)).toEqual(
      expect.arrayContaining(['across', 'changes', 'before', 'sources', 'joint']),
    )
  })

  it('is as strict as another territory’s row and an earlier week’s figure', () => {
    expect(report.totals.marking).toBe('TLP:AMBER')
    expect(report.across.some(({ marking }) => marking === 'TLP:RED')).toBe(true)
    expect(report.marking).toBe('TLP:RED')
    expect(JSON.stringify(report.before)).toContain('888888')
  })
})
