import { expect, test } from 'vitest'
import { runtimeFinding } from '../../../lambdas/domain/checkup/runtime.ts'

test.each([
  ['2027-10-29T23:59:59.999Z', 'good'],
  ['2027-10-30T00:00:00.000Z', 'note'],
  ['2028-04-29T23:59:59.999Z', 'note'],
  ['2028-04-30T00:00:00.000Z', 'broken'],
])('the runtime of the functions is, at %s, %s', (now, state) => {
  expect(runtimeFinding(now)).toMatchObject({ check: 'runtime', state })
  expect(runtimeFinding(now).detail).toContain('nodejs24.x')
})
