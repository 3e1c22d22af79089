/** Analysts' notes, most by the command line on a home that this process has open: they open the next report, and stand in no edition that may not show them. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import type { Note } from '../../lambdas/domain/report/note.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { jsonOf, newFolder, type ReportJson, vigie, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { pdfText } from '../support/pdf-text.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let folder: string
let home: string
let opened: Opened
let cleanUp: () => Promise<void>

const text = `# Zephyrine

The burst **did not** find readers: see [their page](https://hostile.example/x) <script>alert(1)</script>.

- first point
- second point`

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  cleanUp = async () => {
    await opened.close()
    await made.remove()
  }
  await writeFile(join(folder, 'note.md'), text)
  await writeFile(join(folder, 'empty.md'), ' \n')
  await ingestInto(opened, [
    input({ id: 'n-1', marking: 'TLP:GREEN', detector: { name: 'D3lta', marking: 'TLP:GREEN' } }),
  ])
})

afterAll(() => cleanUp())

const report = (cap: Marking = 'TLP:AMBER') => reportFrom(opened, 'NC', '2024-W20', { cap })

const add = (...more: readonly string[]) =>
  vigie(['note', 'add', 'NC', '2024-W20', '--author', 'Ana Tehei', '--role', 'Duty analyst', ...more, '--home', home])

const list = () => opened.services.notes.about('NC', '2024-W20')

const read = async ({ files }: ReportJson, name: string): Promise<string> =>
  readFile(files.find((file) => file.name === name)?.path ?? name, 'utf8')

const shown = async (made: ReportJson, lang: 'fr' | 'en'): Promise<string> =>
  shownText(await read(made, `report.${lang}.html`))
    .join(' ')
    .replace(/\s+/g, ' ')

/** Everything in a report's files that a reader or a machine could find. */
const everything = async ({ files }: ReportJson): Promise<string> => {
  const texts = await Promise.all(
    files.map(async ({ name, path }) => {
      const bytes = await readFile(path)
      return [name, bytes.toString(), ...(name.endsWith('.pdf') ? await pdfText(bytes) : [])]
    }),
  )
  return texts.flat().join('\n')
}

describe('a note', () => {
  let before: ReportJson
  let after: ReportJson

  beforeAll(async () => {
    before = await report()
    const added = await add('--lang', 'en', '--file', join(folder, 'note.md'))
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('NC 2024-W20') })
    after = await report()
  })

  it('makes the next version, whose marking it raises and which says why', async () => {
    expect(before).toMatchObject({ version: 1, marking: 'TLP:GREEN' })
    expect(after).toMatchObject({ version: 2, isNew: true, marking: 'TLP:AMBER', totals: before.totals })
    const { changes } = JSON.parse(await read(after, 'report.json')) as Report
    expect(changes).toMatchObject({ reasons: ['note'], figures: [], added: [], revised: [], removed: [] })
    expect(await report()).toMatchObject({ version: 2, isNew: false })
  })

  it.each([
    ['fr', 'Note de l’analyste', 'L’essentiel'],
    ['en', 'Analyst’s note', 'Key points'],
  ] as const)('opens the report, signed, as safe Markdown with its link defanged (%s)', async (lang, label, next) => {
    const words = await shown(after, lang)
    const opening = words.slice(words.lastIndexOf(label, words.indexOf('Zephyrine')), words.indexOf(next))
    for (const part of [
      'Ana Tehei',
      'Duty analyst',
      'TLP:AMBER',
      'Zephyrine',
      'did not',
      'first point',
      'second point',
    ])
      expect(opening).toContain(part)
    expect(opening).toContain('their page ([https]://hostile[.]example/x)')
    const html = await read(after, `report.${lang}.html`)
    expect(html).not.toContain('<script')
    expect(html).toContain('alert(1)')
    expect(html).not.toContain('https://hostile.example')
    expect(html).toMatch(/<ul>\s*<li[^>]*>first point/)
  })

  it('leaves no trace in an edition below its marking', async () => {
    const green = await vigieJson<ReportJson>(['report', 'NC', '2024-W20', '--cap', 'GREEN', '--home', home])
    expect(green).toMatchObject({ version: 1, marking: 'TLP:GREEN' })
    const all = await everything(green)
    for (const word of ['Zephyrine', 'Ana Tehei', 'Duty analyst', 'first point', 'hostile'])
      expect(all).not.toContain(word)
  })

  it('may approve, from standard input, and stands where its marking lets it', async () => {
    const ran = await vigie(
      [
        'note',
        'add',
        'NC',
        '2024-W20',
        '--author',
        'B. Lo',
        '--role',
        'Head',
        '--lang',
        'fr',
        '--marking',
        'GREEN',
      ].concat(['--file', '-', '--approve', '--home', home, '--json']),
      { stdin: 'Rien à ajouter.' },
    )
    expect(jsonOf(ran)).toMatchObject({ author: 'B. Lo', approves: true, marking: 'TLP:GREEN', language: 'fr' })
    const green = await report('TLP:GREEN')
    expect(green.version).toBe(2)
    expect(await shown(green, 'en')).toMatch(/B\. Lo Head .* approves this report TLP:GREEN Rien à ajouter\./)
  })

  it('is listed, the oldest first, for its own period only', async () => {
    const listed = await vigieJson<readonly Note[]>(['note', 'list', 'NC', '2024-W20', '--home', home])
    expect(listed.map(({ author, marking, approves }) => [author, marking, approves])).toEqual([
      ['Ana Tehei', 'TLP:AMBER', false],
      ['B. Lo', 'TLP:GREEN', true],
    ])
    const plain = await vigie(['note', 'list', 'NC', '2024-W20', '--home', home])
    expect(plain.stdout).toMatch(/Ana Tehei, Duty analyst +TLP:AMBER *\n.*B\. Lo, Head +TLP:GREEN +approves/)
    expect((await vigie(['note', 'list', 'NC', '2024-W21', '--home', home])).stdout).toBe('none\n')
  })
})

describe('a note that cannot be', () => {
  it('ends with 2 for wrong words, with 1 for a file that is missing or empty, and is not kept', async () => {
    const file = join(folder, 'note.md')
    const kept = (await list()).length
    const wrong: readonly (readonly string[])[] = [
      ['note', 'list', 'NC', 'soon'],
      ['note', 'add', 'NC', '2024-W20', '--role', 'r', '--lang', 'fr', '--file', file],
      ['note', 'add', 'NC', '2024-W20', '--author', 'a', '--role', 'r', '--lang', 'fr'],
      ['note', 'add', 'NC', '2024-W20', '--author', 'a', '--role', 'r', '--lang', 'de', '--file', file],
      ['note', 'add', 'ZZ', '2024-W20', '--author', 'a', '--role', 'r', '--lang', 'fr', '--file', file],
      ['note', 'add', 'NC', '2024-W54', '--author', 'a', '--role', 'r', '--lang', 'fr', '--file', file],
    ]
    const codes = await Promise.all(wrong.map(async (args) => (await vigie([...args, '--home', home, '--json'])).code))
    expect(codes).toEqual(wrong.map(() => 2))
    expect((await add('--lang', 'fr', '--file', file, '--marking', 'PINK')).code).toBe(2)
    for (const name of ['missing.md', 'empty.md']) {
      const ran = await add('--lang', 'fr', '--file', join(folder, name), '--json')
      expect(ran.code).toBe(1)
      expect(jsonOf<{ error: { message: string } }>(ran).error.message).toMatch(/missing\.md|must not be empty/)
    }
    expect(await list()).toHaveLength(kept)
  })
})
