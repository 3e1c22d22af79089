/** In a dossier an instant has one day: that of the territory that saw it first, whose clock is named. */
import { expect, test } from 'vitest'
import { wordingOf } from '../../../lambdas/domain/core/language/report-wording.ts'
import { subjectOf, type TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { actorLinks, knownIndicators, sourcesSaying } from '../../../lambdas/domain/dossier/claims.ts'
import type { DossierFacts } from '../../../lambdas/domain/dossier/dossier.ts'
import { accountsNamed } from '../../../lambdas/domain/dossier/returning.ts'
import { pageOf } from '../../../lambdas/domain/page/build-page.ts'
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
const plainly = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

/** Half an hour after midnight in Paris: the evening before in Guadeloupe. */
const said: Partial<DetectionInput> = {
  ...{ territories: ['GP'], observed: { from: '2026-11-17T00:30:00+01:00' }, accountRefs: ['a'] },
  actor: { name: 'A group', attributedBy: 'VIGINUM' },
  indicators: [{ type: 'domain', value: 'example.org' }],
}

const textsIn = (table: { readonly rows: readonly (readonly { text: unknown; under: unknown }[])[] }): string =>
  plainly(JSON.stringify(table.rows))

test('every table of a dossier tells the same day and the same clock', () => {
  const one = detection(said)
  const begun = [{ from: Date.parse(one.observed.from), detection: one }]
  const accounts = accountsNamed([{ id: one.id, detections: [one] }])
  const dossier = {
    actors: actorLinks(begun),
    saying: sourcesSaying(begun),
    indicators: { listed: knownIndicators(begun), more: 0 },
    accounts: { listed: accounts, more: 0 },
    known: { named: 1 },
  } as unknown as DossierFacts
  const tables = [
    actorsTable(dossier, french),
    sayingTable(dossier, french),
    indicatorsTable(dossier, french),
    accountsTable(dossier, all, french),
  ]
  for (const table of tables) expect(textsIn(table)).toContain('16 novembre 2026, 19 h 30, heure de Pointe-à-Pitre')
})

test('the clock is named where several territories are told of, and an instant is', () => {
  const seen = (from: string, ...codes: readonly TerritoryCode[]) =>
    detection({ territories: [...codes], observed: { from } })
  const instant = '2026-11-16T23:30:00Z'
  expect(plainly(whenSeen(seen(instant, 'NC', 'GP'), all, french))).toBe(
    '16 novembre 2026, 19 h 30, heure de Pointe-à-Pitre',
  )
  expect(plainly(whenSeen(seen(instant, 'GP'), subjectOf('GP'), french))).toBe('16 novembre 2026, 19 h 30')
  expect(plainly(whenSeen(seen('2026-11-16', 'GP'), all, french))).toBe('16 novembre 2026')
  expect(plainly(whenSeen(seen('2026-11', 'GP'), all, french))).toBe('novembre 2026')
})

test('the window of a set’s share is by the clock of its card', () => {
  const entry = entryOf(
    detectionAsOf({
      ...said,
      ...{ counts: { coordinatedAccounts: 50 }, accountRefs: undefined },
      accountSet: { id: 's', name: 'Sigma', size: 100 },
    }),
    'TLP:RED',
  )
  expect(plainly(clusterOf(entry, all, french)?.bars[0]?.window ?? '')).toContain('16 novembre 2026, 19 h 30')
})

test('operations come by the days that are printed of them', () => {
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
  expect(rows.map(([when]) => plainly(when?.text.text ?? ''))).toEqual([
    '16 novembre 2026, 20 h 00, heure de Tahiti',
    '17 novembre 2026, 00 h 30, heure de Nouméa',
  ])
})

test('the annex of a group names the clock of an hour', () => {
  const { pages: _, ...facts } = reportOn([
    detectionAsOf({ territories: ['NC'], observed: { from: '2024-05-15T09:00:00+11:00' } }),
  ])
  const { annex } = pageOf({ ...facts, territory: { code: 'ALL', zone: 'Europe/Paris', population: 1 } }, 'fr')
  expect(plainly(annex?.detections?.rows[0]?.when ?? '')).toBe('15 mai 2024, 09 h 00, heure de Nouméa')
})
