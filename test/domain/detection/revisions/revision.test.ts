import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { faultText } from '../../../../lambdas/domain/core/fault-text.ts'
import { markings } from '../../../../lambdas/domain/core/marking.ts'
import {
  contentSha256,
  decide,
  type Latest,
  type Decision,
} from '../../../../lambdas/domain/detection/revisions/revision.ts'
import { detection } from '../../../support/detections.ts'

const first = detection()
const corrected = detection({ counts: { posts: 12 } })
const stored: Latest = {
  revision: 1,
  status: 'active',
  contentSha256: contentSha256(first),
  owner: { detector: 'D3lta' },
  marking: first.marking,
  territories: first.territories,
}

const decided = (latest: Latest | undefined, one = first) => decide(latest, one, contentSha256(one))

/** Why a record is contested. */
const reasonOf = (decision: Decision) => (decision.kind === 'contested' ? faultText(decision.reason) : decision.kind)

test('the owner of an id is named, also for records by hand', () => {
  const byHand = { ...first, detector: { ...first.detector, name: 'by hand', byHand: true } }
  const own: Latest = { ...stored, contentSha256: 'other', owner: { detector: 'by hand' } }
  expect(reasonOf(decided(own))).toBe("the id is that of a record by hand, and this is D3lta's")
  expect(reasonOf(decided(stored, byHand))).toBe("the id is D3lta's, and this is a record by hand")
  const hers = { ...own, owner: { detector: 'by hand', author: 'Ana' } }
  expect(reasonOf(decide(hers, byHand, contentSha256(byHand), { author: 'Bea' }))).toBe(
    'the id is that of a record by hand (Ana), and this is another one (Bea)',
  )
})

describe('a detection that comes in', () => {
  test('is new under an unknown id, with the revision it claims or the first', () => {
    expect(decided(undefined)).toEqual({ kind: 'new', revision: 1 })
    expect(decided(undefined, { ...first, revision: 4 })).toEqual({ kind: 'new', revision: 4 })
  })

  test('is a duplicate with the same content, whatever revision it claims', () => {
    expect(decided(stored)).toEqual({ kind: 'duplicate' })
    expect(decided(stored, { ...first, revision: 9 })).toEqual({ kind: 'duplicate' })
  })

  test('is the next revision with other content', () => {
    expect(decided(stored, corrected)).toEqual({ kind: 'revised', revision: 2 })
    expect(decided(stored, { ...corrected, revision: 5 })).toEqual({ kind: 'revised', revision: 5 })
  })

  test('is refused where it claims a revision with other content', () => {
    expect(decided(stored, { ...corrected, revision: 1 })).toMatchObject({
      kind: 'refused',
      fault: { code: 'revision.notHigher', path: 'id', values: { claimed: '1', stored: '1' } },
    })
  })

  test('does not restore what was withdrawn', () => {
    const withdrawn: Latest = { ...stored, revision: 2, status: 'withdrawn', reason: 'counted twice' }
    expect(decided(withdrawn)).toEqual({ kind: 'duplicate' })
    expect(decided(withdrawn, corrected)).toMatchObject({
      kind: 'refused',
      fault: { code: 'revision.withdrawnFor', path: 'id', values: { reason: 'counted twice' } },
    })
  })
})

describe('an id', () => {
  const other = detection({ detector: 'Other' })

  test('belongs to the first detector', () => {
    expect(reasonOf(decided(stored, other))).toBe("the id is D3lta's, and this is Other's")
    expect(decide(stored, other, contentSha256(other), { accepted: 'as revision' })).toMatchObject({ kind: 'revised' })
  })

  test('belongs to its author where both name one, else to its detector', () => {
    const owned = { ...stored, owner: { detector: 'D3lta', author: 'a' } }
    const by = (author: string | undefined, one = corrected) => decide(owned, one, contentSha256(one), { author }).kind
    expect([by('a'), by('b'), by(undefined), by('a', other), by(undefined, other)]).toEqual([
      ...['revised', 'contested', 'revised', 'revised', 'contested'],
    ])
  })

  test('keeps its owner where it was withdrawn, without the reason', () => {
    const decision = decided({ ...stored, status: 'withdrawn', reason: 'secret' }, other)
    expect(decision.kind).toBe('contested')
    expect(JSON.stringify(decision)).not.toContain('secret')
  })

  test('keeps its marking and what is above its sender, whatever a record states', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...markings),
        fc.constantFrom(...markings),
        fc.constantFrom(...markings),
        fc.boolean(),
        fc.subarray(['NC', 'MQ'] as const),
        (before, after, clearance, byHand, territories) => {
          const one = detection({ detector: { name: 'D3lta', byHand }, marking: after, counts: { posts: 1 } })
          const latest = { ...stored, marking: before }
          const ceiling = { clearance, territories }
          const { kind } = decide(latest, one, contentSha256(one), { ceiling, byOperator: true })
          const isLower = markings.indexOf(after) < markings.indexOf(before)
          const isAbove = markings.indexOf(before) > markings.indexOf(clearance) || !territories.includes('NC')
          expect(kind).toBe(isLower || isAbove ? 'contested' : 'revised')
        },
      ),
    )
  })
})
