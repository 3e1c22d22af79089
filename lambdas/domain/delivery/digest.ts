import { Temporal } from 'temporal-polyfill'
import { leavesAt, type Scheduled } from '../core/place/due.ts'
import { isGroup, isOnRequest, type SubjectCode, subjectOf, subjects, subjectsDue } from '../core/place/territory.ts'
import { parsePeriod, scheduledCadences } from '../core/time/period.ts'
import type { DeliveryKey } from './delivery.ts'
import { mayReceive, supposedFor } from './may-receive.ts'
import { namesEdition, type Recipient } from './recipient.ts'

export type DigestId = { readonly recipient: string; readonly day: string }

/** Scheduled reports wait for the digest. Dossiers, flash notes and longer periods are sent separately. */
export const waitsForDigest = (
  { digest }: Pick<Recipient, 'digest'>,
  { territory, period }: Pick<DeliveryKey, 'territory' | 'period'>,
): boolean => digest === true && !isOnRequest(territory) && isScheduled(period)

const isScheduled = (period: string): boolean => {
  const { cadence } = parsePeriod(period)
  return scheduledCadences.some((one) => one === cadence)
}

/** All reports of a period are due once its national edition is. */
export const isDigestDue = ({ period }: Pick<DeliveryKey, 'period'>, now: Date): boolean =>
  leavesAt(parsePeriod(period), 'ALL') <= now.getTime()

/** At most one digest a day, in the national capital's zone. */
export const digestDay = (now: Date): string =>
  Temporal.Instant.fromEpochMilliseconds(now.getTime())
    .toZonedDateTimeISO(subjectOf('ALL').zone)
    .toPlainDate()
    .toString()

/** Example: `digest.0123abcd4567ef89.2024-05-21`. */
export const digestName = ({ recipient, day }: DigestId): string => `digest.${recipient}.${day}`

export const digestIn = (name: string): DigestId | undefined => {
  const [, recipient, day] = /^digest\.([A-Za-z0-9-]{8,64})\.(\d{4}-\d\d-\d\d)$/.exec(name) ?? []
  return recipient === undefined || day === undefined ? undefined : { recipient, day }
}

/** Returns scheduled reports, and groups that the recipient chose. */
export const expectedBy = (recipient: Recipient, period: string, scheduled: Scheduled): readonly SubjectCode[] => {
  const { cadence } = parsePeriod(period)
  if (!scheduled.cadences.some((one) => one === cadence)) return []
  const due = subjectsDue(scheduled.territories)
  return subjects.flatMap(({ code }) => {
    const isMade = due.includes(code) || (isGroup(code) && due.includes('ALL') && namesEdition(recipient, code))
    return isMade && mayReceive(supposedFor(recipient, { territory: code, cadence }), recipient).may ? [code] : []
  })
}

/** National edition, groups, then territories; weeks before months, first versions before corrections. */
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
