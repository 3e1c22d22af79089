/** The national edition: the effect in a tile, campaigns by territory, and what is unknown. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Linked } from '../../../../lambdas/domain/aggregate/across.ts'
import { campaignRow, memberRow } from '../../../../lambdas/domain/aggregate/members.ts'
import type { MemberWatch } from '../../../../lambdas/domain/aggregate/subject-watch.ts'
import { createCounter } from '../../../../lambdas/domain/aggregate/tally.ts'
import type { Language } from '../../../../lambdas/domain/core/language/languages.ts'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { subjectOf, type TerritoryCode, territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { observedFrom } from '../../../../lambdas/domain/core/time/observed.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { groupSection } from '../../../../lambdas/domain/page/front/group.ts'
import { unknownOf } from '../../../../lambdas/domain/page/front/unknown.ts'
import { reportWordingOf } from '../../../../lambdas/domain/page/words/edition-words.ts'
import { detectionAsOf } from '../../../support/detections.ts'
import { reportOn } from '../../../support/reports.ts'

type Effect = DetectionInput['observedEffect']

const tileOf = (
  effects: readonly Effect[],
  language: Language,
  more: readonly Partial<DetectionInput>[] = [],
): string | undefined => {
  const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
  for (const [at, observedEffect] of effects.entries()) {
    counter.add(detectionAsOf({ id: `d${at}`, observed: { from: '2024-05-15' }, observedEffect }))
  }
  for (const [at, one] of more.entries()) counter.add(detectionAsOf({ id: `m${at}`, ...one }))
  const watched = { marking: 'TLP:CLEAR', days: new Set<string>(), isWhole: true } as const
  const row = memberRow('NC', counter.tally({ watched }), { state: 'watched', marking: 'TLP:CLEAR' }, {})
  const group = {
    ...{ rows: [row], campaigns: [], moreCampaigns: 0, isWhole: true, countedEarlier: 0 },
    marking: 'TLP:CLEAR' as const,
  }
  const section = groupSection({ ...reportOn([]), group }, wordingOf(language))
  return section?.regions[0]?.tiles[0]?.state.replaceAll('\u00a0', ' ')
}

test.each([
  [[], 'calme', 'quiet'],
  [[undefined], 'vu, effet non communiqué', 'seen, effect not given'],
  [[{ state: 'not assessed' }], 'vu, effet non évalué', 'seen, effect not assessed'],
  [
    [{ state: 'not assessed' }, undefined],
    'vu, effet non évalué pour une partie',
    'seen, effect not assessed for some of it',
  ],
  [[{ state: 'none' }], 'vu, sans effet observé', 'seen, no effect observed'],
  [[{ state: 'none' }, undefined], 'vu, effet non communiqué pour une partie', 'seen, effect not given for some of it'],
  [
    [{ state: 'observed', degree: 'media' }, { state: 'observed' }],
    'vu, effet observé, degré non précisé',
    'seen, effect observed, degree not stated',
  ],
  [
    [
      { state: 'observed', degree: 'online' },
      { state: 'observed', degree: 'media' },
    ],
    'vu, effet : écho hors ligne ou médiatique',
    'seen, effect: echo offline or in the media',
  ],
  [
    [{ state: 'none' }, { state: 'observed', degree: 'online' }],
    'vu, effet : en ligne seulement',
    'seen, effect: online only',
  ],
] as const)('the tile of the effects %j is: %s', (effects, french, english) => {
  expect([tileOf(effects, 'fr'), tileOf(effects, 'en')]).toEqual([french, english])
})

test('a tile has no effect where all that counts has none, whatever its breakout, and whatever continues', () => {
  const none = { state: 'none' } as const
  const spread = { observed: { from: '2024-05-15' }, observedEffect: none, breakout: { category: 5 } } as const
  expect(tileOf([none], 'fr', [spread])).toBe('vu, sans effet observé')
  expect(tileOf([none], 'fr', [{ observed: { from: '2024-05-01', to: '2024-05-16' } }])).toBe('vu, sans effet observé')
})

describe('the first day of a campaign in each territory', () => {
  const period = parsePeriod('2024-W20')
  const { members } = subjectOf('ALL')
  const linked = (code: TerritoryCode, from: string): Linked => ({
    ...{ id: `${code}-${from}`, revision: 1, from: '', to: '', observed: observedFrom(from), marking: 'TLP:GREEN' },
    territories: [{ code, method: 'explicit' }],
  })
  const cellsOf = (seen: readonly Linked[], language: Language) => {
    const row = campaignRow('BIG', { linked: seen }, members, period)
    const rows = members.map((code) =>
      memberRow(code, createCounter({ period, zone: 'UTC', cap: 'TLP:AMBER' }).tally(), watching, {}),
    )
    const group = { rows, campaigns: [row], moreCampaigns: 0, isWhole: true, countedEarlier: 0 }
    const facts = { ...reportOn([]), group: { ...group, marking: 'TLP:CLEAR' as const } }
    const cells = groupSection(facts, wordingOf(language))?.campaigns?.rows[0]?.cells ?? []
    return new Map(
      cells.flatMap(({ territory, state, first, lag }) => (state === 'unseen' ? [] : [[territory, [first, lag]]])),
    )
  }
  const watching: MemberWatch = { state: 'watched', marking: 'TLP:CLEAR' }

  test.each([
    ['TLP:AMBER', 'watched', ['unseen', '0', 'never seen']],
    ['TLP:AMBER', 'blind', ['unwatched', '–', 'no data']],
    ['TLP:AMBER', 'by no source', ['unwatched', '–', 'no data']],
    ['TLP:GREEN', 'watched', ['unwatched', '–', 'nothing to publish']],
  ] as const)(
    'is no 0 in an edition up to %s where a territory is %s and nothing may be published',
    (cap, state, expected) => {
      const row = campaignRow('BIG', { linked: [linked('NC', '2024-05-15')] }, members, period)
      const rows = members.map((code) =>
        memberRow(code, createCounter({ period, zone: 'UTC', cap }).tally(), { state, marking: 'TLP:CLEAR' }, {}),
      )
      const group = { rows, campaigns: [row], moreCampaigns: 0, isWhole: true, countedEarlier: 0 }
      const facts = { ...reportOn([], { cap }), group: { ...group, marking: 'TLP:CLEAR' as const } }
      const { rows: shown = [], legend = [] } = groupSection(facts, reportWordingOf({ cap }, 'en'))?.campaigns ?? {}
      const cell = shown[0]?.cells.find(({ territory }) => territory === 'Corsica')
      expect([cell?.state, cell?.first, legend.find((one) => one.state === cell?.state)?.text]).toEqual(expected)
    },
  )

  test('has one day for the first, and follows the order of instants', () => {
    const times = fc.oneof(
      fc.integer({ min: 0, max: 4 * 24 }).map((hour) => new Date(Date.UTC(2024, 4, 13, hour)).toISOString()),
      fc.integer({ min: 13, max: 17 }).map((day) => `2024-05-${day}`),
    )
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom(...members), { minLength: 2 }),
        fc.infiniteStream(times),
        (codes, all) => {
          const seen = codes.map((code) => linked(code, all.next().value))
          const cells = cellsOf(seen, 'en')
          const told = seen.flatMap(({ territories: [at], observed: { from, precision } }) => {
            const [first = '', lag = ''] = cells.get(at ? territoryOf(at.code).name.en : '') ?? []
            // Seen on Sunday by its own day, which is Monday by the clock of the row: the cell names the week before.
            const day = first === 'W19' ? 13 : Number(first.slice(0, 2))
            return first === '' ? [] : [{ from, precision, day, lag }]
          })
          const firsts = told.filter(({ lag }) => lag === '1st')
          expect(new Set(firsts.map(({ day }) => day)).size).toBe(1)
          expect(
            new Set(firsts.flatMap(({ from, precision }) => (precision === 'instant' ? from : []))).size,
          ).toBeLessThan(2)
          for (const one of told) {
            expect(one.day).toBeGreaterThanOrEqual(firsts[0]?.day ?? 0)
            const days = one.day - (firsts[0]?.day ?? 0)
            expect(one.lag).toMatch(days === 0 ? /^1st$|^same day$/ : new RegExp(`^${days}.d$`))
            for (const other of told) {
              const isLater = one.precision === 'instant' && other.precision === 'instant' && other.from > one.from
              if (isLater) expect(other.day).toBeGreaterThanOrEqual(one.day)
            }
          }
        },
      ),
    )
  })
})

test('names a dossier only where there is one', () => {
  const row = campaignRow('BIG', { linked: [] }, [], parsePeriod('2024-W20'))
  const dossier = { period: '2024-W20', version: 1 }
  const group = {
    ...{ rows: [], campaigns: [row, { ...row, dossier }], moreCampaigns: 0, isWhole: true, countedEarlier: 0 },
    marking: 'TLP:CLEAR' as const,
  }
  const rows = groupSection({ ...reportOn([]), group }, wordingOf('en'))?.campaigns?.rows ?? []
  expect(rows.map((one) => [one.dossier, one.href === ''])).toEqual([
    ['', true],
    [expect.stringMatching(/^dossier campaign-[0-9a-f]{12}$/), false],
  ])
})

test('the legend explains the signs of the tiles, and no others', () => {
  const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
  const row = memberRow('NC', counter.tally({}), { state: 'blind', marking: 'TLP:CLEAR' }, {})
  const group = {
    ...{ rows: [row], campaigns: [], moreCampaigns: 0, isWhole: true, countedEarlier: 0 },
    marking: 'TLP:CLEAR' as const,
  }
  for (const language of ['fr', 'en'] as const) {
    const words = wordingOf(language)
    const legend = groupSection({ ...reportOn([]), group }, words)?.legend ?? []
    expect(legend.map(({ sign }) => sign)).toEqual(['blind'])
    for (const key of ['group.state.blind', 'group.state.hardly'] as const)
      expect(legend[0]?.text).toContain(words.say(key))
  }
})

test('the unknowns name each territory whose tile reads incomplete', () => {
  const codes = ['NC', 'PF', 'WF', 'COR', 'RE', 'MQ'] as const
  const period = parsePeriod('2024-W20')
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
      const group = { rows, campaigns: [], moreCampaigns: 0, isWhole: false, countedEarlier: 0 }
      const facts = { ...reportOn([]), group: { ...group, marking: 'TLP:CLEAR' as const } }
      for (const language of ['fr', 'en'] as const) {
        const words = wordingOf(language)
        const said = JSON.stringify(unknownOf(facts, words).items)
        const tiles = groupSection(facts, words)?.regions.flatMap((region) => region.tiles) ?? []
        const incomplete = words.say('qualifier', { qualifier: 'incomplete' })
        const ofAll = ['group.unknown.interruptedAll', 'group.unknown.incompleteAll'] as const
        const isOfAll = ofAll.some((key) => said.includes(words.say(key)))
        for (const { name, qualifier } of tiles) if (qualifier === incomplete && !isOfAll) expect(said).toContain(name)
      }
    }),
  )
})
