/** Analysts' notes: they make the next version, and appear in no edition below their marking. */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import type { Report } from '../../lambdas/domain/page/page.ts'
import type { Note } from '../../lambdas/domain/report/note.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { newFolder, type ReportJson, vigie, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { pdfText } from '../support/pdf-text.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let folder: string
let opened: Opened
let cleanUp: () => Promise<void>

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  opened = await openServices(folder, 'now')
  cleanUp = async () => {
    await opened.close()
    await made.remove()
  }
  await writeFile(
    join(folder, 'note.md'),
    '# Zephyrine\n\nThe burst **did not** find readers: https://hostile.example/x',
  )
  await writeFile(join(folder, 'empty.md'), ' \n')
  await ingestInto(opened, [
    input({ id: 'n-1', marking: 'TLP:GREEN', detector: { name: 'D3lta', marking: 'TLP:GREEN' } }),
    // Its campaign has ended: it was in another territory, years ago.
    input({ id: 'old', campaign: 'Zaphod', observed: { from: '2020-01-01' }, marking: 'TLP:RED', territories: ['MQ'] }),
  ])
})
afterAll(() => cleanUp())

const report = (cap: Marking = 'TLP:AMBER') => reportFrom(opened, 'NC', '2024-W20', { cap })
const noteOn = (territory: string, period: string, ...more: readonly string[]) => [
  ...['note', 'add', territory, period, '--author', 'Ana Tehei', '--role', 'Duty analyst', '--lang', 'en'],
  ...[...more, '--home', folder],
]
const add = (...more: readonly string[]) => vigie(noteOn('NC', '2024-W20', ...more))
const list = (period = '2024-W20') => opened.services.notes.about('NC', period)

const factsOf = async ({ files }: ReportJson): Promise<Report> =>
  JSON.parse(await readFile(files.find(({ name }) => name === 'report.json')?.path ?? '', 'utf8'))

const shown = async ({ files }: ReportJson, language: 'fr' | 'en'): Promise<string> => {
  const html = await readFile(files.find(({ name }) => name === `report.${language}.html`)?.path ?? '', 'utf8')
  return shownText(html).join(' ').replace(/\s+/g, ' ')
}

/** All text that a reader or a program could find in the files of a report. */
const everything = async ({ files }: ReportJson): Promise<string> => {
  const texts = await Promise.all(
    files.map(async ({ name, path }) => {
      const bytes = await readFile(path)
      return [name, bytes.toString(), ...(name.endsWith('.pdf') ? await pdfText(bytes) : [])]
    }),
  )
  return texts.flat().join('\n')
}

it('makes the next version, raises its marking, and opens the report', async () => {
  const before = await report()
  expect(before).toMatchObject({ version: 1, marking: 'TLP:GREEN' })
  expect(await add('--file', join(folder, 'note.md'))).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('NC 2024-W20'),
  })
  const after = await report()
  expect(after).toMatchObject({ version: 2, isNew: true, marking: 'TLP:AMBER', totals: before.totals })
  const { changes } = await factsOf(after)
  expect(changes).toMatchObject({ reasons: ['note'], figures: [], added: [], revised: [], removed: [] })
  expect(await shown(after, 'fr')).toMatch(
    /Note de l’analyste Ana Tehei .*Duty analyst .*Zephyrine .*did not.* \[https\]:\/\/hostile\[\.\]example\/x.*Manœuvres/,
  )
  expect(await report()).toMatchObject({ version: 2, isNew: false })
})

it('has parts that are signed on the page, in the language of the page', async () => {
  const parts = [
    ...['--likelihood', 'very likely', '--of', 'Zaphod is one group', '--confidence', 'low'],
    ...['--unknown', 'who Zaphod pays', '--watch', 'Zaphod in the press', '--watch', 'a second Zaphod page'],
    ...['--recommend', 'warn editors of Zaphod', '--avoid', 'sharing Zaphod', '--ended', 'Zaphod'],
  ]
  expect(await add(...parts)).toMatchObject({ code: 0 })
  const made = await report()
  const [en, fr] = [await shown(made, 'en'), await shown(made, 'fr')]
  for (const part of ['Zaphod is one group very likely (80–95%)', 'Analytic confidence low', 'who Zaphod pays'])
    expect(en).toContain(part)
  for (const part of ['très probable', 'Confiance dans l’analyse faible', 'Recommandé warn editors of Zaphod'])
    expect(fr).toContain(part)
  expect(en).toMatch(/To watch by Ana Tehei, Duty analyst \(TLP:AMBER\) Zaphod in the press a second Zaphod page/)
})

