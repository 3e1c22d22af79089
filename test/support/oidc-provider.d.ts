/** What the tests use of oidc-provider, whose own types bring seventeen packages. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http'

  type Client = {
    readonly client_id: string
    readonly client_secret?: string
    readonly application_type: 'native' | 'web'
    readonly token_endpoint_auth_method: 'none' | 'client_secret_post'
    readonly redirect_uris: readonly string[]
    readonly grant_types: readonly string[]
    readonly response_types: readonly string[]
  }
  type Account = { readonly accountId: string; claims(): Promise<Readonly<Record<string, string>>> }
  export class Provider {
    constructor(
      issuer: string,
      configuration: {
        readonly clients: readonly Client[]
        readonly claims: Readonly<Record<string, readonly string[]>>
        readonly conformIdTokenClaims: boolean
        readonly findAccount: (context: unknown, id: string) => Account
        readonly pkce: { readonly required: () => boolean }
        readonly cookies: { readonly keys: readonly string[] }
        readonly ttl: { readonly IdToken: number }
      },
    )
    callback(): RequestListener
  }
}
