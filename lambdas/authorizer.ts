/**
 * Lambda authoriser of the reading room: reads the session cookie. Requests without one pass as anonymous, so that the
 * room can show its sign-in page; the gateway's own refusal would not be a page.
 */
import type { APIGatewayRequestAuthorizerEventV2, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda'
import { systemClock } from './config/clock.ts'
import { readConfig } from './config/env.ts'
import { secretText } from './keys/secret.ts'
import { onFirstCall } from './runtime/on-first-call.ts'
import { contextOf } from './web/sign-in/identity.ts'
import { keyKeptMs, sealWith, sessionIn } from './web/sign-in/sessions.ts'

const seal = onFirstCall(() => {
  const config = readConfig('authorizer', process.env)
  return sealWith(secretText(config.SESSION_SECRET, keyKeptMs), systemClock)
})

type Answer = APIGatewaySimpleAuthorizerWithContextResult<Partial<ReturnType<typeof contextOf>>>

export const handler = async ({ cookies = [] }: Partial<APIGatewayRequestAuthorizerEventV2>): Promise<Answer> => {
  const visitor = await seal().open('session', sessionIn(cookies))
  return { isAuthorized: true, context: visitor ? contextOf(visitor) : {} }
}
