/**
 * How long a house keeps the pictures of plates: whole days by universal time, counted from the day on which one was
 * added.
 */
import { Temporal } from 'temporal-polyfill'
import { fault, type Reason } from '../core/fault.ts'

/** When the look for them is due each day, by universal time: at an hour at which no territory's reports are. */
export const expiryTime = { hour: 2, minute: 40 } as const

/**
 * The first day, by universal time, whose pictures stay at an instant: one is kept for so many whole days after its
 * own.
 */
export const firstKept = (instant: Date, days: number): string =>
  Temporal.PlainDate.from(instant.toISOString().slice(0, 10)).subtract({ days }).toString()

/** The next look after an instant, both in milliseconds since 1970 UTC. */
export const nextExpiry = (now: number): number => {
  const start = new Date(now).setUTCHours(expiryTime.hour, expiryTime.minute, 0, 0)
  return start > now ? start : start + 86_400_000
}

/** Why a picture was removed: what a person said, or that it was kept as long as the house keeps pictures. */
export const removalReason = ({
  reason,
  keptDays,
}: {
  readonly reason: string
  readonly keptDays?: number | undefined
}): Reason => (keptDays === undefined ? reason : fault('plate.kept', { days: keptDays }))
