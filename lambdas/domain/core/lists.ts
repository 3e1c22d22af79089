/** A spread call fails from some 100,000 elements on ("Maximum call stack size exceeded"). */

export const pushAll = <Value>(list: Value[], more: Iterable<Value>): void => {
  for (const one of more) list.push(one)
}

/** Of equal values, the first stream's comes first. Ends all streams when it ends. */
export const mergeSorted = async function* <Value>(
  streams: readonly AsyncGenerator<Value>[],
  compare: (one: Value, other: Value) => number,
): AsyncGenerator<Value> {
  try {
    const heads = await Promise.all(streams.map(async (stream) => ({ stream, next: await stream.next() })))
    for (;;) {
      let first: (typeof heads)[number] | undefined
      for (const head of heads) {
        if (head.next.done) continue
        if (!first || first.next.done || compare(head.next.value, first.next.value) < 0) first = head
      }
      if (!first || first.next.done) return
      yield first.next.value
      first.next = await first.stream.next()
    }
  } finally {
    await Promise.all(streams.map((stream) => stream.return(undefined)))
  }
}

/** Returns at least `start`. */
export const maximum = (values: Iterable<number>, start = Number.NEGATIVE_INFINITY): number => {
  let found = start
  for (const value of values) found = Math.max(found, value)
  return found
}

export const minimum = (values: Iterable<number>, start = Number.POSITIVE_INFINITY): number => {
  let found = start
  for (const value of values) found = Math.min(found, value)
  return found
}
