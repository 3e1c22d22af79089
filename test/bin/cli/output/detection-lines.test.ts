import { expect, test } from 'vitest'
import { explanationLines } from '../../../../bin/cli/output/detection-lines.ts'
import { fault } from '../../../../lambdas/domain/core/fault.ts'
import { placesExplained } from '../../../../lambdas/domain/looking/explanation.ts'
import type { Explanation } from '../../../../lambdas/usecases/detections/explain-detection.ts'
import { detection } from '../../../support/detections.ts'

const stored = detection({ id: 'NC-1' })
const explained = {
  detection: stored,
  status: 'withdrawn',
  reason: fault('detection.undone', { batch: 'b1' }),
  revisions: [],
  corrections: [
    { field: 'marking', by: 'Ana', at: '2024-05-20', reason: fault('correction.byHand', { file: 'a.csv' }) },
  ],
  places: placesExplained(stored),
  wholes: [],
  versions: [],
  unreadable: 0,
} as unknown as Explanation

test('an explanation has reasons as text, and no report for a withdrawn detection', () => {
  const text = explanationLines(explained).join('\n')
  expect(text).toContain('withdrawn: the intake b1 was undone')
  expect(text).toContain('marking, by Ana, 2024-05-20: by hand, in a.csv')
  expect(text).toMatch(/: counts in no report/)
  expect(explanationLines({ ...explained, status: 'active' }).join('\n')).toMatch(/counts in 20\d\d-W\d\d/)
})
