import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FaultError } from '../../../../lambdas/domain/core/fault.ts'
import type { Detection } from '../../../../lambdas/domain/detection/detection.ts'
import { type AccountSet, withAccountSet } from '../../../../lambdas/domain/detection/revisions/account-set.ts'
import { accountName } from '../../../../lambdas/domain/detection/revisions/pseudonym.ts'
import { detection } from '../../../support/detections.ts'

const set: AccountSet = { id: 'big-423', name: 'The cluster', accounts: ['anne', 'bob', 'eve'], marking: 'TLP:AMBER' }
const filled = (given: Detection, stored: AccountSet | undefined = set): Detection => {
  const result = withAccountSet(given, stored)
  if ('refusal' in result) throw new FaultError(result.refusal)
  return result.detection
}

describe('a detection that names a stored set', () => {
  test('gets its name and size', () => {
    expect(filled(detection({ accountSet: { id: 'big-423' } })).accountSet).toEqual({
      id: 'big-423',
      name: 'The cluster',
      size: { value: 3, qualifier: 'exact' },
    })
  })

  test('keeps what it states itself', () => {
    const stated = { id: 'big-423', name: 'The 423', size: { value: 423, qualifier: 'at least' as const } }
    const given = detection({ accountSet: stated, accountRefs: ['bob', 'zoe'], coordinatedAccountRefs: ['zoe'] })
    expect(filled(given)).toEqual(given)
    expect(filled(detection({ accountSet: { id: 'big-423', name: 'The 423' } })).accountSet).toMatchObject({
      name: 'The 423',
      size: { value: 3 },
    })
  })

  test('gets its accounts of the set, in any spelling, and nothing without one', () => {
    const given = detection({ accountSet: { id: 'big-423' }, accountRefs: ['@Bob', 'zoe', 'ANNE'] })
    expect(filled(given).coordinatedAccountRefs).toEqual(['@Bob', 'ANNE'])
    for (const accountRefs of [['zoe'], [], undefined]) {
      const others = detection({ accountSet: { id: 'big-423' }, ...(accountRefs && { accountRefs }) })
      expect(filled(others)).not.toHaveProperty('coordinatedAccountRefs')
    }
  })

  test('gets exactly the members, in sets of any size', () => {
    const names = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1 }).map(accountName).filter(Boolean))
    fc.assert(
      fc.property(names, names, (members, others) => {
        const accounts = [...members].sort()
        const refs = [...new Set([...members, ...others])]
        if (refs.length === 0) return
        const given: Detection = { ...detection({ accountSet: { id: 'big-423' } }), accountRefs: refs }
        const found = filled(given, { ...set, accounts }).coordinatedAccountRefs
        expect(found ?? []).toEqual(refs.filter((ref) => members.includes(ref)))
      }),
    )
  })
})

describe('a detection that names no stored set', () => {
  test('is unchanged where it names no set, or states name and size', () => {
    for (const accountSet of [undefined, { id: 'gone', name: 'Gone', size: 3 }]) {
      const given = detection(accountSet && { accountSet })
      expect(withAccountSet(given, undefined)).toEqual({ detection: given })
    }
  })

  test('is refused where one of them is missing', () => {
    for (const accountSet of [{ id: 'gone' }, { id: 'gone', name: 'Gone' }, { id: 'gone', size: 3 }]) {
      expect(withAccountSet(detection({ accountSet }), undefined)).toEqual({
        refusal: {
          code: 'accountSet.unknown',
          path: 'accountSet',
          values: { id: { quoted: 'gone' }, marking: 'TLP:AMBER' },
        },
      })
    }
  })
})

test('a set above the detection’s marking is as good as none', () => {
  const cases = [
    { accountSet: { id: 'big-423' } },
    { accountSet: { id: 'big-423', name: 'Its own name', size: 3 }, accountRefs: ['bob', 'zoe'] },
  ]
  for (const input of cases) {
    for (const marking of ['TLP:CLEAR', 'TLP:GREEN'] as const) {
      const given = detection({ ...input, marking })
      expect(withAccountSet(given, set)).toEqual(withAccountSet(given, undefined))
    }
  }
})
