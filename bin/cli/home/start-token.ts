/** Access to the local web app: browsers by the printed address, programs by token. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

type StartToken = {
  /** New at each start. */
  readonly token: string
  readonly path: string
  isBrowserIn(c: Context): boolean
  isBearer(c: Context): boolean
  routes(app: Hono): void
}

export const startToken = (): StartToken => {
  const token = randomBytes(32).toString('hex')
  // Not the token: cookies reach all ports of a host. The session opens the reading room only.
  const session = randomBytes(32).toString('hex')
  return {
    token,
    path: `/enter/${token}`,
    isBrowserIn: (c) => isSame(getCookie(c, cookieName(c)) ?? '', session),
    isBearer: (c) => isSame(/^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '', token),
    routes: (app) => {
      app.get('/enter/:token', (c) => {
        if (isSame(c.req.param('token'), token)) {
          setCookie(c, cookieName(c), session, { httpOnly: true, sameSite: 'Strict', path: '/' })
        }
        return c.redirect('/room', 303)
      })
    },
  }
}

/** Cookies are shared by all ports of a host. */
const cookieName = (c: Context): string => `vigie-${new URL(c.req.url).port || '80'}`

const isSame = (given: string, right: string): boolean => timingSafeEqual(digest(given), digest(right))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
