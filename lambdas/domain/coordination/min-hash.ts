/** Texts that may be alike, found without comparing each with each: MinHash of character 4-grams, in bands. */
import { type Random, randomFrom } from './random.ts'

const gramLength = 4

export const bands = 40
const rowsInBand = 3

/** Values in a signature. */
const values = bands * rowsInBand

/** In a band's bucket, each text is compared with so many before it: buckets of many texts that are hardly alike stay cheap. */
const neighbours = 5

/** Signatures that agree in fewer places belong to texts that are never within the threshold. */
const leastAgreement = Math.ceil(values * 0.2)

/** The functions of a signature, the same in each run: they are part of what a text is known by. */
const functions = (() => {
  const random: Random = randomFrom('0123456789abcdef0123456789abcdef')
  const word = () => Math.floor(random() * 2 ** 32) | 0
  return {
    xors: Int32Array.from({ length: values }, word),
    factors: Int32Array.from({ length: values }, () => word() | 1),
  }
})()

export type Signatures = {
  readonly count: number
  /** The bucket of each text in each band, a band after the other. */
  readonly buckets: Uint32Array
  /** The last byte of each value, a text after the other: enough to see how many agree, and a quarter of the memory to look at. */
  readonly bytes: Uint8Array
}

/** Between two words of progress. */
const textsAtOnce = 20_000

/** The signatures of texts, after word of progress. A text shorter than a gram has one gram, which is itself. */
export function* signaturesOf(texts: readonly string[]): Generator<{ readonly done: number }, Signatures> {
  const { xors, factors } = functions
  const count = texts.length
  const buckets = new Uint32Array(count * bands)
  const bytes = new Uint8Array(count * values)
  const least = new Uint32Array(values)
  let grams = new Int32Array(256)
  for (const [number, text] of texts.entries()) {
    const length = Math.max(1, text.length - gramLength + 1)
    if (length > grams.length) grams = new Int32Array(2 * length)
    for (let from = 0; from < length; from += 1) grams[from] = gramHash(text, from)
    for (let value = 0; value < values; value += 1) {
      const [xor, factor] = [xors[value] as number, factors[value] as number]
      let lowest = 0x7fffffff
      for (let gram = 0; gram < length; gram += 1) {
        const mixed = Math.imul((grams[gram] as number) ^ xor, factor)
        if (mixed < lowest) lowest = mixed
      }
      least[value] = lowest
    }
    bytes.set(least, number * values) // the last byte of each
    for (let band = 0; band < bands; band += 1) buckets[band * count + number] = bandHash(least, band * rowsInBand)
    if (number % textsAtOnce === textsAtOnce - 1) yield { done: number + 1 }
  }
  return { count, buckets, bytes }
}

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

/** Two texts share 53 bits with a hash of 32. */
const maxTexts = 2 ** 21

/** Each two texts that may be alike; a pair may come more than once. Of a large bucket, those whose numbers are near. A band at a time, with what is done between. */
export function* candidatePairs(
  { count, buckets }: Signatures,
  visit: (one: number, other: number) => void,
): Generator<{ readonly band: number }> {
  if (count >= maxTexts) throw new RangeError(`${count} texts, over the ${maxTexts} that can be compared at once`)
  const keyed = new Float64Array(count)
  for (let band = 0; band < bands; band += 1) {
    for (let text = 0; text < count; text += 1) {
      keyed[text] = (buckets[band * count + text] as number) * maxTexts + text
    }
    keyed.sort()
    for (let at = 1; at < count; at += 1) {
      const bucket = Math.floor((keyed[at] as number) / maxTexts)
      const text = (keyed[at] as number) % maxTexts
      for (let before = at - 1; before >= 0 && at - before <= neighbours; before -= 1) {
        if (Math.floor((keyed[before] as number) / maxTexts) !== bucket) break
        visit((keyed[before] as number) % maxTexts, text)
      }
    }
    yield { band }
  }
}

const bandHash = (signature: Uint32Array, from: number): number => {
  let hash = 0x9e3779b9
  for (let at = from; at < from + rowsInBand; at += 1) {
    hash = Math.imul(hash ^ (signature[at] as number), 0x85ebca6b)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}

/** So many values tell most pairs that are not alike; fewer agreeing ones than these among them are not worth the others. */
const glance = 40
const leastAtAGlance = 5

/** Whether two signatures agree in enough places to be worth a closer look. */
export const mayBeAlike = ({ bytes }: Signatures, one: number, other: number): boolean => {
  let agreeing = 0
  const [from, to] = [one * values, other * values]
  for (let value = 0; value < glance; value += 1) {
    if (bytes[from + value] === bytes[to + value]) agreeing += 1
  }
  if (agreeing < leastAtAGlance) return false
  for (let value = glance; value < values; value += 1) {
    if (bytes[from + value] === bytes[to + value]) agreeing += 1
  }
  return agreeing >= leastAgreement
}
