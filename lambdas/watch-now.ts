/** The watch as it is known now, whether or not there is a report on it. */
import type { Watched } from './domain/page-watch.ts'
import { boundsIn, daysOf, type Period } from './domain/period.ts'
import { type TerritoryCode, territoryOf } from './domain/territory.ts'
import { watchOf } from './domain/watch.ts'
import type { Services } from './services.ts'

/** How each source was watched in a territory's period, as it is known now. */
export const watchNow = async (
  territory: TerritoryCode,
  of: Period,
  { sources, clock }: Pick<Services, 'sources' | 'clock'>,
): Promise<Watched> => {
  const { zone } = territoryOf(territory)
  const bounds = boundsIn(of, zone)
  const dates = daysOf(of)
  const asOf = clock().toISOString()
  const [from, to] = [new Date(bounds.from).toISOString(), new Date(bounds.to).toISOString()]
  const known = await sources.asOf(asOf, from)
  return {
    asOf,
    period: { from, to },
    days: dates.map((date) => ({ date })),
    sources: known.map(({ inputs, ...source }) => ({
      ...source,
      watch: watchOf(inputs, source.expectedRhythm, { bounds, dates, zone }, asOf),
    })),
  }
}
