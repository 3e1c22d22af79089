/** Holds every summary that a report would take against a full count of its period. */
import { isDeepStrictEqual } from 'node:util'
import { subjects } from '../../../domain/core/place/territory.ts'
import { type Edition, editionPrefix } from '../../../domain/report/manifest.ts'
import type { Services } from '../../services.ts'
import { keptSummary, summarise } from './read-period.ts'

type Recount = {
  /** Summaries that were compared; those that hold no more are passed over, since no report takes them. */
  readonly compared: number
  /** Editions whose summary said something else. It is taken out: the next report counts their period anew. */
  readonly wrong: readonly Edition[]
}

export const recountSummaries = async (services: Services): Promise<Recount> => {
  const wrong: Edition[] = []
  let compared = 0
  for (const { code } of subjects) {
    for (const edition of await Array.fromAsync(services.summaries.editions(code))) {
      const asOf = services.clock().toISOString()
      const kept = await keptSummary(edition, asOf, services)
      if (!kept) continue
      const counted = await summarise(edition, asOf, services)
      // What was stored in between changes both.
      if (!isDeepStrictEqual(kept, await keptSummary(edition, asOf, services))) continue
      compared += 1
      if (isDeepStrictEqual(kept, JSON.parse(JSON.stringify(counted)))) continue
      await services.summaries.drop(edition)
      wrong.push(edition)
    }
  }
  return { compared, wrong }
}

/** Where a summary belongs, as problems name it. */
export const summaryName = (edition: Edition): string =>
  `summary of ${editionPrefix(edition).replace(/^reports\/|\/$/g, '')}`
