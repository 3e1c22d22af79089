/** Runs every command with --json once: support/cli.ts checks each answer against its schema. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import { commandIn } from '../../bin/cli/answer-schema.ts'
import type { ListedInbox } from '../../bin/cli/answers.ts'
import { vigieCommand } from '../../bin/cli/program.ts'
import { wordsOf } from '../../bin/cli/run.ts'
import { commandsOf } from '../../tools/commands.ts'
import { newFolder, type Ran, vigie, vigieJson, writeNdjson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { png, scene } from '../support/pictures.ts'

let folder: string

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  return made.remove
})
/** Commands that other tests run with --json, or that end by a signal. */
const elsewhere = [
  'archive copy',
  'archive reindex',
  'demo',
  'dossier',
  'flash',
  'flash approve',
  'flash list',
  'preview',
  'redrive',
  'run',
  'serve',
]

it('every command answers by its schema', async () => {
  const home = join(folder, 'home')
  const asked = new Set<string>()
  const ask = async (...words: string[]): Promise<Ran> => {
    asked.add(wordsOf(commandIn(words)))
    return vigie([...words, '--json', '--home', home])
  }
  const { told, posts, table, people, picture } = await files()

  await ask('ingest', '--check', told)
  await ask('ingest', told)
  await ask('map', table)
  await ask('detect', posts, '--territory', 'NC')
  const waiting = await vigieJson<ListedInbox[]>(['inbox', 'list', '--kind', 'candidate', '--home', home])
  expect(waiting.length).toBeGreaterThan(0)
  const [first, second = first] = waiting.map(({ key }) => key)
  for (const words of [
    ['inbox', 'show', `${first}`],
    ['inbox', 'accept', `${first}`, '--by', 'ana'],
    ['inbox', 'refuse', `${second}`, '--by', 'ana', '--reason', 'chance'],
    ['correct', 'told', '--set', 'title.fr=Essai', '--by', 'ana', '--reason', 'typo'],
    ['inbox', 'list'],
    ['inbox', 'show', 'unplaced:nowhere'],
    ['inbox', 'refuse', 'reject:none', '--reason', 'twice', '--by', 'ana'],
    ['inbox', 'accept', 'other'],
    ['inbox', 'fix', 'unplaced:nowhere', '--territory', 'NC'],
    ['rejects', 'export'],
    ['rejects', 'retry'],
    ['detections', 'list', '--period', '2024-W20'],
    ['detections', 'list', '--counts', '--period', '2024-W20'],
    ['detections', 'search', 'told'],
    ['detections', 'show', 'told'],
    ['explain', 'told', '--in', 'NC', '2024-W20'],
    ['sources', 'list'],
    ['sources', 'mark', 'D3lta', '--marking', 'GREEN'],
    ['note', 'add', 'NC', '2024-W20', '--author', 'ana', '--role', 'analyst', '--lang', 'fr', '--watch', 'la suite'],
    ['note', 'list', 'NC', '2024-W20'],
    ['recipients', 'add', 'ana@example.org', '--territory', 'NC', '--clearance', 'AMBER'],
    ['recipients', 'update', 'ana@example.org', '--quiet', 'skip'],
    ['recipients', 'import', people],
    ['recipients', 'list'],
    ['report', 'NC', '2024-W20', '--deliver'],
    ['weekly', '2024-W20', '--territory', 'WF'],
    ['deliveries', 'list'],
    ['deliveries', 'digest'],
    ['archive', 'list'],
    ['archive', 'verify', '--recount'],
    ['archive', 'key'],
    ['flash', 'refuse', 'flash-nc-000000000000', '--by', 'ana'],
    ['schedules', 'pause', 'NC', '--by', 'ana', '--reason', 'moving'],
    ['schedules', 'list'],
    ['schedules', 'resume', 'NC', '--by', 'ana', '--reason', 'back'],
    ['tokens', 'add', 'd-1', '--scope', 'reports:read', '--territory', 'NC', '--clearance', 'AMBER', '--by', 'ana'],
    ['tokens', 'list'],
    ['tokens', 'revoke', 'd-1', '--by', 'ana'],
    ['archive', 'recall', 'NC', '2024-W20', '1', '--reason', 'wrong'],
    ['recipients', 'remove', 'ana@example.org'],
    ['ingest', 'list'],
    ['withdraw', 'told', '--reason', 'twice'],
    ['history'],
    ['taxonomy', 'show'],
    ['faults', 'candidate.'],
    ['forget', '@ana'],
    ['forget', '--noted'],
    ['forget', '--expired'],
    ['doctor'],
    ['backup', join(folder, 'copy')],
  ]) {
    await ask(...words)
  }
  const [delivery] = await vigieJson<{ id: string }[]>(['deliveries', 'list', '--home', home])
  expect(delivery).toBeDefined()
  await ask('deliveries', 'show', `${delivery?.id}`)
  await ask('deliveries', 'resend', `${delivery?.id}`, '--confirm')
  const said = ['caption', 'alt'].flatMap((text) => [`--${text}-fr`, 'Une scène', `--${text}-en`, 'A scene'])
  await ask('plates', 'add', picture, '--nothing-to-mask', '--by', 'ana', ...said, '--source', 'X', '--date', '2024-05')
  const [plate] = await vigieJson<{ sha256: string }[]>(['plates', 'list', '--home', home])
  await ask('plates', 'list')
  await ask('plates', 'show', `${plate?.sha256}`)
  await ask('plates', 'recall', `${plate?.sha256}`, '--reason', 'wrong')
  await ask('plates', 'forget', `${plate?.sha256}`, '--by', 'ana', '--reason', 'wrong')
  const [batch] = await vigieJson<{ name: string }[]>(['ingest', 'list', '--home', home])
  expect((await ask('ingest', 'undo', `${batch?.name}`)).stdout).toContain('isDone')

  const all = commandsOf(vigieCommand()).map(wordsOf)
  expect([...asked, ...elsewhere].sort()).toEqual(all.sort())
})

/** One record of each fate; posts with copies; a table; recipients. */
const files = async () => {
  const marked = { territories: ['NC'], observed: { from: '2024-05-14' } }
  const told = await writeNdjson(
    join(folder, 'told.ndjson'),
    { ...input({ id: 'told', ...marked, counts: { posts: 9 }, accountRefs: ['ana'] }), title: 'told' },
    input({ id: 'other', ...marked, marking: 'TLP:AMBER' }),
    input({ id: 'other', ...marked, marking: 'TLP:GREEN' }),
    { ...input({ id: 'nowhere' }), territories: [] },
    { ...input({ id: 'wrong' }), kind: 'rumour' },
  )
  const posts = join(folder, 'posts.csv')
  const texts = ['La police tire sur la foule, partagez avant', 'Les urnes de Nouméa ont été changées cette nuit']
  const copies = Array.from({ length: 30 }, (_, at) => `${at},a${at},2024-05-14T10:00:${10 + at}Z,"${texts[at % 2]}"`)
  await writeFile(posts, ['id,account,time,text', ...copies].join('\n'))
  const table = join(folder, 'table.csv')
  await writeFile(table, 'Identifiant;Date de détection;Territoire;Description\n1;2024-05-14;NC;Essai\n')
  const people = join(folder, 'people.csv')
  await writeFile(people, 'address,territories\nbob@example.org,WF\nno address,NC\n')
  const picture = join(folder, 'scene.png')
  await writeFile(picture, png(scene()))
  return { told, posts, table, people, picture }
}
