/** docs/intake.md: every example is a file, and every command that takes one in does so. */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { marked } from 'marked'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseAliases } from '../../lambdas/domain/detection/names/aliases.ts'
import { parseRules } from '../../lambdas/domain/detection/names/territory-rules.ts'
import { fileFormats } from '../../lambdas/intake/file-formats.ts'
import { type IngestJson, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { wordsOf } from '../support/guides.ts'

type Example = { readonly file: string; readonly text: string }

const text = await readFile(new URL('../../docs/intake.md', import.meta.url), 'utf8')
const blocks = marked.lexer(text).flatMap((token) => (token.type === 'code' ? [token] : []))
const examples: readonly Example[] = blocks.flatMap(({ lang = '', text }) => {
  const [, file] = String(lang).split(' ')
  return file === undefined ? [] : [{ file, text: `${text}\n` }]
})
const commands = blocks
  .filter(({ lang }) => lang === 'sh')
  .flatMap(({ text }) => String(text).split('\n'))
  .filter((line) => line.startsWith('vigie ingest '))

/** Without the program's name. */
const argumentsOf = (line: string): readonly string[] => wordsOf(line).slice(1)

describe('the examples of docs/intake.md', () => {
  let folder: string
  let cleanUp: () => Promise<void>

  beforeAll(async () => {
    const made = await newFolder()
    folder = join(made.folder, 'examples')
    cleanUp = made.remove
    await mkdir(folder)
    for (const { file, text } of examples) await writeFile(join(folder, file), text)
  })
  afterAll(() => cleanUp())

  it('are whole files, each named once and each taken in by a command', () => {
    const names = examples.map(({ file }) => file)
    expect(new Set(names).size).toBe(names.length)
    const used = commands.flatMap(argumentsOf)
    const beside = ['rules.json', 'aliases.json']
    expect(names.filter((name) => !used.includes(name)).sort()).toEqual(beside.sort())
    const formats = text.match(/(?<=^\| \[).*?(?=\]\(#)/gm)?.flatMap((cell) => cell.match(/\w+/g) ?? [])
    expect(formats?.sort()).toEqual([...fileFormats].sort())
  })

  it.each(commands)('%s', async (line) => {
    const home = join(folder, `home-${commands.indexOf(line)}`)
    const command = [...argumentsOf(line), '--home', home]
    const tally = await vigieJson<IngestJson & { readonly runs: number }>(command, { cwd: folder })
    expect(tally).toMatchObject({ rejects: [], failed: [], unplaced: 0 })
    expect(tally.read).toBeGreaterThan(0)
    expect(tally.accepted + tally.runs).toBe(tally.read)
  })

  it('are of the formats that the command line offers', async () => {
    const { stdout } = await vigie(['ingest', '--help'])
    const offered = /\(choices:(.*?),\s+default:/s.exec(stdout)?.[1]?.match(/\w+/g)
    expect(offered?.sort()).toEqual(['auto', ...fileFormats].sort())
  })

  it('of rules and aliases are what the program reads', () => {
    const parsed = (file: string): unknown => JSON.parse(examples.find((one) => one.file === file)?.text ?? '')
    expect(parseRules(parsed('rules.json'), 'rules.json').rules).toHaveLength(2)
    expect(Object.keys(parseAliases(parsed('aliases.json'), 'aliases.json'))).toContain('campaigns')
  })
})
