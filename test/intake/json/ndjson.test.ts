import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readNdjson } from '../../../lambdas/intake/json/ndjson.ts'
import type { IntakeOptions, IntakeRecord, Reject } from '../../../lambdas/intake/record/record.ts'
import { keptOfLongBytes, maxLineBytes } from '../../../lambdas/intake/text/lines.ts'
import { input } from '../../support/detections.ts'
import { inPieces } from '../../support/intake.ts'

const read = (content: string | Uint8Array, options: Partial<IntakeOptions> = {}, size?: number) =>
  Array.fromAsync(readNdjson(inPieces(content, size), { file: 'f', ...options }))

const idsOf = (records: readonly IntakeRecord[]) =>
  records.map((record) => ('detection' in record ? record.detection.id : undefined))

const rejectsOf = (records: readonly IntakeRecord[]): readonly Reject[] =>
  records.flatMap((record) => ('reject' in record ? [record.reject] : []))

const line = (id: string, more = {}) => JSON.stringify(input({ id, ...more }))

const hash = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')

describe('NDJSON', () => {
  it('gives a detection for each line, with its number and text', async () => {
    const content = `${line('a')}\n${line('b')}`
    expect(await read(content, {}, 7)).toMatchObject([
      { detection: { id: 'a' }, line: 1, raw: line('a') },
      { detection: { id: 'b' }, line: 2, raw: line('b') },
    ])
  })

  it('skips a byte-order mark, carriage returns and blank lines, which count as lines', async () => {
    const records = await read(`\ufeff${line('a')}\r\n\r\n \t\r\n${line('b')}\r\n`)
    expect(idsOf(records)).toEqual(['a', 'b'])
    expect(records[1]).toMatchObject({ line: 4 })
  })

  it('gives the place of each record, in any pieces and with any line ends', async () => {
    const texts = fc.array(fc.oneof(fc.stringMatching(/^[a-zé{} ]{0,6}$/), fc.constant(line('é'))), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 90 }),
        async (all, end, isClosed, size) => {
          const content = all.join(end) + (isClosed ? end : '')
          const records = await read(content, {}, size)
          expect(records).toEqual(await read(content))
          const expected = all.flatMap((text, at) => (text.trim() === '' ? [] : [{ line: at + 1, text }]))
          const found = records.map((record) => ('reject' in record ? record.reject : record) as Partial<Reject>)
          expect(found.map(({ line: number, raw }) => ({ line: number, text: raw }))).toEqual(expected)
          const bytes = Buffer.from(content)
          for (const { offset, bytes: length, raw } of rejectsOf(records)) {
            expect(bytes.subarray(offset, (offset ?? 0) + length).toString()).toBe(raw)
          }
        },
      ),
    )
  })

  it('may be in UTF-16, as Windows saves it', async () => {
    const records = await read(Buffer.from(`\ufeff${line('é')}\r\n${line('b')}`, 'utf16le'), {}, 7)
    expect(idsOf(records)).toEqual(['é', 'b'])
  })

  it('reports a file as cut where its last line has no end and is no JSON', async () => {
    const whole = `${line('a')}\n${line('b')}`
    const message = async (content: string) => rejectsOf(await read(content, {}, 11)).at(-1)?.message
    expect(await message(whole.slice(0, -5))).toContain('the file seems cut here')
    expect(await message(`${whole.slice(0, -5)}\n`)).toContain('each line must hold one whole object')
    expect(await message(`{\n${line('b')}`)).not.toContain('seems cut')
    const long = `${line('c', { accountRefs: Array.from({ length: 9_000 }, (_, at) => `account-${at}`) })}{`
    expect(await message(`${long}\n`)).not.toContain('seems cut')
  })

  it('is empty where the file is', async () => {
    expect(await read('')).toEqual([])
    expect(await read('\ufeff\n\n')).toEqual([])
  })

  it('keeps line ends of other kinds inside texts', async () => {
    const records = await read(line('a', { title: 'one\u2028two\u2029three' }))
    expect(records).toMatchObject([{ detection: { title: { und: 'one\u2028two\u2029three' } } }])
  })

  it('rejects a line that is no detection, with place, reason, text and hash', async () => {
    const wrong = '{"id":"x","kind":"gossip"}'
    const first = line('é')
    const [reject] = rejectsOf(await read(`${first}\n${wrong}\n`))
    expect(reject).toMatchObject({
      file: 'f',
      line: 2,
      id: 'x',
      offset: Buffer.byteLength(first) + 1,
      bytes: wrong.length,
      sha256: hash(wrong),
      raw: wrong,
    })
    expect(reject?.message).toContain('kind')
  })

  it.each(['{', '{"id":"a"} {"id":"b"}', '[1]', '"a"', '1', 'null', 'NaN', '\u0000'])(
    'rejects %j alone',
    async (wrong) => {
      const records = await read(`${wrong}\n${line('after')}\n`)
      expect(idsOf(records)).toEqual([undefined, 'after'])
      expect(rejectsOf(records)[0]?.message).not.toBe('')
    },
  )

  it('rejects a line that is not UTF-8, alone', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`${line('a')}\n`),
      Buffer.from([0x7b, 0xff, 0x7d, 0x0a]),
      Buffer.from(line('b')),
    ])
    const records = await read(bytes)
    expect(idsOf(records)).toEqual(['a', undefined, 'b'])
    expect(rejectsOf(records)).toMatchObject([{ line: 2, bytes: 3, sha256: hash(Buffer.from([0x7b, 0xff, 0x7d])) }])
  })

  it('rejects a line over the limit by its start and hash, and takes one at the limit', async () => {
    const fill = (id: string, bytes: number) => {
      const short = line(id, { accountRefs: [] })
      const missing = bytes - short.length
      const refs: string[] = []
      for (let left = missing; left > 0;) {
        const take = left > 203 + 4 ? 200 : left - 3 + (refs.length === 0 ? 1 : 0)
        refs.push('x'.repeat(take))
        left -= take + 3 - (refs.length === 1 ? 1 : 0)
      }
      return line(id, { accountRefs: refs })
    }
    const atLimit = fill('at', maxLineBytes)
    const over = `${fill('over', maxLineBytes)} `
    expect([atLimit.length, over.length]).toEqual([maxLineBytes, maxLineBytes + 1])
    const records = await read(`${over}\n${atLimit}\n${line('after')}`, {}, 1 << 18)
    expect(idsOf(records)).toEqual([undefined, 'at', 'after'])
    expect(rejectsOf(records)).toMatchObject([{ line: 1, offset: 0, bytes: over.length, sha256: hash(over) }])
    expect(rejectsOf(records)[0]?.raw).toBe(over.slice(0, keptOfLongBytes))
  })

  it('reads a line of 300 MB in little memory', async () => {
    const piece = Buffer.alloc(1 << 20, '{"id":')
    const memory = process.memoryUsage.rss()
    let most = 0
    const chunks = async function* () {
      for (let at = 0; at < 300; at += 1) {
        most = Math.max(most, process.memoryUsage.rss())
        yield piece
      }
      yield Buffer.from(`\n${line('after')}\n`)
    }
    const records = await Array.fromAsync(readNdjson(chunks(), { file: 'f' }))
    expect(idsOf(records)).toEqual([undefined, 'after'])
    expect(rejectsOf(records)).toMatchObject([{ line: 1, bytes: 300 << 20 }])
    expect((most - memory) / 2 ** 20).toBeLessThan(120)
  })

  it('uses what the analyst states where a record does not state it', async () => {
    const { territories: _t, observed: _o, ...open } = input({ id: 'open' })
    const stated = {
      territories: ['COR', 'PF'],
      observed: { from: '2024-02', to: '2024-02', precision: 'month', statedByHand: true },
    } as const
    const records = await read(`${JSON.stringify(open)}\n${line('closed')}`, stated)
    expect(records).toMatchObject([
      {
        detection: {
          territories: [
            { code: 'COR', method: 'analyst' },
            { code: 'PF', method: 'analyst' },
          ],
          observed: { from: '2024-02', precision: 'month', statedByHand: true },
        },
      },
      {
        detection: {
          territories: [{ code: 'NC', method: 'explicit' }],
          observed: { from: '2024-05-15', precision: 'day' },
        },
      },
    ])
  })

  it('reads a report of a run, also one that found nothing', async () => {
    const detector = { name: 'D3lta', version: '2.1', expectedRhythm: 'PT6H' }
    const words = [
      { source: 'D3lta', ran: '2024-05-15T06:00:00+11:00', found: 0 },
      { source: detector, ran: '2024-05-15T00:00:00Z', found: 12 },
    ]
    expect(await read(words.map((word) => JSON.stringify(word)).join('\n'))).toEqual([
      {
        ran: { detector: { name: 'D3lta' }, at: '2024-05-14T19:00:00.000Z', found: 0 },
        line: 1,
        raw: expect.any(String),
      },
      { ran: { detector, at: '2024-05-15T00:00:00.000Z', found: 12 }, line: 2, raw: expect.any(String) },
    ])
  })

  it.each([
    [{ source: 'D3lta', ran: '2024-05-15', found: 0 }, 'ran', 'is a day: give the instant of the run'],
    [{ source: 'D3lta', ran: '2024-05-15T00:00:00', found: 0 }, 'ran', 'has no offset from UTC'],
    [{ source: 'D3lta', ran: 'yesterday', found: 0 }, 'ran', 'is no time'],
    [{ source: 'D3lta', ran: '2024-05-15T00:00:00Z' }, 'found', 'must be a whole number'],
    [{ source: 'D3lta', ran: '2024-05-15T00:00:00Z', found: -1 }, 'found', 'must not be negative'],
    [{ source: 'D3lta', ran: '2024-05-15T00:00:00Z', found: 0.5 }, 'found', 'must be a whole number'],
    [{ ran: '2024-05-15T00:00:00Z', found: 0 }, 'source', 'is missing'],
    [{ source: '', ran: '2024-05-15T00:00:00Z', found: 0 }, 'source', 'must not be empty'],
    [{ source: 'D3lta', ran: '2024-05-15T00:00:00Z', found: 0, id: 'x' }, '', 'does not know: id'],
  ])('rejects %j as a report of a run', async (word, path, message) => {
    expect(rejectsOf(await read(JSON.stringify(word)))).toMatchObject([
      { path, message: expect.stringContaining(message) },
    ])
  })

  it('names NUL bytes', async () => {
    const [reject] = rejectsOf(await read(line('a').replace('A burst', 'A \0 burst')))
    expect(reject?.message).toContain('NUL bytes')
  })
})
