/** Groups of accounts that push things together more than their own habits explain. */
import { type Judged, judgeIn, type Verdict } from './evidence.ts'
import { type Grown, growerIn } from './grow.ts'
import type { Net } from './net.ts'
import { closeAccounts, type Seed, seedsIn, windowsOf } from './seeds.ts'

export type PushingGroup = Judged & Pick<Grown, 'members'> & Pick<Verdict, 'isSourceKnown'>

/** A group explained by few sources: what it pushes of one of them. */
type Amplifying = PushingGroup & { readonly source: number; readonly thingsOfSource: number }

export type Groups = {
  /** Strongest first. */
  readonly groups: readonly PushingGroup[]
  readonly amplifiers: readonly Amplifying[]
  readonly seeds: readonly Seed[]
  /** Seeds that were not grown, since the work was too much. */
  readonly skipped: number
  /** False where a group was found among too few other shares. */
  readonly isEnough: boolean
}

/** Visits of a share; about a minute. */
const mostWork = 3_000_000_000

/** Seeds grown for each account, its strongest first. */
const mostTries = 10

/** Parts of a seed's windows that an account must be in. */
const parts = [0.2, 0.1] as const

/** Yields after each seed. */
export function* groupsIn(net: Net): Generator<{ readonly done: number; readonly of: number }, Groups> {
  const taken = new Uint8Array(net.shares.accountNames.length)
  const tries = new Uint8Array(taken.length)
  const seeds = yield* seedsIn(net, closeAccounts(net))
  const grower = growerIn(net, (account) => !taken[account])
  const { judge, work } = judgeIn(net)
  const groups: PushingGroup[] = []
  const amplifiers: Amplifying[] = []
  /** Numbers of the sets in which an account was judged. */
  const judgedIn = new Map<number, Set<number>>()
  const setsOf = (account: number): Set<number> => judgedIn.get(account) ?? new Set()
  let [count, skipped, isEnough] = [0, 0, true]
  for (const [at, { a, b }] of seeds.entries()) {
    if (taken[a] || taken[b] || !setsOf(a).isDisjointFrom(setsOf(b))) continue
    if ((tries[a] as number) >= mostTries || (tries[b] as number) >= mostTries) continue
    if (work() + grower.work() > mostWork) {
      skipped += 1
      continue
    }
    for (const account of [a, b]) tries[account] = (tries[account] as number) + 1
    yield { done: at, of: seeds.length }
    const windows = windowsOf(net, a, b)
    const [one, other] = parts.map((part) => grower.growFrom(windows, part))
    const grown = one && other && isSame(one, other) ? [one] : [one, other].filter((found) => found !== undefined)
    const [best] = grown
      .map((group) => ({ members: group.members, ...judge(group) }))
      .sort((x, y) => y.score - x.score || y.withoutSources.score - x.withoutSources.score)
    if (!best) continue
    count += 1
    for (const account of [a, b, ...best.members]) judgedIn.set(account, setsOf(account).add(count))
    if (best.isTooFew) isEnough = false
    const ofSource = best.score <= 0 && best.withoutSources.score > 0
    if (best.score > 0) groups.push(best)
    if (ofSource) {
      const { pushes } = best.withoutSources
      for (const [source, own] of Map.groupBy(pushes, ({ thing }) => net.sources[thing] as number)) {
        const thingsOfSource = net.thingsOfSource[source]
        if (thingsOfSource) amplifiers.push({ ...best, ...best.withoutSources, pushes: own, source, thingsOfSource })
      }
    }
    if (best.score > 0 || ofSource) for (const account of best.members) taken[account] = 1
  }
  groups.sort((one, other) => other.score - one.score)
  return { groups, amplifiers, seeds, skipped, isEnough }
}

const isSame = (one: Grown, other: Grown): boolean =>
  one.members.length === other.members.length && one.members.every((member, at) => member === other.members[at])
