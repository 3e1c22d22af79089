/** Long JSON in pieces: the bytes that JSON.stringify writes, and what JSON.parse reads, or refuses. */
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
  test('gives the bytes of JSON.stringify, wherever the field stands and whatever is in it', () => {
    fc.assert(
      fc.property(fields, fields, fc.array(fc.jsonValue()), (before, after, list) => {
        const value = { ...before, list: [], ...after, ...(Array.isArray(after.list) && { list: [] }) }
        expect(written(value, 'list', list)).toBe(JSON.stringify({ ...value, list }, null, 2))
      }),
    )
  })

  test('gives them for more elements than are written at once', () => {
    const list = Array.from({ length: 2_500 }, (_, at) => ({ id: `a "${at}"\n`, revision: at, deeper: [at, {}] }))
    expect(written({ a: 1, list: [], z: 2 }, 'list', list)).toBe(JSON.stringify({ a: 1, list, z: 2 }, null, 2))
  })

  test('writes a text that looks like the field as a text, and names a field that is not there', () => {
    const value = { text: '\n  "list": [', deeper: { list: ['x'] }, list: [] }
    expect(written(value, 'list', [1])).toBe(JSON.stringify({ ...value, list: [1] }, null, 2))
    expect(() => written({ a: 1 }, 'list', [])).toThrow('"list" is no field')
  })
})

describe('reading', () => {
  test('gives what JSON.parse does, indented or not, however it is cut', () => {
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

  test('refuses what JSON.parse refuses, and nothing else: any text of JSON’s own signs', () => {
    const signs = [
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '"list"',
      '"list":[',
      '"a":',
      '1',
      '"b"',
      'true',
      ' ',
      '\n',
      '\uFEFF',
      'é',
    ]
    const text = fc.oneof(
      fc.array(fc.constantFrom(...signs), { maxLength: 14 }).map((all) => all.join('')),
      fc.array(fc.constantFrom(...signs), { maxLength: 5 }).map((all) => `{"list":[${all.join('')}]}`),
      fc
        .array(fc.constantFrom(...signs), { maxLength: 4 })
        .map((all) => `{"a":"x","list":[{"b":"]"},2${all.join('')},3],"z":1}`),
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

  test('takes long lists by and by, and refuses a comma without an element between two of its parts', () => {
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

  test('refuses a list that stands there twice, and one that another bracket closes', () => {
    expect(() => readIn([Buffer.from('{"list":[1],"list":[2]}')], 'list')).toThrow('twice')
    expect(() => readIn([Buffer.from('{"list":[1}]}')], 'list')).toThrow(SyntaxError)
    expect(() => readIn([Buffer.from('{"list":[1')], 'list')).toThrow(SyntaxError)
  })

  test('reads a name with escapes with the rest, and other lists of that name deeper down', () => {
    expect(readIn([Buffer.from('{"l\\u0069st":[1],"a":{"list":[2]}}')], 'list')).toEqual({
      rest: { list: [1], a: { list: [2] } },
      list: [],
    })
  })
})
