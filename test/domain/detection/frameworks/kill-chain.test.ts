import { describe, expect, test } from 'vitest'
import { numberedOf, phaseOf } from '../../../../lambdas/domain/detection/frameworks/kill-chain.ts'

describe('phaseOf', () => {
  test.each([
    ['0. Acquiring assets', '0.9', 0],
    ['0. Acqiuring Assets', '0.9', 0],
    ['0 Acquiring assets', '0.6', 0],
    // The name counts, and not its number or an id.
    ['1 Acquiring assets', '0.4', 0],
    ['Evading detection', '7.1', 5],
    ['9. Enabling longevity', '9.1', 9],
    ['4. Testing defenses', '', 4],
  ])('%s is a phase', (spelling, technique, phase) => {
    expect(phaseOf(spelling, [technique])).toBe(phase)
    expect(phaseOf(` ${spelling.toUpperCase()}  `, [technique])).toBe(phase)
  })

  test('without a known name, the id of a technique decides', () => {
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
    [' 0.9.11.0 Creating online petitions ', { id: '0.9.11.0', name: 'Creating online petitions' }],
    ['7.3.4  Utilising\nLanguage-Specific Campaigns', { id: '7.3.4', name: 'Utilising Language-Specific Campaigns' }],
    ['1. Disguising assets', { id: '1', name: 'Disguising assets' }],
    ['0.9', { id: '0.9', name: '' }],
    ['1234.5 no', undefined],
    ['0.9Acquiring', undefined],
  ])('%j is %j', (cell, numbered) => {
    expect(numberedOf(cell)).toEqual(numbered)
  })
})
