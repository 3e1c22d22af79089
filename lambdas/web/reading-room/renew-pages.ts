/** A held report asked for again, by the job and within the quota of any request. */
import type { Hono } from 'hono'
import * as z from 'zod'
import { mayDo, mayReadEdition } from '../../domain/access/caller.ts'
import type { Log } from '../../usecases/log.ts'
import { heldHere } from '../../usecases/reports/held-version.ts'
import { type RequestServices, TooManyReportsError } from '../../usecases/reports/request-report.ts'
import type { Services } from '../../usecases/services.ts'
import { deedForm, see } from './deeds.ts'
import { jobFor, tooManyText } from './jobs.ts'
import { editionIn, type Showing, stop, versionIn } from './showing.ts'
import { versionsPath } from './version-paths.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<Services, 'reports' | 'recipients'> & RequestServices
  readonly log: Log
}

export const renewPages = (app: Hono, { showing, services, log }: Routes): void => {
  app.post(
    '/room/:territory/:period/:cap/:version/renew',
    showing('reports:renew', async (c, visit) => {
      const { caller, words } = visit
      const form = await deedForm(c, visit)
      const edition = editionIn(c)
      const held = mayReadEdition(caller, edition) ? await heldHere(edition, caller, services) : undefined
      if (held?.version !== versionIn(c)) return stop('decided')
      const { territory, cap } = edition
      const deliver = form.get('mail') === 'yes' && held.readers > 0 && mayDo(caller, 'reports:create')
      const key = z.uuid().safeParse(form.get('key')).data
      const request = { territory, period: edition.period.id, cap, deliver }
      const job = await jobFor(request, { caller, key }, { services, log })
      if (job instanceof TooManyReportsError) {
        const { said: text, ...later } = tooManyText(job, words)
        return {
          ...later,
          template: 'stop',
          frame: { title: words.say('room.renew') },
          value: {
            text,
            back: { href: visit.href(versionsPath(edition)), label: words.say('room.decide.back') },
            typed: { items: [] },
          },
        }
      }
      const about = { territory, period: edition.period.id, cap, deliver: String(deliver) }
      log('held report asked for again', { who: caller.who, job: job.id, version: held.version, ...about })
      return see(visit, `/room/jobs/${job.id}`)
    }),
  )
}
