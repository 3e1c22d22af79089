/** Commands in the docs exist and take the options shown. */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { vigieCommand } from '../../bin/cli/program.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { commandsIn, wordsOf } from '../support/guides.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const textOf = (file: string): string => readFileSync(`${root}${file}`, 'utf8')
const pages = [
  'README.md',
  ...readdirSync(`${root}docs`).flatMap((file) => (file.endsWith('.md') ? `docs/${file}` : [])),
]
const commands = pages.flatMap((page) =>
  ['npx vigie', 'vigie'].flatMap((beginning) =>
    commandsIn(textOf(page), beginning).map((line) => [page, line] as const),
  ),
)

class Parsed extends Error {}

/** Names the command that a line calls, without running it. */
const calledBy = async (line: string): Promise<string> => {
  let called = ''
  const silence = (command: Command): void => {
    command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} })
    command.commands.forEach(silence)
  }
  const vigie = vigieCommand()
  silence(vigie)
  vigie.hook('preAction', (_, command) => {
    called = command.name()
    throw new Parsed()
  })
  const [withoutRedirect = ''] = line.split(' > ')
  await vigie.parseAsync(wordsOf(withoutRedirect), { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof Parsed)) throw error
  })
  return called
}

test.each(commands)('%s: %s', async (_, line) => {
  expect(await calledBy(line)).not.toBe('')
})

test('a wrong command in a page is found', async () => {
  expect(commands.length).toBeGreaterThan(50)
  await expect(calledBy('archive verfy')).rejects.toThrow('unknown command')
  await expect(calledBy('report NC 2024-W20 --captain AMBER')).rejects.toThrow('unknown option')
  await expect(calledBy('report NC')).rejects.toThrow('missing required argument')
})

test('every npm script in a page exists', () => {
  for (const page of [...pages, 'CONTRIBUTING.md']) {
    const named = [...textOf(page).matchAll(/npm run (?:-s )?([\w:]+)/g)].map(([, name = '']) => name)
    expect([page, named.filter((name) => !Object.hasOwn(packageJson.scripts, name))]).toEqual([page, []])
  }
})

test('troubleshooting.md quotes messages of the code', () => {
  const sources = globSync('{bin/**/*.ts,lambdas/**/*.ts,templates/messages/faults.en.json}', { cwd: root }).map(textOf)
  const rows = textOf('docs/troubleshooting.md').matchAll(/^\| (`[^|]*)\|/gm)
  const quoted = [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, words = '']) => words))
  expect(quoted.length).toBeGreaterThan(20)
  expect(quoted.filter((words) => !sources.some((source) => source.includes(words)))).toEqual([])
})
