/** A due report is made or paused by the setting at the time of its schedule, not by later ones. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { leavesAt } from '../../../lambdas/domain/core/place/due.ts'
import { subjectOf, subjects } from '../../../lambdas/domain/core/place/territory.ts'
import { dayIn, parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import {
  asSetBy,
  everySchedule,
  pauseAt,
  pauseFor,
  pauseOf,
  type ScheduleSetting,
  scheduleId,
  scheduleIn,
  settingOf,
  type Turn,
  turnSchema,
} from '../../../lambdas/domain/report/schedule.ts'

const turn = (is: Turn['is'], at: string, until?: string): Turn => ({
  ...{ is, at, by: 'Claire', reason: 'the prefecture is closed' },
  ...(until !== undefined && { until }),
})
const of = (...turns: readonly Turn[]): ScheduleSetting => ({ subject: 'GP', cadence: 'week', turns })
const isPaused = (setting: ScheduleSetting, at: string) => pauseAt(setting, Date.parse(at)) !== undefined

describe('a pause', () => {
  test('lasts from its instant until it is ended', () => {
    const setting = of(turn('paused', '2024-05-10T12:00:00.000Z'), turn('made', '2024-06-10T12:00:00.000Z'))
    expect(isPaused(setting, '2024-05-10T11:59:59.999Z')).toBe(false)
    expect(isPaused(setting, '2024-05-10T12:00:00.000Z')).toBe(true)
    expect(isPaused(setting, '2024-06-10T11:59:59.999Z')).toBe(true)
    expect(isPaused(setting, '2024-06-10T12:00:00.000Z')).toBe(false)
  })

  test('ends after its last day in the territory’s time', () => {
    const setting = of(turn('paused', '2024-05-10T12:00:00.000Z', '2024-05-20'))
    // Pointe-à-Pitre is four hours behind UTC.
    expect(isPaused(setting, '2024-05-21T03:59:59.999Z')).toBe(true)
    expect(isPaused(setting, '2024-05-21T04:00:00.000Z')).toBe(false)
  })

  test('is for one subject and cadence', () => {
    const settings = [of(turn('paused', '2024-01-01T00:00:00.000Z'))]
    expect(pauseFor(settings, { subject: 'GP', period: parsePeriod('2024-W20') })).toMatchObject({ by: 'Claire' })
    for (const period of ['2024-05', '2024-Q2', '2024', '2024-05-13--2024-05-19'])
      expect(pauseFor(settings, { subject: 'GP', period: parsePeriod(period) })).toBeUndefined()
    expect(pauseFor(settings, { subject: 'ALL', period: parsePeriod('2024-W20') })).toBeUndefined()
    expect(settingOf([], { subject: 'MQ', cadence: 'month' })).toEqual({ subject: 'MQ', cadence: 'month', turns: [] })
  })
})

const instant = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2025, 11, 31) })
const someDay = instant.map((at) => new Date(at).toISOString().slice(0, 10))
const someTurns = fc
  .uniqueArray(instant, { maxLength: 6 })
  .chain((times) =>
    fc.tuple(
      ...times
        .toSorted((a, b) => a - b)
        .map((at) =>
          fc
            .record({ is: fc.constantFrom('paused' as const, 'made' as const), until: fc.option(someDay) })
            .map(({ is, until }): Turn =>
              turn(is, new Date(at).toISOString(), is === 'paused' ? (until ?? undefined) : undefined),
            ),
        ),
    ),
  )
const someSchedule = fc.constantFrom(...everySchedule)

describe('for any settings', () => {
  test('later settings change nothing of before', () => {
    fc.assert(
      fc.property(someSchedule, someTurns, instant, (schedule, turns, at) => {
        const whole = { ...schedule, turns }
        const known = asSetBy([whole], new Date(at).toISOString())
        expect(pauseOf(known, schedule, at)).toEqual(pauseAt(whole, at))
      }),
    )
  })

  test('a pause follows the turns one by one', () => {
    fc.assert(
      fc.property(someSchedule, someTurns, instant, (schedule, turns, at) => {
        let state: Turn | undefined
        for (const one of turns) {
          if (Date.parse(one.at) > at) break
          state = one.is === 'paused' ? one : undefined
        }
        const day = dayIn(at, schedule.subject === 'plates' ? 'UTC' : subjectOf(schedule.subject).zone)
        const ended = state?.until !== undefined && day > state.until
        expect(pauseAt({ ...schedule, turns }, at)).toEqual(ended ? undefined : state)
      }),
    )
  })

  test('a period is paused by the setting at the hour of its report', () => {
    fc.assert(
      fc.property(fc.constantFrom(...subjects), someTurns, fc.integer({ min: 1, max: 52 }), ({ code }, turns, week) => {
        const period = parsePeriod(`2024-W${String(week).padStart(2, '0')}`)
        const setting: ScheduleSetting = { subject: code, cadence: 'week', turns }
        expect(pauseFor([setting], { subject: code, period })).toEqual(pauseAt(setting, leavesAt(period, code)))
      }),
    )
  })
})

test('a schedule is found by its id alone', () => {
  for (const one of everySchedule) expect(scheduleIn(scheduleId(one))).toEqual(one)
  for (const wrong of ['', 'NC', 'NC/year', 'XX/week', 'campaign-0123456789ab/week', 'nc/week', '__proto__/week'])
    expect(scheduleIn(wrong)).toBeUndefined()
})

test('a turn needs an author, a reason and valid values', () => {
  const right = turn('paused', '2024-05-10T12:00:00.000Z', '2024-05-20')
  expect(turnSchema.safeParse(right).success).toBe(true)
  const texts = [
    { by: ' ' },
    { by: '\u001b[2J' },
    { reason: '' },
    { reason: 'x'.repeat(301) },
    { reason: 'two\nlines' },
  ]
  const others = [{ until: '2024-02-30' }, { until: 'soon' }, { is: 'late' }, { at: 'x' }]
  for (const wrong of [...texts, ...others]) expect(turnSchema.safeParse({ ...right, ...wrong }).success).toBe(false)
})
