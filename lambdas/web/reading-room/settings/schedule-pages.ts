import type { Context, Hono } from 'hono'
import type { Caller } from '../../../domain/access/caller.ts'
import type { Scheduled } from '../../../domain/core/place/due.ts'
import { isGroup, subjects, subjectsDue } from '../../../domain/core/place/territory.ts'
import { readersByEdition } from '../../../domain/delivery/may-receive.ts'
import {
  isReportSchedule,
  pauseAt,
  plateExpiry,
  type Schedule,
  scheduleId,
  scheduleIn,
  settingOf,
} from '../../../domain/report/schedule.ts'
import type { Log } from '../../../usecases/log.ts'
import type { RequestServices } from '../../../usecases/reports/request-report.ts'
import {
  maySetSchedule,
  type NotSet,
  setSchedule,
  trySchedule,
} from '../../../usecases/reports/schedules/set-schedule.ts'
import type { Services } from '../../../usecases/services.ts'
import { closingIn, readSubmittedForm, lineIn, see } from '../frame/action-form.ts'
import { faultWords } from '../frame/fault-text.ts'
import type { Visit } from '../frame/pages.ts'
import { type Answer, type Showing, stop } from '../frame/showing.ts'
import {
  emptyInput,
  type ScheduleFormInput,
  scheduleFormValue,
  schedulesValue,
  type ScheduleState,
} from './schedules.ts'

type Routes = {
  readonly showing: Showing
  readonly due: Scheduled
  readonly services: Pick<Services, 'schedules' | 'recipients' | 'clock'> & Pick<RequestServices, 'limits'>
  readonly log: Log
}

/** Groups come with the nation; image expiry needs a retention period. */
const schedulesIn = ({ territories, cadences }: Scheduled, days: number | undefined): readonly Schedule[] => {
  const due = subjectsDue(territories)
  const codes = subjects
    .map(({ code }) => code)
    .filter((code) => due.includes(code) || (due.includes('ALL') && isGroup(code)))
  const reports = codes.flatMap((subject) => cadences.map((cadence) => ({ subject, cadence })))
  return days === undefined ? reports : [...reports, plateExpiry]
}

/** Returns the schedules whose pages the caller may see. */
export const schedulesFor = (caller: Caller, due: Scheduled, days: number | undefined): readonly Schedule[] =>
  schedulesIn(due, days).filter((one) => maySetSchedule(caller, one))

export const schedulePages = (app: Hono, routes: Routes): void => {
  const { showing, services, due } = routes
  app.get(
    '/room/schedules',
    showing('house:write', async (_c, visit) => {
      const days = services.limits?.retention?.images
      const settings = await services.schedules.all()
      const shown = schedulesFor(visit.caller, due, days)
      return {
        template: 'schedules',
        frame: { title: visit.words.say('room.schedules'), at: 'schedules' },
        value: schedulesValue(
          visit,
          shown.map((one) => settingOf(settings, one)),
          services.clock().getTime(),
          days,
        ),
      }
    }),
  )
  formPages(app, routes)
}

const formPages = (app: Hono, { showing, services, due, log }: Routes): void => {
  const findScheduleState = async (c: Context, { caller }: Visit): Promise<ScheduleState> => {
    const schedule = scheduleIn(`${c.req.param('subject')}/${c.req.param('cadence')}`)
    const days = services.limits?.retention?.images
    const isHere = schedule && schedulesFor(caller, due, days).some((one) => scheduleId(one) === scheduleId(schedule))
    if (!schedule || !isHere) return stop('nothing')
    const setting = await services.schedules.get(schedule)
    const now = services.clock().getTime()
    const state = { setting, now, pause: pauseAt(setting, now), days }
    if (!isReportSchedule(schedule)) return { ...state, readers: 0 }
    const { subject: territory, cadence } = schedule
    const editions = readersByEdition({ territory, cadence }, await Array.fromAsync(services.recipients.all()))
    return { ...state, readers: editions.reduce((sum, one) => sum + one.readers, 0) }
  }
  const page = (
    visit: Visit,
    state: ScheduleState,
    input: ScheduleFormInput,
    more: Parameters<typeof scheduleFormValue>[3] & { readonly status?: number } = {},
  ): Answer => {
    const { status = 200, ...shown } = more
    return {
      template: 'edit',
      frame: {
        title: visit.words.say(state.pause ? 'room.schedule.resume' : 'room.schedule.pause'),
        at: 'schedules',
      },
      value: scheduleFormValue(visit, state, input, shown),
      status: Object.keys(input.wrong).length > 0 ? 422 : status,
    }
  }
  /** Previews the change; author and reason do not affect it. */
  const effectOf = ({ setting, pause, now }: ScheduleState, { by, reason, until }: ScheduleFormInput) => {
    const words = { by: by || '–', reason: reason || '–', until }
    const turn = trySchedule(setting, { ...words, is: pause ? 'made' : 'paused' }, new Date(now))
    return 'fault' in turn ? {} : { effect: turn }
  }
  app.get(
    '/room/schedules/:subject/:cadence',
    showing('house:write', async (c, visit) => {
      const state = await findScheduleState(c, visit)
      return page(visit, state, emptyInput, state.pause ? effectOf(state, emptyInput) : {})
    }),
  )
  app.post(
    '/room/schedules/:subject/:cadence',
    showing('house:write', async (c, visit) => {
      const form = await readSubmittedForm(c, visit)
      const state = await findScheduleState(c, visit)
      const { setting, pause, now } = state
      const { wrong: whose, ...who } = closingIn(visit, form)
      const typed = { ...who, until: lineIn(form, 'until') }
      if (form.get('revision') !== (setting.turns.at(-1)?.at ?? '')) {
        return page(visit, state, { ...typed, wrong: {} }, { faster: true, status: 409 })
      }
      const asked = { ...typed, is: pause ? ('made' as const) : ('paused' as const) }
      const tried = trySchedule(setting, asked, new Date(now))
      const input = {
        ...typed,
        wrong: { ...('fault' in tried && tried.fault === 'words' && wrongIn(tried, visit)), ...whose },
      }
      if (Object.keys(input.wrong).length > 0) return page(visit, state, input, pause ? effectOf(state, input) : {})
      if (form.get('do') !== 'do') return page(visit, state, input, effectOf(state, input))
      const set = await setSchedule(setting, asked, services)
      if ('fault' in set) return page(visit, await findScheduleState(c, visit), input, { faster: true, status: 409 })
      log(`schedule: ${asked.is}`, { who: visit.caller.who, by: input.by, schedule: scheduleId(setting) })
      return see(visit, '/room/schedules')
    }),
  )
}

const wrongIn = (
  { field, reason }: Extract<NotSet, { readonly fault: 'words' }>,
  { words }: Visit,
): ScheduleFormInput['wrong'] => ({
  [field]: field === 'until' ? words.say('room.schedule.until.wrong') : faultWords(words, reason).text,
})
