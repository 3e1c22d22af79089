/** docs/data.md: every example is a file, and every command that ingests it works. */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { marked } from 'marked'
import { beforeAll, describe, expect, it } from 'vitest'
import { parseAliases } from '../../lambdas/domain/detection/names/aliases.ts'
import { parseRules } from '../../lambdas/domain/detection/names/territory-rules.ts'
import { fileFormats } from '../../lambdas/intake/file-formats.ts'
import { type IngestJson, newFolder, vigieJson } from '../support/cli.ts'
import { commandsIn, guide, wordsOf } from '../support/guides.ts'

type Example = { readonly file: string; readonly text: string }

const text = await guide('data')
const blocks = marked.lexer(text).flatMap((token) => (token.type === 'code' ? [token] : []))
const examples: readonly Example[] = blocks.flatMap(({ lang = '', text }) => {
  const [, file] = String(lang).split(' ')
  return file === undefined ? [] : [{ file, text: `${text}\n` }]
})
const commands = commandsIn(text, 'npx vigie').filter(
  (line) => line.startsWith('ingest ') && wordsOf(line).some((word) => examples.some(({ file }) => file === word)),
)

describe('the examples of docs/data.md', () => {
  let folder: string

  beforeAll(async () => {
    const made = await newFolder()
    folder = join(made.folder, 'examples')
    await mkdir(folder)
    for (const { file, text } of examples) await writeFile(join(folder, file), text)
    return made.remove
  })
  it('are complete files, each named once and each ingested by a command', () => {
    const names = examples.map(({ file }) => file)
    expect(new Set(names).size).toBe(names.length)
    const used = commands.flatMap(wordsOf)
    const others = ['rules.json', 'aliases.json']
    expect(names.filter((name) => !used.includes(name)).sort()).toEqual(others.sort())
    const formats = text.match(/(?<=^\| \[).*?(?=\]\(#)/gm)?.flatMap((cell) => cell.match(/\w+/g) ?? [])
    expect(formats?.sort()).toEqual([...fileFormats].sort())
  })

  it.each(commands)('%s', async (line) => {
    const home = join(folder, `home-${commands.indexOf(line)}`)
    const command = [...wordsOf(line), '--home', home]
    const tally = await vigieJson<IngestJson & { readonly runs: number }>(command, { cwd: folder })
    expect(tally).toMatchObject({ rejects: [], failed: [], unplaced: 0 })
    expect(tally.read).toBeGreaterThan(0)
    expect(tally.accepted + tally.runs).toBe(tally.read)
  })

  it('of rules and aliases are what the program reads', () => {
    const parsed = (file: string): unknown => JSON.parse(examples.find((one) => one.file === file)?.text ?? '')
    expect(parseRules(parsed('rules.json'), 'rules.json').rules).toHaveLength(2)
    expect(Object.keys(parseAliases(parsed('aliases.json'), 'aliases.json'))).toContain('campaigns')
  })
})
