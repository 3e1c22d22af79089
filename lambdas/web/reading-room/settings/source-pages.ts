import type { Context, Hono } from 'hono'
import { type SourceState, stateUnder } from '../../../domain/aggregate/watch/source-state.ts'
import { type Marking, markings } from '../../../domain/core/marking.ts'
import { isTerritoryCode, territories } from '../../../domain/core/place/territory.ts'
import type { Log } from '../../../usecases/log.ts'
import {
  isRhythm,
  mayMarkSource,
  maySetSource,
  setSource,
  type SourceSetting,
  sourceAfter,
  sourcesKnown,
} from '../../../usecases/reports/schedules/set-source.ts'
import type { Services } from '../../../usecases/services.ts'
import { closingIn, type SubmittedForm, readSubmittedForm, lineIn, see } from '../frame/action-form.ts'
import type { Visit } from '../frame/pages.ts'
import { type Answer, type Showing, stop } from '../frame/showing.ts'
import {
  drawnOf,
  lateIn,
  initialInput,
  type SourceFormInput,
  settingsChanged,
  sourceFormValue,
  sourcesValue,
  stampOf,
} from './sources.ts'

type Routes = {
  readonly showing: Showing
  readonly services: Pick<Services, 'sources' | 'clock'>
  readonly log: Log
}

export const sourcePages = (app: Hono, { showing, services, log }: Routes): void => {
  app.get(
    '/room/sources',
    showing('watch:read', async (_c, visit) => {
      const states = await sourcesKnown(visit.caller, services)
      return {
        template: 'sources',
        frame: {
          title: visit.words.say('room.nav.sources'),
          at: 'sources',
          markings: states.map(({ marking }) => marking),
        },
        value: sourcesValue(visit, states, services.clock().getTime()),
      }
    }),
  )
  const stateOf = async (c: Context, { caller }: Visit): Promise<SourceState> => {
    const name = c.req.param('name') ?? ''
    const state = (await sourcesKnown(caller, services)).find((one) => one.name === name)
    return state && maySetSource(caller, state) ? state : stop('nothing')
  }
  const page = (
    visit: Visit,
    state: SourceState,
    input: SourceFormInput,
    more: Omit<Parameters<typeof sourceFormValue>[3], 'now'> & { readonly status?: number } = {},
  ): Answer => {
    const { status = 200, ...shown } = more
    return {
      template: 'edit',
      frame: { title: visit.words.say('room.source'), at: 'sources', markings: [state.marking] },
      value: sourceFormValue(visit, state, input, { now: services.clock().getTime(), ...shown }),
      status: Object.keys(input.wrong).length > 0 ? 422 : status,
    }
  }
  app.get(
    '/room/sources/:name',
    showing('house:write', async (c, visit) => {
      const state = await stateOf(c, visit)
      return page(visit, state, initialInput(state))
    }),
  )
  app.post(
    '/room/sources/:name',
    showing('house:write', async (c, visit) => {
      const form = await readSubmittedForm(c, visit)
      const state = await stateOf(c, visit)
      const input = readInput(form, visit, state)
      const faster = (current: SourceState) => {
        const { input: carried, late } = lateIn(current, input, form.get('drawn') ?? '')
        return page(visit, current, carried, { late, status: 409 })
      }
      if (form.get('revision') !== stampOf(state)) return faster(state)
      if (Object.keys(input.wrong).length > 0) return page(visit, state, input)
      const declaration = declarationIn(input, state)
      if (declaration === undefined)
        return page(visit, state, input, { fault: visit.words.say('room.source.same'), status: 422 })
      const after = sourceAfter(state, declaration)
      const effect = { ...after, state: stateUnder(after.rhythm, state.lastInput, services.clock().getTime()) }
      if (form.get('do') !== 'do') return page(visit, state, input, { effect })
      const { by, reason } = input
      if (!(await setSource(state.name, { ...declaration, by, reason }, services, stampOf(state))))
        return faster(await stateOf(c, visit))
      log('source: set', { who: visit.caller.who, by, source: state.name })
      return see(visit, '/room/sources')
    }),
  )
}

const readInput = (form: SubmittedForm, visit: Visit, state: SourceState): SourceFormInput => {
  const { words } = visit
  const { wrong, ...whose } = closingIn(visit, form)
  const current = initialInput(state)
  const rhythm = lineIn(form, 'rhythm')
  const may = mayMarkSource(visit.caller)
  const marking = may ? lineIn(form, 'marking') : current.marking
  const ticked = form.all('territories').filter(isTerritoryCode)
  return {
    ...whose,
    ...{ rhythm, marking },
    territories: may
      ? territories.map(({ code }) => code).filter((code) => ticked.includes(code))
      : current.territories,
    wrong: {
      ...wrong,
      ...(!isRhythm(rhythm) && { rhythm: words.say('room.field.wrong') }),
      ...(!(markings as readonly string[]).includes(marking) && { marking: words.say('room.field.wrong') }),
    },
  }
}

const declarationIn = (input: SourceFormInput, state: SourceState): SourceSetting | undefined => {
  const sent = drawnOf(input)
  const changed = settingsChanged(drawnOf(initialInput(state)), sent)
  if (changed.length === 0) return undefined
  return {
    ...(changed.includes('rhythm') && { rhythm: input.rhythm }),
    ...((changed.includes('marking') || changed.includes('territories')) && {
      marking: input.marking as Marking,
      territories: sent.territories === '' ? undefined : input.territories,
    }),
  }
}
