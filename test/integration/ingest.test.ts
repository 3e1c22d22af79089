/** `vigie ingest`: every record is accepted, revised, a duplicate, unplaced or rejected. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { IngestResult, ListedInbox } from '../../bin/cli/answers.ts'
import { parseObserved } from '../../lambdas/domain/core/time/observed.ts'
import { shownText } from '../../lambdas/render/html-check.ts'
import { type IngestJson, jsonOf, ndjson, newFolder, type Ran, vigie, vigieJson } from '../support/cli.ts'
import { input } from '../support/detections.ts'
import { ingestInto, type Opened, openServices, reportFrom } from '../support/services.ts'

let folder: string
let home: string
let opened: Opened
let cleanUp: () => Promise<void>
let files = 0

beforeAll(async () => {
  const made = await newFolder()
  folder = made.folder
  home = join(folder, 'home')
  opened = await openServices(home, 'now')
  cleanUp = async () => {
    await opened.close()
    await made.remove()
  }
})
afterAll(() => cleanUp())

const file = async (content: string | Uint8Array): Promise<string> => {
  files += 1
  const path = join(folder, `input-${files}.ndjson`)
  await writeFile(path, content)
  return path
}
const run = (...args: readonly string[]): Promise<Ran> => vigie(['ingest', ...args, '--home', home, '--json'])

/** Counts of a tally, whose sum always holds. */
const counts = ({ read, accepted, revised, duplicates, unplaced, rejected }: IngestJson | IngestResult) => {
  expect(accepted + revised + duplicates + unplaced + rejected).toBe(read)
  return [read, accepted, revised, duplicates, unplaced, rejected].join(' ')
}

it('counts every outcome of one file', async () => {
  await ingestInto(opened, [input({ id: 'm-known' })])
  const lines = ndjson(
    input({ id: 'm-known' }),
    input({ id: 'm-new' }),
    input({ id: 'm-new', counts: { posts: 2 } }),
    input({ id: 'm-new', counts: { posts: 2 } }),
    input({ id: 'm-nowhere', territories: [] }),
    { id: 'm-bad' },
  )
  const ran = await run(await file(lines))
  const tally = jsonOf<IngestJson>(ran)
  expect([ran.code, counts(tally)]).toEqual([1, '6 1 1 2 1 1'])
  expect(tally.rejects).toMatchObject([{ line: 6, id: 'm-bad', path: expect.any(String) }])
})

it('rejects lines that the store could not hold or a report could not print, and stores their neighbours', async () => {
  const long = 'x'.repeat(600_000)
  const wrong = [
    { territories: [long] },
    { [long]: 1 },
    { observed: { from: long } },
    { marking: long },
    { title: { [long]: 'x' } },
    { kind: long },
    { title: 'half a character \ud800' },
    { title: 'escape \u001b[31m' },
    { title: '   ' },
  ]
  const lines = wrong.map((more, at) => ({ ...input({ id: `wrong-${at}` }), ...more }))
  const tally = await ingestInto(opened, ndjson(input({ id: 'first' }), ...lines, input({ id: 'last' })))
  expect(tally.failed).toEqual([])
  expect(counts(tally)).toBe(`${wrong.length + 2} 2 0 0 0 ${wrong.length}`)
  for (const { message, path } of tally.rejects) expect(message.length + path.length).toBeLessThan(5_000)
})

it('reads each of several files, also if one is missing or unreadable', async () => {
  const good = await file(ndjson(input({ id: 's-1' })))
  const array = await file(JSON.stringify([input({ id: 's-2' })]))
  const utf16 = await file(Buffer.from(`\ufeff${ndjson(input({ id: 's-3' }))}`, 'utf16le'))
  const prose = await file('a text without any detection')
  const last = await file(ndjson(input({ id: 's-4' })))
  const missing = join(folder, 'no-such-file')
  const ran = await run(good, missing, array, utf16, prose, folder, last)
  const tally = jsonOf<IngestJson>(ran)
  expect([ran.code, counts(tally)]).toEqual([1, '4 4 0 0 0 0'])
  expect(tally.failed.map((one) => one.file)).toEqual([missing, prose, folder])
  for (const { file: name } of tally.failed) expect(ran.stderr).toContain(name)
})

it('takes time and territory from its options where a record has none', async () => {
  const { territories: _t, observed: _o, ...open } = input({ id: 'o-1', counts: { posts: 3 } })
  const closed = input({ id: 'o-2', territories: ['RE'], observed: { from: '2024-05-08' }, counts: { posts: 4 } })
  const ran = await run(
    await file(ndjson(open, closed)),
    ...['--observed', '2024-05-15..2024-05-16', '--territory', 'antilles', 'WF'],
  )
  expect([ran.code, counts(jsonOf<IngestJson>(ran))]).toEqual([0, '2 2 0 0 0 0'])
  const stored = async (id: string) => {
    const { territories, observed } = (await opened.services.detections.latest(id)) ?? {}
    return [territories?.map(({ code }) => code).sort(), observed?.from]
  }
  expect(await stored('o-1')).toEqual([['BL', 'GP', 'MF', 'MQ', 'WF'], '2024-05-15'])
  expect(await stored('o-2')).toEqual([['RE'], '2024-05-08'])
})

it('lets the report show that a time was stated by hand', async () => {
  const { observed: _, ...open } = input({ id: 'hand', territories: ['TF'] })
  await ingestInto(opened, ndjson(open), { observed: parseObserved('2024-W20') })
  const report = await reportFrom(opened, 'TF', '2024-W20')
  expect(report.totals.detections).toBe(1)
  const text = (name: string) => readFile(report.files.find((one) => one.name === name)?.path ?? '', 'utf8')
  expect(await text('report.json')).toContain('"statedByHand": true')
  expect(shownText(await text('report.en.html')).join(' ')).toMatch(/by hand|stated by/i)
})

it('exports rejects with their text, to be corrected and sent again', async () => {
  const wrong = JSON.stringify({ ...input({ id: 'x-1' }), kind: 'gossip' })
  await ingestInto(opened, `${wrong}\n`)
  type Kept = { readonly id?: string; readonly raw?: string; readonly sha256: string }
  const listed = await vigieJson<readonly ListedInbox[]>(['inbox', 'list', '--kind', 'reject', '--home', home])
  const [shown] = listed.filter(({ title }) => title.endsWith(', x-1'))
  expect(shown).toMatchObject({ why: expect.stringMatching(/^kind .*copy-paste/) })
  expect(JSON.stringify(shown)).not.toContain('gossip')
  const { stdout } = await vigie(['rejects', 'export', '--home', home])
  const exported = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Kept)
  const found = exported.find(({ id }) => id === 'x-1')
  expect(found).toMatchObject({ raw: wrong, sha256: createHash('sha256').update(wrong).digest('hex') })
  const corrected = (found?.raw ?? '').replace('gossip', 'video')
  expect(counts(await ingestInto(opened, corrected))).toBe('1 1 0 0 0 0')
})

it('keeps all rejects, and answers with the first thousand', async () => {
  const open = async () => (await Array.fromAsync(opened.services.rejects.open())).length
  const before = await open()
  const tally = await ingestInto(opened, ndjson(...Array.from({ length: 1_300 }, (_, at) => ({ number: at }))))
  expect(counts(tally)).toBe('1300 0 0 0 0 1300')
  expect(tally.rejects).toHaveLength(1_000)
  expect(await open()).toBe(before + 1_300)
})
