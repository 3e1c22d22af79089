/** Access to the local web app: browsers by the printed address, programs by its token or one of `vigie tokens`. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context, Hono, MiddlewareHandler } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { type Caller, everything } from '../../../lambdas/domain/access/caller.ts'
import type { ProgramTokens } from '../../../lambdas/usecases/program-tokens.local.ts'
import { ApiProblemError, apiProblemAnswer } from '../../../lambdas/web/shared/problems.ts'

type StartToken = {
  /** New at each start. */
  readonly token: string
  readonly path: string
  isBrowserIn(c: Context): boolean
  routes(app: Hono): void
}

type ProgramDoor = {
  /** Reads a program's token for the routes after it. */
  readonly programs: MiddlewareHandler
  programOf(c: Context): Caller | undefined
}

export const startToken = (): StartToken => {
  const token = randomBytes(32).toString('hex')
  // Not the token: cookies reach all ports of a host. The session opens the reading room only.
  const session = randomBytes(32).toString('hex')
  return {
    token,
    path: `/enter/${token}`,
    isBrowserIn: (c) => isSame(getCookie(c, cookieName(c)) ?? '', session),
    routes: (app) => {
      app.get('/enter/:token', (c) => {
        if (isSame(c.req.param('token'), token)) {
          const secure = new URL(c.req.url).protocol === 'https:'
          setCookie(c, cookieName(c), session, { httpOnly: true, sameSite: 'Strict', path: '/', secure })
        }
        return c.redirect('/room', 303)
      })
    },
  }
}

/** @param token of the start, if it grants access */
export const programDoor = (
  programTokens: ProgramTokens,
  clock: () => Date,
  token: string | undefined,
): ProgramDoor => {
  const programs = new WeakMap<Context, Caller>()
  return {
    programs: async (c, next) => {
      const given = /^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? ''
      if (token !== undefined && isSame(given, token)) programs.set(c, everything)
      const found = given.startsWith('vigie_') ? await programTokens.open(given, clock()) : undefined
      if (found?.state === 'active') programs.set(c, found.caller)
      if (!found || found.state === 'active') return next()
      const why = found.state === 'revoked' ? 'was revoked' : 'has expired'
      const detail = `The token ${found.name} ${why}: vigie tokens add makes another`
      return apiProblemAnswer(new ApiProblemError('not-signed-in', detail))
    },
    programOf: (c) => programs.get(c),
  }
}

/** Cookies are shared by all ports of a host. */
const cookieName = (c: Context): string => `vigie-${new URL(c.req.url).port || '80'}`

const isSame = (given: string, right: string): boolean => timingSafeEqual(digest(given), digest(right))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
