import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkArchiveKey } from '../../../lambdas/archive/archive.ts'
import { builtInDisarm } from '../../../lambdas/domain/detection/frameworks/disarm-built-in.ts'
import { syntheticDetections, syntheticReport } from '../../../lambdas/domain/page/synthetic-report.ts'
import { manifestSchema } from '../../../lambdas/domain/report/manifest.ts'
import {
  isSyntheticMail,
  mailedName,
  syntheticFolder,
  syntheticMailId,
  syntheticManifestSchema,
  syntheticRuns,
} from '../../../lambdas/domain/report/synthetic.ts'

describe('a trial', () => {
  test('has a folder by the second at which it was due', () => {
    expect(syntheticFolder('2026-01-10T03:00:00Z')).toBe('synthetic/20260110T030000Z/')
    expect(syntheticFolder('2026-01-10T16:00:00.250+13:00')).toBe('synthetic/20260110T030000Z/')
    expect(isSyntheticMail(syntheticMailId('2026-01-10T03:00:00Z'))).toBe(true)
    expect(isSyntheticMail('NC.2024-W20.amber.1.0123abcd')).toBe(false)
  })

  test('is found by its files among others, the newest first, with the steps that it reached', () => {
    const seconds = fc.integer({ min: 0, max: 4_000_000_000 })
    const step = fc.constantFrom('begun', 'archived', 'mailed')
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(seconds, step), { selector: ([at]) => at }), (trials) => {
        const keys = trials.flatMap(([at, reached]) => {
          const folder = syntheticFolder(new Date(at * 1_000).toISOString())
          const names = ['report.json', 'manifest.json', mailedName]
          return names.slice(0, ['begun', 'archived', 'mailed'].indexOf(reached) + 1).map((name) => `${folder}${name}`)
        })
        for (const key of keys) checkArchiveKey(key)
        const others = ['reports/NC/2024-W20/clear/v0001/manifest.json', 'synthetic/odd/manifest.json']
        const found = syntheticRuns([...others, ...keys])
        expect(found.map(({ at }) => Date.parse(at) / 1_000)).toEqual(
          trials.map(([at]) => at).toSorted((a, b) => b - a),
        )
        for (const { at, isArchived, isMailed } of found) {
          const reached = trials.find(([second]) => second === Date.parse(at) / 1_000)?.[1]
          expect([isArchived, isMailed]).toEqual([reached !== 'begun', reached === 'mailed'])
        }
      }),
    )
  })

  test('has a manifest that no report can have', () => {
    const hash = 'a'.repeat(64)
    const input = { scheduledAt: '2026-01-10T03:00:00.000Z', program: 'p', templatesSha256: hash, files: [] }
    const manifest = { schema: 'vigie-synthetic/1', ...input }
    expect(syntheticManifestSchema.safeParse(manifest).success).toBe(true)
    expect(manifestSchema.safeParse(manifest).success).toBe(false)
  })
})

describe('its report', () => {
  const made = (asOf = '2026-01-10T03:00:00.000Z', house = {}) =>
    syntheticReport(syntheticDetections(), { asOf, taxonomy: builtInDisarm, house })

  test('fills each section that a first version can have, on both pages', () => {
    for (const page of Object.values(made().pages)) {
      expect(page.order).toEqual(['manoeuvres', 'time', 'disarm', 'ongoing', 'undatedHere', 'sources', 'annex'])
    }
  })

  test('is the same for the same instant, whatever the day', () => {
    expect(made()).toEqual(made())
    expect({ ...made('2027-01-01T03:00:00.000Z'), asOf: '', pages: '' }).toMatchObject({ totals: made().totals })
  })

  test('is public and marked as invented, also with an organisation’s name', () => {
    const report = made(undefined, { organisation: 'The prefecture' })
    expect(report.marking).toBe('TLP:CLEAR')
    for (const page of Object.values(report.pages)) expect(page.house.organisation).toContain('Essai quotidien')
  })
})
