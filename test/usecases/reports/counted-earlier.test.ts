/** A later edition of a group lists each joint detection that the one before counted. */
import { expect, test } from 'vitest'
import { pageOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Facts } from '../../../lambdas/domain/report/facts.ts'
import { factsOf, storesOfFile } from '../../oracle/product.ts'

const stores = storesOfFile()

/** Sunday evening in Corsica is Monday morning in Nouméa. */
const joint = (id: string, more: object = {}) => ({
  id,
  detector: 'D3lta',
  kind: 'copy-paste',
  title: { fr: `Commune ${id}`, en: `Joint ${id}` },
  territories: ['NC', 'COR'],
  observed: { from: '2024-05-19T16:00:00Z' },
  counts: { posts: 10 },
  marking: 'TLP:GREEN',
  ...more,
})

const remarkIn = (facts: Facts, language: 'fr' | 'en'): string =>
  (pageOf(facts, language).group?.remarks ?? []).map((runs) => runs.map(({ text }) => text).join('')).join(' ')

test('by title and id, with the edition that counts it, under the cap only', async () => {
  const store = await stores.open()
  const more = Array.from({ length: 21 }, (_, at) => joint(`j-${at + 10}`, { marking: 'TLP:AMBER' }))
  await store.take(joint('a'), joint('b', { title: { en: 'English alone' } }), ...more)
  const factsAt = async (cap: string) => (await factsOf(store, { territory: 'ALL', period: '2024-W21', cap })) as Facts
  const green = await factsAt('TLP:GREEN')
  expect(green.group?.countedEarlier).toBe(2)
  expect(green.group?.earlier).toMatchObject([
    { id: 'a', title: { fr: 'Commune a' }, territories: ['COR', 'NC'], period: '2024-W20', marking: 'TLP:GREEN' },
    { id: 'b' },
  ])
  expect(remarkIn(green, 'fr').replaceAll(/[\u00a0\u202f]/g, ' ')).toBe(
    '2 détections communes, que certains territoires comptent dans cette période, l’ont été dans la synthèse précédente (semaine 20 de 2024), leur jour local y étant antérieur : « Commune a » (a) et « English alone » (en anglais dans la source) (b).',
  )
  expect(remarkIn(green, 'en')).toMatch(/\(week 20 of 2024\).*: “Joint a” \(a\) and “English alone” \(b\)\.$/)
  const amber = await factsAt('TLP:AMBER')
  expect(amber.group?.earlier).toHaveLength(20)
  expect(remarkIn(amber, 'en')).toMatch(/ and 3 more\.$/)
  const counted = (await factsOf(store, { territory: 'ALL', period: '2024-W20', cap: 'TLP:GREEN' })) as Facts
  expect([counted.totals.detections, counted.group?.earlier]).toEqual([2, undefined])
})
