import { expect, test } from 'vitest'
import type { Source } from '../../../../lambdas/domain/aggregate/watch/watch.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { subjectOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { daySigns, watchSection } from '../../../../lambdas/domain/page/words/watch.ts'
import { reportOn } from '../../../support/reports.ts'

const dates = ['2024-05-13', '2024-05-14', '2024-05-15']

/** Inputs and their detections, day by day. */
const source = (days: readonly (readonly [inputs: number, found: number])[], expected: number | undefined): Source => ({
  name: 'a source',
  byHand: false,
  lastInput: '2024-05-15T00:00:00.000Z',
  marking: 'TLP:CLEAR',
  watch: {
    inputs: days.reduce((sum, [inputs]) => sum + inputs, 0),
    expected,
    afterwards: false,
    days: days.map(([inputs, found], at) => ({ date: dates[at] ?? '', inputs, found })),
    gaps: [],
  },
})
const days = (...detections: readonly number[]) => dates.map((date, at) => ({ date, detections: detections[at] ?? 0 }))

const daily = (...given: readonly (readonly [number, number])[]) => source(given, 3)

test.each<[string, readonly Source[], ReturnType<typeof days>, readonly string[]]>([
  ['detections here, whatever is silent', [daily([0, 0], [1, 2], [0, 0])], days(1, 1, 0), ['found', 'found', 'silent']],
  ['nothing, where detections are elsewhere', [daily([1, 5], [1, 0], [1, 1])], days(), Array(3).fill('nothing')],
  [
    'the silence of one source, though another delivered',
    [daily([1, 0], [0, 0], [1, 0]), daily([1, 0], [1, 0], [1, 0])],
    days(),
    ['nothing', 'silent', 'nothing'],
  ],
  ['days that have not begun as not due', [daily([1, 0])], days(), ['nothing', 'not due', 'not due']],
  [
    'no silence of a source without a rhythm',
    [
      source(
        [
          [0, 0],
          [1, 0],
        ],
        undefined,
      ),
    ],
    days(),
    ['not due', 'nothing', 'not due'],
  ],
  ['nothing due without a source', [], days(), Array(3).fill('not due')],
])('the strip of days shows %s', (_, sources, here, signs) => {
  expect(daySigns({ sources, days: here })).toEqual(signs)
})

test.each([
  [6, '6 sur 7'],
  [7, '7 sur 7'],
  [8, '7 sur 7 et 1 de plus'],
])('%i inputs of 7 expected are shown as %s', (inputs, text) => {
  const given = source([[inputs, 0]], 7)
  const { rows } = watchSection({ ...reportOn([]), sources: [given] }, subjectOf('NC'), wordingOf('fr'))
  expect(rows[0]?.inputs.replaceAll(/\s/g, ' ')).toBe(text)
})
