import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { IntakeOptions, IntakeRecord, Reject } from '../../lambdas/intake/intake.ts'
import { keptOfLong, linesOf, longestLine } from '../../lambdas/intake/lines.ts'
import { readNdjson } from '../../lambdas/intake/ndjson.ts'
import { input } from '../support/detections.ts'

/** A stream of the bytes in pieces of a size. */
const inPieces = async function* (bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const read = (content: string | Uint8Array, options: Partial<IntakeOptions> = {}, size = 1 << 16) =>
  Array.fromAsync(readNdjson(inPieces(Buffer.from(content), size), { file: 'f', ...options }))

const idsOf = (records: readonly IntakeRecord[]) =>
  records.map((record) => ('detection' in record ? record.detection.id : undefined))

const rejectsOf = (records: readonly IntakeRecord[]): readonly Reject[] =>
  records.flatMap((record) => ('reject' in record ? [record.reject] : []))

const line = (id: string, more = {}) => JSON.stringify(input({ id, ...more }))

const hash = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')

describe('lines', () => {
  const lines = (content: string, size: number) =>
    Array.fromAsync(linesOf(inPieces(Buffer.from(content), size)), ({ head, number, offset, bytes }) => ({
      text: Buffer.from(head).toString(),
      number,
      offset,
      bytes,
    }))

  it('are the same however the stream is cut, and say where they stand', async () => {
    const texts = fc.array(fc.stringMatching(/^[a-é \r]{0,6}$/), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(
        texts,
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.integer({ min: 1, max: 9 }),
        async (all, end, closed, size) => {
          const content = all.join(end) + (closed ? end : '')
          const found = await lines(content, size)
          expect(found).toEqual(await lines(content, 1 << 20))
          const bytes = Buffer.from(content)
          for (const { text, offset, bytes: length } of found) {
            expect(bytes.subarray(offset, offset + length).toString()).toBe(text)
          }
          expect(found.map(({ number }) => number)).toEqual(found.map((_, at) => at + 1))
          expect(found.map(({ text }) => text)).toEqual(
            content
              .replace(/\n$/, '')
              .split('\n')
              .map((text) => text.replace(/\r$/, ''))
              .slice(0, content === '' ? 0 : undefined),
          )
        },
      ),
    )
  })
})

describe('NDJSON', () => {
  it('gives a detection a line, with its number and text', async () => {
    const content = `${line('a')}\n${line('b')}`
    expect(await read(content, {}, 7)).toMatchObject([
      { detection: { id: 'a' }, line: 1, raw: line('a') },
      { detection: { id: 'b' }, line: 2, raw: line('b') },
    ])
  })

  it('passes over a byte-order mark, carriage returns and blank lines, which count as lines', async () => {
    const records = await read(`\ufeff${line('a')}\r\n\r\n \t\r\n${line('b')}\r\n`)
    expect(idsOf(records)).toEqual(['a', 'b'])
    expect(records[1]).toMatchObject({ line: 4 })
  })

  it('is empty where the file is', async () => {
    expect(await read('')).toEqual([])
    expect(await read('\ufeff\n\n')).toEqual([])
  })

  it('keeps line ends of other kinds inside texts', async () => {
    const records = await read(line('a', { title: 'one\u2028two\u2029three' }))
    expect(records).toMatchObject([{ detection: { title: { und: 'one\u2028two\u2029three' } } }])
  })

  it('rejects what is no detection with its place, reason, text and hash', async () => {
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
    'rejects %j and goes on',
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
      // Many references: none of them longer than a reference may be.
      const refs: string[] = []
      for (let left = missing; left > 0; ) {
        const take = left > 203 + 4 ? 200 : left - 3 + (refs.length === 0 ? 1 : 0)
        refs.push('x'.repeat(take))
        left -= take + 3 - (refs.length === 1 ? 1 : 0)
      }
      return line(id, { accountRefs: refs })
    }
    const atLimit = fill('at', longestLine)
    const over = `${fill('over', longestLine)} `
    expect([atLimit.length, over.length]).toEqual([longestLine, longestLine + 1])
    const records = await read(`${over}\n${atLimit}\n${line('after')}`, {}, 1 << 18)
    expect(idsOf(records)).toEqual([undefined, 'at', 'after'])
    expect(rejectsOf(records)).toMatchObject([{ line: 1, offset: 0, bytes: over.length, sha256: hash(over) }])
    expect(rejectsOf(records)[0]?.raw).toBe(over.slice(0, keptOfLong))
  })

  it('adds what the analyst states where a record leaves it open', async () => {
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

  it('never throws, and gives one record a line, whatever the bytes are', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 50 }), async (bytes, size) => {
        const records = await read(bytes, {}, size)
        expect(records.length).toBeLessThanOrEqual(bytes.filter((byte) => byte === 10).length + 1)
      }),
    )
  })
})
