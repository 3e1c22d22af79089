import { describe, expect, test } from 'vitest'
import { dueNext, leavesAt } from '../../../../lambdas/domain/core/place/due.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'

describe('what is due next', () => {
  test.each([
    ['2024-W20', 'NC', '2024-05-19T19:30:00.000Z'],
    ['2024-W13', 'COR', '2024-04-01T04:30:00.000Z'],
    ['2024-05', 'GP', '2024-06-01T10:30:00.000Z'],
    ['2024-05', 'ALL', '2024-06-02T04:30:00.000Z'],
  ] as const)('%s of %s leaves at %s', (period, code, at) => {
    expect(new Date(leavesAt(parsePeriod(period), code)).toISOString()).toBe(at)
  })

  test('of some territories has no nation among it', () => {
    const some = dueNext({ territories: ['NC', 'PF'], cadences: ['week'] }, Date.UTC(2024, 4, 20))
    expect(some.map(({ subject, period }) => `${subject} ${period.id}`)).toEqual(['PF 2024-W20', 'NC 2024-W21'])
  })
})
