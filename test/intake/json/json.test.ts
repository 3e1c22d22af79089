import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { faultText } from '../../../lambdas/domain/core/fault-text.ts'
import { type Fault } from '../../../lambdas/domain/core/fault.ts'
import { readJson } from '../../../lambdas/intake/json/json.ts'
import { FileError } from '../../../lambdas/intake/record/file-error.ts'
import type { IntakeOptions, IntakeRecord, Reject } from '../../../lambdas/intake/record/record.ts'
import { keptOfLongBytes, maxLineBytes } from '../../../lambdas/intake/text/lines.ts'
import { input } from '../../support/detections.ts'
import { inPieces } from '../../support/intake.ts'

type Read = {
  readonly records: readonly IntakeRecord[]
  readonly failure?: string
  readonly noted: Readonly<Record<string, number>>
}

const read = async (
  content: string | Uint8Array,
  { size, ...options }: Partial<IntakeOptions> & { readonly size?: number } = {},
): Promise<Read> => {
  const records: IntakeRecord[] = []
  const noted: Record<string, number> = {}
  const note = (what: Fault, count: number) => {
    const text = faultText(what)
    noted[text] = (noted[text] ?? 0) + count
  }
  try {
    for await (const one of readJson(inPieces(content, size), { file: 'f.json', note, ...options })) {
      records.push(one)
    }
  } catch (error) {
    if (!(error instanceof FileError)) throw error
    return { records, noted, failure: error.message }
  }
  return { records, noted }
}

const idsOf = ({ records }: Read) => records.map((one) => ('detection' in one ? one.detection.id : undefined))

const rejectsOf = ({ records }: Read): readonly Reject[] =>
  records.flatMap((record) => ('reject' in record ? [record.reject] : []))

const record = (id: string, more = {}) => JSON.stringify(input({ id, ...more }))

const hash = (text: string | Uint8Array) => createHash('sha256').update(text).digest('hex')

describe('JSON', () => {
  it('is an array of records, each with its line and text', async () => {
    const pretty = JSON.stringify(input({ id: 'b' }), null, 2)
    const found = await read(`[\n${record('a')},\n${pretty}\n, ${record('c')}]\n`)
    expect(found.records).toMatchObject([
      { detection: { id: 'a' }, line: 2, raw: record('a') },
      { detection: { id: 'b' }, line: 3, raw: pretty },
      { detection: { id: 'c' }, line: 3 + pretty.split('\n').length },
    ])
    expect(found.failure).toBeUndefined()
  })

  it('may be one record, several in a row, or several arrays', async () => {
    expect(idsOf(await read(record('a')))).toEqual(['a'])
    expect(idsOf(await read(`${record('a')}${record('b')}\n\n${record('c')}`))).toEqual(['a', 'b', 'c'])
    expect(idsOf(await read(`[${record('a')}]\n[${record('b')}]${record('c')}`))).toEqual(['a', 'b', 'c'])
  })

  it('may be an object with an array of detections; its other fields are counted', async () => {
    const around = `{"made":"2024","by":{"x":[{"detections":[1]}]},"detections" : [${record('a')},{"id":1},${record('b')}], "n":2}`
    const found = await read(around)
    expect(idsOf(found)).toEqual(['a', undefined, 'b'])
    expect(found).toMatchObject({ noted: { 'field next to "detections"': 3 } })
    expect(found.failure).toBeUndefined()
    expect(idsOf(await read(`{"detections":[${record('a')}]}`))).toEqual(['a'])
    // In an array of records it is a field like any other.
    expect(rejectsOf(await read(`[{"detections":[${record('a')}]}]`))[0]?.message).toContain('detections')
  })

  it.each(['', ' \n', '[]', '\ufeff[ ]', '{"detections":[]}'])('is empty where it is %j', async (content) => {
    expect(await read(content)).toEqual({ records: [], noted: {} })
  })

  it('may have a byte-order mark, carriage returns, or be UTF-16', async () => {
    const content = `\ufeff[\r\n${record('é')},\r\n${record('b')}\r\n]`
    expect(idsOf(await read(content))).toEqual(['é', 'b'])
    expect(idsOf(await read(Buffer.from(content, 'utf16le'), { size: 5 }))).toEqual(['é', 'b'])
  })

  it('reads reports of runs, and uses what the analyst states', async () => {
    const { territories: _, ...open } = input({ id: 'open' })
    const content = JSON.stringify([{ source: 'D3lta', ran: '2024-05-15T00:00:00Z', found: 0 }, open])
    expect((await read(content, { territories: ['COR'] })).records).toMatchObject([
      { ran: { detector: { name: 'D3lta' }, at: '2024-05-15T00:00:00.000Z', found: 0 } },
      { detection: { territories: [{ code: 'COR', method: 'analyst' }] } },
    ])
  })
})

