import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { type Language, languages } from '../../domain/core/language/languages.ts'
import { type MessageKey, wordingOf } from '../../domain/core/language/report-wording.ts'
import type { PublicKey } from '../../domain/report/signature.ts'
import type { Pages, Statement } from './pages.ts'
import { type PageProblem, problemAnswer, problems } from './problems.ts'

export const chosenLanguage = (c: Context): Language | undefined =>
  languages.find((language) => language === c.req.query('lang'))

/** Returns the known language, else the browser's, else French. */
export const languageOf = (c: Context, known?: Language): Language => {
  if (known) return known
  const found = accepts(c, {
    header: 'Accept-Language',
    supports: [...languages],
    default: 'fr',
    // `fr-CA` counts as French.
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

export const answerNotAllowed = (c: Context, pages: Pages): Response => {
  const answer = answerProblem(c, pages, 'method-not-allowed')
  answer.headers.set('allow', 'GET, HEAD, POST')
  return answer
}

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

export const publicKeyAnswer = ({ pem }: PublicKey): Response =>
  new Response(pem, {
    headers: { 'content-type': pemType, 'content-disposition': 'attachment; filename="vigie.pem"' },
  })

export const pemType = 'application/x-pem-file'
