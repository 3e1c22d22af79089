/** Facts of a campaign's dossier on detections, without a store. */
import { createCounter, type DetectionAsOf } from '../../lambdas/domain/aggregate/tally.ts'
import { subjectOf } from '../../lambdas/domain/core/place/territory.ts'
import { daysOf } from '../../lambdas/domain/core/time/period.ts'
import { type DossierFacts, dossierFacts, sinceDay } from '../../lambdas/domain/dossier/dossier.ts'
import { spanPeriod, stepsBetween } from '../../lambdas/domain/dossier/steps.ts'

const { members } = subjectOf('ALL')
const days = (month: string): ReadonlySet<string> => new Set(daysOf({ first: `${month}-01`, last: `${month}-28` }))

/** As the use case does it, without a store; only the months in `watched` were watched. */
export const dossierOn = (
  found: readonly DetectionAsOf[],
  { last = '2024-12-31', name = 'Alpha', isAlias = false, watched = [] as readonly string[] } = {},
): DossierFacts => {
  const first = sinceDay(found.map((one) => one.detection))
  const { unit, steps } = stepsBetween(first, last)
  const counted = (span: { readonly first: string; readonly last: string }) => {
    const counter = createCounter({ period: spanPeriod(span), zone: 'Europe/Paris', cap: 'TLP:RED', members })
    for (const one of found) counter.add(one)
    return counter.tally()
  }
  const whole = counted({ first, last })
  const bodies = new Map(found.map((one) => [one.detection.id, one.detection]))
  const bodiesOf = (some: Iterable<{ readonly id: string }>) => [...some].flatMap(({ id }) => bodies.get(id) ?? [])
  return dossierFacts({
    name,
    isAlias,
    counted: bodiesOf(whole.counted),
    undated: bodiesOf(whole.undatedHere),
    wholes: new Map(),
    unit,
    steps: steps.map((span) => {
      const tally = counted(span)
      const isWatched = watched.includes(span.name)
      return {
        span,
        tally,
        totals: tally.totals,
        isWhole: isWatched,
        watchedOf: () =>
          isWatched ? { marking: 'TLP:CLEAR' as const, days: days(span.name), isWhole: true } : undefined,
      }
    }),
    more: undefined,
    parts: { campaigns: new Map(), others: [], marking: 'TLP:CLEAR' },
  })
}
