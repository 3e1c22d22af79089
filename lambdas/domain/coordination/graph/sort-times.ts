/** `map` is ten times as fast as `from`, which builds a list first. */
export const placesTo = (length: number): Int32Array => new Int32Array(length).map((_, at) => at)

/** Insertion sort is fastest up to this length. */
const few = 16

/** Returns a stable sorter for slices of an order, at most `most` long. Times are milliseconds since 1970 UTC. */
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
 * Packs time and place into one number: plain numbers sort ten times as fast as with a comparator. Returns false where
 * times are fractional or too far apart.
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
