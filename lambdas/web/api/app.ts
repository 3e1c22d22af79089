/** The API without pages: every error is a problem document. */
import { Hono } from 'hono'
import { apiProblemAnswer } from '../shared/problems.ts'
import { type Guard, guard } from '../shared/security-headers.ts'
import { type ApiParts, apiRoutes, failedAnswer, noSuchPath } from './routes.ts'

export const apiApp = (parts: ApiParts & Guard): Hono => {
  const app = new Hono()
  guard(app, parts)
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  apiRoutes(app, parts)
  app.notFound(() => apiProblemAnswer(noSuchPath()))
  app.onError((error, c) => failedAnswer(c, error, parts.log))
  return app
}
