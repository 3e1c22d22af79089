/**
 * Everything that is read is accepted, revised, a duplicate, unplaced or rejected: as `vigie ingest` does it, and by
 * it.
 */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { IngestResult } from '../../bin/cli/answers.ts'
import type { IngestCommand } from '../../bin/cli/ingest-files.ts'
import { parseObserved } from '../../lambdas/domain/core/time/observed.ts'
import { maxLineBytes } from '../../lambdas/intake/text/lines.ts'
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
  // Commands join this process on the home.
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

/** What an ingest says; the sum always holds. */
const summed = <Tally extends IngestJson | IngestResult>(tally: Tally): Tally => {
  const { read, accepted, revised, duplicates, unplaced, rejected } = tally
  expect(accepted + revised + duplicates + unplaced + rejected).toBe(read)
  return tally
}

/** What a command says of an ingest, and the exit code that goes with it. */
const tallyOf = (ran: Ran): IngestJson => {
  const tally = summed(jsonOf<IngestJson>(ran))
  expect(ran.code).toBe(tally.rejected + tally.failed.length > 0 ? 1 : 0)
  return tally
}

const ingest = async (content: string | Uint8Array, stated: Partial<IngestCommand> = {}) =>
  summed(await ingestInto(opened, content, stated))

const counts = ({ read, accepted, revised, duplicates, unplaced, rejected }: IngestJson | IngestResult) =>
  [read, accepted, revised, duplicates, unplaced, rejected].join(' ')

