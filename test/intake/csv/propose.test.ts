/** What is proposed for a table's columns is a mapping by which it goes in. */
import fc from 'fast-check'
import { expect, it, test } from 'vitest'
import { looksLikeDetections, readCsv } from '../../../lambdas/intake/csv/csv.ts'
import { parseMapping, plainMapping } from '../../../lambdas/intake/csv/mapping.ts'
import { proposeMapping } from '../../../lambdas/intake/csv/propose.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import { inPieces, takenBy } from '../../support/intake.ts'

const propose = (text: string) => proposeMapping(inPieces(text), 'table.csv')

test.each([
  [
    'an ordinary French table',
    'Identifiant;Date de détection;Territoire;Compte;Score;Description\nA-1;15/05/2024;Martinique;@un;0,82;Une salve\nA-2;16/05/2024;NC;@deux;0,75;Une autre\n',
    {
      Identifiant: 'id',
      'Date de détection': 'observed',
      Territoire: 'territories',
      Compte: 'accountRefs',
      Score: null,
      Description: 'summary',
    },
  ],
  [
    'an author, who is no actor',
    'Titre;Date;Territoire;Auteur\nUne salve;15/05/2024;NC;Claire Durand\n',
    { Titre: 'title', Date: 'observed', Territoire: 'territories', Auteur: null },
  ],
  [
    'headings that say nothing',
    'A,B,C,D,E\n2024-05-15,Réunion,Une photo détournée sur deux pages,#tag,12\n2024-05-16,Mayotte,Une vidéo,#autre,9\n',
    { A: 'observed', B: 'territories', C: 'title', D: 'hashtags', E: null },
  ],
  [
    'a column of places under another name',
    'Titre;Date;Contexte;Zone\nUn titre;15/05/2024;Paris;Nouvelle-Calédonie\nDeux;15/05/2024;Bakou;Guadeloupe, Martinqiue\nTrois;15/05/2024;Lens;NC / PF\n',
    { Titre: 'title', Date: 'observed', Contexte: null, Zone: 'territories' },
  ],
  ...['Lieu', 'Lieux', 'Zone', 'Commune(s)', 'Région', 'Localité', 'Département', 'Île', 'Place', 'Location'].map(
    (heading) =>
      [
        `places under ${heading}`,
        `Titre;Date;${heading};Liens\nUn titre;15/05/2024;Nouméa;https://example.org/a\nDeux;15/05/2024;Martinqiue;\n`,
        { Titre: 'title', Date: 'observed', [heading]: 'territories', Liens: 'evidence' },
      ] as [string, string, Record<string, string | null>],
  ),
  [
    'places beside the territory',
    'Titre;Date;Territoire;Commune\nUn titre;15/05/2024;NC;Fort-de-France\nDeux;15/05/2024;PF;Papeete\n',
    { Titre: 'title', Date: 'observed', Territoire: 'territories', Commune: null },
  ],
  [
    'places that are none of ours',
    'Titre;Date;Lieu\nUn titre;15/05/2024;En ligne\nDeux;15/05/2024;Facebook\n',
    { Titre: 'title', Date: 'observed', Lieu: null },
  ],
  [
    'a column of kinds, whose texts are longer than the titles',
    'Sujet;Type de contenu;Jour vu\nSalve;copier-coller;15/05/2024\nPhoto;image détournée;16/05/2024\n',
    { Sujet: 'title', 'Type de contenu': 'kind', 'Jour vu': 'observed' },
  ],
  [
    'two columns of kinds, and one of effects',
    'Sujet;Nature;Type;Date;Retombées\nSalve;copier-coller;image détournée;15/05/2024;acte : la salle a été fermée par le maire\nPhoto;vidéo;image détournée;16/05/2024;aucun\n',
    { Sujet: 'title', Nature: 'kind', Type: null, Date: 'observed', Retombées: null },
  ],
  [
    'kinds by words that nobody knows',
    'Sujet;Nature du contenu;Date\nSalve;hypertrucage sonore;15/05/2024\n',
    { Sujet: 'title', 'Nature du contenu': null, Date: 'observed' },
  ],
  [
    'dates of entry, ids and addresses under other names',
    'When added,account_id,Page,What,Seen\n2026-01-02,1797584320938545153,https://example.org/a,A burst of copies,2024-05-15\n',
    { 'When added': null, account_id: null, Page: 'evidence', What: 'title', Seen: 'observed' },
  ],
  [
    'headings that are misspelt',
    'Tittre;Datte;Platforme\nUn titre;15/05/2024;X\n',
    { Tittre: 'title', Datte: 'observed', Platforme: 'platforms' },
  ],
])('%s', async (_what, text, columns) => {
  const { mapping, missing } = await propose(text)
  expect(mapping.columns).toEqual(columns)
  expect(missing).toEqual([])
  const read = await takenBy(readCsv, inPieces(text), {
    file: 'table.csv',
    mapping: parseMapping(JSON.parse(JSON.stringify(mapping)), 'mapping.json'),
  })
  expect(read.rejects).toEqual([])
  expect(read.detections).toHaveLength(text.trim().split('\n').length - 1)
})

