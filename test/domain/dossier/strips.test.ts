/** Strips of a set's accounts, compared with a count by brute force from docs/reports.md. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import { subjectOf } from '../../../lambdas/domain/core/place/territory.ts'
import type { DossierFacts } from '../../../lambdas/domain/dossier/dossier.ts'
import type { Operation } from '../../../lambdas/domain/dossier/returning.ts'
import { type Strip, stripOf } from '../../../lambdas/domain/dossier/strips.ts'
import { noStrip, stripsOf } from '../../../lambdas/domain/page/dossier/strips.ts'
import { profileRow } from '../../../lambdas/render/drawings/profiles.ts'
import { detection } from '../../support/detections.ts'

type Stated = {
  readonly refs?: readonly string[] | undefined
  readonly count?: { readonly value: number; readonly qualifier: 'exact' | 'at least' } | undefined
  readonly size?: { readonly value: number; readonly qualifier: 'exact' | 'about' } | undefined
  readonly names: boolean
  readonly kind?: 'copy-paste' | 'offline-event'
}

const operationsOf = (all: readonly Stated[]): readonly Operation[] =>
  all.map(({ refs, count, size, names, kind = 'copy-paste' }, at) => ({
    id: `o${at}`,
    detections: [
      detection({
        id: `o${at}`,
        kind,
        ...(names && { accountSet: { id: 's', name: 'The set', ...(size && { size }) } }),
        ...(refs && { coordinatedAccountRefs: [...refs] }),
        ...(count && { counts: { coordinatedAccounts: count } }),
      }),
    ],
  }))

/** Groups the accounts by their participation in each row. */
const bruteForce = (all: readonly Stated[]) => {
  const rows = all.filter(({ names, kind }) => names || kind !== 'offline-event')
  const naming = rows.filter(({ names }) => names)
  const sizes = naming.flatMap(({ size }) => size ?? [])
  const exactSize =
    sizes.length > 0 && sizes.every(({ qualifier }) => qualifier === 'exact')
      ? Math.max(...sizes.map(({ value }) => value))
      : undefined
  const partOf = ({ refs, count }: Stated) => count ?? (refs && { value: refs.length, qualifier: 'exact' as const })
  const byReference = (one: Stated) =>
    one.names && !!one.refs && partOf(one)?.qualifier === 'exact' && partOf(one)?.value === one.refs.length
  const people = new Set<string>()
  for (const one of rows) if (byReference(one)) for (const ref of one.refs ?? []) people.add(ref)
  const size = exactSize !== undefined && exactSize >= people.size ? exactSize : undefined
  const total = size ?? people.size
  const bare = (one: Stated) =>
    one.names && !one.refs && one.count?.qualifier === 'exact' ? one.count.value : undefined
  const isAll = (one: Stated) => size !== undefined && bare(one) === size
  const numbers = naming.filter((one) => size !== undefined && (bare(one) ?? Number.NaN) < size)
  const lone = people.size === 0 && numbers.length === 1 ? numbers[0] : undefined
  const accounts = Array.from({ length: total }, (_, at) => [...people][at] ?? `unnamed ${at}`)
  const tookPart = (who: string, at: number, one: Stated): boolean | null => {
    if (byReference(one)) return (one.refs ?? []).includes(who)
    if (isAll(one)) return true
    return one === lone ? at < (bare(one) ?? 0) : null
  }
  const profiles = new Map<string, number>()
  for (const [at, who] of accounts.entries()) {
    const key = JSON.stringify(rows.map((one) => tookPart(who, at, one)))
    profiles.set(key, (profiles.get(key) ?? 0) + 1)
  }
  const known = rows.filter((one) => byReference(one) || isAll(one) || one === lone).length
  return { profiles: Object.fromEntries(profiles), total, known, isSize: size !== undefined }
}

const maybe = <One>(one: fc.Arbitrary<One>) => fc.option(one, { nil: undefined })
const stated: fc.Arbitrary<Stated> = fc.record({
  names: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
  kind: fc.constantFrom('copy-paste', 'copy-paste', 'offline-event'),
  refs: maybe(fc.subarray(['a', 'b', 'c', 'd', 'e', 'f'], { minLength: 1 })),
  count: maybe(
    fc.record({ value: fc.integer({ min: 0, max: 8 }), qualifier: fc.constantFrom('exact', 'exact', 'at least') }),
  ),
  size: maybe(
    fc.record({
      value: fc.constantFrom(8, 8, 8, 6, 3),
      qualifier: fc.constantFrom('exact', 'exact', 'exact', 'about'),
    }),
  ),
})

/** At least as many as it names. */
const sound = ({ refs, count, ...rest }: Stated): Stated => ({
  ...rest,
  refs,
  count: count && refs && count.value < refs.length ? { ...count, value: refs.length } : count,
})

const keyOf = ({ accounts, tookPart }: Strip['profiles'][number]): string =>
  JSON.stringify(tookPart.map((count) => (count === null ? null : count === accounts)))

const sum = (numbers: readonly number[]): number => numbers.reduce((all, one) => all + one, 0)

