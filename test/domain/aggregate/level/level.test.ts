/** The table of look3/NOTES3.md, section 1, and its properties. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LevelEffect } from '../../../../lambdas/domain/aggregate/level/level-effect.ts'
import {
  floorsOf,
  type Level,
  type LevelBasis,
  levelAlone,
  levelsOf,
  type LevelValue,
  type LevelWatch,
  type LevelWeek,
  longerLevel,
  publicLevel,
} from '../../../../lambdas/domain/aggregate/level/level.ts'
import { createCounter, type DetectionAsOf } from '../../../../lambdas/domain/aggregate/tally.ts'
import { zero } from '../../../../lambdas/domain/core/figures.ts'
import { territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import { parsePeriod } from '../../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { detectionAsOf, detectionsAsOf } from '../../../support/detections.ts'

const whole: LevelWatch = { isWatched: true, isWhole: true, isInterrupted: false, marking: 'TLP:CLEAR' }

const claimed = (is: LevelEffect) => ({ is, id: 'd0', field: 'effect' }) as const

const week = (basis: Partial<LevelBasis> = {}, watch: LevelWatch = whole): LevelWeek => ({
  basis: { detections: 0, figures: {}, marking: 'TLP:CLEAR', ...basis },
  watch,
})

const posts = (value: number, qualifier: 'exact' | 'at least' | 'about' = 'exact'): LevelWeek =>
  week({ detections: 1, figures: { posts: { value, qualifier } } })

const caledonia = floorsOf(territoryOf('NC').population)

const values = (weeks: readonly LevelWeek[], floors = caledonia): readonly LevelValue[] =>
  levelsOf(weeks, floors).map(({ value }) => value)

const last = (weeks: readonly LevelWeek[], floors = caledonia): Level => levelsOf(weeks, floors).at(-1) as Level

const times = (count: number, one: LevelWeek): readonly LevelWeek[] => Array.from({ length: count }, () => one)

describe('the ordinary week', () => {
  test('100, then 3,000 posts over six weeks, stays 2', () => {
    expect(values([...times(20, posts(100)), ...times(6, posts(3_000))]).slice(-7)).toEqual([1, 2, 2, 2, 2, 2, 2])
  })

  test('a rise of 20 % a week over 25 weeks reaches 2', () => {
    const rising = Array.from({ length: 26 }, (_, at) => posts(Math.round(100 * 1.2 ** at)))
    expect(values(rising).slice(10)).toContain(2)
  })

  test('50,000 posts in the first watched week are 2, 800 are not', () => {
    expect([values([posts(50_000)]), values([posts(800)])]).toEqual([[2], [1]])
  })

  test('is none only in a week without detections: of a figure that none states, nothing is known', () => {
    const ordinaryOf = (one: LevelWeek) => last([...times(5, posts(50)), one, posts(3_000)]).tests[0]?.ordinary
    expect(ordinaryOf(week({ detections: 1 }))).toEqual(ordinaryOf({ ...week(), watch: { ...whole, isWhole: false } }))
    expect(ordinaryOf(week())).toMatchObject({ weeks: 6 })
  })

  test('of estimates is one', () => {
    const about = week({ detections: 1, figures: { posts: { value: 300, qualifier: 'about' } } })
    expect(last([...times(8, about), posts(310)]).tests[0]?.ordinary).toMatchObject({ isEstimate: true, weeks: 8 })
  })

  test('99 posts in Saint-Pierre-et-Miquelon are 2', () => {
    const small = floorsOf(territoryOf('PM').population)
    expect(last([...times(8, week()), posts(99)], small)).toMatchObject({
      value: 2,
      tests: [
        {
          figure: 'posts',
          total: { value: 99, qualifier: 'exact' },
          floor: 20,
          ordinary: { least: 0, most: 3, weeks: 8 },
          above: 'ordinary week',
        },
      ],
    })
  })

  test('weeks of level 2 are left out, and counted since the first that is compared', () => {
    const loud = posts(3_000)
    expect(last([...times(4, week()), loud, ...times(4, week()), loud, posts(400)]).tests).toMatchObject([
      { ordinary: { weeks: 8, isNone: true }, leftOut: 2, above: 'ordinary week' },
    ])
    const effects = times(
      10,
      week({ detections: 1, figures: { posts: { value: 900, qualifier: 'exact' } }, claim: claimed('reported') }),
    )
    const [test] = last([...effects, posts(9_000)]).tests
    expect(test).toMatchObject({ leftOut: 10, above: 'floor' })
    expect(test?.ordinary).toBeUndefined()
  })

  test('the number of records is not tested', () => {
    expect(last([...times(8, week()), week({ detections: 900 })]).value).toBe(1)
  })

  test('weeks of which nothing is known are left out', () => {
    const unwatched = week({}, { ...whole, isWatched: false, isWhole: false, isInterrupted: true })
    expect(last([...times(4, posts(100)), ...times(8, unwatched), posts(103)])).toMatchObject({
      value: 1,
      tests: [{ ordinary: { least: 97, most: 103, weeks: 4 } }],
    })
  })
})

describe('weeks whose figure is a minimum', () => {
  const partly = { ...whole, isWhole: false }
  const leaky = (value: number): LevelWeek => ({ ...posts(value), watch: partly })

  test('keep the qualifier of the figure, and lower it where the watch has a gap', () => {
    const totalIn = (one: LevelWeek) => last([...times(8, posts(60)), one]).tests[0]?.total
    expect(totalIn(posts(61, 'about'))).toEqual({ value: 61, qualifier: 'about' })
    expect(totalIn({ ...posts(61, 'about'), watch: partly })).toEqual({ value: 61, qualifier: 'at least about' })
  })

  test('widen the ordinary week, so that what they may have had is not unusual', () => {
    const weeks = [...times(5, posts(60)), ...times(3, leaky(60))]
    expect(last([...weeks, posts(500)]).tests).toMatchObject([
      { ordinary: { least: 57, most: 63, weeks: 8, minimums: 3 }, above: 'ordinary week' },
    ])
    const uneven = [posts(50), posts(60), posts(70), posts(80), ...times(3, leaky(60))]
    expect(last([...uneven, posts(110)])).toMatchObject({ value: 1, tests: [{ ordinary: { minimums: 3 } }] })
  })

  test('allow no comparison where they are half', () => {
    const weeks = [...times(4, posts(60)), ...times(4, leaky(60))]
    expect(last([...weeks, posts(700)])).toMatchObject({ value: 1 })
    expect(last([...weeks, posts(700)]).tests[0]?.ordinary).toBeUndefined()
    expect(last([...weeks, posts(9_000)]).tests).toMatchObject([{ above: 'floor' }])
  })

  test('whatever they really were, what is unusual stays so', () => {
    const weeks = fc.array(fc.record({ value: fc.nat(200), more: fc.option(fc.nat(2_000)) }), { maxLength: 14 })
    fc.assert(
      fc.property(weeks, fc.nat(3_000), (before, now) => {
        const known = before.map(({ value, more }) => (more === null ? posts(value) : leaky(value)))
        const real = before.map(({ value, more }) => posts(value + (more ?? 0)))
        const floors = { posts: 0, accounts: 0, videos: 0 }
        const [seen, truth] = [known, real].map((all) => testAlone([...all, posts(now)], floors))
        if (seen?.above === 'ordinary week') expect(now).toBeGreaterThan(truth?.ordinary?.most ?? 0)
      }),
    )
  })
})

/** Of the last week, with all weeks before it ordinary. */
const testAlone = (weeks: readonly LevelWeek[], floors: Parameters<typeof levelsOf>[1]) =>
  levelsOf(
    weeks.map((one) => ({ ...one, printed: { value: 1 } as const })),
    floors,
  ).at(-1)?.tests[0]

