import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCounter, type Tally } from '../../lambdas/domain/aggregate/tally.ts'
import type { Marking } from '../../lambdas/domain/core/marking.ts'
import { type TerritoryCode, territoryOf } from '../../lambdas/domain/core/place/territory.ts'
import { boundsIn, parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { Detection, DetectionInput } from '../../lambdas/domain/detection/detection.ts'
import { NotActiveError } from '../../lambdas/domain/detection/revisions/not-active.ts'
import { detectionsIn } from '../../lambdas/store/detections/detections.ts'
import { headKey } from '../../lambdas/store/table/keys.ts'
import { memoryTable } from '../../lambdas/store/table/memory-table.ts'
import { RefusedItemError, type Table } from '../../lambdas/store/table/table.ts'
import { detection } from '../support/detections.ts'

const table = memoryTable()

const monday = new Date('2024-05-20T00:00:00.000Z')
const minutesLater = (minutes: number) => new Date(monday.getTime() + minutes * 60_000)
const now = '2030-01-01T00:00:00.000Z'

/** More than a year of revisions, one each six hours. */
const moves = 2_000

/** Counts the detections of one test, whose ids share a beginning. */
const count = async (
  test: string,
  asOf = now,
  { period = '2024-W20', territory = 'NC' as TerritoryCode } = {},
): Promise<Tally> => {
  const { zone } = territoryOf(territory)
  const counter = createCounter({ period: parsePeriod(period), zone, cap: 'TLP:RED' })
  const store = detectionsIn(table)
  const bounds = boundsIn(parsePeriod(period), zone)
  for await (const one of store.inWindow(territory, bounds.from, bounds.to, asOf)) {
    if (one.detection.id.startsWith(test)) counter.add(one)
  }
  for await (const one of store.reaching(territory, bounds.from, bounds.to, asOf)) {
    if (one.detection.id.startsWith(test)) counter.add(one)
  }
  return counter.tally()
}

const idsIn = async (...given: Parameters<typeof count>) => [...(await count(...given)).counted].map(({ id }) => id)

const kindsOf = async (store: ReturnType<typeof detectionsIn>, all: readonly Detection[], at = monday) =>
  (await store.saveAll(all, at)).map(({ kind }) => kind)

/** A table whose first `putAll` after a claim fails. */
const interrupted = (whole: Table): Table => {
  let claimed = false
  let failed = false
  return {
    ...whole,
    putIf: async (...given) => {
      claimed = await whole.putIf(...given)
      return claimed
    },
    putTogether: async (puts) => {
      const unheld = await whole.putTogether(puts)
      claimed = unheld.length === 0
      return unheld
    },
    putAll: async (items) => {
      if (failed || !claimed) return whole.putAll(items)
      failed = true
      throw new Error('the process died here')
    },
  }
}

/** A table that dies before its `writes`th write of something. */
const diesAt = (whole: Table, writes: number): Table => {
  let done = 0
  const alive = () => {
    done += 1
    if (done >= writes) throw new Error('the process died here')
  }
  return {
    ...whole,
    putIf: async (...given) => {
      alive()
      return whole.putIf(...given)
    },
    putAll: async (items) => {
      if (items.length > 0) alive()
      await whole.putAll(items)
    },
  }
}

describe('saving', () => {
  it('answers accepted, duplicate and revised, and reads the detection', async () => {
    const store = detectionsIn(table)
    const first = detection({ id: 'save-1', counts: { posts: 10 } })
    expect(await kindsOf(store, [first])).toEqual(['accepted'])
    expect(await kindsOf(store, [first], minutesLater(1))).toEqual(['duplicate'])
    expect(await kindsOf(store, [detection({ id: 'save-1', counts: { posts: 11 } })], minutesLater(2))).toEqual([
      'revised',
    ])
    expect(await store.latest('save-1')).toEqual({ ...detection({ id: 'save-1', counts: { posts: 11 } }), revision: 2 })
    expect((await count('save-1')).totals.posts).toEqual({ value: 11, qualifier: 'exact' })
  })

  it('accepts a stated revision that is higher, and refuses others', async () => {
    const store = detectionsIn(table)
    const save = (revision: number, posts: number) =>
      kindsOf(store, [detection({ id: 'claimed', revision, counts: { posts } })])
    expect([await save(3, 1), await save(3, 2), await save(2, 2), await save(9, 2)].flat()).toEqual([
      ...['accepted', 'refused', 'refused', 'revised'],
    ])
    expect([...(await count('claimed')).counted]).toMatchObject([{ id: 'claimed', revision: 9 }])
  })

  it('reads the highest revision, with any number of digits', async () => {
    const store = detectionsIn(table)
    await kindsOf(store, [detection({ id: 'digits', revision: 20_240_515, counts: { posts: 1 } })])
    await kindsOf(store, [detection({ id: 'digits', revision: 1_715_731_200, counts: { posts: 2 } })], minutesLater(1))
    expect((await count('digits')).totals.posts).toEqual({ value: 2, qualifier: 'exact' })
  })

  it('separates ids of which one continues the other', async () => {
    const store = detectionsIn(table)
    await store.saveAll([detection({ id: 'sep' }), detection({ id: 'sep#00000001' })], monday)
    await store.withdraw('sep', { by: 'a test', reason: 'a test' }, minutesLater(1))
    expect(await idsIn('sep')).toEqual(['sep#00000001'])
  })

  it('accepts ids of any printable characters', async () => {
    const store = detectionsIn(table)
    const ids = ['odd a b', 'odd#1#2', 'odd"\'`', 'odd🇳🇨', `odd${'🇳'.repeat(125)}`, 'odd~', 'odd/../x']
    expect(
      await kindsOf(
        store,
        ids.map((id) => detection({ id })),
      ),
    ).toEqual(ids.map(() => 'accepted'))
    expect((await idsIn('odd')).toSorted()).toEqual(ids.toSorted())
  })

  it('stores a detection larger than an item', async () => {
    const store = detectionsIn(table)
    const refs = Array.from({ length: 40_000 }, (_, number) => `${number}-${'😀é'.repeat(8)}`)
    const large = detection({ id: 'large', accountRefs: refs, counts: { accounts: refs.length } })
    expect(JSON.stringify(large).length).toBeGreaterThan(1_000_000)
    await store.saveAll([large], monday)
    expect((await store.latest('large'))?.accountRefs).toEqual(refs)
    expect((await count('large')).totals.accounts).toEqual({ value: refs.length, qualifier: 'exact' })
  })

  it('splits no character between items', async () => {
    const texts: string[] = []
    const watching: Table = {
      ...table,
      putAll: async (items) => {
        for (const { text } of items) if (typeof text === 'string') texts.push(text)
        await table.putAll(items)
      },
    }
    for (const shift of ['', 'x']) {
      const refs = Array.from({ length: 3_000 }, (_, number) => `${number}${'😀'.repeat(100)}`)
      await detectionsIn(watching).saveAll([detection({ id: `halves${shift}`, accountRefs: refs })], monday)
    }
    expect(texts.length).toBeGreaterThan(8)
    expect(texts.filter((text) => !text.isWellFormed()).length).toBe(0)
  })

  it('answers duplicate for the same instant too', async () => {
    const store = detectionsIn(table)
    const one = detection({ id: 'same-instant' })
    expect(await kindsOf(store, [one])).toEqual(['accepted'])
    expect(await kindsOf(store, [one])).toEqual(['duplicate'])
  })

  it('answers accepted or unplaced after a lost answer', async () => {
    const losing: Table = { ...table, putIf: async (...given) => (await table.putIf(...given)) && false }
    expect(await kindsOf(detectionsIn(losing), [detection({ id: 'lost-1' })])).toEqual(['accepted'])
    expect(await kindsOf(detectionsIn(losing), [detection({ id: 'lost-2', territories: [] })])).toEqual(['unplaced'])
  })
})

describe('an interrupted ingest', () => {
  it('is completed by the same detections', async () => {
    const all = [
      detection({ id: 'cut-1', counts: { posts: 1 } }),
      detection({ id: 'cut-2', territories: ['NC', 'PF'], observed: { from: '2024-05-14', to: '2024-05-16' } }),
      detection({ id: 'cut-3', accountRefs: Array.from({ length: 20_000 }, (_, at) => `account-${at}`) }),
      detection({ id: 'cut-4', territories: [] }),
    ]
    const store = detectionsIn(interrupted(table))
    await expect(store.saveAll(all, monday)).rejects.toThrow('died here')
    expect(await idsIn('cut')).toEqual([])
    expect(await kindsOf(store, all, minutesLater(1))).toEqual(all.map(() => 'duplicate'))
    expect((await idsIn('cut')).toSorted()).toEqual(['cut-1', 'cut-2', 'cut-3'])
    expect(await idsIn('cut', now, { territory: 'PF' })).toEqual(['cut-2'])
    expect((await store.latest('cut-3'))?.accountRefs).toHaveLength(20_000)
    const waiting = await Array.fromAsync(store.unplaced())
    expect(waiting.map(({ detection: { id } }) => id)).toContain('cut-4')
  })

  it('is completed after a withdrawal, which counts at once however many links there are', async () => {
    const hashtags = Array.from({ length: 150 }, (_, at) => `#cutwithdrawn${at}`)
    await detectionsIn(table).saveAll([detection({ id: 'cutwithdrawn', territories: ['NC', 'PF'], hashtags })], monday)
    const store = detectionsIn(interrupted(table))
    const who = { by: 'a test', reason: 'a test' }
    await expect(store.withdraw('cutwithdrawn', who, minutesLater(1))).rejects.toThrow('died here')
    for (const territory of ['NC', 'PF'] as const) expect(await idsIn('cutwithdrawn', now, { territory })).toEqual([])
    const link = { kind: 'hashtag', value: '#cutwithdrawn149' } as const
    const linked = async () =>
      (await store.linked(link, '~', { cap: 'TLP:RED', before: '~', most: 9 })).linked.map(({ id }) => id)
    expect(await linked()).toEqual(['cutwithdrawn'])
    expect(await store.withdraw('cutwithdrawn', who, minutesLater(2))).toBe(false)
    expect(await linked()).toEqual([])
  })
})

describe('a record that the table refuses', () => {
  /** With a key that is too long. */
  const unstorable = (id: string) =>
    detection({ id, fingerprints: [{ algorithm: '\u{1F600}'.repeat(300), value: '\u{1F600}'.repeat(300) }] })

  it('is refused with the reason, and leaves nothing; others are stored', async () => {
    const store = detectionsIn(table)
    const all = [detection({ id: 'nb-1', hashtags: ['#a'] }), unstorable('nb-2'), detection({ id: 'nb-3' })]
    const outcomes = await store.saveAll(all, monday)
    expect(outcomes).toMatchObject([
      { kind: 'accepted' },
      {
        kind: 'refused',
        fault: {
          code: 'store.refused',
          values: { reason: { values: { text: expect.stringContaining('"LINK#fingerprint#') } } },
        },
      },
      { kind: 'accepted' },
    ])
    expect((await idsIn('nb')).toSorted()).toEqual(['nb-1', 'nb-3'])
    expect(await store.latest('nb-2')).toBeUndefined()
    expect(await kindsOf(store, all, minutesLater(1))).toEqual(['duplicate', 'refused', 'duplicate'])
  })

  it('is refused while half stored, and completed once the table accepts it', async () => {
    let refuses = true
    const picky: Table = {
      ...table,
      putAll: async (items) => {
        if (refuses && items.some(({ id, pk }) => id === 'picky-2' && pk.startsWith('DET#')))
          throw new RefusedItemError('Item size has exceeded the maximum allowed size')
        await table.putAll(items)
      },
    }
    const all = [1, 2, 3].map((at) => detection({ id: `picky-${at}` }))
    const store = detectionsIn(picky)
    expect(await kindsOf(store, all)).toEqual(['accepted', 'refused', 'accepted'])
    expect((await idsIn('picky')).toSorted()).toEqual(['picky-1', 'picky-3'])
    expect(await kindsOf(store, all, minutesLater(1))).toEqual(['duplicate', 'refused', 'duplicate'])
    refuses = false
    expect(await kindsOf(store, all, minutesLater(2))).toEqual(['duplicate', 'duplicate', 'duplicate'])
    expect((await idsIn('picky')).toSorted()).toEqual(['picky-1', 'picky-2', 'picky-3'])
  })

  it('leaves others whole where the table fails', async () => {
    const broken: Table = {
      ...table,
      putIf: async (item, condition) => {
        if (item.id === 'br-2') throw new Error('the network is gone')
        return table.putIf(item, condition)
      },
    }
    const all = [1, 2, 3].map((at) => detection({ id: `br-${at}` }))
    await expect(detectionsIn(broken).saveAll(all, monday)).rejects.toThrow('the network is gone')
    expect((await idsIn('br')).toSorted()).toEqual(['br-1', 'br-3'])
  })

  it('may have a thousand links', async () => {
    const tags = Array.from({ length: 1_000 }, (_, at) => `#${'\u{1F600}'.repeat(190)}${at}`)
    const store = detectionsIn(table)
    expect(await kindsOf(store, [detection({ id: 'tags', hashtags: tags })])).toEqual(['accepted'])
    expect(await kindsOf(store, [detection({ id: 'tags', hashtags: ['#one'] })], minutesLater(1))).toEqual(['revised'])
    const head = await table.get(headKey('tags'))
    expect(JSON.stringify(head).length).toBeLessThan(2_000)
    const link = { kind: 'hashtag', value: tags[7] ?? '' } as const
    expect((await store.linked(link, now, { cap: 'TLP:RED', before: '9', most: 10 })).linked).toEqual([])
    expect(
      (await store.linked(link, monday.toISOString(), { cap: 'TLP:RED', before: '9', most: 10 })).linked,
    ).toMatchObject([{ id: 'tags', revision: 1 }])
  })
})

describe('a detection that moves with each revision', () => {
  const everywhere = (id: string, at: number) =>
    detection({
      id,
      territories: ['overseas', 'COR'],
      observed: { from: '2024-05-01T00:00:00Z', to: new Date(Date.UTC(2024, 4, 2, at)).toISOString() },
      counts: { posts: at },
    })

  it('has a head of constant size, and is found at its last end', async () => {
    const memory = memoryTable()
    const store = detectionsIn(memory)
    const sizes: number[] = []
    for (let at = 1; at <= moves; at += 1) {
      const [outcome] = await store.saveAll([everywhere('wanders', at)], minutesLater(at))
      expect(outcome?.kind).toBe(at === 1 ? 'accepted' : 'revised')
      sizes.push(JSON.stringify(await memory.get(headKey('wanders'))).length)
    }
    expect(Math.max(...sizes)).toBeLessThan((sizes[1] ?? 0) + 30)
    const from = Date.UTC(2024, 4, 2)
    for (const territory of ['COR', 'NC'] as const) {
      const reached = await Array.fromAsync(store.reaching(territory, from, Date.UTC(2034, 0), now))
      expect(reached).toMatchObject([{ revision: moves }])
      const earlier = minutesLater(moves / 2).toISOString()
      expect(await Array.fromAsync(store.reaching(territory, from, Date.UTC(2034, 0), earlier))).toMatchObject([
        { revision: moves / 2 },
      ])
    }
  })

  it('is found at one place after any interruption', async () => {
    for (let writes = 1; writes <= 6; writes += 1) {
      const id = `dies-${writes}`
      for (let at = 1; at <= 4; at += 1) {
        const moving = everywhere(id, at)
        await detectionsIn(diesAt(table, writes))
          .saveAll([moving], minutesLater(2 * at))
          .catch(() => undefined)
        // The third revision stays interrupted before the next one.
        if (at !== 3) await detectionsIn(table).saveAll([moving], minutesLater(2 * at + 1))
      }
      const reached = await Array.fromAsync(
        detectionsIn(table).reaching('NC', Date.UTC(2024, 4, 2), Date.UTC(2034, 0), now),
      )
      const mine = reached.filter((one) => one.detection.id === id)
      expect(mine.map(({ detection: { counts } }) => counts.posts?.value)).toEqual([4])
      const items = (await Array.fromAsync(table.query('ONGOING#NC'))).filter((item) => item.id === id)
      const [active = [], moved] = Object.values(Object.groupBy(items, ({ status }) => String(status)))
      expect(moved).toHaveLength(active.length - 1)
    }
  })
})

describe('two at once', () => {
  it('store the same detections once', async () => {
    const all = Array.from({ length: 30 }, (_, at) => detection({ id: `race-${at}`, counts: { posts: 1 } }))
    const [mine, theirs] = await Promise.all([
      kindsOf(detectionsIn(table), all, monday),
      kindsOf(detectionsIn(table), all, minutesLater(1)),
    ])
    for (const at of all.keys()) expect([mine[at], theirs[at]].toSorted()).toEqual(['accepted', 'duplicate'])
    expect((await count('race')).totals).toMatchObject({ detections: 30, posts: { value: 30, qualifier: 'exact' } })
  })

  it('store two contents as two revisions', async () => {
    const all = (posts: number) =>
      Array.from({ length: 20 }, (_, at) => detection({ id: `two-${at}`, counts: { posts } }))
    const [mine, theirs] = await Promise.all([
      kindsOf(detectionsIn(table), all(1), monday),
      kindsOf(detectionsIn(table), all(2), minutesLater(1)),
    ])
    for (const at of all(1).keys()) expect([mine[at], theirs[at]].toSorted()).toEqual(['accepted', 'revised'])
    expect([...(await count('two')).counted].every(({ revision }) => revision === 2)).toBe(true)
    expect((await count('two')).totals.detections).toBe(20)
  })
})

describe('as of an instant', () => {
  it('reads the revision of that instant', async () => {
    const store = detectionsIn(table)
    for (const posts of [1, 2, 3]) {
      await store.saveAll([detection({ id: 'asof', counts: { posts } })], minutesLater(posts))
    }
    await store.withdraw('asof', { by: 'a test', reason: 'a test' }, minutesLater(4))
    const posts = async (minutes: number) =>
      (await count('asof', minutesLater(minutes).toISOString())).totals.posts.value
    expect(await Promise.all([0.5, 1, 2.5, 3, 3.999, 4, 5].map(posts))).toEqual([null, 1, 2, 3, 3, null, null])
  })

  it('finds a moved detection at its place of that instant', async () => {
    const store = detectionsIn(table)
    await store.saveAll(
      [detection({ id: 'moved', observed: { from: '2024-05-15', to: '2024-05-25' } })],
      minutesLater(1),
    )
    await store.saveAll(
      [detection({ id: 'moved', territories: ['PF'], observed: { from: '2024-05-08' } })],
      minutesLater(2),
    )
    await store.saveAll([detection({ id: 'moved', observed: { from: '2024-05-16' } })], minutesLater(3))
    const at = (minutes: number) => minutesLater(minutes).toISOString()
    expect(await idsIn('moved', at(1))).toEqual(['moved'])
    expect((await count('moved', at(1), { period: '2024-W21' })).ongoing).toHaveLength(1)
    expect(await idsIn('moved', at(2))).toEqual([])
    expect((await count('moved', at(2), { period: '2024-W21' })).ongoing).toHaveLength(0)
    expect(await idsIn('moved', at(2), { territory: 'PF', period: '2024-W19' })).toEqual(['moved'])
    expect(await idsIn('moved', at(3), { territory: 'PF', period: '2024-W19' })).toEqual([])
    expect([...(await count('moved', at(3))).counted]).toMatchObject([{ revision: 3 }])
  })

  it('knows the whole of a detection at any instant', async () => {
    const places = fc.record({
      day: fc.constantFrom('2024-05-15', '2024-05-08', '2024-05-01', '2024-04'),
      territories: fc.subarray(['NC', 'MQ', 'PF'], { minLength: 1 }),
      partOf: fc.constantFrom(undefined, 'one', 'other'),
    })
    let number = 0
    const property = fc.asyncProperty(
      fc.array(places, { minLength: 1, maxLength: 5 }),
      fc.boolean(),
      async (all, isWithdrawn) => {
        const store = detectionsIn(table)
        number += 1
        const id = `lineage-${number}`
        for (const [at, { day, territories, partOf }] of all.entries()) {
          const said = { id, territories, observed: { from: day }, counts: { posts: at }, ...(partOf && { partOf }) }
          await store.saveAll([detection(said as Partial<DetectionInput>)], minutesLater(at))
        }
        if (isWithdrawn) await store.withdraw(id, { by: 'a test', reason: 'a test' }, minutesLater(all.length))
        for (let at = -1; at <= all.length; at += 1) {
          const found = (await store.lineage([id], minutesLater(at).toISOString())).get(id)
          const stands = at === all.length && isWithdrawn ? undefined : all[Math.min(at, all.length - 1)]
          expect(found && [found.partOf], `${at}`).toEqual(stands && [stands.partOf])
        }
      },
    )
    await fc.assert(property, { numRuns: 60 })
  })

  it('finds a detection that moved back', async () => {
    const store = detectionsIn(table)
    const days = ['2024-05-15', '2024-05-08', '2024-05-15', '2024-05-08']
    for (const [at, from] of days.entries()) {
      await store.saveAll([detection({ id: 'back', observed: { from } })], minutesLater(at))
    }
    expect(await idsIn('back')).toEqual([])
    expect(await idsIn('back', minutesLater(2).toISOString())).toEqual(['back'])
    expect(await idsIn('back', now, { period: '2024-W19' })).toEqual(['back'])
  })
})

describe('a filter by text', () => {
  const words = ['salve', 'photo', 'Élysée']
  /** More than an item holds. */
  const longSummary = Object.fromEntries('fr en de it es pt nl'.split(' ').map((code) => [code, 'x'.repeat(19_000)]))
  const saysIn = (word: string) => (json: string) => json.includes(word)
  let runs = 0

  it('finds the same as reading all, after any revision, move or withdrawal', async () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      word: fc.constantFrom(...words, 'withdrawn'),
      // A body of its own items; another day; another territory.
      how: fc.constantFrom('short', 'long', 'later', 'elsewhere'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), fc.nat(7), async (steps, upTo) => {
        runs += 1
        const store = detectionsIn(table)
        const idOf = (id: string) => `said-${runs}-${id}`
        for (const [at, { id, word, how }] of steps.entries()) {
          if (word === 'withdrawn') {
            await store.withdraw(idOf(id), { by: 'a test', reason: 'wrong' }, minutesLater(at)).catch(() => undefined)
            continue
          }
          const said = detection({
            id: idOf(id),
            title: { fr: `${word} n° ${at}` },
            observed: { from: how === 'later' ? '2024-05-16T09:00:00.000Z' : '2024-05-15T09:00:00.000Z' } as never,
            territories: [how === 'elsewhere' ? 'PF' : 'NC'] as never,
            ...(how === 'long' && { summary: longSummary }),
          })
          await store.saveAll([said], minutesLater(at))
        }
        const asOf = minutesLater(upTo).toISOString()
        const [from, to] = [Date.parse('2024-05-14'), Date.parse('2024-05-18')]
        for (const word of words) {
          const found = async (mayBe?: (json: string) => boolean) =>
            (await Array.fromAsync(store.inWindow('NC', from, to, asOf, { mayBe })))
              .filter(({ detection: { id, title } }) => id.startsWith(`said-${runs}-`) && title.fr?.includes(word))
              .map(({ detection: { id, title }, revision }) => [id, revision, title.fr])
          expect(await found(saysIn(word))).toEqual(await found())
        }
      }),
      { numRuns: 15 },
    )
  })
})

