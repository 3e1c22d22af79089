/**
 * What travels in the queues, and what schedules say: requests for reports and deliveries of them, checked at the edge
 * where they arrive.
 */
import * as z from 'zod'
import { faultOfThrown } from '../core/fault.ts'
import { markings, usualCap } from '../core/marking.ts'
import { subjectCodeSchema } from '../core/place/subject-code.ts'
import type { SubjectCode } from '../core/place/territory.ts'
import { parsePeriod, type ScheduledCadence, scheduledCadences } from '../core/time/period.ts'

const territory = subjectCodeSchema()
const instant = z.iso.datetime({ offset: true })
const period = z.string().check((context) => {
  try {
    parsePeriod(context.value)
  } catch (error) {
    context.issues.push({ code: 'custom', input: context.value, message: JSON.stringify(faultOfThrown(error)) })
  }
})

/** Whom a report goes to: *corrected*, those who got an earlier version of it. */
const deliverTo = ['nobody', 'everybody', 'corrected'] as const

/** A due report: the period is the last complete one before the *scheduled* instant, however late the message comes. */
const scheduled = z.strictObject({
  kind: z.literal('scheduled'),
  territory,
  cadence: z.enum(scheduledCadences),
  scheduledAt: instant,
})

/** A report that was asked for. */
const requested = z.strictObject({
  kind: z.literal('requested'),
  territory,
  period,
  cap: z.enum(markings).default(usualCap),
  asOf: instant.optional(),
  deliver: z.enum(deliverTo).default('nobody'),
  /** Whether earlier periods whose figures late data changed are made again. */
  late: z.enum(['leave', 'restate']).default('leave'),
  /** The job that it belongs to. */
  job: z.uuid().optional(),
})

export const reportMessageSchema = z.discriminatedUnion('kind', [scheduled, requested])

export type ReportMessage = z.output<typeof reportMessageSchema>

export type RequestedReport = z.output<typeof requested>

/** The daily trial: to be made, and then to be mailed. */
const syntheticMessageSchema = z.strictObject({ kind: z.literal('synthetic'), scheduledAt: instant })

export type SyntheticMessage = z.output<typeof syntheticMessageSchema>

/** Drafts of flash notes are due, where the house has a rule for them. */
const draftsMessageSchema = z.strictObject({ kind: z.literal('drafts'), scheduledAt: instant })

export type DraftsMessage = z.output<typeof draftsMessageSchema>

/** All that the report queue holds. */
export const reportQueueSchema = z.discriminatedUnion('kind', [
  scheduled,
  requested,
  syntheticMessageSchema,
  draftsMessageSchema,
])

/** Mailing so many readers takes some 15 seconds. */
export const readersPerMessage = 100

/** A published version to be mailed to those who may read it. */
const deliveryMessageSchema = z.strictObject({
  territory,
  period,
  cap: z.enum(markings),
  version: z.int().min(1),
  to: z.enum(deliverTo).exclude(['nobody']),
  /** Ids of some of its readers, whose ledger entries exist: the others have messages of their own. */
  recipients: z.array(z.string()).min(1).max(readersPerMessage).optional(),
})

export type DeliveryMessage = z.output<typeof deliveryMessageSchema>

/** The digests of a day are due. */
const digestsMessageSchema = z.strictObject({ kind: z.literal('digests'), scheduledAt: instant })

export type DigestsMessage = z.output<typeof digestsMessageSchema>

/** All that the delivery queue holds. */
export const deliveryQueueSchema = z.union([deliveryMessageSchema, syntheticMessageSchema, digestsMessageSchema])

/** In the input of an EventBridge schedule: the scheduler puts the instant in its place. */
const scheduledAt = '<aws.scheduler.scheduled-time>'

export const scheduleInput = (territory: SubjectCode, cadence: ScheduledCadence): string =>
  JSON.stringify({ kind: 'scheduled', territory, cadence, scheduledAt })

/** The daily look at dropped posts. */
export const postsDueSchema = z.strictObject({ scheduledAt: instant })

export const postsInput: string = JSON.stringify({ scheduledAt })

/** The daily look for pictures that were kept as long as the house keeps them. */
export const expiryDueSchema = z.strictObject({ scheduledAt: instant })

export const expiryInput: string = JSON.stringify({ scheduledAt })

export const syntheticInput: string = JSON.stringify({ kind: 'synthetic', scheduledAt })

export const draftsInput: string = JSON.stringify({ kind: 'drafts', scheduledAt })

export const digestsInput: string = JSON.stringify({ kind: 'digests', scheduledAt })

/** S3 writes keys here as forms are written: spaces as +. */
const keySchema = z
  .string()
  .min(1)
  .transform((written, context) => {
    try {
      return decodeURIComponent(written.replaceAll('+', ' '))
    } catch {
      context.addIssue({ code: 'custom', message: 'is no key as S3 writes it' })
      return z.NEVER
    }
  })
const notified = z.object({ s3: z.object({ object: z.object({ key: keySchema }) }) })

/** S3's word of new objects, as the keys that they have; none where it only tries whether the queue is there. */
export const dropMessageSchema = z
  .union([z.object({ Records: z.array(notified).min(1) }), z.object({ Event: z.literal('s3:TestEvent') })])
  .transform((message) => ('Records' in message ? message.Records.map(({ s3 }) => s3.object.key) : []))
