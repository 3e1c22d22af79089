/**
 * Who may use the web of this machine: a browser that came by the address which was printed, and programs that send its
 * token.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'

type StartToken = {
  /** Another one at each start, in characters that every terminal leaves whole. */
  readonly token: string
  /** Lets a browser in. */
  readonly path: string
  isBrowserIn(c: Context): boolean
  isBearer(c: Context): boolean
  /** Serves the path. */
  routes(app: Hono): void
}

export const startToken = (): StartToken => {
  const token = randomBytes(32).toString('hex')
  // Not the token: a cookie of this host goes to its other ports too, and then opens the room alone.
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

/** Of this port: cookies of a host are one for all its ports. */
const cookieName = (c: Context): string => `vigie-${new URL(c.req.url).port || '80'}`

const isSame = (given: string, right: string): boolean => timingSafeEqual(digest(given), digest(right))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