describe('withdrawing', () => {
  it('refuses an id that is not stored', async () => {
    await expect(detectionsIn(table).withdraw('nobody', { by: 'a test', reason: 'a test' }, monday)).rejects.toThrow(
      NotActiveError,
    )
  })

  it('holds: the same content is a duplicate, another one is refused with the reason', async () => {
    const store = detectionsIn(table)
    const first = detection({ id: 'gone' })
    await store.saveAll([first], monday)
    expect(await store.withdraw('gone', { by: 'a test', reason: 'a false alarm' }, minutesLater(1))).toBe(true)
    expect(await store.withdraw('gone', { by: 'a test', reason: 'again' }, minutesLater(2))).toBe(false)
    expect(await kindsOf(store, [first], minutesLater(3))).toEqual(['duplicate'])
    const [changed] = await store.saveAll([detection({ id: 'gone', counts: { posts: 9 } })], minutesLater(4))
    expect(changed).toMatchObject({ kind: 'refused', fault: { values: { reason: 'a false alarm' } } })
    expect(await idsIn('gone')).toEqual([])
    expect(await idsIn('gone', monday.toISOString())).toEqual(['gone'])
  })

  it('applies to every territory, ongoing detections and unplaced ones', async () => {
    const store = detectionsIn(table)
    const observed = { from: '2024-05-10', to: '2024-05-16' }
    await store.saveAll(
      [detection({ id: 'wide', territories: ['NC', 'PF'], observed }), detection({ id: 'nowhere', territories: [] })],
      monday,
    )
    await store.withdraw('wide', { by: 'a test', reason: 'a test' }, minutesLater(1))
    await store.withdraw('nowhere', { by: 'a test', reason: 'a test' }, minutesLater(1))
    for (const territory of ['NC', 'PF'] as const) {
      expect([...(await count('wide', now, { territory })).ongoing]).toEqual([])
      expect(await idsIn('wide', now, { territory, period: '2024-W19' })).toEqual([])
    }
    expect((await Array.fromAsync(store.unplaced())).map(({ detection: { id } }) => id)).not.toContain('nowhere')
  })
})

