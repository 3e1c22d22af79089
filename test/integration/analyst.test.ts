/** A new analyst's way from a spreadsheet to what is stored, and back: as commands. */
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { CheckedRecord } from '../../lambdas/usecases/ingest/check-detections.ts'
import { jsonOf, newFolder, vigie, vigieJson } from '../support/cli.ts'
import { textRow, workbook } from '../support/xlsx.ts'

let folder: string
let remove: () => Promise<void>
beforeAll(async () => {
  const made = await newFolder()
  ;({ folder, remove } = made)
})
afterAll(() => remove())

it('checks a workbook, takes it in, places what is misspelt, corrects, and takes all back', async () => {
  const home = ['--home', join(folder, 'home')]
  const file = join(folder, 'veille.xlsx')
  const rows = [
    textRow(1, 'Identifiant', 'Date de détection', 'Territoire', 'Compte', 'Score', 'Description'),
    textRow(2, 'A-1', '15/05/2024', 'Outre-mer', '@un_compte', '0,82', 'Une salve de copies'),
    textRow(3, 'A-2', '16/05/2024', 'Martinqiue', '@un_autre', '0,75', 'Une photo détournée'),
  ].join('')
  await writeFile(file, workbook([{ name: 'Veille', rows }]))

  const { records, spread } = await vigieJson<{ records: readonly CheckedRecord[]; spread: unknown }>([
    ...['ingest', '--check', file],
    ...home,
  ])
  expect(existsSync(join(folder, 'home'))).toBe(false)
  expect(spread).toEqual([{ group: 'Outre-mer', territories: 12, records: 1 }])
  expect(records.map(({ id, outcome }) => [id, outcome])).toEqual([
    ['A-1', 'accepted'],
    ['A-2', 'unplaced'],
  ])
  expect(records[1]?.doubts).toContain('"Martinqiue" is no territory: did you mean Martinique (MQ)?')

  const taken = await vigie(['ingest', file, ...home])
  expect(taken).toMatchObject({ code: 0 })
  expect(taken.stdout).toContain('"Outre-mer": 12 territories, by 1 record')
  const batch = /batch (\S+)/.exec(taken.stdout)?.[1] ?? ''
  expect((await vigie(['unplaced', 'list', ...home])).stdout).toMatch(/A-2 .* Martinqiue +MQ\n/)
  await vigieJson(['unplaced', 'place', 'A-2', 'MQ', '--by', 'Ana Martin', ...home])
  const checked = await vigieJson<{ records: readonly CheckedRecord[] }>(['ingest', '--check', file, ...home])
  expect(checked.records.map(({ outcome }) => outcome)).toEqual(['duplicate', 'duplicate'])

  const words = ['correct', 'A-1', '--set', 'counts.posts=≥ 40', '--by', 'Ana Martin', '--reason', 'counted again']
  expect(await vigieJson([...words, ...home])).toMatchObject({ outcome: 'revised' })
  const twice = await vigie([
    ...words.toSpliced(words.indexOf('--set') + 1, 1, 'counts.posts=5', 'counts.posts=7'),
    ...home,
  ])
  expect(twice).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('counts.posts is given twice, as "5" and "7"'),
  })
  const undone = await vigie(['ingest', 'undo', batch, '--by', 'Ana Martin', ...home])
  expect(undone.stdout).toContain('left, since it was changed or its lower marking was refused: A-1')
  const correction = /vigie ingest undo (\S+) first/.exec(undone.stdout)?.[1] ?? ''
  expect(undone).toMatchObject({ code: 1, stdout: expect.stringContaining('nothing undone of') })
  expect(await vigie(['ingest', 'undo', correction, ...home])).toMatchObject({ code: 0 })
  const again = await vigie(['ingest', 'undo', batch, '--by', 'Ana Martin', ...home])
  expect(again.stdout).toContain('left, since it was changed or its lower marking was refused: A-2')
  expect(again.stdout).toContain('withdraw it with vigie withdraw A-2')
})

it('proposes a mapping, writes it once, and takes the table in by it', async () => {
  const file = join(folder, 'export.csv')
  await writeFile(file, 'Quand,Ou,Quoi\n2024-05-15,NC,Une salve de copies\n')
  expect(await vigie(['map', file])).toMatchObject({ code: 0 })
  expect(JSON.parse(await readFile(`${file}.mapping.json`, 'utf8'))).toEqual({
    columns: { Quand: 'observed', Ou: 'territories', Quoi: 'title' },
  })
  const again = await vigie(['map', file, '--json'])
  expect(again.code).toBe(1)
  expect(jsonOf<{ error: { message: string } }>(again).error.message).toContain('is there already')
  const home = join(folder, 'other')
  const tally = ['ingest', file, '--map', `${file}.mapping.json`, '--home', home]
  expect(await vigieJson(tally)).toMatchObject({ accepted: 1, rejected: 0 })
})

