/** The identity provider: OpenID Connect's authorisation code flow, with PKCE. */
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
  /** Its address, as its tokens say it. */
  readonly issuer: string
  readonly clientId: string
  /** Undefined for a public client, which proves itself by PKCE alone. */
  clientSecret?(): Promise<string>
  /** Where it sends readers back. */
  readonly back: string
}

export type Issuer = {
  /** Where a reader signs in, and what must be remembered until the reader comes back. */
  begin(): Promise<{ readonly url: string; readonly going: Omit<Going, 'to'> }>
  /**
   * The claims of the one who came back.
   * @param query what the issuer added to the address
   * @throws what openid-client says is wrong: another state, a code that is used up, a token of another person
   */
  finish(query: string, going: Going): Promise<Readonly<Record<string, unknown>>>
}

/** A reader waits: in seconds. */
const patience = 8

const loopback = '127.0.0.1'

/** RFC 6749 lets an issuer say so in the body, with a challenge, or both. */
const refusesClient = (error: unknown): boolean =>
  error instanceof WWWAuthenticateChallengeError ||
  (error instanceof ResponseBodyError && error.error === 'invalid_client')

const notAnswered = new Set(['OAUTH_TIMEOUT', 'OAUTH_RESPONSE_IS_NOT_CONFORM', 'OAUTH_RESPONSE_IS_NOT_JSON'])

/** It was out of reach, or refuses this site: no fault of the reader. */
export const isIssuersFault = (error: unknown): boolean =>
  refusesClient(error) ||
  (error instanceof ClientError && notAnswered.has(error.code ?? '')) ||
  // As fetch says that there is no answer.
  error instanceof TypeError

export const issuerAt = ({ issuer, clientId, clientSecret, back }: IssuerOptions): Issuer => {
  const address = new URL(issuer)
  let found: Promise<Configuration> | undefined
  const discover = async (): Promise<Configuration> => {
    const secret = await clientSecret?.()
    const execute = [
      // Signatures are checked, although tokens come straight from the issuer.
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
        // The secret was changed: the next reader gets in.
        if (refusesClient(error)) found = undefined
        throw error
      })
      return tokens.claims() ?? {}
    },
  }
}
