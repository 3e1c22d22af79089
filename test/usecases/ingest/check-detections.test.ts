/** The list of a check: rows with a shared id, and rows that an analyst has placed or corrected. */
import { expect, it } from 'vitest'
import type { Detection } from '../../../lambdas/domain/detection/detection.ts'
import { once, readRecords } from '../../../lambdas/intake/formats.ts'
import { checkList } from '../../../lambdas/usecases/ingest/check-detections.ts'
import { correctDetection } from '../../../lambdas/usecases/ingest/edit/correct-detection.ts'
import { ingestDetections } from '../../../lambdas/usecases/ingest/ingest-detections.ts'
import { storesOfFile } from '../../oracle/product.ts'

const stores = storesOfFile()

const sender = { name: 'this machine', byOperator: true } as const

const opened = async () => {
  const { services } = await stores.open()
  const check = async (...rows: readonly string[]) => {
    const { records, onOutcome } = checkList(services.clock())
    const file = Buffer.from(`Identifiant;Date;Territoire;Titre;Nb de messages\n${rows.join('\n')}\n`)
    const read = readRecords(once(file), { file: 'veille.csv', format: 'csv' })
    await ingestDetections(read, 'veille.csv', services, { sender, onOutcome })
    return records(services.detections)
  }
  return { services, check }
}

it('shows each row, and notes where it revises another row of its file', async () => {
  const { check } = await opened()
  const records = await check('R1;15/05/2024;NC;Une salve;10', 'R1;15/05/2024;NC;Une photo;20')
  expect(records).toMatchObject([
    { line: 2, outcome: 'accepted', detection: { title: 'Une salve', counts: { posts: { value: 10 } } } },
    { line: 3, outcome: 'revised', detection: { title: 'Une photo', counts: { posts: { value: 20 } } } },
  ])
  const look = 'the same id as line 2, with other content: it is taken as its revision'
  expect(records.map(({ doubts }) => doubts.includes(look))).toEqual([false, true])
  expect((await check('R1;15/05/2024;NC;Une photo;20'))[0]?.doubts).not.toContain(look)
})

it('lists the fields that a revision changes', async () => {
  const { check } = await opened()
  await check('R1;15/05/2024;NC;Une salve;10', 'R2;15/05/2024;NC;Une photo;3')
  const changedOf = async (...rows: readonly string[]) => (await check(...rows)).map(({ changed }) => changed)
  expect(await changedOf('R1;15/05/2024;NC;Une salve;≥ 12', 'R2;15/05/2024;NC;Une photo;3')).toEqual([
    [{ field: 'counts.posts', before: '10', after: '≥ 12' }],
    [],
  ])
  expect(await changedOf('R1;16/05/2024;MQ;Une salve;')).toMatchObject([
    [
      {
        field: 'observed',
        before: expect.stringContaining('2024-05-15'),
        after: expect.stringContaining('2024-05-16'),
      },
      { field: 'territories', before: 'NC', after: 'MQ' },
    ],
  ])
  expect(await changedOf('R3;16/05/2024;MQ;Une salve;1', 'R3;16/05/2024;MQ;Une salve;2')).toEqual([
    [],
    [{ field: 'counts.posts', before: '1', after: '2' }],
  ])
})

it('lists records in the order of their file', async () => {
  const { check } = await opened()
  const records = await check('R1;15/05/2024;NC;Une salve;10', 'R2;hier;NC;Une photo;3', 'R3;15/05/2024;NC;Autre;3')
  expect(records.map(({ line, outcome }) => [line, outcome])).toEqual([
    [2, 'accepted'],
    [3, 'rejected'],
    [4, 'accepted'],
  ])
})

it.each(['', 'Martinqiue', 'Pacifique'])(
  'takes a row for a duplicate after an analyst has placed it (%j)',
  async (territory) => {
    const { check, services } = await opened()
    const row = `R1;15/05/2024;${territory};Une salve;10`
    await check(row)
    await services.detections.assignTerritories(
      'R1',
      [{ code: 'NC', method: 'analyst' }],
      { by: 'a test' },
      services.clock(),
    )
    expect(await check(row)).toMatchObject([{ outcome: 'duplicate' }])
    expect(await check(row.replace('10', '12'))).toMatchObject([
      { outcome: 'revised', detection: { territories: [{ code: 'NC', method: 'analyst' }] } },
    ])
    expect(await check(row.replace('10', '12'))).toMatchObject([{ outcome: 'duplicate' }])
  },
)