test('a week keeps the level that its own report printed', () => {
  const before = [...times(8, week()), posts(500)]
  expect(last([...before, posts(500)]).tests).toMatchObject([{ leftOut: 1 }])
  const printed = before.map((one) => ({ ...one, printed: { value: 1 } as const }))
  expect(last([...printed, posts(500)]).tests[0]?.leftOut).toBeUndefined()
})

describe('without a figure above the ordinary week', () => {
  const effect = (is: LevelEffect | undefined) =>
    last([week({ detections: 1, ...(is && { claim: claimed(is) }) })]).value

  test('the effect decides', () => {
    expect([effect('act'), effect('effect'), effect('reported'), effect(undefined)]).toEqual([4, 3, 2, 1])
  })

  test('nothing that counts is 0, interrupted or not watched', () => {
    const none = (watch: Partial<LevelWatch>) => last([week({}, { ...whole, ...watch })])
    expect(none({})).toMatchObject({ value: 0 })
    expect(none({ isWhole: false })).toMatchObject({ value: 0, isAtLeast: true })
    expect(none({ isWhole: false, isInterrupted: true })).toMatchObject({ value: 'interrupted' })
    expect(none({ isWhole: false, isInterrupted: true, isWatched: false })).toMatchObject({ value: 'not watched' })
  })
})

test('a public edition is compared with no week, and is at least its level', () => {
  expect(publicLevel(posts(50_000))).toMatchObject({ value: 1, isAtLeast: true, tests: [] })
  expect(publicLevel(week({ claim: claimed('reported') }))).toMatchObject({ value: 2, isAtLeast: true })
})

