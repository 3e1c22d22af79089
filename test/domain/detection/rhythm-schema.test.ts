import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createCounter, type DetectionAsOf } from '../../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { type DetectionInput, readDetection } from '../../../lambdas/domain/detection/detection.ts'
import { strayFigureIn } from '../../../lambdas/domain/detection/names/stray-figures.ts'
import { isInOffice, stretchesBetween } from '../../../lambdas/domain/detection/office-hours.ts'
import { detection, detectionsAsOf, input } from '../../support/detections.ts'
import { textOf, inWords } from '../../support/faults.ts'

const hour = (from: string, posts = 1, minutes: 10 | 60 = 60) => ({ from, minutes, posts })

const refusalOf = (changes: Partial<DetectionInput>) => {
  const read = readDetection(input(changes))
  return 'refusal' in read ? read.refusal : strayFigureIn(read.detection)
}

describe('posts by interval', () => {
  const whole = { observed: { from: '2024-05-15' }, counts: {} }

  test('are stored as instants in UTC', () => {
    const { counts } = detection({ counts: { posts: 3, byInterval: [hour('2024-05-15T14:00:00+11:00', 3)] } })
    expect(counts.byInterval).toEqual([
      { from: '2024-05-15T03:00:00.000Z', minutes: 60, posts: { value: 3, qualifier: 'exact' } },
    ])
  })

  test.each([
    ['a day', [hour('2024-05-15')], 'counts.byInterval[0].from', /is a day: write an instant/],
    [
      'two steps',
      [hour('2024-05-15T03:00:00Z'), hour('2024-05-15T05:00:00Z', 1, 10)],
      'counts.byInterval[1]',
      /give all the same step/,
    ],
    [
      'steps that overlap',
      [hour('2024-05-15T03:00:00Z'), hour('2024-05-15T03:30:00Z')],
      'counts.byInterval[1]',
      /align the intervals/,
    ],
    [
      'one twice',
      [hour('2024-05-15T03:00:00Z'), hour('2024-05-15T14:00:00+11:00')],
      'counts.byInterval[1]',
      /comes twice/,
    ],
    [
      'too long a time',
      [hour('2024-05-15T03:00:00Z'), hour('2024-07-15T03:00:00Z')],
      'counts.byInterval[1]',
      /more than 1008 steps/,
    ],
    // The 15th ends in Nouméa at 13:00 UTC.
    ['an hour after', [hour('2024-05-15T13:00:00Z')], 'counts.byInterval[0].from', /correct the interval, or observed/],
    [
      'more than the whole',
      [hour('2024-05-15T03:00:00Z', 11)],
      'counts.byInterval',
      /come to 11 posts, and the detection has 10 exactly/,
    ],
  ])('with %s are refused', (_, byInterval, path, message) => {
    const refusal = refusalOf({ ...whole, counts: { posts: 10, byInterval: byInterval as never } })
    expect(inWords(refusal)).toMatchObject({ path, message: expect.stringMatching(message) })
  })

  test('without a total of posts are refused', () => {
    expect(refusalOf({ ...whole, counts: { byInterval: [hour('2024-05-15T03:00:00Z')] } })?.path).toBe('counts.posts')
  })

  test('fit in the first and the last hour, of days and of instants, and below a floor', () => {
    const byInterval = [hour('2024-05-14T13:00:00Z', 9), hour('2024-05-15T12:00:00Z', 9)]
    expect(refusalOf({ ...whole, counts: { posts: 18, byInterval } })).toBeUndefined()
    expect(refusalOf({ ...whole, counts: { posts: { value: 5, qualifier: 'at least' }, byInterval } })).toBeUndefined()
    const observed = { from: '2024-05-14T13:59:00Z', to: '2024-05-15T12:00:00Z' }
    expect(refusalOf({ observed, counts: { posts: 18, byInterval } })).toBeUndefined()
    expect(refusalOf({ observed: { from: '2024-05-14T14:00:00Z' }, counts: { posts: 18, byInterval } })?.path).toBe(
      'counts.byInterval[0].from',
    )
  })

  test('are in no sum', () => {
    const tallied = (all: readonly DetectionAsOf[]) => {
      const counter = createCounter({ period: parsePeriod('2024-05'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
      for (const one of all) counter.add(one)
      const { totals, days, platforms, kinds, spans } = counter.tally({})
      return { totals, days, platforms, kinds, spans }
    }
    fc.assert(
      fc.property(detectionsAsOf, fc.nat(1_000), (all, posts) => {
        const byInterval = [
          {
            from: '2024-05-15T03:00:00.000Z',
            minutes: 60 as const,
            posts: { value: posts, qualifier: 'exact' as const },
          },
        ]
        const more = all.map((one) => ({
          ...one,
          detection: { ...one.detection, counts: { ...one.detection.counts, byInterval } },
        }))
        expect(tallied(more)).toEqual(tallied(all))
      }),
      { numRuns: 100 },
    )
  })
})

describe('a supposed origin', () => {
  const origin = {
    zone: 'Asia/Baku',
    by: 'Watch unit',
    holidays: { calendar: 'Azerbaijan', days: [{ day: '2024-05-28' }] },
  }

  test('is a named zone with the author of the hypothesis', () => {
    expect(detection({ supposedOrigin: origin }).supposedOrigin).toEqual(origin)
    expect(refusalOf({ supposedOrigin: { zone: 'Asia/Baku' } as never })?.path).toBe('supposedOrigin.by')
    expect(textOf(refusalOf({ supposedOrigin: { ...origin, zone: 'Asia/Nowhere' } }))).toMatch(/IANA/)
    expect(textOf(refusalOf({ supposedOrigin: { ...origin, place: 'B'.repeat(61) } }))).toMatch(/at most 60/)
  })

  test.each([
    ['nine in the morning there', '2024-05-15T05:00:00Z', true],
    ['before', '2024-05-15T04:59:59Z', false],
    ['the last minute', '2024-05-15T13:59:00Z', true],
    ['after', '2024-05-15T14:00:00Z', false],
    ['a Saturday', '2024-05-18T08:00:00Z', false],
    ['a holiday', '2024-05-28T08:00:00Z', false],
    ['a Saturday that is no day of rest', '2024-05-18T08:00:00Z', true, [5]],
    ['another day of rest', '2024-05-17T08:00:00Z', false, [5]],
  ])('has office hours at %s', (_, at, expected, restDays?: number[]) => {
    expect(isInOffice(Date.parse(at), { ...origin, ...(restDays && { restDays }) })).toBe(expected)
  })

  test('has stretches of work in each zone, also over changes of clocks', () => {
    const zones = fc.constantFrom('Asia/Baku', 'Europe/Paris', 'Asia/Kolkata', 'America/St_Johns', 'Pacific/Apia')
    const from = fc.integer({ min: Date.UTC(2024, 0, 1) / 600_000, max: Date.UTC(2024, 11, 1) / 600_000 })
    fc.assert(
      fc.property(zones, from, fc.integer({ min: 1, max: 600 }), (zone, tens, length) => {
        const [start, end] = [tens * 600_000, (tens + length) * 600_000]
        const there = { ...origin, zone }
        const work = stretchesBetween(start, end, there).filter(({ kind }) => kind === 'work')
        for (let at = start; at < end; at += 600_000) {
          expect(work.some((one) => at >= one.from && at < one.to)).toBe(isInOffice(at, there))
        }
      }),
      { numRuns: 60 },
    )
  })
})
