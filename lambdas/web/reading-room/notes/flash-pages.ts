/** The routes on which a person approves or refuses a flash note, after a look at what that does. */
import type { Context, Hono } from 'hono'
import type { Segment } from '../../../domain/core/language/language.ts'
import { messageOf } from '../../../domain/core/text/thrown.ts'
import type { DeliveryMessage } from '../../../domain/report/messages.ts'
import type { Log } from '../../../usecases/log.ts'
import { approveSeen } from '../../../usecases/reports/flash/approve-flash.ts'
import { type FlashStanding, flashStanding } from '../../../usecases/reports/flash/decide-flash.ts'
import { refuseSeen } from '../../../usecases/reports/flash/refuse-flash.ts'
import type { Services } from '../../../usecases/services.ts'
import { decidedSince } from '../frame/decided-since.ts'
import { closingIn, deedForm, nothingSaid, see, type WhoAndWhy } from '../frame/deeds.ts'
import type { Visit } from '../frame/pages.ts'
import { versionsPath } from '../frame/paths.ts'
import { type Answer, editionIn, type Showing, versionIn } from '../frame/showing.ts'
import { ownWords } from '../frame/told.ts'
import { flashValue } from './flash.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<Services, 'reports' | 'recipients' | 'deliveries' | 'history' | 'clock'>
  /** Hands a version to what mails it. */
  deliver(message: DeliveryMessage): Promise<void>
  readonly log: Log
}

export const flashPages = (app: Hono, { showing, services, deliver, log }: Routes): void => {
  const path = '/room/:territory/:period/:cap/:version/decide'
  const standingOf = async (c: Context, { caller }: Visit): Promise<FlashStanding> =>
    (await flashStanding(editionIn(c), versionIn(c), caller, services)) ?? decidedSince(c, caller, services)
  app.get(
    path,
    showing('notes:approve', async (c, visit) => page(visit, await standingOf(c, visit), nothingSaid)),
  )
  app.post(
    path,
    showing('notes:approve', async (c, visit) => {
      const form = await deedForm(c, visit)
      const standing = await standingOf(c, visit)
      const { entry, held } = standing
      const does = form.get('do')
      const faster = { fault: ownWords(visit.words.say('room.decide.faster')), status: 409 }
      const was = entry.approved ? 'approved' : 'waits'
      if (form.get('revision') !== was) return page(visit, standing, nothingSaid, faster)
      const done = (what: string, by: string): Response => {
        const { territory, period, cap, version } = entry
        log(`flash note: ${what}`, { who: visit.caller.who, by, note: territory, period, cap, version })
        return see(visit, versionsPath(editionIn(c), version))
      }
      const unsent = async (): Promise<Answer> =>
        page(visit, await standingOf(c, visit), nothingSaid, {
          fault: ownWords(visit.words.say('room.decide.unsent')),
          status: 502,
        })
      if (entry.approved) {
        if (does !== 'mail') return page(visit, standing, nothingSaid)
        if (!(await mail(standing, { deliver, log }))) return unsent()
        return done('mailed', visit.session?.name ?? visit.caller.who)
      }
      const said = closingIn(visit, form, does !== 'approve')
      if (does !== 'approve' && does !== 'refuse') return page(visit, standing, { ...said, wrong: {} })
      if (Object.keys(said.wrong).length > 0) return page(visit, standing, said)
      if (does === 'approve' && held) return page(visit, standing, said, { status: 409 })
      const decided = await (does === 'approve' ? approveSeen : refuseSeen)(entry, said, services)
      if (!decided) return page(visit, await standingOf(c, visit), said, faster)
      if (does === 'approve' && !(await mail(standing, { deliver, log }))) return unsent()
      return done(does, said.by)
    }),
  )
}

const page = (
  visit: Visit,
  standing: FlashStanding,
  said: WhoAndWhy,
  { fault = [], status = 200 }: { readonly fault?: readonly Segment[]; readonly status?: number } = {},
): Answer => ({
  template: 'mend',
  frame: {
    title: visit.words.say(standing.entry.approved ? 'room.decide.again' : 'room.decide'),
    at: 'archive',
    markings: [standing.marking],
  },
  value: flashValue(visit, standing, said, fault),
  status: Object.keys(said.wrong).length > 0 ? 422 : status,
})

/** False where it could not be handed on, or not every mail left: what was decided stands. */
const mail = async (
  { entry: { territory, period, cap, version } }: FlashStanding,
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
