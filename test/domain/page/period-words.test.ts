/** Small words of dates and counts, each said as a reader takes it. */
import { expect, test } from 'vitest'
import type { Source } from '../../../lambdas/domain/aggregate/watch/watch.ts'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import { subjectOf } from '../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../lambdas/domain/core/time/observed.ts'
import type { SourceSaying } from '../../../lambdas/domain/dossier/claims.ts'
import type { DossierFacts } from '../../../lambdas/domain/dossier/dossier.ts'
import { dossierPeriod } from '../../../lambdas/domain/page/dossier/dossier.ts'
import { sayingTable } from '../../../lambdas/domain/page/words/dossier-tables.ts'
import { watchSection } from '../../../lambdas/domain/page/words/watch.ts'
import type { Facts } from '../../../lambdas/domain/report/facts.ts'
import { reportOn } from '../../support/reports.ts'

const fr = wordingOf('fr')
const en = wordingOf('en')
const spaced = (text: string | undefined) => text?.replaceAll(/[\u00a0\u202f]/g, ' ')

test('n. c. ends a sentence by itself', () => {
  const told = { from: '13', to: '14', list: `3, ${fr.say('figure.unknown')}` }
  expect(spaced(fr.say('time.bars', told))).toBe('Messages par jour local, du 13 au 14 : 3, n. c.')
})

test('a dossier begins on the first day that is known, and in a month where no day is', () => {
  const told = (since: string, ...firsts: string[]) => {
    const territories = firsts.map((first) => ({ first: observedFrom(first) }))
    const dossier = { since, territories } as unknown as DossierFacts
    return spaced(dossierPeriod({ period: { last: '2026-11-15' } } as Facts, dossier, fr))
  }
  expect(told('2026-11-10', '2026-11-10')).toBe('10 novembre 2026 – 15 novembre 2026 · tous territoires')
  expect(told('2026-11-01', '2026-11', '2026-11-10')).toBe('novembre 2026 – 15 novembre 2026 · tous territoires')
})

test('a source says of something since its first day, and no zeros', () => {
  const saying: SourceSaying = {
    ...{ source: 'D3lta', detections: 2, breakout: 0, ratings: [], texts: [], statements: [], marking: 'TLP:CLEAR' },
    ...{ first: { from: '2026-11-12', to: '2026-11-14', precision: 'day' } },
    effect: { observed: 0, none: 2, 'not assessed': 0, 'not given': 0 },
  }
  const cells = (words: typeof fr, one = saying) =>
    sayingTable({ saying: [one] } as unknown as DossierFacts, words).rows[0]?.map(({ text, under }) =>
      [text, ...under].map((part) => spaced(typeof part === 'string' ? part : part.text)).join('; '),
    )
  expect(cells(fr)?.slice(1, 3)).toEqual(['2; depuis le 12 novembre 2026', 'non observé : 2'])
  expect(cells(en)?.slice(1, 3)).toEqual(['2; since 12 November 2026', 'not observed: 2'])
  expect(cells(fr, { ...saying, first: observedFrom('2026-11') })?.[1]).toBe('2; depuis novembre 2026')
})

test('inputs beyond what was expected are no part of it', () => {
  const source = (inputs: number): Source => ({
    ...{ name: 'D3lta', byHand: false, lastInput: '2024-05-19T00:00:00.000Z', marking: 'TLP:CLEAR' },
    watch: { inputs, expected: 7, days: [], gaps: [], afterwards: false },
  })
  const told = (inputs: number) =>
    watchSection({ ...reportOn([]), sources: [source(inputs)] }, subjectOf('NC'), fr).rows[0]?.inputs
  expect([told(6), told(7), told(8)]).toEqual(['6 sur 7', '7 sur 7', '7 sur 7 et 1 de plus'])
})
