/** What a file is called is nobody's word: it attributes nothing, stands in no report, and makes no revision. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newFolder, vigie } from '../support/cli.ts'
import { fileText, filesIn } from '../support/published-files.ts'

let folder: string
let home: string
let remove: () => Promise<void>
beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  home = join(folder, 'home')
})
afterAll(() => remove())

const run = async (...args: readonly string[]) => vigie(['--home', home, '--json', ...args])
const file = async (called: string, text: string): Promise<string> => {
  await writeFile(join(folder, called), text)
  return join(folder, called)
}
const take = async (called: string, text: string, ...more: readonly string[]) =>
  JSON.parse((await run('ingest', await file(called, text), ...more)).stdout)
const names = ['Copie de a (Jean Dupont).csv', 'a.csv'] as const
const published = async (): Promise<string> =>
  (await Promise.all((await filesIn(join(home, 'archive'))).map(fileText))).join('\n').replaceAll(/\s+/g, ' ')

describe('of a sheet', () => {
  const sheet = 'Titre;Date;Territoire;Acteur;TLP\nUne salve;15/05/2024;MQ;Russie;CLEAR\n'

  test('without a source, an analyst attributes; the same bytes by another name say nothing new', async () => {
    expect(await take(names[0], sheet)).toMatchObject({ accepted: 1 })
    await run('report', 'MQ', '2024-W20', '--cap', 'CLEAR')
    const told = await published()
    expect(told).toContain('Selon un analyste du service, cette manœuvre est le fait de')
    expect(told).toContain('According to an analyst of the unit')
    expect(told).not.toMatch(/Jean Dupont|Copie de a/)
    expect(await take(names[1], sheet)).toMatchObject({ duplicates: 1, revised: 0 })
  })

  test.each([
    ['a column', 'Titre;Date;Territoire;Acteur;Détecteur;TLP\nPar colonne;15/05/2024;MQ;Russie;Robot R;CLEAR\n', {}],
    [
      'a mapping',
      'Titre;Date;Territoire;Acteur;TLP\nPar correspondance;15/05/2024;MQ;Russie;CLEAR\n',
      { columns: {}, constants: { detector: 'Robot R' } },
    ],
  ] as const)('with a detector in %s, that attributes', async (_, text, mapping) => {
    const map = ['--map', await file('map.json', JSON.stringify({ columns: {}, ...mapping }))]
    for (const called of names) await take(called, text, ...map)
    const { stdout } = await run('detections', 'list', '--detector', 'Robot R', '--period', '2024-W20')
    const { detections } = JSON.parse(stdout) as { detections: readonly { actor: object; revision: number }[] }
    expect(detections.length).toBeGreaterThan(0)
    for (const one of detections)
      expect(one).toMatchObject({ actor: { name: 'Russia', attributedBy: 'Robot R' }, revision: 1 })
  })

  test('the detector is not named by its attribution where it may not be named', async () => {
    const secret = { name: 'zqsecret', marking: 'TLP:RED' }
    const record = {
      ...{
        id: 'hidden',
        detector: secret,
        kind: 'video',
        title: { fr: 'x' },
        territories: ['PM'],
        marking: 'TLP:CLEAR',
      },
      ...{ observed: { from: '2024-05-15' }, actor: { name: 'Russia', attributedBy: 'zqsecret' } },
    }
    await take('hidden.ndjson', `${JSON.stringify(record)}\n`)
    await run('report', 'PM', '2024-W20', '--cap', 'CLEAR')
    const told = await published()
    expect(told).not.toContain('zqsecret')
    expect(told).toContain('Selon une source qui n’est pas nommée à ce marquage, cette manœuvre')
  })

  test('a correction by hand attributes as an analyst does', async () => {
    const id = 'mended'
    const record = { id, detector: 'D', kind: 'video', title: { fr: 'x' }, territories: ['WF'], marking: 'TLP:CLEAR' }
    await take('d.ndjson', `${JSON.stringify({ ...record, observed: { from: '2024-05-15' } })}\n`)
    await run('correct', id, '--set', 'actor.name=Russia', '--by', 'Ana', '--reason', 'seen')
    const { actor } = JSON.parse((await run('detections', 'show', id)).stdout)
    expect(actor).toEqual({
      name: 'Russia',
      attributedBy: { fr: 'un analyste du service', en: 'an analyst of the unit' },
    })
  })
})

test('of a bundle without an author, a source attributes that it does not name', async () => {
  const at = { spec_version: '2.1', created: '2024-06-01T00:00:00.000Z', modified: '2024-06-01T00:00:00.000Z' }
  const id = (type: string, end: number) => `${type}--0b6b1d4e-5c1f-4d42-9e0b-2c9a6a1f000${end}`
  const objects = [
    { type: 'campaign', id: id('campaign', 2), ...at, name: 'Photo', first_seen: '2024-05-15T01:00:00.000Z' },
    { type: 'threat-actor', id: id('threat-actor', 3), ...at, name: 'Somebody' },
    {
      ...{ type: 'relationship', id: id('relationship', 4), ...at, relationship_type: 'attributed-to' },
      ...{ source_ref: id('campaign', 2), target_ref: id('threat-actor', 3) },
    },
  ]
  const bundle = JSON.stringify({ type: 'bundle', id: id('bundle', 1), objects })
  expect(await take('Jean Dupont.json', bundle, '--territory', 'YT')).toMatchObject({ accepted: 1 })
  expect(await take('b.json', bundle, '--territory', 'YT')).toMatchObject({ duplicates: 1 })
  const { actor } = JSON.parse((await run('detections', 'show', id('campaign', 2))).stdout)
  expect(actor.attributedBy.en).toBe('a source that the bundle does not name')
})
