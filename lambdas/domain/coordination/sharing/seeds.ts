/** Pairs of accounts that share at least three things together: where groups are grown from. */
import { edgeCounts } from '../graph/edges.ts'
import { bands, candidatePairs, signaturesBy } from '../texts/min-hash.ts'
import { leastThings, type Net, oneEvent, sharesOfAccount, sizeOf } from './net.ts'

/** Accounts in a window beyond which pairs are found by MinHash. */
const crowd = 64

const thingsAtOnce = 10_000

export type Seed = {
  readonly a: number
  readonly b: number
  readonly things: number
  /** Mean of the delays between the two, in milliseconds. */
  readonly delay: number
  readonly strength: number
}

/** Marks the accounts that share three things or more within the window of another such account. */
export const closeAccounts = ({ shares, windowMs }: Net): Uint8Array => {
  const { accounts, times, starts, accountNames } = shares
  const kept = new Uint8Array(accountNames.length).fill(1)
  const close = new Uint8Array(accounts.length)
  const counts = new Int32Array(accountNames.length)
  const lastThing = new Int32Array(accountNames.length)
  const markFrom = (start: number, end: number, step: 1 | -1) => {
    let [last, other] = [-1, -1] // the last share kept, and the last one by another account than its
    for (let share = start; share !== end; share += step) {
      const account = accounts[share] as number
      if (!kept[account]) continue
      if (last >= 0 && accounts[last] !== account) other = last
      if (other >= 0 && Math.abs((times[share] as number) - (times[other] as number)) <= windowMs) close[share] = 1
      last = share
    }
  }
  for (let dropped = true; dropped;) {
    close.fill(0)
    counts.fill(0)
    lastThing.fill(-1)
    for (let thing = 0; thing + 1 < starts.length; thing += 1) {
      const [start, end] = [starts[thing] as number, starts[thing + 1] as number]
      if (end - start < 2) continue
      markFrom(start, end, 1)
      markFrom(end - 1, start - 1, -1)
      for (let share = start; share < end; share += 1) {
        const account = accounts[share] as number
        if (!close[share] || lastThing[account] === thing) continue
        lastThing[account] = thing
        counts[account] = (counts[account] as number) + 1
      }
    }
    dropped = false
    for (let account = 0; account < kept.length; account += 1) {
      if (!kept[account] || (counts[account] as number) >= leastThings) continue
      kept[account] = 0
      dropped = true
    }
  }
  return kept
}

/** Strongest first. @param kept accounts among which pairs are sought */
export function* seedsIn(
  net: Net,
  kept: Uint8Array,
): Generator<{ readonly done: number; readonly of: number }, readonly Seed[]> {
  const { shares, windowMs } = net
  const { accounts, times, starts, accountNames } = shares
  const isCrowded = new Uint8Array(accounts.length)
  const edges = edgeCounts(accountNames.length, true)
  for (let thing = 0; thing + 1 < starts.length; thing += 1) {
    const own: number[] = []
    for (let share = starts[thing] as number; share < (starts[thing + 1] as number); share += 1) {
      if (kept[accounts[share] as number]) own.push(share)
    }
    if (own.length < 2) continue
    const timeOf = (at: number): number => times[own[at] as number] as number
    for (let [at, first, last] = [0, 0, 0]; at < own.length; at += 1) {
      while (timeOf(first) < timeOf(at) - windowMs) first += 1
      while (last < own.length && timeOf(last) <= timeOf(at) + windowMs) last += 1
      if (last - first - 1 > crowd) isCrowded[own[at] as number] = 1
    }
    for (const [at, one] of own.entries()) {
      if (isCrowded[one]) continue
      for (let next = at + 1; next < own.length && timeOf(next) <= timeOf(at) + windowMs; next += 1) {
        const other = own[next] as number
        if (accounts[one] !== accounts[other] && !isCrowded[other]) {
          edges.add(accounts[one] as number, accounts[other] as number, thing)
        }
      }
    }
    if (thing % thingsAtOnce === 0) yield { done: thing, of: starts.length }
  }
  const pairs = new Map(edges.atLeast(leastThings).map(({ a, b }) => [a * accountNames.length + b, [a, b] as const]))
  const crowded = crowdedAccounts(net, isCrowded)
  const tokens = (number: number): Int32Array => tokensOf(net, crowded[number] as number, isCrowded)
  const signing = signaturesBy(crowded.length, tokens)
  let step = signing.next()
  for (; !step.done; step = signing.next()) yield { done: step.value.done, of: crowded.length }
  const found = candidatePairs(step.value, (one, other) => {
    // Accounts come in order, so the first is the smaller.
    const [a, b] = [crowded[Math.min(one, other)] as number, crowded[Math.max(one, other)] as number]
    pairs.set(a * accountNames.length + b, [a, b])
  })
  for (const { band } of found) yield { done: band, of: bands }
  const seeds: Seed[] = []
  for (const [a, b] of pairs.values()) {
    const windows = windowsOf(net, a, b)
    const [things, events] = [windows.length, eventsIn(windows)]
    if (events < leastThings) continue
    const delay = windows.reduce((sum, { from, to }) => sum + 2 * windowMs - (to - from), 0) / things
    seeds.push({ a, b, things, delay, strength: events ** 2 / Math.sqrt(sizeOf(net, a) * sizeOf(net, b)) })
  }
  return seeds.sort((one, other) => other.strength - one.strength || one.a - other.a || one.b - other.b)
}

