import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { campaignKey } from '../../../lambdas/domain/aggregate/counting/threads.ts'
import { summaryOf } from '../../../lambdas/domain/aggregate/period-summary.ts'
import { type SinceContext, sinceBefore, type ThreadsBefore } from '../../../lambdas/domain/aggregate/since.ts'
import { createCounter, type DetectionAsOf } from '../../../lambdas/domain/aggregate/tally.ts'
import { parsePeriod, periodsBefore } from '../../../lambdas/domain/core/time/period.ts'
import type { DetectionInput } from '../../../lambdas/domain/detection/detection.ts'
import { detectionAsOf, detectionsAsOf } from '../../support/detections.ts'

const week = parsePeriod('2024-W20')
const weeks = periodsBefore(week, 8)

const counted = (period: typeof week, all: readonly DetectionAsOf[]) => {
  const counter = createCounter({ period, zone: 'Pacific/Noumea', cap: 'TLP:RED' })
  for (const one of all) counter.add(one)
  const wholes = new Map(all.map(({ detection: { id, partOf, marking } }) => [id, { partOf, marking }]))
  return { tally: counter.tally({ wholes }), wholes }
}

const threadsIn = (period: typeof week, all: readonly DetectionAsOf[]) => counted(period, all).tally.threads

/** As a later report reads it. */
const summaryThreads = (period: typeof week, all: readonly DetectionAsOf[]) => {
  const { tally, wholes } = counted(period, all)
  return summaryOf(tally, [], wholes).threads
}

const beforeOf = (all: readonly DetectionAsOf[], notes: Readonly<Record<string, readonly string[]>> = {}) =>
  weeks.map((period): ThreadsBefore => ({
    period: period.id,
    threads: summaryThreads(period, all),
    ended: (notes[period.id] ?? []).map((name) => ({ key: campaignKey(name), marking: 'TLP:GREEN' as const })),
  }))

const watched: SinceContext = { ended: [], whollyWatched: () => 'TLP:CLEAR' }
const unwatched: SinceContext = { ended: [], whollyWatched: () => undefined }

const since = (all: readonly DetectionAsOf[], context = watched, notes = {}) =>
  sinceBefore(threadsIn(week, all), beforeOf(all, notes), context)

/** A detection of a week, by default of campaign BIG. */
const inWeek = (id: string, number: number, input: Partial<DetectionInput> = {}): DetectionAsOf => {
  const first = [...weeks, week].find((one) => one.id === `2024-W${number}`)?.first ?? ''
  return detectionAsOf({ id, campaign: 'BIG', observed: { from: first }, ...input })
}

const names = (rows: readonly { readonly campaign?: string; readonly lead: { readonly id: string } }[]) =>
  rows.map(({ campaign, lead }) => campaign ?? lead.id)

