import { describe, expect, test } from 'vitest'
import { contentSha256, decide, type Latest } from '../../lambdas/domain/revision.ts'
import { detection } from '../support/detections.ts'

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

describe('a detection that comes in', () => {
  test('is new under an unknown id, with the revision it claims or the first', () => {
    expect(decided(undefined)).toEqual({ kind: 'new', revision: 1 })
    expect(decided(undefined, { ...first, revision: 4 })).toEqual({ kind: 'new', revision: 4 })
  })

  test('is a duplicate where it says the same, whatever revision it claims', () => {
    expect(decided(stored)).toEqual({ kind: 'duplicate' })
    expect(decided(stored, { ...first, revision: 9 })).toEqual({ kind: 'duplicate' })
  })

  test('is the next revision where it says something else', () => {
    expect(decided(stored, corrected)).toEqual({ kind: 'revised', revision: 2 })
    expect(decided(stored, { ...corrected, revision: 5 })).toEqual({ kind: 'revised', revision: 5 })
  })

  test('is refused where it claims a revision that says something else', () => {
    expect(decided(stored, { ...corrected, revision: 1 })).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/higher number/),
    })
  })

  test('does not bring back what was withdrawn', () => {
    const withdrawn: Latest = { ...stored, revision: 2, status: 'withdrawn', reason: 'counted twice' }
    expect(decided(withdrawn)).toEqual({ kind: 'duplicate' })
    expect(decided(withdrawn, corrected)).toMatchObject({
      kind: 'refused',
      message: expect.stringMatching(/withdrawn \(counted twice\)/),
    })
  })
})
