import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  byTime,
  type CountedDetection,
  countedDetection,
  sharedValues,
} from '../../../../lambdas/domain/aggregate/counting/counted-detection.ts'
import { countedRows } from '../../../../lambdas/domain/aggregate/counting/counted-rows.ts'
import { idTable } from '../../../../lambdas/domain/core/columns.ts'
import { localInterval } from '../../../../lambdas/domain/core/time/observed.ts'
import { detectionsAsOf } from '../../../support/detections.ts'

const zone = 'Pacific/Noumea'

const plain = (one: CountedDetection) => {
  const { id, revision, partOf, fit, from, day, lastDay, kind, detector, campaign, prints, span, territories } = one
  const { platforms, hashtags, narratives, languages, techniques, counts, posts, refs, effect, attributed } = one
  const { setSize, marking, parts } = one
  return {
    ...{ id, revision, partOf, fit, from, day, lastDay, kind, detector, campaign, prints, span, territories },
    ...{ platforms, hashtags, narratives, languages, techniques, counts, posts, refs, effect, attributed },
    ...{ setSize, marking, parts },
  }
}

test('rows say what was put in, the last of each id, by time', () => {
  fc.assert(
    fc.property(detectionsAsOf, fc.array(fc.nat()), fc.array(fc.nat()), (found, again, gone) => {
      const ids = idTable()
      ids.number('of another holder')
      const rows = countedRows(ids)
      const sharing = sharedValues()
      const expected = new Map<string, CountedDetection>()
      const set = (at: number): void => {
        const one = found[at % found.length]
        if (!one) return
        const interval = localInterval(one.detection.observed, zone)
        const counted = { ...countedDetection(one, interval, 'counted', zone, sharing), revision: one.revision + at }
        expected.set(counted.id, counted)
        rows.set(counted)
      }
      for (const at of found.keys()) set(at)
      for (const at of again) set(at)
      for (const at of gone) {
        const id = found[at % found.length]?.detection.id ?? 'none'
        expected.delete(id)
        rows.delete(id)
      }
      const sorted = [...expected.values()].sort(byTime)
      expect([...rows.sorted()].map(plain)).toEqual(sorted.map(plain))
      expect([rows.size, rows.sorted().length]).toEqual([sorted.length, sorted.length])
      expect(new Set([...rows.all()].map(({ id }) => id))).toEqual(new Set(expected.keys()))
      for (const one of sorted) expect(plain(rows.get(one.id) as CountedDetection)).toEqual(plain(one))
      expect(rows.get('of another holder')).toBeUndefined()
    }),
  )
})
