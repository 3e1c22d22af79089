/** Describes when an account shares and how much of each source, without the thing that is judged. */
import type { Push } from './grow.ts'
import { type Net, placeOf, sharesOfAccount } from './net.ts'

const halfHour = 1_800_000
const hour = 3_600_000

type Habit = {
  readonly shares: number
  at(push: Push): {
    /** Fraction of its shares, or those of the source, that come as long after a thing's first one, or at this time of the hour. */
    readonly timing: number
    /** Other things of the thing's source that it shares. */
    readonly otherThings: number
  }
}

export const habitOf = (net: Net, account: number): Habit => {
  const { things, shares, sources, windowMs } = net
  const own = sharesOfAccount(net, account)
  const timeOf = (share: number): number => shares.times[share] as number
  const firstOf = (thing: number): number => shares.times[shares.starts[thing] as number] as number
  const ownThings = own.map((share) => things[share] as number)
  const delayOf = (at: number): number => timeOf(own[at] as number) - firstOf(ownThings[at] as number)
  const delays = Float64Array.from(own.keys(), delayOf).sort()
  const phases = Float64Array.from(own, (share) => timeOf(share) % hour).sort()
  const places = Map.groupBy(own.keys(), (at) => sources[ownThings[at] as number] as number)
  const bySource = new Map(
    [...places].map(([source, all]) => {
      const ofSource = Float64Array.from(all, delayOf).sort()
      return [source, { things: new Set(all.map((at) => ownThings[at])).size, delays: ofSource }] as const
    }),
  )
  return {
    shares: own.length,
    at: ({ thing, from }) => {
      const mine = Float64Array.from(own.subarray(placeOf(ownThings, thing), placeOf(ownThings, thing + 1)), timeOf)
      const fraction = (sorted: Float64Array, left: Float64Array, low: number, high: number): number =>
        (within(sorted, low, high) - within(left.sort(), low, high) + 1) / (own.length - mine.length + 2)
      const first = firstOf(thing)
      const [low, high] = [from - windowMs / 2, from + 1.5 * windowMs]
      const myDelays = mine.map((time) => time - first)
      const speed = fraction(delays, myDelays, low - first, high - first)
      const source = sources[thing] as number
      const ofSource = bySource.get(source)
      const inRange = (sorted: Float64Array): number => within(sorted, low - first, high - first)
      // Two shares at the usual speed are added, since a source may have few.
      const speedThere =
        source < 0 || !ofSource
          ? 0
          : (inRange(ofSource.delays) - inRange(myDelays) + 2 * speed) / (ofSource.delays.length - mine.length + 2)
      const around = fraction(delays, myDelays, from - first - halfHour, from - first + halfHour)
      const myPhases = mine.map((time) => time % hour)
      const [begin, end] = [low % hour, high % hour]
      const inPhase =
        begin <= end
          ? fraction(phases, myPhases, begin, end)
          : Math.min(1, fraction(phases, myPhases, begin, hour) + fraction(phases, myPhases, 0, end))
      return {
        timing: Math.max(speed, speedThere, around * inPhase),
        otherThings: (ofSource?.things ?? 0) - (mine.length > 0 ? 1 : 0),
      }
    },
  }
}

const within = (sorted: Float64Array, low: number, high: number): number =>
  // Times are whole milliseconds, or finer by less than this.
  Math.max(0, placeOf(sorted, high + 0.01) - placeOf(sorted, low))
