/** A function that a queue feeds: its configuration, its log and its queues, opened on the first call. */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { type Config, type FunctionName, readConfig } from '../config/env.ts'
import { type FunctionLogger, openLogger } from './logger.ts'
import { onFirstCall } from './on-first-call.ts'
import { openQueues, type Queues, type QueueWork } from './sqs-function.ts'

type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>

/** What every function of a queue works with. */
export type QueueRuntime<Name extends FunctionName> = {
  readonly config: Config<Name>
  readonly logger: FunctionLogger
  readonly queues: Pick<Queues, 'send'>
}

/** A function's own part of the work; its log comes with the runtime. */
export type QueueJob<Message> = Omit<QueueWork<Message>, 'logger'>

/** @param open gives the work, from the function's own configuration; called once, on the first call */
export const queueFunction = <Name extends FunctionName, Message>(
  name: Name,
  open: (runtime: QueueRuntime<Name>) => QueueJob<Message>,
): QueueHandler => {
  const opened = onFirstCall(() => {
    const config = readConfig(name, process.env)
    const logger = openLogger(name, config.STAGE)
    const queues = openQueues()
    return { queues, work: { ...open({ config, logger, queues }), logger } }
  })
  return async (event, context) => {
    const { queues, work } = opened()
    return queues.workThrough(event, context, work)
  }
}
