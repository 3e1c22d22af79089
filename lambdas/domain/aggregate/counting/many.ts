export type Many<One> = Iterable<One> & { readonly length: number }

class Made<One> implements Iterable<One> {
  readonly length: number
  readonly #each: () => Iterable<One>
  constructor(length: number, each: () => Iterable<One>) {
    this.length = length
    this.#each = each
  }
  [Symbol.iterator](): Iterator<One> {
    return this.#each()[Symbol.iterator]()
  }
  toJSON(): readonly One[] {
    return [...this.#each()]
  }
}

export const many = <One>(length: number, each: () => Iterable<One>): Many<One> => new Made(length, each)

export const joined = <One>(lists: readonly Many<One>[]): Many<One> =>
  many(
    lists.reduce((sum, { length }) => sum + length, 0),
    function* () {
      for (const list of lists) yield* list
    },
  )

export const isAny = <One>(all: Iterable<One>, is: (one: One) => boolean): boolean => {
  for (const one of all) if (is(one)) return true
  return false
}

export const isEach = <One>(all: Iterable<One>, is: (one: One) => boolean): boolean => !isAny(all, (one) => !is(one))

export const eachOf = function* <One, Other>(all: Iterable<One>, of: (one: One) => Other): Generator<Other> {
  for (const one of all) yield of(one)
}

export const only = function* <One>(all: Iterable<One>, is: (one: One) => boolean): Generator<One> {
  for (const one of all) if (is(one)) yield one
}

/** Returns the first `most` by an order, without holding all. */
export const firstOf = <One>(all: Iterable<One>, most: number, order: (one: One, other: One) => number): One[] => {
  let held: One[] = []
  for (const one of all) {
    held.push(one)
    if (held.length >= 4 * most) held = held.sort(order).slice(0, most)
  }
  return held.sort(order).slice(0, most)
}

export const taken = <One>(all: Iterable<One>, most: number): One[] => {
  const held: One[] = []
  if (most === 0) return held
  for (const one of all) {
    held.push(one)
    if (held.length === most) break
  }
  return held
}
