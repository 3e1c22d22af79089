import type { Hono } from 'hono'
import { mayDo } from '../../../domain/access/caller.ts'
import type { Scheduled } from '../../../domain/core/place/due.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import { scheduleId } from '../../../domain/report/schedule.ts'
import { nameOf, recipientsFor } from '../../../usecases/delivery/who-would-get.ts'
import type { Desk } from '../../../usecases/ingest/desk.ts'
import type { Log } from '../../../usecases/log.ts'
import type { RequestServices } from '../../../usecases/reports/request-report.ts'
import type { Services } from '../../../usecases/services.ts'
import { historyFor } from '../../../usecases/todo/history.ts'
import { inboxFor } from '../../../usecases/todo/inbox.ts'
import type { Showing } from '../frame/showing.ts'
import { schedulesFor } from '../settings/schedule-pages.ts'
import { historyValue, inboxValue, inboxMarkings } from './inbox.ts'
import { rejectPages } from './reject.ts'

type Routes = {
  readonly showing: Showing
  readonly organisation: Organisation
  readonly desk: Desk
  readonly due: Scheduled
  readonly services: Pick<Services, 'recipients' | 'reports' | 'notes' | 'clock'> &
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
}
