/** Routes that decide on contested records. A lower marking needs a second analyst. */
import type { Context, Hono } from 'hono'
import { sha256Schema } from '../../../domain/core/text/hash.ts'
import { type ExplainServices, explainDetection } from '../../../usecases/detections/explain-detection.ts'
import type { Desk } from '../../../usecases/ingest/desk.ts'
import {
  decideWaiting,
  isLowering,
  mayAccept,
  waitingRecordFor,
} from '../../../usecases/ingest/edit/waiting-records.ts'
import type { Log } from '../../../usecases/log.ts'
import { effectKnown } from '../../../usecases/plates/know-plates.ts'
import type { Services } from '../../../usecases/services.ts'
import {
  closingIn,
  type SubmittedForm,
  readSubmittedForm,
  emptyWhoAndWhy,
  see,
  type WhoAndWhy,
} from '../frame/action-form.ts'
import type { Visit } from '../frame/pages.ts'
import { type Answer, type Showing, stop, stopFaster } from '../frame/showing.ts'
import { lockOf } from './edit.ts'
import { waitingValue } from './waiting-record.ts'

type Routes = { readonly showing: Showing; readonly desk: Desk; readonly services: WaitingServices; readonly log: Log }

type WaitingServices = ExplainServices & Pick<Services, 'plates' | 'batches'>

const maxTries = 3

export const waitingRecordPages = (app: Hono, { showing, desk, services, log }: Routes): void => {
  for (const kind of ['lower', 'contested'] as const) {
    const path = `/room/detections/:id/${kind}/:record`
    const addressed = (c: Context) => {
      const [id, record] = [c.req.param('id') ?? '', c.req.param('record') ?? '']
      return sha256Schema.safeParse(record).success ? { id, sha256: record } : stop('nothing')
    }
    const waitingOf = async (c: Context, { caller }: Visit) => {
      const record = addressed(c)
      const waiting = await waitingRecordFor(record, caller, services)
      const explanation = waiting && (await explainDetection(record.id, undefined, caller, services))
      if (!waiting || isLowering(waiting) !== (kind === 'lower') || !explanation) return undefined
      return { waiting: { ...waiting, effect: await effectKnown(waiting.effect, caller, services) }, explanation }
    }
    /** Shows who decided first, as far as the sender may know the detection. */
    const decidedSince = async (c: Context, { caller }: Visit): Promise<never> => {
      const { id, sha256 } = addressed(c)
      const isKnown = c.req.method === 'POST' && (await explainDetection(id, undefined, caller, services)) !== undefined
      const decided = isKnown ? await services.detections.decided(id, sha256) : undefined
      return decided ? stopFaster(decided.by) : stop('lowered')
    }
    const findTarget = async (c: Context, visit: Visit) => (await waitingOf(c, visit)) ?? decidedSince(c, visit)
    const page = (
      visit: Visit,
      { waiting, explanation }: Awaited<ReturnType<typeof findTarget>>,
      input: WhoAndWhy,
      more: { readonly fault?: string; readonly status?: number } = {},
    ): Answer => ({
      template: 'edit',
      frame: {
        title: visit.words.say(`room.${kind}`),
        at: 'inbox',
        markings: [waiting.marking, explanation.marking],
      },
      value: waitingValue(visit, waiting, input, { explanation, fault: more.fault }),
      status: Object.keys(input.wrong).length > 0 ? 422 : (more.status ?? 200),
    })
    app.get(
      path,
      showing('detections:write', async (c, visit) => page(visit, await findTarget(c, visit), emptyWhoAndWhy)),
    )
    /** @param tries repeats when a change that the analyst may not know happens meanwhile */
    const sent = async (
      c: Context,
      visit: Visit,
      form: SubmittedForm,
      tries = maxTries,
    ): Promise<Answer | Response> => {
      const target = await findTarget(c, visit)
      const { waiting } = target
      const input = closingIn(visit, form)
      const faster = { fault: visit.words.say('room.mend.fault.changed'), status: 409 }
      if (form.get('revision') !== lockOf(waiting.revision, waiting.effect.before))
        return page(visit, target, { ...input, wrong: {} }, faster)
      if (Object.keys(input.wrong).length > 0) return page(visit, target, input)
      const does = form.get('do')
      if (does !== 'confirm' && does !== 'refuse') return page(visit, target, input)
      if (does === 'confirm' && !mayAccept(visit.caller, visit.session?.name, waiting)) return stop('forbidden')
      const { by, reason } = input
      const as = does === 'confirm' ? 'revision' : 'refused'
      const decided = await decideWaiting(waiting, { as, by, reason }, desk.services)
      if (typeof decided === 'object') return stopFaster(decided.faster)
      if (decided === 'changed') {
        return tries > 1 ? sent(c, visit, form, tries - 1) : page(visit, await findTarget(c, visit), input, faster)
      }
      const { id } = waiting.record.detection
      log(`${kind === 'lower' ? 'lower marking' : 'contested record'}: ${does}`, {
        ...{ who: visit.caller.who, by, detection: id },
      })
      return see(visit, `/room/detections/${encodeURIComponent(id)}#revisions`)
    }
    app.post(
      path,
      showing('detections:write', async (c, visit) => sent(c, visit, await readSubmittedForm(c, visit))),
    )
  }
}
