/** The schemas in docs/: current, and true of reports as they are made. */
import { readFileSync } from 'node:fs'
import formats from 'ajv-formats'
import { Ajv2020 } from 'ajv/dist/2020.js'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { docs } from '../../tools/docs.ts'
import { detectionAsOf, detectionsAsOf, input } from '../support/detections.ts'
import { reportOn } from '../support/reports.ts'

const made = docs()
const compiled = (file: string) =>
  formats.default(new Ajv2020({ strict: false })).compile(JSON.parse(made.get(file) ?? ''))

describe('docs', () => {
  test.each([...made.keys()])('%s is what the code says; npm run docs writes it', (file) => {
    expect(readFileSync(new URL(`../../docs/${file}`, import.meta.url), 'utf8')).toBe(made.get(file))
  })
})

describe('report.schema.json', () => {
  const check = compiled('report.schema.json')
  const faultsOf = (report: unknown) => (check(JSON.parse(JSON.stringify(report))) ? [] : check.errors)

  test('holds for whatever report is made', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.constantFrom('2024-W20', '2024-05', '2024-Q2'), (found, period) => {
        expect(faultsOf(reportOn(found, { period }))).toEqual([])
      }),
      { numRuns: 30 },
    )
  })

  test('knows every key, refuses others, and misses none', () => {
    const { withheld, ...report } = reportOn([detectionAsOf()])
    expect(faultsOf({ ...report, withheld, more: 1 })).not.toEqual([])
    expect(faultsOf(report)).not.toEqual([])
    expect(faultsOf({ ...report, withheld: 'two' })).not.toEqual([])
  })
})

describe('detection.schema.json', () => {
  test('holds for what may be ingested, and for nothing else', () => {
    const check = compiled('detection.schema.json')
    expect(check(input())).toBe(true)
    expect(check({ ...input(), kind: 'rumour' })).toBe(false)
  })
})
