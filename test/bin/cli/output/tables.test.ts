import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainTable } from '../../../../bin/cli/output/tables.ts'

const head = ['Batch', 'At', 'Read', 'File']

it('a table is as wide as its cells if there is room', () => {
  expect(plainTable(head, [['b-1', '2024', '3', 'a.csv']], ['left', 'left', 'right', 'left'], 200)).toEqual([
    'Batch  At    Read  File',
    'b-1    2024     3  a.csv',
  ])
  expect(plainTable(head, [])).toEqual(['none'])
})

it('a table lists cells below each other if their columns do not fit', () => {
  const many = ['Id', 'Address', 'Name', 'Territories']
  const row = (id: string) => [id, 'prefet@nc.example', 'Haut-commissariat', 'NC WF']
  const lines = plainTable(many, [row('9204381a4b7bf73a'), row('df8f56a7c5b95a16')], undefined, 40)
  expect(lines.slice(0, 4)).toEqual([
    'Id           9204381a4b7bf73a',
    'Address      prefet@nc.example',
    'Name         Haut-commissariat',
    'Territories  NC WF',
  ])
  expect(lines[many.length]).toBe('')
  expect(lines).toHaveLength(2 * many.length + 1)
  const long = plainTable(many, [row('x '.repeat(60).trim())], undefined, 40)
  expect(long.every((line) => line.length <= 40)).toBe(true)
  expect(plainTable(many, [row('9204381a4b7bf73a')], undefined, 200)[0]).toMatch(/^Id +Address +Name/)
})

it('a table puts its first column on separate lines if the others fit then', () => {
  const rows = [
    ['2026-11-27-e2abc1a7', '2026-11-27T11:05Z', '12', 'veille-s47.csv'],
    ['2026-11-26-e2abc1a7', '2026-11-26T11:05Z', '3', 'b.csv'],
  ]
  expect(plainTable(head, rows, ['left', 'left', 'right', 'left'], 50)).toEqual([
    'Batch',
    '  At                 Read  File',
    '2026-11-27-e2abc1a7',
    '  2026-11-27T11:05Z    12  veille-s47.csv',
    '2026-11-26-e2abc1a7',
    '  2026-11-26T11:05Z     3  b.csv',
  ])
})

it('a table fits 80 columns and cuts no word', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcdefgh-_/.é'), minLength: 1, maxLength: 120 })
  const cell = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '))
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 4 }), (rows) => {
      const lines = plainTable(head, rows, undefined, 80)
      const words = new Set(lines.flatMap((line) => line.split(/ +/)))
      for (const one of [...head, ...rows.flat()].flatMap((text) => text.split(/ +/)).filter(Boolean))
        expect(words).toContain(one)
      // A word that does not fit next to its heading has its own line.
      for (const line of lines) if (line.length > 80) expect(line.trim().replace(/^\w+ +/, '')).not.toContain(' ')
      const signs = (text: string) => [...text.replace(/\s/g, '')].sort().join('')
      expect(signs(lines.join(''))).toBe(signs([...head, ...rows.flat()].join('')))
    }),
  )
})
