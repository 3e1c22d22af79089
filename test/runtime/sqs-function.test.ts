/** What becomes of a message by the way its work ends. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Logger } from '@aws-lambda-powertools/logger'
import type { Context, SQSEvent } from 'aws-lambda'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { openQueues, type QueueWork } from '../../lambdas/runtime/sqs-function.ts'
import { UnfinishedError } from '../../lambdas/usecases/unfinished.ts'

type Work = QueueWork<{ readonly a: number }>['work']

/** The calls of SQS and the failures that a message of so many tries ends with. */
const outcome = async (work: Work, tries = 1, remainingMs = 300_000) => {
  const calls: string[] = []
  const queues = openQueues({
    region: 'eu-west-3',
    endpoint: 'http://127.0.0.1:1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'a' },
    requestHandler: {
      handle: async ({ headers, body }: { headers: Record<string, string>; body: string }) => {
        const { QueueUrl, MessageBody = '' } = JSON.parse(body)
        calls.push(`${headers['x-amz-target']?.split('.')[1]} ${QueueUrl} ${MessageBody}`.trim())
        const MD5OfMessageBody = createHash('md5').update(MessageBody).digest('hex')
        const answer = new Response(JSON.stringify({ MessageId: 'm', MD5OfMessageBody })).body
        return { response: { statusCode: 200, headers: {}, body: answer } as never }
      },
    },
  })
  const record = {
    messageId: 'm1',
    body: '{"a":1}',
    receiptHandle: 'r',
    attributes: { ApproximateReceiveCount: tries },
  }
  const { batchItemFailures } = await queues.workThrough(
    { Records: [record] } as unknown as SQSEvent,
    { awsRequestId: 'x', getRemainingTimeInMillis: () => remainingMs } as Context,
    {
      queue: { url: 'q', deadLettersUrl: 'dead' },
      schema: z.strictObject({ a: z.int() }),
      work,
      logger: new Logger({ logLevel: 'SILENT' }),
    },
  )
  return { calls, failures: batchItemFailures.length }
}

/** Ends in its own way once its time is over. */
const stopped =
  (error: Error): Work =>
  async (_, { outOfTime }) => {
    await once(outOfTime, 'abort')
    throw error
  }
const noTime = 10_001

test('done: it goes', async () => {
  expect(await outcome(async () => {})).toEqual({ calls: [], failures: 0 })
})

test.each([1, 5])('out of time with a part done, at try %i: a new message does the rest', async (tries) => {
  const ended = await outcome(stopped(new UnfinishedError('3 left')), tries, noTime)
  expect(ended).toEqual({ calls: ['SendMessage q {"a":1}'], failures: 0 })
})

test('out of time with nothing done: it comes again', async () => {
  const ended = await outcome(stopped(new Error('aborted')), 1, noTime)
  expect(ended).toEqual({ calls: ['ChangeMessageVisibility q'], failures: 1 })
})

test('failed at the last try: a dead letter', async () => {
  const fails: Work = async () => {
    throw new Error('no')
  }
  expect(await outcome(fails, 4)).toEqual({ calls: ['ChangeMessageVisibility q'], failures: 1 })
  expect(await outcome(fails, 5)).toEqual({ calls: ['SendMessage dead {"a":1}'], failures: 0 })
})
