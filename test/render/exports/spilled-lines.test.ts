import { readdirSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type SortedLine, spilledLines } from '../../../lambdas/render/exports/spilled-lines.ts'
import { ownTmpdir } from '../../support/own-tmpdir.ts'

const line: fc.Arbitrary<SortedLine> = fc.record({
  at: fc.integer({ min: -5, max: 5 }),
  id: fc.string({ unit: 'grapheme', maxLength: 3 }),
  text: fc.string({ unit: 'grapheme', maxLength: 40 }),
})

const inOrder = (a: SortedLine, b: SortedLine): number => a.at - b.at || (a.id === b.id ? 0 : a.id < b.id ? -1 : 1)

const textsOf = (lines: readonly SortedLine[]) => lines.map(({ at, id }) => [at, id])

describe('lines', () => {
  const folder = ownTmpdir()

  test('are in order, in memory or spilled, at each reading', () => {
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: 0, max: 200 }), (all, most) => {
        const spilled = spilledLines(most)
        for (const one of all) spilled.add(one)
        const found = [...spilled.sorted()]
        expect(textsOf(found)).toEqual(textsOf(all.toSorted(inOrder)))
        expect(found.map((one) => JSON.stringify(one)).sort()).toEqual(all.map((one) => JSON.stringify(one)).sort())
        expect([...spilled.sorted()]).toEqual(found)
        spilled.close()
      }),
    )
  })

  test('longer than a read are whole', () => {
    const spilled = spilledLines(1_000)
    const texts = ['é'.repeat(200_000), 'short', '\u202f'.repeat(70_000)]
    for (const [at, text] of texts.entries()) spilled.add({ at, id: 'a', text })
    expect([...spilled.sorted()].map(({ text }) => text)).toEqual(texts)
    spilled.close()
  })

  test('leave no name in the temporary folder', () => {
    const spilled = spilledLines(0)
    spilled.add({ at: 0, id: 'a', text: 'secret' })
    spilled.add({ at: 1, id: 'b', text: 'secret' })
    expect(readdirSync(folder())).toEqual([])
    expect([...spilled.sorted()]).toHaveLength(2)
    spilled.close()
    spilled.close()
    expect(() => [...spilled.sorted()]).toThrow('given back')
    expect(() => spilled.add({ at: 2, id: 'c', text: '' })).toThrow('given back')
  })
})
