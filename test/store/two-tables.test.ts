/** The local table and DynamoDB's client on dynalite give the same answers and refusals. */
import { randomUUID } from 'node:crypto'
import { marshall } from '@aws-sdk/util-dynamodb'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forgettingIn } from '../../lambdas/store/detections/redaction.ts'
import { inMemory, openTableFile } from '../../lambdas/store/embedded/table-file.ts'
import { itemSize } from '../../lambdas/store/table/item-limits.ts'
import type { Key } from '../../lambdas/store/table/keys.ts'
import type { Condition, Item, Range, Table } from '../../lambdas/store/table/table.ts'
import { openDynamoTable } from '../support/dynamo-table.ts'
import { type Attributes, itemBytes } from '../support/item-size.ts'

let laptop: Table
let stage: Table
let cleanUp: () => Promise<void>
beforeAll(async () => {
  laptop = await openTableFile(inMemory)
  const made = await openDynamoTable()
  stage = made.table
  cleanUp = async () => {
    await laptop.close()
    await made.close()
  }
})
afterAll(() => cleanUp())

type Step =
  | { readonly do: 'put'; readonly item: Item }
  | { readonly do: 'putIf'; readonly item: Item; readonly condition: Condition }
  | { readonly do: 'putAll'; readonly items: readonly Item[] }
  | { readonly do: 'change'; readonly key: Key; readonly seen: Fields; readonly set: Fields }
  | {
      readonly do: 'addIf'
      readonly key: Key
      readonly text: string
      readonly fields: Fields
      readonly condition: Condition
    }
  | { readonly do: 'get' | 'remove'; readonly key: Key }
  | { readonly do: 'getAll'; readonly keys: readonly Key[]; readonly only: readonly string[] | undefined }
  | { readonly do: 'query'; readonly pk: string; readonly range: Range }
  | { readonly do: 'expire'; readonly second: number }
  | { readonly do: 'scan' }

type Fields = Readonly<Record<string, string | number>>

/** A table's answer, with refusals by their names. */
const answer = async (table: Table, step: Step, run: string): Promise<unknown> => {
  const own = <Keyed extends { readonly pk: string }>(key: Keyed): Keyed => ({ ...key, pk: `${run}${key.pk}` })
  const work = async (): Promise<unknown> => {
    switch (step.do) {
      case 'put':
        return table.put(own(step.item))
      case 'putIf':
        return table.putIf(own(step.item), step.condition)
      case 'putAll':
        return table.putAll(step.items.map(own))
      case 'change':
        return table.change(own(step.key), step.seen, step.set)
      case 'addIf':
        return table.addIf(own(step.key), { set: 'all', text: step.text }, step.fields, step.condition)
      case 'get':
        return table.get(own(step.key))
      case 'remove':
        return table.remove(own(step.key))
      case 'getAll':
        return sorted(await table.getAll(step.keys.map(own), step.only))
      case 'query':
        return Array.fromAsync(table.query(`${run}${step.pk}`, step.range))
      case 'expire':
        return forgettingIn(ofRun(table, run)).expire(new Date(step.second * 1_000))
      case 'scan':
        return sorted((await Array.fromAsync(ofRun(table, run).scan())).flat())
    }
  }
  return work().then(
    (value) => ({ value }),
    (error: unknown) => ({ refused: step.do === 'getAll' || (error as Error).name }),
  )
}

/** A table without the items of other runs. */
const ofRun = (table: Table, run: string): Table => ({
  ...table,
  scan: async function* () {
    for await (const page of table.scan()) yield page.filter(({ pk }) => pk.startsWith(run))
  },
})

const sorted = (items: readonly Item[]): readonly Item[] =>
  items.toSorted((a, b) => (JSON.stringify([a.pk, a.sk, a]) < JSON.stringify([b.pk, b.sk, b]) ? -1 : 1))

