/** A territory's days as one strip: what was seen there, silences, quiet, and days on which nothing was due. */
import { expect, test } from 'vitest'
import type { Source } from '../../../../lambdas/domain/aggregate/watch/watch.ts'
import { daySigns } from '../../../../lambdas/domain/page/words/watch.ts'

const dates = ['2024-05-13', '2024-05-14', '2024-05-15']

/** Inputs and what they found, day by day; of a source that is expected daily, or without a rhythm. */
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

test.each([
  [
    'what was seen there, whoever fell silent',
    [daily([0, 0], [1, 2], [0, 0])],
    days(1, 1, 0),
    ['found', 'found', 'silent'],
  ],
  [
    'what was found elsewhere as quiet here',
    [daily([1, 5], [1, 0], [1, 1])],
    days(),
    ['nothing', 'nothing', 'nothing'],
  ],
  [
    'one’s silence, though another delivered',
    [daily([1, 0], [0, 0], [1, 0]), daily([1, 0], [1, 0], [1, 0])],
    days(),
    ['nothing', 'silent', 'nothing'],
  ],
  ['days that have not begun as not due', [daily([1, 0])], days(), ['nothing', 'not due', 'not due']],
  [
    'a source without a rhythm as never silent',
    [
      source(
        [
          [0, 0],
          [1, 0],
          [0, 0],
        ],
        undefined,
      ),
    ],
    days(),
    ['not due', 'nothing', 'not due'],
  ],
  ['nothing where nobody watches', [], days(0, 0, 0), ['not due', 'not due', 'not due']],
] as const)('it shows %s', (_, sources, here, signs) => {
  expect(daySigns({ sources, days: here })).toEqual(signs)
})
