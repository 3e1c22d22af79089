/**
 * The clock of tests. It starts at one instant on every machine and day, 2026-11-25T10:00:00Z or VIGIE_TEST_NOW, and
 * runs from there; a process that a test starts has the same clock.
 */
import { systemClock, testClockVariable } from '../../lambdas/config/clock.ts'

/** The environment of a run that starts at this instant. */
export const startingAt = (instant = '2026-11-25T10:00:00Z'): Readonly<Record<string, string>> => ({
  [testClockVariable]: String(Date.parse(instant) - Date.now()),
})

export const now: () => Date = systemClock

/** So many milliseconds before now, as an ISO instant. */
export const ago = (ms: number): string => new Date(now().getTime() - ms).toISOString()

/** The environment of a process whose clock is so many milliseconds ahead of the test's, or starts at an instant. */
export const clockEnv = (clock: number | string): Readonly<Record<string, string>> =>
  typeof clock === 'string' ? startingAt(clock) : { [testClockVariable]: String(now().getTime() - Date.now() + clock) }

/** The same for a deployed function, whose process has nothing else of this one's environment. */
export const functionClockEnv = (): Readonly<Record<string, string | undefined>> => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => /^(?:LD_PRELOAD$|FAKETIME)/.test(name))),
  ...clockEnv(0),
})

/** The machine's own clock, which no process of a test moves: milliseconds since 1970. */
export const machineMs = (): number => Math.round(performance.timeOrigin + performance.now())

/** What is now by the machine's clock, in milliseconds since 1970, by that of tests. */
export const onTestClock = (ms: number): number => ms + now().getTime() - Date.now()

/** Node's option for the process of a deployed function, which ignores the variable: its `Date` has this clock. */
export const movedDateOption = `--import=${new URL('./moved-date.ts', import.meta.url).href}`
