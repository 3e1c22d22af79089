/**
 * The bytes of report.json and of the bundle, which are written in pieces: those of one JSON.stringify, for any report.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sha256 } from '../../lambdas/domain/core/text/canonical.ts'
import { longJsonPieces } from '../../lambdas/domain/core/text/long-json.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import { spilledContent } from '../../lambdas/render/exports/spilled-content.ts'
import { stixBundle } from '../../lambdas/render/exports/stix.ts'
import { detectionsAsOf } from '../support/detections.ts'
import { reportOn } from '../support/reports.ts'
import { crowd, hostile } from '../support/stress.ts'

const written = (value: object, field: string, list: Iterable<unknown>): string => {
  const content = spilledContent(longJsonPieces(value, field, list), 10_000)
  content.close()
  return content.sha256
}

const expectSame = (report: Report): void => {
  expect(written(report, 'contributing', report.contributing)).toBe(sha256(JSON.stringify(report, null, 2)))
  const bundle = stixBundle(report)
  expect(written(bundle, 'objects', bundle.objects)).toBe(sha256(JSON.stringify(bundle, null, 2)))
}

test('of nothing, of a crowd, of hostile texts', () => {
  expectSame(reportOn([]))
  expectSame(reportOn(crowd(1_200)))
  expectSame(reportOn(hostile(), { cap: 'TLP:AMBER+STRICT' }))
})

test('of any detections', () => {
  fc.assert(
    fc.property(detectionsAsOf, fc.constantFrom('TLP:CLEAR', 'TLP:AMBER', 'TLP:RED'), (found, cap) =>
      expectSame(reportOn(found, { cap })),
    ),
    { numRuns: 40 },
  )
})
