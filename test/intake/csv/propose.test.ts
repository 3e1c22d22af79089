/** What is proposed for a table's columns is a mapping by which it goes in. */
import { expect, it, test } from 'vitest'
import { readCsv } from '../../../lambdas/intake/csv/csv.ts'
import { parseMapping } from '../../../lambdas/intake/csv/mapping.ts'
import { proposeMapping } from '../../../lambdas/intake/csv/propose.ts'
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
      Description: ['title', 'summary'],
    },
  ],
  [
    'headings that say nothing',
    'A,B,C,D,E\n2024-05-15,Réunion,Une photo détournée sur deux pages,#tag,12\n2024-05-16,Mayotte,Une vidéo,#autre,9\n',
    { A: 'observed', B: 'territories', C: 'title', D: 'hashtags', E: null },
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

it('says what no column gives, and the order of dates where one shows it', async () => {
  expect(await propose('Volume\n12\n')).toMatchObject({
    missing: ['title', 'observed'],
    mapping: { columns: { Volume: null } },
  })
  const { mapping } = await propose('Titre;Date\nx;05/31/2024\n')
  expect(mapping.dates).toBe('month/day/year')
})