it.each(['Martinqiue', 'Polynésie'])('takes a row for a duplicate of the placed detection: %j', async (word) => {
  const { check, services } = await opened()
  const row = `R1;15/05/2024;${word};Une salve;10`
  const header = 'Identifiant;Date;Territoire;Titre;Nb de messages'
  const prepare = (detection: Detection): Detection => ({
    ...detection,
    territories: [{ code: 'PF', method: 'analyst' }],
  })
  const read = readRecords(once(Buffer.from(`${header}\n${row}\n`)), { file: 'veille.csv', format: 'csv', prepare })
  await ingestDetections(read, 'veille.csv', services, { sender })
  expect(await check(row)).toMatchObject([{ outcome: 'duplicate' }])
  expect(await check(row.replace(word, 'Guadelupe'))).toMatchObject([{ outcome: 'rejected', path: 'territories' }])
  expect(await services.detections.latest('R1')).toMatchObject({ revision: 1, territories: [{ code: 'PF' }] })
})

it('takes a row for a duplicate after a correction of another field', async () => {
  const { check, services } = await opened()
  const row = 'R1;15/05/2024;NC;Une salve;10'
  await check(row)
  const correction = { id: 'R1', cells: { campaign: 'BIG' }, by: 'Ana Martin', reason: 'seen', sender }
  await correctDetection({ ...correction, pseudonym: (account) => account }, services)
  expect(await check(row)).toMatchObject([{ outcome: 'duplicate' }])
  expect(await services.detections.latest('R1')).toMatchObject({ campaign: 'BIG' })
})

it.each([
  ['Polynésie', 'French Polynesia (PF)'],
  ['Pacifique', 'French Pacific (NC, PF, WF)'],
  ['océan Indien', 'French Indian Ocean (RE, YT, TF)'],
])('asks which territories the region %s means', async (region, meant) => {
  const { check } = await opened()
  const [asked] = await check(`R1;15/05/2024;${region};Une salve;10`)
  expect(asked).toMatchObject({ outcome: 'unplaced', detection: { territories: [] } })
  expect(asked?.doubts).toContain(`"${region}" is no territory: did you mean ${meant}?`)
  // Next to a French territory, Polynésie is certain.
  const [beside] = await check(`R2;15/05/2024;Nouvelle-Calédonie, ${region};Une salve;10`)
  expect(beside?.outcome).toBe(region === 'Polynésie' ? 'accepted' : 'unplaced')
})

it('asks whether a row with a known id and all else new is the same detection', async () => {
  const { check } = await opened()
  await check('R1;15/05/2024;Martinique;Une salve;10')
  const sameId = 'the stored detection with this id has another title, date and place: see whether it is the same one'
  expect((await check('R1;15/05/2024;Martinique;Deux salves;12'))[0]?.doubts).not.toContain(sameId)
  expect((await check('R1;16/10/2026;Mayotte;Autre chose;8'))[0]?.doubts).toContain(sameId)
})

it('forgets the misspelling of a corrected row', async () => {
  const { check, services } = await opened()
  expect((await check('R1;15/05/2024;Martinqiue;Une salve;10'))[0]?.doubts.join()).toContain('did you mean')
  const corrected = await check('R1;15/05/2024;Martinique;Une salve;10')
  expect(corrected).toMatchObject([{ outcome: 'revised', detection: { territories: [{ code: 'MQ' }] } }])
  expect(corrected[0]?.doubts.join()).not.toContain('did you mean')
  expect((await services.detections.latest('R1'))?.reported).toBeUndefined()
})

it('describes the set that a list of accounts would become', async () => {
  const { services } = await opened()
  const { records, onOutcome } = checkList(services.clock())
  const read = readRecords(once(Buffer.from('Compte\nbob\neve\n')), { file: 'grappe.csv', format: 'auto' })
  await ingestDetections(read, 'grappe.csv', services, { sender, onOutcome })
  expect(await records(services.detections)).toMatchObject([
    { id: 'grappe', outcome: 'accepted', message: expect.stringContaining('a set of 2 accounts, called "grappe"') },
  ])
})
