import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const tools = fileURLToPath(new URL('../../tools', import.meta.url))
const run = (tool: string, ...words: readonly string[]) =>
  spawnSync(process.execPath, [join(tools, `${tool}.ts`), ...words], { encoding: 'utf8' })

test.each([
  ['faults', '--soak SECONDS'],
  ['record-rights', '--without N'],
  ['mutants', '--only ID'],
])('%s --help prints its usage, and nothing else', (tool, option) => {
  expect(run(tool, '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining(option), stderr: '' })
})

test.each<[string, readonly string[], string]>([
  ['mutants', ['--only', 'no such mutant'], 'error: --only: no mutant and no area is called "no such mutant"'],
  ['faults', ['--lists'], "Unknown option '--lists'"],
  ['faults', ['--only', 'no such row'], 'error: --only: no row has "no such row"'],
  ['faults', ['--soak', 'long'], 'error: --soak: long is no whole number'],
])('%s %j is wrong usage, without a stack trace', (tool, words, message) => {
  const ran = run(tool, ...words)
  expect(ran).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining(message) })
  expect(ran.stderr).not.toMatch(/^\s+at /m)
})
