/**
 * Figures that a record's own words speak against: of a time at which it observed nothing, of a platform that it leaves
 * out, of parts that come to more than their whole.
 */

import { maximum, minimum } from '../../core/lists.ts'
import { territories, territoryOf } from '../../core/place/territory.ts'
import { firstDayIn, lastDayIn } from '../../core/time/observed.ts'
import { boundsIn } from '../../core/time/period.ts'
import type { Detection, Refusal } from '../detection.ts'

/** The first such figure. Names of platforms compare as the alias table has them, so ask after it was applied. */
export const strayFigureIn = (detection: Detection): Refusal | undefined =>
  strayPlatformIn(detection) ?? strayDayIn(detection) ?? strayIntervalIn(detection) ?? outOfWhole(detection)

const strayPlatformIn = ({ counts, platforms }: Detection): Refusal | undefined => {
  const named = new Set(platforms.map((platform) => platform.toLowerCase()))
  // A record that names no platform leaves them to its figures.
  if (!counts.byPlatform || named.size === 0) return undefined
  const at = counts.byPlatform.findIndex(({ platform }) => !named.has(platform.toLowerCase()))
  const stray = counts.byPlatform[at]
  return (
    stray && {
      path: `counts.byPlatform[${at}].platform`,
      message: `${JSON.stringify(stray.platform)} is not among the record's platforms (${platforms.join(', ')}): add it there, or take its figures out`,
    }
  )
}

const strayDayIn = (detection: Detection): Refusal | undefined => {
  const { byDay } = detection.counts
  if (!byDay) return undefined
  const { first, last } = daysOf(detection)
  const at = byDay.findIndex(({ day }) => day < first || day > last)
  const stray = byDay[at]
  return (
    stray && {
      path: `counts.byDay[${at}].day`,
      message: `${stray.day} lies outside what was observed (${first} to ${last}): correct the day, or observed`,
    }
  )
}

const strayIntervalIn = (detection: Detection): Refusal | undefined => {
  const { byInterval } = detection.counts
  if (!byInterval) return undefined
  const { from, to } = instantsOf(detection)
  const at = byInterval.findIndex((one) => {
    const start = Date.parse(one.from)
    return start > to || start + one.minutes * 60_000 <= from
  })
  const stray = byInterval[at]
  return (
    stray && {
      path: `counts.byInterval[${at}].from`,
      message: `${stray.from} lies outside what was observed (${detection.observed.from} to ${detection.observed.to}): correct the interval, or observed`,
    }
  )
}

/** They refine the whole, so that there must be one, and they cannot be more than it. */
const outOfWhole = ({ counts: { byInterval = [], posts } }: Detection): Refusal | undefined => {
  if (byInterval.length > 0 && !posts) {
    return {
      path: 'counts.posts',
      message:
        'is missing: byInterval refines it and counts nowhere by itself; where it is not whole say {"value": …, "qualifier": "at least"}',
    }
  }
  const sum = byInterval.reduce((total, one) => total + one.posts.value, 0)
  if (posts?.qualifier !== 'exact' || sum <= posts.value) return undefined
  return {
    path: 'counts.byInterval',
    message: `its rows come to ${sum} posts, and the detection has ${posts.value} exactly: correct one of them, or say "at least"`,
  }
}

/** The first and last instant of the observation in any of its territories; days and months are whole. */
const instantsOf = (detection: Detection): { readonly from: number; readonly to: number } => {
  const { from, to, precision } = detection.observed
  if (precision === 'instant') return { from: Date.parse(from), to: Date.parse(to) }
  const bounds = zonesOf(detection).map((zone) =>
    boundsIn({ first: firstDayIn(detection.observed, zone), last: lastDayIn(detection.observed, zone) }, zone),
  )
  return { from: minimum(bounds.map((one) => one.from)), to: maximum(bounds.map((one) => one.to)) - 1 }
}

/** Those of its territories, or of all that there are where it has none yet. */
const zonesOf = ({ territories: places }: Pick<Detection, 'territories'>): readonly string[] =>
  places.length > 0 ? places.map(({ code }) => territoryOf(code).zone) : territories.map(({ zone }) => zone)

/**
 * The first and last day of the observation in any of its territories, or in any that there is where it has none yet.
 */
const daysOf = ({ observed, territories: places }: Detection) => {
  const zones = zonesOf({ territories: places })
  const inAll = (dayOf: typeof firstDayIn) => zones.map((zone) => dayOf(observed, zone)).sort()
  return { first: inAll(firstDayIn).at(0) ?? '', last: inAll(lastDayIn).at(-1) ?? '' }
}
