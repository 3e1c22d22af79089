import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordingOf } from '../../../../lambdas/domain/core/language/report-wording.ts'
import { territoryOf } from '../../../../lambdas/domain/core/place/territory.ts'
import type { DetectionInput } from '../../../../lambdas/domain/detection/detection.ts'
import { rhythmOf } from '../../../../lambdas/domain/page/manoeuvre/rhythm.ts'
import { type Entry, entryOf } from '../../../../lambdas/domain/report/facts.ts'
import { detectionAsOf } from '../../../support/detections.ts'

const noumea = territoryOf('NC')
const english = wordingOf('en')
const french = wordingOf('fr')

const entry = (said: Partial<DetectionInput>, parts: readonly Entry[] = []): Entry =>
  entryOf(detectionAsOf(said), 'TLP:RED', parts)

/** Invented hours of the 15th in Nouméa, from noon on, with a real sum. */
const split = [30, 60, 110, 190, 520, 830, 910, 640, 560, 590, 470, 277]
const hours = split.map((posts, at) => ({ from: `2024-05-15T${12 + at}:00:00+11:00`, minutes: 60 as const, posts }))

const baku = {
  zone: 'Asia/Baku',
  place: { fr: 'Bakou', en: 'Baku' },
  by: 'Watch unit',
  holidays: { calendar: 'Azerbaijan', days: [{ day: '2024-05-15', name: 'A feast' }] },
}
const { holidays: _, ...plainBaku } = baku

const onX = (said: Partial<DetectionInput> = {}): Partial<DetectionInput> => ({
  id: 'x',
  title: { en: 'Copies on X', fr: 'Copies sur X' },
  counts: { posts: 5187, byInterval: hours },
  ...said,
})

const all = (chart: ReturnType<typeof rhythmOf>) => [chart?.title, chart?.note, ...(chart?.paragraphs ?? [])].join(' ')

