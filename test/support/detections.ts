/** Detections for tests: whole ones with one thing said, and arbitrary ones for properties. */
import fc from 'fast-check'
import type { DetectionAsOf } from '../../lambdas/domain/aggregate/tally.ts'
import { faultText } from '../../lambdas/domain/core/fault-text.ts'
import { type Detection, type DetectionInput, readDetection } from '../../lambdas/domain/detection/detection.ts'

export const input = (said: Partial<DetectionInput> = {}): DetectionInput => ({
  id: 'd1',
  detector: 'D3lta',
  kind: 'copy-paste',
  title: { en: 'A burst of copies', fr: 'Une salve de copies' },
  territories: ['NC'],
  observed: { from: '2024-05-15' },
  ...said,
})

/** A checked detection; throws where the test's own input is none. */
export const detection = (said: Partial<DetectionInput> = {}): Detection => {
  const read = readDetection(input(said))
  if ('refusal' in read) throw new Error(`${read.refusal.path} ${faultText(read.refusal)}`)
  return read.detection
}

export const detectionAsOf = (said: Partial<DetectionInput> = {}, revision = 1): DetectionAsOf => ({
  detection: detection(said),
  revision,
  storedAt: '2024-05-20T00:00:00.000Z',
})

const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined })

const figure = fc.record({
  value: fc.nat(10_000),
  qualifier: fc.constantFrom('exact' as const, 'at least' as const, 'about' as const),
})

const day = fc.integer({ min: 1, max: 31 }).map((number) => `2024-05-${String(number).padStart(2, '0')}`)

const observed = fc.oneof(
  day.map((from) => ({ from })),
  fc.tuple(day, day).map((ends) => {
    const [from = '', to = ''] = [...ends].sort()
    return { from, to }
  }),
  fc.constantFrom({ from: '2024-05' }, { from: '2024-04', to: '2024-06' }),
  fc
    .integer({ min: Date.UTC(2024, 3, 25), max: Date.UTC(2024, 5, 5) })
    .map((instant) => ({ from: new Date(instant).toISOString() })),
)

/** Up to a dozen detections around May 2024 with figures, parts, references and markings of every kind. */
export const detectionsAsOf: fc.Arbitrary<readonly DetectionAsOf[]> = fc
  .uniqueArray(
    fc.record({
      id: fc.integer({ min: 0, max: 15 }),
      partOf: maybe(fc.integer({ min: 0, max: 15 })),
      kind: fc.constantFrom('copy-paste' as const, 'video' as const, 'offline-event' as const),
      observed,
      platforms: fc.subarray(['X', 'Facebook', 'Telegram']),
      hashtags: fc.subarray(['#a', '#A', '#b']),
      marking: fc.constantFrom('TLP:CLEAR', 'TLP:GREEN', 'TLP:AMBER', 'TLP:RED'),
      counts: fc.record({ posts: maybe(figure), accounts: maybe(figure), videos: maybe(figure) }),
      accountRefs: maybe(fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { minLength: 1 })),
    }),
    { selector: ({ id }) => id, maxLength: 12 },
  )
  .map((records) =>
    records.map(({ id, partOf, ...rest }) =>
      detectionAsOf({ ...rest, id: `d${id}`, ...(partOf !== undefined && partOf !== id && { partOf: `d${partOf}` }) }),
    ),
  )
