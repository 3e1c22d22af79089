/** The pages of a dossier: one clock for each instant, returning accounts, the period, and what each source states. */
import { expect, test } from 'vitest'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import { subjectOf, type TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../lambdas/domain/core/time/observed.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import {
  actorLinks,
  knownIndicators,
  sourcesSaying,
  type SourceSaying,
} from '../../../lambdas/domain/dossier/claims.ts'
import type { DossierFacts } from '../../../lambdas/domain/dossier/dossier.ts'
import { accountsNamed, setsOverTime } from '../../../lambdas/domain/dossier/returning.ts'
import { pageOf } from '../../../lambdas/domain/page/build-page.ts'
import { dossierPeriod, returnOf } from '../../../lambdas/domain/page/dossier/dossier.ts'
import { clusterOf } from '../../../lambdas/domain/page/manoeuvre/cluster.ts'
import {
  accountsTable,
  actorsTable,
  indicatorsTable,
  operationsTable,
  sayingTable,
} from '../../../lambdas/domain/page/words/dossier-tables.ts'
import { whenSeen } from '../../../lambdas/domain/page/words/phrases.ts'
import { entryOf, type Facts } from '../../../lambdas/domain/report/facts.ts'
import { detection, detectionAsOf } from '../../support/detections.ts'
import { reportOn } from '../../support/reports.ts'

const french = wordingOf('fr')
const all = subjectOf('ALL')
const spaced = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

/** Half an hour after midnight in Paris: the evening before in Guadeloupe. */
const seenAtNight: Partial<DetectionInput> = {
  ...{ territories: ['GP'], observed: { from: '2026-11-17T00:30:00+01:00' }, accountRefs: ['a'] },
  actor: { name: 'A group', attributedBy: 'VIGINUM' },
  indicators: [{ type: 'domain', value: 'example.org' }],
}

test('all tables of a dossier show an instant on the clock of its first territory', () => {
  const one = detection(seenAtNight)
  const begun = [{ from: Date.parse(one.observed.from), detection: one }]
  const dossier = {
    actors: actorLinks(begun),
    saying: sourcesSaying(begun),
    indicators: { listed: knownIndicators(begun), more: 0 },
    accounts: { listed: accountsNamed([{ id: one.id, detections: [one] }]), more: 0 },
    known: { named: 1 },
  } as unknown as DossierFacts
  for (const { rows } of [
    actorsTable(dossier, french),
    sayingTable(dossier, french),
    indicatorsTable(dossier, french),
    accountsTable(dossier, all, french),
  ])
    expect(spaced(JSON.stringify(rows))).toContain('16 novembre 2026, 19 h 30, heure de Pointe-à-Pitre')
})

test.each<[string, readonly TerritoryCode[], string]>([
  ['2026-11-16T23:30:00Z', ['NC', 'GP'], '16 novembre 2026, 19 h 30, heure de Pointe-à-Pitre'],
  ['2026-11-16', ['GP'], '16 novembre 2026'],
])('a page of several territories names the clock of an instant alone: %s', (from, territories, text) => {
  expect(spaced(whenSeen(detection({ territories: [...territories], observed: { from } }), all, french))).toBe(text)
})

test('the page of one territory names no clock', () => {
  expect(spaced(whenSeen(detection(seenAtNight), subjectOf('GP'), french))).toBe('16 novembre 2026, 19 h 30')
})

test('the window of a set’s share is by the clock of its card', () => {
  const input = { ...seenAtNight, accountRefs: undefined, counts: { coordinatedAccounts: 50 } }
  const entry = entryOf(detectionAsOf({ ...input, accountSet: { id: 's', name: 'Sigma', size: 100 } }), 'TLP:RED')
  expect(spaced(clusterOf(entry, all, french)?.bars[0]?.window ?? '')).toContain('16 novembre 2026, 19 h 30')
})

test('operations are in the order of their printed days', () => {
  // The one on the 17th in Nouméa is 16 hours before the one on the 16th in Tahiti.
  const seen = [
    ['early', 'NC', '2026-11-17T00:30:00+11:00'],
    ['late', 'PF', '2026-11-16T20:00:00-10:00'],
  ] as const
  const manoeuvres = seen.map(([id, code, from]) =>
    entryOf(detectionAsOf({ id, territories: [code], observed: { from } }), 'TLP:RED'),
  )
  const facts = { manoeuvres, totals: { manoeuvres: 2 } } as unknown as Facts
  const { rows } = operationsTable(facts, { operations: ['early', 'late'] } as unknown as DossierFacts, all, french)
  expect(rows.map(([when]) => spaced(when?.text.text ?? ''))).toEqual([
    '16 novembre 2026, 20 h 00, heure de Tahiti',
    '17 novembre 2026, 00 h 30, heure de Nouméa',
  ])
})

test('the annex of a group names the clock of an hour', () => {
  const { pages: _, ...facts } = reportOn([
    detectionAsOf({ territories: ['NC'], observed: { from: '2024-05-15T09:00:00+11:00' } }),
  ])
  const { annex } = pageOf({ ...facts, territory: { code: 'ALL', zone: 'Europe/Paris', population: 1 } }, 'fr')
  expect(spaced(annex?.detections?.rows[0]?.when ?? '')).toBe('15 mai 2024, 09 h 00, heure de Nouméa')
})

const named = (first: number, end: number): Partial<DetectionInput> => ({
  counts: { coordinatedAccounts: end - first },
  coordinatedAccountRefs: Array.from({ length: end - first }, (_, at) => `a${first + at}`),
})
const counted = (coordinatedAccounts: number): Partial<DetectionInput> => ({ counts: { coordinatedAccounts } })

test.each<[string, readonly Partial<DetectionInput>[], boolean, readonly string[]]>([
  [
    'none of the accounts',
    [named(0, 40), named(50, 80), named(90, 100)],
    false,
    [
      '10 des 100 comptes de l’ensemble « Sigma » ont pris part à la dernière des 3 manœuvres où il est nommé ; aucun des 10 comptes que nomment les sources de cette manœuvre n’avait été vu dans une manœuvre précédente.',
    ],
  ],
  [
    'some of them',
    [named(0, 40), named(30, 50)],
    false,
    [
      '20 des 100 comptes de l’ensemble « Sigma » ont pris part à la dernière des 2 manœuvres où il est nommé ; 10 des 20 comptes que nomment les sources de cette manœuvre avaient été vus dans une manœuvre précédente.',
    ],
  ],
  [
    'an unknown number, without references',
    [counted(40), named(0, 20)],
    false,
    [
      '20 des 100 comptes de l’ensemble « Sigma » ont pris part à la dernière des 2 manœuvres où il est nommé ; combien avaient été vus dans une manœuvre précédente : n. c.',
    ],
  ],
  ['nothing, as the last operation gives no part', [named(0, 40), named(30, 50), {}], false, []],
  [
    'nothing, as the table of accounts was cut',
    [named(0, 40), named(30, 50)],
    true,
    ['20 des 100 comptes de l’ensemble « Sigma » ont pris part à la dernière des 2 manœuvres où il est nommé.'],
  ],
])('the front shows which accounts returned: %s', (_, operations, isCut, sentences) => {
  const accountSet = { id: 's', name: 'Sigma', size: 100 }
  const detections = operations.map((one, at) => {
    const id = `o${at}`
    return { id, detections: [detection({ id, observed: { from: `2024-05-0${at + 1}` }, accountSet, ...one })] }
  })
  const listed = accountsNamed(detections).filter((one) => one.named !== null)
  const accounts = isCut ? { listed: [], more: listed.length } : { listed, more: 0 }
  const shown = returnOf({ sets: setsOverTime(detections), accounts }, french)
  expect(shown.map((one) => spaced(one.map(({ text }) => text).join('')))).toEqual(sentences)
})

test.each([
  ['2026-11-10', ['2026-11-10'], '10 novembre 2026'],
  ['2026-11-01', ['2026-11', '2026-11-10'], 'novembre 2026'],
])('a dossier begins on its first known day, or in a month: %s', (since, firsts, start) => {
  const dossier = { since, territories: firsts.map((first) => ({ first: observedFrom(first) })) }
  const facts = { period: { last: '2026-11-15' } } as Facts
  expect(spaced(dossierPeriod(facts, dossier as unknown as DossierFacts, french))).toBe(
    `${start} – 15 novembre 2026 · tous territoires`,
  )
})

test('the row of a source has its first day, and no zeros', () => {
  const saying: SourceSaying = {
    ...{ source: 'D3lta', detections: 2, breakout: 0, ratings: [], texts: [], statements: [], marking: 'TLP:CLEAR' },
    ...{ first: { from: '2026-11-12', to: '2026-11-14', precision: 'day' } },
    effect: { observed: 0, none: 2, 'not assessed': 0, 'not given': 0 },
  }
  const cells = (one: SourceSaying) =>
    sayingTable({ saying: [one] } as unknown as DossierFacts, french).rows[0]?.map(({ text, under }) =>
      [text, ...under].map((part) => spaced(typeof part === 'string' ? part : part.text)).join('; '),
    )
  expect(cells(saying)?.slice(1, 3)).toEqual(['2; depuis le 12 novembre 2026', 'non observé : 2'])
  expect(cells({ ...saying, first: observedFrom('2026-11') })?.[1]).toBe('2; depuis novembre 2026')
})
