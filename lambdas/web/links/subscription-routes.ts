/** `/unsubscribe/<token>` and `/confirm/<token>`: a page that asks, and the button or mail program that answers. */
import type { Context, Hono } from 'hono'
import { wordingOf } from '../../domain/core/language/report-wording.ts'
import type { ConfirmationLink } from '../../usecases/links/confirm-subscription.ts'
import type { UnsubscribeLink } from '../../usecases/links/unsubscribe.ts'
import { isCrossSite, isOneClick, readForm } from '../shared/forms.ts'
import { statementIn } from '../shared/pages.ts'
import { answerNotAllowed, answerProblem, answerStatement, html } from '../shared/problem-pages.ts'
import type { Site } from '../shared/site.ts'

export const subscriptionRoutes = (app: Hono, { readers, pages }: Site): void => {
  const page = (language: string, text: string): Response =>
    new Response(text, { headers: { ...html, 'content-language': language } })

  const leaving = '/unsubscribe/:token'
  const leavingPage = (link: UnsubscribeLink & { kind: 'found' }) => page(link.language, pages.leaving(link))
  app.get(leaving, async (c) => {
    const link = await readers.inspectUnsubscribe(c.req.param('token'))
    return link.kind === 'found' ? leavingPage(link) : answerProblem(c, pages, 'unknown-link')
  })
  app.post(leaving, async (c) => {
    const form = await readForm(c)
    if (typeof form === 'string') return answerProblem(c, pages, form)
    const oneClick = isOneClick(form)
    // A webmail program sends the one-click request from its own origin.
    if (!oneClick && isCrossSite(c)) return answerProblem(c, pages, 'cross-site')
    if (!oneClick && form.get('leave') !== 'yes') return answerProblem(c, pages, 'malformed')
    const link = await readers.unsubscribe(c.req.param('token'), oneClick ? 'click' : 'button')
    return link.kind === 'found' ? leavingPage(link) : answerProblem(c, pages, 'unknown-link')
  })
  app.all(leaving, (c) => answerNotAllowed(c, pages))

  const joining = '/confirm/:token'
  const joiningPage = (c: Context, link: ConfirmationLink): Response => {
    if (link.kind !== 'found') return answerProblem(c, pages, 'unknown-link')
    if (link.is !== 'left') return page(link.language, pages.joining(link))
    const statement = statementIn(wordingOf(link.language), 'web.join.left.title', 'web.join.left.text')
    return answerStatement(c, pages, link.language, { name: 'left', status: 403, ...statement })
  }
  app.get(joining, async (c) => {
    return joiningPage(c, await readers.inspectConfirmation(c.req.param('token')))
  })
  app.post(joining, async (c) => {
    if (isCrossSite(c)) return answerProblem(c, pages, 'cross-site')
    const form = await readForm(c)
    if (typeof form === 'string') return answerProblem(c, pages, form)
    if (form.get('join') !== 'yes') return answerProblem(c, pages, 'malformed')
    return joiningPage(c, await readers.confirmSubscription(c.req.param('token')))
  })
  app.all(joining, (c) => answerNotAllowed(c, pages))
}
