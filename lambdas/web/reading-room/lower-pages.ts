/** The routes on which another person confirms or turns down a correction that lowers a marking. */
import type { Context, Hono } from 'hono'
import type { Desk } from '../../usecases/desk.ts'
import { type ExplainServices, explainDetection } from '../../usecases/detections/explain-detection.ts'
import { decideLowering, loweringFor, mayConfirm } from '../../usecases/ingest/decide-lowering.ts'
import type { Log } from '../../usecases/log.ts'
import { effectKnown } from '../../usecases/plates/know-plates.ts'
import type { Services } from '../../usecases/services.ts'
import { closingIn, type DeedForm, deedForm, nothingSaid, see, type WhoAndWhy } from './deeds.ts'
import { lowerValue } from './lower.ts'
import { lockOf } from './mend.ts'
import type { Visit } from './pages.ts'
import { type Answer, type Showing, stop } from './showing.ts'

type Routes = { readonly showing: Showing; readonly desk: Desk; readonly services: LowerServices; readonly log: Log }

type LowerServices = ExplainServices & Pick<Services, 'plates'>

const maxTries = 3

export const lowerPages = (app: Hono, { showing, desk, services, log }: Routes): void => {
  const path = '/room/detections/:id/lower/:record'
  const standingOf = async (c: Context, { caller }: Visit) => {
    const id = c.req.param('id') ?? ''
    const lowering = await loweringFor({ id, sha256: c.req.param('record') ?? '' }, caller, services)
    const told = lowering && (await explainDetection(id, undefined, caller, services))
    if (!lowering || !told) return stop('lowered')
    return { lowering: { ...lowering, effect: await effectKnown(lowering.effect, caller, services) }, told }
  }
  const page = (
    visit: Visit,
    { lowering, told }: Awaited<ReturnType<typeof standingOf>>,
    said: WhoAndWhy,
    more: { readonly fault?: string; readonly status?: number } = {},
  ): Answer => ({
    template: 'mend',
    frame: {
      title: visit.words.say('room.lower'),
      at: 'inbox',
      markings: [lowering.effect.before.marking, told.marking],
    },
    value: lowerValue(visit, lowering, said, { told, fault: more.fault }),
    status: Object.keys(said.wrong).length > 0 ? 422 : (more.status ?? 200),
  })
  app.get(
    path,
    showing('detections:write', async (c, visit) => page(visit, await standingOf(c, visit), nothingSaid)),
  )
  app.post(
    path,
    showing('detections:write', async (c, visit) => sent(c, visit, await deedForm(c, visit))),
  )

  /** @param tries where what the person may not know changes meanwhile, it is tried once more */
  const sent = async (c: Context, visit: Visit, form: DeedForm, tries = maxTries): Promise<Answer | Response> => {
    const standing = await standingOf(c, visit)
    const { lowering } = standing
    const said = closingIn(visit, form)
    const faster = { fault: visit.words.say('room.mend.fault.changed'), status: 409 }
    if (form.get('revision') !== lockOf(lowering.revision, lowering.effect.before))
      return page(visit, standing, { ...said, wrong: {} }, faster)
    if (Object.keys(said.wrong).length > 0) return page(visit, standing, said)
    const does = form.get('do')
    if (does !== 'confirm' && does !== 'refuse') return page(visit, standing, said)
    if (does === 'confirm' && !mayConfirm(visit.caller, visit.session?.name, lowering)) return stop('forbidden')
    const { by, reason } = said
    const as = does === 'confirm' ? 'revision' : 'refused'
    if (!(await decideLowering(lowering, { as, by, reason }, desk.services))) {
      return tries > 1 ? sent(c, visit, form, tries - 1) : page(visit, await standingOf(c, visit), said, faster)
    }
    const { id } = lowering.record.detection
    log(`lower marking: ${does}`, { who: visit.caller.who, by, detection: id })
    return see(visit, `/room/detections/${encodeURIComponent(id)}#revisions`)
  }
}
