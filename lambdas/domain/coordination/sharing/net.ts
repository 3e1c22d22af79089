/** Shares by account as well as by thing. */
import type { Shares } from './shares.ts'

export type Net = {
  readonly shares: Shares
  /** Milliseconds, inclusive. */
  readonly windowMs: number
  /** The thing of each share. */
  readonly things: Int32Array
  /** Shares by account; within one, by thing, then by time. */
  readonly byAccount: Int32Array
  /** First place of each account in `byAccount`; the last entry is the end. */
  readonly accountStarts: Int32Array
  /** By thing, index of its source; -1 where it is unknown. */
  readonly sources: Int32Array
  readonly thingsOfSource: Int32Array
  /** Things shared twice or more. */
  readonly repeatedThings: number
  /** Accounts with three shares or more. */
  readonly repeatedAccounts: number
}

export const leastThings = 3

/** Things pushed closer than this may be one event, such as one post with several hashtags. Milliseconds. */
export const oneEvent = 600_000

export const netOf = (shares: Shares, windowMs: number): Net => {
  const { accounts, starts, accountNames, sourceOf } = shares
  const things = new Int32Array(accounts.length)
  const accountStarts = new Int32Array(accountNames.length + 1)
  let repeatedThings = 0
  for (let thing = 0; thing + 1 < starts.length; thing += 1) {
    things.fill(thing, starts[thing], starts[thing + 1])
    if ((starts[thing + 1] as number) - (starts[thing] as number) >= 2) repeatedThings += 1
  }
  for (const account of accounts) accountStarts[account + 1] = (accountStarts[account + 1] as number) + 1
  let repeatedAccounts = 0
  for (let account = 0; account < accountNames.length; account += 1) {
    if ((accountStarts[account + 1] as number) >= leastThings) repeatedAccounts += 1
    accountStarts[account + 1] = (accountStarts[account + 1] as number) + (accountStarts[account] as number)
  }
  const next = accountStarts.slice()
  const byAccount = new Int32Array(accounts.length)
  for (const [share, account] of accounts.entries()) {
    const place = next[account] as number
    byAccount[place] = share
    next[account] = place + 1
  }
  const thingsOfSource = new Int32Array(sourceOf.reduce((most, source) => Math.max(most, source + 1), 0))
  for (const source of sourceOf) if (source >= 0) thingsOfSource[source] = (thingsOfSource[source] as number) + 1
  return {
    shares,
    windowMs,
    things,
    byAccount,
    accountStarts,
    sources: sourceOf,
    thingsOfSource,
    repeatedThings,
    repeatedAccounts,
  }
}

export const sizeOf = ({ accountStarts }: Net, account: number): number =>
  (accountStarts[account + 1] as number) - (accountStarts[account] as number)

export const sharesOfAccount = ({ byAccount, accountStarts }: Net, account: number): Int32Array =>
  byAccount.subarray(accountStarts[account], accountStarts[account + 1])

/** First place in a sorted list, between two places, whose value is not below. */
export const placeOf = (sorted: Float64Array | Int32Array, value: number, from = 0, to = sorted.length): number => {
  let [low, high] = [from, to]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}
