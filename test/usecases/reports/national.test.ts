/** The national edition's texts on territories and periods, on real counts. */
import { describe, expect, test } from 'vitest'
import { pageOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Facts } from '../../../lambdas/domain/report/facts.ts'
import { factsOf, type Store, storesOfFile } from '../../oracle/product.ts'

const stores = storesOfFile()

const everywhere = ['NC', 'PF', 'WF', 'GP', 'MQ', 'GF', 'BL', 'MF', 'PM', 'RE', 'YT', 'TF', 'COR']

const detection = (id: string, territories: readonly string[], from: string, posts: number, more: object = {}) => ({
  ...{ id, detector: 'D3lta', kind: 'copy-paste', title: { fr: `Titre ${id}`, en: `Title ${id}` } },
  ...{ territories, observed: { from }, counts: { posts }, marking: 'TLP:GREEN', ...more },
})

/** Reports of a detector's daily runs. */
const watched = (until = '2024-06-30', from = '2024-01-01') => {
  const runs: object[] = []
  for (let at = Date.parse(`${from}T11:00:00Z`); at <= Date.parse(`${until}T23:00:00Z`); at += 86_400_000)
    runs.push({
      source: { name: 'D3lta', expectedRhythm: 'P1D', marking: 'TLP:CLEAR' },
      ...{ ran: new Date(at).toISOString(), found: 0 },
    })
  return runs
}

/** Monday morning in Nouméa and Wallis, and Sunday everywhere else. */
const atMidnight = '2024-05-20T00:00:00+11:00'

const opened = async (...records: readonly object[]): Promise<Store> => {
  const store = await stores.open()
  await store.take(...records)
  return store
}

const asked = async (store: Store, territory: string, period: string, cap = 'TLP:AMBER'): Promise<Facts> =>
  (await factsOf(store, { territory, period, cap })) as Facts

const spaced = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')
const rowIn = (facts: Facts, name: string, language: 'fr' | 'en' = 'fr') => {
  const row = pageOf(facts, language).group?.rows.find((one) => one.name === name)
  return spaced([row?.posts, row?.joint, row?.state].filter(Boolean).join(', '))
}

test('an edition without detections shows where the posts of its rows were counted', async () => {
  const store = await opened(detection('g', ['NC', 'PF'], '2024-05-19T13:30:00Z', 77), ...watched())
  const facts = await asked(store, 'ALL', '2024-W21')
  expect(rowIn(facts, 'Nouvelle-Calédonie')).toMatch(/^77/)
  const remarks = pageOf(facts, 'en').group?.remarks.map((one) => one.map(({ text }) => text).join('')) ?? []
  expect(spaced(remarks.join())).toMatch(/^One shared detection .* was counted in the edition before/)
})

test('a manoeuvre in a member’s own period in between has not ended', async () => {
  const store = await opened(detection('all', everywhere, atMidnight, 100), ...watched())
  const [between, after] = [await asked(store, 'ALL', '2024-W21'), await asked(store, 'ALL', '2024-W22')]
  expect(between.since?.goesOn.listed).toMatchObject([{ id: 'all', last: '2024-W20' }])
  expect([after.since?.ended.count, after.since?.silent]).toEqual([0, 1])
  expect((await asked(store, 'NC', '2024-W22')).since?.ended.count).toBe(0)
  expect((await asked(store, 'ALL', '2024-W23')).since?.ended.listed).toMatchObject([{ id: 'all', last: '2024-W21' }])
})

test('a row shows an undated manoeuvre as undated, not as continuing', async () => {
  const store = await opened(detection('month', ['GF'], '2024-05', 3), ...watched())
  expect(rowIn(await asked(store, 'ALL', '2024-W21'), 'Guyane')).toBe('n. c., non daté ici')
  await store.take(detection('long', ['GF'], '2024-05-16', 3, { observed: { from: '2024-05-16', to: '2024-05-22' } }))
  expect(rowIn(await asked(store, 'ALL', '2024-W21'), 'Guyane')).toBe('n. c., se poursuit')
})

describe('a row that has posts in common with another', () => {
  test('shows that the other does not count them, where only its part has them', async () => {
    const part = detection('part', ['MQ'], '2024-05-15', 100, { partOf: 'both' })
    const store = await opened(...watched(), detection('both', ['MQ', 'GP'], '2024-05-15', 0), part)
    const facts = await asked(store, 'ALL', '2024-W20')
    expect(rowIn(facts, 'Martinique')).toMatch(/100, en commun ; l’autre territoire ne les compte pas ainsi,/)
    expect(rowIn(facts, 'Guadeloupe')).toMatch(/^0, effet/)
    expect(rowIn(facts, 'Martinique', 'en')).toMatch(/100, shared; the other territory does not count them so,/)
    await store.take(detection('own', ['MQ'], '2024-05-16', 5))
    expect(rowIn(await asked(store, 'ALL', '2024-W20'), 'Martinique')).toMatch(
      /^5, et au moins 100 en commun ; l’autre territoire ne les compte pas ainsi,/,
    )
  })

  test('shows that the other does not count them, where they are of the week before there', async () => {
    const store = await opened(...watched(), detection('both', ['NC', 'COR'], atMidnight, 100))
    const apart = /^100, en commun ; l’autre territoire ne les compte pas ainsi,/
    for (const [week, name, other] of [
      ['2024-W21', 'Nouvelle-Calédonie', 'Corse'],
      ['2024-W20', 'Corse', 'Nouvelle-Calédonie'],
    ] as const) {
      const facts = await asked(store, 'ALL', week)
      expect(rowIn(facts, name)).toMatch(apart)
      expect(rowIn(facts, other)).toBe('0')
    }
  })
})
