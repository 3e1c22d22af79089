/** One mail in place of many: which reports wait for it, when it may leave, and what it is called. */
import { Temporal } from 'temporal-polyfill'
import { leavesAt, type Scheduled } from '../core/place/due.ts'
import { isGroup, isOnRequest, type SubjectCode, subjectOf, subjects, subjectsDue } from '../core/place/territory.ts'
import { parsePeriod, scheduledCadences } from '../core/time/period.ts'
import type { DeliveryKey } from './delivery.ts'
import { mayReceive, supposedFor } from './may-receive.ts'
import { namesEdition, type Recipient } from './recipient.ts'

/** The digest of a reader's day. */
export type DigestId = { readonly recipient: string; readonly day: string }

/**
 * Reports that schedules make wait for the digest of whom asked for one; dossiers, flash notes and longer periods go
 * out by themselves.
 */
export const waitsForDigest = (
  { digest }: Pick<Recipient, 'digest'>,
  { territory, period }: Pick<DeliveryKey, 'territory' | 'period'>,
): boolean => digest === true && !isOnRequest(territory) && isScheduled(period)

const isScheduled = (period: string): boolean => {
  const { cadence } = parsePeriod(period)
  return scheduledCadences.some((one) => one === cadence)
}

/** Once the national edition of its period has been due, every report of it has. */
export const isDigestDue = ({ period }: Pick<DeliveryKey, 'period'>, now: Date): boolean =>
  leavesAt(parsePeriod(period), 'ALL') <= now.getTime()

/** A reader gets one digest a day at most: the day of the nation's capital. */
export const digestDay = (now: Date): string =>
  Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(subjectOf('ALL').zone)
    .toPlainDate()
    .toString()

/** One name for mail services and people: `digest.0123abcd4567ef89.2024-05-21`. */
export const digestName = ({ recipient, day }: DigestId): string => `digest.${recipient}.${day}`

/** What a name of {@link digestName} says, or undefined where it is none. */
export const digestIn = (name: string): DigestId | undefined => {
  const [, recipient, day] = /^digest\.([A-Za-z0-9-]{8,64})\.(\d{4}-\d\d-\d\d)$/.exec(name) ?? []
  return recipient === undefined || day === undefined ? undefined : { recipient, day }
}

/**
 * The reports of a period that a reader is to get, whatever becomes of them: by the schedules, and of groups by its own
 * word.
 */
export const expectedBy = (recipient: Recipient, period: string, scheduled: Scheduled): readonly SubjectCode[] => {
  const { cadence } = parsePeriod(period)
  if (!scheduled.cadences.some((one) => one === cadence)) return []
  const due = subjectsDue(scheduled.territories)
  return subjects.flatMap(({ code }) => {
    const isMade = due.includes(code) || (isGroup(code) && due.includes('ALL') && namesEdition(recipient, code))
    return isMade && mayReceive(supposedFor(recipient, { territory: code, cadence }), recipient).may ? [code] : []
  })
}

/**
 * National edition, groups, then territories by their fixed order; weeks before months, and what is new before what
 * corrects.
 */
export const digestOrder = (
  one: DeliveryKey & { readonly corrects?: number },
  other: DeliveryKey & { readonly corrects?: number },
): number =>
  Number(one.corrects !== undefined) - Number(other.corrects !== undefined) ||
  place(one.territory) - place(other.territory) ||
  (one.period < other.period ? 1 : one.period > other.period ? -1 : 0)

const place = (code: SubjectCode): number => {
  const at = subjects.findIndex((one) => one.code === code)
  return code === 'ALL' ? -2 : isGroup(code) ? -1 : at
}
