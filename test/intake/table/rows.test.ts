/** Rows of a CSV file: encodings, separators, quotes, and bad rows. */
import { createHash } from 'node:crypto'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import type { Reject } from '../../../lambdas/intake/record/record.ts'
import { batchedSheetOf, firstOf, type Row, separatorOf, sheetOf } from '../../../lambdas/intake/table/rows.ts'
import { keptOfLongBytes, maxLineBytes } from '../../../lambdas/intake/text/lines.ts'
import { inPieces } from '../../support/intake.ts'

const read = async (content: string | Uint8Array, size?: number) => {
  const { rows, ...sheet } = await sheetOf(inPieces(content, size), { file: 'f.csv' })
  const found: Row[] = []
  const rejects: Reject[] = []
  for await (const row of rows) {
    if ('reject' in row) rejects.push(row.reject)
    else found.push(row)
  }
  return { ...sheet, rows: found, cells: found.map(({ cells }) => cells), rejects }
}

describe('a sheet', () => {
  it('has headings in its first line that is not blank, and rows with their places', async () => {
    const { headings, rows, rejects } = await read('\n \n id , title\n1,é\n\n2,b\r\n')
    expect(headings).toEqual(['id', 'title'])
    expect(rows).toEqual([
      { line: 4, offset: 15, text: '1,é', cells: ['1', 'é'] },
      { line: 6, offset: 21, text: '2,b', cells: ['2', 'b'] },
    ])
    expect(rejects).toEqual([])
  })

  test.each([
    ['a,b', ','],
    ['a;b', ';'],
    ['a\tb', '\t'],
    ['a|b', '|'],
    ['a;"b,c,d";e', ';'],
    ['a, x;b;c', ';'],
    ['alone', ','],
  ])('%j has the separator %j', (line, separator) => {
    expect(separatorOf(line)).toBe(separator)
  })

  it('may name its separator as Excel does', async () => {
    const { headings, cells, context } = await read('sep=;\na,x;b\n1,5;2\n')
    expect(headings).toEqual(['a,x', 'b'])
    expect(cells).toEqual([['1,5', '2']])
    expect(context).toBe('sep=;\na,x;b')
  })

  it('may be in UTF-8 with a mark, in UTF-16 of either order, or in Windows-1252', async () => {
    const text = 'titre;œuvre\nété;€ 5\n'
    const big = Buffer.from(`\ufeff${text}`, 'utf16le').swap16()
    const windows = Buffer.from([...text].map((one) => ({ œ: 0x9c, é: 0xe9, '€': 0x80 })[one] ?? one.charCodeAt(0)))
    for (const bytes of [
      `\ufeff${text}`,
      Buffer.from(`\ufeff${text}`, 'utf16le'),
      Buffer.from(text, 'utf16le'),
      big,
      windows,
    ]) {
      const { headings, cells } = await read(bytes, 3)
      expect(headings).toEqual(['titre', 'œuvre'])
      expect(cells).toEqual([['été', '€ 5']])
    }
  })

  it('quotes by RFC 4180: separators, line ends and doubled quotes inside a cell', async () => {
    const { rows } = await read('a,b\n"1,5","two\nlines ""quoted"""\n3,4\n')
    expect(rows.map(({ line, cells }) => ({ line, cells }))).toEqual([
      { line: 2, cells: ['1,5', 'two\nlines "quoted"'] },
      { line: 4, cells: ['3', '4'] },
    ])
  })

  it('fills short rows, drops empty cells at the end, and skips blank rows', async () => {
    const { cells, rejects } = await read('a,b\n1\n1,2,,\n , \n')
    expect(cells).toEqual([
      ['1', ''],
      ['1', '2'],
    ])
    expect(rejects).toEqual([])
  })

  it('may be empty, or blank', async () => {
    for (const content of ['', '\n\n', '\ufeff', ' \r\n']) {
      const { headings, head, rows, rejects } = await read(content)
      expect({ headings, head, rows, rejects }).toEqual({ headings: [], head: undefined, rows: [], rejects: [] })
    }
  })
})

