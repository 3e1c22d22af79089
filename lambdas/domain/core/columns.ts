/** Columns kept outside the object heap: a period may have a million detections. */

/** Grows in pieces, without copying. */
type Column = { get(at: number): number; set(at: number, value: number): void }

const pieceBits = 12
const pieceLength = 2 ** pieceBits
const inPiece = pieceLength - 1

type Numbers = Float64Array | Uint32Array

const column = (piece: () => Numbers): Column => {
  const pieces: (Numbers | undefined)[] = []
  return {
    get: (at) => pieces[at >>> pieceBits]?.[at & inPiece] ?? 0,
    set: (at, value) => {
      const there = pieces[at >>> pieceBits] ?? piece()
      pieces[at >>> pieceBits] = there
      there[at & inPiece] = value
    },
  }
}

/** 0 by default. */
export const numberColumn = (): Column => column(() => new Float64Array(pieceLength))

/** Integers below 2 ** 32; 0 by default. */
export const wholeColumn = (): Column => column(() => new Uint32Array(pieceLength))

/** Distinct texts, numbered from 0 by first appearance. */
export type IdTable = {
  readonly size: number
  /** Adds a missing id. */
  number(id: string): number
  find(id: string): number | undefined
  text(number: number): string
  /** By code units, as `<`. */
  compare(one: number, other: number): number
}

const poolBits = 18
const poolLength = 2 ** poolBits
/** Two bytes for the length, one for the bytes per code unit. */
const headLength = 3

/** FNV-1a over code units, then mixed, since slots use the lowest bits. */
const hashStart = 0x811c9dc5
const hashed = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const mixed = (hash: number): number => Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0

const isNarrow = (text: string): boolean => {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0xff) return false
  return true
}

/** Holds ids of at most 65,535 code units; one byte each where none is above 255, else two. */
export const idTable = (): IdTable => {
  const pools: Buffer[] = []
  const places = wholeColumn()
  let size = 0
  let next = 0
  let slots = new Uint32Array(64)

  const poolOf = (number: number): readonly [pool: Buffer, from: number, length: number, width: number] => {
    const place = places.get(number)
    const pool = pools[place >>> poolBits] as Buffer
    const at = place & (poolLength - 1)
    return [pool, at + headLength, pool.readUInt16LE(at), pool[at + 2] ?? 1]
  }
  const unitAt = (pool: Buffer, from: number, width: number, at: number): number =>
    width === 1 ? (pool[from + at] ?? 0) : pool.readUInt16LE(from + 2 * at)

  const isAt = (number: number, id: string): boolean => {
    const [pool, from, length, width] = poolOf(number)
    if (length !== id.length) return false
    for (let at = 0; at < length; at += 1) if (unitAt(pool, from, width, at) !== id.charCodeAt(at)) return false
    return true
  }
  const hashAt = (number: number): number => {
    const [pool, from, length, width] = poolOf(number)
    let hash = hashStart
    for (let at = 0; at < length; at += 1) hash = hashed(hash, unitAt(pool, from, width, at))
    return mixed(hash)
  }
  const slotOf = (id: string): number => {
    let hash = hashStart
    for (let at = 0; at < id.length; at += 1) hash = hashed(hash, id.charCodeAt(at))
    let slot = mixed(hash) & (slots.length - 1)
    for (let held = slots[slot]; held && !isAt(held - 1, id); held = slots[slot]) slot = (slot + 1) & (slots.length - 1)
    return slot
  }
  const grow = (): void => {
    slots = new Uint32Array(2 * slots.length)
    for (let number = 0; number < size; number += 1) {
      let slot = hashAt(number) & (slots.length - 1)
      while (slots[slot]) slot = (slot + 1) & (slots.length - 1)
      slots[slot] = number + 1
    }
  }
  const write = (id: string): number => {
    const width = isNarrow(id) ? 1 : 2
    const length = headLength + width * id.length
    if ((next & (poolLength - 1)) + length > poolLength) next = ((next >>> poolBits) + 1) << poolBits
    const place = next
    const pool = pools[place >>> poolBits] ?? Buffer.allocUnsafeSlow(poolLength)
    pools[place >>> poolBits] = pool
    const at = place & (poolLength - 1)
    pool.writeUInt16LE(id.length, at)
    pool[at + 2] = width
    pool.write(id, at + headLength, width === 1 ? 'latin1' : 'utf16le')
    next += length
    return place
  }
  const numberOf = (id: string): number => {
    const slot = slotOf(id)
    const held = slots[slot]
    if (held) return held - 1
    places.set(size, write(id))
    size += 1
    if (size > slots.length / 2) grow()
    else slots[slot] = size
    return size - 1
  }
  let last: { readonly id: string; readonly number: number } | undefined
  return {
    get size() {
      return size
    },
    number: (id) => {
      if (last?.id !== id) last = { id, number: numberOf(id) }
      return last.number
    },
    find: (id) => {
      if (last?.id === id) return last.number
      const held = slots[slotOf(id)]
      return held ? held - 1 : undefined
    },
    text: (number) => {
      const [pool, from, length, width] = poolOf(number)
      return pool.toString(width === 1 ? 'latin1' : 'utf16le', from, from + width * length)
    },
    compare: (one, other) => {
      const [pool, from, length, width] = poolOf(one)
      const [otherPool, otherFrom, otherLength, otherWidth] = poolOf(other)
      const common = Math.min(length, otherLength)
      for (let at = 0; at < common; at += 1) {
        const difference = unitAt(pool, from, width, at) - unitAt(otherPool, otherFrom, otherWidth, at)
        if (difference !== 0) return difference
      }
      return length - otherLength
    },
  }
}
