/** The interface for programs by itself, without pages: what is wrong is a problem, always. */
import { Hono } from 'hono'
import { type Guard, guard } from './guard.ts'
import { ProblemError, problemAnswer } from './problems.ts'
import { type ProgramParts, programRoutes } from './programs.ts'

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
