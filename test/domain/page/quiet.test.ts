/** The sentence of an edition that shows nothing, and the subject of its mail. */
import { expect, test } from 'vitest'
import { memberRow } from '../../../lambdas/domain/aggregate/members.ts'
import type { MemberWatch } from '../../../lambdas/domain/aggregate/subject-watch.ts'
import { createCounter } from '../../../lambdas/domain/aggregate/tally.ts'
import type { TerritoryCode } from '../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../lambdas/domain/core/time/period.ts'
import { reportOf } from '../../../lambdas/domain/page/build-page.ts'
import type { Facts } from '../../../lambdas/domain/report/facts.ts'
import { detectionAsOf } from '../../support/detections.ts'
import { letterOn } from '../../support/letters.ts'
import { reportOn } from '../../support/reports.ts'

const plainly = (text = ''): string => text.replaceAll(/[\u00a0\u202f]/g, ' ')

const shown = (changes: Partial<Facts>, facts: Facts = reportOn([], { cap: 'TLP:AMBER', territory: 'PF' })) => {
  const report = reportOf({ ...facts, ...changes })
  const { subject } = letterOn(report)
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

const atLeastNone: Partial<Facts> = {
  totals: { ...reportOn([]).totals, posts: { value: 0, qualifier: 'at least' } },
}

test.each<[string, Partial<Facts>, string]>([
  ['all was watched', {}, 'cette semaine'],
  ['all members were watched', group(['watched', 'watched'], true), 'cette semaine'],
  ['something is withheld', { withheld: 3 }, 'cette semaine dans cette édition'],
  ['a member has no source', group(['watched', 'by no source'], true), 'là où la surveillance a été tenue'],
  ['a member was blind', group(['watched', 'blind'], false), 'là où la surveillance a été tenue'],
  [
    'a member has no source and something is withheld',
    { ...group(['watched', 'by no source'], true), withheld: 3 },
    'dans cette édition là où la surveillance a été tenue',
  ],
  ['some days were not watched', atLeastNone, 'les jours où la surveillance a été tenue'],
])('where %s, sentence and subject state it', (_, changes, where) => {
  const [sentence, subject] = shown(changes)
  expect(sentence).toBe(`Aucune détection ${where}.`)
  expect(subject).toBe(`aucune détection ${where}`.replace(' cette semaine', ''))
})

test('where something continues and nothing counts, the sentence is of this edition too', () => {
  const going = reportOn(
    [detectionAsOf({ observed: { from: '2024-05-10', to: '2024-05-15' }, marking: 'TLP:GREEN', territories: ['PF'] })],
    { cap: 'TLP:AMBER', territory: 'PF' },
  )
  expect(shown({}, going)[0]).toContain('Aucune détection ne compte cette semaine.')
  expect(shown({ withheld: 1 }, going)[0]).toContain('Aucune détection ne compte cette semaine dans cette édition.')
})