describe('profiles of participation', () => {
  it('equal a count by brute force, and add up to the set', () => {
    fc.assert(
      fc.property(fc.array(stated.map(sound), { maxLength: 9 }), (all) => {
        const strip = stripOf('s', operationsOf(all))
        const expected = bruteForce(all)
        if (!strip) {
          expect(expected.known).toBeLessThan(2)
          return
        }
        expect(expected.known).toBeGreaterThanOrEqual(2)
        expect([strip.accounts, strip.isSize]).toEqual([expected.total, expected.isSize])
        expect(sum(strip.profiles.map(({ accounts }) => accounts))).toBe(strip.accounts)
        if (strip.profiles.every(({ folded }) => folded === 1)) {
          expect(Object.fromEntries(strip.profiles.map((one) => [keyOf(one), one.accounts]))).toEqual(expected.profiles)
        }
        for (const [at, { part, isKnown }] of strip.operations.entries()) {
          const took = strip.profiles.map(({ tookPart }) => tookPart[at])
          if (isKnown) expect(sum(took.map((count) => count ?? Number.NaN))).toBe(part.value)
          else expect(took.every((count) => count === null)).toBe(true)
        }
      }),
      { numRuns: 2_000 },
    )
  })

  it('fold the smallest into one, and lose no account', () => {
    const names = Array.from({ length: 40 }, (_, at) => `a${at}`)
    const many = fc.array(fc.subarray(names, { minLength: 1 }), { minLength: 4, maxLength: 16 })
    fc.assert(
      fc.property(many, (all) => {
        const operations = operationsOf(all.map((refs) => ({ refs, names: true })))
        const strip = stripOf('s', operations)
        if (!strip) throw new Error('all of it is known')
        expect(strip.profiles.length).toBeLessThanOrEqual(12)
        expect(sum(strip.profiles.map(({ accounts }) => accounts))).toBe(new Set(all.flat()).size)
        const shown = strip.operations.map(({ operation }) => Number(operation.id.slice(1)))
        expect(shown.length + strip.more).toBe(all.length)
        for (const [at, index] of shown.entries()) {
          expect(sum(strip.profiles.map(({ tookPart }) => tookPart[at] ?? Number.NaN))).toBe(all[index]?.length)
        }
        const kept = strip.profiles.filter(({ folded }) => folded === 1).map(({ accounts }) => accounts)
        if (strip.profiles.at(-1)?.folded !== 1) expect(kept).toHaveLength(11)
        // The order of the accounts does not matter.
        const turned = operationsOf(all.map((refs) => ({ refs: refs.toReversed(), names: true })))
        expect(stripOf('s', turned)).toEqual(strip)
      }),
    )
  })

  it('are known from two numbers: of 423, 348 returned and 75 did not', () => {
    const size = { value: 423, qualifier: 'exact' as const }
    const strip = stripOf(
      's',
      operationsOf([
        { names: true, size, count: size },
        { names: false, kind: 'offline-event' },
        { names: false },
        { names: true, size, count: { value: 348, qualifier: 'exact' } },
      ]),
    )
    expect(strip?.profiles).toEqual([
      { accounts: 348, tookPart: [348, null, 348], folded: 1 },
      { accounts: 75, tookPart: [75, null, 0], folded: 1 },
    ])
  })

  it('are unknown with more numbers, or a floor', () => {
    const size = { value: 423, qualifier: 'exact' as const }
    const counted = (value: number, qualifier: 'exact' | 'at least' = 'exact'): Stated => ({
      ...{ names: true, size, count: { value, qualifier } },
    })
    expect(stripOf('s', operationsOf([counted(423), counted(348), counted(200)]))).toBeUndefined()
    expect(stripOf('s', operationsOf([counted(423), counted(348, 'at least')]))).toBeUndefined()
    const both = stripOf('s', operationsOf([counted(423), counted(348), counted(200), counted(423)]))
    expect(both?.profiles).toEqual([{ accounts: 423, tookPart: [423, null, null, 423], folded: 1 }])
  })
})

describe('a strip on the page', () => {
  const subject = subjectOf('ALL')
  const pageOf = (strip: Strip | undefined, language: 'fr' | 'en') => {
    const dossier = { sets: [{}], strips: strip ? [strip] : [] } as unknown as DossierFacts
    const words = wordingOf(language)
    return { drawn: stripsOf(dossier, subject, words), why: noStrip(dossier, words) }
  }

  it('names no account, and fills its width', () => {
    const refs = fc.subarray(['zq-a', 'zq-b', 'zq-c', 'zq-d'], { minLength: 1 })
    fc.assert(
      fc.property(fc.array(refs, { minLength: 2, maxLength: 7 }), fc.constantFrom('fr', 'en'), (all, language) => {
        const strip = stripOf('s', operationsOf(all.map((one) => ({ refs: one, names: true }))))
        const { drawn, why } = pageOf(strip, language)
        expect(why).toBe('')
        expect(JSON.stringify(drawn)).not.toContain('zq-')
        for (const row of drawn[0]?.rows ?? []) {
          const width = sum([...(row.bars ?? []), ...row.gaps].map((one) => one.width))
          expect(width).toBeCloseTo(100, 1)
          expect(profileRow(row)).toContain('aria-hidden="true"')
        }
        const [table] = drawn.map((one) => one.table)
        const numbers = table?.rows.map((row) => Number(row.at(-1)?.text.text)) ?? []
        expect(sum(numbers.slice(0, -1))).toBe(numbers.at(-1))
        expect(drawn[0]?.text).toContain(String(numbers.at(-1)))
      }),
    )
  })

  it('is a sentence where nothing is known, and empty without a set', () => {
    expect(pageOf(undefined, 'fr').why).toContain('Pas de frise')
    expect(noStrip({ sets: [], strips: [] } as unknown as DossierFacts, wordingOf('en'))).toBe('')
  })
})
