import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock, testClockVariable } from '../../lambdas/config/clock.ts'

beforeEach(() => void vi.useFakeTimers({ now: Date.parse('2026-11-29T20:13:00Z'), toFake: ['Date'] }))
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
})

test.each([
  [undefined, undefined, '2026-11-29T20:13:00.000Z'],
  ['3600000', undefined, '2026-11-29T21:13:00.000Z'],
  ['-3600000', undefined, '2026-11-29T19:13:00.000Z'],
  // A deployed function.
  ['3600000', 'VigieGenerate', '2026-11-29T20:13:00.000Z'],
])('moved by %s in function %s', (moved, name, instant) => {
  vi.stubEnv(testClockVariable, moved)
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', name)
  expect(systemClock().toISOString()).toBe(instant)
})

test('moved by what is no number of milliseconds', () => {
  vi.stubEnv(testClockVariable, '2026-11-29')
  expect(() => systemClock()).toThrow('VIGIE_TEST_CLOCK must be whole milliseconds, and is 2026-11-29')
})
