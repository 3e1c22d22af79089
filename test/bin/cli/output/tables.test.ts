/** Tables fit the terminal, and lose nothing by it. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainTable } from '../../../../bin/cli/output/tables.ts'

const head = ['Batch', 'At', 'Read', 'File']

it('is headed, and as wide as what is in it where there is room', () => {
  expect(plainTable(head, [['b-1', '2024', '3', 'a.csv']], ['left', 'left', 'right', 'left'], 200)).toEqual([
    'Batch  At    Read  File',
    'b-1    2024     3  a.csv',
  ])
  expect(plainTable(head, [])).toEqual(['none'])
})

it('puts cells one below the other where their columns do not fit', () => {
  const many = ['Id', 'Address', 'Name', 'Territories', 'Editions', 'Cadences', 'Clearance', 'Quiet', 'State']
  const row = (id: string) => [
    id,
    'prefet@nc.example',
    'Haut-commissariat',
    'NC WF',
    'each',
    'week month',
    'TLP:AMBER',
    'send',
    'active',
  ]
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

it('gives the first column a line of its own where the others fit so', () => {
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

it('fits 80 columns, and cuts no word', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abcdefgh-_/.é'), minLength: 1, maxLength: 120 })
  const cell = fc.array(word, { maxLength: 4 }).map((words) => words.join(' '))
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 4 }), (rows) => {
      const lines = plainTable(head, rows, undefined, 80)
      const words = new Set(lines.flatMap((line) => line.split(/ +/)))
      for (const one of [...head, ...rows.flat()].flatMap((text) => text.split(/ +/)).filter(Boolean))
        expect(words).toContain(one)
      // What is longer than the room beside a heading has a line of its own.
      for (const line of lines) if (line.length > 80) expect(line.trim().replace(/^\w+ +/, '')).not.toContain(' ')
      const signs = (text: string) => [...text.replace(/\s/g, '')].sort().join('')
      expect(signs(lines.join(''))).toBe(signs([...head, ...rows.flat()].join('')))
    }),
  )
})
