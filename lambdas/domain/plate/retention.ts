/** Retention of evidence images, in whole UTC days after the day on which one was added. */
import { Temporal } from 'temporal-polyfill'
import { fault, type Reason } from '../core/fault.ts'

/** Daily, in UTC, when no territory's reports are due. */
export const expiryTime = { hour: 2, minute: 40 } as const

/** Returns the first UTC day whose pictures are kept. */
export const firstKept = (instant: Date, days: number): string =>
  Temporal.PlainDate.from(instant.toISOString().slice(0, 10)).subtract({ days }).toString()

/** Takes and returns milliseconds since 1970 UTC. */
export const nextExpiry = (now: number): number => {
  const start = new Date(now).setUTCHours(expiryTime.hour, expiryTime.minute, 0, 0)
  return start > now ? start : start + 86_400_000
}

export const removalReason = ({
  reason,
  keptDays,
}: {
  readonly reason: string
  readonly keptDays?: number | undefined
}): Reason => (keptDays === undefined ? reason : fault('plate.kept', { days: keptDays }))
