/** Whether a due report is made: by the turn that held when its schedule fired, and by nothing that was set later. */
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
  test('holds from its instant on, until a person lets it go on', () => {
    const setting = of(turn('paused', '2024-05-10T12:00:00.000Z'), turn('made', '2024-06-10T12:00:00.000Z'))
    expect(isPaused(setting, '2024-05-10T11:59:59.999Z')).toBe(false)
    expect(isPaused(setting, '2024-05-10T12:00:00.000Z')).toBe(true)
    expect(isPaused(setting, '2024-06-10T11:59:59.999Z')).toBe(true)
    expect(isPaused(setting, '2024-06-10T12:00:00.000Z')).toBe(false)
  })

  test('ends by itself after its last day, as days are there', () => {
    const setting = of(turn('paused', '2024-05-10T12:00:00.000Z', '2024-05-20'))
    // Pointe-à-Pitre is four hours behind UTC.
    expect(isPaused(setting, '2024-05-21T03:59:59.999Z')).toBe(true)
    expect(isPaused(setting, '2024-05-21T04:00:00.000Z')).toBe(false)
  })

  test('is of one subject and cadence, and of no longer period', () => {
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

describe('whatever was set', () => {
  test('what is set later changes nothing of before: a day decided stays so', () => {
    fc.assert(
      fc.property(someSchedule, someTurns, instant, (schedule, turns, at) => {
        const whole = { ...schedule, turns }
        const known = asSetBy([whole], new Date(at).toISOString())
        expect(pauseOf(known, schedule, at)).toEqual(pauseAt(whole, at))
      }),
    )
  })

  test('it is as a walk from turn to turn, day by day, would have it', () => {
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

  test('a period is passed over as its schedule stood at the hour at which it leaves', () => {
    fc.assert(
      fc.property(fc.constantFrom(...subjects), someTurns, fc.integer({ min: 1, max: 52 }), ({ code }, turns, week) => {
        const period = parsePeriod(`2024-W${String(week).padStart(2, '0')}`)
        const setting: ScheduleSetting = { subject: code, cadence: 'week', turns }
        expect(pauseFor([setting], { subject: code, period })).toEqual(pauseAt(setting, leavesAt(period, code)))
      }),
    )
  })
})

test('a schedule is found by its id, and nothing else is', () => {
  for (const one of everySchedule) expect(scheduleIn(scheduleId(one))).toEqual(one)
  for (const wrong of ['', 'NC', 'NC/year', 'XX/week', 'campaign-0123456789ab/week', 'nc/week', '__proto__/week'])
    expect(scheduleIn(wrong)).toBeUndefined()
})

test('a turn without who or why is none', () => {
  const right = turn('paused', '2024-05-10T12:00:00.000Z', '2024-05-20')
  expect(turnSchema.safeParse(right).success).toBe(true)
  for (const wrong of [
    { by: ' ' },
    { reason: '' },
    { until: '2024-02-30' },
    { until: 'soon' },
    { reason: 'x'.repeat(301) },
    { reason: 'two\nlines' },
    { by: '\u001b[2J' },
    { is: 'late' },
    { at: 'x' },
  ])
    expect(turnSchema.safeParse({ ...right, ...wrong }).success).toBe(false)
})
