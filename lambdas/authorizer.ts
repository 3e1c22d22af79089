/**
 * The authoriser of the reading room: it reads the session's cookie and says who asks. Whoever has none is let through
 * as nobody, to whom the room shows the way to sign in and nothing else: the gateway's own refusal would be no page.
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
