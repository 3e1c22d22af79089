/** The order of times, for millions of them and for many short lists of them. */

/**
 * The numbers from 0 to one less than the length. Mapped, since `from` makes a list first, which takes ten times as
 * long.
 */
export const placesTo = (length: number): Int32Array => new Int32Array(length).map((_, at) => at)

/** So few are in order soonest where each is put before those that are later. */
const few = 16

/**
 * Sorts stretches of an order, at most `most` long, by the times of what stands in it; what has one time stays in its
 * order. Times are milliseconds since 1970 UTC.
 */
export const timeSorter = (most: number) => {
  const keys = new Float64Array(most)
  return (order: Int32Array, times: Float64Array, from: number, to: number): void => {
    if (to - from <= few) insertInto(order, times, from, to)
    else if (keyInto(keys, order, times, from, to)) {
      const sorted = order.slice(from, to)
      const length = to - from
      keys.subarray(0, length).sort()
      for (let at = 0; at < length; at += 1) order[from + at] = sorted[(keys[at] as number) % length] as number
    } else {
      const places = Array.from(order.subarray(from, to))
      order.set(
        places.sort((one, other) => (times[one] as number) - (times[other] as number)),
        from,
      )
    }
  }
}

const insertInto = (order: Int32Array, times: Float64Array, from: number, to: number): void => {
  for (let at = from + 1; at < to; at += 1) {
    const one = order[at] as number
    const time = times[one] as number
    let place = at
    for (; place > from && (times[order[place - 1] as number] as number) > time; place -= 1) {
      order[place] = order[place - 1] as number
    }
    order[place] = one
  }
}

/**
 * Puts each time and its place into one number: numbers alone sort ten times as fast as by comparing. False where times
 * have fractions, or are so far apart that they leave no room for a place.
 */
const keyInto = (keys: Float64Array, order: Int32Array, times: Float64Array, from: number, to: number): boolean => {
  const length = to - from
  let first = Number.POSITIVE_INFINITY
  for (let at = from; at < to; at += 1) first = Math.min(first, times[order[at] as number] as number)
  for (let at = 0; at < length; at += 1) {
    const delay = (times[order[from + at] as number] as number) - first
    const key = delay * length + at
    if (!Number.isInteger(delay) || !Number.isSafeInteger(key)) return false
    keys[at] = key
  }
  return true
}