it('names no row that has no id, groups figures, and says the zone of each time', async () => {
  const own = await newFolder()
  const file = join(own.folder, 'sheet.csv')
  await writeFile(
    file,
    'Titre;Date de détection;Territoire;Nb de messages\nUne salve;2026-47;NC;3\nDeux;15/05/2024;;12000000\n',
  )
  const at = ['--home', join(own.folder, 'home')]
  const { stdout } = await vigie(['ingest', '--check', file, ...at])
  expect(stdout).toMatch(/^line 2 {2}rejected$/m)
  expect(stdout).toContain('did you mean 2026-W47?')
  expect(stdout).toContain('posts 12,000,000')
  await vigie(['ingest', file, ...at])
  expect((await vigie(['ingest', 'list', ...at])).stdout).toMatch(/ \d{4}-\d\d-\d\dT\d\d:\d\dZ /)
  expect((await vigie(['history', ...at])).stdout).toMatch(/\dT\d\d:\d\dZ /)
  const { detections } = await vigieJson<{ detections: readonly { id: string }[] }>([
    ...['detections', 'search', 'Deux', '--by', 'words'],
    ...at,
  ])
  expect(detections).toEqual([])
  const [waiting] = await vigieJson<readonly { id: string }[]>(['unplaced', 'list', ...at])
  const place = ['unplaced', 'place', waiting?.id ?? '', 'NC', '--by', 'Ana', ...at]
  await vigieJson(place)
  expect(await vigie(place)).toMatchObject({ code: 0, stdout: expect.stringContaining('is placed in NC already') })
  const other = ['unplaced', 'place', waiting?.id ?? '', 'NC', '--by', 'Bea', ...at]
  const again = (await vigie(other)).stderr
  expect(again).toContain('is placed already (NC, by Ana)')
  expect(again).toContain(`vigie correct ${waiting?.id} --set territories=`)
  await vigie(['withdraw', waiting?.id ?? '', '--reason', 'wrong', '--by', 'Bea', ...at])
  expect((await vigie(place)).stderr).toMatch(/Bea changed it first: .+ was withdrawn \(wrong\): nothing of it/)
  await own.remove()
})

it('tells how the cell of an effect was read, and asks about several in one', async () => {
  const own = await newFolder()
  const file = join(own.folder, 'effects.csv')
  const rows = [
    'E-1;Une salve;15/05/2024;NC;acte : salle fermée',
    'E-2;Deux;15/05/2024;NC;aucun',
    'E-3;Trois;15/05/2024;NC;médias, acte',
  ]
  await writeFile(file, `id;Titre;Date;Territoire;Effet constaté\n${rows.join('\n')}\n`)
  const at = ['--home', join(own.folder, 'home')]
  const { stdout } = await vigie(['ingest', '--check', file, ...at])
  expect(stdout).toContain(' · effect observed, act: "salle fermée" · ')
  expect(stdout).toContain(' · effect none · ')
  expect(stdout).toContain('look at: "médias, acte" states several effects: the gravest counts\n')
  expect(stdout.match(/several effects/g)).toHaveLength(1)
  const { records } = await vigieJson<{ records: readonly CheckedRecord[] }>(['ingest', '--check', file, ...at])
  expect(records.map(({ detection }) => detection?.observedEffect)).toEqual([
    { state: 'observed', degree: 'act', text: { und: 'salle fermée' } },
    { state: 'none' },
    { state: 'observed', degree: 'act', text: { und: 'médias, acte' } },
  ])
  await vigie(['ingest', file, ...at])
  expect((await vigie(['detections', 'show', 'E-1', ...at])).stdout).toContain(
    '\neffect: observed, act: "salle fermée"\n',
  )
  // A person has said otherwise: what the row says of it stands no longer.
  const words = ['correct', 'E-3', '--set', 'observedEffect=none', '--by', 'Ana Martin', '--reason', 'asked the mayor']
  await vigieJson([...words, ...at])
  expect((await vigie(['ingest', '--check', file, ...at])).stdout).not.toContain('several effects')
  await own.remove()
})
