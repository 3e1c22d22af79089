import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type Code,
  codeIn,
  codeLifetimeMs,
  maxCodesPerHour,
  maxTriesPerCode,
  maxWrongPerLink,
  nextCode,
  pressedTwiceMs,
  triedCode,
} from '../../../lambdas/domain/delivery/one-time-code.ts'

const start = Date.parse('2024-05-20T08:00:00Z')
const hash = (number: number) => String(number).padStart(64, '0')

const steps = fc.array(
  fc.record({
    does: fc.constantFrom('ask', 'right', 'wrong'),
    after: fc.oneof(fc.integer({ min: 0, max: 20_000 }), fc.integer({ min: 0, max: 25 * 60_000 })),
  }),
  { maxLength: 120 },
)

describe('a code', () => {
  test('opens once, is tried five times, and is requested three times an hour, in any order of steps', () => {
    fc.assert(
      fc.property(steps, (all) => {
        let seen: Code | undefined
        let now = start
        let number = 0
        let askedAt = 0
        let opened = 0
        let tries = 0
        let wrong = 0
        const asked: number[] = []
        for (const { does, after } of all) {
          now += after
          if (does === 'ask') {
            number += 1
            const next = nextCode(seen, hash(number), new Date(now))
            const lately = asked.filter((at) => at > now - 3_600_000).length
            const isOnItsWay =
              seen !== undefined && opened === 0 && tries < maxTriesPerCode && now < askedAt + pressedTwiceMs
            expect(next.may).toBe(lately < maxCodesPerHour && wrong < maxWrongPerLink && !isOnItsWay)
            if (!next.may) {
              number -= 1
              continue
            }
            asked.push(now)
            askedAt = now
            opened = 0
            tries = 0
            seen = next.code
          } else {
            const tried = triedCode(seen, does === 'right' ? hash(number) : 'f'.repeat(64), new Date(now))
            const counts =
              seen !== undefined && opened === 0 && tries < maxTriesPerCode && now < askedAt + codeLifetimeMs
            expect(tried.kind).toBe(counts ? does : does === 'right' && opened > 0 ? 'used' : 'over')
            if (tried.kind === 'over' || tried.kind === 'used') continue
            if (tried.kind === 'right') opened += 1
            else {
              tries += 1
              wrong += 1
              expect(tried.left).toBe(maxTriesPerCode - tries)
            }
            seen = tried.code
          }
          expect(opened).toBeLessThanOrEqual(1)
          expect(seen?.wrong).toBe(wrong)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('has the instant at which another may be requested', () => {
    let seen: Code | undefined
    for (let minute = 0; minute < 3; minute += 1) {
      const next = nextCode(seen, hash(minute), new Date(start + minute * 60_000))
      if (next.may) seen = next.code
    }
    const refused = nextCode(seen, hash(4), new Date(start + 180_000))
    expect(refused).toEqual({ may: false, why: 'too many', from: '2024-05-20T09:00:00.000Z' })
    expect(nextCode(seen, hash(5), new Date(start + 3_600_000)).may).toBe(true)
  })

  test('is read as typed and pasted', () => {
    for (const typed of ['012345', ' 012345\n', '012 345', '012\u202f345', '012-345', '012.345', '\u200e012345']) {
      expect(codeIn(typed), JSON.stringify(typed)).toBe('012345')
    }
    for (const typed of ['', '12345', '0123456', '01234a', '٠١٢٣٤٥', '0x1234', '1e5000']) {
      expect(codeIn(typed), typed).toBeUndefined()
    }
  })
})
