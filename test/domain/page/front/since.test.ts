/** Since the last report: ended campaigns are those that an analyst confirmed, or that fell silent. */
import { expect, test } from 'vitest'
import type { Since, ThreadRow } from '../../../../lambdas/domain/aggregate/since.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import { noteCards } from '../../../../lambdas/domain/page/front/note.ts'
import { sinceSection } from '../../../../lambdas/domain/page/front/since.ts'
import type { Facts } from '../../../../lambdas/domain/report/facts.ts'
import { sinceFacts, titlesWanted } from '../../../../lambdas/domain/report/since-facts.ts'

const row = (id: string, signed = false): ThreadRow => ({
  lead: { id, revision: 1, from: '2024-05-01', marking: 'TLP:GREEN' },
  ...{ manoeuvres: 0, last: '2024-W18', marking: 'TLP:GREEN' },
  ...(signed && { signed }),
})

const factsWith = (ended: readonly ThreadRow[]): Facts => {
  const since: Since = { added: [], goesOn: [], ended, silent: 0, marking: 'TLP:GREEN' }
  const titles = new Map(titlesWanted(since).map(({ id }) => [id, { fr: `Titre ${id}`, en: `Title ${id}` }]))
  return {
    since: sinceFacts(since, titles, '2024-W20', { changes: null, revisedBefore: [] }),
    ...{ before: [], period: parsePeriod('2024-W20'), totals: { manoeuvres: 0 } },
  } as unknown as Facts
}

const plainly = (text = ''): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')
const endedOn = (ended: readonly ThreadRow[]) => {
  const list = sinceSection(factsWith(ended), wordingOf('fr'))?.lists.find(({ sign }) => sign === 'ended')
  return [list?.name, list?.count].map(plainly).join(' ')
}

test('the heading has a question mark where no end is confirmed, else the number to confirm', () => {
  expect(endedOn([row('a'), row('b')])).toBe('terminé ? 2')
  expect(endedOn([row('a', true), row('b', true)])).toBe('terminé 2')
  expect(endedOn([row('a', true), row('b'), row('c')])).toBe('terminé 3, dont 2 à confirmer')
  expect(endedOn([])).toBe('terminé 0')
})

test('each confirmed one is listed under its title, and the heading counts all', () => {
  const signed = Array.from({ length: 12 }, (_, at) => row(`s${at}`, true))
  const { since } = factsWith([...signed, row('z')])
  expect(since?.ended.listed.map(({ title }) => title?.en)).toEqual(signed.map(({ lead }) => `Title ${lead.id}`))
  expect(endedOn([...signed, row('z')])).toBe('terminé 13, dont 1 à confirmer')
})

test('a note names what has ended by its title, where that is known', () => {
  const note = { author: 'A', role: 'analyst', language: 'fr', marking: 'TLP:GREEN', approves: false, blocks: [] }
  const notes = [{ ...note, writtenAt: '2024-05-20T00:00:00.000Z', ended: ['a', 'BIG', 'gone'] }]
  const facts = { ...factsWith([row('a', true)]), notes } as unknown as Facts
  const [card] = noteCards(facts, territoryOf('NC'), wordingOf('fr'))
  expect(card?.points.at(-1)?.items.map((one) => plainly(one.map(({ text }) => text).join('')))).toEqual([
    '« Titre a »',
    'BIG',
    'gone',
  ])
})
