/**
 * Analysts' notes, most by the command line on a home that this process has open: they open the next report, and stand
 * in no edition that may not show them.
 */
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
    expect(await shown(green, 'en')).toMatch(
      /B\. Lo Head .* approves this report written in French TLP:GREEN Rien à ajouter\./,
    )
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

describe('the parts of a judgement', () => {
  const parts = [
    ...['--likelihood', 'very likely', '--of', 'Zaphod is one group', '--confidence', 'low'],
    ...['--unknown', 'who Zaphod pays', '--watch', 'Zaphod in the press', '--watch', 'a second Zaphod page'],
    ...['--recommend', 'warn editors of Zaphod', '--avoid', 'sharing Zaphod', '--ended', 'Zaphod'],
  ]

  it('stand signed on the page, in both languages, and in no edition below their marking', async () => {
    const green = await report('TLP:GREEN')
    // What has ended was there: of another place, and of years ago.
    const old = { observed: { from: '2020-01-01' }, marking: 'TLP:RED', territories: ['MQ'] } as const
    await ingestInto(opened, [input({ id: 'old', campaign: 'Zaphod', ...old, territories: [...old.territories] })])
    expect(await add('--lang', 'en', ...parts)).toMatchObject({ code: 0 })
    const made = await report()
    const [en, fr] = [await shown(made, 'en'), await shown(made, 'fr')]
    for (const said of ['Zaphod is one group very likely (80–95%)', 'Analytic confidence low', 'who Zaphod pays'])
      expect(en).toContain(said)
    for (const said of ['très probable', 'Confiance dans l’analyse faible', 'Recommandé warn editors of Zaphod'])
      expect(fr).toContain(said)
    expect(en).toMatch(/To watch by Ana Tehei, Duty analyst \(TLP:AMBER\) Zaphod in the press a second Zaphod page/)
    const below = await report('TLP:GREEN')
    expect(below).toMatchObject({ version: green.version, isNew: false })
    expect(await everything(below)).not.toContain('Zaphod')
  })

  it('are listed in a few words', async () => {
    const { stdout } = await vigie(['note', 'list', 'NC', '2024-W20', '--home', home])
    expect(stdout).toMatch(
      /very likely: Zaphod is one group; 1 unknown; 2 watch; 1 recommended; 1 avoid; ended: Zaphod/,
    )
  })

  it('are wrong usage where a likelihood is of nothing, or nothing is said', async () => {
    for (const wrong of [
      ['--likelihood', 'likely'],
      ['--of', 'x', '--watch', 'y'],
      ['--likelihood', 'maybe', '--of', 'x'],
      [],
    ])
      expect((await add('--lang', 'en', ...wrong)).code).toBe(2)
    expect((await add('--lang', 'en', '--watch', 'x', '--confidence', 'high')).code).toBe(1)
  })
})

describe('what a person says has ended', () => {
  const of = (id: string, from: string) =>
    input({ id, campaign: 'Pelican', observed: { from }, marking: 'TLP:GREEN', territories: ['MQ'] })
  const since = async (period: string) => {
    const { files } = await reportFrom(opened, 'MQ', period, { cap: 'TLP:AMBER' })
    return JSON.parse(await readFile(files.find(({ name }) => name === 'report.json')?.path ?? '', 'utf8')).since
  }

  it('stands without a question mark in that report, and is told no more in the next, until it is seen again', async () => {
    await ingestInto(opened, [of('p-1', '2024-05-08')])
    expect(await since('2024-W20')).toMatchObject({ ended: { count: 0 }, silent: 1 })
    const ends = ['--author', 'A', '--role', 'r', '--lang', 'fr', '--marking', 'GREEN', '--ended', 'pelican']
    expect((await vigie(['note', 'add', 'MQ', '2024-W20', ...ends, '--home', home])).code).toBe(0)
    // A note cannot be edited: what it says has ended was there, and is not any more.
    const active = await vigie(['note', 'add', 'MQ', '2024-W19', ...ends, '--home', home])
    expect([active.code, active.stderr]).toEqual([1, expect.stringContaining('pelican is seen in 2024-W19')])
    const misspelt = await vigie(['note', 'add', 'MQ', '2024-W20', ...ends, '--ended', 'Pelikan', '--home', home])
    expect([misspelt.code, misspelt.stderr]).toEqual([1, expect.stringContaining('of a campaign "Pelikan"')])
    expect(await vigieJson<readonly Note[]>(['note', 'list', 'MQ', '2024-W19', '--home', home])).toEqual([])
    expect(await since('2024-W20')).toMatchObject({
      ended: { listed: [{ campaign: 'Pelican', signed: true }] },
      silent: 0,
    })
    expect(await since('2024-W21')).toMatchObject({ ended: { count: 0 }, silent: 0 })
    await ingestInto(opened, [of('p-2', '2024-05-22')])
    expect(await since('2024-W21')).toMatchObject({ goesOn: { listed: [{ campaign: 'Pelican', last: '2024-W19' }] } })
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