describe('the rhythm of a detection', () => {
  it('is not drawn by days alone, nor for fewer than ten posts', () => {
    expect(
      rhythmOf(entry({ counts: { posts: 12, byDay: [{ day: '2024-05-15', posts: 12 }] } }), noumea, english),
    ).toBeNull()
    const few = { posts: 9, byInterval: [{ from: '2024-05-15T03:00:00Z', minutes: 10 as const, posts: 9 }] }
    expect(rhythmOf(entry({ counts: few }), noumea, english)).toBeNull()
  })

  it('has one axis, and its highest step as title, without a supposed origin', () => {
    const chart = rhythmOf(entry(onX()), noumea, english)
    expect(chart).toMatchObject({
      title: 'At its height, 910 posts in one hour',
      axes: [
        {
          name: 'Nouméa',
          offset: 'UTC+11',
          ticks: [{ at: 0, written: '00:00' }, {}, {}, {}, {}, {}, {}, {}, { at: 100 }],
        },
      ],
      days: [{ at: 0, written: 'Wednesday 15\u00a0May' }],
      shades: [],
      unknown: [],
      bracket: null,
      mean: { value: 216, written: 'mean: 216', side: 'start' },
    })
    expect(all(chart)).toContain('4.2 times the mean')
    expect(all(chart)).toContain('5,187 posts have a time: that is the total.')
    expect(all(chart)).not.toMatch(/origin|office/)
  })

  it('tints the office hours of a supposed origin, as a hypothesis with its source', () => {
    const chart = rhythmOf(entry(onX({ supposedOrigin: plainBaku })), noumea, french)
    expect(chart?.title).toBe(
      '4\u202f797 sur 5\u202f187 messages datés tombent aux heures de bureau de l’origine supposée',
    )
    expect(chart?.axes.map(({ name, offset }) => `${name} ${offset}`)).toEqual([
      'Nouméa UTC+11',
      'Supposée\u00a0: Bakou UTC+4',
    ])
    // 9:00 in Baku is 16:00 in Nouméa; of the day before there is an hour left after midnight.
    expect(chart?.shades).toEqual([
      { kind: 'work', at: 0, width: 4.167 },
      { kind: 'work', at: 66.667, width: 33.333 },
    ])
    expect(all(chart)).toContain('C’est une hypothèse, non un constat\u202f; source\u00a0: Watch unit.')
    expect(all(chart)).toContain('non communiqués, donc non écartés')
  })

  it('tints holidays apart, with their posts', () => {
    const chart = rhythmOf(entry(onX({ supposedOrigin: baku })), noumea, english)
    expect(chart?.title).toBe('None of the dated posts (5,187) falls in office hours at the supposed origin')
    expect(chart?.shades.map(({ kind }) => kind)).toEqual(['work', 'holiday'])
    expect(all(chart)).toContain('Holiday on 15\u00a0May (“A feast”): 5,187 posts with a time.')
  })

  it('of a part shows that part alone, under a bracket with the posts of the whole', () => {
    const whole = entry(
      {
        id: 'w',
        observed: { from: '2024-05-15', to: '2024-05-16' },
        counts: { posts: { value: 5000, qualifier: 'at least' } },
      },
      [entry({ id: 'fb', counts: { posts: 145 } }), entry(onX())],
    )
    const chart = rhythmOf(whole, noumea, english)
    expect(chart).toMatchObject({
      bracket: { at: 0, width: 100, written: 'at least 5,000 posts over these days' },
      unknown: [{ at: 50, width: 50, written: 'hours n/a' }],
    })
    expect(chart?.note).toContain('Of the part “Copies on X” alone.')
    expect(chart?.note).toContain('Bracket: known for these days together, never split.')
  })

  it('has the title’s figure in other zones where the zone of the times is unknown', () => {
    const chart = rhythmOf(entry(onX({ timeZoneUnknown: true, supposedOrigin: plainBaku })), noumea, english)
    // In Baku the hours from 12:00 to 18:00 are office hours; in Paris, two hours behind, those from 12:00 to 16:00.
    expect(all(chart)).toContain(
      'Read as times of the supposed origin (Baku), 1,740 posts would fall in office hours; as times of Paris, 390 posts.',
    )
    expect(all(rhythmOf(entry(onX({ timeZoneUnknown: true })), noumea, english))).toContain(
      'In another zone the whole chart moves.',
    )
  })

  it('is drawn by hour where ten minutes would be too many, with the highest ten minutes named', () => {
    const byInterval = [
      { from: '2024-05-13T00:00:00Z', minutes: 10 as const, posts: 4 },
      { from: '2024-05-13T00:10:00Z', minutes: 10 as const, posts: 6 },
      { from: '2024-05-18T00:00:00Z', minutes: 10 as const, posts: 5 },
    ]
    const observed = { from: '2024-05-13', to: '2024-05-18' }
    const chart = rhythmOf(entry({ observed, counts: { posts: 15, byInterval } }), noumea, english)
    expect(chart?.bars.map(({ posts }) => posts)).toEqual([10, 5])
    expect(chart?.top.written).toBe('6 posts in ten minutes')
    expect(chart?.days).toEqual([])
    expect(chart?.axes[0]?.ticks.map(({ written }) => written)).toEqual(['13\u00a0May', '14', '15', '16', '17', '18'])
  })

  it('keeps each post and stays within its frame', () => {
    const starts = fc.uniqueArray(fc.record({ at: fc.integer({ min: 0, max: 1_007 }), posts: fc.nat(500) }), {
      selector: ({ at }) => at,
      minLength: 1,
      maxLength: 60,
    })
    fc.assert(
      fc.property(
        starts,
        fc.constantFrom(10 as const, 60 as const),
        fc.constantFrom('NC', 'COR', 'MQ'),
        (rows, minutes, code) => {
          const byInterval = rows.map(({ at, posts }) => ({
            from: new Date(Date.UTC(2024, 2, 20) + at * minutes * 60_000).toISOString(),
            ...{ minutes, posts },
          }))
          const sum = rows.reduce((total, { posts }) => total + posts, 0)
          const said = {
            territories: [code],
            observed: { from: '2024-03', to: '2024-05' },
            counts: { posts: sum, byInterval },
          }
          const chart = rhythmOf(entry({ ...said, supposedOrigin: plainBaku }), territoryOf(code as 'NC'), french)
          if (sum < 10) {
            expect(chart).toBeNull()
            return
          }
          expect(chart?.bars.reduce((total, { posts }) => total + posts, 0)).toBe(sum)
          for (const { at, width } of [...(chart?.bars ?? []), ...(chart?.shades ?? [])]) {
            expect(at).toBeGreaterThanOrEqual(0)
            expect(at + width).toBeLessThanOrEqual(100.01)
          }
        },
      ),
      { numRuns: 100 },
    )
  })
})
