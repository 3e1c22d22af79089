/** An issuer of OpenID Connect on loopback: a certified one, whose people are those of the test. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Provider } from 'oidc-provider'

type Person = Readonly<Record<string, string | boolean>>

export type IssuerHere = {
  readonly url: string
  /** Signs somebody in as a browser would. @returns the address that the issuer sends him back to */
  walk(url: string, login: string): Promise<string>
  close(): Promise<void>
}

export const clientId = 'vigie'

/**
 * @param backs where it may send people back; only to these
 * @param secret of the client; a public one has none
 */
export const startIssuer = async (
  people: Readonly<Record<string, Person>>,
  backs: readonly string[],
  secret?: string,
): Promise<IssuerHere> => {
  const server = createServer({ keepAliveTimeout: 60_000 })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(url, {
    clients: [
      {
        client_id: clientId,
        // Web applications are held to https, which loopback does without.
        application_type: 'native',
        ...(secret === undefined
          ? { token_endpoint_auth_method: 'none' as const }
          : { token_endpoint_auth_method: 'client_secret_post' as const, client_secret: secret }),
        redirect_uris: [...backs],
        grant_types: ['authorization_code'],
        response_types: ['code'],
      },
    ],
    // As in Cognito: beside other scopes, what is no standard claim comes with the profile.
    claims: {
      openid: ['sub'],
      email: ['email', 'email_verified'],
      profile: ['name', 'vigie_clearance', 'vigie_territories', 'vigie_scopes'],
    },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: async () => ({ sub: id, ...people[id] }) }),
    pkce: { required: () => true },
    cookies: { keys: ['of the test'] },
    // It dates tokens by the machine's clock, and functions read them by the clock of tests, years later.
    ttl: { IdToken: 20 * 365 * 86_400 },
  })
  server.on('request', provider.callback())

  const walk = async (from: string, login: string): Promise<string> => {
    const jar = new Map<string, string>()
    const ask = async (address: string, form?: Readonly<Record<string, string>>) => {
      const answer = await fetch(address, {
        redirect: 'manual',
        headers: { cookie: [...jar].map((pair) => pair.join('=')).join('; ') },
        ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      })
      for (const cookie of answer.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? []
        jar.set(name, value)
      }
      return answer
    }
    let answer = await ask(from)
    for (let steps = 0; steps < 20; steps += 1) {
      const location = answer.headers.get('location')
      if (location !== null) {
        const next = new URL(location, url).href
        if (!next.startsWith(url)) return next
        answer = await ask(next)
        continue
      }
      const page = await answer.text()
      const action = /action="([^"]+)"/.exec(page)?.[1]
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1]
      if (!action || !prompt) throw new Error(`the issuer answers ${answer.status}: ${page.slice(0, 500)}`)
      answer = await ask(new URL(action, url).href, { prompt, login, password: 'any' })
    }
    throw new Error('the issuer leads nowhere')
  }
  return {
    url,
    walk,
    close: async () => {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
