/** Account numbers, the smaller first. */
export type Edge = { readonly a: number; readonly b: number; readonly weight: number }

export class TooManyEdgesError extends Error {
  override name = 'TooManyEdgesError'
}

/** About 540 MB. */
const maxEdges = 2 ** 24

type EdgeCounts = {
  readonly size: number
  /** Counts an object once per pair, if objects come one after the other. */
  add(a: number, b: number, object: number): void
  /** Sorted by account. */
  atLeast(weight: number): readonly Edge[]
}

/**
 * @param distinct counts objects instead of shares
 * @throws TooManyEdgesError above `most` edges
 */
export const edgeCounts = (accounts: number, distinct: boolean, most: number = maxEdges): EdgeCounts => {
  let slots = 2 ** 12
  let keys = new Float64Array(slots).fill(-1)
  let weights = new Int32Array(slots)
  let lasts = new Int32Array(slots)
  let size = 0

  const slotOf = (key: number): number => {
    const high = Math.floor(key / 2 ** 32)
    let hash = Math.imul(key ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b)
    hash ^= hash >>> 15
    let slot = hash & (slots - 1)
    while (keys[slot] !== -1 && keys[slot] !== key) slot = (slot + 1) & (slots - 1)
    return slot
  }
  const grow = () => {
    const [oldKeys, oldWeights, oldLasts] = [keys, weights, lasts]
    slots *= 2
    keys = new Float64Array(slots).fill(-1)
    weights = new Int32Array(slots)
    lasts = new Int32Array(slots)
    for (let old = 0; old < oldKeys.length; old += 1) {
      const key = oldKeys[old] as number
      if (key === -1) continue
      const slot = slotOf(key)
      keys[slot] = key
      weights[slot] = oldWeights[old] as number
      lasts[slot] = oldLasts[old] as number
    }
  }
  return {
    get size() {
      return size
    },
    add: (one, other, object) => {
      const key = one < other ? one * accounts + other : other * accounts + one
      const slot = slotOf(key)
      if (keys[slot] === -1) {
        if (size === most) {
          throw new TooManyEdgesError(
            `more than ${most.toLocaleString('en')} pairs of accounts shared something within the window: take a shorter window, or fewer posts at once`,
          )
        }
        keys[slot] = key
        weights[slot] = 1
        lasts[slot] = object
        size += 1
        if (size > slots * 0.6) grow()
      } else if (!distinct || lasts[slot] !== object) {
        weights[slot] = (weights[slot] as number) + 1
        lasts[slot] = object
      }
    },
    atLeast: (least) => {
      const found: Edge[] = []
      for (let slot = 0; slot < slots; slot += 1) {
        const [key, weight] = [keys[slot] as number, weights[slot] as number]
        if (key !== -1 && weight >= least) found.push({ a: Math.floor(key / accounts), b: key % accounts, weight })
      }
      return found.sort((one, other) => one.a - other.a || one.b - other.b)
    },
  }
}