const pk = fc.constantFrom('p', 'q')
// Of one to four bytes a character: 16-bit units would sort the last two the other way round.
const sk = fc.constantFrom('a', 'a#1', 'a#2', 'a#10', 'b', 'B', 'é', '\ufb01', '\u{1f30a}', 'a\u0001')
const key = fc.record({ pk, sk })
const text = fc.constantFrom('', 'a', 'b', 'é', '\ufb01', '\u{1f30a}', 'a b')
const number = fc.constantFrom(0, -1, 1, 2, 10, 1.5, 2 ** 53 - 1)
const value = fc.oneof(text, number, fc.boolean(), fc.constant(null))
const list = fc.array(value, { maxLength: 3 })
const item = fc
  .record(
    {
      pk,
      sk,
      word: value,
      latest: value,
      list,
      map: fc.dictionary(fc.constantFrom('x', 'y z', 'é'), fc.oneof(value, list), { noNullPrototype: true }),
      expiresAt: fc.nat(10),
      all: fc.uniqueArray(fc.constantFrom('a', 'b', 'é'), { minLength: 1 }).map((all) => new Set(all)),
    },
    { requiredKeys: ['pk', 'sk'] },
  )
  .map((one) => one as Item)
const fields = fc.dictionary(fc.constantFrom('word', 'latest', 'new'), fc.oneof(text, number), {
  minKeys: 1,
  noNullPrototype: true,
})

/** Every form that the stores use, on fields of their types. */
const term: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom('pk', 'word').map((name): Condition => ({ expression: `attribute_not_exists(${name})` })),
  fc
    .constantFrom('word', 'list', 'all')
    .map((name): Condition => ({ expression: 'attribute_not_exists(#n)', names: { '#n': name } })),
  value.map((is): Condition => ({ expression: 'word = :is', values: { ':is': is } })),
  value.map((is): Condition => ({ expression: '#w = :w', names: { '#w': 'word' }, values: { ':w': is } })),
  fc.oneof(text, number).map((than): Condition => ({ expression: 'latest < :than', values: { ':than': than } })),
  fc.nat(3).map((most): Condition => ({ expression: 'size(#l) < :m', names: { '#l': 'all' }, values: { ':m': most } })),
  fc
    .nat(3)
    .map((many): Condition => ({ expression: 'size(#k) = :k', names: { '#k': 'list' }, values: { ':k': many } })),
  fc
    .tuple(fc.nat(3), value)
    .map(([at, is]): Condition => ({ expression: `#i[${at}] = :i`, names: { '#i': 'list' }, values: { ':i': is } })),
  fc
    .constantFrom('a', 'b')
    .map((one): Condition => ({ expression: 'contains(#c, :c)', names: { '#c': 'all' }, values: { ':c': one } })),
)

/** Joined terms, each with own names. */
const condition: fc.Arbitrary<Condition> = fc
  .array(fc.tuple(term, fc.constantFrom(' AND ', ' OR ')), { minLength: 1, maxLength: 3 })
  .map((terms) => {
    const renamed = terms.map(([{ expression, names = {}, values = {} }], at) => {
      const own = (from: Readonly<Record<string, unknown>>) =>
        Object.fromEntries(Object.entries(from).map(([name, one]) => [`${name}${at}`, one]))
      return {
        expression: expression.replace(/[#:]\w+/g, (name) => `${name}${at}`),
        names: own(names) as Record<string, string>,
        values: own(values),
      }
    })
    const names = Object.assign({}, ...renamed.map((one) => one.names))
    const values = Object.assign({}, ...renamed.map((one) => one.values))
    return {
      expression: renamed.map(({ expression }, at) => `${at === 0 ? '' : terms[at]?.[1]}${expression}`).join(''),
      ...(Object.keys(names).length > 0 && { names }),
      ...(Object.keys(values).length > 0 && { values }),
    }
  })

/** dynalite compares the ends of a range by their 16-bit units, and refuses one that is in order by its bytes. */
const isInBothOrders = ({ from, to }: { readonly from?: string; readonly to?: string }): boolean =>
  from === undefined || to === undefined || from > to === Buffer.compare(Buffer.from(from), Buffer.from(to)) > 0

const range: fc.Arbitrary<Range> = fc.oneof(
  fc.record({ backwards: fc.boolean(), limit: fc.integer({ min: 1, max: 4 }) }, { requiredKeys: [] }),
  fc
    .record({ from: sk, to: sk, backwards: fc.boolean(), limit: fc.integer({ min: 1, max: 4 }) }, { requiredKeys: [] })
    .filter(isInBothOrders),
  fc.record(
    { beginsWith: sk, backwards: fc.boolean(), atOnce: fc.integer({ min: 1, max: 2 }) },
    { requiredKeys: ['beginsWith'] },
  ),
)

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), item }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('putIf' as const), item, condition }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('putAll' as const), items: fc.array(item, { maxLength: 8 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('change' as const), key, seen: fields, set: fields }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant('addIf' as const),
      key,
      text: fc.constantFrom('a', 'b', 'c'),
      fields: fc.dictionary(fc.constantFrom('word', 'seen'), fc.oneof(text, number), { noNullPrototype: true }),
      condition,
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('get' as const, 'remove' as const), key }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('getAll' as const),
      keys: fc.array(key, { minLength: 1, maxLength: 5 }),
      only: fc.option(fc.constantFrom(['pk', 'sk'], ['sk', 'word', 'all']), { nil: undefined }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('query' as const), pk, range }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('expire' as const), second: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('scan' as const) }) },
)