describe('one file', () => {
  it('is accepted, then all duplicates, and revised where a line has changed', async () => {
    const lines = Array.from({ length: 150 }, (_, at) => input({ id: `i-${at}`, counts: { posts: at } }))
    expect(counts(tallyOf(await run(await file(ndjson(...lines)))))).toBe('150 150 0 0 0 0')
    expect(counts(await ingest(ndjson(...lines.toReversed())))).toBe('150 0 0 150 0 0')
    const [first, ...rest] = lines
    expect(counts(await ingest(ndjson({ ...first, counts: { posts: 9999 } }, ...rest)))).toBe('150 0 1 149 0 0')
  })

  it('may hold every outcome at once, and the same id twice', async () => {
    await ingest(ndjson(input({ id: 'm-known' })))
    const lines = ndjson(
      input({ id: 'm-known' }),
      input({ id: 'm-new' }),
      input({ id: 'm-new', counts: { posts: 2 } }),
      input({ id: 'm-new', counts: { posts: 2 } }),
      input({ id: 'm-nowhere', territories: [] }),
      { id: 'm-bad' },
    )
    const tally = tallyOf(await run(await file(lines)))
    expect(counts(tally)).toBe('6 1 1 2 1 1')
    expect(tally.rejects).toMatchObject([{ line: 6, id: 'm-bad', path: expect.any(String) }])
  })

  it('takes explicit revisions upwards only', async () => {
    const said = (revision: number, posts: number) => ndjson(input({ id: 'r-1', revision, counts: { posts } }))
    expect(counts(await ingest(said(5, 1)))).toBe('1 1 0 0 0 0')
    expect(counts(await ingest(said(5, 1) + said(4, 1)))).toBe('2 0 0 2 0 0')
    expect(counts(await ingest(said(5, 2) + said(3, 3) + said(6, 4)))).toBe('3 0 1 0 0 2')
  })

  it('takes ids of 1 to 128 printable characters and no others', async () => {
    const good = [
      'a b',
      'a#b#00000001',
      'say "so"',
      "it's",
      '🇳🇨 🦜',
      `${'é'.repeat(64)}${'🦜'.repeat(64)}`,
      '_',
      '-',
      '__proto__',
      '../x',
      '%',
    ]
    const bad = ['', 'x'.repeat(129), `${'🦜'.repeat(129)}`, 'line\nend', 'tab\t', 'nul\u0000', '\u2028', 'bidi\u202e']
    const tally = await ingest(ndjson(...[...good, ...bad].map((id) => input({ id, territories: ['PM'] }))))
    expect(counts(tally)).toBe(`${good.length + bad.length} ${good.length} 0 0 0 ${bad.length}`)
    expect(tally.rejects.map(({ line }) => line)).toEqual(bad.map((_, at) => good.length + at + 1))
    expect(new Set(tally.rejects.map(({ path }) => path))).toEqual(new Set(['id']))
    const { totals } = await reportFrom(opened, 'PM', '2024-W20')
    expect(totals.detections).toBe(good.length)
  })

  it('takes the characters that join others in emoji, Persian and Hindi', async () => {
    const tally = await ingest(ndjson(input({ id: 'family 👨‍👩‍👧', hashtags: ['#نمی‌خواهم', '#क्‍ष'] })))
    expect(tally.rejects).toEqual([])
  })

  it('may have a byte-order mark, CRLF, blank lines, and no last line end', async () => {
    const [a, b, c] = ['b-1', 'b-2', 'b-3'].map((id) => JSON.stringify(input({ id })))
    const tally = await ingest(`\ufeff${a}\r\n\r\n   \r\n${b}\n\n${c}`)
    expect(counts(tally)).toBe('3 3 0 0 0 0')
  })

  it('may be empty, or blank', async () => {
    expect(counts(await ingest(''))).toBe('0 0 0 0 0 0')
    expect(counts(await ingest('\n\n \r\n'))).toBe('0 0 0 0 0 0')
  })

  it('may have lines that are no detection: each is a reject with its place, the rest is stored', async () => {
    const bad = ['{"id":', '[]', '"text"', 'null', '42', '{"id":"n-x","extra":1}']
    const latin1 = Buffer.from('{"id":"caf\u00e9"}', 'latin1')
    const good = ndjson(input({ id: 'n-1' }))
    const tally = await ingest(
      Buffer.concat([
        Buffer.from(`${good}${bad.join('\n')}\n`),
        latin1,
        Buffer.from(`\n${ndjson(input({ id: 'n-2' }))}`),
      ]),
    )
    expect(counts(tally)).toBe('9 2 0 0 0 7')
    expect(tally.rejects.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8])
    expect(tally.rejects.at(-1)?.message).toContain('UTF-8')
    expect(tally.rejects[5]).toMatchObject({ id: 'n-x' })
  })

  it('may have a line over 8 MB: it is rejected with hash and place, and the rest stored', async () => {
    const long = `{"id":"h-long","title":"${'x'.repeat(maxLineBytes)}"}`
    const before = ndjson(input({ id: 'h-1' }))
    const tally = await ingest(`${before}${long}\n${ndjson(input({ id: 'h-2' }))}`)
    expect(counts(tally)).toBe('3 2 0 0 0 1')
    type Kept = {
      readonly line: number
      readonly offset: number
      readonly bytes: number
      readonly sha256: string
      readonly raw: string
    }
    const kept = await vigieJson<readonly Kept[]>(['rejects', 'export', '--home', home])
    const found = kept.find(({ bytes }) => bytes > maxLineBytes)
    expect(found).toMatchObject({
      line: 2,
      offset: Buffer.byteLength(before),
      bytes: long.length,
      sha256: createHash('sha256').update(long).digest('hex'),
    })
    expect(found?.raw.length).toBeLessThanOrEqual(65_536)
  })

  it('is not lost for lines with 600 KB where a name belongs', async () => {
    const long = 'x'.repeat(600_000)
    const wrong = [
      { territories: [long] },
      { [long]: 1 },
      { observed: { from: long } },
      { marking: long },
      { title: { [long]: 'x' } },
      { kind: long },
    ]
    const lines = wrong.map((more, at) => ({ ...input({ id: `long-${at}` }), ...more }))
    const tally = await ingest(ndjson(input({ id: 'long-first' }), ...lines, input({ id: 'long-last' })))
    expect(tally.failed).toEqual([])
    expect(counts(tally)).toBe(`${wrong.length + 2} 2 0 0 0 ${wrong.length}`)
    for (const { message, path } of tally.rejects) expect(message.length + path.length).toBeLessThan(5_000)
  })

  it('is not lost for a line with half a character', async () => {
    const line = (id: string) => ndjson(input({ id }))
    const tally = await ingest(line('half-1') + line('half-2').replace('A burst', '\\ud800 burst') + line('half-3'))
    expect(tally.failed).toEqual([])
    expect(counts(tally)).toBe('3 2 0 0 0 1')
  })

  it('has its lines rejected of which no report could be printed', async () => {
    const titles = ['nul \u0000', 'escape \u001b[31m', 'bell \u0007', 'delete \u007f', '   ']
    const tally = await ingest(
      ndjson(...titles.map((title, at) => input({ id: `control-${at}`, title, territories: ['YT'] }))),
    )
    expect(counts(tally)).toBe(`${titles.length} 0 0 0 0 ${titles.length}`)
    expect(new Set(tally.rejects.map(({ path }) => path))).toEqual(new Set(['title']))
  })
})

