/**
 * Checks that the tests still notice faults: `npm run mutants`, before and after a large change. test/mutants.json
 * records the faults. Each is put into a copy of the work tree, and the tests that it names must fail of it.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { plural } from '../lambdas/domain/core/text/plural.ts'
import { optionsOf, wrongUsage } from './usage.ts'

type Mutant = {
  readonly id: string
  readonly area: string
  readonly file: string
  /** A text that occurs once in the file, and what replaces it. */
  readonly from: string
  readonly to: string
  /** The cheapest test files that fail of it. */
  readonly tests: readonly string[]
}

const values = optionsOf(
  `npm run mutants
  --only ID   one mutant, or those of an area
  --check     runs no test: only looks whether every mutant still fits the code`,
  {
    only: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
)
const print = (text: string): void => void process.stdout.write(`${text}\n`)

const root = join(import.meta.dirname, '..')
const all = JSON.parse(await readFile(join(root, 'test/mutants.json'), 'utf8')) as readonly Mutant[]
const { only } = values
const mutants = only === undefined ? all : all.filter(({ id, area }) => id === only || area === only)
if (mutants.length === 0) wrongUsage(`--only: no mutant and no area is called ${JSON.stringify(only)}`)

/** A test file that was moved would fail as if it had noticed the fault. */
const misfitsOf = ({ id, file, from, tests }: Mutant): readonly string[] => {
  const path = join(root, file)
  const times = existsSync(path) ? readFileSync(path, 'utf8').split(from).length - 1 : 0
  return [
    ...(times === 1 ? [] : [`${id}: its text occurs ${plural(times, 'time')} in ${file}, and must occur once`]),
    ...tests.filter((test) => !existsSync(join(root, test))).map((test) => `${id}: there is no ${test}`),
  ]
}

/** Also files that git does not know yet: a change under way has some. */
const copyWorkTree = async (folder: string): Promise<void> => {
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root })
  for (const file of files.toString().split('\0').filter(Boolean))
    if (existsSync(join(root, file))) await cp(join(root, file), join(folder, file))
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
}

/** The test files that fail. What vitest cannot start, such as a wrong option, notices nothing. */
const failing = async (folder: string, tests: readonly string[], ...words: readonly string[]) => {
  const results = join(folder, 'results.json')
  await rm(results, { force: true })
  const run = ['run', '--reporter=json', `--outputFile=${results}`, ...words, ...tests]
  if (spawnSync('vitest', run, { cwd: folder, stdio: 'ignore' }).status === 0) return []
  const { testResults } = JSON.parse(await readFile(results, 'utf8')) as {
    readonly testResults: readonly { readonly name: string; readonly status: string }[]
  }
  return testResults.filter(({ status }) => status === 'failed').map(({ name }) => name.slice(folder.length + 1))
}

const isKilled = async (folder: string, { file, from, to, tests }: Mutant): Promise<boolean> => {
  const path = join(folder, file)
  const text = await readFile(path, 'utf8')
  // As a function, since a replacement text takes $ for a pattern.
  const changed = text.replace(from, () => to)
  await writeFile(path, changed)
  const failed = await failing(folder, tests, '--bail=1')
  await writeFile(path, text)
  return failed.length > 0
}

const runIn = async (folder: string): Promise<void> => {
  await copyWorkTree(folder)
  const broken = await failing(folder, [...new Set(mutants.flatMap(({ tests }) => tests))])
  if (broken.length > 0) {
    print(`without any mutant these tests fail: ${broken.join(', ')}`)
    process.exitCode = 1
    return
  }
  const begun = performance.now()
  const secondsSince = (from: number): string => `${((performance.now() - from) / 1_000).toFixed(1)} s`
  let survivors = 0
  for (const mutant of mutants) {
    const from = performance.now()
    const killed = await isKilled(folder, mutant)
    if (!killed) survivors += 1
    print(`${killed ? 'killed  ' : 'SURVIVED'} ${mutant.area} ${mutant.id} (${secondsSince(from)})`)
  }
  print(`${plural(mutants.length, 'mutant')}, ${survivors} survived, in ${secondsSince(begun)}`)
  if (survivors > 0) process.exitCode = 1
}

const misfits = mutants.flatMap(misfitsOf)
for (const misfit of misfits) print(misfit)
if (misfits.length > 0) process.exitCode = 1
else if (values.check) print(`${plural(mutants.length, 'mutant')}, all fit the code`)
else {
  const folder = await mkdtemp(join(tmpdir(), 'vigie-mutants-'))
  await runIn(folder).finally(() => rm(folder, { recursive: true, force: true }))
}
