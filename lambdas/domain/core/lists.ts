/** A spread call fails from some 100,000 elements on ("Maximum call stack size exceeded"). */

export const pushAll = <Value>(list: Value[], more: Iterable<Value>): void => {
  for (const one of more) list.push(one)
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
