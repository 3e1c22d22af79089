/** Figures that a record's own words speak against: of a day on which it observed nothing, of a platform that it leaves out. */

import { dayIn } from '../core/period.ts'
import { territories, territoryOf } from '../core/territory.ts'
import type { Detection, Refusal } from './detection.ts'

/** The first such figure. Names of platforms compare as the alias table has them, so ask after it was applied. */
export const strayFigureIn = (detection: Detection): Refusal | undefined =>
  strayPlatformIn(detection) ?? strayDayIn(detection)

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

/** The first and last day of the observation in any of its territories, or in any that there is where it has none yet. */
const daysOf = ({ observed, territories: places }: Detection) => {
  const { from, to, precision } = observed
  if (precision === 'day') return { first: from, last: to }
  // Days compare as texts, and no month has a later one than 31.
  if (precision === 'month') return { first: `${from}-01`, last: `${to}-31` }
  const zones =
    places.length > 0 ? places.map(({ code }) => territoryOf(code).zone) : territories.map(({ zone }) => zone)
  const daysAt = (instant: string) => zones.map((zone) => dayIn(Date.parse(instant), zone)).sort()
  return { first: daysAt(from).at(0) ?? '', last: daysAt(to).at(-1) ?? '' }
}
