/**
 * Answers that are no page of their own: problems as a page, or as RFC 9457 where JSON is asked for, and the public
 * key.
 */
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { type Language, languages } from '../../domain/core/language/languages.ts'
import { type MessageKey, wordingOf } from '../../domain/core/language/report-wording.ts'
import type { PublicKey } from '../../domain/report/signature.ts'
import type { Pages, Statement } from './pages.ts'
import { type PageProblem, problemAnswer, problems } from './problems.ts'

/** The language that an address names, if any. */
export const chosenLanguage = (c: Context): Language | undefined =>
  languages.find((language) => language === c.req.query('lang'))

/** Known from a token, or else what the browser asks for; French where it asks for neither. */
export const languageOf = (c: Context, known?: Language): Language => {
  if (known) return known
  const found = accepts(c, {
    header: 'Accept-Language',
    supports: [...languages],
    default: 'fr',
    // `fr-CA` is French enough.
    match: (asked, { default: usual }) => {
      const wished = asked.filter(({ q }) => q > 0).toSorted((one, other) => other.q - one.q)
      return wished.map(({ type }) => type.slice(0, 2).toLowerCase()).find((code) => isLanguage(code)) ?? usual
    },
  })
  return isLanguage(found) ? found : 'fr'
}

const isLanguage = (code: string): code is Language => (languages as readonly string[]).includes(code)

const jsonTypes = ['application/json', 'application/problem+json'] as const

export const wantsJson = (c: Context): boolean =>
  accepts(c, { header: 'Accept', supports: ['text/html', ...jsonTypes], default: 'text/html' }) !== 'text/html'

export const answerProblem = (c: Context, pages: Pages, name: PageProblem, known?: Language): Response => {
  const words = wordingOf(languageOf(c, known))
  const { status, words: key } = problems[name]
  const statement = { title: words.say(`${key}.title` as MessageKey), text: words.say(`${key}.text` as MessageKey) }
  return answerStatement(c, pages, words.language, { name, status, ...statement })
}

/** For a path that is there, asked in a way that it is not. */
export const answerNotAllowed = (c: Context, pages: Pages): Response => {
  const answer = answerProblem(c, pages, 'method-not-allowed')
  answer.headers.set('allow', 'GET, HEAD, POST')
  return answer
}

/** A statement of what is not done, with its status. */
export const answerStatement = (
  c: Context,
  pages: Pages,
  language: Language,
  { name, status, title, text }: Statement & { readonly name: string; readonly status: number },
): Response => {
  const headers = { 'content-language': language }
  return wantsJson(c)
    ? problemAnswer(name, { title, status, detail: text }, headers)
    : new Response(pages.statement(language, { title, text }), { status, headers: { ...headers, ...html } })
}

export const html = { 'content-type': 'text/html; charset=utf-8' } as const

/** As openssl reads it, to be saved. */
export const publicKeyAnswer = ({ pem }: PublicKey): Response =>
  new Response(pem, {
    headers: { 'content-type': pemType, 'content-disposition': 'attachment; filename="vigie.pem"' },
  })

export const pemType = 'application/x-pem-file'
