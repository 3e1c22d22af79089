import type { Context, Hono } from 'hono'
import type { Segment } from '../../../domain/core/language/language.ts'
import { messageOf } from '../../../domain/core/text/thrown.ts'
import type { DeliveryMessage } from '../../../domain/report/messages.ts'
import type { Log } from '../../../usecases/log.ts'
import { approveSeen } from '../../../usecases/reports/flash/approve-flash.ts'
import { type FlashReview, readFlashReview } from '../../../usecases/reports/flash/decide-flash.ts'
import { refuseSeen } from '../../../usecases/reports/flash/refuse-flash.ts'
import type { Services } from '../../../usecases/services.ts'
import { closingIn, readSubmittedForm, emptyWhoAndWhy, see, type WhoAndWhy } from '../frame/action-form.ts'
import { decidedSince } from '../frame/decided-since.ts'
import { ownWords } from '../frame/fault-text.ts'
import type { Visit } from '../frame/pages.ts'
import { versionsPath } from '../frame/paths.ts'
import { type Answer, editionIn, type Showing, versionIn } from '../frame/showing.ts'
import { flashValue } from './flash.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<Services, 'reports' | 'recipients' | 'deliveries' | 'history' | 'clock'>
  deliver(message: DeliveryMessage): Promise<void>
  readonly log: Log
}

export const flashPages = (app: Hono, { showing, services, deliver, log }: Routes): void => {
  const path = '/room/:territory/:period/:cap/:version/decide'
  const findReview = async (c: Context, { caller }: Visit): Promise<FlashReview> =>
    (await readFlashReview(editionIn(c), versionIn(c), caller, services)) ?? decidedSince(c, caller, services)
  app.get(
    path,
    showing('notes:approve', async (c, visit) => page(visit, await findReview(c, visit), emptyWhoAndWhy)),
  )
  app.post(
    path,
    showing('notes:approve', async (c, visit) => {
      const form = await readSubmittedForm(c, visit)
      const review = await findReview(c, visit)
      const { entry, held } = review
      const does = form.get('do')
      const faster = { fault: ownWords(visit.words.say('room.decide.faster')), status: 409 }
      const was = entry.approved ? 'approved' : 'waits'
      if (form.get('revision') !== was) return page(visit, review, emptyWhoAndWhy, faster)
      const done = (what: string, by: string): Response => {
        const { territory, period, cap, version } = entry
        log(`flash note: ${what}`, { who: visit.caller.who, by, note: territory, period, cap, version })
        return see(visit, versionsPath(editionIn(c), version))
      }
      const unsent = async (): Promise<Answer> =>
        page(visit, await findReview(c, visit), emptyWhoAndWhy, {
          fault: ownWords(visit.words.say('room.decide.unsent')),
          status: 502,
        })
      if (entry.approved) {
        if (does !== 'mail') return page(visit, review, emptyWhoAndWhy)
        if (!(await mail(review, { deliver, log }))) return unsent()
        return done('mailed', visit.session?.name ?? visit.caller.who)
      }
      const input = closingIn(visit, form, does !== 'approve')
      if (does !== 'approve' && does !== 'refuse') return page(visit, review, { ...input, wrong: {} })
      if (Object.keys(input.wrong).length > 0) return page(visit, review, input)
      if (does === 'approve' && held) return page(visit, review, input, { status: 409 })
      const decided = await (does === 'approve' ? approveSeen : refuseSeen)(entry, input, services)
      if (!decided) return page(visit, await findReview(c, visit), input, faster)
      if (does === 'approve' && !(await mail(review, { deliver, log }))) return unsent()
      return done(does, input.by)
    }),
  )
}

const page = (
  visit: Visit,
  review: FlashReview,
  input: WhoAndWhy,
  { fault = [], status = 200 }: { readonly fault?: readonly Segment[]; readonly status?: number } = {},
): Answer => ({
  template: 'edit',
  frame: {
    title: visit.words.say(review.entry.approved ? 'room.decide.again' : 'room.decide'),
    at: 'archive',
    markings: [review.marking],
  },
  value: flashValue(visit, review, input, fault),
  status: Object.keys(input.wrong).length > 0 ? 422 : status,
})

/** Returns false if some mail did not leave; the decision remains valid. */
const mail = async (
  { entry: { territory, period, cap, version } }: FlashReview,
  { deliver, log }: Pick<Routes, 'deliver' | 'log'>,
): Promise<boolean> => {
  try {
    await deliver({ territory, period, cap, version, to: 'everybody' })
    return true
  } catch (error) {
    log('flash note not mailed', { note: territory, period, cap, version, cause: messageOf(error) })
    return false
  }
}
