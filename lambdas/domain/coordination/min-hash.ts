/** Texts that may be alike, found without comparing each with each: MinHash of character 4-grams, in bands. */
import { type Random, randomFrom } from './random.ts'

const gramLength = 4

export const bands = 40
export const rowsInBand = 3

/** Values in a signature. */
const values = bands * rowsInBand

/** In a band's bucket, each text is compared with so many before it: buckets of many texts that are hardly alike stay cheap. */
const neighbours = 10

/** Signatures that agree in fewer places belong to texts that are never within the threshold. */
const leastAgreement = Math.ceil(values * 0.12)

/** The functions of a signature, the same in each run: they are part of what a text is known by. */
const functions = (() => {
  const random: Random = randomFrom('0123456789abcdef0123456789abcdef')
  const word = () => Math.floor(random() * 2 ** 32) | 0
  return {
    xors: Int32Array.from({ length: values }, word),
    factors: Int32Array.from({ length: values }, () => word() | 1),
  }
})()

/** The signatures of texts, one after the other. A text shorter than a gram has one gram, which is itself. */
export const signaturesOf = (texts: readonly string[]): Uint32Array => {
  const { xors, factors } = functions
  const signatures = new Uint32Array(texts.length * values).fill(0xffffffff)
  const least = new Uint32Array(values)
  for (const [number, text] of texts.entries()) {
    least.fill(0xffffffff)
    for (let from = 0; from === 0 || from + gramLength <= text.length; from += 1) {
      const hash = gramHash(text, from)
      for (let value = 0; value < values; value += 1) {
        const mixed = Math.imul(hash ^ (xors[value] as number), factors[value] as number) >>> 0
        if (mixed < (least[value] as number)) least[value] = mixed
      }
    }
    signatures.set(least, number * values)
  }
  return signatures
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
const mostTexts = 2 ** 21

/**
 * Each two texts that may be alike; a pair may come more than once. A band at a time, with what is done between.
 * @param count of texts, below 2^21
 */
export function* candidatePairs(
  signatures: Uint32Array,
  count: number,
  visit: (one: number, other: number) => void,
): Generator<{ readonly band: number }> {
  if (count >= mostTexts) throw new RangeError(`${count} texts, over the ${mostTexts} that can be compared at once`)
  const keyed = new Float64Array(count)
  for (let band = 0; band < bands; band += 1) {
    for (let text = 0; text < count; text += 1) {
      keyed[text] = bandHash(signatures, text * values + band * rowsInBand) * mostTexts + text
    }
    keyed.sort()
    for (let at = 1; at < count; at += 1) {
      const bucket = Math.floor((keyed[at] as number) / mostTexts)
      const text = (keyed[at] as number) % mostTexts
      for (let before = at - 1; before >= 0 && at - before <= neighbours; before -= 1) {
        if (Math.floor((keyed[before] as number) / mostTexts) !== bucket) break
        visit((keyed[before] as number) % mostTexts, text)
      }
    }
    yield { band }
  }
}

const bandHash = (signatures: Uint32Array, from: number): number => {
  let hash = 0x9e3779b9
  for (let at = from; at < from + rowsInBand; at += 1) {
    hash = Math.imul(hash ^ (signatures[at] as number), 0x85ebca6b)
    hash ^= hash >>> 15
  }
  return hash >>> 0
}

/** Whether two signatures agree in enough places to be worth a closer look. */
export const mayBeAlike = (signatures: Uint32Array, one: number, other: number): boolean => {
  let agreeing = 0
  const [from, to] = [one * values, other * values]
  for (let value = 0; value < values; value += 1) {
    if (signatures[from + value] === signatures[to + value] && ++agreeing >= leastAgreement) return true
  }
  return false
}
