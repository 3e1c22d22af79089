/** What every answer of the web carries, whatever it is. */
import type { Hono } from 'hono'

export type Guard = {
  /** Where forms may lead beside this site: where signed files are. */
  filesOrigin(): Promise<string | undefined>
  /** Reached by https alone. */
  readonly secure: boolean
}

const twoYearsSeconds = 63_072_000

export const guard = (app: Hono, { filesOrigin, secure }: Guard): void => {
  app.use(async (c, next) => {
    await next()
    const { headers } = c.res
    const set = (name: string, value: string) => {
      if (!headers.has(name)) headers.set(name, value)
    }
    set('content-security-policy', policyLeadingTo(await filesOrigin().catch(() => undefined)))
    set('referrer-policy', 'no-referrer') // the address is the right to read
    set('cache-control', 'no-store')
    set('x-robots-tag', 'noindex, nofollow')
    set('x-content-type-options', 'nosniff')
    set('x-frame-options', 'DENY')
    set('cross-origin-opener-policy', 'same-origin')
    set('cross-origin-resource-policy', 'same-origin')
    set('permissions-policy', 'camera=(), geolocation=(), microphone=()')
    if (secure) set('strict-transport-security', `max-age=${twoYearsSeconds}; includeSubDomains`)
  })
}

/**
 * Nothing but our own style sheet and fonts, pictures of ours or in the page, and forms that lead here or to one place
 * beside.
 */
export const policyLeadingTo = (origin: string | undefined): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    `form-action 'self'${origin ? ` ${origin}` : ''}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
