/** Processes queue messages: done, retried, or given up with the cause. */
import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import {
  ChangeMessageVisibilityCommand,
  SendMessageCommand,
  SQSClient,
  type SQSClientConfig,
} from '@aws-sdk/client-sqs'
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda'
import type * as z from 'zod'
import { maxTries } from '../config/env.ts'
import { fault, FaultError } from '../domain/core/fault.ts'
import { refusalOf } from '../domain/core/schema-fault.ts'
import { UnfinishedError } from '../usecases/unfinished.ts'
import type { FunctionLogger } from './logger.ts'

/** Not a message of this queue: sent to the dead letters at once. */
class MalformedMessageError extends FaultError {
  override name = 'MalformedMessageError'
}

class OutOfTimeError extends Error {
  override name = 'OutOfTimeError'
}

type Queue = { readonly url: string; readonly deadLettersUrl: string }

export type QueueWork<Message> = {
  readonly queue: Queue
  readonly schema: z.ZodType<Message>
  /** Must be idempotent. `run` is unique to each run. */
  readonly work: (message: Message, options: { readonly outOfTime: AbortSignal; readonly run: string }) => Promise<void>
  readonly givenUp?: (message: Message, cause: Error) => Promise<void>
  readonly isNonRetryable?: (error: Error) => boolean
  readonly logger: Pick<FunctionLogger, 'info' | 'warn' | 'error'>
}

/** In milliseconds, reserved for cleanup after stopped work. */
const shutdownMs = 10_000
/** Time for stopped work to end. */
const stopMs = 5_000

/** SQS limit, attributes included. */
const maxMessageBytes = 1_048_576
/** Includes a cause of 2,000 characters. */
const maxAttributesBytes = 10_000

export type Queues = {
  send(url: string, message: unknown): Promise<void>
  /**
   * Retries a failed message after a growing pause. A malformed, nonRetryable or too often failed one goes to the dead
   * letters with its cause. UnfinishedError sends a new message.
   */
  workThrough<Message>(event: SQSEvent, context: Context, work: QueueWork<Message>): Promise<SQSBatchResponse>
}

export const openQueues = (config: SQSClientConfig = {}): Queues => {
  // The endpoint comes from the configuration, not from the queue's URL.
  const client = new SQSClient({ useQueueUrlAsEndpoint: false, ...config })

  const send: Queues['send'] = async (url, message) => {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(message) }))
  }

  const giveUp = async ({ deadLettersUrl }: Queue, record: SQSRecord, cause: string): Promise<void> => {
    // Attributes count towards the limit: a very large message goes without them.
    const hasRoom = Buffer.byteLength(record.body) <= maxMessageBytes - maxAttributesBytes
    await client.send(
      new SendMessageCommand({
        QueueUrl: deadLettersUrl,
        MessageBody: record.body,
        ...(hasRoom && {
          MessageAttributes: {
            cause: { DataType: 'String', StringValue: printable(cause) },
            messageId: { DataType: 'String', StringValue: record.messageId },
            tries: { DataType: 'Number', StringValue: record.attributes.ApproximateReceiveCount },
          },
        }),
      }),
    )
  }

  const comeAgain = async ({ url }: Queue, record: SQSRecord): Promise<void> => {
    await client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: url,
        ReceiptHandle: record.receiptHandle,
        VisibilityTimeout: pauseAfter(triesOf(record)),
      }),
    )
  }

  return {
    send,
    workThrough: async (event, context, { queue, schema, work, isNonRetryable, givenUp, logger }) => {
      const failed: string[] = []
      for (const record of event.Records) {
        const about = { messageId: record.messageId, tries: triesOf(record) }
        let message: Parameters<typeof work>[0] | undefined
        try {
          const read = messageOf(record, schema)
          message = read
          const run = `${context.awsRequestId}-${randomBytes(4).toString('hex')}`
          await inTime(context, (outOfTime) => work(read, { outOfTime, run }))
        } catch (error) {
          const cause = error instanceof Error ? error : new Error(String(error))
          if (cause instanceof UnfinishedError && message !== undefined) {
            logger.info('continues in a new message', { ...about, left: cause.message })
            await send(queue.url, message)
            continue
          }
          const nonRetryable = cause instanceof MalformedMessageError || isNonRetryable?.(cause)
          if (nonRetryable || triesOf(record) >= maxTries) {
            logger.error('given up', { ...about, body: record.body.slice(0, 1_000), error: cause })
            if (message !== undefined) {
              // If the callback fails, the message is still kept.
              await givenUp?.(message, cause).catch((error: unknown) =>
                logger.error('failure not reported', { ...about, error }),
              )
            }
            await giveUp(queue, record, `${cause.name}: ${cause.message}`)
          } else {
            logger.warn('to be tried again', { ...about, after: pauseAfter(triesOf(record)), error: cause })
            await comeAgain(queue, record)
            failed.push(record.messageId)
          }
        }
      }
      return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
    },
  }
}

const messageOf = <Message>({ body }: SQSRecord, schema: z.ZodType<Message>): Message => {
  let value: unknown
  try {
    value = JSON.parse(body)
  } catch (cause) {
    throw new MalformedMessageError(fault('message.notJson'), { cause })
  }
  const read = schema.safeParse(value)
  if (read.success) return read.data
  throw new MalformedMessageError(fault('message.malformed', { reason: refusalOf(read.error) }))
}

/**
 * Stops early enough to report it: a function that is cut off leaves its message hidden for six times its timeout, and
 * a browser running.
 */
const inTime = async (context: Context, work: (outOfTime: AbortSignal) => Promise<void>): Promise<void> => {
  const stop = new AbortController()
  const timer = new AbortController()
  const left = context.getRemainingTimeInMillis() - shutdownMs
  const deadline = async (): Promise<never> => {
    await pause(Math.max(0, left), undefined, { signal: timer.signal })
    const error = new OutOfTimeError(`there were ${Math.max(0, left)} ms for it, and it took longer`)
    stop.abort(error)
    await Promise.race([working.catch(() => undefined), pause(stopMs)])
    throw error
  }
  const working = work(stop.signal)
  const late = deadline()
  late.catch(() => undefined) // awaited below, or irrelevant once the work is done
  try {
    await Promise.race([working, late])
  } catch (error) {
    // Stopped work fails with various errors; the cause is the timeout.
    throw stop.signal.aborted && !(error instanceof UnfinishedError) ? stop.signal.reason : error
  } finally {
    timer.abort()
  }
}

const triesOf = ({ attributes }: SQSRecord): number => Number(attributes.ApproximateReceiveCount)

const pauseAfter = (tries: number): number => Math.min(15 * 2 ** tries, 900)

const printable = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .slice(0, 2_000) || 'none'