describe('a broken element', () => {
  it.each([
    ['a bare word', '{"id": oops}'],
    ['a bracket too few', '{"id":"x","list":[1,2}'],
    ['a brace too few inside', '{"id":"x","in":{"y":1,"list":[{"z":1]}'],
    ['a quote too few', '{"id":"x, "kind":"video"}\n'],
    ['a line end in a text', '{"id":"x","title":"one\ntwo"}\n'],
    ['a word', 'oops'],
    ['a text with all signs in it', '"[{,}]\\""'],
    ['an array', '[{"id":"x"}]'],
    ['half an object', '"id":"x"}'],
  ])('with %s is a reject with place and text, and the rest is read', async (_, broken) => {
    const before = `[\n${record('é')},\n`
    const found = await read(`${before}${broken}, ${record('b')},\n${record('c')}]`)
    expect(idsOf(found)).toEqual(['é', undefined, 'b', 'c'])
    const [reject] = rejectsOf(found)
    const text = broken.trim()
    expect(reject).toMatchObject({ line: 3, offset: Buffer.byteLength(before), raw: text, sha256: hash(text) })
    expect(reject?.message).not.toBe('')
    expect(found.failure).toBeUndefined()
  })

  it('at the end of its array is alone too', async () => {
    const found = await read(`[${record('a')},{"id":"x"]`)
    expect(idsOf(found)).toEqual(['a', undefined])
    expect(found.failure).toBeUndefined()
  })

  it('with a number beyond 2^53 as its id is rejected as it was written', async () => {
    const written = record('x').replace('"x"', '12345678901234567890')
    const found = await read(`[${written}]`)
    expect(rejectsOf(found)).toMatchObject([{ path: 'id', raw: written }])
  })

  it('has the path of a field that it has twice', async () => {
    const twice = record('x', { counts: { posts: 1 } }).replace('"posts":1', '"posts":1,"posts":2')
    expect(rejectsOf(await read(`[${twice},${record('b')}]`))).toMatchObject([
      { path: 'counts.posts', message: 'is given twice: keep one', id: 'x' },
    ])
  })

  it('that is not UTF-8 is rejected alone', async () => {
    const bad = Buffer.from(record('caf\u00e9'), 'latin1')
    const found = await read(Buffer.concat([Buffer.from(`[${record('é')},`), bad, Buffer.from(`,${record('b')}]`)]))
    expect(idsOf(found)).toEqual(['é', undefined, 'b'])
    expect(rejectsOf(found)).toMatchObject([
      { message: expect.stringContaining('UTF-8'), bytes: bad.length, sha256: hash(bad) },
    ])
  })

  it('over the limit is rejected by its start and hash, and one at the limit is read', async () => {
    const filled = (id: string, bytes: number) => {
      const short = record(id, { title: 'x', summary: { en: '' } })
      return short.replace('"title":"x"', `"title":"x"${' '.repeat(bytes - short.length)}`)
    }
    const at = filled('at', maxLineBytes).replace('"en":""', '"en":"y"').replace('  ', ' ')
    const over = filled('over', maxLineBytes + 1)
    expect([at.length, over.length]).toEqual([maxLineBytes, maxLineBytes + 1])
    const found = await read(`[${over},${at},${record('after')}]`, { size: 1 << 18 })
    expect(idsOf(found)).toEqual([undefined, 'at', 'after'])
    expect(rejectsOf(found)).toMatchObject([
      { offset: 1, bytes: over.length, sha256: hash(over), raw: over.slice(0, keptOfLongBytes) },
    ])
  })

  it('a million brackets deep is rejected, and the rest read', async () => {
    const deep = '{"a":['.repeat(1_000_000)
    const found = await read(`[${deep}${']}'.repeat(1_000_000)},${record('b')}]`)
    expect(idsOf(found)).toEqual([undefined, 'b'])
    expect(rejectsOf(await read(`[${'[}'.repeat(1_000_000)}`))).toHaveLength(1)
  })
})

