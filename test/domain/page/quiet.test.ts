/** The large sentence of an edition that shows nothing holds by itself, and the mail's subject says the same. */
import { expect, test } from 'vitest'
import { memberRow } from '../../../lambdas/domain/aggregate/members.ts'
import type { MemberWatch } from '../../../lambdas/domain/aggregate/subject-watch.ts'
import { createCounter } from '../../../lambdas/domain/aggregate/tally.ts'
import type { TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { letterOf } from '../../../lambdas/domain/delivery/letter.ts'
import { reportOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Facts } from '../../../lambdas/domain/report/facts.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { reportOn } from '../../support/reports.ts'

const plainly = (text = ''): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

const links = { read: 'https://r.example/1', unsubscribe: 'https://r.example/2' }

/** The page's sentence, and the news of the mail's subject. */
const said = (changes: Partial<Facts>, facts: Facts = reportOn([], { cap: 'TLP:AMBER', territory: 'PF' })) => {
  const report = reportOf({ ...facts, ...changes })
  const recipient = { language: 'fr' as const }
  const { subject } = letterOf(report, {
    ...{ recipient, links, content: 'findings', occasion: { kind: 'first' }, attached: false },
  })
  const { statement, findings } = report.pages.fr.essentials
  const text = statement ?? findings.map((one) => one.map(({ text }) => text).join('')).join(' ')
  return [plainly(text), plainly(subject).replace(/^.* : /, '')]
}

const group = (states: readonly MemberWatch['state'][], isWhole: boolean): Partial<Facts> => {
  const tally = createCounter({ period: parsePeriod('2024-W20'), zone: 'UTC', cap: 'TLP:AMBER' }).tally()
  const codes: readonly TerritoryCode[] = ['GP', 'MQ', 'MF']
  const rows = states.map((state, at) => memberRow(codes[at] ?? 'BL', tally, { state, marking: 'TLP:CLEAR' }, {}))
  return {
    group: { rows, campaigns: [], moreCampaigns: 0, isWhole, countedEarlier: 0, marking: 'TLP:CLEAR' },
    territory: { code: 'ANTILLES', zone: 'America/Guadeloupe', population: 1 },
  }
}

test('nothing was seen, everything was watched, and nothing is withheld', () => {
  expect(said({})).toEqual(['Aucune détection cette semaine.', 'aucune détection'])
  expect(said(group(['watched', 'watched'], true))).toEqual(['Aucune détection cette semaine.', 'aucune détection'])
})

test('where something is withheld it is of this edition', () => {
  const expected = ['Aucune détection cette semaine dans cette édition.', 'aucune détection dans cette édition']
  expect(said({ withheld: 3 })).toEqual(expected)
  // Of how much, the sentence does not depend.
  expect(said({ withheld: 300 })).toEqual(expected)
})

test('where some territories or days were not watched it is of those that were', () => {
  const some = [
    'Aucune détection là où la surveillance a été tenue.',
    'aucune détection là où la surveillance a été tenue',
  ]
  expect(said(group(['watched', 'by no source'], true))).toEqual(some)
  expect(said(group(['watched', 'blind'], false))).toEqual(some)
  expect(said({ ...group(['watched', 'by no source'], true), withheld: 3 })).toEqual([
    'Aucune détection dans cette édition là où la surveillance a été tenue.',
    'aucune détection dans cette édition là où la surveillance a été tenue',
  ])
  const { totals } = reportOn([])
  const days = { totals: { ...totals, posts: { value: 0, qualifier: 'at least' as const } } }
  expect(said(days)).toEqual([
    'Aucune détection les jours où la surveillance a été tenue.',
    'aucune détection les jours où la surveillance a été tenue',
  ])
})

test('where nothing counts, and something goes on, it is of this edition too', () => {
  const going = reportOn(
    [detectionAsOf({ observed: { from: '2024-05-10', to: '2024-05-15' }, marking: 'TLP:GREEN', territories: ['PF'] })],
    { cap: 'TLP:AMBER', territory: 'PF' },
  )
  expect(said({}, going)[0]).toContain('Aucune détection ne compte cette semaine.')
  expect(said({ withheld: 1 }, going)[0]).toContain('Aucune détection ne compte cette semaine dans cette édition.')
})
