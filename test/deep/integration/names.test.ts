/**
 * Who changed what is stored is shown only to those who may know everything: no file that leaves has a name.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { vigieCommand } from '../../../bin/cli/program.ts'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { territories } from '../../../lambdas/domain/core/place/territory.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { ndjson, newFolder, vigie } from '../../support/cli.ts'
import { input } from '../../support/detections.ts'
import { fileText, filesIn } from '../../support/published-files.ts'
import { roomOn } from '../../support/room-on.ts'
import { openedOn } from '../../support/services.ts'

const name = 'Zoraide Canari'
const isNamed = (text: string): boolean => /zoraide|canari/i.test(text)

let folder: string
let home: string
let remove: () => Promise<void>
/** Commands that were given the name. */
const given = new Set<string>()

const run = async (...args: readonly string[]) => {
  const ran = await vigie(['--home', home, ...args])
  expect([args, ran.code, ran.code === 0 ? '' : ran.stderr + ran.stdout]).toEqual([args, 0, ''])
  return ran.stdout
}

const as = async (command: string, ...args: readonly string[]): Promise<void> => {
  given.add(command)
  await run(...command.split(' '), ...args, '--by', name)
}

const file = async (called: string, text: string): Promise<string> => {
  await writeFile(join(folder, called), text)
  return join(folder, called)
}

const ingest = async (...records: readonly Partial<DetectionInput>[]): Promise<void> => {
  const lines = records.map((one) =>
    input({ territories: ['GP'], marking: 'TLP:CLEAR', actor: { name: 'Actor', attributedBy: 'A unit' }, ...one }),
  )
  await vigie(['--home', home, 'ingest', await file('records.ndjson', ndjson(...lines))])
}

const ids = ['corrected', 'replied', 'lowered', 'contested', 'refused', 'unplaced', 'ruled', 'sheet'] as const

beforeAll(async () => {
  ;({ folder, remove } = await newFolder())
  home = join(folder, 'home')
  await ingest(
    ...[{ id: 'corrected' }, { id: 'replied' }, { id: 'contested' }, { id: 'refused' }, { id: 'sheet' }],
    { id: 'withdrawn' },
    { id: 'lowered', marking: 'TLP:GREEN' },
    { id: 'unplaced', territories: [] },
  )
  const rules = { by: name, rules: [{ name: 'a rule', match: { hashtag: '#named' }, territories: ['GP'] }] }
  const ruled = input({ id: 'ruled', territories: [], hashtags: ['#named'], marking: 'TLP:CLEAR' })
  await run(
    ...['ingest', await file('ruled.ndjson', ndjson(ruled))],
    ...['--rules', await file('rules.json', JSON.stringify(rules))],
  )
  const reads = ['reader@example.org', '--territory', 'all', '--clearance', 'GREEN', '--edition', 'each']
  await as('recipients add', ...reads)
  await as('recipients update', ...reads)
  await as('recipients remove', 'reader@example.org')
  await as('recipients add', ...reads)
  await run('report', 'GP', '2024-W20', '--cap', 'CLEAR')
  const why = ['--reason', `as ${name} wrote`]
  await as('correct', 'corrected', '--set', 'territories=GP,MQ', 'counts.posts=12', 'title.en=Otherwise', ...why)
  await as(
    ...['correct', 'replied', '--reply', 'en=We reject it.', '--reply-by', 'Actor', '--reply-date', '2024-05-21'],
    ...(['--reply-source', 'Their site', ...why] as const),
  )
  await vigie(['--home', home, 'correct', 'lowered', '--set', 'marking=CLEAR', ...why, '--by', name])
  await as('inbox accept', 'lowered', ...why)
  await ingest({ id: 'contested', detector: 'Other' }, { id: 'refused', detector: 'Other' })
  await as('inbox accept', 'contested', ...why)
  await as('inbox refuse', 'refused', ...why)
  await as('inbox fix', 'unplaced', '--territory', 'GP', ...why)
  await as('withdraw', 'withdrawn', ...why)
  const sheet = 'id;title;date;territory;posts;TLP\nsheet;By hand;2024-05-15;Martinique;7;CLEAR\n'
  await as('ingest', await file('sheet.csv', sheet), ...why)
  await vigie(['--home', home, 'ingest', await file('bad.csv', 'title;date\nx;yesterday\n')])
  // It exits with 1, since the record is still rejected.
  given.add('rejects retry')
  await vigie(['--home', home, 'rejects', 'retry', '--by', name])
  await as('inbox refuse', '--kind', 'reject', ...why)
  const [last] = JSON.parse(await run('--json', 'ingest', 'list')) as readonly { name: string }[]
  await as('ingest undo', last?.name ?? '')
  await as('sources mark', 'D3lta', '--marking', 'CLEAR', ...why)
  await as('schedules pause', 'GP', ...why)
  await as('schedules resume', 'GP', ...why)
  await as('tokens add', 'd-1', '--scope', 'reports:read', '--territory', 'GP', '--clearance', 'CLEAR')
  await as('tokens revoke', 'd-1')
  await as('archive recall', 'GP', '2024-W20', '1', '--cap', 'CLEAR', '--reason', 'a test')
})
afterAll(() => remove())

