/** When posts came within a day, and on whose clock somebody supposes that they were written, as records state it. */
import * as z from 'zod'
import { maximum, minimum } from '../core/lists.ts'
import { observedFrom } from '../core/time/observed.ts'
import { zoneSchema } from '../core/time/zone.ts'
import { day, named, orFault, shortName } from './fields.ts'

/** The steps in which posts are counted below the day. */
const steps = [10, 60] as const

/** A week of ten minutes, six weeks of hours: first to last, with what is empty between them. */
export const maxIntervals = 1_008

const minuteMs = 60_000

/** So many posts have a rhythm; of fewer, each time is a time and no pattern. */
export const minRhythmPosts = 10

const instant = z
  .string()
  .transform(
    orFault((written) => {
      const { from, precision } = observedFrom(written)
      if (precision !== 'instant')
        throw new Error(`${written} is a ${precision}: write an instant such as 2024-05-15T14:00:00+11:00`)
      return from
    }),
  )
  .describe('Where the interval begins: an instant with its offset')

type Interval = { readonly from: string; readonly minutes: number }

/** What is wrong with intervals beside each other: the first that is, by its place. */
const faultIn = (intervals: readonly Interval[]): { readonly at: number; readonly message: string } | undefined => {
  const [first] = intervals
  if (!first) return undefined
  const step = first.minutes * minuteMs
  const seen = new Set<number>()
  const starts = intervals.map(({ from }) => Date.parse(from))
  const [earliest, latest] = [minimum(starts), maximum(starts)]
  if (latest - earliest >= maxIntervals * step) {
    const at = starts.indexOf(latest)
    return {
      at,
      message: `reaches over more than ${maxIntervals} steps of ${first.minutes} minutes: count by a longer step, or by day`,
    }
  }
  for (const [at, { from, minutes }] of intervals.entries()) {
    const start = starts[at] ?? 0
    if (minutes !== first.minutes)
      return { at, message: `has ${minutes} minutes, the first one ${first.minutes}: give all the same step` }
    if ((start - (starts[0] ?? 0)) % step !== 0)
      return { at, message: `${from} is not a whole number of steps away from the first: align the intervals` }
    if (seen.has(start)) return { at, message: `${from} comes twice: give each interval once` }
    seen.add(start)
  }
  return undefined
}

/** @param figure the schema of a count */
export const intervalCounts = <Figure extends z.ZodType>(figure: Figure) =>
  z
    .array(z.strictObject({ from: instant, minutes: z.literal([...steps]), posts: figure }))
    .max(maxIntervals, `must have at most ${maxIntervals.toLocaleString('en')} rows`)
    .check((context) => {
      const fault = faultIn(context.value)
      if (fault) context.issues.push({ code: 'custom', input: context.value, path: [fault.at], message: fault.message })
    })
    .describe('Posts by ten minutes or by hour: they refine the figures above, and are added to none of them')

export const supposedOrigin = z
  .strictObject({
    zone: zoneSchema
      .refine((zone) => /^[A-Za-z]/.test(zone), 'must be a named time zone such as Asia/Baku, not an offset')
      .describe('IANA time zone'),
    place: shortName
      .optional()
      .describe('The town by which readers know the zone; the last part of its name where left out'),
    by: named.describe('Whose hypothesis it is: Vigie makes none'),
    reason: named.optional().describe('What it rests on'),
    restDays: z
      .array(z.int().min(1).max(7))
      .max(6, 'must leave a day of work')
      .optional()
      .describe('Days of the week without work, 1 for Monday to 7; Saturday and Sunday where left out'),
    holidays: z
      .strictObject({
        calendar: named.describe('Which calendar, and where it is published'),
        days: z.array(z.strictObject({ day, name: named.optional() })).max(100, 'must have at most 100 days'),
      })
      .optional()
      .describe('Public holidays there: those of the observation are enough'),
  })
  .describe(
    'A time zone in which somebody supposes that the posts were written: a hypothesis, never a finding of Vigie',
  )

export type SupposedOrigin = z.output<typeof supposedOrigin>
