import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idTable, numberColumn, wholeColumn } from '../../../lambdas/domain/core/columns.ts'

test('columns return what was set, and 0 elsewhere', () => {
  const [numbers, wholes] = [numberColumn(), wholeColumn()]
  for (const at of [0, 1, 4_095, 4_096, 1_000_000]) {
    numbers.set(at, at + 0.5)
    wholes.set(at, 2 ** 32 - 1 - at)
  }
  expect([0, 4_095, 4_096, 1_000_000].map((at) => numbers.get(at))).toEqual([0.5, 4_095.5, 4_096.5, 1_000_000.5])
  expect(wholes.get(4_096)).toBe(2 ** 32 - 1 - 4_096)
  expect([numbers.get(2), wholes.get(2), wholes.get(10_000_000)]).toEqual([0, 0, 0])
})

describe('a table of ids', () => {
  const ids = fc.oneof(
    fc.string({ maxLength: 128 }),
    fc.string({ unit: 'binary', maxLength: 64 }),
    fc.constantFrom('', 'é', '\u0100', 'a\ud83d', 'constructor', '__proto__'),
  )

  test('numbers each id once, in the order in which they come', () => {
    fc.assert(
      fc.property(fc.array(ids), (all) => {
        const table = idTable()
        const numbers = all.map((id) => table.number(id))
        const distinct = [...new Set(all)]
        expect(numbers).toEqual(all.map((id) => distinct.indexOf(id)))
        expect(table.size).toBe(distinct.length)
        expect(distinct.map((id, number) => [table.find(id), table.text(number)])).toEqual(
          distinct.map((id, number) => [number, id]),
        )
        expect(table.find(`${all.join()} and more`)).toBeUndefined()
      }),
    )
  })

  test('compares as texts do', () => {
    fc.assert(
      fc.property(ids, ids, (one, other) => {
        const table = idTable()
        const compared = table.compare(table.number(one), table.number(other))
        expect(Math.sign(compared)).toBe(one === other ? 0 : one < other ? -1 : 1)
      }),
    )
  })

  test('holds a hundred thousand', () => {
    const table = idTable()
    const idOf = (at: number) => `detection-${at.toString(36)}-${'x'.repeat(at % 90)}`
    for (let at = 0; at < 100_000; at += 1) table.number(idOf(at))
    for (let at = 0; at < 100_000; at += 997) {
      expect(table.find(idOf(at))).toBe(at)
      expect(table.text(at)).toBe(idOf(at))
    }
  })
})
