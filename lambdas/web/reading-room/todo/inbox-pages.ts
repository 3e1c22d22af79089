import type { Hono } from 'hono'
import { mayDo } from '../../../domain/access/caller.ts'
import type { Scheduled } from '../../../domain/core/place/due.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import { scheduleId } from '../../../domain/report/schedule.ts'
import { answerFor, closeAnswer } from '../../../usecases/answers.ts'
import { nameOf, recipientsFor } from '../../../usecases/delivery/who-would-get.ts'
import type { Desk } from '../../../usecases/ingest/desk.ts'
import type { Log } from '../../../usecases/log.ts'
import type { RequestServices } from '../../../usecases/reports/request-report.ts'
import type { Services } from '../../../usecases/services.ts'
import { historyFor } from '../../../usecases/todo/history.ts'
import { inboxFor } from '../../../usecases/todo/inbox.ts'
import { closingIn, readSubmittedForm, emptyWhoAndWhy, see } from '../frame/action-form.ts'
import type { Visit } from '../frame/pages.ts'
import { type Answer, type Showing, stop } from '../frame/showing.ts'
import { schedulesFor } from '../settings/schedule-pages.ts'
import { answerValue } from './answer.ts'
import { historyValue, inboxValue, inboxMarkings } from './inbox.ts'
import { rejectPages } from './reject.ts'

type Routes = {
  readonly showing: Showing
  readonly organisation: Organisation
  readonly desk: Desk
  readonly due: Scheduled
  readonly services: Pick<Services, 'answers' | 'recipients' | 'reports' | 'notes' | 'clock'> &
    Pick<RequestServices, 'limits'> & {
      readonly candidates: Pick<Services['candidates'], 'waiting'>
    }
  readonly log: Log
}

const [donesOnPage, donesInAll] = [50, 1_000]

export const inboxPages = (app: Hono, routes: Routes): void => {
  const { showing, desk, services, organisation, due } = routes
  app.get(
    '/room/inbox',
    showing(['detections:write', 'reports:read'], async (c, visit) => {
      const inbox = await inboxFor(visit.caller, { ...desk.services, ...services, organisation })
      return {
        template: 'inbox',
        frame: {
          title: visit.words.say('room.nav.inbox'),
          at: 'inbox',
          markings: inboxMarkings(inbox, visit.caller),
        },
        value: inboxValue(visit, inbox, c.req.query('kind')),
      }
    }),
  )
  app.get(
    '/room/history',
    showing('detections:write', async (c, visit) => {
      const { caller, words } = visit
      const most = c.req.query('all') === '1' ? donesInAll : donesOnPage
      // Only callers that manage recipients see their names.
      const { known } = mayDo(caller, 'recipients:write') ? await recipientsFor(caller, services) : { known: [] }
      const names = new Map(known.map((one) => [one.id, nameOf(one)]))
      const recipients = new Set(names.keys())
      const schedules = new Set(schedulesFor(caller, due, services.limits?.retention?.images).map(scheduleId))
      const done = await historyFor(caller, { most: most + 1, sender: caller.who, recipients }, desk.services)
      const shown = done.slice(0, most)
      return {
        template: 'history',
        frame: { title: words.say('room.nav.history'), at: 'history', markings: inboxMarkings(shown, caller) },
        value: historyValue(visit, shown, { names, schedules }, done.length > most && most === donesOnPage),
      }
    }),
  )
  rejectPages(app, routes)
  answerPages(app, routes)
}

const nothingDone = { ...emptyWhoAndWhy, problem: '' }

const answerPages = (app: Hono, { showing, services, log }: Routes): void => {
  const page = async (visit: Visit, id: string, input: Parameters<typeof answerValue>[2], status = 200) => {
    const answer = (await answerFor(id, visit.caller, services)) ?? stop('nothing')
    return {
      template: 'answer',
      frame: { title: visit.words.say('room.answer'), at: 'inbox', markings: [answer.marking] },
      value: answerValue(visit, answer, input),
      status,
    } satisfies Answer
  }
  app.get(
    '/room/inbox/answers/:id',
    showing('detections:write', async (c, visit) => page(visit, c.req.param('id') ?? '', nothingDone)),
  )
  app.post(
    '/room/inbox/answers/:id',
    showing('detections:write', async (c, visit) => {
      const { words, caller } = visit
      const id = c.req.param('id') ?? ''
      const input = { ...closingIn(visit, await readSubmittedForm(c, visit)), problem: '' }
      const { by, reason } = input
      if (Object.keys(input.wrong).length > 0) return page(visit, id, input, 422)
      if (!(await answerFor(id, caller, services))) return stop('nothing')
      // Another analyst closed it first; their reason remains.
      const closed = await closeAnswer(id, { by, reason }, services)
      if (!closed) return page(visit, id, { ...input, problem: words.say('room.answer.faster') }, 409)
      log('answer closed', { who: caller.who, by, answer: id })
      return see(visit, '/room/inbox')
    }),
  )
}