test('any sequence of requests has the same answers', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      const run = `${randomUUID()}#`
      for (const one of [...steps, { do: 'scan' } as const]) {
        expect([one, await answer(laptop, one, run)]).toEqual([one, await answer(stage, one, run)])
      }
    }),
    { numRuns: Number(process.env.VIGIE_TABLE_RUNS ?? 60) },
  )
})

describe('limits', () => {
  const outcome = (table: Table, one: Item) =>
    table.put(one).then(
      () => 'taken',
      (error: unknown) => (error as Error).name,
    )
  const most = 400 * 1_024
  const filled = (size: number): Item => ({
    pk: 'size',
    sk: 's',
    text: 'x'.repeat(size - itemSize({ pk: 'size', sk: 's', text: '' })),
  })

  test.each<[string, Item, 'taken' | 'RefusedItemError']>([
    ['an item of 400 KB', filled(most), 'taken'],
    ['an item of a byte more', filled(most + 1), 'RefusedItemError'],
    ['a partition key of 2,048 bytes', { pk: 'p'.repeat(2_048), sk: 's' }, 'taken'],
    ['a partition key of 2,049 bytes', { pk: 'p'.repeat(2_049), sk: 's' }, 'RefusedItemError'],
    ['a sort key of 1,024 bytes', { pk: 'p', sk: 's'.repeat(1_024) }, 'taken'],
    ['a sort key of 1,025 bytes', { pk: 'p', sk: 's'.repeat(1_025) }, 'RefusedItemError'],
    ['an empty partition key', { pk: '', sk: 's' }, 'RefusedItemError'],
    ['an empty sort key', { pk: 'p', sk: '' }, 'RefusedItemError'],
    ['a number that is too small', { pk: 'p', sk: 's', number: 1e-131 }, 'RefusedItemError'],
  ])('%s', async (_, one, wanted) => {
    expect([await outcome(laptop, one), await outcome(stage, one)]).toEqual([wanted, wanted])
  })

  test.each<[string, unknown]>([
    ['a date', new Date(0)],
    ['no number', Number.NaN],
    ['a number that loses digits', 2 ** 53],
    ['an empty set', new Set()],
  ])('%s is no value of a table', async (_, wrong) => {
    for (const table of [laptop, stage]) expect(await outcome(table, { pk: 'p', sk: 's', wrong })).not.toBe('taken')
  })

  test('an item that would grow over 400 KB is refused, and stays as it was', async () => {
    for (const table of [laptop, stage]) {
      const full = { ...filled(most - 20), sk: 'grows', a: 1 }
      await table.put(full)
      const byChange = table.change(full, { a: 1 }, { b: 'y'.repeat(40) })
      await expect(byChange).rejects.toMatchObject({ name: 'RefusedItemError' })
      const free = { expression: 'attribute_not_exists(#set)' }
      const byText = table.addIf(full, { set: 'all', text: 'z'.repeat(40) }, {}, free)
      await expect(byText).rejects.toMatchObject({ name: 'RefusedItemError' })
      expect(await table.get(full)).toEqual(full)
    }
  })

  test('an item has the size that AWS documents', () => {
    fc.assert(
      fc.property(item, (one) => {
        expect(itemSize(one)).toBe(itemBytes(marshall(one) as unknown as Attributes))
      }),
    )
  })
})
