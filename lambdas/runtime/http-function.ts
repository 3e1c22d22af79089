/** A function behind an HTTP API, served by a Hono app. */
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import type { Hono } from 'hono'
import { type APIGatewayProxyResult, handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda'
import { type Config, type FunctionName, readConfig } from '../config/env.ts'
import type { Log } from '../usecases/log.ts'
import { openLogger } from './logger.ts'
import { onFirstCall } from './on-first-call.ts'

type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyResult>

/** @param open called once, on the first call */
export const httpFunction = <Name extends FunctionName>(
  name: Name,
  open: (runtime: { readonly config: Config<Name>; readonly log: Log }) => Hono,
): HttpHandler => {
  const opened = onFirstCall(() => {
    const config = readConfig(name, process.env)
    const logger = openLogger(name, config.STAGE)
    const log: Log = (what, facts) => (what === 'request failed' ? logger.error(what, facts) : logger.info(what, facts))
    return { logger, answer: handle(open({ config, log })) }
  })
  return async (event, context) => {
    const { logger, answer } = opened()
    logger.addContext(context)
    return answer(event as unknown as LambdaEvent, context as unknown as LambdaContext)
  }
}
