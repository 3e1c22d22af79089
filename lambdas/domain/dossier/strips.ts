/** Profiles of an account set: accounts that took part in the same operations. No single account is shown. */
import { ownAccounts } from '../aggregate/counting/accounts.ts'
import { notGiven, type Total } from '../core/figures.ts'
import { maximum } from '../core/lists.ts'
import { type Marking, strictest } from '../core/marking.ts'
import type { Detection, Name } from '../detection/detection.ts'
import { hasAccounts } from '../detection/stated-figures.ts'
import { nameOf, type Operation, type OperationNamed } from './returning.ts'

export type Strip = {
  readonly id: string
  readonly name?: Name | undefined
  readonly accounts: number
  /** True if `accounts` is the stated size, false if it counts only referenced accounts. */
  readonly isSize: boolean
  /** The earliest first. */
  readonly operations: readonly StripRow[]
  /** Participants of the latest operation first; the smallest profiles may be merged into the last. */
  readonly profiles: readonly Profile[]
  /** Unlisted operations that name the set. */
  readonly more: number
  /** Unlisted operations that do not name the set. */
  readonly others: number
  readonly marking: Marking
}

export type StripRow = {
  readonly operation: OperationNamed
  readonly part: Total
  /** The participants are known at the level of profiles. */
  readonly isKnown: boolean
}

/** Accounts that took part in the same operations. */
export type Profile = {
  readonly accounts: number
  /** Participants by operation; only a merged profile can have some but not all. Null: unknown. */
  readonly tookPart: readonly (number | null)[]
  /** The number of merged profiles, usually 1. */
  readonly folded: number
}

/** Limits rows that name the set: the first and the latest. */
const maxNaming = 10
/** Includes operations that do not name the set. */
const maxRows = 12
const maxProfiles = 12

type Row = {
  readonly operation: OperationNamed
  /** The operation's first detection that names the set. */
  readonly teller: Detection | undefined
  readonly part: Total
  readonly refs: ReadonlySet<string>
  readonly markings: readonly Marking[]
}

/** How participants are known; *counted*: only by number. */
type Knowledge = 'by reference' | 'all of them' | 'counted' | 'unknown'

/** Returns undefined unless participants are known in two operations. */
export const stripOf = (id: string, operations: readonly Operation[]): Strip | undefined => {
  const rows = operations.filter(isDue(id)).map((one) => rowOf(id, one))
  const size = statedSize(rows)
  const knowledge = new Map(rows.map((row) => [row, knowledgeOf(row, size)]))
  const named = new Set(rows.flatMap((row) => (knowledge.get(row) === 'by reference' ? [...row.refs] : [])))
  // A stated size below the number of named accounts is ignored.
  const isSize = size !== undefined && size >= named.size
  const accounts = isSize ? size : named.size
  const { listed, more, others } = listedOf(rows)
  const whole = rows.filter((row) => isSize && knowledge.get(row) === 'all of them')
  const counted = rows.filter((row) => knowledge.get(row) === 'counted')
  // A single number splits the set in two; the overlap of two numbers is unknown.
  const alone = isSize && named.size === 0 && counted.length === 1 ? counted[0] : undefined
  const isKnown = (row: Row): boolean => knowledge.get(row) === 'by reference' || whole.includes(row) || row === alone
  if (listed.filter(isKnown).length < 2) return undefined
  const groups = alone
    ? splitBy(alone, accounts)
    : [...[...named].map((ref) => ({ count: 1, isIn: (row: Row) => row.refs.has(ref) })), rest(accounts - named.size)]
  const patterns = patternsOf(groups, listed, (row) =>
    isKnown(row) ? (whole.includes(row) ? 'all' : 'some') : 'unknown',
  )
  return {
    id,
    name: rows.map(({ teller }) => teller?.accountSet?.name).find((name) => name !== undefined),
    accounts,
    isSize,
    operations: listed.map((row) => ({ operation: row.operation, part: row.part, isKnown: isKnown(row) })),
    profiles: foldedTo(maxProfiles, patterns),
    more,
    others,
    marking: strictest(rows.flatMap(({ markings }) => markings)),
  }
}

/** An offline event has no accounts to report. */
const isDue =
  (id: string) =>
  ({ detections }: Operation): boolean =>
    detections.some((one) => hasAccounts(one) || one.accountSet?.id === id)

