import { randomUUID } from 'node:crypto'
import type { Context, Hono } from 'hono'
import * as z from 'zod'
import { wordingOf } from '../../domain/core/language/report-wording.ts'
import { answerSchema } from '../../domain/delivery/answer.ts'
import type { CodeState, DeadLink } from '../../usecases/links/open-link.ts'
import { type Form, isCrossSite, readForm } from '../shared/forms.ts'
import { codeText, minutesUntil, refusalIn, statementIn } from '../shared/pages.ts'
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

  const answered = async (c: Context, form: Form): Promise<Response> => {
    const token = c.req.param('token') ?? ''
    const shown = z.uuid().safeParse(form.get('form')).data ?? randomUUID()
    const typed = { kind: form.get('kind') ?? '', text: form.get('text') ?? '', form: shown }
    const read = answerSchema.safeParse(typed)
    if (!read.success) {
      const link = await readers.inspectLink(token)
      if (link.kind !== 'shut') return dead(c, link)
      const wrong = read.error.issues[0]?.path[0] === 'kind' ? 'kind' : 'text'
      const page = pages.link(link.language, link.report, { ...typed, wrong })
      return new Response(page, { status: 422, headers: headersIn(link.language) })
    }
    const link = await readers.answerReport(token, { ...read.data, form: shown })
    if (link.kind === 'unknown' || link.kind === 'refused') return dead(c, link)
    const words = wordingOf(link.language)
    const isKept = link.kind === 'answered'
    return answerStatement(c, pages, link.language, {
      name: isKept ? 'answered' : 'too-many-answers',
      status: isKept ? 200 : 429,
      ...statementIn(
        words,
        isKept ? 'web.answer.done.title' : 'web.answer.many.title',
        isKept ? 'web.answer.done.text' : 'web.answer.many.text',
      ),
    })
  }

  app.get(path, async (c) => {
    const link = await readers.inspectLink(c.req.param('token'))
    if (link.kind !== 'shut') return dead(c, link)
    return new Response(pages.link(link.language, link.report, randomUUID()), { headers: headersIn(link.language) })
  })

  app.post(path, async (c) => {
    if (isCrossSite(c)) return answerProblem(c, pages, 'cross-site')
    const form = await readForm(c)
    if (typeof form === 'string') return answerProblem(c, pages, form)
    if (form.get('does') === 'answer') return answered(c, form)
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
