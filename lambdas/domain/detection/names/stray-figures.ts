/** Finds figures that contradict their record. */

import { fault, faultAt, quoted } from '../../core/fault.ts'
import { maximum, minimum } from '../../core/lists.ts'
import { territories, territoryOf } from '../../core/place/territory.ts'
import type { Refusal } from '../../core/schema-fault.ts'
import { firstDayIn, lastDayIn } from '../../core/time/observed.ts'
import { boundsIn } from '../../core/time/period.ts'
import type { Detection } from '../detection.ts'

/** Platform names must already be normalised. */
export const strayFigureIn = (detection: Detection): Refusal | undefined =>
  strayPlatformIn(detection) ?? strayDayIn(detection) ?? strayIntervalIn(detection) ?? outOfWhole(detection)

const strayPlatformIn = ({ counts, platforms }: Detection): Refusal | undefined => {
  const named = new Set(platforms.map((platform) => platform.toLowerCase()))
  if (!counts.byPlatform || named.size === 0) return undefined
  const at = counts.byPlatform.findIndex(({ platform }) => !named.has(platform.toLowerCase()))
  const stray = counts.byPlatform[at]
  return (
    stray &&
    faultAt(
      `counts.byPlatform[${at}].platform`,
      fault('stray.platform', { platform: quoted(stray.platform), platforms: platforms.join(', ') }),
    )
  )
}

const strayDayIn = (detection: Detection): Refusal | undefined => {
  const { byDay } = detection.counts
  if (!byDay) return undefined
  const { first, last } = daysOf(detection)
  const at = byDay.findIndex(({ day }) => day < first || day > last)
  const stray = byDay[at]
  return stray && faultAt(`counts.byDay[${at}].day`, fault('stray.day', { day: stray.day, first, last }))
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
    stray &&
    faultAt(
      `counts.byInterval[${at}].from`,
      fault('stray.interval', { from: stray.from, first: detection.observed.from, last: detection.observed.to }),
    )
  )
}

/** Interval figures need a total and cannot exceed it. */
const outOfWhole = ({ counts: { byInterval = [], posts } }: Detection): Refusal | undefined => {
  if (byInterval.length > 0 && !posts) {
    return faultAt('counts.posts', fault('stray.noWhole'))
  }
  const sum = byInterval.reduce((total, one) => total + one.posts.value, 0)
  if (posts?.qualifier !== 'exact' || sum <= posts.value) return undefined
  return faultAt('counts.byInterval', fault('stray.moreThanWhole', { sum, posts: posts.value }))
}

/** Over all its territories; days and months are whole. */
const instantsOf = (detection: Detection): { readonly from: number; readonly to: number } => {
  const { from, to, precision } = detection.observed
  if (precision === 'instant') return { from: Date.parse(from), to: Date.parse(to) }
  const bounds = zonesOf(detection).map((zone) =>
    boundsIn({ first: firstDayIn(detection.observed, zone), last: lastDayIn(detection.observed, zone) }, zone),
  )
  return { from: minimum(bounds.map((one) => one.from)), to: maximum(bounds.map((one) => one.to)) - 1 }
}

/** All zones if it has no territory yet. */
const zonesOf = ({ territories: places }: Pick<Detection, 'territories'>): readonly string[] =>
  places.length > 0 ? places.map(({ code }) => territoryOf(code).zone) : territories.map(({ zone }) => zone)

const daysOf = ({ observed, territories: places }: Detection) => {
  const zones = zonesOf({ territories: places })
  const inAll = (dayOf: typeof firstDayIn) => zones.map((zone) => dayOf(observed, zone)).sort()
  return { first: inAll(firstDayIn).at(0) ?? '', last: inAll(lastDayIn).at(-1) ?? '' }
}
