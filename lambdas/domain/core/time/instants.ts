/** Largest accepted clock difference, in milliseconds. */
export const clockSkewMs = 600_000

export const isFarAhead = (instant: string, now: string): boolean => Date.parse(instant) > Date.parse(now) + clockSkewMs

/**
 * Checks whether a lease may still be held. One that ends too late was taken by a clock that was ahead, and might never
 * be released.
 */
export const isHeld = (leaseUntil: string, leaseMs: number, now: string): boolean =>
  leaseUntil > now && Date.parse(leaseUntil) <= Date.parse(now) + leaseMs + clockSkewMs
