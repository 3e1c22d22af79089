/**
 * Renews test/golden/demo-archive.txt, and shows file by file which text of the demo's archive changed since the last
 * commit: `npm run demo:list`.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { demoList, demoListFile } from '../test/support/demo-archive.ts'
import { pageText } from '../test/support/page-text.ts'

const root = join(import.meta.dirname, '..')
const work = mkdtempSync(join(tmpdir(), 'vigie-demo-'))

const run = (command: string, args: readonly string[], cwd = root): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 1e9 })
  // git diff ends with 1 where there is a difference.
  if (status !== 0 && !(args[0] === 'diff' && status === 1)) {
    throw new Error(`${command} ${args.join(' ')} failed: ${stderr}`)
  }
  return stdout
}

const demoOf = async (code: string, name: string) => {
  const home = join(work, name)
  run(process.execPath, [join(code, 'bin/vigie.ts'), 'demo', '--home', home], code)
  return { home, list: await demoList(home) }
}

const textOf = (path: string, bytes: Buffer): string => {
  if (path.endsWith('.html')) return pageText(bytes.toString('utf8'))
  if (path.endsWith('.json')) return `${JSON.stringify(JSON.parse(bytes.toString('utf8')), null, 1)}\n`
  return path.endsWith('.pdf') ? `${bytes.length} bytes\n` : bytes.toString('utf8')
}

/** Writes the texts of the files that only one of the lists has, for git diff. */
const writeTexts = (home: string, paths: readonly string[], side: string): void => {
  for (const path of paths) {
    const file = join(work, side, path)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, textOf(path, readFileSync(join(home, 'archive', path))))
  }
}

const changedIn = (list: readonly string[], other: readonly string[]): readonly string[] => {
  const known = new Set(other)
  return list.filter((line) => !known.has(line)).map((line) => line.slice(line.indexOf(' ') + 1))
}

try {
  const now = await demoOf(root, 'now-home')
  const committed = join(work, 'committed')
  run('git', ['worktree', 'add', '--detach', committed, 'HEAD'])
  try {
    symlinkSync(join(root, 'node_modules'), join(committed, 'node_modules'))
    const before = await demoOf(committed, 'before-home')
    for (const side of ['before', 'now']) mkdirSync(join(work, side))
    writeTexts(before.home, changedIn(before.list, now.list), 'before')
    writeTexts(now.home, changedIn(now.list, before.list), 'now')
    const difference = run('git', ['diff', '--no-index', '--no-color', '-U0', 'before', 'now'], work)
    process.stdout.write(difference === '' ? 'the demo archives the same files as at the last commit\n' : difference)
  } finally {
    run('git', ['worktree', 'remove', '--force', committed])
  }
  writeFileSync(demoListFile, `${now.list.join('\n')}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
