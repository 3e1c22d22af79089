import type { Context, Hono } from 'hono'
import type { DeliveryMessage } from '../../../domain/report/messages.ts'
import { type Recallable, recallable, recallBy } from '../../../usecases/delivery/recall-version.ts'
import type { Log } from '../../../usecases/log.ts'
import type { Services } from '../../../usecases/services.ts'
import { closingIn, readSubmittedForm, emptyWhoAndWhy, see, type WhoAndWhy } from '../frame/action-form.ts'
import { decidedSince } from '../frame/decided-since.ts'
import type { Visit } from '../frame/pages.ts'
import { versionsPath } from '../frame/paths.ts'
import { type Answer, editionIn, type Showing, versionIn } from '../frame/showing.ts'
import { recallValue, versionsShown } from './recall.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<Services, 'archive' | 'reports' | 'recipients' | 'deliveries' | 'history' | 'clock'>
  deliver(message: DeliveryMessage): Promise<void>
  readonly log: Log
}

export const recallPages = (app: Hono, { showing, services, deliver, log }: Routes): void => {
  const path = '/room/:territory/:period/:cap/:version/recall'
  const findRecallable = async (c: Context, { caller }: Visit): Promise<Recallable> =>
    (await recallable(editionIn(c), versionIn(c), caller, services)) ?? decidedSince(c, caller, services)
  const page = (visit: Visit, recalling: Recallable, input: WhoAndWhy): Answer => ({
    template: 'edit',
    frame: { title: visit.words.say('room.recall'), at: 'archive', markings: [recalling.marking] },
    value: recallValue(visit, recalling, input),
    status: Object.keys(input.wrong).length > 0 ? 422 : 200,
  })
  app.get(
    path,
    showing('reports:recall', async (c, visit) => page(visit, await findRecallable(c, visit), emptyWhoAndWhy)),
  )
  app.post(
    path,
    showing('reports:recall', async (c, visit) => {
      const form = await readSubmittedForm(c, visit)
      const recalling = await findRecallable(c, visit)
      const input = closingIn(visit, form)
      const { territory, period, cap } = recalling.entry
      const does = form.get('do')
      if (does === 'correct') {
        return see(visit, `/room/detections?${new URLSearchParams({ territory, period })}`)
      }
      if (!['do', 'all'].includes(does ?? '') || Object.keys(input.wrong).length > 0)
        return page(visit, recalling, input)
      const isOther = does === 'all' && form.get('shown') !== versionsShown(recalling)
      if (isOther || !(await recallBy(recalling.entry, input, services))) {
        // An approval or a new version in between: the form is shown again.
        return { ...page(visit, await findRecallable(c, visit), { ...input, wrong: {} }), status: 409 }
      }
      const also: Recallable['entry'][] = []
      for (const one of does === 'all' ? recalling.others : []) {
        if (await recallBy(one, input, services)) also.push(one)
      }
      for (const { version } of [recalling.entry, ...also]) {
        log('version recalled', { who: visit.caller.who, by: input.by, territory, period, cap, version })
        await deliver({ territory, period, cap, version, to: 'recalled' })
      }
      return see(visit, versionsPath(editionIn(c), recalling.entry.version))
    }),
  )
}
