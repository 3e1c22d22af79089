/** The machine's clock: the only place where the product reads it. */

/**
 * Moves the clock of a process by so many milliseconds, so that tests run at any instant. A deployed function ignores
 * it: Lambda sets the name of the function in each of its processes.
 */
export const testClockVariable = 'VIGIE_TEST_CLOCK'

export const systemClock = (): Date => new Date(Date.now() + movedMs(process.env))

const movedMs = (env: NodeJS.ProcessEnv): number => {
  const moved = env[testClockVariable]
  if (moved === undefined || env.AWS_LAMBDA_FUNCTION_NAME !== undefined) return 0
  if (!/^-?\d+$/.test(moved)) throw new Error(`${testClockVariable} must be whole milliseconds, and is ${moved}`)
  return Number(moved)
}
