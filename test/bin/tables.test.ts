/** Tables fit the terminal, and lose nothing by it. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { plainTable } from '../../bin/cli/tables.ts'

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

it('fits 80 columns, and holds every sign of every cell', () => {
  const cell = fc.string({ unit: fc.constantFrom(...'abcdefgh-_/.é'), maxLength: 90 })
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell, cell, cell), { minLength: 1, maxLength: 4 }), (rows) => {
      const lines = plainTable(head, rows, undefined, 80)
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
      const signs = (text: string) => [...text.replace(/\s/g, '')].sort().join('')
      expect(signs(lines.join(''))).toBe(signs([...head, ...rows.flat()].join('')))
    }),
  )
})
