/** The routes on which a person recalls a published version, after a look at what that does. */
import type { Context, Hono } from 'hono'
import { type Recallable, recallable, recallBy } from '../../../usecases/delivery/recall-version.ts'
import type { Log } from '../../../usecases/log.ts'
import type { Services } from '../../../usecases/services.ts'
import { decidedSince } from '../frame/decided-since.ts'
import { closingIn, deedForm, nothingSaid, see, type WhoAndWhy } from '../frame/deeds.ts'
import type { Visit } from '../frame/pages.ts'
import { versionsPath } from '../frame/paths.ts'
import { type Answer, editionIn, type Showing, versionIn } from '../frame/showing.ts'
import { recallValue } from './recall.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<Services, 'reports' | 'recipients' | 'deliveries' | 'history' | 'clock'>
  readonly log: Log
}

export const recallPages = (app: Hono, { showing, services, log }: Routes): void => {
  const path = '/room/:territory/:period/:cap/:version/recall'
  const standingOf = async (c: Context, { caller }: Visit): Promise<Recallable> =>
    (await recallable(editionIn(c), versionIn(c), caller, services)) ?? decidedSince(c, caller, services)
  const page = (visit: Visit, recalling: Recallable, said: WhoAndWhy): Answer => ({
    template: 'mend',
    frame: { title: visit.words.say('room.recall'), at: 'archive', markings: [recalling.marking] },
    value: recallValue(visit, recalling, said),
    status: Object.keys(said.wrong).length > 0 ? 422 : 200,
  })
  app.get(
    path,
    showing('reports:recall', async (c, visit) => page(visit, await standingOf(c, visit), nothingSaid)),
  )
  app.post(
    path,
    showing('reports:recall', async (c, visit) => {
      const form = await deedForm(c, visit)
      const recalling = await standingOf(c, visit)
      const said = closingIn(visit, form)
      if (form.get('do') !== 'do' || Object.keys(said.wrong).length > 0) return page(visit, recalling, said)
      if (!(await recallBy(recalling.entry, said, services))) {
        // An approval in between changes nothing of what a recall does: it is shown again. A recall ends it.
        return { ...page(visit, await standingOf(c, visit), { ...said, wrong: {} }), status: 409 }
      }
      const { territory, period, cap, version } = recalling.entry
      log('version recalled', { who: visit.caller.who, by: said.by, territory, period, cap, version })
      return see(visit, versionsPath(editionIn(c), version))
    }),
  )
}
