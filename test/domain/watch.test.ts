import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { boundsIn, daysOf, parsePeriod } from '../../lambdas/domain/period.ts'
import { hoursOf, type Input, watchOf } from '../../lambdas/domain/watch.ts'

const week = parsePeriod('2024-W20')
const zone = 'Pacific/Noumea'
const period = { bounds: boundsIn(week, zone), dates: daysOf(week), zone }
const end = new Date(period.bounds.to).toISOString()

const every = (hours: number, from = period.bounds.from, to = period.bounds.to): Input[] => {
  const inputs: Input[] = []
  for (let at = from; at < to; at += hours * 3_600_000) inputs.push({ at: new Date(at).toISOString(), found: 0 })
  return inputs
}

describe('proof of watch', () => {
  test('a source that kept its rhythm has all its inputs and no gap', () => {
    const watch = watchOf(every(6), 'PT6H', period, end)
    expect(watch).toMatchObject({ inputs: 28, expected: 28, gaps: [] })
    expect(watch.days).toEqual(daysOf(week).map((date) => ({ date, inputs: 4, found: 0 })))
  })

  test('a silence of more than two rhythms is a gap, with its ends', () => {
    const inputs = every(6).filter((_, at) => at < 10 || at > 15)
    expect(watchOf(inputs, 'PT6H', period, end).gaps).toEqual([{ from: inputs[9]?.at, to: inputs[10]?.at, hours: 42 }])
  })

  test('a source that never came is silent from end to end', () => {
    expect(watchOf([], 'P1D', period, end)).toMatchObject({ inputs: 0, expected: 7, gaps: [{ hours: 168 }] })
    expect(watchOf([], undefined, period, end)).toMatchObject({ inputs: 0, expected: undefined, gaps: [] })
  })

  test('days that have not begun by the as-of instant are not watched yet', () => {
    const wednesday = new Date(period.bounds.from + 2.5 * 86_400_000).toISOString()
    const watch = watchOf(every(6), 'PT6H', period, wednesday)
    expect(watch.days.map(({ date }) => date)).toEqual(['2024-05-13', '2024-05-14', '2024-05-15'])
    expect(watch).toMatchObject({ inputs: 10, expected: 10, gaps: [] })
    expect(watchOf(every(6), 'PT6H', period, '2024-05-01T00:00:00.000Z')).toMatchObject({
      inputs: 0,
      days: [],
      gaps: [],
    })
  })

  test('the order of inputs does not matter, and days add up to the inputs', () => {
    const input = fc.record({
      at: fc
        .integer({ min: period.bounds.from - 1e8, max: period.bounds.to + 1e8 })
        .map((at) => new Date(at).toISOString()),
      found: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(input), (inputs) => {
        const watch = watchOf(inputs, 'PT6H', period, end)
        expect(watchOf([...inputs].reverse(), 'PT6H', period, end)).toEqual(watch)
        expect(watch.days.reduce((sum, day) => sum + day.inputs, 0)).toBe(watch.inputs)
      }),
    )
  })

  test.each([
    ['PT6H', 6],
    ['P1D', 24],
    ['P1W', 168],
    ['PT30M', 0.5],
    ['P1M', 720],
  ])('%s is %d hours', (rhythm, hours) => {
    expect(hoursOf(rhythm)).toBe(hours)
  })
})
