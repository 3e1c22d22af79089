/**
 * Runs the weekly reports: territories first, then the national edition and the groups that recipients subscribe to.
 */
import type { Marking } from '../../domain/core/marking.ts'
import { lastCompleteFor } from '../../domain/core/place/subject.ts'
import { isGroup, type SubjectCode, type TerritoryCode, territories } from '../../domain/core/place/territory.ts'
import { messageOf } from '../../domain/core/text/thrown.ts'
import type { Period } from '../../domain/core/time/period.ts'
import { editionsWanted, groupsWanted, type Recipient } from '../../domain/delivery/recipient.ts'
import type { DeliveryMessage, RequestedReport } from '../../domain/report/messages.ts'
import { pauseAt, type Turn } from '../../domain/report/schedule.ts'
import type { Services } from '../services.ts'
import type { MadeReport } from './generate-report.ts'
import { handleReportMessage } from './handle-report-message.ts'

export type WeeklyRun = {
  /** The usual edition and those that recipients subscribe to. */
  readonly reports: readonly MadeReport[]
  readonly national: readonly MadeReport[]
  readonly groups: readonly MadeReport[]
  /** Earlier periods made again because late data changed their figures. */
  readonly reissued: readonly MadeReport[]
  readonly failed: readonly FailedReport[]
  readonly paused: readonly PausedReport[]
}

export type PausedReport = { readonly territory: SubjectCode } & Pick<Turn, 'at' | 'by' | 'reason' | 'until'>

export type FailedReport = {
  readonly territory: SubjectCode
  readonly period: string
  readonly message: string
}

export type WeeklyProgress = {
  started(territory: SubjectCode): void
  made(report: MadeReport): void
  paused?(report: PausedReport): void
  failed(failure: FailedReport): void
}

type Deliverer = (message: DeliveryMessage) => Promise<unknown>

/**
 * Runs `atOnce` territories in parallel (default 1). One failure never stops the others. Results keep the order of the
 * territories.
 */
export const runWeek = async (
  request: {
    week?: Period | undefined
    cap: Marking
    only?: readonly TerritoryCode[] | undefined
    atOnce?: number
    stopping?: AbortSignal
    deliver?: Deliverer
  },
  services: Services,
  progress: WeeklyProgress,
): Promise<WeeklyRun> => {
  const { only, stopping, atOnce = 1 } = request
  const recipients = await Array.fromAsync(services.recipients.all())
  const asked = territories.filter(({ code }) => !only || only.includes(code))
  const runs = new Map<TerritoryCode, SubjectRun>()
  const waiting = asked.values()
  const work = async () => {
    for (const territory of waiting) {
      if (stopping?.aborted) break
      runs.set(territory.code, await reportsAbout(territory.code, request, recipients, services, progress))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const inOrder = asked.flatMap(({ code }) => runs.get(code) ?? [])
  // Runs last: it compares with the counts of the territories' reports.
  const last: SubjectRun[] = []
  for (const code of only ? [] : (['ALL', ...groupsWanted(recipients, 'week')] as const)) {
    if (stopping?.aborted) break
    last.push(await reportsAbout(code, request, recipients, services, progress))
  }
  const all = [...inOrder, ...last]
  const [national, ...groups] = last
  return {
    reports: inOrder.flatMap(({ reports }) => reports),
    national: national?.reports ?? [],
    groups: groups.flatMap(({ reports }) => reports),
    reissued: all.flatMap(({ reissued }) => reissued),
    failed: all.flatMap(({ failed }) => failed),
    paused: all.flatMap(({ paused }) => paused),
  }
}

type SubjectRun = Omit<WeeklyRun, 'national' | 'groups'>

/**
 * Makes the editions of one territory or group in sequence, each followed by the earlier periods that late data
 * changed.
 */
const reportsAbout = async (
  territory: SubjectCode,
  { week, cap, deliver }: Parameters<typeof runWeek>[0],
  recipients: readonly Recipient[],
  services: Services,
  progress: WeeklyProgress,
): Promise<SubjectRun> => {
  const reports: MadeReport[] = []
  const reissued: MadeReport[] = []
  const failed: FailedReport[] = []
  const pause = pauseAt(
    await services.schedules.get({ subject: territory, cadence: 'week' }),
    services.clock().getTime(),
  )
  if (pause) {
    const { at, by, reason, until } = pause
    const paused = { territory, at, by, reason, ...(until !== undefined && { until }) }
    progress.paused?.(paused)
    return { reports, reissued, failed, paused: [paused] }
  }
  progress.started(territory)
  const orFail = async ({ period }: { readonly period: string }, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work()
    } catch (error) {
      const failure = { territory, period, message: messageOf(error) }
      failed.push(failure)
      progress.failed(failure)
    }
  }
  const delivery = (message: DeliveryMessage) => orFail(message, async () => deliver?.(message))
  const make = async (message: RequestedReport): Promise<void> => {
    const earlier: RequestedReport[] = []
    const outbox = { report: async (next: RequestedReport) => void earlier.push(next), delivery }
    const made = await handleReportMessage(message, services, outbox)
    // A report requested by name is never paused.
    if (!made || 'paused' in made) return
    if (message.late === 'restate') {
      reports.push(made)
      if (message.cap === cap) progress.made(made)
    } else if (made.isNew) reissued.push(made)
    for (const next of earlier) await orFail(next, () => make(next))
  }
  const period = (week ?? lastCompleteFor('week', territory, services.clock().getTime())).id
  const usual = isGroup(territory) && territory !== 'ALL' ? [] : [cap]
  for (const edition of new Set([...usual, ...editionsWanted(recipients, territory, 'week')])) {
    await orFail({ period }, () =>
      make({ kind: 'requested', territory, period, cap: edition, deliver: 'everybody', late: 'restate' }),
    )
  }
  return { reports, reissued, failed, paused: [] }
}