describe('links', () => {
  const at = (day: number) => `2024-05-${String(day).padStart(2, '0')}`
  const said = (id: string, campaign: string, day: number, marking: Marking = 'TLP:CLEAR') =>
    detection({ id, campaign, marking, observed: { from: at(day) } })
  const linkedTo = async (campaign: string, cap: Marking, { asOf = now, before = now, most = 200 } = {}) => {
    const link = { kind: 'campaign', value: campaign } as const
    const { linked, more } = await detectionsIn(table).linked(link, asOf, { cap, before, most })
    return { ids: linked.map(({ id }) => id), more: more !== undefined }
  }

  it('lead to detections under the cap, by time, with any number above it', async () => {
    const above = Array.from({ length: 210 }, (_, number) => said(`above-${number}`, 'Flood', 1, 'TLP:RED'))
    await detectionsIn(table).saveAll(
      [
        ...above,
        said('late', 'Flood', 9, 'TLP:GREEN'),
        said('early', 'Flood', 2),
        said('amber', 'Flood', 5, 'TLP:AMBER'),
      ],
      monday,
    )
    expect(await linkedTo('flood', 'TLP:CLEAR')).toEqual({ ids: ['early'], more: false })
    expect(await linkedTo('flood', 'TLP:AMBER')).toEqual({ ids: ['early', 'amber', 'late'], more: false })
    expect(await linkedTo('flood', 'TLP:AMBER', { most: 2 })).toEqual({ ids: ['early', 'amber'], more: true })
    expect(await linkedTo('flood', 'TLP:AMBER', { most: 3 })).toEqual({ ids: ['early', 'amber', 'late'], more: false })
    const before = `${at(6)}T00:00:00.000Z`
    expect(await linkedTo('flood', 'TLP:AMBER', { most: 2, before })).toEqual({ ids: ['early', 'amber'], more: false })
    expect((await linkedTo('flood', 'TLP:RED')).more).toBe(true)
  })

  it('follow a revision of the marking, and stay as they were in the past', async () => {
    const store = detectionsIn(table)
    await store.saveAll([said('turning', 'Turns', 3)], monday)
    await store.saveAll([said('turning', 'Turns', 3, 'TLP:RED')], minutesLater(10))
    expect(await linkedTo('turns', 'TLP:AMBER')).toEqual({ ids: [], more: false })
    expect((await linkedTo('turns', 'TLP:RED')).ids).toEqual(['turning'])
    const then = { asOf: minutesLater(5).toISOString() }
    expect((await linkedTo('turns', 'TLP:CLEAR', then)).ids).toEqual(['turning'])
    await store.saveAll([said('turning', 'Turns', 3, 'TLP:GREEN')], minutesLater(20), () => ({
      accepted: 'as revision',
      seen: 2,
    }))
    expect([await linkedTo('turns', 'TLP:GREEN'), await linkedTo('turns', 'TLP:RED')]).toEqual([
      { ids: ['turning'], more: false },
      { ids: ['turning'], more: false },
    ])
    await store.withdraw('turning', { by: 'a test', reason: 'wrong' }, minutesLater(30))
    expect((await linkedTo('turns', 'TLP:RED')).ids).toEqual([])
  })
})
