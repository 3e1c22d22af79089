import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda'
import { type Config, type FunctionName, readConfig } from '../config/env.ts'
import { type FunctionLogger, openLogger } from './logger.ts'
import { onFirstCall } from './on-first-call.ts'
import { openQueues, type Queues, type QueueWork } from './sqs-function.ts'

type QueueHandler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>

export type QueueRuntime<Name extends FunctionName> = {
  readonly config: Config<Name>
  readonly logger: FunctionLogger
  readonly queues: Pick<Queues, 'send'>
}

export type QueueJob<Message> = Omit<QueueWork<Message>, 'logger'>

/** @param open called once, on the first call */
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