const eventsIn = (windows: readonly Window[]): number => {
  let [events, last] = [0, Number.NEGATIVE_INFINITY]
  for (const time of Float64Array.from(windows, ({ from }) => from).sort()) {
    if (time - last < oneEvent) continue
    last = time
    events += 1
  }
  return events
}

const crowdedAccounts = ({ shares: { accounts, accountNames } }: Net, isCrowded: Uint8Array): readonly number[] => {
  const counts = new Int32Array(accountNames.length)
  for (const [share, account] of accounts.entries())
    if (isCrowded[share]) counts[account] = (counts[account] as number) + 1
  return Array.from(counts.keys()).filter((account) => (counts[account] as number) >= leastThings)
}

/** Two accounts within the window have a slot in common on one of two grids at least. */
const tokensOf = (net: Net, account: number, isCrowded: Uint8Array): Int32Array => {
  const { things, windowMs, shares } = net
  const slot = 2 * windowMs
  const own = sharesOfAccount(net, account).filter((share) => isCrowded[share])
  const tokens = new Int32Array(2 * own.length)
  for (const [at, share] of own.entries()) {
    const time = shares.times[share] as number
    for (const grid of [0, 1]) {
      tokens[2 * at + grid] = mixed(things[share] as number, 2 * Math.floor((time + grid * windowMs) / slot) + grid)
    }
  }
  return tokens
}

const mixed = (one: number, other: number): number => {
  let hash = Math.imul(one ^ 0x9e3779b9, 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13) ^ other, 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 16), 0x27d4eb2f)
  return hash ^ (hash >>> 15)
}

export type Window = { readonly thing: number; readonly from: number; readonly to: number }

/** Where two accounts share a thing together: from the window before the later share to that after the earlier one. */
export const windowsOf = (net: Net, a: number, b: number): readonly Window[] => {
  const { things, windowMs, shares } = net
  const [ofA, ofB] = [sharesOfAccount(net, a), sharesOfAccount(net, b)]
  const found: Window[] = []
  for (let [at, other] = [0, 0]; at < ofA.length && other < ofB.length;) {
    const [one, two] = [ofA[at] as number, ofB[other] as number]
    const [thing, second] = [things[one] as number, things[two] as number]
    const apart = (shares.times[two] as number) - (shares.times[one] as number)
    if (thing === second && Math.abs(apart) <= windowMs) {
      if (found.at(-1)?.thing !== thing) {
        const [early, late] = apart < 0 ? [two, one] : [one, two]
        found.push({
          thing,
          from: (shares.times[late] as number) - windowMs,
          to: (shares.times[early] as number) + windowMs,
        })
      }
      at += 1
    } else if (thing < second || (thing === second && apart > 0)) at += 1
    else other += 1
  }
  return found
}
