/** Seeded random numbers (sfc32). */

/** Returns numbers in [0, 1). */
export type Random = () => number

/** @param seed hexadecimal, at least 32 digits */
export const randomFrom = (seed: string): Random => {
  const words = [0, 8, 16, 24].map((at) => Number.parseInt(seed.slice(at, at + 8), 16) | 0)
  let [a = 0, b = 0, c = 0, d = 1] = words
  const next = () => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = ((c << 21) | (c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }
  for (let round = 0; round < 12; round += 1) next() // mixes the seed's words before the first use
  return next
}
