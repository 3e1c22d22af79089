/** Compares what a group shared together with what the habits of its members and of others would give. */
import { logChoose, tailOf } from './chances.ts'
import type { Grown, Push } from './grow.ts'
import { habitOf } from './habits.ts'
import { leastThings, type Net, oneEvent, sizeOf } from './net.ts'

/** One run in twenty may report a group that is none. */
const level = 0.05

/** Shares of outsiders with the members' taste that weigh as much as knowing nothing. */
const prior = 300

/** Least shares by others for a result. */
export const leastOutside = 200

/** Natural logarithms. */
export type Judged = {
  readonly evidence: number
  readonly threshold: number
  /** Pushes that count. */
  readonly pushes: readonly Push[]
  /** Reported above 0. */
  readonly score: number
}

export type Verdict = Judged & {
  /** As if no member had a taste for a source. */
  readonly withoutSources: Judged
  /** The pushes whose source is known suffice alone. */
  readonly isSourceKnown: boolean
  /** Too few others share anything for a comparison. */
  readonly isTooFew: boolean
}

type Odds = {
  readonly push: Push
  /** Probability that a share by any account is of this thing. */
  readonly popularity: number
  /** Fraction of the others' shares of the thing that are in the window. */
  readonly curve: number
  /** Logarithm of the number of possible windows. */
  readonly windows: number
}

export const judgeIn = (net: Net) => {
  const { shares, windowMs, sources, thingsOfSource, repeatedThings, repeatedAccounts } = net
  const { accounts, times, starts, accountNames } = shares
  const counts = new Int32Array(accountNames.length)
  const lasts = new Int32Array(accountNames.length)
  const isMember = new Uint8Array(accountNames.length)
  let work = 0

  /** @param others shares by accounts outside the group */
  const oddsOf = ({ members, pushes }: Grown, others: number): readonly Odds[] => {
    for (const account of members) isMember[account] = 1
    const sharers: number[] = []
    for (const [number, { thing }] of pushes.entries()) {
      for (let share = starts[thing] as number; share < (starts[thing + 1] as number); share += 1) {
        const account = accounts[share] as number
        if (isMember[account] || lasts[account] === number + 1) continue
        lasts[account] = number + 1
        if (counts[account] === 0) sharers.push(account)
        counts[account] = (counts[account] as number) + 1
      }
    }
    const weights = sharers.reduce((sum, account) => sum + (counts[account] as number) * sizeOf(net, account), 0)
    const scale = Math.max(1, pushes.length / 4)
    const odds = pushes.map((push): Odds => {
      const { thing, from } = push
      const [start, end] = [starts[thing] as number, starts[thing + 1] as number]
      let [ofThing, inWindow, alike, ofSharers] = [0, 0, 0, 0]
      for (let share = start; share < end; share += 1) {
        const account = accounts[share] as number
        if (isMember[account]) continue
        const time = times[share] as number
        ofThing += 1
        if (time >= from - windowMs / 2 && time <= from + 1.5 * windowMs) inWindow += 1
        alike += (counts[account] as number) - 1
        if (lasts[account] === -1 - thing) continue
        lasts[account] = -1 - thing
        ofSharers += (counts[account] as number) * sizeOf(net, account)
      }
      work += 2 * (end - start)
      const taste = (alike / scale + 0.5) / ((weights - ofSharers) / scale + prior)
      const slots = 1 + ((times[end - 1] as number) - (times[start] as number)) / windowMs
      return {
        push,
        popularity: Math.max((ofThing + 1) / (others + repeatedThings), taste),
        curve: (inWindow + 1) / (ofThing + 2),
        windows: Math.log(Math.min(end - start, slots)),
      }
    })
    for (const account of sharers) {
      counts[account] = 0
      lasts[account] = 0
    }
    for (const account of members) isMember[account] = 0
    return odds
  }

  const thresholdFor = (members: number, pushes: number): number =>
    logChoose(repeatedAccounts, members) +
    Math.log(repeatedAccounts) +
    logChoose(repeatedThings, pushes) +
    Math.log(repeatedThings) -
    Math.log(level)

  const isOneEvent = (one: Push, other: Push): boolean => Math.abs(one.from - other.from) < oneEvent
  /** Followers of a source share at once whatever it makes. */
  const isOneSource = (one: Push, other: Push): boolean =>
    (sources[one.thing] as number) >= 0 && sources[one.thing] === sources[other.thing]

  /** The best number of pushes of which no two are alike. */
  const bestOf = (
    members: number,
    pushes: readonly { readonly push: Push; readonly value: number }[],
    isAlike = isOneEvent,
  ): Judged => {
    const apart: Push[] = []
    let evidence = 0
    let best: Judged = {
      evidence,
      threshold: thresholdFor(members, leastThings),
      pushes: [],
      score: Number.NEGATIVE_INFINITY,
    }
    for (const { push, value } of pushes.toSorted((one, other) => other.value - one.value)) {
      if (value <= 0) break
      if (apart.some((one) => isAlike(one, push))) continue
      apart.push(push)
      evidence += value
      const threshold = thresholdFor(members, apart.length)
      const score = evidence - threshold
      if (apart.length >= leastThings && score > best.score) best = { evidence, threshold, pushes: [...apart], score }
    }
    return best
  }

  const judge = (grown: Grown): Verdict => {
    const { members } = grown
    const sizes = members.map((account) => sizeOf(net, account))
    const others = sizes.reduce((sum, size) => sum - size, times.length)
    const odds = oddsOf(grown, others)
    const valueOf = ({ push, windows }: Odds, chances: readonly number[]) => ({
      push,
      value: tailOf(chances, push.members) - windows,
    })
    work += members.length * odds.length
    const atMost = bestOf(
      members.length,
      odds.map((one) =>
        valueOf(
          one,
          sizes.map((size) => size * one.popularity * one.curve),
        ),
      ),
    )
    // Habits only raise the chances.
    const isTooFew = others < leastOutside
    if (isTooFew || atMost.score <= 0) {
      const none = isTooFew ? { ...atMost, score: Number.NEGATIVE_INFINITY } : atMost
      return { ...none, withoutSources: none, isSourceKnown: false, isTooFew }
    }
    work += 40 * members.length * odds.length
    const habits = members.map((account) => habitOf(net, account))
    const values = odds.map((one) => {
      const { popularity, curve, push } = one
      const source = sources[push.thing] as number
      const chances = habits.map(({ shares: size, at }) => {
        const { timing, otherThings } = at(push)
        const ofSource = source < 0 ? 0 : otherThings / (thingsOfSource[source] as number)
        return { chosen: size * popularity, ofSource, when: Math.max(curve, timing) }
      })
      return {
        isKnown: source >= 0,
        all: valueOf(
          one,
          chances.map(({ chosen, ofSource, when }) => Math.max(chosen, ofSource) * when),
        ),
        withoutSources: valueOf(
          one,
          chances.map(({ chosen, when }) => chosen * when),
        ),
      }
    })
    const best = (kept: typeof values) =>
      bestOf(
        members.length,
        kept.map(({ all }) => all),
        (one, other) => isOneEvent(one, other) || isOneSource(one, other),
      )
    return {
      ...best(values),
      withoutSources: bestOf(
        members.length,
        values.map(({ withoutSources }) => withoutSources),
      ),
      isSourceKnown: best(values.filter(({ isKnown }) => isKnown)).score > 0,
      isTooFew,
    }
  }
  return { judge, work: () => work }
}
