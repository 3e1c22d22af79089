/** Grows a pair into the accounts that push the same things together. */
import { leastThings, type Net, placeOf, sharesOfAccount } from './net.ts'
import type { Window } from './seeds.ts'

/** A thing that several members share within one window, which begins at `from`. */
export type Push = { readonly thing: number; readonly from: number; readonly members: number }

export type Grown = { readonly members: readonly number[]; readonly pushes: readonly Push[] }

const mostRounds = 6

/** @param isFree whether an account may be a member */
export const growerIn = (net: Net, isFree: (account: number) => boolean) => {
  const { shares, windowMs } = net
  const { accounts, times, starts } = shares
  const counts = new Int32Array(shares.accountNames.length)
  const lasts = new Int32Array(shares.accountNames.length)
  const isMember = new Uint8Array(counts.length)
  const sharesOfThing = new Int32Array(starts.length)
  const everyShare = accounts.map((_, share) => share)
  const timeOf = (share: number | undefined): number => times[share as number] as number
  let work = 0

  /** Accounts in at least so many of these windows, in order. */
  const accountsIn = (windows: readonly Window[], least: number): readonly number[] => {
    const touched: number[] = []
    for (const [number, { thing, from, to }] of windows.entries()) {
      const end = starts[thing + 1] as number
      for (let share = placeOf(times, from, starts[thing], end); share < end; share += 1) {
        if ((times[share] as number) > to) break
        work += 1
        const account = accounts[share] as number
        if (lasts[account] === number + 1) continue
        lasts[account] = number + 1
        if (counts[account] === 0) touched.push(account)
        counts[account] = (counts[account] as number) + 1
      }
    }
    const found = touched.filter((account) => (counts[account] as number) >= least && isFree(account))
    for (const account of touched) {
      counts[account] = 0
      lasts[account] = 0
    }
    return found.sort((a, b) => a - b)
  }

  const pushesOf = (members: readonly number[]): readonly Push[] => {
    const least = Math.max(leastThings, members.length / 3)
    const seen: number[] = []
    for (const account of members) {
      for (const share of sharesOfAccount(net, account)) {
        const thing = net.things[share] as number
        if (sharesOfThing[thing] === 0) seen.push(thing)
        sharesOfThing[thing] = (sharesOfThing[thing] as number) + 1
      }
    }
    for (const account of members) isMember[account] = 1
    const found: Push[] = []
    for (const thing of seen) {
      if ((sharesOfThing[thing] as number) >= least) {
        const best = fullestWindow(thing, sharesBy(members, thing))
        if (best.members >= least) found.push(best)
      }
      sharesOfThing[thing] = 0
    }
    for (const account of members) isMember[account] = 0
    return found
  }

  /** The members' shares of a thing, by time. */
  const sharesBy = (members: readonly number[], thing: number): Int32Array => {
    const [start, end] = [starts[thing] as number, starts[thing + 1] as number]
    work += Math.min(end - start, 20 * members.length)
    // Few members among many shares are found faster one by one.
    if (end - start <= 20 * members.length) {
      return everyShare.subarray(start, end).filter((share) => isMember[accounts[share] as number])
    }
    const own = members.flatMap((account) => {
      const all = sharesOfAccount(net, account)
      return [...all.subarray(placeOf(all, start), placeOf(all, end))]
    })
    return Int32Array.from(own).sort()
  }

  /** The window of a thing that holds most members. */
  const fullestWindow = (thing: number, own: Int32Array): Push => {
    let best = { thing, from: 0, members: 0 }
    let [first, held] = [0, 0]
    const add = (at: number, more: 1 | -1): void => {
      const account = accounts[own[at] as number] as number
      counts[account] = (counts[account] as number) + more
      if (counts[account] === (more === 1 ? 1 : 0)) held += more
    }
    for (let last = 0; last < own.length; last += 1) {
      for (; timeOf(own[first]) < timeOf(own[last]) - windowMs; first += 1) add(first, -1)
      add(last, 1)
      if (held > best.members) best = { thing, from: timeOf(own[first]), members: held }
    }
    for (; first < own.length; first += 1) add(first, -1)
    return best
  }

  const growFrom = (seed: readonly Window[], part: number): Grown | undefined => {
    let members = accountsIn(seed, Math.max(leastThings, part * seed.length))
    for (let round = 0; ; round += 1) {
      const pushes = members.length < leastThings ? [] : pushesOf(members)
      if (pushes.length < leastThings) return undefined
      const windows = pushes.map(({ thing, from }): Window => ({ thing, from, to: from + windowMs }))
      const stay = new Set(accountsIn(windows, Math.max(leastThings, pushes.length / 3)))
      const join = accountsIn(windows, Math.max(leastThings, pushes.length / 2))
      const next = [...new Set([...members.filter((one) => stay.has(one)), ...join])].sort((a, b) => a - b)
      const isSame = next.length === members.length && next.every((one, at) => one === members[at])
      if (isSame || round === mostRounds) return { members, pushes }
      members = next
    }
  }

  return { work: () => work, growFrom }
}
