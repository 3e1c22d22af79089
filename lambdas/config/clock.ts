/** The only place where the product reads the machine's clock. */

/** Shifts the clock by so many milliseconds, for tests. Ignored on Lambda. */
export const testClockVariable = 'VIGIE_TEST_CLOCK'

export const systemClock = (): Date => new Date(Date.now() + movedMs(process.env))

const movedMs = (env: NodeJS.ProcessEnv): number => {
  const moved = env[testClockVariable]
  if (moved === undefined || env.AWS_LAMBDA_FUNCTION_NAME !== undefined) return 0
  if (!/^-?\d+$/.test(moved)) throw new Error(`${testClockVariable} must be whole milliseconds, and is ${moved}`)
  return Number(moved)
}
