/** Words of the command line: what they stand for, and what is said of wrong ones. */
import { describe, expect, test } from 'vitest'
import { territoryAsked } from '../../bin/cli/arguments.ts'

describe('a territory', () => {
  test.each([
    ['NC', 'NC'],
    ['fr-nc', 'NC'],
    ['972', 'MQ'],
    ['Guadeloupe', 'GP'],
    ['nouvelle-calédonie', 'NC'],
    ['Corse', 'COR'],
  ])('may be written %s', async (written, code) => {
    expect(await territoryAsked('territory', written)).toBe(code)
  })

  test.each([
    ['antilles', 'territory: "antilles" is several: give BL or GP or MF or MQ'],
    ['Atlantis', 'territory: "Atlantis" is no territory: give NC'],
    ['', 'territory: '],
  ])('is not %s', async (written, said) => {
    await expect(territoryAsked('territory', written)).rejects.toThrow(said)
  })
})