describe('a file that is cut', () => {
  const whole = `[${['a', 'é', 'c'].map((id) => record(id)).join(', ')}]`

  it.each([
    ['inside a record', whole.slice(0, -20), 3],
    ['in the rest around its array', `{"detections":${whole},"more":{`, 3],
  ])('%s is reported, and the records before are read', async (_, content, count) => {
    const found = await read(content)
    expect(found.records).toHaveLength(count)
    expect(found.failure).toContain('it seems cut')
    for (const { message } of rejectsOf(found)) expect(message).toContain('the file ends inside this record')
  })

  it('anywhere loses no whole record', async () => {
    const bytes = Buffer.from(whole)
    const ends = ['a', 'é', 'c'].map(
      (id) => Buffer.byteLength(whole.slice(0, whole.indexOf(record(id)))) + Buffer.byteLength(record(id)),
    )
    for (let at = 1; at < bytes.length; at += 1) {
      const found = await read(bytes.subarray(0, at))
      expect(idsOf(found).filter(Boolean)).toHaveLength(ends.filter((end) => end <= at).length)
      expect(found.failure).toContain('it seems cut')
    }
  })
})

describe('any text', () => {
  const pieces = fc.array(
    fc.oneof(
      fc.constantFrom('[', ']', '{', '}', ',', ':', '"', '\\', '\n', ' ', '"detections":[', '"a":1', '\u00e9', 'x'),
      fc.constantFrom('a', 'b').map((id) => record(id)),
      fc.json({ maxDepth: 3 }),
    ),
    { maxLength: 25 },
  )

  it('gives the same records however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, fc.integer({ min: 1, max: 9 }), async (parts, size) => {
        expect(await read(parts.join(''), { size })).toEqual(await read(parts.join('')))
      }),
      { numRuns: 300 },
    )
  })

  it('gives records at their places, with only commas and brackets between them', async () => {
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        const content = parts.join('')
        fc.pre(!content.includes('detections'))
        const bytes = Buffer.from(content)
        let end = 0
        let between = ''
        for (const one of (await read(content)).records) {
          if ('reject' in one) {
            const { offset = -1, line, raw, bytes: length } = one.reject
            expect(offset).toBeGreaterThanOrEqual(end)
            expect(bytes.subarray(offset, offset + length).toString()).toBe(raw)
            expect(bytes.subarray(0, offset).filter((byte) => byte === 10).length + 1).toBe(line)
            between += bytes.subarray(end, offset).toString()
            end = offset + length
          } else if ('detection' in one) {
            const at = bytes.indexOf(one.raw ?? '', end)
            between += bytes.subarray(end, at).toString()
            end = at + Buffer.byteLength(one.raw ?? '')
          }
        }
        expect(between + bytes.subarray(end).toString()).toMatch(/^[\s,[\]]*$/)
      }),
      { numRuns: 500 },
    )
  })

  it('of valid arrays gives a record for each element', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue(), { maxLength: 8 }), fc.constantFrom(0, 2), async (values, indent) => {
        const { records, failure } = await read(JSON.stringify(values, null, indent))
        expect(records).toHaveLength(values.length)
        expect(failure).toBeUndefined()
        expect(rejectsOf({ records, noted: {} }).map(({ raw }) => JSON.parse(raw))).toEqual(
          JSON.parse(JSON.stringify(values)),
        )
      }),
    )
  })
})

describe('an element without an end', () => {
  it.each([
    [300, 'text', '[', '{"id":"', ' x,'],
    [100, 'object', '[', '{"id":1', ' x,"y":1'],
    [100, 'word', '', 'x', 'x'],
  ])(
    'of %i MB, one %s, needs little memory, and is a reject by its start, length and hash',
    async (mb, _, before, start, rest) => {
      const piece = Buffer.alloc(1 << 20, rest)
      const digest = createHash('sha256').update(start)
      const memory = process.memoryUsage.rss()
      let most = 0
      const chunks = async function* () {
        yield Buffer.from(before + start)
        for (let at = 0; at < mb; at += 1) {
          digest.update(piece)
          most = Math.max(most, process.memoryUsage.rss())
          yield piece
        }
      }
      const rejects: Reject[] = []
      const reading = async () => {
        for await (const one of readJson(chunks(), { file: 'f' })) if ('reject' in one) rejects.push(one.reject)
      }
      if (before === '') await reading()
      else await expect(reading()).rejects.toThrow('it seems cut')
      expect(rejects).toMatchObject([{ bytes: start.length + mb * (1 << 20), sha256: digest.digest('hex') }])
      expect(rejects[0]?.raw).toHaveLength(keptOfLongBytes)
      expect((most - memory) / 2 ** 20).toBeLessThan(120)
    },
  )
})
