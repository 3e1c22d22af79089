import type { Context, Hono } from 'hono'
import * as z from 'zod'
import { type Caller, mayDo, subjectsFor } from '../../../domain/access/caller.ts'
import { markings } from '../../../domain/core/marking.ts'
import { parsePeriod } from '../../../domain/core/time/period.ts'
import { kinds } from '../../../domain/detection/kinds.ts'
import { DaysError, daysAsked } from '../../../domain/looking/days.ts'
import type { ReportAsked } from '../../../domain/looking/explanation.ts'
import { visible } from '../../../domain/looking/filter.ts'
import { placeOf } from '../../../domain/looking/place.ts'
import type { Organisation } from '../../../domain/report/organisation.ts'
import { type ExplainServices, explainDetection } from '../../../usecases/detections/explain-detection.ts'
import { type Asked, countDetections, findDetections } from '../../../usecases/detections/find-detections.ts'
import { markingsNamed } from '../../../usecases/detections/markings-named.ts'
import { searchDetections } from '../../../usecases/detections/search-detections.ts'
import { waitingRecordsFor } from '../../../usecases/ingest/edit/waiting-records.ts'
import type { Log } from '../../../usecases/log.ts'
import type { Services } from '../../../usecases/services.ts'
import * as schemas from '../../api/schemas.ts'
import type { RoomWording } from '../../shared/wording.ts'
import { type Showing, stop } from '../frame/showing.ts'
import { platesOf } from '../plates/plates.ts'
import { detectionValue } from './detection.ts'
import {
  detectionsValue,
  type FoundHere,
  markingsFound,
  type Sought,
  type SoughtName,
  searchIn,
  soughtNames,
} from './detections.ts'
import { waitingLine } from './waiting-record.ts'

type Routes = {
  readonly showing: Showing
  readonly services: ExplainServices & Pick<Services, 'changedDays'>
  readonly organisation: Organisation
  readonly log: Log
}

const rowsOnPage = 25

export const detectionPages = (app: Hono, routes: Routes): void => {
  listPage(app, routes)
  onePage(app, routes)
}

const listPage = (app: Hono, { showing, services, log }: Routes): void => {
  app.get(
    '/room/detections',
    showing('detections:read', async (c, visit) => {
      const { caller, words } = visit
      const { sought, wrong } = soughtIn(c, caller, services.clock(), words)
      const found = Object.keys(wrong).length > 0 ? undefined : await foundFor(c, sought, caller, services)
      // The typed text may be an account: it is not logged.
      log('detections looked at', { who: caller.who, listed: found?.detections.length ?? 0 })
      return {
        template: 'detections',
        frame: { title: words.say('room.nav.detections'), at: 'detections', markings: markingsFound(found, caller) },
        value: detectionsValue(visit, sought, wrong, found),
        status: found ? 200 : 422,
      }
    }),
  )
}

const foundFor = async (
  c: Context,
  { q, period, from, to, ...filter }: Sought,
  caller: Caller,
  services: Routes['services'],
): Promise<FoundHere> => {
  const cursor = c.req.query('cursor') ?? ''
  const after = cursor ? (placeOf(cursor.slice(0, 800)) ?? stop('cursor')) : undefined
  const days = period === '' ? { ...(from && { first: from }), ...(to && { last: to }) } : parsePeriod(period)
  const chosen = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
  const asked: Asked = { ...chosen, days, after, limit: rowsOnPage, changedDays: services.changedDays }
  const found =
    q === ''
      ? { ...(await findDetections(asked, caller, services)), meant: [] }
      : await searchDetections(q, asked, caller, services)
  const by = 'by' in found ? found.by : undefined
  const { after: _, limit: __, ...all } = asked
  const counts = await countDetections({ ...all, ...(by && { [by]: q }) }, caller, services)
  const wholes = found.detections.flatMap(({ partOf }) => partOf ?? [])
  const detectors = [...found.detections.map(({ detector }) => detector), ...counts.detectors.map((one) => one.name)]
  const named = await markingsNamed({ wholes, detectors }, caller, services)
  return { ...found, counts, named, isFirst: after === undefined, cursor }
}

const name = z.string().min(1).max(200)

const soughtSchemas = {
  q: name,
  period: schemas.period,
  from: z.iso.date(),
  to: z.iso.date(),
  kind: z.enum(kinds),
  campaign: name,
  detector: name,
  marking: z.enum(markings),
} as const

const soughtIn = (c: Context, caller: Caller, now: Date, words: RoomWording) => {
  const written = (one: SoughtName): string => {
    const text = (c.req.query(one) ?? '').trim().slice(0, 200)
    return visible.test(text) ? text : ''
  }
  const sought = Object.fromEntries(soughtNames.map((one) => [one, written(one)])) as Sought
  const isRight = (one: SoughtName): boolean =>
    one === 'territory'
      ? caller.territories.some((code) => code === sought.territory)
      : soughtSchemas[one].safeParse(sought[one]).success
  const wrong: Partial<Record<SoughtName, string>> = {}
  for (const one of soughtNames) {
    const fault = one === 'from' || one === 'to' ? 'room.detections.day' : 'room.field.wrong'
    if (sought[one] !== '' && !isRight(one)) wrong[one] = words.say(fault)
  }
  const { period, from, to } = sought
  if (wrong.period ?? wrong.from ?? wrong.to) return { sought, wrong }
  if (period !== '' && `${from}${to}` !== '') wrong.period = words.say('room.detections.periodAlone')
  else if (period !== '' || `${from}${to}` !== '') {
    try {
      daysAsked(period === '' ? { ...(from && { first: from }), ...(to && { last: to }) } : parsePeriod(period), now)
    } catch (error) {
      if (!(error instanceof DaysError)) throw error
      wrong.from = words.say(from && to && from > to ? 'room.detections.reversed' : 'room.detections.tooManyDays')
    }
  }
  return { sought, wrong }
}

const onePage = (app: Hono, { showing, services, organisation, log }: Routes): void => {
  app.get(
    '/room/detections/:id',
    showing('detections:read', async (c, visit) => {
      const { caller } = visit
      const id = c.req.param('id') ?? ''
      const search = searchIn(c.req.query('list') ?? '')
      const explanation = await explainDetection(id, reportIn(c, caller), caller, services)
      if (!explanation) return stop('nothing')
      const waits = mayDo(caller, 'detections:write') ? await waitingRecordsFor(caller, services, id) : []
      log('detection looked at', { who: caller.who, detection: id, marking: explanation.detection.marking })
      return {
        template: 'detection',
        frame: {
          title: id,
          at: 'detections',
          markings: [explanation.marking, ...waits.map(({ marking }) => marking)],
        },
        value: {
          ...detectionValue(visit, explanation, search, organisation),
          plates: platesOf(visit, explanation.plates),
          waits: waits.map((one) => waitingLine(visit, one)),
        },
        status: 200,
      }
    }),
  )
}

/** Without a report that the caller may ask about, the usual one. */
const reportIn = (c: Context, caller: Caller): ReportAsked | 'usual' => {
  const { territory, period = '' } = c.req.query()
  const code = subjectsFor(caller).find((one) => one === territory)
  return code && schemas.period.safeParse(period).success ? { territory: code, period: parsePeriod(period) } : 'usual'
}
