import { expect, test } from 'vitest'
import { isFarAhead, isHeld } from '../../../../lambdas/domain/core/time/instants.ts'
import type { Delivery } from '../../../../lambdas/domain/delivery/delivery.ts'
import { nextStep } from '../../../../lambdas/domain/delivery/delivery.ts'

const now = '2026-03-01T00:00:00.000Z'
const in_ = (minutes: number) => new Date(Date.parse(now) + minutes * 60_000).toISOString()

test.each([
  [-1, false, false],
  [2, false, true],
  [10, false, true],
  [11, true, true],
  [13, true, false],
  [40 * 1_440, true, false],
])('an instant %d minutes ahead is far: %s, and ends a lease of two minutes that is held: %s', (minutes, far, held) => {
  expect([isFarAhead(in_(minutes), now), isHeld(in_(minutes), 120_000, now)]).toEqual([far, held])
})

test('a mail with a lease far ahead is lost, and not waited for', () => {
  const sending = (leaseUntil: string) => ({ state: 'SENDING', leaseUntil }) as Delivery
  expect(nextStep(sending(in_(2)), now)).toBe('wait')
  expect(nextStep(sending(in_(40 * 1_440)), now)).toBe('lost')
})