const rowOf = (id: string, { detections }: Operation): Row => {
  const naming = detections.filter(({ accountSet }) => accountSet?.id === id)
  const [teller] = naming
  return {
    operation: nameOf(detections),
    teller,
    part: teller ? ownAccounts(teller, 'coordinatedAccounts') : notGiven,
    refs: new Set(naming.flatMap(({ coordinatedAccountRefs = [] }) => coordinatedAccountRefs)),
    markings: naming.map(({ marking }) => marking),
  }
}

/** Returns the largest stated size; undefined if any is a floor or an estimate. */
const statedSize = (rows: readonly Row[]): number | undefined => {
  const sizes = rows.flatMap(({ teller }) => teller?.accountSet?.size ?? [])
  return sizes.length > 0 && sizes.every(({ qualifier }) => qualifier === 'exact')
    ? maximum(sizes.map(({ value }) => value))
    : undefined
}

const knowledgeOf = ({ teller, part, refs }: Row, size: number | undefined): Knowledge => {
  if (!teller || part.value === null || part.qualifier !== 'exact') return 'unknown'
  if (refs.size > 0) return refs.size === part.value ? 'by reference' : 'unknown'
  if (size === undefined || part.value > size) return 'unknown'
  return part.value === size ? 'all of them' : 'counted'
}

const listedOf = (
  rows: readonly Row[],
): { readonly listed: readonly Row[]; readonly more: number; readonly others: number } => {
  const naming = rows.filter(({ teller }) => teller)
  const kept = new Set(naming.filter((_, at) => at === 0 || at > naming.length - maxNaming))
  const others = rows.filter(({ teller }) => !teller)
  const hasRoom = kept.size + others.length <= maxRows
  return {
    listed: rows.filter((row) => kept.has(row) || (hasRoom && !row.teller)),
    more: naming.length - kept.size,
    others: hasRoom ? 0 : others.length,
  }
}

type Group = { readonly count: number; readonly isIn: (row: Row) => boolean }

const rest = (count: number): Group => ({ count, isIn: () => false })

const splitBy = (alone: Row, accounts: number): readonly Group[] => {
  const part = alone.part.value ?? 0
  return [{ count: part, isIn: (row) => row === alone }, rest(accounts - part)]
}

type Pattern = { readonly key: string; accounts: number }

/** A profile's key has a character per operation, the latest first: 1 took part, 0 did not, ? unknown. */
const patternsOf = (
  groups: readonly Group[],
  listed: readonly Row[],
  stateOf: (row: Row) => 'all' | 'some' | 'unknown',
): readonly Pattern[] => {
  const latestFirst = listed.toReversed().map((row) => ({ row, state: stateOf(row) }))
  const found = new Map<string, Pattern>()
  for (const { count, isIn } of groups) {
    if (count === 0) continue
    const key = latestFirst
      .map(({ row, state }) => (state === 'unknown' ? '?' : state === 'all' || isIn(row) ? '1' : '0'))
      .join('')
    const known = found.get(key)
    if (known) known.accounts += count
    else found.set(key, { key, accounts: count })
  }
  return [...found.values()].sort((a, b) => (a.key > b.key ? -1 : 1))
}

const foldedTo = (most: number, patterns: readonly Pattern[]): readonly Profile[] => {
  const bySize = patterns.toSorted((a, b) => b.accounts - a.accounts || (a.key > b.key ? -1 : 1))
  const kept = new Set(patterns.length > most ? bySize.slice(0, most - 1) : bySize)
  const small = patterns.filter((one) => !kept.has(one))
  return [
    ...patterns.filter((one) => kept.has(one)).map((one) => profileOf([one])),
    ...(small.length > 0 ? [profileOf(small)] : []),
  ]
}

const profileOf = (patterns: readonly Pattern[]): Profile => {
  const signs = [...(patterns[0]?.key ?? '')].map((_, at) => at).reverse()
  const sum = (some: readonly Pattern[]): number => some.reduce((all, { accounts }) => all + accounts, 0)
  return {
    accounts: sum(patterns),
    tookPart: signs.map((at) =>
      patterns[0]?.key[at] === '?' ? null : sum(patterns.filter(({ key }) => key[at] === '1')),
    ),
    folded: patterns.length,
  }
}
