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
