/** What a new analyst does with a spreadsheet by command: check, ingest, place, correct, undo. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, it } from 'vitest'
import type { CheckedRecord } from '../../lambdas/usecases/ingest/check-detections.ts'
import { newFolder, vigie, vigieJson } from '../support/cli.ts'
import { textRow, workbook } from '../support/xlsx.ts'

let folder: string
beforeEach(async () => {
  const made = await newFolder()
  folder = made.folder
  return made.remove
})

const homeFolder = () => join(folder, 'home')
const run = (...words: readonly string[]) => vigie([...words, '--home', homeFolder()])
const check = async (file: string) =>
  vigieJson<{ records: readonly CheckedRecord[]; spread: unknown }>(['ingest', '--check', file, '--home', homeFolder()])

const written = async (name: string, content: string | Uint8Array): Promise<string> => {
  const file = join(folder, name)
  await writeFile(file, content)
  return file
}

it('checks a workbook, ingests it, places a misspelt territory, corrects, and undoes all', async () => {
  const rows = [
    textRow(1, 'Identifiant', 'Date de détection', 'Territoire', 'Compte', 'Score', 'Description'),
    textRow(2, 'A-1', '15/05/2024', 'Antilles', '@un_compte', '0,82', 'Une salve de copies'),
    textRow(3, 'A-2', '16/05/2024', 'Martinqiue', '@un_autre', '0,75', 'Une photo détournée'),
  ].join('')
  const file = await written('veille.xlsx', workbook([{ name: 'Veille', rows }]))

  const { records, spread } = await check(file)
  expect(existsSync(homeFolder())).toBe(false)
  expect(spread).toEqual([{ group: 'antilles', territories: 4, records: 1 }])
  expect(records.map(({ id, outcome }) => [id, outcome])).toEqual([
    ['A-1', 'accepted'],
    ['A-2', 'unplaced'],
  ])
  expect(records[1]?.doubts).toContain('"Martinqiue" is no territory: did you mean Martinique (MQ)?')

  const ingested = await run('ingest', file)
  expect(ingested).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('"antilles": 4 territories, by 1 record'),
  })
  const batch = /batch (\S+)/.exec(ingested.stdout)?.[1] ?? ''
  expect((await run('inbox', 'list')).stdout).toMatch(
    /unplaced:A-2 .*"Martinqiue" is no territory: did you mean Martinique \(MQ\)\?/,
  )
  expect((await run('inbox', 'fix', 'A-2', '--territory', 'MQ', '--by', 'Ana Martin')).code).toBe(0)
  expect((await check(file)).records.map(({ outcome }) => outcome)).toEqual(['duplicate', 'duplicate'])

  const correct = (...set: readonly string[]) =>
    run('correct', 'A-1', '--by', 'Ana Martin', '--reason', 'counted again', '--set', ...set)
  expect(await correct('counts.posts=≥ 40')).toMatchObject({ code: 0 })
  expect(await correct('counts.posts=5', 'counts.posts=7')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('counts.posts is given twice, as "5" and "7"'),
  })
  const undone = await run('ingest', 'undo', batch, '--by', 'Ana Martin')
  expect(undone).toMatchObject({ code: 1, stdout: expect.stringContaining('nothing undone of') })
  expect(undone.stdout).toContain('left, since it was changed or its lower marking was refused: A-1')
  const correction = /vigie ingest undo (\S+) first/.exec(undone.stdout)?.[1] ?? ''
  expect(await run('ingest', 'undo', correction)).toMatchObject({ code: 0 })
  const again = await run('ingest', 'undo', batch, '--by', 'Ana Martin')
  expect(again.stdout).toContain('left, since it was changed or its lower marking was refused: A-2')
  expect(again.stdout).toContain('withdraw it with vigie withdraw A-2')
})

it('proposes a mapping, writes it once, and ingests the table by it', async () => {
  const file = await written('export.csv', 'Quand,Ou,Quoi\n2024-05-15,NC,Une salve de copies\n')
  expect(await vigie(['map', file])).toMatchObject({ code: 0 })
  expect(JSON.parse(await readFile(`${file}.mapping.json`, 'utf8'))).toEqual({
    columns: { Quand: 'observed', Ou: 'territories', Quoi: 'title' },
  })
  expect(await vigie(['map', file])).toMatchObject({ code: 1, stderr: expect.stringContaining('is there already') })
  const ingest = ['ingest', file, '--map', `${file}.mapping.json`, '--home', homeFolder()]
  expect(await vigieJson(ingest)).toMatchObject({ accepted: 1, rejected: 0 })
})

it('names a row without an id by its line, shows the zone of each time, and places a detection once', async () => {
  const file = await written(
    'sheet.csv',
    'Titre;Date de détection;Territoire\nUne salve;2026-47;NC\nDeux;15/05/2024;\n',
  )
  expect((await run('ingest', '--check', file)).stdout).toMatch(/^line 2 {2}rejected$/m)
  await run('ingest', file)
  expect((await run('ingest', 'list')).stdout).toMatch(/ \d{4}-\d\d-\d\dT\d\d:\d\dZ /)
  expect((await run('history')).stdout).toMatch(/\dT\d\d:\d\dZ /)
  const [waiting] = await vigieJson<readonly { key: string }[]>([
    'inbox',
    'list',
    '--kind',
    'unplaced',
    '--home',
    homeFolder(),
  ])
  const id = waiting?.key.replace('unplaced:', '') ?? ''
  const place = (by: string) => run('inbox', 'fix', id, '--territory', 'NC', '--by', by)
  await place('Ana')
  expect(await place('Ana')).toMatchObject({ code: 0, stdout: expect.stringContaining('is placed in NC already') })
  const other = (await place('Bea')).stderr
  expect(other).toContain('is placed already (NC, by Ana)')
  expect(other).toContain(`vigie correct ${id} --set territories=`)
  await run('withdraw', id, '--reason', 'wrong', '--by', 'Bea')
  expect((await place('Ana')).stderr).toMatch(/decided by Bea: .+ was withdrawn \(wrong\): nothing of it/)
})

it('shows how an effect was read, and asks about several in one cell until an analyst has corrected it', async () => {
  const rows = ['E-1;Une salve;15/05/2024;NC;acte : salle fermée', 'E-3;Trois;15/05/2024;NC;médias, acte']
  const file = await written('effects.csv', `id;Titre;Date;Territoire;Effet constaté\n${rows.join('\n')}\n`)
  const { stdout } = await run('ingest', '--check', file)
  expect(stdout).toContain(' · effect observed, act: "salle fermée" · ')
  expect(stdout).toContain(
    'look at: "médias, acte" states several effects: the gravest counts (an act or a decision)\n',
  )
  expect(stdout.match(/several effects/g)).toHaveLength(1)
  await run('ingest', file)
  expect((await run('detections', 'show', 'E-1')).stdout).toContain('\neffect: observed, act: "salle fermée"\n')
  await run('correct', 'E-3', '--set', 'observedEffect=none', '--by', 'Ana Martin', '--reason', 'asked the mayor')
  expect((await run('ingest', '--check', file)).stdout).not.toContain('several effects')
})
