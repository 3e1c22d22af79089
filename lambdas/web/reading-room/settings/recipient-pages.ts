import type { Context, Hono } from 'hono'
import { subjectsFor } from '../../../domain/access/caller.ts'
import type { Segment } from '../../../domain/core/language/language.ts'
import { mayChangeRecipient, mayClearUpTo } from '../../../domain/delivery/giving.ts'
import type { Recipient, RecipientField } from '../../../domain/delivery/recipient.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import { latestWeek } from '../../../usecases/archive/week-overview.ts'
import {
  keepRecipient,
  type NotKept,
  type RecipientAsked,
  stampOf,
  tryRecipient,
} from '../../../usecases/delivery/keep-recipient.ts'
import {
  mailedAbout,
  nameOf,
  recipientFor,
  recipientsFor,
  whoWouldGet,
  type WouldServices,
} from '../../../usecases/delivery/who-would-get.ts'
import type { Log } from '../../../usecases/log.ts'
import type { Services } from '../../../usecases/services.ts'
import { type SubmittedForm, readSubmittedForm, see } from '../frame/action-form.ts'
import { faultLine, ownWords } from '../frame/fault-text.ts'
import type { Visit } from '../frame/pages.ts'
import { recipientPath } from '../frame/paths.ts'
import { type Answer, type Showing, stop, weekIn } from '../frame/showing.ts'
import {
  lateIn,
  initialInput,
  type RecipientAction,
  recipientFormValue,
  type RecipientFormInput,
  readInput,
  recipientWordsOf,
} from './recipient-form.ts'
import { type AskedWeek, recipientsValue, recipientValue, weeklyFor, wouldMarkings } from './recipients.ts'

type Routes = {
  readonly showing: Showing
  readonly organisation: Organisation
  readonly services: Omit<WouldServices, 'organisation'> & Pick<Services, 'recipients' | 'deliveries' | 'clock'>
  readonly log: Log
}

export const recipientPages = (app: Hono, routes: Routes): void => {
  const { showing, organisation } = routes
  const services = { ...routes.services, organisation }
  app.get(
    '/room/recipients',
    showing('recipients:write', async (c, visit) => {
      const { caller, words } = visit
      const asked = askedIn(c, visit, services)
      const { known, unreadable } = await recipientsFor(caller, services)
      const would = await whoWouldGet(asked, known, caller, services)
      return {
        template: 'recipients',
        frame: { title: words.say('room.nav.recipients'), at: 'recipients', markings: wouldMarkings(would) },
        value: recipientsValue(visit, asked, { known, unreadable, would }),
        status: asked.wrong.length > 0 ? 422 : 200,
      }
    }),
  )
  formPages(app, routes)
  app.get(
    '/room/recipients/:id',
    showing('recipients:write', async (c, visit) => {
      const { caller } = visit
      const recipient = (await recipientFor(c.req.param('id') ?? '', caller, services)) ?? stop('nothing')
      const asked = askedIn(c, visit, services)
      const about = weeklyFor(caller, recipient).map((territory) => ({ territory, week: asked.week }))
      const would = (await Promise.all(about.map((one) => whoWouldGet(one, [recipient], caller, services)))).flat()
      const mailed = (await Promise.all(about.map((one) => mailedAbout(one, recipient, caller, services)))).flat()
      return {
        template: 'recipient',
        frame: { title: nameOf(recipient), at: 'recipients', markings: wouldMarkings(would, mailed) },
        value: recipientValue(visit, asked, { recipient, would, mailed }),
        status: asked.wrong.length > 0 ? 422 : 200,
      }
    }),
  )
}

/** Defaults to the caller's first territory and the latest complete week. */
const askedIn = (c: Context, { caller }: Visit, { clock }: Pick<Services, 'clock'>): AskedWeek => {
  const { territory: named = '', week: written = '' } = c.req.query()
  const [first] = caller.territories
  if (first === undefined) return stop('forbidden')
  const latest = latestWeek(caller, clock().getTime())
  // Weekly reports only: dossiers and flash notes cannot be requested by name.
  const territory = subjectsFor(caller).find((code) => code === named) ?? first
  const week = written === '' ? latest : weekIn(written)
  return {
    territory,
    week: week ?? latest,
    typed: (written || latest.id).slice(0, 100),
    wrong: [...(named === '' || territory === named ? [] : ['territory']), ...(week ? [] : ['week'])],
  }
}

type More = Pick<Parameters<typeof recipientFormValue>[1], 'effect' | 'fault' | 'late'> & { readonly status?: number }

