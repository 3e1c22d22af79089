import { describe, expect, test } from 'vitest'
import { asKnownAt, decideVersion, type KnownVersion } from '../../../lambdas/domain/report/version.ts'

const at = (hour: number): string => `2024-05-20T${String(hour).padStart(2, '0')}:00:00.000Z`

const version = (number: number, said: Partial<KnownVersion> = {}): KnownVersion => ({
  version: number,
  state: 'published',
  snapshotSha256: `snapshot ${number}`,
  asOf: at(number),
  leaseUntil: at(number),
  ...said,
})

const asked = (snapshotSha256: string, asOf: number, now = asOf) => ({ snapshotSha256, asOf: at(asOf), now: at(now) })

describe('the version that answers a request', () => {
  test('is the first one where none stands', () => {
    expect(decideVersion([], asked('s', 5))).toMatchObject({
      kind: 'make',
      version: 1,
      previous: undefined,
      reconstructed: false,
    })
  })

  test('waits for who makes it, unless that is known to be dead', () => {
    const claim = version(1, { state: 'claimed', leaseUntil: '2024-05-20T05:01:00.000Z', owner: 'gone' })
    expect(decideVersion([claim], asked('snapshot 1', 5))).toMatchObject({ kind: 'wait' })
    const isDead = (owner: string) => owner === 'gone'
    expect(decideVersion([claim], { ...asked('snapshot 1', 5), isDead })).toMatchObject({ kind: 'resume' })
    const other = { ...claim, owner: 'other' }
    expect(decideVersion([other], { ...asked('snapshot 1', 5), isDead })).toMatchObject({ kind: 'wait' })
  })

  test('is the newest one while it says the same', () => {
    expect(decideVersion([version(1), version(2)], asked('snapshot 2', 5))).toMatchObject({
      kind: 'stands',
      entry: { version: 2 },
    })
  })

  test('is a next one where only an older version says the same', () => {
    const decided = decideVersion([version(1), version(2)], asked('snapshot 1', 5))
    expect(decided).toMatchObject({ kind: 'make', version: 3, previous: { version: 2 }, reconstructed: false })
  })

  test('is a next one where it was recalled, which tells of the recalled one as long as it says the same', () => {
    const recalled = version(1, { recalled: { reason: 'a name' } })
    expect(decideVersion([recalled], asked('snapshot 1', 5))).toMatchObject({ kind: 'make', recalled: { version: 1 } })
    expect(decideVersion([recalled], asked('mended', 5))).toMatchObject({ kind: 'make', recalled: undefined })
    // Made again by somebody who asked for it: it stands.
    const again = version(2, { snapshotSha256: 'snapshot 1' })
    expect(decideVersion([recalled, again], asked('snapshot 1', 5))).toMatchObject({ kind: 'stands' })
  })

  test('is the one that was current then, as of the past', () => {
    expect(decideVersion([version(1), version(3)], asked('snapshot 1', 2, 9))).toMatchObject({
      kind: 'stands',
      entry: { version: 1 },
    })
  })

  test('is reconstructed where none was current then', () => {
    expect(decideVersion([version(3)], asked('older', 2, 9))).toMatchObject({
      kind: 'make',
      version: 4,
      reconstructed: true,
    })
  })

  test('a reconstructed version does not become the newest', () => {
    const versions = [version(3), version(4, { asOf: at(2), snapshotSha256: 'older' })]
    expect(decideVersion(versions, asked('snapshot 3', 9))).toMatchObject({ kind: 'stands', entry: { version: 3 } })
    expect(decideVersion(versions, asked('older', 2, 9))).toMatchObject({ kind: 'stands', entry: { version: 4 } })
  })

  test('is waited for while its maker is at it', () => {
    const claim = version(2, { state: 'claimed', leaseUntil: '2024-05-20T05:02:00.000Z' })
    expect(decideVersion([version(1), claim], asked('any', 5))).toMatchObject({ kind: 'wait', entry: { version: 2 } })
  })

  test('is neither waited for nor resumed where its maker’s clock was ahead', () => {
    const claim = version(2, { state: 'claimed', asOf: at(8), leaseUntil: at(8) })
    const decided = decideVersion([version(1), claim], asked('snapshot 2', 5))
    expect(decided).toMatchObject({ kind: 'make', version: 3, abandon: [{ version: 2 }] })
  })

  test('is resumed where its maker died over the same snapshot', () => {
    const claim = version(2, { state: 'claimed', leaseUntil: at(4) })
    const decided = decideVersion([version(1), claim], asked('snapshot 2', 5))
    expect(decided).toMatchObject({ kind: 'resume', entry: { version: 2 }, previous: { version: 1 } })
  })

  test('leaves a dead claim over another snapshot behind', () => {
    const claim = version(2, { state: 'claimed', leaseUntil: at(4) })
    const decided = decideVersion([version(1), claim], asked('other', 5))
    expect(decided).toMatchObject({ kind: 'make', version: 3, previous: { version: 1 }, abandon: [{ version: 2 }] })
  })

  test('never is a recalled one, which stays in the chain', () => {
    const recalled = version(2, { recalled: { reason: 'wrong marking' } })
    expect(decideVersion([version(1), recalled], asked('snapshot 2', 5))).toMatchObject({
      kind: 'make',
      version: 3,
      previous: { version: 2 },
    })
  })

  test('never is an abandoned one', () => {
    const given = version(2, { state: 'abandoned' })
    expect(decideVersion([version(1), given], asked('snapshot 2', 5))).toMatchObject({ kind: 'make', version: 3 })
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

  test('stay older than those that follow, also when their instant has come', () => {
    const versions = [known(1, 3), known(2, 20), known(3, 6)]
    expect(hours(versions, 7)).toEqual([3, 6, 6])
    expect(hours(versions, 21)).toEqual([3, 6, 6])
    expect(decideVersion(asKnownAt(versions, at(21), at(4)), asked('snapshot 3', 21))).toMatchObject({
      kind: 'stands',
      entry: { version: 3 },
    })
  })

  test('are believed while what is stored lies ahead as well: the clock was set back', () => {
    const versions = [known(1, 3), known(2, 20)]
    expect(asKnownAt(versions, at(5), at(20))).toEqual(versions)
    expect(asKnownAt(versions, at(5), undefined)).toEqual(versions)
  })

  test('leaves all others as they are, reconstructed ones among them', () => {
    expect(hours([known(1, 3), known(2, 6), known(3, 2, true), known(4, 8)], 9)).toEqual([3, 6, 2, 8])
  })
})