it('leaves no trace in an edition below its marking, and makes no version of it', async () => {
  const green = await report('TLP:GREEN')
  expect(green).toMatchObject({ version: 1, marking: 'TLP:GREEN' })
  expect(await everything(green)).not.toMatch(/Zephyrine|Zaphod|Ana Tehei|Duty analyst|hostile/)
  await add('--watch', 'a third Zaphod page')
  expect(await report('TLP:GREEN')).toMatchObject({ version: 1, isNew: false })
})

it('may approve, from standard input, and shows where its marking allows', async () => {
  const words = ['note', 'add', 'NC', '2024-W20', '--author', 'B. Lo', '--role', 'Head', '--lang', 'fr']
  const more = ['--marking', 'GREEN', '--file', '-', '--approve', '--home', folder]
  const added = await vigieJson([...words, ...more], { stdin: 'Rien à ajouter.' })
  expect(added).toMatchObject({ author: 'B. Lo', approves: true, marking: 'TLP:GREEN', language: 'fr' })
  const green = await report('TLP:GREEN')
  expect(green.version).toBe(2)
  expect(await shown(green, 'en')).toMatch(
    /B\. Lo Head .* approves this report written in French TLP:GREEN Rien à ajouter\./,
  )
})

it('is listed, the oldest first, for its own period only', async () => {
  const listed = async (period: string) => (await vigie(['note', 'list', 'NC', period, '--home', folder])).stdout
  const text = await listed('2024-W20')
  expect(text).toMatch(/Ana Tehei, Duty analyst +TLP:AMBER *\n(.*\n)*.*B\. Lo, Head +TLP:GREEN +approves/)
  expect(text).toMatch(/very likely: Zaphod is one group; 1 unknown; 2 watch; 1 recommended; 1 avoid; ended: Zaphod/)
  expect(await listed('2024-W21')).toBe('none\n')
})

it('states that a campaign has ended, until it is seen again', async () => {
  const seen = (id: string, from: string) =>
    input({ id, campaign: 'Pelican', observed: { from }, marking: 'TLP:GREEN', territories: ['MQ'] })
  const since = async (period: string) => (await factsOf(await reportFrom(opened, 'MQ', period))).since
  const end = (period: string, ...more: readonly string[]) =>
    vigie(noteOn('MQ', period, '--marking', 'GREEN', '--ended', 'pelican', ...more))
  await ingestInto(opened, [seen('p-1', '2024-05-08')])
  expect(await since('2024-W20')).toMatchObject({ ended: { count: 0 }, silent: 1 })
  // A note cannot be edited: what it states must fit the data.
  const active = await end('2024-W19')
  expect([active.code, active.stderr]).toEqual([1, expect.stringContaining('pelican is seen in 2024-W19')])
  const misspelt = await end('2024-W20', '--ended', 'Pelikan')
  expect([misspelt.code, misspelt.stderr]).toEqual([1, expect.stringContaining('of a campaign "Pelikan"')])
  expect(await vigieJson<readonly Note[]>(['note', 'list', 'MQ', '2024-W19', '--home', folder])).toEqual([])
  expect((await end('2024-W20')).code).toBe(0)
  const ended = { listed: [{ campaign: 'Pelican', signed: true }] }
  expect(await since('2024-W20')).toMatchObject({ ended, silent: 0 })
  expect(await since('2024-W21')).toMatchObject({ ended: { count: 0 }, silent: 0 })
  await ingestInto(opened, [seen('p-2', '2024-05-22')])
  expect(await since('2024-W21')).toMatchObject({ goesOn: { listed: [{ campaign: 'Pelican', last: '2024-W19' }] } })
})

it.each([
  [2, [], 'a note must not be empty'],
  [2, ['--likelihood', 'likely'], '--of'],
  [2, ['--likelihood', 'maybe', '--of', 'x'], '--likelihood'],
  [2, ['--file', 'note.md', '--marking', 'PINK'], 'PINK'],
  [1, ['--watch', 'x', '--confidence', 'high'], 'confidence in a judgement'],
  [1, ['--file', 'missing.md'], 'missing.md'],
  [1, ['--file', 'empty.md'], 'must not be empty'],
])('ends with %i for %j, and stores nothing', async (code, words, message) => {
  const kept = (await list()).length
  const args = words.map((word) => (word.endsWith('.md') ? join(folder, word) : word))
  expect(await add(...args)).toMatchObject({ code, stderr: expect.stringContaining(message) })
  expect(await list()).toHaveLength(kept)
})
