import type { Context, Hono } from 'hono'
import { wordingOf } from '../../domain/core/language/report-wording.ts'
import type { CodeState, DeadLink } from '../../usecases/links/open-link.ts'
import { isCrossSite, readForm } from '../shared/forms.ts'
import { codeText, minutesUntil, refusalIn } from '../shared/pages.ts'
import {
  answerNotAllowed,
  answerProblem,
  answerStatement,
  html,
  languageOf,
  wantsJson,
} from '../shared/problem-pages.ts'
import { problemAnswer } from '../shared/problems.ts'
import type { Site } from '../shared/site.ts'

const path = '/r/:token'

export const linkRoutes = (app: Hono, { readers, pages }: Site): void => {
  const dead = (c: Context, link: DeadLink): Response => {
    if (link.kind === 'unknown') return answerProblem(c, pages, 'unknown-link')
    const language = languageOf(c, link.language)
    const refusal = refusalIn(wordingOf(language), link.why)
    return answerStatement(c, pages, language, { name: 'refused', status: 403, ...refusal })
  }

  app.get(path, async (c) => {
    const link = await readers.inspectLink(c.req.param('token'))
    if (link.kind !== 'shut') return dead(c, link)
    return new Response(pages.link(link.language, link.report), { headers: headersIn(link.language) })
  })

  app.post(path, async (c) => {
    if (isCrossSite(c)) return answerProblem(c, pages, 'cross-site')
    const form = await readForm(c)
    if (typeof form === 'string') return answerProblem(c, pages, form)
    const file = form.get('file')
    if (file !== undefined && file !== 'html' && file !== 'pdf') return answerProblem(c, pages, 'malformed')
    const link = await readers.openLink(c.req.param('token'), { file, code: form.get('code') })
    switch (link.kind) {
      case 'opened':
        return new Response(null, { status: 303, headers: { location: link.url } })
      case 'code': {
        const { status, headers } = codeAnswers(link.code)
        const all = { ...headersIn(link.language), ...headers }
        if (wantsJson(c) && status !== 200) {
          const words = wordingOf(link.language)
          const body = { title: words.say('web.code.label'), status, detail: codeText(link.code, words) }
          return problemAnswer(`code-${link.code.is.replace(' ', '-')}`, body, all)
        }
        return new Response(pages.code(link.language, link.report, link.code), { status, headers: all })
      }
      case 'unnamed':
        return answerProblem(c, pages, 'malformed', link.language)
      default:
        return dead(c, link)
    }
  })

  app.all(path, (c) => answerNotAllowed(c, pages))
}

const headersIn = (language: string) => ({ ...html, 'content-language': language })

const codeAnswers = (code: CodeState): { status: number; headers?: Readonly<Record<string, string>> } => {
  switch (code.is) {
    case 'sent':
      return { status: 200 }
    case 'too many':
      return { status: 429, headers: { 'retry-after': String(minutesUntil(code) * 60) } }
    case 'unsent':
      return { status: 503, headers: { 'retry-after': '300' } }
    default:
      return { status: 422 }
  }
}
