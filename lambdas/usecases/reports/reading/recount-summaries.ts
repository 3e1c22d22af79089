/** Compares every valid summary with a full count of its period. */
import { isDeepStrictEqual } from 'node:util'
import { subjects } from '../../../domain/core/place/territory.ts'
import { type Edition, editionPrefix } from '../../../domain/report/manifest.ts'
import type { Services } from '../../services.ts'
import { keptSummary, summarise } from './count-periods.ts'

type Recount = {
  /** Without invalid summaries, since no report uses them. */
  readonly compared: number
  /** Editions whose wrong summary was removed; the next report counts again. */
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
      if (!isDeepStrictEqual(kept, await keptSummary(edition, asOf, services))) continue
      compared += 1
      if (isDeepStrictEqual(kept, JSON.parse(JSON.stringify(counted)))) continue
      await services.summaries.drop(edition)
      wrong.push(edition)
    }
  }
  return { compared, wrong }
}

export const summaryName = (edition: Edition): string =>
  `summary of ${editionPrefix(edition).replace(/^reports\/|\/$/g, '')}`
