/**
 * The matrix of faults: `npm run faults`, each row injected for real, with what it lost or did twice. `-- --only WORDS`
 * for the rows whose group or name has them, `--list` for their names, `--json` for figures; ends with 1 where a row
 * broke. `-- --soak SECONDS --seed N` interleaves commands on one home at random, kills some, and looks at the
 * invariants.
 */
import type { Grounds } from '../test/faults/grounds.ts'
import type { Result } from '../test/faults/matrix.ts'
import type { Row } from '../test/faults/row.ts'
import { optionsOf, wrongUsage } from './usage.ts'

const values = optionsOf(
  `npm run faults
  --only WORDS     the rows alone whose group or name has them
  --list           the rows' names
  --json           figures for machines
  --soak SECONDS   interleaves commands on one home at random, in place of the rows
  --seed N         the chance of an earlier soak`,
  {
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    soak: { type: 'string' },
    seed: { type: 'string' },
  },
)

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

const whole = (words: string, name: string): number => {
  if (!/^\d{1,9}$/.test(words)) wrongUsage(`--${name}: ${words} is no whole number, such as 60`)
  return Number(words)
}

// What takes seconds to load is loaded when the words are right.
const allRows = async (): Promise<readonly Row[]> => (await import('../test/faults/rows.ts')).rows

const chosen = async (): Promise<readonly Row[]> => {
  const { soak, seed, only = '' } = values
  if (soak !== undefined) {
    const [seconds, chance] = [whole(soak, 'soak'), seed === undefined ? Date.now() % 1_000_000 : whole(seed, 'seed')]
    const { soakRow } = await import('../test/faults/soak.ts')
    return [soakRow(seconds, chance)]
  }
  const found = (await allRows()).filter(({ group, name }) =>
    `${group} ${name}`.toLowerCase().includes(only.toLowerCase()),
  )
  if (found.length === 0) wrongUsage(`--only: no row has ${JSON.stringify(only)} in its name: see --list`)
  return found
}

const progress = ({ verdict, name, seconds }: Result): void => say(`${verdict.padEnd(8)} ${name} (${seconds} s)`)

const run = async (asked: readonly Row[], grounds: Grounds): Promise<void> => {
  const { breaches, codeOf, matrixTable, runMatrix } = await import('../test/faults/matrix.ts')
  const results = await runMatrix(asked, grounds, progress)
  if (values.json) print(JSON.stringify(results, null, 2))
  else print([matrixTable(results), ...breaches(results)].join('\n'))
  process.exitCode = codeOf(results)
}

const opened = async (): Promise<Grounds> => {
  const { openGrounds } = await import('../test/faults/grounds.ts')
  const { sharedSettings } = await import('../test/support/shared-assembly.ts')
  const { synthesise } = await import('../test/support/stack-here.ts')
  return openGrounds((folder) => synthesise(folder, sharedSettings))
}

if (values.list) print((await allRows()).map(({ group, name, where }) => `${group}: ${name} (${where})`).join('\n'))
else {
  const asked = await chosen()
  // The commands that a row has started end with it, or by themselves; what lies about is removed at the exit.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
  const grounds = await opened()
  try {
    await run(asked, grounds)
  } finally {
    await grounds.close()
  }
}
