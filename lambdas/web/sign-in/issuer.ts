import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientError,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  enableNonRepudiationChecks,
  None,
  ResponseBodyError,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  WWWAuthenticateChallengeError,
} from 'openid-client'
import { signInScopes } from '../../domain/access/sign-in.ts'
import type { Going } from './sessions.ts'

type IssuerOptions = {
  /** The issuer's address, as in its tokens. */
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client, which uses PKCE alone. */
  clientSecret?(): Promise<string>
  /** Redirect address. */
  readonly back: string
}

export type Issuer = {
  /** Returns the sign-in address, and the values to keep until the return. */
  begin(): Promise<{ readonly url: string; readonly going: Omit<Going, 'to'> }>
  /**
   * Returns the claims of the returning reader.
   * @param query query that the issuer added to the address
   * @throws an error of openid-client: another state, a used code, another user's token
   */
  finish(query: string, going: Going): Promise<Readonly<Record<string, unknown>>>
}

/** Seconds; a reader is waiting. */
const patience = 8

const loopback = '127.0.0.1'

/** RFC 6749 allows the error in the body, in a challenge, or in both. */
const refusesClient = (error: unknown): boolean =>
  error instanceof WWWAuthenticateChallengeError ||
  (error instanceof ResponseBodyError && error.error === 'invalid_client')

const notAnswered = new Set(['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON'])

/** Detects failures that the reader did not cause: the issuer is unreachable or refuses this client. */
export const isIssuersFault = (error: unknown): boolean =>
  refusesClient(error) ||
  (error instanceof ClientError && notAnswered.has(error.code ?? '')) ||
  // fetch throws it when there is no answer.
  error instanceof TypeError

export const issuerAt = ({ issuer, clientId, clientSecret, back }: IssuerOptions): Issuer => {
  const address = new URL(issuer)
  let found: Promise<Configuration> | undefined
  const discover = async (): Promise<Configuration> => {
    const secret = await clientSecret?.()
    const execute = [
      // Checks signatures, although tokens come directly from the issuer.
      enableNonRepudiationChecks,
      ...(address.hostname === loopback ? [allowInsecureRequests] : []),
    ]
    return discovery(address, clientId, secret, secret === undefined ? None() : undefined, {
      execute,
      timeout: patience,
    })
  }
  const configuration = () => {
    found ??= discover().catch((error: unknown) => {
      found = undefined
      throw error
    })
    return found
  }
  return {
    begin: async () => {
      const going = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() }
      const url = buildAuthorizationUrl(await configuration(), {
        redirect_uri: back,
        scope: signInScopes.join(' '),
        state: going.state,
        nonce: going.nonce,
        code_challenge: await calculatePKCECodeChallenge(going.verifier),
        code_challenge_method: 'S256',
      })
      return { url: url.href, going }
    },
    finish: async (query, { state, nonce, verifier }) => {
      const came = new URL(back)
      came.search = query
      const tokens = await authorizationCodeGrant(await configuration(), came, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      }).catch((error: unknown) => {
        // The secret was rotated: the next sign-in loads it again.
        if (refusesClient(error)) found = undefined
        throw error
      })
      return tokens.claims() ?? {}
    },
  }
}
