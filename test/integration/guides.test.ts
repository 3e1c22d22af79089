/**
 * Every command that a paper names is one that there is, with options that it takes. Those of some papers run as well:
 * see their own tests.
 */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { vigieCommand } from '../../bin/cli/program.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { commandsIn, wordsOf } from '../support/guides.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const papers = [
  'README.md',
  ...readdirSync(`${root}docs`)
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
]
const commands = papers.flatMap((paper) =>
  ['npx vigie', 'vigie'].flatMap((beginning) =>
    commandsIn(readFileSync(`${root}${paper}`, 'utf8'), beginning).map((line) => [paper, line] as const),
  ),
)

class Understood extends Error {}

/** Which command its words would call; nothing is done. */
const understood = async (line: string): Promise<string> => {
  let called = ''
  const quiet = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    command.commands.forEach(quiet)
  }
  const vigie = vigieCommand()
  quiet(vigie)
  vigie.hook('preAction', (_, command) => {
    called = command.name()
    throw new Understood()
  })
  const [plain = ''] = line.split(' > ')
  await vigie.parseAsync(wordsOf(plain), { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof Understood)) throw error
  })
  return called
}

test('papers name many commands', () => {
  expect(commands.length).toBeGreaterThan(50)
})

test.each(commands)('%s: %s', async (_, line) => {
  expect(await understood(line)).not.toBe('')
})

test('every script of npm that a paper names is there', () => {
  for (const paper of [...papers, 'CONTRIBUTING.md']) {
    const named = [...readFileSync(`${root}${paper}`, 'utf8').matchAll(/npm run (?:-s )?([\w:]+)/g)].map(
      ([, name = '']) => name,
    )
    expect([paper, named.filter((name) => !Object.hasOwn(packageJson.scripts, name))]).toEqual([paper, []])
  }
})

test('what is no command is found', async () => {
  await expect(understood('archive verfy')).rejects.toThrow('unknown command')
  await expect(understood('report NC 2024-W20 --captain AMBER')).rejects.toThrow('unknown option')
  await expect(understood('report NC')).rejects.toThrow('missing required argument')
})

test('troubleshooting.md quotes messages that the code has', () => {
  const sources = globSync('{bin/**/*.ts,lambdas/**/*.ts,templates/messages/faults.en.json}', { cwd: root }).map(
    (file) => readFileSync(`${root}${file}`, 'utf8'),
  )
  const rows = readFileSync(`${root}docs/troubleshooting.md`, 'utf8').matchAll(/^\| (`[^|]*)\|/gm)
  const quoted = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words))
  expect(quoted.length).toBeGreaterThan(20)
  expect(quoted.filter((words) => !sources.some((source) => source.includes(words)))).toEqual([])
})
