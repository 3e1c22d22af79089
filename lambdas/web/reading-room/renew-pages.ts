/** A held report asked for again, by the job and within the quota of any request. */
import type { Hono } from 'hono'
import * as z from 'zod'
import { mayDo, mayReadEdition } from '../../domain/access/caller.ts'
import type { Log } from '../../usecases/log.ts'
import { heldHere } from '../../usecases/reports/held-version.ts'
import { type RequestServices, requestOnce, TooManyReportsError } from '../../usecases/reports/request-report.ts'
import type { Services } from '../../usecases/services.ts'
import { deedForm, see } from './deeds.ts'
import { editionIn, type Showing, stop, versionIn } from './showing.ts'

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
      const job = await requestOnce(
        { territory, period: edition.period.id, cap, deliver },
        { caller, key },
        services,
      ).catch((error: unknown) => {
        if (error instanceof TooManyReportsError) return error
        throw error
      })
      if (job instanceof TooManyReportsError) {
        const { most, retryAfter } = job
        log('too many reports asked for', { who: caller.who, most })
        return {
          template: 'stop',
          frame: { title: words.say('room.renew') },
          value: {
            text: words.say('room.ask.tooMany', { most, minutes: Math.ceil(retryAfter / 60) }),
            back: { href: visit.href(c.req.path.replace(/\/\d+\/renew$/, '')), label: words.say('room.decide.back') },
          },
          status: 429,
          headers: { 'retry-after': String(retryAfter) },
        }
      }
      const about = { territory, period: edition.period.id, cap, deliver: String(deliver) }
      log('held report asked for again', { who: caller.who, job: job.id, version: held.version, ...about })
      return see(visit, `/room/jobs/${job.id}`)
    }),
  )
}