describe('since the last report', () => {
  test('a campaign of the eight weeks before continues, in any spelling; any other is new', () => {
    expect(names(since([inWeek('a', 20)]).added)).toEqual(['BIG'])
    const again = since([inWeek('a', 20), inWeek('b', 12, { campaign: ' big ' })])
    expect([again.added, names(again.goesOn), again.goesOn[0]?.last]).toEqual([[], ['BIG'], '2024-W12'])
    const older = detectionAsOf({ id: 'b', campaign: 'BIG', observed: { from: '2024-03-17' } })
    expect(names(since([inWeek('a', 20), older]).added)).toEqual(['BIG'])
  })

  test('parts of one whole are one thing, in any weeks', () => {
    const lone = { campaign: undefined }
    const parts = [inWeek('p', 19, { ...lone, partOf: 'w' }), inWeek('q', 20, { ...lone, partOf: 'w' })]
    expect(names(since(parts).goesOn)).toEqual(['q'])
    expect(names(since([...parts, inWeek('w', 20, lone)]).goesOn)).toEqual(['w'])
    expect(
      since(parts.map((one) => ({ ...one, detection: { ...one.detection, partOf: undefined } }))).added,
    ).toHaveLength(1)
  })

  test('a campaign has ended after two wholly watched weeks at 0, and not after one, nor unwatched', () => {
    const asked: string[][] = []
    const context: SinceContext = {
      ended: [],
      whollyWatched: (detectors) => {
        asked.push([...detectors])
        return 'TLP:GREEN'
      },
    }
    const all = [inWeek('a', 18), inWeek('b', 17, { detector: 'CooRTweet' })]
    const { ended, silent } = since(all, context)
    expect(ended).toMatchObject([{ campaign: 'BIG', last: '2024-W18', marking: 'TLP:AMBER' }])
    expect(ended[0]).not.toHaveProperty('signed')
    expect([silent, asked]).toEqual([0, [['CooRTweet', 'D3lta']]])
    expect(since(all, unwatched)).toMatchObject({ ended: [], silent: 1, marking: 'TLP:AMBER' })
    expect(since([inWeek('a', 19)])).toMatchObject({ ended: [], silent: 1 })
  })

  test('a detection that may be of a week keeps its campaign from being new or ended', () => {
    const april = inWeek('m', 18, { observed: { from: '2024-04' } })
    expect(names(since([inWeek('a', 20), april]).goesOn)).toEqual(['BIG'])
    const may = inWeek('m', 20, { observed: { from: '2024-05' } })
    expect(since([inWeek('a', 13), may])).toMatchObject({ added: [], goesOn: [], ended: [], silent: 1 })
    // Seen for sure in no week, and in none now.
    expect(since([april])).toMatchObject({ added: [], goesOn: [], ended: [], silent: 0 })
  })

  test('an analyst ends a campaign, watched or not, and it is not listed again until it is seen', () => {
    const signed: SinceContext = { ...unwatched, ended: [{ key: campaignKey('big'), marking: 'TLP:AMBER+STRICT' }] }
    expect(since([inWeek('a', 19)], signed).ended).toMatchObject([{ signed: true, marking: 'TLP:AMBER+STRICT' }])
    expect(since([inWeek('a', 20), inWeek('b', 19)], signed)).toMatchObject({
      ended: [],
      goesOn: [{ campaign: 'BIG' }],
    })
    const listed = { '2024-W18': ['BIG'] }
    expect(since([inWeek('a', 16)], watched, listed)).toMatchObject({ ended: [], silent: 0, marking: 'TLP:AMBER' })
    expect(since([inWeek('a', 17), inWeek('b', 19)], unwatched, listed)).toMatchObject({ silent: 1 })
    expect(since([inWeek('b', 18)], watched, { '2024-W17': ['BIG'] }).ended).toHaveLength(1)
  })

  test('ended campaigns have those of an analyst first, then the last seen', () => {
    const all = [inWeek('a', 12), inWeek('b', 18, { campaign: 'RRN' }), inWeek('c', 15, { campaign: 'Matriochka' })]
    expect(names(since(all).ended)).toEqual(['RRN', 'Matriochka', 'BIG'])
    const signed = { ...watched, ended: [{ key: campaignKey('BIG'), marking: 'TLP:GREEN' as const }] }
    expect(names(since(all, signed).ended)).toEqual(['BIG', 'RRN', 'Matriochka'])
  })

  test('the numbers include all of many campaigns, and none that was seen is new', () => {
    const many = Array.from({ length: 200 }, (_, at) => inWeek(`l${at}`, 18, { campaign: undefined }))
    const again = Array.from({ length: 5 }, (_, at) =>
      inWeek(`l${at}`, 18, { campaign: undefined, counts: { posts: 0 } }),
    )
    const here = again.map(({ detection: { id } }) => inWeek(`p-${id}`, 20, { campaign: undefined, partOf: id }))
    const summaries = (all: readonly DetectionAsOf[]) =>
      beforeOf(all).map(({ threads, ...one }) => ({ ...one, threads: JSON.parse(JSON.stringify(threads)) }))
    const all = [...many, ...here]
    const { added, goesOn, ended, silent } = sinceBefore(threadsIn(week, all), summaries(all), watched)
    expect([added, goesOn, ended].map(({ length }) => length)).toEqual([0, 5, 195])
    expect(silent).toBe(0)
    expect(sinceBefore(threadsIn(week, all), summaries(all), unwatched).silent).toBe(195)
  })

  test('each campaign is in one list, with all manoeuvres, in any order of input', () => {
    fc.assert(
      fc.property(detectionsAsOf, fc.boolean(), (all, isWatched) => {
        const month = parsePeriod('2024-05')
        const sinceIn = (some: readonly DetectionAsOf[]) => {
          const before = periodsBefore(month, 8).map((one) => ({
            ...{ period: one.id, threads: threadsIn(one, some), ended: [] },
          }))
          return sinceBefore(threadsIn(month, some), before, isWatched ? watched : unwatched)
        }
        const found = sinceIn(all)
        expect(sinceIn(all.toReversed())).toEqual(found)
        const sum = [...found.added, ...found.goesOn].reduce((count, { manoeuvres }) => count + manoeuvres, 0)
        expect(sum).toBe(counted(month, all).tally.totals.manoeuvres)
        if (!isWatched) expect(found.ended).toEqual([])
      }),
    )
  })
})
