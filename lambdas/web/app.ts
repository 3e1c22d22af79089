import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { Organisation } from '../domain/report/organisation.ts'
import type { ReaderActions } from '../usecases/links/reader-actions.ts'
import type { Log } from '../usecases/log.ts'
import { linkRoutes } from './links/link-routes.ts'
import { subscriptionRoutes } from './links/subscription-routes.ts'
import { openAssets } from './shared/assets.ts'
import { maxFormBytes } from './shared/forms.ts'
import { openPages } from './shared/pages.ts'
import { answerProblem } from './shared/problem-pages.ts'
import { type Guard, guard } from './shared/security-headers.ts'
import type { PageStyle, Site } from './shared/site.ts'

type WebParts = Guard & {
  readonly readers?: ReaderActions
  readonly organisation: Organisation
  readonly log: Log
  also?(app: Hono, site: PageStyle): void
}

export const webApp = ({ readers, organisation, log, filesOrigin, secure, also }: WebParts): Hono => {
  const assets = openAssets(organisation)
  const pages = openPages(organisation, assets.styleSheet)
  const app = new Hono()

  guard(app, { filesOrigin, secure })
  const small = bodyLimit({ maxSize: maxFormBytes, onError: (c) => answerProblem(c, pages, 'too-large') })
  for (const path of ['/r/*', '/unsubscribe/*', '/confirm/*']) app.use(path, small)

  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/assets/:version/:name', (c) => {
    const asset = assets.at(c.req.param('version'), c.req.param('name'))
    if (!asset) return answerProblem(c, pages, 'no-such-page')
    const kept = { 'content-type': asset.contentType, 'cache-control': 'public, max-age=31536000, immutable' }
    return new Response(asset.bytes, { headers: kept })
  })
  if (readers) {
    const site: Site = { readers, log, pages }
    linkRoutes(app, site)
    subscriptionRoutes(app, site)
  }
  also?.(app, { organisation, styleSheet: assets.styleSheet })

  app.notFound((c) => answerProblem(c, pages, 'no-such-page'))
  app.onError((error, c) => {
    // The path holds a token: it is not logged.
    log('request failed', { method: c.req.method, error: error.message, stack: error.stack ?? '' })
    return answerProblem(c, pages, 'failed')
  })
  return app
}
