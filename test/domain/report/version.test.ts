import { describe, expect, test } from 'vitest'
import { asKnownAt, decideVersion, type KnownVersion } from '../../../lambdas/domain/report/version.ts'

const at = (hour: number): string => `2024-05-20T${String(hour).padStart(2, '0')}:00:00.000Z`

const version = (number: number, changes: Partial<KnownVersion> = {}): KnownVersion => ({
  version: number,
  state: 'published',
  snapshotSha256: `snapshot ${number}`,
  asOf: at(number),
  leaseUntil: at(number),
  ...changes,
})

const asked = (snapshotSha256: string, asOf: number, now = asOf) => ({ snapshotSha256, asOf: at(asOf), now: at(now) })

describe('the version that answers a request', () => {
  test('is the first one where there is none', () => {
    expect(decideVersion([], asked('s', 5))).toMatchObject({
      kind: 'make',
      version: 1,
      previous: undefined,
      reconstructed: false,
    })
  })

  test('is waited for while it is made, unless its maker is known to be dead', () => {
    const claim = version(1, { state: 'claimed', leaseUntil: '2024-05-20T05:01:00.000Z', owner: 'gone' })
    expect(decideVersion([claim], asked('snapshot 1', 5))).toMatchObject({ kind: 'wait' })
    const isDead = (owner: string) => owner === 'gone'
    expect(decideVersion([claim], { ...asked('snapshot 1', 5), isDead })).toMatchObject({ kind: 'resume' })
    const other = { ...claim, owner: 'other' }
    expect(decideVersion([other], { ...asked('snapshot 1', 5), isDead })).toMatchObject({ kind: 'wait' })
  })

  test('is the newest one with the same snapshot, else the next one', () => {
    const decide = (snapshot: string) => decideVersion([version(1), version(2)], asked(snapshot, 5))
    expect(decide('snapshot 2')).toMatchObject({ kind: 'stands', entry: { version: 2 } })
    expect(decide('snapshot 1')).toMatchObject({ kind: 'make', version: 3, previous: { version: 2 } })
  })

  test('is the next one where it was recalled, with a reference while the snapshot is the same', () => {
    const recalled = version(1, { recalled: { reason: 'a name' } })
    expect(decideVersion([recalled], asked('snapshot 1', 5))).toMatchObject({ kind: 'make', recalled: { version: 1 } })
    expect(decideVersion([recalled], asked('fixed', 5))).toMatchObject({ kind: 'make', recalled: undefined })
    // It was made again on request.
    const again = version(2, { snapshotSha256: 'snapshot 1' })
    expect(decideVersion([recalled, again], asked('snapshot 1', 5))).toMatchObject({ kind: 'stands' })
  })

  test('is, as of the past, the one of then, or reconstructed', () => {
    const then = decideVersion([version(1), version(3)], asked('snapshot 1', 2, 9))
    expect(then).toMatchObject({ kind: 'stands', entry: { version: 1 } })
    const none = decideVersion([version(3)], asked('older', 2, 9))
    expect(none).toMatchObject({ kind: 'make', version: 4, reconstructed: true })
  })

  test('is not the newest where it was reconstructed', () => {
    const versions = [version(3), version(4, { asOf: at(2), snapshotSha256: 'older' })]
    expect(decideVersion(versions, asked('snapshot 3', 9))).toMatchObject({ kind: 'stands', entry: { version: 3 } })
    expect(decideVersion(versions, asked('older', 2, 9))).toMatchObject({ kind: 'stands', entry: { version: 4 } })
  })

  test('is neither waited for nor resumed where its maker’s clock was ahead', () => {
    const claim = version(2, { state: 'claimed', asOf: at(8), leaseUntil: at(8) })
    const decided = decideVersion([version(1), claim], asked('snapshot 2', 5))
    expect(decided).toMatchObject({ kind: 'make', version: 3, abandon: [{ version: 2 }] })
  })

  test('is resumed where its maker died with the same snapshot', () => {
    const claim = version(2, { state: 'claimed', leaseUntil: at(4) })
    const decided = decideVersion([version(1), claim], asked('snapshot 2', 5))
    expect(decided).toMatchObject({ kind: 'resume', entry: { version: 2 }, previous: { version: 1 } })
  })

  test('abandons a dead claim on another snapshot', () => {
    const claim = version(2, { state: 'claimed', leaseUntil: at(4) })
    const decided = decideVersion([version(1), claim], asked('other', 5))
    expect(decided).toMatchObject({ kind: 'make', version: 3, previous: { version: 1 }, abandon: [{ version: 2 }] })
  })

  test('is never a recalled or an abandoned one', () => {
    const recalled = version(2, { recalled: { reason: 'wrong marking' } })
    const afterRecall = decideVersion([version(1), recalled], asked('snapshot 2', 5))
    expect(afterRecall).toMatchObject({ kind: 'make', version: 3, previous: { version: 2 } })
    const abandoned = version(2, { state: 'abandoned' })
    expect(decideVersion([version(1), abandoned], asked('snapshot 2', 5))).toMatchObject({ kind: 'make', version: 3 })
  })
})

describe('versions of a clock that was ahead', () => {
  const known = (number: number, hour: number, reconstructed = false) => ({
    ...version(number, { asOf: at(hour) }),
    reconstructed,
  })
  const hours = (versions: ReturnType<typeof known>[], now: number) =>
    asKnownAt(versions, at(now), at(1)).map(({ asOf }) => Number(asOf.slice(11, 13)))

  test('are current from now on, and not from then on', () => {
    expect(hours([known(1, 3), known(2, 20)], 5)).toEqual([3, 5])
    const decided = decideVersion(asKnownAt([known(1, 3), known(2, 20)], at(5), at(4)), asked('new', 5))
    expect(decided).toMatchObject({ kind: 'make', version: 3, reconstructed: false, previous: { version: 2 } })
  })

  test('stay older than later ones, also after their instant', () => {
    const versions = [known(1, 3), known(2, 20), known(3, 6)]
    expect(hours(versions, 7)).toEqual([3, 6, 6])
    expect(hours(versions, 21)).toEqual([3, 6, 6])
    expect(decideVersion(asKnownAt(versions, at(21), at(4)), asked('snapshot 3', 21))).toMatchObject({
      kind: 'stands',
      entry: { version: 3 },
    })
  })

  test('are accepted while stored data is ahead too: the clock was set back', () => {
    const versions = [known(1, 3), known(2, 20)]
    expect(asKnownAt(versions, at(5), at(20))).toEqual(versions)
    expect(asKnownAt(versions, at(5), undefined)).toEqual(versions)
  })

  test('leave all others unchanged, also reconstructed ones', () => {
    expect(hours([known(1, 3), known(2, 6), known(3, 2, true), known(4, 8)], 9)).toEqual([3, 6, 2, 8])
  })
})
