import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { type LetterQueue, letterQueues } from '../../lambdas/domain/checkup/dead-letter.ts'
import { type LetterBox, letterBox, type RedriveOptions } from '../../lambdas/usecases/delivery/redrive.ts'
import { resourcesOf } from './home/stage.ts'

/** Construct ids in lib/. */
export const letterConstructs = {
  reports: { deadLetters: 'ReportsDeadLettersQueue', queue: 'ReportsQueue' },
  deliveries: { deadLetters: 'DeliveriesDeadLettersQueue', queue: 'DeliveriesQueue' },
  drops: { deadLetters: 'DropsDeadLettersQueue', queue: 'DropsQueue' },
  'mail-events': { deadLetters: 'MailEventsDeadLettersQueue', queue: 'MailEventsQueue' },
  watchdog: { deadLetters: 'WatchdogDeadLettersQueue', function: 'WatchdogFunction' },
  posts: { deadLetters: 'PostsDeadLettersQueue', calling: 'PostsDetectFunction' },
  plates: { deadLetters: 'PlatesDeadLettersQueue', calling: 'PlatesWorkerFunction' },
  'plate-expiry': { deadLetters: 'PlateExpiryDeadLettersQueue', calling: 'PlateExpiryWorkerFunction' },
} as const satisfies Record<LetterQueue, object>

type DeadLetters = {
  readonly name: LetterQueue
  readonly box: LetterBox
  readonly send: NonNullable<RedriveOptions['send']>
}

/** A stage without mail has no queue of mail events. @throws Error */
export const openDeadLetters = async (
  stage: string,
): Promise<{ readonly queues: readonly DeadLetters[]; close(): void }> => {
  const resources = await resourcesOf(stage)
  const sqs = new SQSClient({ useQueueUrlAsEndpoint: false })
  const lambda = new LambdaClient({})
  const needed = (name: string): string => {
    const physical = resources.find(name)
    if (physical === undefined) throw new Error(`the stack vigie-${stage} has no ${name}: deploy it with this version`)
    return physical
  }
  const queues = letterQueues.flatMap((name): DeadLetters[] => {
    const { deadLetters, ...again } = letterConstructs[name]
    const url = resources.find(deadLetters)
    if (url === undefined) return []
    const send =
      'queue' in again
        ? toQueue(sqs, needed(again.queue))
        : 'calling' in again
          ? byCalling(lambda, needed(again.calling))
          : byRunning(lambda, needed(again.function))
    return [{ name, box: letterBox(sqs, url), send }]
  })
  return {
    queues,
    close: () => {
      sqs.destroy()
      lambda.destroy()
    },
  }
}

const toQueue = (sqs: SQSClient, url: string): DeadLetters['send'] => {
  return async ({ body }) => {
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }))
  }
}

/** Asynchronous: a run takes minutes. A new failure makes a new letter. */
const byCalling = (lambda: LambdaClient, name: string): DeadLetters['send'] => {
  return async ({ body }) => {
    await lambda.send(new InvokeCommand({ FunctionName: name, InvocationType: 'Event', Payload: Buffer.from(body) }))
  }
}

/** One run serves all letters: each run checks everything. */
const byRunning = (lambda: LambdaClient, name: string): DeadLetters['send'] => {
  let running: Promise<void> | undefined
  const run = async () => {
    const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: name }))
    if (FunctionError === undefined) return
    const payloadText = Payload === undefined ? '' : `: ${new TextDecoder().decode(Payload)}`
    throw new Error(`${name} failed again (${FunctionError})${payloadText}`)
  }
  return () => {
    running ??= run()
    return running
  }
}