describe('a bad row', () => {
  it('is rejected alone, with the fault and the headings', async () => {
    const { cells, rejects } = await read('a,b\n1,2\n1,2,3\n"x"y,2\n3,4\n')
    expect(cells).toEqual([
      ['1', '2'],
      ['3', '4'],
    ])
    expect(rejects.map(({ line, message, raw, context }) => ({ line, message, raw, context }))).toEqual([
      {
        line: 3,
        message: 'has 3 cells under 2 headings: put a cell that holds "," in quotes',
        raw: '1,2,3',
        context: 'a,b',
      },
      {
        line: 4,
        message: 'has a quote that is opened and not closed, or text after a closing one',
        raw: '"x"y,2',
        context: 'a,b',
      },
    ])
  })

  it('with an open quote loses its own line, however many follow', async () => {
    const lines = Array.from({ length: 130_000 }, (_, at) => `${at},x`)
    const { cells, rejects } = await read(`a,b\n"open,2\n${lines.join('\n')}\n`)
    expect(rejects.map(({ line, message }) => ({ line, message }))).toEqual([
      { line: 2, message: 'opens a quote that no later line closes: close it, or double each quote inside a cell' },
    ])
    expect(cells).toHaveLength(lines.length)
  })

  it('with stray quotes in two lines keeps the lines between', async () => {
    const { cells, rejects } = await read('a,b\n1,5" screen\n2,ok\n3,7" screen\n4,ok\n')
    expect(
      cells
        .map(([first]) => first)
        .concat(rejects.map(({ raw }) => raw[0]))
        .sort(),
    ).toEqual(['1', '2', '3', '4'])
    expect(cells).toContainEqual(['2', 'ok'])
    expect(cells).toContainEqual(['4', 'ok'])
  })

  it('is none for a quote in tab-separated text that does not enclose its field', async () => {
    const lines = [
      '"Milk Tea" report\tx',
      'a "b" c\t5" wide',
      '"open\tx',
      '"alone',
      '"begun\tx',
      'ended"\ty',
      '1\t"two\nlines ""quoted"""',
      '""\t3',
    ]
    for (const size of [3, 1 << 16]) {
      const { cells, rows, rejects } = await read(`a\tb\r\n${lines.join('\r\n')}\r\n`, size)
      expect(rejects).toEqual([])
      expect(cells).toEqual([
        ['"Milk Tea" report', 'x'],
        ['a "b" c', '5" wide'],
        ['"open', 'x'],
        ['"alone', ''],
        ['"begun', 'x'],
        ['ended"', 'y'],
        ['1', 'two\nlines "quoted"'],
        ['', '3'],
      ])
      expect(rows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6, 7, 8, 10])
    }
    const rest = '1\t2\n'.repeat(60_000)
    const { cells, rejects } = await read(`a\tb\n"open\tx\n${rest}3\t"two\nlines"\n${rest}`)
    expect([cells.length, rejects.length, cells[0], cells[60_001]]).toEqual([
      120_002,
      0,
      ['"open', 'x'],
      ['3', 'two\nlines'],
    ])
  })

  it('is named where it has NUL bytes or another encoding', async () => {
    const { cells, rejects } = await read(
      Buffer.concat([
        Buffer.from(`a,b\n${'1,é\n'.repeat(20_000)}x\0,2\n`),
        Buffer.from('caf\u00e9,2\n', 'latin1'),
        Buffer.from('3,4\n'),
      ]),
    )
    expect(cells.at(-1)).toEqual(['3', '4'])
    expect(rejects.map(({ line, message }) => [line, message])).toEqual([
      [20_002, 'holds NUL bytes: save the file again as UTF-8'],
      [20_003, 'is not UTF-8, though others of its file are: save the file again as UTF-8'],
    ])
  })

  it('is named where the file’s end cuts it; a last row needs no line end', async () => {
    const { cells, rejects } = await read('a,b,c\n1,2,3\n4,2024-05-1')
    expect(cells).toEqual([['1', '2', '3']])
    expect(rejects).toMatchObject([
      {
        line: 3,
        message: 'has 2 cells under 3 headings, and its line has no end: the file seems cut here, so fetch it again',
      },
    ])
    expect((await read('a,b\n1,2\n3,4')).cells).toHaveLength(2)
    expect((await read('a,b\n1,2\n3\n')).rejects).toEqual([])
  })

  it('over 8 MB is kept by its start, length, hash and place, in bounded memory', async () => {
    const long = `1,${'x'.repeat(maxLineBytes)}`
    const { cells, rejects } = await read(`a,b\n${long}\n3,4\n`)
    expect(cells).toEqual([['3', '4']])
    expect(rejects).toMatchObject([
      { line: 2, offset: 4, bytes: long.length, sha256: createHash('sha256').update(long).digest('hex') },
    ])
    expect(rejects[0]?.raw).toHaveLength(keptOfLongBytes)
  })

  it('of headings makes each row a reject', async () => {
    const { headings, rows, rejects } = await read('"a,b\n1,2\n3,4\n')
    expect({ headings, rows }).toEqual({ headings: [], rows: [] })
    expect(rejects).toHaveLength(3)
  })
})

