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

/** `corrected`: readers who received an earlier version; `recalled`: those who received this one, which is recalled. */
const deliverTo = ['nobody', 'everybody', 'corrected', 'recalled'] as const

/** The period is the last complete one before `scheduledAt`, however late the message arrives. */
const scheduled = z.strictObject({
  kind: z.literal('scheduled'),
  territory,
  cadence: z.enum(scheduledCadences),
  scheduledAt: instant,
})

const requested = z.strictObject({
  kind: z.literal('requested'),
  territory,
  period,
  cap: z.enum(markings).default(usualCap),
  asOf: instant.optional(),
  deliver: z.enum(deliverTo).exclude(['recalled']).default('nobody'),
  /** `restate`: remakes earlier periods whose figures late data changed. */
  late: z.enum(['leave', 'restate']).default('leave'),
  job: z.uuid().optional(),
})

export const reportMessageSchema = z.discriminatedUnion('kind', [scheduled, requested])

export type ReportMessage = z.output<typeof reportMessageSchema>

export type RequestedReport = z.output<typeof requested>

const dryRunMessageSchema = z.strictObject({ kind: z.literal('dry-run'), scheduledAt: instant })

export type DryRunMessage = z.output<typeof dryRunMessageSchema>

export const reportQueueSchema = z.discriminatedUnion('kind', [scheduled, requested, dryRunMessageSchema])

/** Mailing this many takes some 15 seconds. */
export const readersPerMessage = 100

export const deliveryMessageSchema = z.strictObject({
  territory,
  period,
  cap: z.enum(markings),
  version: z.int().min(1),
  to: z.enum(deliverTo).exclude(['nobody']),
  /** Ids of readers with ledger entries: other readers are in other messages. */
  recipients: z.array(z.string()).min(1).max(readersPerMessage).optional(),
})

export type DeliveryMessage = z.output<typeof deliveryMessageSchema>

const digestsMessageSchema = z.strictObject({ kind: z.literal('digests'), scheduledAt: instant })

export type DigestsMessage = z.output<typeof digestsMessageSchema>

export const deliveryQueueSchema = z.union([deliveryMessageSchema, digestsMessageSchema])

/** EventBridge Scheduler replaces this with the scheduled instant. */
const scheduledAt = '<aws.scheduler.scheduled-time>'

export const scheduleInput = (territory: SubjectCode, cadence: ScheduledCadence): string =>
  JSON.stringify({ kind: 'scheduled', territory, cadence, scheduledAt })

/** The daily check for dropped posts. */
export const postsDueSchema = z.strictObject({ scheduledAt: instant })

export const postsInput: string = JSON.stringify({ scheduledAt })

/** The daily check for pictures whose retention ended. */
export const expiryDueSchema = z.strictObject({ scheduledAt: instant })

export const expiryInput: string = JSON.stringify({ scheduledAt })

export const dryRunInput: string = JSON.stringify({ kind: 'dry-run', scheduledAt })

export const digestsInput: string = JSON.stringify({ kind: 'digests', scheduledAt })

/** S3 encodes keys like form data: spaces as +. */
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

/** Returns the keys of new objects in S3; none for S3's test event. */
export const dropMessageSchema = z
  .union([z.object({ Records: z.array(notified).min(1) }), z.object({ Event: z.literal('s3:TestEvent') })])
  .transform((message) => ('Records' in message ? message.Records.map(({ s3 }) => s3.object.key) : []))