test('a public edition states neither a gap nor a missing watch', () => {
  const unwatched = week({}, { ...whole, isWhole: false, isInterrupted: true, isWatched: false })
  expect(publicLevel(unwatched)).toMatchObject({ value: 0, isAtLeast: true })
})

describe('a longer period', () => {
  const monthOf = (own: LevelWeek, weeks: readonly LevelWeek[]) =>
    longerLevel(
      levelAlone(own),
      levelsOf(weeks, caledonia).map((level, at) => ({ level, period: `2024-W${20 + at}`, posts: zero })),
    )

  test('has the highest level of its weeks, and the number of weeks at each', () => {
    expect(monthOf(week(), [week(), posts(5_000), week({ detections: 1 }), week()])).toMatchObject({
      value: 2,
      weeks: {
        gravest: '2024-W21',
        counts: [
          { value: 2, count: 1 },
          { value: 1, count: 1 },
          { value: 0, count: 2 },
        ],
      },
    })
  })

  test('counts what is known to the month alone', () => {
    expect(monthOf(week({ detections: 1 }), [week(), week()])).toMatchObject({ value: 1 })
  })

  test('is at least its level where the watch of a week was interrupted, with the inputs of all', () => {
    const inputs = (arrived: number) => ({ ...whole, inputs: { arrived, expected: 7 } })
    const silent = { ...inputs(0), isWhole: false, isInterrupted: true }
    expect(monthOf(week(), [week({}, inputs(7)), week({}, silent)])).toMatchObject({
      ...{ value: 0, isAtLeast: true, isWhole: false, inputs: { arrived: 7, expected: 14 } },
    })
  })
})

