import type { Caller } from '../../../domain/access/caller.ts'
import { periodsCompared } from '../../../domain/aggregate/compare.ts'
import { sourceOf, visibleSources } from '../../../domain/aggregate/watch/watch.ts'
import { type TerritoryCode, territoryOf } from '../../../domain/core/place/territory.ts'
import { boundsIn, daysOf, type Period } from '../../../domain/core/time/period.ts'
import type { Watched } from '../../../domain/page/words/watch.ts'
import type { Services } from '../../services.ts'

export const sourceCoverage = async (
  territory: TerritoryCode,
  of: Period,
  { clearance: cap, territories: readable }: Pick<Caller, 'clearance' | 'territories'>,
  { sources, clock }: Pick<Services, 'sources' | 'clock'>,
): Promise<Watched> => {
  const { zone } = territoryOf(territory)
  const bounds = boundsIn(of, zone)
  const dates = daysOf(of)
  const asOf = clock().toISOString()
  const [from, to] = [new Date(bounds.from).toISOString(), new Date(bounds.to).toISOString()]
  // As far back as a weekly report reads: later records show whether a source was silent.
  const earlier = new Date(bounds.from - periodsCompared * 7 * 86_400_000).toISOString()
  const known = visibleSources(await sources.asOf(asOf, earlier, readable), { cap, territories: [territory], readable })
  return {
    asOf,
    period: { from, to },
    days: dates.map((date) => ({ date })),
    sources: known.map((source) => sourceOf(source, { bounds, dates, zone }, asOf)),
  }
}
