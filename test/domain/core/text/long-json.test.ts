import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { longJsonPieces, longJsonReader } from '../../../../lambdas/domain/core/text/long-json.ts'

const written = (value: object, field: string, list: Iterable<unknown>): string =>
  [...longJsonPieces(value, field, list)].join('')

/** Cut into pieces at some places. */
const inPieces = (bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] => {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b)
  return places.slice(1).map((to, at) => bytes.subarray(places[at], to))
}

const readIn = (pieces: readonly Uint8Array[], field: string) => {
  const list: unknown[] = []
  const reader = longJsonReader(field, (some) => list.push(...some))
  for (const piece of pieces) reader.add(piece)
  return { rest: reader.end(), list }
}

const cuts = fc.array(fc.nat(), { maxLength: 12 })
const fields = fc.dictionary(fc.constantFrom('a', 'list', 'list2', '"list"', 'é'), fc.jsonValue(), {
  noNullPrototype: true,
})

describe('writing', () => {
  test('has the bytes of JSON.stringify, for any field', () => {
    fc.assert(
      fc.property(fields, fields, fc.array(fc.jsonValue()), (before, after, list) => {
        const value = { ...before, list: [], ...after, ...(Array.isArray(after.list) && { list: [] }) }
        expect(written(value, 'list', list)).toBe(JSON.stringify({ ...value, list }, null, 2))
      }),
    )
  })

  test('has them for more elements than are written at once', () => {
    const list = Array.from({ length: 2_500 }, (_, at) => ({ id: `a "${at}"\n`, revision: at, deeper: [at, {}] }))
    expect(written({ a: 1, list: [], z: 2 }, 'list', list)).toBe(JSON.stringify({ a: 1, list, z: 2 }, null, 2))
  })

  test('writes a text that looks like the field, and refuses a missing field', () => {
    const value = { text: '\n  "list": [', deeper: { list: ['x'] }, list: [] }
    expect(written(value, 'list', [1])).toBe(JSON.stringify({ ...value, list: [1] }, null, 2))
    expect(() => written({ a: 1 }, 'list', [])).toThrow('"list" is no field')
  })
})

describe('reading', () => {
  test('returns what JSON.parse returns, in any pieces', () => {
    fc.assert(
      fc.property(fields, fc.array(fc.jsonValue()), fields, fc.nat(3), cuts, (before, list, after, indent, at) => {
        const { list: _, ...others } = { ...before, ...after }
        const value = { ...before, list, ...others }
        const bytes = Buffer.from(JSON.stringify(value, null, indent))
        const found = readIn(inPieces(bytes, at), 'list')
        const parsed = JSON.parse(bytes.toString())
        expect(found).toEqual({ rest: { ...parsed, list: [] }, list: parsed.list })
        expect(JSON.stringify(found.list)).toBe(JSON.stringify(parsed.list))
      }),
    )
  })

  test('refuses exactly what JSON.parse refuses', () => {
    const signs = ['\n', '\uFEFF', ...'{ } [ ] , : " \\ "list" "list":[ "a": 1 "b" true é'.split(' '), ' ']
    const some = (maxLength: number) => fc.array(fc.constantFrom(...signs), { maxLength }).map((all) => all.join(''))
    const text = fc.oneof(
      some(14),
      some(5).map((all) => `{"list":[${all}]}`),
      some(4).map((all) => `{"a":"x","list":[{"b":"]"},2${all},3],"z":1}`),
    )
    let refused = 0
    let taken = 0
    fc.assert(
      fc.property(text, cuts, (json, at) => {
        const bytes = Buffer.from(json)
        let parsed: { value: unknown } | undefined
        try {
          parsed = { value: JSON.parse(new TextDecoder().decode(bytes)) }
        } catch {
          refused += 1
        }
        if (!parsed) {
          expect(() => readIn(inPieces(bytes, at), 'list')).toThrow()
          return
        }
        taken += 1
        const isTwice = (json.match(/"list"\s*:\s*\[/g) ?? []).length > 1
        if (isTwice) return
        const { rest, list } = readIn(inPieces(bytes, at), 'list')
        const whole = parsed.value as { list?: unknown }
        expect(list.length > 0 ? { ...(rest as object), list } : rest).toEqual(whole)
      }),
      { numRuns: 5_000 },
    )
    expect(refused).toBeGreaterThan(100)
    expect(taken).toBeGreaterThan(100)
  })

  test('reads long lists in parts, and refuses a comma without an element between them', () => {
    const element = { text: 'x'.repeat(1_000) }
    const json = JSON.stringify({ list: Array.from({ length: 1_000 }, () => element) })
    const parts: number[] = []
    const reader = longJsonReader('list', (some) => parts.push(some.length))
    reader.add(Buffer.from(json))
    expect(reader.end()).toEqual({ list: [] })
    expect(parts.length).toBeGreaterThan(10)
    expect(Math.max(...parts)).toBeLessThan(100)
    expect(parts.reduce((sum, one) => sum + one, 0)).toBe(1_000)
    const ends = [...json.matchAll(/"\},/g)].filter((_, at) => at % 41 === 0).map(({ index }) => index + 3)
    for (const at of ends) {
      const broken = `${json.slice(0, at)},${json.slice(at)}`
      expect(() => readIn([Buffer.from(broken)], 'list')).toThrow(SyntaxError)
    }
    expect(() => readIn([Buffer.from(json.replace('}]}', '},]}'))], 'list')).toThrow(SyntaxError)
  })

  test('refuses a list that comes twice, or is closed by another bracket; reads escaped and nested names as others', () => {
    expect(() => readIn([Buffer.from('{"list":[1],"list":[2]}')], 'list')).toThrow('twice')
    expect(() => readIn([Buffer.from('{"list":[1}]}')], 'list')).toThrow(SyntaxError)
    const others = readIn([Buffer.from('{"l\\u0069st":[1],"a":{"list":[2]}}')], 'list')
    expect(others).toEqual({ rest: { list: [1], a: { list: [2] } }, list: [] })
  })
})
