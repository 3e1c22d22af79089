/** Contributions as columns: what comes out is what went in, old and odd ones too. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { contributionList } from '../../../../lambdas/domain/aggregate/counting/contribution-list.ts'
import { markings } from '../../../../lambdas/domain/core/marking.ts'

const instant = fc.date({ noInvalidDate: true }).map((date) => date.toISOString())
const usual = fc.record(
  {
    id: fc.oneof(fc.constantFrom('a', 'b', 'é', '\u{1F4A5}', ''), fc.string({ unit: 'binary' })),
    revision: fc.nat(),
    from: instant,
    marking: fc.constantFrom(...markings),
  },
  { requiredKeys: ['id', 'revision', 'from'] },
)
const odd = fc.record(
  {
    id: fc.constantFrom('a', 'x'.repeat(70_000)),
    revision: fc.constantFrom(-1, 0.5, 2 ** 32, 2 ** 53),
    from: fc.constantFrom('', '2024', '2024-05-15', '2024-05-15T00:00:00Z', 'never'),
    marking: fc.constantFrom(...markings),
    more: fc.jsonValue(),
  },
  { requiredKeys: ['id', 'revision', 'from'] },
)

test('come out as they went in, in their order, as often as they are asked for', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof({ arbitrary: usual, weight: 4 }, odd)), (all) => {
      const list = contributionList()
      for (const one of all) list.add(one as never)
      const held = list.all()
      expect(held.length).toBe(all.length)
      expect([...held]).toEqual(all)
      expect([...held]).toEqual(all)
      expect(JSON.parse(JSON.stringify({ held }))).toEqual(JSON.parse(JSON.stringify({ held: all })))
    }),
  )
})
