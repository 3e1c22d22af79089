import { randomBytes } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import type { CookieOptions } from 'hono/utils/cookie'
import type { People } from '../../domain/access/people.ts'
import { signInPaths } from '../../domain/access/sign-in.ts'
import type { Organisation } from '../../domain/report/organisation.ts'
import type { Log } from '../../usecases/log.ts'
import { openAssets } from '../shared/assets.ts'
import { isCrossSite, maxFormBytes, readForm } from '../shared/forms.ts'
import { openPages } from '../shared/pages.ts'
import { answerProblem, chosenLanguage, html, languageOf } from '../shared/problem-pages.ts'
import { guard } from '../shared/security-headers.ts'
import { type RoomKey, roomWordingOf } from '../shared/wording.ts'
import { personIn } from './identity.ts'
import { type Issuer, isIssuersFault } from './issuer.ts'
import { cookieNames, type Kind, lasts, maxPageChars, type Seal, type Visitor } from './sessions.ts'

type SignInParts = {
  readonly issuer: Issuer
  readonly seal: Seal
  /** Address that also ends the issuer's session; undefined if unknown. */
  readonly signOutUrl: string | undefined
  readonly organisation: Organisation
  /** Undefined where claims give the rights. */
  people?(): Promise<People | undefined>
  readonly log: Log
}

const cookie = {
  prefix: 'host',
  path: '/',
  secure: true,
  httpOnly: true,
  // Sent with links from mails, but not with other sites' forms.
  sameSite: 'Lax',
} as const satisfies CookieOptions

const cookieOf = (c: Context, kind: Kind): string | undefined => getCookie(c, cookieNames[kind], 'host')

type Statement = 'wrong' | 'stranger' | 'out' | 'stale'

const statuses = { wrong: 400, stranger: 403, out: 200, stale: 403 } as const

export const signInApp = ({ issuer, seal, signOutUrl, organisation, people, log }: SignInParts): Hono => {
  const pages = openPages(organisation, openAssets(organisation).styleSheet)
  const app = new Hono()
  guard(app, { filesOrigin: async () => undefined, secure: true })

  const keep = async (c: Context, kind: Kind, sealed: string) =>
    setCookie(c, cookieNames[kind], sealed, { ...cookie, maxAge: lasts[kind] })
  const drop = (c: Context, kind: Kind) => deleteCookie(c, cookieNames[kind], cookie)
  const say = (c: Context, name: Statement, link: { readonly href: string; readonly label: RoomKey }, who = '') => {
    const words = roomWordingOf(languageOf(c, chosenLanguage(c)))
    const statement = {
      title: words.say(`room.signIn.${name}.title`),
      text: words.say(`room.signIn.${name}.text`, { who }),
    }
    const page = pages.statement(words.language, statement, { href: link.href, label: words.say(link.label) })
    return c.body(page, statuses[name], { ...html, 'content-language': words.language })
  }
  const again = { href: signInPaths.in, label: 'room.signIn.again' } as const

  app.get(signInPaths.in, async (c) => {
    const { url, going } = await issuer.begin()
    await keep(c, 'going', await seal.close('going', { ...going, to: pageIn(c.req.query('to')) }))
    return c.redirect(url, 302)
  })

  app.get(signInPaths.back, async (c) => {
    const going = await seal.open('going', cookieOf(c, 'going'))
    // An answer to another tab's sign-in does not end the current one.
    if (!going || going.state !== c.req.query('state')) return say(c, 'wrong', again)
    // Single use, whatever the result.
    drop(c, 'going')
    let claims: Readonly<Record<string, unknown>>
    try {
      claims = await issuer.finish(new URL(c.req.url).search, going)
    } catch (error) {
      if (isIssuersFault(error)) throw error
      // Logs only the error code, not text of the issuer or the address.
      log('sign-in failed', { why: error instanceof Error && 'code' in error ? String(error.code) : 'unknown' })
      return say(c, 'wrong', again)
    }
    const person = personIn(claims, await people?.())
    if (!person) {
      const who = String(claims.email ?? claims.sub ?? '').slice(0, 200)
      log('sign-in refused', { who, sub: String(claims.sub ?? '').slice(0, 200) })
      return say(c, 'stranger', leave(), who)
    }
    const visitor: Visitor = { ...person, formToken: randomBytes(32).toString('base64url') }
    await keep(c, 'session', await seal.close('session', visitor))
    const { who, clearance, territories } = visitor.caller
    log('signed in', { who, clearance, territories: territories.join(' ') })
    return c.redirect(going.to, 303)
  })

  app.post(signInPaths.out, bodyLimit({ maxSize: maxFormBytes, onError: (c) => say(c, 'stale', home) }), async (c) => {
    const session = await seal.open('session', cookieOf(c, 'session'))
    const form = await readForm(c)
    const isOurs = typeof form !== 'string' && form.get('token') === session?.formToken
    if (session && (isCrossSite(c) || !isOurs)) return say(c, 'stale', home)
    drop(c, 'session')
    if (session) log('signed out', { who: session.caller.who })
    return say(c, 'out', leave())
  })
  const home = { href: '/room', label: 'room.back' } as const
  const leave = () => (signOutUrl ? ({ href: signOutUrl, label: 'room.signIn.leave' } as const) : again)

  app.notFound((c) => answerProblem(c, pages, 'no-such-page'))
  app.onError((error, c) => {
    log('request failed', { method: c.req.method, error: error.message, stack: error.stack ?? '' })
    return answerProblem(c, pages, 'failed')
  })
  return app
}

/** Returns the requested page of the room, or `/room` for any other address. */
const pageIn = (to: string | undefined): string => {
  if (!to?.startsWith('/room')) return '/room'
  const site = 'https://room.invalid'
  const found = URL.canParse(to, site) ? new URL(to, site) : undefined
  if (found?.origin !== site || !/^\/room(\/|$)/.test(found.pathname)) return '/room'
  const page = `${found.pathname}${found.search}`
  return page.length > maxPageChars ? '/room' : page
}