describe('the effects of a manoeuvre', () => {
  const basisOf = (...all: readonly Partial<DetectionInput>[]): LevelBasis =>
    countedWeek(all.map((one, at) => detectionAsOf({ id: `d${at}`, ...one })))
  const effectOf = (...all: readonly Partial<DetectionInput>[]) => basisOf(...all).claim?.is
  const act = { state: 'observed', degree: 'act', text: 'A depot was blocked', source: 'Prefecture' } as const
  const confirmed = { by: 'A. Martin', on: '2024-05-16' }

  test('one source alone is not confirmed', () => {
    expect(effectOf({ observedEffect: act })).toBe('reported')
  })

  test('two independent sources, or an analyst, confirm it', () => {
    const second = { id: 'd1', partOf: 'd0', detector: 'Balise', observedEffect: { ...act, source: 'Radio' } }
    expect(effectOf({ observedEffect: act }, second)).toBe('act')
    expect(effectOf({ observedEffect: act }, { ...second, detector: 'D3lta' })).toBe('reported')
    expect(effectOf({ observedEffect: act }, { ...second, observedEffect: act })).toBe('reported')
    // Another spelling is no other source, and no other detector.
    const again = { ...second, observedEffect: { ...act, source: 'PREFECTURE ' } }
    expect(effectOf({ observedEffect: act }, again)).toBe('reported')
    expect(effectOf({ observedEffect: act }, { ...second, detector: 'd3LTA' })).toBe('reported')
    expect(effectOf({ observedEffect: { ...act, confirmed } })).toBe('act')
  })

  test('a doubtful grade or missing evidence leaves it reported', () => {
    expect(effectOf({ observedEffect: { ...act, confirmed }, reliability: 'E' })).toBe('reported')
    expect(effectOf({ observedEffect: { ...act, confirmed }, credibility: 6 })).toBe('reported')
    expect(effectOf({ observedEffect: { state: 'observed', confirmed } })).toBe('reported')
  })

  test('a breakout counts where others amplified it or a decision followed', () => {
    const breakout = (basis?: 'amplified' | 'debunked' | 'answered' | 'decided' | 'violence') =>
      effectOf({ breakout: { category: 5, evidence: 'A radio repeated it', confirmed, ...(basis && { basis }) } })
    expect([breakout('amplified'), breakout('decided')]).toEqual(['effect', 'effect'])
    expect([breakout('debunked'), breakout('answered'), breakout('violence')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(breakout()).toBe('reported')
  })

  test('a territory named only through a group has confirmed effects only', () => {
    const territories = ['overseas']
    expect(effectOf({ observedEffect: act, territories })).toBeUndefined()
    expect(effectOf({ observedEffect: { ...act, confirmed }, territories })).toBe('act')
  })

  test('the claim that decided is kept: the confirmed one, else the gravest', () => {
    const claimOf = (...all: readonly Partial<DetectionInput>[]) => basisOf(...all).claim
    const echo = { state: 'observed', degree: 'media', text: 'A radio repeated it', source: 'A blog' } as const
    const whole = { observedEffect: { ...echo, source: 'Press' } }
    const part = (observedEffect: DetectionInput['observedEffect']) => ({ id: 'd1', partOf: 'd0', observedEffect })
    expect(claimOf(whole, part(act))).toEqual({
      is: 'reported',
      id: 'd1',
      field: 'effect',
      degree: 'act',
      source: 'Prefecture',
    })
    expect(claimOf({ observedEffect: act }, part({ ...echo, confirmed }))).toEqual({
      ...{ is: 'effect', id: 'd1', field: 'effect', degree: 'media', source: 'A blog' },
    })
    // Of another manoeuvre.
    expect(claimOf({ observedEffect: echo }, { id: 'd1', observedEffect: { ...act, confirmed } })?.id).toBe('d1')
    // An act that is not confirmed supports that there was an effect, and is not printed as the confirmed one.
    const second = { ...part(echo), detector: 'Balise' }
    expect(claimOf({ observedEffect: act }, second)).toMatchObject({ is: 'effect', id: 'd1', degree: 'media' })
    const breakout = { category: 5, basis: 'amplified', evidence: 'A radio repeated it', confirmed } as const
    expect(claimOf({ breakout })).toEqual({ is: 'effect', id: 'd0', field: 'breakout', category: 5 })
  })

  test('a territory named only through a group has no figure of its own', () => {
    const only = { territories: [{ code: 'NC' as const, method: 'group' as const }], counts: { posts: 9_000 } }
    expect(basisOf(only).figures).toEqual({})
  })

  test('figures of several territories are not those of one, but a part is', () => {
    const joint = { territories: ['NC', 'PF'], counts: { posts: 9_000 } }
    expect(basisOf(joint).figures).toEqual({})
    expect(basisOf(joint, { id: 'd1', partOf: 'd0', counts: { posts: 70 } }).figures).toEqual({
      posts: { value: 70, qualifier: 'exact' },
    })
  })
})

const countedWeek = (all: readonly DetectionAsOf[]): LevelBasis => {
  const counter = createCounter({
    ...{ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER', members: ['NC'] },
  })
  for (const one of all) counter.add(one)
  return counter.tally().level as LevelBasis
}

const rankOf = (basis: LevelBasis): number => {
  const { value } = last([...times(8, week()), week(basis)])
  return typeof value === 'number' ? value : -1
}

describe('within one week', () => {
  const alone = detectionsAsOf.map((all) =>
    all.map((one, at) => ({
      ...one,
      // The sum of detections that overlap is a floor, which a further one may lower (docs/reports.md, Level).
      detection: {
        ...one.detection,
        partOf: undefined,
        campaign: undefined,
        fingerprints: [],
        indicators: [],
        id: `d${at}`,
        territories: [{ code: 'NC' as const, method: 'explicit' as const }],
      },
    })),
  )

  test('a further detection never lowers the level', () => {
    fc.assert(
      fc.property(alone, (all) => {
        expect(rankOf(countedWeek(all))).toBeGreaterThanOrEqual(rankOf(countedWeek(all.slice(1))))
      }),
    )
  })

  test('a hidden detection changes nothing', () => {
    fc.assert(
      fc.property(alone, (all) => {
        const hidden = all.map((one, at) =>
          at % 2 ? one : { ...one, detection: { ...one.detection, marking: 'TLP:RED' as const } },
        )
        expect(countedWeek(hidden)).toEqual(countedWeek(hidden.filter((_, at) => at % 2 === 1)))
      }),
    )
  })
})

test('a longer period has each of its weeks, with what its conclusion needs', () => {
  const levels = levelsOf([...times(8, week()), posts(500), week()], caledonia).map((level, at) => ({
    level,
    period: `2024-W${String(10 + at)}`,
    posts: zero,
  }))
  const { weeks } = longerLevel(levelAlone(week()), levels.slice(-2))
  expect(weeks?.each).toEqual([
    { period: '2024-W18', value: 2, detections: 1, posts: zero, reading: 'unusual' },
    { period: '2024-W19', value: 0, detections: 0, posts: zero, reading: 'unknown' },
  ])
})

test.each([
  ['act', 4],
  ['media', 3],
] as const)('a manoeuvre with a confirmed effect has its level: %s', (degree, level) => {
  const stated = { observedEffect: { state: 'observed', degree, text: { en: 'It was so.' } } } as const
  const levelOf = (input: Partial<DetectionInput>) => {
    const counter = createCounter({ period: parsePeriod('2024-W20'), zone: 'Pacific/Noumea', cap: 'TLP:AMBER' })
    counter.add(detectionAsOf({ observed: { from: '2024-05-15' }, ...input }))
    return counter.tally().manoeuvres[0]?.level
  }
  const confirmed = { by: 'C. Morel', on: '2024-05-20' }
  expect(levelOf({ observedEffect: { ...stated.observedEffect, confirmed } })).toBe(level)
  expect(levelOf(stated)).toBeUndefined()
})
