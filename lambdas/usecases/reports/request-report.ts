/** Queues a report job, once per key. */

import { randomUUID } from 'node:crypto'
import { accountOf, type Caller } from '../../domain/access/caller.ts'
import type { Reason } from '../../domain/core/fault.ts'
import { canonicalJson, sha256 } from '../../domain/core/text/canonical.ts'
import { plural } from '../../domain/core/text/plural.ts'
import { isOver, type Job, type JobRequest, type JobState } from '../../domain/report/job.ts'
import { editionOf } from '../../domain/report/manifest.ts'
import type { ReportMessage } from '../../domain/report/messages.ts'
import { type OrganisationLimits, usualReportsPerHour } from '../../domain/report/organisation.ts'
import type { Detections } from '../../store/detections/detections.ts'
import type { Jobs } from '../../store/reports/jobs.ts'
import { KeyReusedError, resultOfKey } from '../keyed.ts'
import { refuseTooLarge } from './reading/period-size.ts'

export class TooManyReportsError extends Error {
  override name = 'TooManyReportsError'
  readonly most: number
  /** Seconds. */
  readonly retryAfter: number

  constructor(most: number, retryAfter: number) {
    super(
      `no more than ${plural(most, 'report')} may be asked for within an hour: ask again in ${plural(retryAfter, 'second')}`,
    )
    this.most = most
    this.retryAfter = retryAfter
  }
}

export type RequestServices = {
  readonly jobs: Jobs
  readonly detections: Pick<Detections, 'count'>
  readonly limits?: OrganisationLimits
  clock(): Date
  enqueue(message: ReportMessage): Promise<void>
}

/**
 * The same key and request give the same job. The message of an unfinished job is sent again, since it may never have
 * been sent; the receiver detects finished work.
 * @throws KeyReusedError, PeriodTooLargeError, TooManyReportsError
 */
export const requestReport = async (
  request: JobRequest,
  { caller, key }: { readonly caller: Caller; readonly key?: string | undefined },
  services: RequestServices,
): Promise<Job> => {
  const { jobs, clock, limits } = services
  const now = clock()
  const requestHash = sha256(canonicalJson(request))
  const id = await resultOfKey({ caller, key, requestHash }, randomUUID(), services)
  const at = now.toISOString()
  const known = await jobs.get(id)
  const job: Job = known ?? { id, state: 'queued', request, askedBy: caller.who, askedAt: at, at }
  if (!known) {
    await refuseTooLarge(editionOf(request), services)
    const most = limits?.reportsPerHour ?? usualReportsPerHour
    const counted = await jobs.count({ account: accountOf(caller), job: job.id, most, now })
    if (!counted) throw new TooManyReportsError(most, secondsLeftInHour(now))
    await jobs.create(job)
  }
  if (!isOver(job)) await services.enqueue(messageOf(job))
  return job
}

/** A reader who goes back and changes the form sends the first request's key: it is ignored. */
export const requestOnce = (
  request: JobRequest,
  { caller, key }: { readonly caller: Caller; readonly key: string | undefined },
  services: RequestServices,
): Promise<Job> =>
  requestReport(request, { caller, key }, services).catch((error: unknown) => {
    if (error instanceof KeyReusedError) return requestReport(request, { caller }, services)
    throw error
  })

const secondsLeftInHour = (now: Date): number => 3_600 - (Math.floor(now.getTime() / 1_000) % 3_600)

const messageOf = ({ id, request }: Job): ReportMessage => {
  const { deliver, ...asked } = request
  return { kind: 'requested', ...asked, deliver: deliver ? 'everybody' : 'nobody', late: 'leave', job: id }
}

/**
 * A finished job never changes.
 * @returns the resulting state; undefined where there is no such job
 */
export const moveJob = async (
  id: string,
  to: { readonly state: JobState; readonly version?: number; readonly reason?: Reason },
  { jobs, clock }: Pick<RequestServices, 'jobs' | 'clock'>,
): Promise<JobState | undefined> => {
  for (;;) {
    const job = await jobs.get(id)
    if (!job || isOver(job) || job.state === to.state) return job?.state
    const { version, reason } = to
    const moved: Job = {
      ...job,
      state: to.state,
      at: clock().toISOString(),
      ...(version !== undefined && { version }),
      ...(reason !== undefined && { reason }),
    }
    if (await jobs.change(job, moved)) return moved.state
  }
}
