/** What a shell completes: each command, subcommand and option that the help shows, in bash as it runs. */
import { execFileSync, spawnSync } from 'node:child_process'
import type { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { completionScript } from '../../../bin/cli/completion.ts'
import { vigieCommand } from '../../../bin/cli/program.ts'

const has = (shell: string): boolean => spawnSync(shell, ['-c', 'exit 0']).status === 0

/** Asks bash for what may follow words, for several lines at once. */
const completedIn = (lines: readonly (readonly string[])[]): readonly string[][] => {
  const asked = lines.map(
    (words) =>
      `COMP_WORDS=(vigie ${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _vigie; echo "\${COMPREPLY[*]}"`,
  )
  const script = `${completionScript('bash', vigieCommand())}\n${asked.join('\n')}`
  const lined = execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trimEnd().split('\n')
  return lined.map((line) => line.split(' ').filter(Boolean))
}

const leaves = (command: Command, path: readonly string[] = []): readonly (readonly string[])[] =>
  command.commands.flatMap((one) => {
    const here = [...path, one.name()]
    return one.commands.length > 0 ? leaves(one, here) : [here]
  })

describe.skipIf(!has('bash'))('bash (skipped where there is none)', () => {
  test('completes commands, subcommands and options, wherever the common options stand', () => {
    const [first, archive, version, cap, list, file] = completedIn([
      ['arch'],
      ['archive', ''],
      ['archive', 'ver'],
      ['report', 'NC', '2024-W20', '--c'],
      ['--home', '/tmp/x', 'archive', 'li'],
      ['ingest', 'undo', 'some.csv'],
    ])
    expect(first).toEqual(['archive'])
    expect(archive).toEqual(expect.arrayContaining(['list', 'recall', 'verify', 'copy', '--home', '--help']))
    expect(archive).not.toContain('help')
    expect([version, cap, list]).toEqual([['verify'], ['--cap'], ['list']])
    // No word of ours begins so: the shell offers files.
    expect(file ?? []).toEqual([])
  })

  test('reaches every command', () => {
    const paths = leaves(vigieCommand())
    const found = completedIn(paths)
    for (const [at, path] of paths.entries()) expect(found[at], path.join(' ')).toContain(path.at(-1))
  })
})

test.each(['zsh', 'fish'] as const)('%s takes its script, where there is one', (shell) => {
  const script = completionScript(shell, vigieCommand())
  expect(script).toContain('vigie')
  if (!has(shell)) return
  const read = spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' })
  expect([read.status, read.stderr]).toEqual([0, ''])
})
