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
const briefOf = (facts: Facts, language: 'fr' | 'en' = 'fr'): string => {
  const { statement, findings } = pageOf(facts, language).essentials
  return spaced([statement ?? '', ...findings.map((one) => one.map(({ text }) => text).join(''))].join('\n'))
}
const tileIn = (facts: Facts, name: string) => {
  const tile = pageOf(facts, 'fr')
    .group?.regions.flatMap(({ tiles }) => tiles)
    .find((one) => one.name === name)
  return spaced(`${tile?.qualifier} ${tile?.value} ${tile?.joint}, ${tile?.state}`)
}

describe('the key point on volume', () => {
  test('names only territories of counted posts', async () => {
    const store = await opened(
      detection('all', everywhere, atMidnight, 100),
      detection('cor', ['COR'], '2024-05-22', 7),
      ...watched(),
    )
    expect(briefOf(await asked(store, 'ALL', '2024-W21'))).toMatch(/^7 messages ont visé la Corse,/m)
    expect(briefOf(await asked(store, 'ALL', '2024-W20'))).toMatch(/^100 messages ont visé 11 territoires sur 13,/m)
  })

  test('names no territory of posts outside the total', async () => {
    const store = await opened(
      detection('part', ['MQ'], '2024-05-22', 80, { partOf: 'above' }),
      detection('re', ['RE'], '2024-05-22', 10),
      ...watched(),
    )
    expect(briefOf(await asked(store, 'ALL', '2024-W21'))).toMatch(/^Au moins 80 messages ont visé la Martinique,/m)
  })
})

test('a brief without detections shows where the posts of the tiles were counted', async () => {
  const store = await opened(detection('g', ['NC', 'PF'], '2024-05-19T13:30:00Z', 77), ...watched())
  const facts = await asked(store, 'ALL', '2024-W21')
  expect(tileIn(facts, 'Nouvelle-Calédonie')).toMatch(/77/)
  expect(briefOf(facts)).not.toMatch(/Aucune détection cette semaine\./)
  expect(briefOf(facts)).toMatch(
    /^Aucune détection ne compte cette semaine : ce que montrent les territoires a été compté dans la synthèse précédente\.$/m,
  )
  expect(briefOf(facts, 'en')).toMatch(
    /^No detection counts this week: what territories show was counted in the edition before\.$/m,
  )
})

test('a manoeuvre in a member’s own period in between has not ended', async () => {
  const store = await opened(detection('all', everywhere, atMidnight, 100), ...watched())
  const [between, after] = [await asked(store, 'ALL', '2024-W21'), await asked(store, 'ALL', '2024-W22')]
  expect(between.since?.goesOn.listed).toMatchObject([{ id: 'all', last: '2024-W20' }])
  expect([after.since?.ended.count, after.since?.silent]).toEqual([0, 1])
  expect((await asked(store, 'NC', '2024-W22')).since?.ended.count).toBe(0)
  expect((await asked(store, 'ALL', '2024-W23')).since?.ended.listed).toMatchObject([{ id: 'all', last: '2024-W21' }])
})

test('a tile shows an undated manoeuvre as undated, not as continuing', async () => {
  const store = await opened(detection('month', ['GF'], '2024-05', 3), ...watched())
  expect(tileIn(await asked(store, 'ALL', '2024-W21'), 'Guyane')).toBe(' n. c. , non daté ici')
  await store.take(detection('long', ['GF'], '2024-05-16', 3, { observed: { from: '2024-05-16', to: '2024-05-22' } }))
  expect(tileIn(await asked(store, 'ALL', '2024-W21'), 'Guyane')).toBe(' n. c. , se poursuit')
})

test('a cell of the map that was active before has no day of the period', async () => {
  const store = await opened(
    detection('all', everywhere, atMidnight, 100, { campaign: 'Minuit' }),
    detection('nc', ['NC'], '2024-05-22', 1, { campaign: 'Minuit' }),
    ...watched(),
  )
  const { campaigns } = pageOf(await asked(store, 'ALL', '2024-W21'), 'fr').group ?? {}
  const cells = campaigns?.rows[0]?.cells ?? []
  expect(cells.filter(({ state }) => state === 'before').map(({ first }) => first)).toEqual(Array(11).fill('S20'))
  expect(cells.filter(({ state }) => state === 'active').map(({ first }) => first)).toEqual(['20 mai', '20 mai'])
  expect(spaced(campaigns?.note ?? '')).toMatch(/Vue auparavant par son propre jour local : la semaine qui la compte/)
})

describe('a tile that has posts in common with another', () => {
  const tilesOf = (facts: Facts, language: 'fr' | 'en' = 'fr') =>
    Object.fromEntries(
      (pageOf(facts, language).group?.regions ?? []).flatMap(({ tiles }) =>
        tiles.map(({ code, value, joint }) => [code, spaced(`${value} ${joint}`)]),
      ),
    )

  test('shows that the other does not count them, where only its part has them', async () => {
    const part = detection('part', ['MQ'], '2024-05-15', 100, { partOf: 'both' })
    const store = await opened(...watched(), detection('both', ['MQ', 'GP'], '2024-05-15', 0), part)
    const facts = await asked(store, 'ALL', '2024-W20')
    expect(tilesOf(facts)).toMatchObject({
      MQ: '100 en commun ; l’autre territoire ne les compte pas ainsi',
      GP: '0 ',
    })
    expect(tilesOf(facts, 'en')).toMatchObject({ MQ: '100 shared; the other territory does not count them so' })
    await store.take(detection('own', ['MQ'], '2024-05-16', 5))
    expect(tilesOf(await asked(store, 'ALL', '2024-W20'))).toMatchObject({
      MQ: '5 et au moins 100 en commun ; l’autre territoire ne les compte pas ainsi',
      GP: '0 ',
    })
  })

  test('shows that the other does not count them, where they are of the week before there', async () => {
    const store = await opened(...watched(), detection('both', ['NC', 'COR'], atMidnight, 100))
    expect(tilesOf(await asked(store, 'ALL', '2024-W21'))).toMatchObject({
      NC: '100 en commun ; l’autre territoire ne les compte pas ainsi',
      COR: '0 ',
    })
    expect(tilesOf(await asked(store, 'ALL', '2024-W20'))).toMatchObject({
      NC: '0 ',
      COR: '100 en commun ; l’autre territoire ne les compte pas ainsi',
    })
  })
})
