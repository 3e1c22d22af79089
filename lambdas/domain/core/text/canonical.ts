/** One byte string for one value (RFC 8785), and its SHA-256: what hashes and comparisons rest on. */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** RFC 8785 JSON of a plain value; keys without a value are left out. */
export const canonicalJson = (value: unknown): string => {
  const json = canonicalize(value)
  if (json === undefined) throw new TypeError('only a JSON value has a canonical form, and undefined is none')
  return json
}

/** Whether two plain values say the same, whatever the order of their keys. */
export const isSameJson = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other)

/** Lower-case hexadecimal SHA-256. */
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const canonicalHash = (value: unknown): string => sha256(canonicalJson(value))

/** Of a long list, whose JSON is never held as a whole; each row is texts and whole numbers, and has but one JSON. */
export const listSha256 = <One>(list: Iterable<One>, rowOf: (one: One) => readonly (string | number)[]): string => {
  const hash = createHash('sha256')
  let rows: (readonly (string | number)[])[] = []
  for (const one of list) {
    rows.push(rowOf(one))
    if (rows.length < 1_000) continue
    hash.update(JSON.stringify(rows))
    rows = []
  }
  if (rows.length > 0) hash.update(JSON.stringify(rows))
  return hash.digest('hex')
}
