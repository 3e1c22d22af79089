/** The interface for programs by itself, without pages: what is wrong is a problem, always. */
import { Hono } from 'hono'
import { ProblemError, problemAnswer } from '../shared/problems.ts'
import { type Guard, guard } from '../shared/security-headers.ts'
import { type ProgramParts, programRoutes } from './routes.ts'

export const programsApp = (parts: ProgramParts & Guard): Hono => {
  const app = new Hono()
  guard(app, parts)
  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  programRoutes(app, parts)
  app.notFound(() => problemAnswer(new ProblemError('not-found', 'There is no such path: /openapi.json names them')))
  app.onError((error, c) => {
    parts.log('request failed', { method: c.req.method, message: error.message, stack: error.stack ?? '' })
    return problemAnswer(new ProblemError('failed', 'It failed before its end: ask again in a while'))
  })
  return app
}
