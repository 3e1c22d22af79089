/** The name of a file attributes nothing, is in no report, and makes no revision. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { newFolder, vigie } from '../support/cli.ts'
import { fileText, filesIn } from '../support/published-files.ts'

let folder: string
let home: string
beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  home = join(folder, 'home')
  return made.remove
})

const run = async (...args: readonly string[]) => vigie(['--home', home, '--json', ...args])
const file = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text)
  return join(folder, name)
}
const ingest = async (name: string, text: string, ...more: readonly string[]) =>
  JSON.parse((await run('ingest', await file(name, text), ...more)).stdout)
const names = ['Copie de a (Jean Dupont).csv', 'a.csv'] as const
const published = async (): Promise<string> =>
  (await Promise.all((await filesIn(join(home, 'archive'))).map(fileText))).join('\n').replaceAll(/\s+/g, ' ')

test('of a sheet without a source, an analyst attributes; the same bytes under another name are a duplicate', async () => {
  const sheet = 'Titre;Date;Territoire;Acteur;TLP\nUne salve;15/05/2024;MQ;Russie;CLEAR\n'
  expect(await ingest(names[0], sheet)).toMatchObject({ accepted: 1 })
  await run('report', 'MQ', '2024-W20', '--cap', 'CLEAR')
  const text = await published()
  expect(text).toContain('Selon un analyste du service, cette manœuvre est le fait de')
  expect(text).toContain('According to an analyst of the unit')
  expect(text).not.toMatch(/Jean Dupont|Copie de a/)
  expect(await ingest(names[1], sheet)).toMatchObject({ duplicates: 1, revised: 0 })
})

test.each([
  ['a column', 'Titre;Date;Territoire;Acteur;Détecteur;TLP\nPar colonne;15/05/2024;MQ;Russie;Robot R;CLEAR\n', {}],
  [
    'a mapping',
    'Titre;Date;Territoire;Acteur;TLP\nPar correspondance;15/05/2024;MQ;Russie;CLEAR\n',
    { constants: { detector: 'Robot R' } },
  ],
] as const)('of a sheet with a detector in %s, that attributes', async (_, text, mapping) => {
  const map = ['--map', await file('map.json', JSON.stringify({ columns: {}, ...mapping }))]
  for (const name of names) await ingest(name, text, ...map)
  const { stdout } = await run('detections', 'list', '--detector', 'Robot R', '--period', '2024-W20')
  const { detections } = JSON.parse(stdout) as { detections: readonly { actor: object; revision: number }[] }
  expect(detections.length).toBeGreaterThan(0)
  for (const one of detections)
    expect(one).toMatchObject({ actor: { name: 'Russia', attributedBy: 'Robot R' }, revision: 1 })
})

const video = { kind: 'video', title: { fr: 'x' }, marking: 'TLP:CLEAR', observed: { from: '2024-05-15' } }

test('a detector that may not be named is not named by its attribution either', async () => {
  const detector = { name: 'zqsecret', marking: 'TLP:RED' }
  const actor = { name: 'Russia', attributedBy: 'zqsecret' }
  await ingest('hidden.ndjson', JSON.stringify({ ...video, id: 'hidden', detector, territories: ['PM'], actor }))
  await run('report', 'PM', '2024-W20', '--cap', 'CLEAR')
  const text = await published()
  expect(text).not.toContain('zqsecret')
  expect(text).toContain('Selon une source qui n’est pas nommée à ce marquage, cette manœuvre')
})

test('a correction by hand attributes as an analyst does', async () => {
  await ingest('d.ndjson', JSON.stringify({ ...video, id: 'corrected', detector: 'D', territories: ['WF'] }))
  await run('correct', 'corrected', '--set', 'actor.name=Russia', '--by', 'Ana', '--reason', 'seen')
  const { actor } = JSON.parse((await run('detections', 'show', 'corrected')).stdout)
  expect(actor.attributedBy).toEqual({ fr: 'un analyste du service', en: 'an analyst of the unit' })
})
