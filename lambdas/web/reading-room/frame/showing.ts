/** Checks caller and rights of every room page; shows refusals as pages. */
import type { Context, Hono } from 'hono'
import { type Caller, mayDo, type Scope } from '../../../domain/access/caller.ts'
import type { Language } from '../../../domain/core/language/languages.ts'
import { parseMarking } from '../../../domain/core/marking.ts'
import { parseSubject, subjectOf, territories } from '../../../domain/core/place/territory.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import { type Period, parsePeriod } from '../../../domain/core/time/period.ts'
import type { Edition } from '../../../domain/report/manifest.ts'
import * as schemas from '../../api/schemas.ts'
import { isCrossSite, readLists } from '../../shared/forms.ts'
import { chosenLanguage, html, languageOf } from '../../shared/problem-pages.ts'
import type { PageStyle } from '../../shared/site.ts'
import { type RoomKey, type RoomWording, roomWordingOf } from '../../shared/wording.ts'
import type { Visitor } from '../../sign-in/sessions.ts'
import { type Labels, labelsIn, labelsName, noLabels, typedBy } from './labels.ts'
import {
  type Clock,
  type Drawings,
  type Frame,
  openRoomPages,
  type Query,
  type RememberedName,
  type RoomTemplate,
  type SignInLinks,
  type Visit,
} from './pages.ts'

/** Thrown to show a refusal. */
export class Stop extends Error {
  override name = 'Stop'
  readonly status: number
  readonly why: keyof typeof stops
  readonly by: string | undefined

  constructor(why: keyof typeof stops, by?: string) {
    super(why)
    this.why = why
    this.by = by
    this.status = stops[why]
  }
}

const stops = {
  'signed-out': 401,
  locked: 401,
  forbidden: 403,
  elsewhere: 403,
  stale: 403,
  nothing: 404,
  look: 404,
  lowered: 404,
  decided: 404,
  candidate: 404,
  placed: 409,
  faster: 409,
  storing: 409,
  cursor: 400,
  form: 400,
  long: 413,
} as const

