/** A function behind an HTTP API: an app of Hono's answers its events, and what it says is logged under the request's id. */
import { Logger } from '@aws-lambda-powertools/logger'
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda'
import type { Hono } from 'hono'
import { type APIGatewayProxyResult, handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda'
import type { FunctionName } from '../config/env.ts'
import type { Log } from '../usecases/log.ts'

export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<APIGatewayProxyResult>

export const httpFunction = (
  name: FunctionName,
  stage: string,
): { readonly log: Log; answering(app: Hono): HttpHandler } => {
  const logger = new Logger({ serviceName: name, persistentKeys: { stage } })
  return {
    log: (what, facts) => (what === 'request failed' ? logger.error(what, facts) : logger.info(what, facts)),
    answering: (app) => {
      const answer = handle(app)
      return async (event, context) => {
        logger.addContext(context)
        return answer(event as unknown as LambdaEvent, context as unknown as LambdaContext)
      }
    },
  }
}
