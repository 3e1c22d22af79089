/** Requests a report again, with the job and quota of any request. */
import type { Hono } from 'hono'
import * as z from 'zod'
import { mayDo, mayReadEdition } from '../../../domain/access/caller.ts'
import type { Log } from '../../../usecases/log.ts'
import { type NewestVersion, newestHere } from '../../../usecases/reports/newest-version.ts'
import type { RequestServices } from '../../../usecases/reports/request-report.ts'
import type { Services } from '../../../usecases/services.ts'
import { readSubmittedForm, see } from '../frame/action-form.ts'
import { versionsPath } from '../frame/paths.ts'
import { editionIn, type Showing, stop, versionIn } from '../frame/showing.ts'
import { jobFor, refusalText } from './jobs.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<Services, 'reports' | 'recipients'> & RequestServices
  readonly log: Log
}

export const renewPages = (app: Hono, { showing, services, log }: Routes): void => {
  const asked = (is: NewestVersion['is']) =>
    showing(is === 'held' ? 'reports:renew' : 'reports:create', async (c, visit) => {
      const { caller, words } = visit
      const form = await readSubmittedForm(c, visit)
      const edition = editionIn(c)
      const newest = mayReadEdition(caller, edition) ? await newestHere(edition, caller, services) : undefined
      if (newest?.version !== versionIn(c) || newest.is !== is) return stop('decided')
      const { territory, cap } = edition
      const isWanted = is === 'published' || form.get('mail') === 'yes'
      const deliver = isWanted && newest.readers > 0 && mayDo(caller, 'reports:create')
      if (is === 'published' && !deliver) return stop('decided')
      const key = z.uuid().safeParse(form.get('key')).data
      const request = { territory, period: edition.period.id, cap, deliver }
      const job = await jobFor(request, { caller, key }, { services, log })
      if (job instanceof Error) {
        const { problem: text, ...later } = refusalText(job, words)
        return {
          ...later,
          template: 'stop',
          frame: { title: words.say(is === 'held' ? 'room.renew' : 'room.send') },
          value: {
            text,
            back: { href: visit.href(versionsPath(edition)), label: words.say('room.decide.back') },
            typed: [],
          },
        }
      }
      const about = { territory, period: edition.period.id, cap, deliver: String(deliver) }
      log('report asked for again', { who: caller.who, job: job.id, version: newest.version, was: is, ...about })
      return see(visit, `/room/jobs/${job.id}`)
    })
  app.post('/room/:territory/:period/:cap/:version/renew', asked('held'))
  app.post('/room/:territory/:period/:cap/:version/mail', asked('published'))
}
