/** The contract of every table, tested on the local stores and on DynamoDB. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Condition,
  type Item,
  mostTogether,
  type Put,
  type Range,
  RefusedItemError,
  type Table,
} from '../../lambdas/store/table/table.ts'

/** @param make opens a table, which other tests may use at the same time */
export const tableContract = (
  name: string,
  make: () => Promise<{ readonly table: Table; close(): Promise<void> }>,
): void => {
  describe(`${name} keeps the contract of a table`, () => {
    let table: Table
    let close: () => Promise<void>
    beforeAll(async () => {
      const made = await make()
      table = made.table
      close = made.close
    })
    afterAll(() => close())

    const keysIn = async (pk: string, range?: Range) =>
      (await Array.fromAsync(table.query(pk, range))).map(({ sk }) => sk)

    test('gives back an item', async () => {
      const pk = randomUUID()
      const item = {
        pk,
        sk: 'é#\u0001',
        empty: '',
        none: null,
        zero: 0,
        list: [1, 'a', { deep: [true] }],
        big: 2 ** 53 - 1,
      }
      await table.put(item)
      expect(await table.get({ pk, sk: 'é#\u0001' })).toEqual(item)
      expect(await table.get({ pk, sk: 'é' })).toBeUndefined()
    })

    test('puts items together, or none', async () => {
      const pk = randomUUID()
      const [item, along] = [
        { pk, sk: 'a', from: 1 },
        { pk, sk: 'line', of: 'a' },
      ]
      const absent = { expression: 'attribute_not_exists(pk)' }
      const together = (next: Item, condition: Condition, ...others: readonly Put[]) =>
        table.putTogether([{ item: next, condition }, ...others])
      expect(await together(item, absent, { item: along })).toEqual([])
      const next = { ...item, from: 2 }
      const seen = { expression: '#from = :one', names: { '#from': 'from' }, values: { ':one': 1 } }
      const free = { item: { ...along, sk: 'other' }, condition: absent }
      expect(await together(next, absent, free)).toEqual([0])
      expect(await together(next, seen, free, { item: along, condition: absent })).toEqual([2])
      const others = [
        [{ item: { ...along, sk: 'large', text: 'x'.repeat(410_000) } }],
        [{ item: { ...along, sk: 'a' } }],
        Array.from({ length: mostTogether }, (_, at) => ({ item: { pk, sk: `other ${at}` } })),
        Array.from({ length: 12 }, (_, at) => ({ item: { pk, sk: `other ${at}`, text: 'x'.repeat(390_000) } })),
      ]
      for (const puts of others) await expect(together(next, seen, ...puts)).rejects.toThrow(RefusedItemError)
      expect(await Array.fromAsync(table.query(pk))).toEqual([item, along])
    })

    test('gives all items of matching groups in order, and of others all or none', async () => {
      const pk = randomUUID()
      const groups = Array.from({ length: 120 }, (_, at) => ({
        name: String(at).padStart(3, '0'),
        // Some groups are longer than a page.
        items: at === 60 || at === 61 ? 150 : 1 + (at % 5),
        wanted: at % 3 === 0 ? at % (1 + (at % 5)) : undefined,
      }))
      const items = groups.flatMap(({ name, items, wanted }) =>
        Array.from({ length: items }, (_, at) => ({
          ...{ pk, sk: `${name}#${String(at).padStart(3, '0')}` },
          text: `${at === wanted ? 'match' : 'none'} ${'x'.repeat(4_000)}`,
        })),
      )
      await table.putAll(items)
      const among = { group: (sk: string) => sk.slice(0, 3), mayBe: (json: string) => json.includes('match') }
      const found = (await Array.fromAsync(table.pages(pk, { from: '003', to: '110#~', among }))).flat()
      const kept = new Set(found.map(({ sk }) => sk.slice(0, 3)))
      const due = groups.filter(({ name }) => name >= '003' && name <= '110')
      for (const { name, wanted } of due) if (wanted !== undefined) expect(kept).toContain(name)
      const whole = items.filter(({ sk }) => kept.has(sk.slice(0, 3)))
      expect(found).toEqual(whole)
    })

    test('adds to a set as far as its condition allows, several at once, and each once', async () => {
      const key = { pk: randomUUID(), sk: 'set' }
      const add = (text: string) =>
        table.addIf(
          key,
          { set: 'all', text },
          { seen: 7 },
          {
            expression: 'attribute_not_exists(#set) OR size(#set) < :most OR contains(#set, :one)',
            values: { ':most': 3, ':one': text },
          },
        )
      const names = ['a', 'b', 'c', 'd', 'e', 'a', 'b', 'c', 'd', 'e']
      const added = await Promise.all(names.map(async (text) => [text, await add(text)] as const))
      const taken = [...new Set(added.flatMap(([text, is]) => (is ? [text] : [])))]
      expect(taken).toHaveLength(3)
      for (const text of names) expect([text, await add(text)]).toEqual([text, taken.includes(text)])
      expect(await table.get(key)).toMatchObject({ seen: 7, all: new Set(taken) })
    })

    test('puts by a condition, and gives a key to one of many at once', async () => {
      const pk = randomUUID()
      const isFree = { expression: 'attribute_not_exists(pk)' }
      const won = await Promise.all(
        Array.from({ length: 12 }, (_, owner) => table.putIf({ pk, sk: 'claim', owner }, isFree)),
      )
      expect(won.filter(Boolean)).toHaveLength(1)
      const owner = won.indexOf(true)
      expect(await table.get({ pk, sk: 'claim' })).toMatchObject({ owner })
      const isOwned = (value: number) => ({
        expression: '#owner = :owner',
        names: { '#owner': 'owner' },
        values: { ':owner': value },
      })
      expect(await table.putIf({ pk, sk: 'claim', owner: 99 }, isOwned(owner + 1))).toBe(false)
      expect(await table.putIf({ pk, sk: 'claim', owner: 99 }, isOwned(owner))).toBe(true)
      expect(await table.get({ pk, sk: 'claim' })).toMatchObject({ owner: 99 })
    })

    test('puts and gets items in batches', async () => {
      const pk = randomUUID()
      const items = Array.from({ length: 260 }, (_, at) => ({
        pk,
        sk: String(at).padStart(3, '0'),
        at,
        text: 'x'.repeat(at),
      }))
      await table.putAll(items)
      const found = await table.getAll([...items.map(({ sk }) => ({ pk, sk })), { pk, sk: 'absent' }])
      expect(found.toSorted((a, b) => (a.sk < b.sk ? -1 : 1))).toEqual(items)
      const once = await table.getWrittenOnce([...items.map(({ sk }) => ({ pk, sk })), { pk, sk: 'absent' }])
      expect(once.toSorted((a, b) => (a.sk < b.sk ? -1 : 1))).toEqual(items)
      const some = await table.getAll([{ pk, sk: '007' }], ['sk', 'at'])
      expect(some).toEqual([{ sk: '007', at: 7 }])
    })

    test('reads a partition in byte order, by ranges, prefixes, backwards and up to a limit', async () => {
      const pk = randomUUID()
      const sks = ['2024-05-13#a', '2024-05-13#b', '2024-05-14#a', '2024-05-14#é', '2024-05-15#a\u0001', 'B', 'a']
      await table.putAll(sks.toReversed().map((sk) => ({ pk, sk })))
      const sorted = sks.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(await keysIn(pk)).toEqual(sorted)
      expect(await keysIn(pk, { beginsWith: '2024-05-14#' })).toEqual(['2024-05-14#a', '2024-05-14#é'])
      expect(await keysIn(pk, { from: '2024-05-13#b', to: '2024-05-14#a' })).toEqual(['2024-05-13#b', '2024-05-14#a'])
      expect(await keysIn(pk, { from: 'B' })).toEqual(['B', 'a'])
      expect(await keysIn(pk, { to: '2024-05-13#b' })).toEqual(['2024-05-13#a', '2024-05-13#b'])
      expect(await keysIn(pk, { backwards: true, limit: 3 })).toEqual(sorted.toReversed().slice(0, 3))
      expect(await keysIn(pk, { from: 'z', to: 'a' })).toEqual([])
      expect(await keysIn(randomUUID())).toEqual([])
    })

    test('reads more than a page', async () => {
      const pk = randomUUID()
      const items = Array.from({ length: 40 }, (_, at) => ({
        pk,
        sk: String(at).padStart(2, '0'),
        text: 'y'.repeat(90_000),
      }))
      await table.putAll(items)
      const pages = await Array.fromAsync(table.pages(pk))
      expect(pages.length).toBeGreaterThan(2)
      expect(pages.flat().map(({ sk }) => sk)).toEqual(items.map(({ sk }) => sk))
      expect(await keysIn(pk, { backwards: true, limit: 30 })).toHaveLength(30)
      if (table.count)
        expect([await table.count(pk), await table.count(pk, { from: '03', to: '38' })]).toEqual([40, 36])
    })

    test('scans every item, and none that was removed', async () => {
      const text = 'x'.repeat(100_000)
      const items = Array.from({ length: 15 }, (_, at) => ({ pk: `scanned-${at % 3}`, sk: String(at), text }))
      await table.putAll(items)
      const keys = async () => {
        const all = (await Array.fromAsync(table.scan())).flat()
        return all.filter(({ pk }) => pk.startsWith('scanned-')).map(({ sk }) => Number(sk))
      }
      expect((await keys()).sort((a, b) => a - b)).toEqual(items.map((_, at) => at))
      await table.remove({ pk: 'scanned-1', sk: '1' })
      await table.remove({ pk: 'scanned-1', sk: '1' })
      expect(await keys()).not.toContain(1)
      expect(await keys()).toHaveLength(14)
    })

    test('refuses an item over 400 KB', async () => {
      await expect(table.put({ pk: randomUUID(), sk: 'a', text: 'z'.repeat(410_000) })).rejects.toThrow(/size/i)
    })
  })
}