describe('several files', () => {
  it('are each read, also where one is missing or of no known form', async () => {
    const good = await file(ndjson(input({ id: 's-1' })))
    const array = await file(JSON.stringify([input({ id: 's-2' })]))
    const utf16 = await file(Buffer.from(`\ufeff${ndjson(input({ id: 's-3' }))}`, 'utf16le'))
    const words = await file('nothing that anybody would take for detections')
    const last = await file(ndjson(input({ id: 's-4' })))
    const missing = join(folder, 'no-such-file')
    const ran = await run(good, missing, array, utf16, words, folder, last)
    const tally = tallyOf(ran)
    expect(ran.code).toBe(1)
    expect(counts(tally)).toBe('4 4 0 0 0 0')
    expect(tally.failed.map((one) => one.file)).toEqual([missing, words, folder])
    for (const { file: name } of tally.failed) expect(ran.stderr).toContain(name)
  })

  it('may be standard input', async () => {
    const ran = await vigie(['ingest', '-', '--home', home, '--json'], {
      stdin: ndjson(input({ id: 'stdin-1' }), { id: 'stdin-2' }),
    })
    const tally = tallyOf(ran)
    expect(counts(tally)).toBe('2 1 0 0 0 1')
    expect(tally.rejects).toMatchObject([{ file: '-', line: 2, id: 'stdin-2' }])
  })
})

describe('what the analyst states', () => {
  it('is taken where a record leaves it open, and nowhere else', async () => {
    const { territories: _t, observed: _o, ...open } = input({ id: 'o-1', counts: { posts: 3 } })
    const closed = input({ id: 'o-2', territories: ['RE'], observed: { from: '2024-05-08' }, counts: { posts: 4 } })
    const content = ndjson(open, closed)
    expect(counts(await ingest(content))).toBe('2 1 0 0 0 1')
    const words = ['--observed', '2024-05-15..2024-05-16', '--territory', 'antilles', 'WF']
    const tally = tallyOf(await run(await file(content), ...words))
    expect(counts(tally)).toBe('2 1 0 1 0 0')
    const report = await reportFrom(opened, 'MQ', '2024-05-13--2024-05-19')
    expect(report.totals).toMatchObject({ detections: 1, posts: { value: 3 } })
  })

  it('is said in the report to be stated by hand', async () => {
    const { observed: _, ...open } = input({ id: 'hand', territories: ['TF'] })
    await ingest(ndjson(open), { observed: parseObserved('2024-W20') })
    const report = await reportFrom(opened, 'TF', '2024-W20')
    expect(report.totals.detections).toBe(1)
    const facts = await readFile(report.files.find(({ name }) => name === 'report.json')?.path ?? '', 'utf8')
    expect(facts).toContain('"statedByHand": true')
    const html = await readFile(report.files.find(({ name }) => name === 'report.en.html')?.path ?? '', 'utf8')
    expect(shownText(html).join(' ')).toMatch(/by hand|stated by/i)
  })
})

describe('rejects', () => {
  it('are listed, and exported with what they said, to be mended and sent again', async () => {
    const wrong = JSON.stringify({ ...input({ id: 'x-1' }), kind: 'gossip' })
    await ingest(`${wrong}\n`)
    type Kept = {
      readonly id?: string
      readonly path: string
      readonly message: string
      readonly raw: string
      readonly sha256: string
    }
    const listed = (await vigieJson<readonly Kept[]>(['rejects', 'list', '--home', home])).filter(
      ({ id }) => id === 'x-1',
    )
    expect(listed).toMatchObject([{ path: 'kind', message: expect.stringContaining('copy-paste') }])
    expect(listed[0]).not.toHaveProperty('raw')
    const exported = await vigie(['rejects', 'export', '--home', home])
    const lines = exported.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Kept)
    const found = lines.find(({ id }) => id === 'x-1')
    expect(found).toMatchObject({ raw: wrong, sha256: createHash('sha256').update(wrong).digest('hex') })
    const mended = (found?.raw ?? '').replace('gossip', 'video')
    expect(counts(await ingest(mended))).toBe('1 1 0 0 0 0')
  })

  it('are kept in full however many they are, a thousand of them in the answer', async () => {
    const before = (await Array.fromAsync(opened.services.rejects.open())).length
    const tally = await ingest(ndjson(...Array.from({ length: 1_300 }, (_, at) => ({ number: at }))))
    expect(counts(tally)).toBe('1300 0 0 0 0 1300')
    expect(tally.rejects).toHaveLength(1_000)
    expect(await vigieJson<readonly unknown[]>(['rejects', 'list', '--home', home])).toHaveLength(before + 1_300)
  })
})
