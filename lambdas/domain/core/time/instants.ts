/** Instants of clocks that are not always right. */

/** By how much clocks of one watch may differ, in milliseconds: what lies further ahead was written by a wrong one. */
export const clockSkewMs = 600_000

/** True for an ISO instant that lies further ahead of another than clocks differ. */
export const isFarAhead = (instant: string, now: string): boolean => Date.parse(instant) > Date.parse(now) + clockSkewMs

/**
 * True while a lease of so many milliseconds may still be held: its end is to come, and no further ahead than a lease
 * lasts. One that ends later was taken by a clock that was ahead, and may never be given back.
 */
export const isHeld = (leaseUntil: string, leaseMs: number, now: string): boolean =>
  leaseUntil > now && Date.parse(leaseUntil) <= Date.parse(now) + leaseMs + clockSkewMs
