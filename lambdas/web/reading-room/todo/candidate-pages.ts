import type { Context, Hono } from 'hono'
import { isUnder } from '../../../domain/access/caller.ts'
import type { Segment } from '../../../domain/core/language/language.ts'
import { harmless } from '../../../domain/core/text/harmless.ts'
import {
  type Candidate,
  countDecided,
  decideCandidate,
  isWaiting,
  stampOf,
} from '../../../usecases/detect/decide-candidates.ts'
import { type Desk, senderFor } from '../../../usecases/ingest/desk.ts'
import type { Log } from '../../../usecases/log.ts'
import type { Services } from '../../../usecases/services.ts'
import { closingIn, readSubmittedForm, emptyWhoAndWhy, see, type WhoAndWhy } from '../frame/action-form.ts'
import { faultLine, ownWords } from '../frame/fault-text.ts'
import type { Visit } from '../frame/pages.ts'
import { type Answer, type Showing, stop } from '../frame/showing.ts'
import { candidateValue } from './candidate.ts'

type Routes = {
  readonly showing: Showing
  readonly desk: Desk
  readonly services: Pick<Services, 'candidates' | 'clock'>
  readonly log: Log
}

export const candidatePages = (app: Hono, { showing, desk, services, log }: Routes): void => {
  const findCandidate = async (c: Context, { caller }: Visit): Promise<Candidate> => {
    const found = await services.candidates.get(c.req.param('id') ?? '')
    // A candidate of several territories needs access to all of them.
    return found && isUnder(caller, found.detection) ? found : stop('candidate')
  }
  const page = async (
    visit: Visit,
    candidate: Candidate,
    input: WhoAndWhy,
    { fault = [], status = 200 }: { readonly fault?: readonly Segment[]; readonly status?: number } = {},
  ): Promise<Answer> => ({
    template: 'candidate',
    frame: {
      title: visit.words.say('room.inbox.kind.candidate'),
      at: 'inbox',
      markings: [candidate.detection.marking],
    },
    value: candidateValue(visit, candidate, input, await countDecided(visit.caller, services), fault),
    status: Object.keys(input.wrong).length > 0 ? 422 : status,
  })
  app.get(
    '/room/candidates/:id',
    showing('candidates:sign', async (c, visit) => page(visit, await findCandidate(c, visit), emptyWhoAndWhy)),
  )
  app.post(
    '/room/candidates/:id',
    showing('candidates:sign', async (c, visit) => {
      const { words, caller } = visit
      const form = await readSubmittedForm(c, visit)
      const candidate = await findCandidate(c, visit)
      const does = form.get('do')
      const { by, reason, wrong } = closingIn(visit, form, does !== 'sign')
      const faster = (current: Candidate, who = isWaiting(current) ? undefined : current.decidedBy) => {
        const fault =
          who === undefined
            ? words.say('room.candidate.faster')
            : words.say('room.candidate.faster.named', { by: harmless(who) })
        return page(visit, current, { by, reason, wrong: {} }, { fault: ownWords(fault), status: 409 })
      }
      if (!isWaiting(candidate) || form.get('revision') !== stampOf(candidate)) return faster(candidate)
      if ((does !== 'sign' && does !== 'refuse') || Object.keys(wrong).length > 0)
        return page(visit, candidate, { by, reason, wrong })
      const state = does === 'sign' ? ('signed' as const) : ('refused' as const)
      const decision = { state, by, sender: senderFor(caller, by), ...(reason !== '' && { reason }) }
      const failed = await decideCandidate(candidate, decision, { ...desk.services, ...services })
      if (failed?.fault === 'decided') return faster(await findCandidate(c, visit), failed.faster)
      if (failed)
        return page(
          visit,
          candidate,
          { by, reason, wrong: {} },
          { fault: [faultLine(words, failed.reason)], status: 422 },
        )
      log(`candidate ${state}`, { who: caller.who, by, candidate: candidate.id })
      return see(visit, state === 'signed' ? `/room/detections/${encodeURIComponent(candidate.id)}` : '/room/inbox')
    }),
  )
}
