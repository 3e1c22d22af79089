import fc from 'fast-check'
import { expect, test } from 'vitest'
import { once } from '../../lambdas/intake/formats.ts'
import { quotedRow, sheetOf } from '../../lambdas/intake/table/rows.ts'
import { typedTable } from '../../lambdas/intake/typed-cells.ts'

const options = { file: 'a.csv' }
const cell = fc.string({ unit: fc.constantFrom('a', 'é', '"', ';', ',', '\t', '\n', '=', '𝒳', '\u202e', ' ') })
const table = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 8 })

test('a table with typed cells reads as it was shown, and each row keeps its line', async () => {
  await fc.assert(
    fc.asyncProperty(
      table,
      fc.constantFrom(',', ';', '\t'),
      fc.array(fc.tuple(fc.nat(30), fc.nat(2), cell)),
      async (rows, separator, edits) => {
        // Between tabs, a quoted cell has none.
        const written = (text: string) => text.replaceAll(separator === '\t' ? '\t' : '\0', ' ')
        const lines = [['Titre', 'Date', 'Lieu'], ...rows].map((row) =>
          row.map((one) => quotedRow([written(one)])).join(separator),
        )
        const bytes = Buffer.from(`${separator === ';' ? '\ufeff' : ''}${lines.join('\r\n')}\r\n`)
        const before = await typedTable(bytes, {}, options)
        const cells = Object.fromEntries(
          edits.map(([line, at, text]) => [`${line}.${at}`, written(text.replaceAll('\n', ' '))]),
        )
        const shown = await typedTable(bytes, cells, options)
        for (const [line, row] of shown.rows)
          expect(row).toEqual(before.rows.get(line)?.map((own, at) => cells[`${line}.${at}`] ?? own))
        const blank = [...shown.rows].filter(([, row]) => row.some((one) => one.trim() !== ''))
        const read = await Array.fromAsync((await sheetOf(once(shown.bytes), options)).rows)
        expect(read.map((row) => ('cells' in row ? [row.line, row.cells] : row))).toEqual(blank)
      },
    ),
  )
})
