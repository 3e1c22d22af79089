import { firstDayIn, type Observed } from '../../core/time/observed.ts'

/**
 * Counts shown days on one clock, so that equal days have equal lags.
 * @param earliest the first by {@link byShownDay} on that clock
 */
export const daysFrom = (earliest: Observed, here: Observed, zone: string): number =>
  (Date.parse(firstDayIn(here, zone)) - Date.parse(firstDayIn(earliest, zone))) / 86_400_000

/** `at`: start in milliseconds UTC. */
export type Sighting = { readonly observed: Observed; readonly at: number }

/** Orders by shown day, then instant, so that shown days never decrease. */
export const byShownDay =
  (zone: string) =>
  (one: Sighting, other: Sighting): number => {
    const [day, next] = [firstDayIn(one.observed, zone), firstDayIn(other.observed, zone)]
    return day === next ? one.at - other.at : day < next ? -1 : 1
  }
