/**
 * Works through what a queue hands to a function: each message checked, done, tried again later, or given up with its
 * cause.
 */
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

/** Nothing that this queue is for: it goes to the dead letters at once. */
class MalformedMessageError extends FaultError {
  override name = 'MalformedMessageError'
}

/** The function's time is nearly over. */
class OutOfTimeError extends Error {
  override name = 'OutOfTimeError'
}

type Queue = { readonly url: string; readonly deadLettersUrl: string }

export type QueueWork<Message> = {
  readonly queue: Queue
  readonly schema: z.ZodType<Message>
  /**
   * Does what a message asks for. Given the same message twice, it does no harm. `run` is a name that no other run has.
   */
  readonly work: (message: Message, options: { readonly outOfTime: AbortSignal; readonly run: string }) => Promise<void>
  /** Told of a message that is given up, with the cause, beside what becomes of every such message. */
  readonly givenUp?: (message: Message, cause: Error) => Promise<void>
  /** Errors of the work that no further try can mend. */
  readonly isNonRetryable?: (error: Error) => boolean
  readonly logger: Pick<FunctionLogger, 'info' | 'warn' | 'error'>
}

/** Kept of the function's time to put things in order after its work was stopped, in milliseconds. */
const shutdownMs = 10_000
/** How long stopped work may take to end. */
const stopMs = 5_000

/** Bytes that SQS takes of a message, with its attributes. */
const maxMessageBytes = 1_048_576
/** Names, types and values of ours, a cause of 2,000 characters among them. */
const maxAttributesBytes = 10_000

export type Queues = {
  send(url: string, message: unknown): Promise<void>
  /**
   * Done messages go; a failed one comes again after a pause that grows from try to try; one that is malformed,
   * hopeless or failed too often goes to the dead letters, with its cause as an attribute. One whose work ends with
   * UnfinishedError is sent again as a new message.
   */
  workThrough<Message>(event: SQSEvent, context: Context, work: QueueWork<Message>): Promise<SQSBatchResponse>
}

export const openQueues = (config: SQSClientConfig = {}): Queues => {
  // A queue's URL names a host; which endpoint is asked is the configuration's.
  const client = new SQSClient({ useQueueUrlAsEndpoint: false, ...config })

  const send: Queues['send'] = async (url, message) => {
    await client.send(new SendMessageCommand({ QueueUrl: url, MessageBody: JSON.stringify(message) }))
  }

  const giveUp = async ({ deadLettersUrl }: Queue, record: SQSRecord, cause: string): Promise<void> => {
    // Attributes count: a message that fills its queue's measure leaves them no room, and goes without.
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
            logger.info('goes on in a new message', { ...about, left: cause.message })
            await send(queue.url, message)
            continue
          }
          const nonRetryable = cause instanceof MalformedMessageError || isNonRetryable?.(cause)
          if (nonRetryable || triesOf(record) >= maxTries) {
            logger.error('given up', { ...about, body: record.body.slice(0, 1_000), error: cause })
            if (message !== undefined) {
              // Where telling fails, the message and its cause are still kept.
              await givenUp?.(message, cause).catch((error: unknown) => logger.error('not told', { ...about, error }))
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

/** A malformed message stays malformed. */
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
 * Stops the work while there is time left to say so: a function that is cut off leaves its message hidden for six times
 * its timeout, and a browser behind.
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
  late.catch(() => undefined) // told below, or of no interest once the work is done
  try {
    await Promise.race([working, late])
  } catch (error) {
    // What was stopped fails in ways of its own: that it was out of time is the cause.
    throw stop.signal.aborted && !(error instanceof UnfinishedError) ? stop.signal.reason : error
  } finally {
    timer.abort()
  }
}

const triesOf = ({ attributes }: SQSRecord): number => Number(attributes.ApproximateReceiveCount)

/** 30 seconds, 1, 2, 4 minutes, … */
const pauseAfter = (tries: number): number => Math.min(15 * 2 ** tries, 900)

/** What SQS takes as an attribute. */
const printable = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .slice(0, 2_000) || 'none'
