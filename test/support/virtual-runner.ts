/** The process of `virtual-lambda.ts`: one invocation of one bundle, timed as on AWS. */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { peakBytes } from '../../bench/peak.ts'
import type { VirtualAnswer, VirtualOrder } from './virtual-lambda.ts'
import { putInPlace } from './virtual-time.ts'

/** "Single-digit millisecond", and a page of one MB at some 40 MB a second. */
const answerMs = 6
const megabyteMs = 25

const run = async ({
  file,
  handlerName,
  event,
  timeoutMs,
  tableHost,
  slower,
  processors,
  startsAt,
}: VirtualOrder): Promise<void> => {
  const time = putInPlace({ host: tableHost, answerMs, megabyteMs, slower, processors, startsAt })
  const module = (await import(pathToFileURL(join(process.cwd(), `${file}.mjs`)).href)) as Record<string, unknown>
  const handler = module[handlerName] as (event: unknown, context: object) => Promise<unknown>
  const began = time.now()
  const undisturbedFrom = time.undisturbed()
  const context = {
    awsRequestId: randomUUID(),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    getRemainingTimeInMillis: () => timeoutMs - (time.now() - began),
  }
  const outcome = await Promise.resolve(handler(event, context)).then(
    (value) => ({ value }),
    (error: unknown) => ({ error: String(error) }),
  )
  const ms = time.now() - began
  const cpu = process.cpuUsage()
  const answer: VirtualAnswer = {
    ...(ms > timeoutMs ? { error: `Task timed out after ${timeoutMs / 1_000} seconds` } : outcome),
    seconds: ms / 1_000,
    undisturbedSeconds: (time.undisturbed() - undisturbedFrom) / 1_000,
    pausedSeconds: time.paused() / 1_000,
    cpuSeconds: (cpu.user + cpu.system) / 1e6,
    peakMb: Math.round(peakBytes() / 2 ** 20),
  }
  process.send?.(answer)
}

process.once('message', (order) => void run(order as VirtualOrder))
