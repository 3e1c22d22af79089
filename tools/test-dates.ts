/**
 * The tests that involve time, at instants where weeks, months, years and clocks change: `npm run test:dates`. With
 * `--whole` all tests, with the machine's own clock moved too, by libfaketime.
 */
import { spawnSync } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { optionsOf, wrongUsage } from './usage.ts'

const values = optionsOf(
  `npm run test:dates
  --at INSTANT   at this instant alone, as 2026-11-29T20:13Z
  --seed N       the random instant of an earlier run
  --random       at the random instant alone
  --whole        all tests, under the command faketime (Debian's package faketime)`,
  {
    at: { type: 'string' },
    seed: { type: 'string' },
    random: { type: 'boolean', default: false },
    whole: { type: 'boolean', default: false },
  },
)

const known = [
  '2026-11-29T20:13Z', // Monday in Nouméa, Sunday in Paris and Papeete
  '2026-11-30T00:30Z', // Monday in Paris, Sunday in Papeete
  '2026-12-31T12:00Z', // ISO week 53
  '2027-01-01T10:30Z', // half an hour into the year in Papeete; still week 53
  '2028-02-29T23:30Z', // a leap day, over in Nouméa
  '2027-03-28T01:30Z', // Paris's clock goes forward
  '2027-10-31T01:30Z', // Paris's clock goes back
]

/** From 2026 to 2035, to the minute. */
const randomInstant = (seed: number): string =>
  new Date(Date.UTC(2026, 0) + (seed % 5_000_000) * 60_000).toISOString().replace(':00.000Z', 'Z')

const instants = (): readonly string[] => {
  const { at, seed, random } = values
  if (at !== undefined) {
    if (Number.isNaN(Date.parse(at))) wrongUsage(`--at: ${at} is no instant: write it like 2026-11-29T20:13Z`)
    return [at]
  }
  if (seed !== undefined && !/^\d{1,9}$/.test(seed)) wrongUsage(`--seed: ${seed} is no whole number`)
  const chance = seed === undefined ? randomInt(5_000_000) : Number(seed)
  process.stdout.write(`random instant: seed ${chance}\n`)
  return [...(random ? [] : known), randomInstant(chance)]
}

/** The test files that ask for now. */
const filesOnTime = async (): Promise<string[]> => {
  const all = await Array.fromAsync(glob('test/**/*.test.ts'))
  return all.filter((file) => readFileSync(file, 'utf8').includes('support/clock.ts')).toSorted()
}

/** The exit code of the tests at an instant. */
const runAt = (instant: string, files: readonly string[]): number => {
  process.stdout.write(`\n${instant}\n`)
  const tests = ['vitest', 'run', '--reporter=dot', ...files]
  // As a distance, which is the same for each process that a test starts.
  const seconds = Math.round((Date.parse(instant) - Date.now()) / 1_000)
  const moved = seconds < 0 ? `${seconds}` : `+${seconds}`
  const [command, ...words] = values.whole ? ['faketime', '-f', moved, 'npx', ...tests] : ['npx', ...tests]
  const { status, error } = spawnSync(command, words, {
    stdio: 'inherit',
    env: {
      ...process.env,
      VIGIE_TEST_NOW: instant,
      ...(values.whole && { FAKETIME_DONT_FAKE_MONOTONIC: '1' }),
    },
  })
  if (error) throw new Error(`${command} cannot be run: apt-get install faketime`, { cause: error })
  return status ?? 1
}

const files = values.whole ? [] : await filesOnTime()
const failed = instants().filter((instant) => runAt(instant, files) !== 0)
process.stdout.write(failed.length === 0 ? '\nall instants passed\n' : `\nfailed at ${failed.join(', ')}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
