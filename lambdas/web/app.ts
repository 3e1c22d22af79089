/** The web: what every answer carries, which paths there are, and what is said where something is wrong. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { House } from '../domain/house.ts'
import type { Log } from '../open-link.ts'
import type { Readers } from '../readers.ts'
import { answerProblem } from './answers.ts'
import { openAssets } from './assets.ts'
import { mostBytes } from './forms.ts'
import { linkRoutes } from './links.ts'
import { listRoutes } from './lists.ts'
import { openPages, type Pages } from './pages.ts'

export type WebParts = {
  readonly readers: Readers
  readonly house: House
  readonly log: Log
  /** Where forms may lead beside this site: where signed files are. */
  filesOrigin(): Promise<string | undefined>
  /** Reached by https alone. */
  readonly secure: boolean
}

/** What a group of paths works with. */
export type Site = Pick<WebParts, 'readers' | 'log'> & { readonly pages: Pages }

const twoYears = 63_072_000

export const webApp = ({ readers, house, log, filesOrigin, secure }: WebParts): Hono => {
  const assets = openAssets(house)
  const pages = openPages(house, assets.styleSheet)
  const site: Site = { readers, log, pages }
  const app = new Hono()

  app.use(async (c, next) => {
    await next()
    const { headers } = c.res
    const set = (name: string, value: string) => {
      if (!headers.has(name)) headers.set(name, value)
    }
    set('content-security-policy', policy(await filesOrigin().catch(() => undefined)))
    set('referrer-policy', 'no-referrer') // the address is the right to read
    set('cache-control', 'no-store')
    set('x-robots-tag', 'noindex, nofollow')
    set('x-content-type-options', 'nosniff')
    set('x-frame-options', 'DENY')
    set('cross-origin-opener-policy', 'same-origin')
    set('cross-origin-resource-policy', 'same-origin')
    set('permissions-policy', 'camera=(), geolocation=(), microphone=()')
    if (secure) set('strict-transport-security', `max-age=${twoYears}; includeSubDomains`)
  })
  app.use(bodyLimit({ maxSize: mostBytes, onError: (c) => answerProblem(c, pages, 'too-large') }))

  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/assets/:version/:name', (c) => {
    const asset = assets.at(c.req.param('version'), c.req.param('name'))
    if (!asset) return answerProblem(c, pages, 'no-such-page')
    const kept = { 'content-type': asset.contentType, 'cache-control': 'public, max-age=31536000, immutable' }
    return new Response(asset.bytes, { headers: kept })
  })
  linkRoutes(app, site)
  listRoutes(app, site)

  app.notFound((c) => answerProblem(c, pages, 'no-such-page'))
  app.onError((error, c) => {
    // The path holds a token: what it was asked for stays out of the log.
    log('request failed', { method: c.req.method, message: error.message, stack: error.stack ?? '' })
    return answerProblem(c, pages, 'failed')
  })
  return app
}

/** Nothing but our own style sheet and fonts, a logo in the page, and forms that lead here or to a signed file. */
const policy = (filesOrigin: string | undefined): string =>
  [
    "default-src 'none'",
    "style-src 'self'",
    "font-src 'self'",
    "img-src 'self' data:",
    `form-action 'self'${filesOrigin ? ` ${filesOrigin}` : ''}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ')
