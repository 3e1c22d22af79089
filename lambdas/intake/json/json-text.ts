/** Finds what JSON.parse accepts silently: duplicate fields, names with a special meaning, and excessive size. */
import { type Fault, fault, faultAt } from '../../domain/core/fault.ts'
import type { Refusal } from '../../domain/core/schema-fault.ts'
import {
  backslash,
  closingBrace,
  closingBracket,
  comma,
  openingBrace,
  openingBracket,
  quote,
} from '../../domain/core/text/json-signs.ts'

const maxDepth = 200
/** More than any detection holds, few enough to report each fault. */
const maxValues = 250_000
const maxFields = 100

/** All open objects, innermost last: the position of the name's quote, and the name's hash. */
const fieldAt: number[] = []
const fieldHash: number[] = []

/** For each open object or array: the fields of the objects around it, its kind, and its commas so far. */
const firstField: number[] = []
const isObject: boolean[] = []
const commas: number[] = []

/**
 * Runs for each record, hence one loop on lists kept between calls.
 * @param json valid JSON
 */
export const oddityIn = (json: string): Refusal | undefined => {
  const length = json.length
  let fields = 0
  let depth = 0
  let values = 0
  let isName = false
  for (let at = 0; at < length; at += 1) {
    const char = json.charCodeAt(at)
    if (char === quote) {
      const start = at
      at = json.indexOf('"', start + 1)
      while (json.charCodeAt(at - 1) === backslash && isEscaped(json, at)) at = json.indexOf('"', at + 1)
      if (!isName) continue
      isName = false
      const hash = hashOf(json, start + 1, at)
      const first = firstField[depth] ?? 0
      fieldAt[fields] = start
      fieldHash[fields] = hash
      fields += 1
      if (fields - first > maxFields) return refused(fault('json.tooManyFields', { max: maxFields }))
      if (hash === protoHash && nameAt(json, start) === '__proto__') {
        return refused(fault('json.reservedName'), pathOf(json, depth, fields))
      }
      for (let other = first; other < fields - 1; other += 1) {
        if (fieldHash[other] !== hash || nameAt(json, fieldAt[other] ?? 0) !== nameAt(json, start)) continue
        return refused(fault('json.twice'), pathOf(json, depth, fields))
      }
    } else if (char === comma) {
      values += 1
      if (values >= maxValues) return refused(fault('json.tooManyValues', { max: maxValues }))
      commas[depth] = (commas[depth] ?? 0) + 1
      isName = isObject[depth] ?? false
    } else if (char === openingBrace || char === openingBracket) {
      depth += 1
      if (depth > maxDepth) return refused(fault('json.tooDeep', { max: maxDepth }))
      firstField[depth] = fields
      commas[depth] = 0
      isName = char === openingBrace
      isObject[depth] = isName
    } else if (char === closingBrace || char === closingBracket) {
      fields = firstField[depth] ?? 0
      depth -= 1
      isName = false
    }
  }
  return undefined
}

const refused = (reason: Fault, path = ''): Refusal => faultAt(path, reason)

const isEscaped = (json: string, at: number): boolean => {
  let before = at - 1
  while (json.charCodeAt(before) === backslash) before -= 1
  return (at - before) % 2 === 0
}

/** Gives equal names equal hashes, however they are escaped. */
const hashOf = (json: string, start: number, end: number): number => {
  let hash = 0
  for (let at = start; at < end; at += 1) {
    const char = json.charCodeAt(at)
    if (char === backslash) {
      const name = nameAt(json, start - 1)
      return name.includes('\\') ? 0 : hashOf(name, 0, name.length)
    }
    hash = (Math.imul(hash, 31) + char) | 0
  }
  return hash
}

const protoHash = hashOf('__proto__', 0, '__proto__'.length)

const nameAt = (json: string, start: number): string => {
  let end = json.indexOf('"', start + 1)
  while (isEscaped(json, end)) end = json.indexOf('"', end + 1)
  return JSON.parse(json.slice(start, end + 1)) as string
}

const pathOf = (json: string, depth: number, fields: number): string => {
  let path = ''
  for (let level = 1; level <= depth; level += 1) {
    const after = level === depth ? fields : (firstField[level + 1] ?? 0)
    if (isObject[level]) path += `${path && '.'}${nameAt(json, fieldAt[after - 1] ?? 0)}`
    else path += `[${commas[level]}]`
  }
  return path
}
