/** Posting times within a day, and the time zone that a source supposes. */
import * as z from 'zod'
import { asMessage, type Fault, fault, FaultError } from '../core/fault.ts'
import { maximum, minimum } from '../core/lists.ts'
import { observedFrom } from '../core/time/observed.ts'
import { zoneSchema } from '../core/time/zone.ts'
import { day, named, orFault, shortName } from './fields.ts'

/** Interval lengths, in minutes. */
const steps = [10, 60] as const

/** A week of ten minutes or six weeks of hours, empty intervals included. */
export const maxIntervals = 1_008

const minuteMs = 60_000

/** Fewer posts show no pattern. */
export const minRhythmPosts = 10

const instant = z
  .string()
  .transform(
    orFault((written) => {
      const { from, precision } = observedFrom(written)
      if (precision !== 'instant')
        throw new FaultError(
          fault('interval.notInstant', { text: written, precision: fault(`precision.${precision}`) }),
        )
      return from
    }),
  )
  .describe('Where the interval begins: an instant with its offset')

type Interval = { readonly from: string; readonly minutes: number }

const faultIn = (intervals: readonly Interval[]): { readonly at: number; readonly reason: Fault } | undefined => {
  const [first] = intervals
  if (!first) return undefined
  const step = first.minutes * minuteMs
  const seen = new Set<number>()
  const starts = intervals.map(({ from }) => Date.parse(from))
  const [earliest, latest] = [minimum(starts), maximum(starts)]
  if (latest - earliest >= maxIntervals * step) {
    const at = starts.indexOf(latest)
    return { at, reason: fault('interval.tooMany', { max: maxIntervals, minutes: first.minutes }) }
  }
  for (const [at, { from, minutes }] of intervals.entries()) {
    const start = starts[at] ?? 0
    if (minutes !== first.minutes) return { at, reason: fault('interval.otherStep', { minutes, first: first.minutes }) }
    if ((start - (starts[0] ?? 0)) % step !== 0) return { at, reason: fault('interval.unaligned', { from }) }
    if (seen.has(start)) return { at, reason: fault('interval.twice', { from }) }
    seen.add(start)
  }
  return undefined
}

/** @param figure the schema of a count */
export const intervalCounts = <Figure extends z.ZodType>(figure: Figure) =>
  z
    .array(z.strictObject({ from: instant, minutes: z.literal([...steps]), posts: figure }))
    .max(maxIntervals, asMessage('rows.tooMany', { max: maxIntervals }))
    .check((context) => {
      const { at, reason } = faultIn(context.value) ?? {}
      if (at === undefined) return
      context.issues.push({ code: 'custom', input: context.value, path: [at], message: JSON.stringify(reason) })
    })
    .describe('Posts by ten minutes or by hour: they refine the figures above, and are added to none of them')

export const supposedOrigin = z
  .strictObject({
    zone: zoneSchema.refine((zone) => /^[A-Za-z]/.test(zone), asMessage('zone.offset')).describe('IANA time zone'),
    place: shortName
      .optional()
      .describe('The town by which readers know the zone; the last part of its name where left out'),
    by: named.describe('Author of the hypothesis: Vigie makes none'),
    reason: named.optional().describe('What it rests on'),
    restDays: z
      .array(z.int().min(1).max(7))
      .max(6, asMessage('origin.noWorkday'))
      .optional()
      .describe('Days of the week without work, 1 for Monday to 7; Saturday and Sunday where left out'),
    holidays: z
      .strictObject({
        calendar: named.describe('Which calendar, and where it is published'),
        days: z
          .array(z.strictObject({ day, name: named.optional() }))
          .max(100, asMessage('days.tooMany', { max: 100 })),
      })
      .optional()
      .describe('Public holidays there: those of the observation are enough'),
  })
  .describe('A time zone in which the posts are supposed to have been written: a hypothesis, never a finding of Vigie')

export type SupposedOrigin = z.output<typeof supposedOrigin>
