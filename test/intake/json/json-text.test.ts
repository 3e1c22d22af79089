import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oddityIn } from '../../../lambdas/intake/json/json-text.ts'
import { textOf } from '../../support/faults.ts'

const messageOf = (json: string) => textOf(oddityIn(json))

describe('oddityIn finds what JSON.parse accepts:', () => {
  it.each([
    ['{"a":1,"b":{"a":2},"c":[{"a":1},{"a":1}]}', undefined],
    ['{"a":"\\"a\\":1,\\"a\\":2","b":"\\\\"}', undefined],
    ['{"a":1,"b":2,"a":3}', 'a'],
    ['{"id":1,"\\u0069d":2}', 'id'],
    ['{"x":[0,{"y":{"z":1,"q":"}","z":2}}]}', 'x[1].y.z'],
    ['{"a":[{},{"b":1}],"c":[[1,2],[{"d":1,"d":1}]]}', 'c[1][0].d'],
    ['{"":1,"":2}', ''],
    ['{"\\\\":1,"\\u005c":2}', '\\'],
  ])('%s: a repeated field at %j', (json, path) => {
    expect(oddityIn(json)).toEqual(path === undefined ? undefined : { path, code: 'json.twice' })
  })

  it.each(['{"__proto__":1}', '{"a":{"\\u005f_proto__":{}}}'])('%s: a name of the prototype', (json) => {
    expect(messageOf(json)).toContain('is no name for a field')
  })

  it('depth, down to a million levels, and breadth', () => {
    const nested = (levels: number) => `{"a":${'['.repeat(levels)}${']'.repeat(levels)}}`
    expect(messageOf(nested(199))).toBeUndefined()
    expect(messageOf(nested(200))).toContain('more than 200 levels')
    expect(messageOf(nested(1_000_000))).toContain('more than 200 levels')
    expect(messageOf(`[${'0,'.repeat(249_999)}0]`)).toBeUndefined()
    expect(messageOf(`[${'0,'.repeat(1_000_000)}0]`)).toContain('more than 250000 values')
    const fields = Array.from({ length: 1_000_000 }, (_, at) => `"f${at}":1`)
    expect(messageOf(`{${fields.slice(0, 100).join()}}`)).toBeUndefined()
    expect(messageOf(`{${fields.join()}}`)).toContain('more than 100 fields')
  })

  it('nothing, in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (json) => {
        fc.pre(!json.includes('__proto__'))
        expect(oddityIn(json)).toBeUndefined()
      }),
    )
  })

  it('each field that is added once more', () => {
    const names = fc.stringMatching(/^[a-c"\\é]{1,2}$/)
    const objects = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom(1, 'text', null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(names, tie('value'), { maxKeys: 3 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(names, objects.value, { minKeys: 1 }), fc.nat(), (object, pick) => {
        const keys = Object.keys(object)
        const again = JSON.stringify(keys[pick % keys.length])
        const json = `${JSON.stringify(object).slice(0, -1)},${again}:0}`
        expect(oddityIn(json)).toEqual({ path: JSON.parse(again), code: 'json.twice' })
      }),
    )
  })
})
