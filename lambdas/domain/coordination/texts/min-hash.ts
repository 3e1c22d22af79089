/** MinHash of character 4-grams, in bands. */

const gramLength = 4

export const bands = 40
const rowsInBand = 3

const values = bands * rowsInBand

/** Comparisons per text in a bucket, which keeps large buckets cheap. */
const neighbours = 5

/** Texts below this are never within the threshold. */
const leastAgreement = Math.ceil(values * 0.2)

/** The same in each run. */
const functions = (() => {
  let state = 0
  /** Mulberry32. */
  const word = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return mixed ^ (mixed >>> 14)
  }
  return {
    xors: Int32Array.from({ length: values }, word),
    factors: Int32Array.from({ length: values }, () => word() | 1),
  }
})()

export type Signatures = {
  readonly count: number
  /** Band by band. */
  readonly buckets: Uint32Array
  /** Last byte of each value, four in a word: enough to count agreement in a quarter of the memory. */
  readonly words: Int32Array
}

const textsAtOnce = 20_000

/** A text shorter than a gram is one gram. */
export const signaturesOf = (texts: readonly string[]) => {
  let grams = new Int32Array(256)
  return signaturesBy(texts.length, (number) => {
    const text = texts[number] as string
    const length = Math.max(1, text.length - gramLength + 1)
    if (length > grams.length) grams = new Int32Array(2 * length)
    for (let from = 0; from < length; from += 1) grams[from] = gramHash(text, from)
    return grams.subarray(0, length)
  })
}

/** @param hashesOf hashes of the set with this number */
export function* signaturesBy(
  count: number,
  hashesOf: (number: number) => Int32Array,
): Generator<{ readonly done: number }, Signatures> {
  const buckets = new Uint32Array(count * bands)
  const bytes = new Uint8Array(count * values)
  const least = new Int32Array(values)
  for (let number = 0; number < count; number += 1) {
    const hashes = hashesOf(number)
    leastValues(hashes, hashes.length, least)
    bytes.set(least, number * values) // keeps the last byte of each
    for (let band = 0; band < bands; band += 1) buckets[band * count + number] = bandHash(least, band * rowsInBand)
    if (number % textsAtOnce === textsAtOnce - 1) yield { done: number + 1 }
  }
  return { count, buckets, words: new Int32Array(bytes.buffer) }
}

/** Runs four hash functions at once, since the loop over the grams dominates. */
const leastValues = (grams: Int32Array, length: number, least: Int32Array): void => {
  const { xors, factors } = functions
  for (let value = 0; value < values; value += 4) {
    const [xorA, factorA] = [xors[value] as number, factors[value] as number]
    const [xorB, factorB] = [xors[value + 1] as number, factors[value + 1] as number]
    const [xorC, factorC] = [xors[value + 2] as number, factors[value + 2] as number]
    const [xorD, factorD] = [xors[value + 3] as number, factors[value + 3] as number]
    let [a, b, c, d] = [highest, highest, highest, highest]
    for (let at = 0; at < length; at += 1) {
      const gram = grams[at] as number
      const byA = Math.imul(gram ^ xorA, factorA)
      if (byA < a) a = byA
      const byB = Math.imul(gram ^ xorB, factorB)
      if (byB < b) b = byB
      const byC = Math.imul(gram ^ xorC, factorC)
      if (byC < c) c = byC
      const byD = Math.imul(gram ^ xorD, factorD)
      if (byD < d) d = byD
    }
    least[value] = a
    least[value + 1] = b
    least[value + 2] = c
    least[value + 3] = d
  }
}

const highest = 0x7fffffff

const gramHash = (text: string, from: number): number => {
  let hash = 0x811c9dc5
  for (let at = from; at < from + gramLength && at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

/** Visits some pairs more than once; in large buckets only neighbours. */
export function* candidatePairs(
  { count, buckets }: Signatures,
  visit: (one: number, other: number) => void,
): Generator<{ readonly band: number }> {
  const order = new Int32Array(count)
  const scratch = new Int32Array(count)
  for (let band = 0; band < bands; band += 1) {
    const bucketOf = buckets.subarray(band * count, (band + 1) * count)
    for (let text = 0; text < count; text += 1) scratch[text] = text
    sortByDigit(scratch, order, bucketOf, 0)
    sortByDigit(order, scratch, bucketOf, 1)
    sortByDigit(scratch, order, bucketOf, 2)
    for (let at = 1; at < count; at += 1) {
      const text = order[at] as number
      for (let before = at - 1; before >= 0 && at - before <= neighbours; before -= 1) {
        const other = order[before] as number
        if (bucketOf[other] !== bucketOf[text]) break
        visit(other, text)
      }
    }
    yield { band }
  }
}

/** Three digits hold the 32 bits of a bucket. */
const digitBits = 11
const digits = 2 ** digitBits

/** Stable; digit 0 is the lowest. */
const sortByDigit = (from: Int32Array, to: Int32Array, bucketOf: Uint32Array, digit: 0 | 1 | 2): void => {
  const places = new Int32Array(digits + 1)
  const digitOf = (text: number): number => ((bucketOf[text] as number) >>> (digit * digitBits)) & (digits - 1)
  for (const text of from) places[digitOf(text) + 1] = (places[digitOf(text) + 1] as number) + 1
  for (let one = 1; one < digits; one += 1) places[one] = (places[one] as number) + (places[one - 1] as number)
  for (const text of from) {
    const place = places[digitOf(text)] as number
    to[place] = text
    places[digitOf(text)] = place + 1
  }
}

const bandHash = (signature: Int32Array, from: number): number => {
  let hash = 0x9e3779b9
  for (let at = from; at < from + rowsInBand; at += 1) {
    hash = Math.imul(hash ^ (signature[at] as number), 0x85ebca6b)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}

/** The first values rule out most pairs. */
const glance = 40
const leastAtAGlance = 5

const wordsOfText = values / 4
const wordsAtAGlance = glance / 4

export const mayBeAlike = ({ words }: Signatures, one: number, other: number): boolean => {
  const [from, to] = [one * wordsOfText, other * wordsOfText]
  let agreeing = 0 // one count per byte
  for (let at = 0; at < wordsAtAGlance; at += 1) {
    agreeing += equalBytes(words[from + at] as number, words[to + at] as number)
  }
  if (sumOfBytes(agreeing) < leastAtAGlance) return false
  for (let at = wordsAtAGlance; at < wordsOfText; at += 1) {
    agreeing += equalBytes(words[from + at] as number, words[to + at] as number)
  }
  return sumOfBytes(agreeing) >= leastAgreement
}

/** Returns 1 in each equal byte. */
const equalBytes = (one: number, other: number): number => {
  const differing = one ^ other
  // The lower seven bits carry into the high bit.
  const high = ((differing & 0x7f7f7f7f) + 0x7f7f7f7f) | differing
  return (~high & 0x80808080) >>> 7
}

const sumOfBytes = (word: number): number => Math.imul(word, 0x01010101) >>> 24