const formPages = (app: Hono, { showing, services, log }: Routes): void => {
  const page = (
    visit: Visit,
    does: RecipientAction,
    found: Recipient | undefined,
    input: RecipientFormInput,
    more: More = {},
  ): Answer => {
    const { status = 200, ...shown } = more
    return {
      template: 'edit',
      frame: { title: visit.words.say(`room.recipient.${does}`), at: 'recipients' },
      value: recipientFormValue(visit, { does, found, input, ...shown }),
      status: Object.keys(input.wrong).length > 0 ? 422 : status,
    }
  }
  const effectOf = async (asked: RecipientAsked, visit: Visit): Promise<More> => {
    const tried = await tryRecipient(asked, visit.caller, services)
    return 'fault' in tried ? { fault: faultText(tried, visit), status: 422 } : { effect: tried }
  }
  const foundFor = async (c: Context, { caller }: Visit): Promise<Recipient> => {
    const found = await recipientFor(c.req.param('id') ?? '', caller, services)
    return found && mayChangeRecipient(caller, found) ? found : stop('nothing')
  }
  const get = async (visit: Visit, does: RecipientAction, found: Recipient | undefined): Promise<Answer> => {
    const input = initialInput(found)
    const asked = askedOf(does, found, input)
    // Pause and resume have nothing to fill in: their effect is shown at once.
    const shows = asked.does === 'pause' || asked.does === 'resume'
    return page(visit, does, found, input, shows ? await effectOf(asked, visit) : {})
  }
  const post = async (c: Context, visit: Visit, does: RecipientAction): Promise<Answer | Response> => {
    const form = await readSubmittedForm(c, visit)
    const found = does === 'add' ? undefined : await foundFor(c, visit)
    const input = readInput(form, does, visit)
    if (found && form.get('revision') !== stampOf(found)) return faster(visit, does, found, input, form)
    const asked = askedOf(does, found, input)
    if (Object.keys(input.wrong).length > 0) {
      const shown = asked.does === 'pause' || asked.does === 'resume' ? await effectOf(asked, visit) : {}
      return page(visit, does, found, input, shown)
    }
    if (form.get('do') !== 'do') return page(visit, does, found, input, await effectOf(asked, visit))
    const kept = await keepRecipient(asked, input, visit.caller, services)
    if (!('fault' in kept)) {
      log(`recipient: ${does}`, { who: visit.caller.who, by: input.by, recipient: kept.id })
      return see(visit, recipientPath(kept))
    }
    if (kept.fault === 'changed') return faster(visit, does, await foundFor(c, visit), input, form)
    return page(visit, does, found, input, { fault: faultText(kept, visit), status: 422 })
  }
  const faster = (
    visit: Visit,
    does: RecipientAction,
    found: Recipient,
    typed: RecipientFormInput,
    form: SubmittedForm,
  ): Answer => {
    const { input, late } = lateIn(found, typed, form.get('drawn') ?? '')
    return page(visit, does, found, input, { late, status: 409 })
  }

  app.get(
    '/room/recipients/new',
    showing('recipients:write', async (_c, visit) => get(visit, 'add', undefined)),
  )
  app.post(
    '/room/recipients/new',
    showing('recipients:write', async (c, visit) => post(c, visit, 'add')),
  )
  for (const does of ['change', 'pause', 'resume'] as const) {
    const path = `/room/recipients/:id/${does}`
    app.get(
      path,
      showing('recipients:write', async (c, visit) => get(visit, does, await foundFor(c, visit))),
    )
    app.post(
      path,
      showing('recipients:write', async (c, visit) => post(c, visit, does)),
    )
  }
}

const askedOf = (does: RecipientAction, found: Recipient | undefined, input: RecipientFormInput): RecipientAsked => {
  if (!found) return { does: 'add', words: recipientWordsOf(input) }
  if (does === 'pause' || does === 'resume') return { does, found }
  const { address: _, ...words } = recipientWordsOf(input)
  return { does: 'change', found, words }
}

const faultText = (failed: NotKept, { words, caller }: Visit): readonly Segment[] => {
  if (failed.fault === 'words') {
    const nameOf = (path: string) => words.say(`room.setting.${path.split(/[.[]/)[0] as RecipientField}`)
    return [faultLine(words, failed.reason, nameOf)]
  }
  const clearance = mayClearUpTo(caller) ?? 'TLP:CLEAR'
  return ownWords(words.say(`room.recipient.fault.${failed.fault}`, { clearance }))
}
