import { type Fault, fault } from '../../domain/core/fault.ts'
import { type Marking, usualCap } from '../../domain/core/marking.ts'
import { lastCompleteFor } from '../../domain/core/place/subject.ts'
import { PeriodError } from '../../domain/core/time/period.ts'
import { editionsWanted, groupsWanted } from '../../domain/delivery/recipient.ts'
import { editionOf } from '../../domain/report/manifest.ts'
import type { DeliveryMessage, ReportMessage, RequestedReport } from '../../domain/report/messages.ts'
import { pauseAt, type Schedule, type Turn } from '../../domain/report/schedule.ts'
import type { Services } from '../services.ts'
import { generateReport, HeldReportError, type MadeReport, type ReportRequest } from './generate-report.ts'
import { RefusedReportError } from './reading/refused-report.ts'
import { moveJob } from './request-report.ts'

/** A due report that is paused: not made, not mailed. */
type PassedOver = { readonly paused: Turn; readonly period: string }

type Outbox = {
  report(message: RequestedReport): Promise<void>
  delivery(message: DeliveryMessage): Promise<void>
}

/**
 * Makes or finds the report. A repeated message sends the same messages again; receivers deduplicate.
 * @returns undefined where the job was done before; the pause of a skipped report
 */
export const handleReportMessage = async (
  message: ReportMessage,
  services: Services,
  outbox: Outbox,
): Promise<MadeReport | PassedOver | undefined> => {
  const request = requestOf(message)
  const { territory, cap } = request
  const period = request.period.id
  if (message.kind === 'scheduled') {
    const paused = pauseAt(await services.schedules.get(scheduleOf(message)), Date.parse(message.scheduledAt))
    if (paused) {
      await askForEditions(message, period, undefined, services, outbox)
      return { paused, period }
    }
  }
  const job = message.kind === 'requested' ? message.job : undefined
  if (job && (await moveJob(job, { state: 'running' }, services)) === 'done') return undefined
  const made = await generateReport({ ...request, isDue: job === undefined }, services)
  if (message.kind === 'scheduled') await askForEditions(message, period, cap, services, outbox)
  if (message.kind === 'scheduled' || message.late === 'restate') {
    for (const revised of made.revisedBefore) {
      await outbox.report({
        kind: 'requested',
        territory,
        period: revised.period,
        cap,
        deliver: 'corrected',
        late: 'leave',
      })
    }
    for (const earlier of made.supersededBefore) {
      await outbox.delivery({ territory, period: earlier.period, cap, version: earlier.version, to: 'corrected' })
    }
  }
  const to = message.kind === 'scheduled' ? 'everybody' : message.deliver
  if (to !== 'nobody') await outbox.delivery(deliveryMessageOf(made, to))
  if (job) await moveJob(job, { state: 'done', version: made.report.version }, services)
  return made
}

type Scheduled = Extract<ReportMessage, { readonly kind: 'scheduled' }>

const scheduleOf = ({ territory, cadence }: Scheduled): Schedule => ({ subject: territory, cadence })

/**
 * Groups have no schedule: they follow the nation, whose period is complete in all its territories.
 * @param made undefined where the message's own subject is paused
 */
const askForEditions = async (
  message: Scheduled,
  period: string,
  made: Marking | undefined,
  { recipients: list, schedules }: Pick<Services, 'recipients' | 'schedules'>,
  outbox: Outbox,
): Promise<void> => {
  const { territory, cadence } = message
  const recipients = await Array.fromAsync(list.all())
  for (const subject of [territory, ...(territory === 'ALL' ? groupsWanted(recipients, cadence) : [])]) {
    const isOwn = subject === territory
    if (isOwn && made === undefined) continue
    if (!isOwn && pauseAt(await schedules.get({ subject, cadence }), Date.parse(message.scheduledAt))) continue
    for (const edition of editionsWanted(recipients, subject, cadence)) {
      if (isOwn && edition === made) continue
      await outbox.report({
        kind: 'requested',
        territory: subject,
        period,
        cap: edition,
        deliver: 'everybody',
        late: 'restate',
      })
    }
  }
}

export const deliveryMessageOf = ({ edition, report }: MadeReport, to: DeliveryMessage['to']): DeliveryMessage => ({
  territory: edition.territory,
  period: edition.period.id,
  cap: edition.cap,
  version: report.version,
  to,
})

/** Ends a failed job. The caller logs the full cause; readers see a part. */
export const failJob = async (
  message: ReportMessage,
  cause: Error,
  services: Pick<Services, 'jobs' | 'clock'>,
): Promise<void> => {
  if (message.kind !== 'requested' || !message.job) return
  const state = cause instanceof HeldReportError ? 'held' : 'failed'
  await moveJob(message.job, { state, reason: reasonForReaders(cause) }, services)
}

/** Other causes may name machines, accounts and detections. */
const reasonForReaders = (cause: Error): Fault => {
  if (cause instanceof HeldReportError) return cause.forReaders
  return cause instanceof RefusedReportError || cause instanceof PeriodError ? cause.fault : fault('report.failed')
}

const requestOf = (message: ReportMessage): ReportRequest => {
  if (message.kind === 'scheduled') {
    const { territory, cadence, scheduledAt } = message
    const period = lastCompleteFor(cadence, territory, Date.parse(scheduledAt))
    return { territory, period, cap: usualCap }
  }
  const { asOf } = message
  return { ...editionOf(message), ...(asOf !== undefined && { asOf: new Date(asOf).toISOString() }) }
}
