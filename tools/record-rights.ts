/**
 * Runs the tests on the stack and keeps which rights they used: `npm run rights`, after a change to what a function or
 * a command asks for. `-- --without 5` takes five grants away instead, chosen by chance, one run each: in each a test
 * must fail of a denial.
 */
import { spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plural } from '../lambdas/domain/core/text/plural.ts'
import { recordVariable, withoutVariable } from '../test/support/rights/enforce.ts'
import { mutantsOf } from '../test/support/rights/mutants.ts'
import { filesOnStack, linesIn, writeRecord } from '../test/support/rights/record.ts'
import { sharedSettings } from '../test/support/shared-assembly.ts'
import { synthesise } from '../test/support/stack-here.ts'
import { optionsOf } from './usage.ts'

const values = optionsOf(
  'npm run rights\n  --without N   takes N grants away in place of keeping what was used, one run each',
  {
    without: { type: 'string' },
  },
)
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const files = await filesOnStack()
const folder = await mkdtemp(join(tmpdir(), 'vigie-rights-'))
const vitest = (
  env: Readonly<Record<string, string>>,
  words: readonly string[],
  stdio: 'inherit' | 'ignore',
): boolean => spawnSync('vitest', ['run', ...words, ...files], { env: { ...process.env, ...env }, stdio }).status === 0

/**
 * How many tests fail without a grant because something was denied: another failure, of a busy machine, notices
 * nothing.
 */
const deniedWithout = async (without: string): Promise<number> => {
  const results = join(folder, 'results.json')
  vitest({ [withoutVariable]: without }, ['--reporter=json', `--outputFile=${results}`], 'ignore')
  const { testResults } = JSON.parse(await readFile(results, 'utf8')) as {
    readonly testResults: readonly {
      readonly message: string
      readonly assertionResults: readonly { readonly failureMessages?: readonly string[] }[]
    }[]
  }
  const failures = testResults.flatMap(({ message, assertionResults }) => [
    message,
    ...assertionResults.flatMap(({ failureMessages }) => failureMessages?.join('\n') ?? []),
  ])
  return failures.filter((failure) => / may not [a-z0-9]+:|not authorized|AccessDenied/.test(failure)).length
}

if (values.without === undefined) {
  const recorded = join(folder, 'recorded.ndjson')
  if (vitest({ [recordVariable]: recorded }, [], 'inherit')) {
    print(
      `${await writeRecord(await linesIn(recorded))} rights were used: see git diff test/support/rights/record.ndjson`,
    )
  } else process.exitCode = 1
} else {
  const { template } = await synthesise(join(folder, 'out'), sharedSettings, { bundled: false })
  // What AWS asks for itself, no run sees.
  const ours = mutantsOf(template.Resources).filter(({ without }) => /^(?!\w*(Queue|Topic)Policy)/.test(without))
  for (let left = Number(values.without); left > 0; left -= 1) {
    const { without = '' } = ours[Math.floor(Math.random() * ours.length)] ?? {}
    const denied = await deniedWithout(without)
    print(`${denied > 0 ? `noticed by ${plural(denied, 'test')}` : 'NOT NOTICED'}: without ${without}`)
    if (denied === 0) process.exitCode = 1
  }
}
await rm(folder, { recursive: true, force: true })