it('gives its first rows before the others are read', async () => {
  const content = `a\n${Array.from({ length: 30_000 }, (_, at) => at).join('\n')}\n`
  const { batches } = await batchedSheetOf(inPieces(content), { file: 'f' })
  const first = await firstOf(batches)
  expect(first.length).toBeGreaterThanOrEqual(1_000)
  let rest = 0
  for await (const batch of batches) rest += batch.length
  expect(first.length + rest).toBe(30_000)
})

const cell = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.constantFrom('"', '""', '\n', '\r\n', ',', ';', "'=1", 'é', '', ' '),
)

describe('any CSV', () => {
  it('is read as written, in any pieces', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 }),
        fc.constantFrom(',', ';', '\t'),
        fc.integer({ min: 1, max: 40 }),
        async (table, delimiter, size) => {
          const rows = table.filter((row) => row.some((one) => one.trim() !== ''))
          fc.pre(delimiter !== '\t' || !table.flat().some((one) => one.includes('\t')))
          fc.pre(!table.flat().some((one) => /[\0\ufeff]|\r(?!\n)/.test(one) || !one.isWellFormed()))
          const text = stringify([['one', 'two', 'three'], ...table], { delimiter, quoted: true })
          const found = await read(text, size)
          expect(found.rejects).toEqual([])
          expect(found.cells).toEqual(rows)
          const bytes = Buffer.from(text)
          for (const { offset, text: raw, line } of found.rows) {
            expect(bytes.subarray(offset).toString().startsWith(raw)).toBe(true)
            expect(bytes.subarray(0, offset).toString().split('\n')).toHaveLength(line)
          }
        },
      ),
      { numRuns: 200 },
    )
  })

  it('that is broken has each line in one row or reject', async () => {
    const line = fc.oneof(fc.stringMatching(/^[a-z",;]{0,8}$/), fc.constantFrom('"a","b"', '"open', 'a,b,c', 'x"y"'))
    await fc.assert(
      fc.asyncProperty(fc.array(line, { maxLength: 12 }), fc.integer({ min: 1, max: 30 }), async (lines, size) => {
        const text = `head,line\n${lines.join('\n')}`
        const { rows, rejects } = await read(text, size)
        const at = (one: { readonly offset?: number | undefined }) => one.offset ?? -1
        const parts = [...rows.map((row) => ({ offset: row.offset, raw: row.text })), ...rejects].sort(
          (a, b) => at(a) - at(b),
        )
        // Between the parts is nothing but line ends, blanks and empty cells.
        let end = 'head,line\n'.length
        for (const part of parts) {
          expect(at(part)).toBeGreaterThanOrEqual(end)
          expect(text.slice(end, at(part)).replace(/[\s,;"]/g, '')).toBe('')
          end = at(part) + part.raw.length
        }
        expect(text.slice(end).replace(/[\s,;"]/g, '')).toBe('')
      }),
      { numRuns: 300 },
    )
  })
})
