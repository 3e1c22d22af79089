import type { Hono } from 'hono'

export type Guard = {
  /** Origin of signed files, to which forms may also lead. */
  filesOrigin(): Promise<string | undefined>
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
    set('referrer-policy', 'no-referrer') // the address grants access
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

/** Allows only our style sheet, fonts and images, inline images, and forms to this site or the given origin. */
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
