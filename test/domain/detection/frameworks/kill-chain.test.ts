import { describe, expect, test } from 'vitest'
import { killChainPhases, numberedOf, phaseOf } from '../../../../lambdas/domain/detection/frameworks/kill-chain.ts'

/** As Meta's published files spell them, each with a technique that stands beside it there. */
const spelled: readonly (readonly [spelling: string, technique: string, phase: number])[] = [
  ['0. Acquiring assets', '0.9', 0],
  ['0. Acquiring Assets', '0.9', 0],
  ['0. Acqiuring Assets', '0.9', 0],
  ['0 Acquiring assets', '0.6', 0],
  ['0 Acquiring Assets', '0.6', 0],
  ['1 Acquiring assets', '0.4', 0],
  ['1. Disguising assets', '1.2', 1],
  ['1 Disguising assets', '1.2', 1],
  ['2. Gathering information', '2.2', 2],
  ['3. Coordinating and planning', '3.1', 3],
  ['3 Coordinating and planning', '3.4', 3],
  ['5. Evading detection', '5.5', 5],
  ['5 Evading detection', '5.1', 5],
  ['6. Indiscriminate engagement', '6.2', 6],
  ['6 Indiscriminate engagement', '6.2', 6],
  ['7. Targeted engagement', '7.1', 7],
  ['7 Targeted engagement', '7.3', 7],
  ['8. Compromising assets', '8.1', 8],
  ['8 Compromising assets', '8.1', 8],
  ['9. Enabling longevity', '9.1', 9],
  ['9 Enabling longevity', '9.4', 9],
]

describe('phaseOf', () => {
  test.each(spelled)('%s is phase %3$i', (spelling, technique, phase) => {
    expect(phaseOf(spelling, [technique])).toBe(phase)
    expect(phaseOf(` ${spelling.toUpperCase()}  `, [technique])).toBe(phase)
  })

  test('the 21 spellings are of nine phases; Testing defenses stands in no file yet', () => {
    expect(new Set(spelled.map(([spelling]) => spelling)).size).toBe(21)
    expect(new Set(spelled.map(([, , phase]) => phase)).size).toBe(9)
    expect(killChainPhases).toHaveLength(10)
    expect(phaseOf('4. Testing defenses', [])).toBe(4)
  })

  test('the name alone is enough, and wins over the id', () => {
    expect(phaseOf('Evading detection', [])).toBe(5)
    expect(phaseOf('Evading detection', ['7.1'])).toBe(5)
  })

  test('without a name that is known, the id of a technique says it', () => {
    expect(phaseOf('', ['7.1'])).toBe(7)
    expect(phaseOf('Acqiuring', ['', '0.9.1'])).toBe(0)
  })

  test('without either there is none', () => {
    for (const [tactic, ids] of [
      ['', []],
      ['0', []],
      ['3', ['3']],
      ['Reconnaissance', ['TA0043']],
      ['12 Something', ['12.1']],
    ] as const) {
      expect(phaseOf(tactic, ids)).toBeUndefined()
    }
  })
})

describe('numberedOf', () => {
  test.each([
    ['0.9 Acquiring social media accounts', { id: '0.9', name: 'Acquiring social media accounts' }],
    ['2.1. Soliciting information', { id: '2.1', name: 'Soliciting information' }],
    [' 0.9.11.0 Creating online petitions ', { id: '0.9.11.0', name: 'Creating online petitions' }],
    ['7.3.4  Utilising\nLanguage-Specific Campaigns', { id: '7.3.4', name: 'Utilising Language-Specific Campaigns' }],
    ['1. Disguising assets', { id: '1', name: 'Disguising assets' }],
    ['0.9', { id: '0.9', name: '' }],
    ['Acquiring', undefined],
    ['', undefined],
    ['1234.5 no', undefined],
    ['0.9Acquiring', undefined],
  ])('%j is %j', (cell, numbered) => {
    expect(numberedOf(cell)).toEqual(numbered)
  })
})
