/** The figures of each territory in a group’s edition, and what is unknown of them. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { campaignRow, type MemberRow, memberRow } from '../../../../lambdas/domain/aggregate/members.ts'
import type { MemberWatch } from '../../../../lambdas/domain/aggregate/subject-watch.ts'
import { createCounter } from '../../../../lambdas/domain/aggregate/tally.ts'
import type { Language } from '../../../../lambdas/domain/core/language/languages.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { type TerritoryCode, territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../../lambdas/domain/core/time/observed.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { campaignLanes } from '../../../../lambdas/domain/page/first/lanes.ts'
import { groupSection } from '../../../../lambdas/domain/page/front/group.ts'
import { unknownOf } from '../../../../lambdas/domain/page/front/unknown.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

const period = parsePeriod('2024-W20')

const factsOn = (rows: readonly MemberRow[], campaigns: readonly ReturnType<typeof campaignRow>[] = []) => ({
  ...reportOn([]),
  group: { rows, campaigns, moreCampaigns: 0, isWhole: true, countedEarlier: 0, marking: 'TLP:CLEAR' as const },
})

const rowOn = (
  all: readonly Partial<DetectionInput>[],
  { state = 'watched', ...more }: Parameters<typeof memberRow>[3] & { readonly state?: MemberWatch['state'] } = {},
  territory: TerritoryCode = 'NC',
): MemberRow => {
  const counter = createCounter({ period, zone: territoryOf(territory).zone, cap: 'TLP:AMBER' })
  for (const [at, one] of all.entries())
    counter.add(detectionAsOf({ id: `d${at}`, territories: [territory], observed: { from: '2024-05-15' }, ...one }))
  const watched = { marking: 'TLP:CLEAR', days: new Set<string>(), isWhole: true } as const
  return memberRow(
    territory,
    counter.tally(state === 'watched' ? { watched } : {}),
    { state, marking: 'TLP:CLEAR' },
    more,
  )
}

const shown = (rows: readonly MemberRow[], language: Language = 'en') =>
  groupSection(factsOn(rows), wordingOf(language))?.rows ?? []

const stateOf = (all: readonly Partial<DetectionInput>[], language: Language = 'en'): string | undefined =>
  shown([rowOn(all)], language)[0]?.state

type Effect = DetectionInput['observedEffect']

test.each<[readonly Effect[], string, string]>([
  [[], '', ''],
  [[undefined], 'effet non communiqué', 'effect not given'],
  [[{ state: 'not assessed' }], 'effet non évalué', 'effect not assessed'],
  [[{ state: 'not assessed' }, undefined], 'effet non évalué pour une partie', 'effect not assessed for some of it'],
  [[{ state: 'none' }], 'sans effet observé', 'no effect observed'],
  [[{ state: 'none' }, undefined], 'effet non communiqué pour une partie', 'effect not given for some of it'],
  [
    [{ state: 'observed', degree: 'media' }, { state: 'observed' }],
    'effet observé, degré non précisé',
    'effect observed, degree not stated',
  ],
  [
    [
      { state: 'observed', degree: 'online' },
      { state: 'observed', degree: 'media' },
    ],
    'effet : écho hors ligne ou médiatique',
    'effect: echo offline or in the media',
  ],
  [[{ state: 'none' }, { state: 'observed', degree: 'online' }], 'effet : en ligne seulement', 'effect: online only'],
])('the state of the effects %j is: %s', (effects, french, english) => {
  const all = effects.map((observedEffect) => ({ observedEffect }))
  expect([stateOf(all, 'fr')?.replaceAll('\u00a0', ' '), stateOf(all)]).toEqual([french, english])
})

test('the state has no effect where all that counts has none, whatever its breakout, and whatever continues', () => {
  const observedEffect = { state: 'none' } as const
  expect(stateOf([{ observedEffect }, { observedEffect, breakout: { category: 5 } }])).toBe('no effect observed')
  expect(stateOf([{ observedEffect }, { observed: { from: '2024-05-01', to: '2024-05-16' } }])).toBe(
    'no effect observed',
  )
})

test('the gravest level is first, then the order of the map', () => {
  const at = (value: 0 | 2 | 4) =>
    ({ level: { value, isWhole: true, detections: 1, tests: [], marking: 'TLP:CLEAR' } }) as const
  const rows = [rowOn([], at(2), 'NC'), rowOn([], {}, 'PM'), rowOn([], at(4), 'COR'), rowOn([], at(2), 'GP')]
  expect(shown(rows).map(({ name, level }) => [name, level])).toEqual([
    ['Corsica', 'Level 4 of 4: Act reported'],
    ['Guadeloupe', 'Level 2 of 4: Unusual activity'],
    ['New Caledonia', 'Level 2 of 4: Unusual activity'],
    ['Saint Pierre and Miquelon', 'no level'],
  ])
})

test.each(['blind', 'by no source'] as const)('a territory that nobody watched has no 0: %s', (state) => {
  expect(shown([rowOn([], { state })])).toMatchObject([{ posts: '–', detections: '–' }])
})

test('a campaign has a link to its dossier only where there is one', () => {
  const linked = {
    id: 'd',
    revision: 1,
    from: '',
    to: '',
    observed: observedFrom('2024-05-15'),
    marking: 'TLP:GREEN',
  } as const
  const row = campaignRow(
    'BIG',
    { linked: [{ ...linked, territories: [{ code: 'NC', method: 'explicit' }] }] },
    ['NC'],
    period,
  )
  const dossier = { period: '2024-W20', version: 1 }
  const lanes = campaignLanes(factsOn([], [row, { ...row, dossier }]), wordingOf('en'))
  expect(lanes?.rows.map(({ href }) => href)).toEqual(['', expect.stringMatching(/campaign-[0-9a-f]{12}/)])
})

test('the unknowns name each territory whose posts are incomplete', () => {
  const codes = ['NC', 'PF', 'WF', 'COR', 'RE', 'MQ'] as const
  const state = fc.record({
    watch: fc.constantFrom<MemberWatch>(
      { state: 'watched', marking: 'TLP:CLEAR' },
      { state: 'interrupted', silentHours: 60, marking: 'TLP:CLEAR' },
      { state: 'hardly watched', marking: 'TLP:CLEAR' },
      { state: 'blind', marking: 'TLP:CLEAR' },
      { state: 'by no source', marking: 'TLP:CLEAR' },
    ),
    isWhole: fc.boolean(),
    posts: fc.constantFrom(undefined, 'unstated' as const, 0, 7),
  })
  const rowOf = (
    territory: TerritoryCode,
    { watch, isWhole, posts }: typeof state extends fc.Arbitrary<infer Value> ? Value : never,
  ) => {
    const counter = createCounter({ period, zone: territoryOf(territory).zone, cap: 'TLP:AMBER' })
    const counts =
      posts === 'unstated' ? {} : { counts: { posts: { value: posts ?? 0, qualifier: 'at least' as const } } }
    if (posts !== undefined) {
      counter.add(detectionAsOf({ territories: [territory], observed: { from: '2024-05-15' }, ...counts }))
    }
    const isOff = watch.state === 'blind' || watch.state === 'by no source'
    const watched = { marking: 'TLP:CLEAR', days: new Set<string>(), isWhole } as const
    return memberRow(territory, counter.tally(isOff ? {} : { watched }), watch, {})
  }
  fc.assert(
    fc.property(fc.tuple(state, state, state, state, state, state), (states) => {
      const rows = states.flatMap((one, at) => (codes[at] ? [rowOf(codes[at], one)] : []))
      const facts = factsOn(rows)
      for (const language of ['fr', 'en'] as const) {
        const words = wordingOf(language)
        const said = JSON.stringify(unknownOf(facts, words).items)
        const ofAll = ['group.unknown.interruptedAll', 'group.unknown.incompleteAll'] as const
        const isOfAll = ofAll.some((key) => said.includes(words.say(key)))
        for (const { name, posts } of shown(rows, language))
          if (/incompl/.test(posts) && !isOfAll) expect(said).toContain(name)
      }
    }),
  )
})

test.each([
  [60, 49, 1],
  [60, 60, 0],
])('states why one silence has several lengths: %i h and %i h', (one, other, remarks) => {
  const rows = [one, other].map((silentHours, at) => {
    const row = rowOn([], {}, at === 0 ? 'NC' : 'COR')
    return { ...row, watch: { ...row.watch, silentHours } }
  })
  expect(groupSection(factsOn(rows), wordingOf('en'))?.remarks).toHaveLength(remarks)
})
