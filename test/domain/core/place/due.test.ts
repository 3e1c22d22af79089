import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { dueNext, everyReport, leavesAt } from '../../../../lambdas/domain/core/place/due.ts'
import { boundsFor } from '../../../../lambdas/domain/core/place/subject.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'

type Schedule = { readonly subject: string; readonly cadence: string; readonly cron: string; readonly zone: string }

/** The deployed schedules. */
const schedules: readonly Schedule[] = (() => {
  const { Resources } = JSON.parse(
    readFileSync(new URL('../../../lib/vigie-stack.snapshot.json', import.meta.url), 'utf8'),
  ) as {
    readonly Resources: Readonly<
      Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, never>> }>
    >
  }
  return Object.values(Resources).flatMap(({ Type, Properties }) => {
    if (Type !== 'AWS::Scheduler::Schedule') return []
    const { ScheduleExpression, ScheduleExpressionTimezone, Target } = Properties as unknown as {
      readonly ScheduleExpression: string
      readonly ScheduleExpressionTimezone: string
      readonly Target: { readonly Input?: string }
    }
    const [, subject, cadence] =
      /"territory":"([A-Z-]+)".*"cadence":"(week|month)"/.exec(String(Target.Input ?? '')) ?? []
    return subject && cadence ? [{ subject, cadence, cron: ScheduleExpression, zone: ScheduleExpressionTimezone }] : []
  })
})()

const quarter = 900_000

/** The next instant after `now` at which a schedule fires, found by checking each quarter of an hour. */
const nextFiring = ({ cron, zone }: Schedule, now: number): number => {
  const [, minute, hour, dayOfMonth, weekday] = /cron\((\d+) (\d+) (\S+) \* (\S+) \*\)/.exec(cron) ?? []
  const wall = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone: zone, weekday: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  })
  for (let at = (Math.floor(now / quarter) + 1) * quarter; ; at += quarter) {
    const part = (type: string) => wall.formatToParts(at).find((one) => one.type === type)?.value ?? ''
    const isDay = dayOfMonth === '?' ? part('weekday').toUpperCase() === weekday : part('day') === dayOfMonth
    if (isDay && Number(part('hour')) === Number(hour) && Number(part('minute')) === Number(minute)) return at
  }
}

const instants = fc.integer({ min: Date.UTC(2023, 0, 1), max: Date.UTC(2027, 0, 1) })

describe('what is due next', () => {
  test('is the report that the deployed schedules send next', () => {
    expect(schedules).toHaveLength(28)
    fc.assert(
      fc.property(instants, fc.constantFrom(...schedules), (now, schedule) => {
        const due = dueNext(everyReport, now).find(
          ({ subject, cadence }) => subject === schedule.subject && cadence === schedule.cadence,
        )
        expect(due?.at).toBe(nextFiring(schedule, now))
        // The report is of the latest period that is over then.
        expect(boundsFor(due?.period ?? { first: '', last: '' }, due?.subject ?? 'ALL').to).toBeLessThanOrEqual(
          due?.at ?? 0,
        )
      }),
      { numRuns: 60 },
    )
  })

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