it('takes a column of accounts for numbers where half of the cells are', async () => {
  const { mapping } = await propose('Date;Compte;Titre\n15/05/2024;30;a\n15/05/2024;@x;b\n15/05/2024;40;c\n')
  expect(mapping.columns).toMatchObject({ Compte: 'counts.accounts' })
})

it('takes a column of references for ids, or for evidence where they are addresses', async () => {
  const of = async (cell: string) => (await propose(`Référence;Date;Titre\n${cell};15/05/2024;a\n`)).mapping.columns
  expect(await of('A-17')).toMatchObject({ Référence: 'id' })
  expect(await of('https://x.example/17')).toMatchObject({ Référence: 'evidence' })
})

it('says what no column gives, and the order of dates where one shows it', async () => {
  expect(await propose('Volume\n12\n')).toMatchObject({
    missing: ['title', 'observed'],
    mapping: { columns: { Volume: null } },
  })
  const { mapping } = await propose('Titre;Date\nx;05/31/2024\n')
  expect(mapping.dates).toBe('month/day/year')
})

it.each([
  ['', 'table.csv is empty'],
  ['\n\n  \n', 'table.csv is empty'],
  [';;\n1;2;3\n', 'table.csv names no column'],
])('proposes nothing of a table without columns: %j', async (text, said) => {
  await expect(propose(text)).rejects.toThrow(said)
})

const headings = [
  'Identifiant',
  'Date',
  'Premiere observation',
  'Territoire',
  'Compte',
  'Titre',
  'Nom',
  'Description',
  'Notes',
]
const cellsOf: Readonly<Record<string, readonly string[]>> = {
  Identifiant: ['A-1', 'A-2', 'A-3', ''],
  Date: ['15/05/2024', '03/04/2024', '05/31/2024', 'mai 2024', ''],
  'Premiere observation': ['2024-05-15', '04/05/2024', '05/30/2024', ''],
  Territoire: ['NC', 'Martinique', ''],
  Compte: ['30', '40', '-3', '@x', '@y', ''],
  Titre: ['Une salve', 'Une photo', ''],
  Nom: ['BIG', 'RRN', ''],
  Description: ['Une salve. Elle vise le vote.', 'Une photo détournée. Deux pages.', ''],
  Notes: ['vu', 'à voir', ''],
}
const table = fc.uniqueArray(fc.constantFrom(...headings), { minLength: 2 }).chain((columns) =>
  fc
    .array(fc.tuple(...columns.map((column) => fc.constantFrom(...(cellsOf[column] ?? [])))), {
      minLength: 1,
      maxLength: 5,
    })
    .map((rows) => [columns, ...rows].map((cells) => `${cells.join(';')}\n`).join('')),
)

const readBy = async (text: string, mapping = plainMapping) =>
  (await Array.fromAsync(readCsv(inPieces(text), { file: 'table.csv', mapping }))).map((record) =>
    'detection' in record
      ? record.detection
      : 'reject' in record && { line: record.reject.line, path: record.reject.path, message: record.reject.message },
  )

it('proposes a mapping that reads what ingest can read by itself exactly as ingest does', async () => {
  await fc.assert(
    fc.asyncProperty(table, async (text) => {
      const plain = await readBy(text).catch((error: unknown) => {
        if (error instanceof FileError) return undefined
        throw error
      })
      // A proposal looks for the title and the date of new detections, which a sheet of corrections has no need of.
      if (!plain || !looksLikeDetections(text.split('\n', 1)[0]?.split(';') ?? [])) return
      const { mapping } = await propose(text)
      expect(await readBy(text, parseMapping(structuredClone(mapping), 'mapping.json'))).toEqual(plain)
    }),
    { numRuns: 300 },
  )
})
