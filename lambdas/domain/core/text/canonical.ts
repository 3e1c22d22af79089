/** Canonical JSON (RFC 8785) and its SHA-256. */
import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** Leaves out keys without a value. */
export const canonicalJson = (value: unknown): string => {
  const json = canonicalize(value)
  if (json === undefined) throw new TypeError('only a JSON value has a canonical form, and undefined is none')
  return json
}

/** Ignores key order. */
export const isSameJson = (one: unknown, other: unknown): boolean => canonicalJson(one) === canonicalJson(other)

/** Lower-case hexadecimal. */
export const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

export const canonicalHash = (value: unknown): string => sha256(canonicalJson(value))

/** Hashes a list without holding its whole JSON. Rows are texts and integers, whose JSON is unique. */
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