/** What they do is about no detection, or takes a picture or an approved version. */
const apart = /^(?:plates|flash|recipients import)\b/

const withName = (command: Command, above = ''): readonly string[] => {
  const { commands, options } = command
  const path = `${above} ${command.name()}`.trim()
  return [
    ...(options.some(({ long, argChoices }) => long === '--by' && !argChoices) ? [path.replace(/^vigie /, '')] : []),
    ...commands.flatMap((one) => withName(one, path)),
  ]
}

test('is given to every command that takes one, except those on pictures and flash notes', () => {
  expect(withName(vigieCommand()).filter((one) => !given.has(one) && !apart.test(one))).toEqual([])
})

const caps = ['TLP:CLEAR', 'TLP:GREEN', 'TLP:RED'] as const

test.each(caps)('is in no file of a report up to %s, nor in its mail', async (cap) => {
  // A group has files of its own form.
  for (const territory of cap === 'TLP:GREEN' ? ['GP', 'antilles'] : ['GP']) {
    await run('report', territory, '2024-W20', '--cap', cap.replace('TLP:', ''), '--deliver')
  }
  const files = [...(await filesIn(join(home, 'archive'))), ...(await filesIn(join(home, 'outbox')).catch(() => []))]
  expect(files.length).toBeGreaterThan(10)
  // The reader gets the strictest edition that they may read.
  if (cap === 'TLP:GREEN') expect(files.filter((path) => path.endsWith('.eml')).length).toBeGreaterThan(0)
  const found: string[] = []
  for (const path of files) if (isNamed(await fileText(path))) found.push(path.slice(home.length))
  expect(found).toEqual([])
})

test.each(['TLP:CLEAR', 'TLP:AMBER+STRICT'])('is in no answer up to %s', async (cap) => {
  for (const json of [[], ['--json']]) {
    for (const id of ids) {
      for (const command of [
        ['explain', id, '--in', 'GP', '2024-W20'],
        ['detections', 'show', id],
      ]) {
        const { stdout } = await vigie(['--home', home, ...json, ...command, '--cap', cap.replace('TLP:', '')])
        expect([command, stdout]).toEqual([command, expect.not.stringMatching(/zoraide|canari/i)])
      }
    }
  }
})

test('is in no page of a reader who may not know everything, nor in their feed', async () => {
  const caller = { ...everything, clearance: 'TLP:AMBER' as const, territories: territories.map(({ code }) => code) }
  await openedOn(home, async ({ services, table }) => {
    const get = roomOn(services, { ...caller, scopes: ['reports:read', 'detections:read'] }, table)
    for (const path of ['/room/feed.atom', '/room/archive', ...ids.map((id) => `/room/detections/${id}`)]) {
      const { status, text } = await get(path)
      expect([path, status, isNamed(text)]).toEqual([path, 200, false])
    }
  })
})

test('is shown to those who may know everything', async () => {
  const text = await run('explain', 'corrected')
  expect(text).toContain(`an analyst states it (${name})`)
})