export type Answer = {
  readonly template: RoomTemplate
  readonly frame: Frame
  readonly value: Readonly<Record<string, unknown>>
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

type Work = (c: Context, visit: Visit) => Promise<Answer | Response>

export type Door = {
  visitorOf(c: Context): Visitor | undefined | Promise<Visitor | undefined>
  /** Undefined where a printed local address grants access. */
  readonly signInLinks?: SignInLinks
  readonly names?: RememberedName
  /** Absent on a stage. */
  tokenPages?(app: Hono, showing: Showing): void
  readonly drawings: Drawings
}

/** Any of the scopes is enough. */
export type Showing = (scopes: Scope | readonly Scope[], work: Work) => (c: Context) => Promise<Response>

export const showingWith = (
  { visitorOf, signInLinks, names, tokenPages, drawings }: Door,
  style: PageStyle,
): Showing => {
  const pages = openRoomPages(style.organisation, style.styleSheet, drawings)
  const pageOf = async (
    c: Context,
    visit: Visit,
    { template, frame, value, status = 200, headers = {} }: Answer,
  ): Promise<Response> => {
    const isRefused = status >= 400 && template !== 'stop'
    const text = pages.page(
      template,
      visit,
      frame,
      value,
      isRefused,
      template === 'stop' ? undefined : await labelsSent(c),
    )
    return new Response(text, {
      status,
      headers: { ...html, 'content-language': visit.words.language, vary: 'accept-language', ...headers },
    })
  }
  return (scopes, work) => async (c) => {
    const visitor = await visitorOf(c)
    const visit = { ...visitOf(c, visitor ?? anonymous, signInLinks), names, hasTokens: !!tokenPages }
    try {
      if (c.req.method !== 'GET' && isCrossSite(c)) throw new Stop('elsewhere')
      if (!visitor) throw new Stop(signInLinks ? 'signed-out' : 'locked')
      if (![scopes].flat().some((one) => mayDo(visitor.caller, one))) throw new Stop('forbidden')
      const answer = await work(c, visit)
      return answer instanceof Response ? answer : await pageOf(c, visit, answer)
    } catch (error) {
      if (error instanceof Stop) {
        const typed = await typedIn(c, error)
        return pageOf(c, visit, stopPage(error, c, visit, { signInLinks, typed, knows: visitor !== undefined }))
      }
      throw error
    }
  }
}

const stopPage = (
  { why, status, by }: Stop,
  c: Context,
  { words, href, formToken, caller }: Visit,
  {
    signInLinks,
    typed,
    knows,
  }: { readonly signInLinks: SignInLinks | undefined; readonly typed: Typed; readonly knows: boolean },
): Answer => {
  const say = (part: 'title' | 'text') => words.say(`room.stop.${why}.${part}` as RoomKey)
  const back =
    signInLinks && why === 'signed-out'
      ? {
          href: signInLinks.signIn(c.req.method === 'GET' ? pageAsked(c) : '/room'),
          label: words.say('room.signIn.in'),
        }
      : why === 'locked'
        ? null
        : c.req.path.startsWith('/room/inbox/')
          ? { href: href('/room/inbox'), label: words.say('room.inbox.back') }
          : { href: href('/room'), label: words.say('room.back') }
  const labels = labelsIn(typed.get(labelsName)?.at(-1) ?? '')
  // Forms of earlier versions of Vigie have no labels: keeps what was typed.
  const typedFields = labels ? typedBy(labels, typed, words.list) : typedByName(typed, words)
  const items = typedFields.map(({ label, text }) => ({
    label: harmless(label),
    text: harmless(text),
  }))
  const sends = typed.get('do')?.at(-1) ?? ''
  return {
    template: 'stop',
    // Typed text may have any marking up to its author's clearance.
    frame: { title: say('title'), ...(knows && items.length > 0 && { markings: [caller.clearance] }) },
    value: {
      text: by === undefined ? say('text') : words.say('room.stop.faster.named', { by: harmless(by) }),
      back,
      typed: items,
      again:
        why === 'stale' && items.length > 0
          ? {
              action: pageAsked(c),
              does: sends,
              hidden: [
                { name: 'token', value: formToken },
                ...[...typed]
                  .filter(([name]) => name !== 'token' && name !== 'do')
                  .flatMap(([name, values]) => values.map((value) => ({ name, value }))),
              ],
            }
          : null,
    },
    status,
  }
}

type Typed = ReadonlyMap<string, readonly string[]>

const nothingTyped: Typed = new Map()

const unwritten: readonly string[] = ['token', 'revision', 'drawn', 'seal', 'key', 'do', labelsName]

const typedByName = (typed: Typed, words: RoomWording) =>
  [...typed]
    .filter(([name, values]) => !unwritten.includes(name) && values.some((text) => text.trim() !== ''))
    .map(([name, values]) => ({
      label: name === 'by' || name === 'reason' ? words.say(`room.deed.${name}`) : name,
      text: words.list(values),
    }))

/** Returns the input of a refused form, for reuse, except files and other sites' forms. */
const typedIn = async (c: Context, { why }: Stop): Promise<Typed> => {
  if (c.req.method !== 'POST' || why === 'elsewhere' || why === 'long' || why === 'form' || !isTyped(c))
    return nothingTyped
  const lists = await readLists(c)
  return typeof lists === 'string' ? nothingTyped : lists
}

const labelsSent = async (c: Context): Promise<Labels | undefined> => {
  if (c.req.method !== 'POST') return undefined
  const lists = isTyped(c) ? await readLists(c) : nothingTyped
  return typeof lists === 'string' ? noLabels : (labelsIn(lists.get(labelsName)?.at(-1) ?? '') ?? noLabels)
}

const isTyped = (c: Context): boolean => /^application\/x-www-form-urlencoded/i.test(c.req.header('content-type') ?? '')

export const stop = (why: keyof typeof stops): never => {
  throw new Stop(why)
}

/** Refuses a decision that another user has already made. */
export const stopFaster = (by: string | undefined): never => {
  throw new Stop('faster', by)
}

export const anonymous: Visitor = {
  caller: { who: 'nobody', scopes: [], clearance: 'TLP:CLEAR', territories: [] },
  name: '',
  formToken: '',
}

const pageAsked = (c: Context): string => {
  const { pathname, search } = new URL(c.req.url)
  return `${pathname}${search}`
}

export const visitOf = (
  c: Context,
  { caller, name, formToken }: Visitor,
  signInLinks: SignInLinks | undefined,
): Visit => {
  const chosen = chosenLanguage(c)
  const clock = clockOf(c.req.query('zone'), caller)
  const zone = clock.isChosen ? clock.zone : ''
  const address = (path: string, query: Query, lang: Language | undefined): string => {
    const [whole = '', anchor] = path.split('#')
    // Keeps the query of a path, so that the address has one question mark.
    const [plain = '', written] = whole.split('?')
    const asked = new URLSearchParams(written)
    for (const [name, value] of Object.entries({ ...query, zone, lang: lang ?? '' })) if (value) asked.set(name, value)
    const search = asked.toString()
    return `${plain}${search && `?${search}`}${anchor === undefined ? '' : `#${anchor}`}`
  }
  return {
    caller,
    formToken,
    session: signInLinks && formToken !== '' ? { name, out: signInLinks.signOut } : undefined,
    words: roomWordingOf(languageOf(c, chosen)),
    chosen,
    clock,
    href: (path, query = {}) => address(path, query, chosen),
    // The input of a sent form is in no address.
    inLanguage: (language) => address(new URL(c.req.url).pathname, c.req.query(), language),
  }
}

/** Selectable time zones: Paris first, then those of the territories, each once. */
export const clocks: readonly Clock[] = [
  ...Map.groupBy([subjectOf('ALL'), ...territories], ({ zone }) => zone).values(),
]
  .flatMap(([one]) => one ?? [])
  .map(({ zone, town }) => ({ zone, town, isChosen: false }))

/** Returns the requested zone, else that of the caller's only territory, else Paris. */
const clockOf = (asked: string | undefined, { territories: own }: Caller): Clock => {
  const named = clocks.find(({ zone }) => zone === asked)
  if (named) return { ...named, isChosen: true }
  const [only, ...more] = own
  const { zone, town } = subjectOf(only && more.length === 0 ? only : 'ALL')
  return { zone, town, isChosen: false }
}

export const weekIn = (text: string): Period | undefined => {
  const period = schemas.period.safeParse(text).success ? parsePeriod(text) : undefined
  return period?.cadence === 'week' ? period : undefined
}

/** @throws Stop if the path names no edition */
export const editionIn = (c: Context): Edition => {
  const part = (name: string) => c.req.param(name) ?? ''
  try {
    return {
      territory: parseSubject(part('territory')).code,
      period: parsePeriod(part('period')),
      cap: parseMarking(part('cap')),
    }
  } catch {
    return stop('nothing')
  }
}

/** @throws Stop if the path names no version */
export const versionIn = (c: Context): number => {
  const number = c.req.param('version') ?? ''
  return /^[1-9]\d{0,5}$/.test(number) ? Number(number) : stop('nothing')
}
