/**
 * A day on which one territory has very many detections: dropped as one file, taken in and reported by the real
 * bundles, in virtual time.
 */
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { maxTries } from '../../lambdas/config/env.ts'
import { type PartitionLimits, throttling } from './partition-limits.ts'
import type { StackHere } from './stack-here.ts'
import { runInVirtualTime, type VirtualRun } from './virtual-lambda.ts'

export type Worked = {
  /** One for each time that the queue gave the message, up to the one that was done. */
  readonly runs: readonly VirtualRun[]
  readonly isDone: boolean
  /** Of its requests to the table. */
  readonly requests: number
  readonly refused: number
  readonly cut: number
  readonly repeated: number
}

export type HotPartition = {
  /** Drops a file, and gives it to the ingest function until it is done or given up. */
  takeIn(name: string, body: Buffer, options?: Working): Promise<Worked>
  /** Has a week's report made. */
  report(territory: string, period: string, options?: Working): Promise<Worked>
  unitsOf(pk: string): { readonly writes: number; readonly reads: number }
  /** Takes the limits away again. */
  close(): void
}

type Working = {
  /** Less than the stack gives, in seconds. */
  readonly timeout?: number
  /** How many times as long work takes on Lambda as here. */
  readonly slower?: number
}

/** The queue gives a failed message again after this, in seconds. */
const pauseAfter = (tries: number): number => 15 * 2 ** tries

export const hotPartition = (stack: StackHere, limits: PartitionLimits): HotPartition => {
  const { interceptor, figures, unitsOf } = throttling(limits)
  const close = stack.table.intercept(interceptor)
  let now = 0

  const work = async (
    queue: string,
    name: string,
    message: unknown,
    { timeout, slower = 1 }: Working = {},
  ): Promise<Worked> => {
    const before = { ...figures }
    const spec = stack.spec(name)
    await stack.send(stack.queue(queue), message)
    const [event] = await stack.peek(stack.queue(queue))
    const [record] = event?.Records ?? []
    if (!record) throw new Error(`${queue} gave no message`)
    const runs: VirtualRun[] = []
    let isDone = false
    for (let tries = 1; tries <= maxTries && !isDone; tries += 1) {
      const attributes = { ...record.attributes, ApproximateReceiveCount: String(tries) }
      const run = await runInVirtualTime(
        { ...spec, ...(timeout !== undefined && { timeoutMs: timeout * 1_000 }) },
        { Records: [{ ...record, attributes }] },
        { startsAt: now, slower },
      )
      runs.push(run)
      now += run.seconds + pauseAfter(tries)
      isDone = (run.value as { batchItemFailures?: readonly unknown[] } | undefined)?.batchItemFailures?.length === 0
    }
    const { requests, refused, cut, repeated } = figures
    return {
      runs,
      isDone,
      requests: requests - before.requests,
      refused: refused - before.refused,
      cut: cut - before.cut,
      repeated: repeated - before.repeated,
    }
  }

  return {
    takeIn: async (name, body, options) => {
      const key = `drop/${name}`
      const bucket = stack.outputs.DropBucket ?? ''
      await stack.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }))
      return work('DropsQueue', 'Ingest', { Records: [{ s3: { bucket: { name: bucket }, object: { key } } }] }, options)
    },
    report: (territory, period, options) =>
      work('ReportsQueue', 'Generate', { kind: 'requested', territory, period }, options),
    unitsOf,
    close,
  }
}

/** One of many of a day, of which the table's item takes about a KB and a half. */
export const hotDetection = (at: number, territory: string, day: string, more: object = {}) => ({
  id: `${territory}-hot-${at}`,
  detector: 'hot',
  kind: 'copy-paste',
  title: { fr: `Salve ${at}`, en: `Burst ${at}` },
  summary: { fr: 'Messages identiques publiés en quelques minutes par des comptes récents. '.repeat(10).trim() },
  territories: [territory],
  observed: { from: day },
  platforms: ['X'],
  counts: { posts: 1 + (at % 500), accounts: at % 90 },
  campaign: 'Une campagne',
  hashtags: [`#mot${at % 200}`],
  marking: 'TLP:GREEN',
  ...more,
})

export const hotFile = (many: number, territory: string, day: string, more?: object): Buffer =>
  Buffer.from(
    Array.from({ length: many }, (_, at) => JSON.stringify(hotDetection(at, territory, day, more))).join('\n'),
  )
