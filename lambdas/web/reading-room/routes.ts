/** Routes of the reading room. */
import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import * as z from 'zod'
import { type Caller, isSubjectFor, mayDo, mayReadEdition } from '../../domain/access/caller.ts'
import { markings, usualCap } from '../../domain/core/marking.ts'
import type { Scheduled } from '../../domain/core/place/due.ts'
import { hasBegun } from '../../domain/core/place/subject.ts'
import { subjectOf, type TerritoryCode, territoryOf } from '../../domain/core/place/territory.ts'
import { cadences, dayIn, parsePeriod, weekOf } from '../../domain/core/time/period.ts'
import { editionOf, editionPath, reportId } from '../../domain/report/manifest.ts'
import type { DeliveryMessage } from '../../domain/report/messages.ts'
import type { Organisation } from '../../domain/report/organisation.ts'
import type { Signer } from '../../domain/report/signature.ts'
import { cursorTo, findVersion, listArchive, placeOf } from '../../usecases/archive/browse-archive.ts'
import { type FileAddresses, openFile } from '../../usecases/archive/open-file.ts'
import { rememberedPasts, versionHistory } from '../../usecases/archive/version-history.ts'
import { deliveriesAbout } from '../../usecases/delivery/manage-deliveries.ts'
import type { Desk } from '../../usecases/ingest/desk.ts'
import type { Log } from '../../usecases/log.ts'
import type { PlateDesk } from '../../usecases/plates/picture-door.ts'
import { newestHere } from '../../usecases/reports/newest-version.ts'
import type { RequestServices } from '../../usecases/reports/request-report.ts'
import { sourceCoverage } from '../../usecases/reports/schedules/source-coverage.ts'
import type { Services } from '../../usecases/services.ts'
import * as schemas from '../api/schemas.ts'
import { type Form, readForm } from '../shared/forms.ts'
import { publicKeyAnswer } from '../shared/problem-pages.ts'
import type { PageStyle } from '../shared/site.ts'
import type { RoomKey, RoomWording } from '../shared/wording.ts'
import { addPages } from './add/add-pages.ts'
import { detectionPages } from './detections/detection-pages.ts'
import { editPages } from './detections/edit-pages.ts'
import { waitingRecordPages } from './detections/waiting-record-pages.ts'
import { maxActionFormBytes } from './frame/action-form.ts'
import { periodFault, type Visit } from './frame/pages.ts'
import {
  type Answer,
  type Door,
  editionIn,
  anonymous,
  type Showing,
  Stop,
  showingWith,
  stop,
  visitOf,
  weekIn,
} from './frame/showing.ts'
import { flashPages } from './notes/flash-pages.ts'
import { notePages } from './notes/note-pages.ts'
import { plateAddPages } from './plates/plate-add-pages.ts'
import { platePages } from './plates/plate-pages.ts'
import {
  type ArchiveName,
  type ArchiveWords,
  archiveValue,
  markingsOf,
  signingKeyPath,
  versionsValue,
} from './reports/archive.ts'
import { type Asked, askValue, jobFor, jobValue, refusalText } from './reports/jobs.ts'
import { yearIn } from './reports/picker.ts'
import { recallPages } from './reports/recall-pages.ts'
import { renewPages } from './reports/renew-pages.ts'
import { letterValue, type Mailbox, mailValue, mayReadMail } from './settings/mail.ts'
import { recipientPages } from './settings/recipient-pages.ts'
import { schedulePages } from './settings/schedule-pages.ts'
import { sourcePages } from './settings/source-pages.ts'
import { candidatePages } from './todo/candidate-pages.ts'
import { inboxPages } from './todo/inbox-pages.ts'
import { coverageValue } from './week/coverage.ts'
import { feedPages } from './week/feed-pages.ts'
import { weekPage } from './week/week-pages.ts'

export type RoomParts = Door & {
  readonly services: Pick<
    Services,
    | 'reports'
    | 'archive'
    | 'sources'
    | 'deliveries'
    | 'recipients'
    | 'schedules'
    | 'candidates'
    | 'notes'
    | 'detections'
    | 'changedDays'
    | 'history'
    | 'plates'
    | 'pictures'
    | 'batches'
    | 'clock'
  > & {
    readonly signer: Pick<Signer, 'publicKey'>
  } & RequestServices
  readonly desk: Desk
  /** Scheduled reports. */
  readonly due: Scheduled
  deliver(message: DeliveryMessage): Promise<void>
  readonly files: FileAddresses
  readonly plates: PlateDesk
  /** Mails stored on this machine, if any. */
  readonly mailbox?: Mailbox
  readonly log: Log
}

const rowsOnPage = 20
const versionsOnPage = 12
const reportsOnMailPage = 40

/** Seconds until the page of an unfinished job reloads. */
const lookAgain = 4

type Routes = RoomParts & { readonly organisation: Organisation; readonly showing: Showing }

export const roomRoutes = (app: Hono, parts: RoomParts, style: PageStyle): void => {
  const { signInLinks } = parts
  const routes: Routes = { ...parts, organisation: style.organisation, showing: showingWith(parts, style) }
  const { showing } = routes
  app.get('/', (c) => c.redirect(visitOf(c, anonymous, signInLinks).href('/room'), 302))
  app.get('/room/', (c) => c.redirect(visitOf(c, anonymous, signInLinks).href('/room', c.req.query()), 302))
  weekPage(app, routes)
  archivePages(app, routes)
  // File uploads come before the limit on form sizes.
  addPages(app, routes)
  plateAddPages(app, routes)
  app.use(
    '/room/*',
    bodyLimit({ maxSize: maxActionFormBytes, onError: showing('watch:read', async () => stop('long')) }),
  )
  notePages(app, routes)
  requestPages(app, routes)
  candidatePages(app, routes)
  coveragePage(app, routes)
  mailPages(app, routes)
  detectionPages(app, routes)
  editPages(app, routes)
  waitingRecordPages(app, routes)
  inboxPages(app, routes)
  recipientPages(app, routes)
  schedulePages(app, routes)
  sourcePages(app, routes)
  parts.tokenPages?.(app, showing)
  flashPages(app, routes)
  recallPages(app, routes)
  platePages(app, routes)
  renewPages(app, routes)
  feedPages(app, routes)
  versionPages(app, routes)
  app.get(
    '/room/*',
    showing('watch:read', async () => stop('nothing')),
  )
}

const archivePages = (app: Hono, { showing, services }: Routes): void => {
  const pasts = rememberedPasts()
  app.get(
    '/room/archive',
    showing('reports:read', async (c, visit) => {
      const { asked, wrong } = archiveQueryOf(c, visit.caller)
      const after = cursorOf(c)
      const filter = { ...asked, after, limit: rowsOnPage }
      const known = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
      const page =
        wrong.length > 0
          ? { entries: [], next: undefined }
          : await listArchive(known as Parameters<typeof listArchive>[0], visit.caller, services)
      const { words } = visit
      const markings = page.entries.filter(({ state }) => state === 'published').map(({ marking }) => marking)
      return {
        template: 'archive',
        frame: { title: words.say('room.archive'), at: 'archive', markings },
        value: archiveValue(visit, asked, wrong, {
          ...page,
          pasts: await pasts.of(page.entries, services),
          isFirst: after === undefined,
          year: yearIn(c.req.query('year')),
          now: services.clock().getTime(),
        }),
        status: wrong.length > 0 ? 422 : 200,
      }
    }),
  )
}

const requestPages = (app: Hono, { showing, services, log }: Routes): void => {
  app.get(
    '/room/reports',
    showing('reports:create', async (c, visit) => {
      const asked = { territory: '', period: '', cap: usualCap, ...c.req.query() }
      return ask(visit, { territory: typed(asked.territory), period: typed(asked.period), cap: typed(asked.cap) })
    }),
  )

  app.post(
    '/room/reports',
    showing('reports:create', async (c, visit) => {
      const { caller, words } = visit
      const form = await readForm(c)
      if (typeof form === 'string') throw new Stop('form')
      if (form.get('token') !== visit.formToken) throw new Stop('stale')
      const { request, asked } = requestIn(form, words)
      if (!request.success) return ask(visit, asked, 422)
      const { territory, period, cap } = request.data
      if (!mayReadEdition(caller, request.data)) throw new Stop('forbidden')
      if (!hasBegun(parsePeriod(period), territory, services.clock().getTime())) {
        return ask(visit, { ...asked, period: typed(period, words.say('room.ask.period.unbegun')) }, 422)
      }
      const key = z.uuid().safeParse(form.get('key')).data
      const job = await jobFor({ territory, period, cap, deliver: false }, { caller, key }, { services, log })
      if (job instanceof Error) return askAgain(visit, asked, job)
      log('report asked for', { who: caller.who, job: job.id, territory, period, cap, deliver: 'false' })
      return new Response(null, { status: 303, headers: { location: visit.href(`/room/jobs/${job.id}`) } })
    }),
  )

  app.get(
    '/room/jobs/:id',
    showing('reports:read', async (c, visit) => {
      const id = c.req.param('id') ?? ''
      const job = z.uuid().safeParse(id).success ? await services.jobs.get(id) : undefined
      if (!job || !mayReadEdition(visit.caller, job.request)) throw new Stop('nothing')
      const edition = editionOf(job.request)
      const waiting = job.state === 'queued' || job.state === 'running'
      return {
        template: 'job',
        frame: { title: visit.words.say('room.job'), at: 'ask' },
        value: jobValue(visit, job, edition),
        headers: waiting ? { refresh: String(lookAgain) } : {},
      }
    }),
  )
}

const requestIn = (form: Form, words: RoomWording) => {
  const values = { territory: form.get('territory'), period: form.get('period'), cap: form.get('cap') }
  const request = requestSchema.safeParse(values)
  const wrongIn = (name: string, fault: RoomKey) =>
    request.error?.issues.some(({ path }) => path[0] === name) ? words.say(fault) : ''
  const asked = {
    territory: typed(values.territory, wrongIn('territory', 'room.field.wrong')),
    period: typed(values.period, wrongIn('period', 'room.ask.period.wrong') && periodFault(values.period ?? '', words)),
    cap: typed(values.cap, wrongIn('cap', 'room.field.wrong')),
  }
  return { request, asked }
}

const ask = (visit: Visit, asked: Asked, status = 200): Answer => ({
  template: 'ask',
  frame: { title: visit.words.say('room.ask'), at: 'ask' },
  value: askValue(visit, asked),
  status,
})

const askAgain = (visit: Visit, asked: Asked, error: Parameters<typeof refusalText>[0]): Answer => {
  const { problem, ...later } = refusalText(error, visit.words)
  const answer = ask(visit, asked)
  return { ...answer, ...later, value: { ...answer.value, problem } }
}

const coveragePage = (app: Hono, { showing, services }: Routes): void => {
  app.get(
    '/room/coverage',
    showing('watch:read', async (c, visit) => {
      const { caller, words } = visit
      const query = c.req.query()
      const [first] = caller.territories
      if (first === undefined) throw new Stop('forbidden')
      const asked = query.territory ? territoryIn(query.territory, caller) : first
      const territory = asked ?? first
      const thisWeek = weekOf(dayIn(services.clock().getTime(), territoryOf(territory).zone))
      const week = query.week ? weekIn(query.week) : thisWeek
      const wrong = [...(asked ? [] : ['territory']), ...(week ? [] : ['week'])]
      const shown = { territory, week: week ?? thisWeek }
      const watched = await sourceCoverage(territory, shown.week, caller, services)
      return {
        template: 'coverage',
        frame: {
          title: words.say('room.coverage'),
          at: 'coverage',
          markings: watched.sources.map(({ marking }) => marking),
        },
        value: coverageValue(visit, shown, { week: query.week || shown.week.id, wrong }, watched),
        status: wrong.length > 0 ? 422 : 200,
      }
    }),
  )
}

const mailPages = (app: Hono, { showing, services, mailbox, log }: Routes): void => {
  app.get(
    '/room/mail',
    showing('reports:create', async (c, visit) => {
      const { caller, words } = visit
      const named = c.req.query('territory') ?? ''
      const territory = named === '' ? undefined : territoryIn(named, caller)
      const wrong = named !== '' && territory === undefined
      const after = cursorOf(c)
      const page = wrong
        ? { entries: [], next: undefined }
        : await listArchive({ territory, after, limit: reportsOnMailPage }, caller, services)
      // Versions of one period may be on several pages: each shows only its own mails.
      const shown = new Set(page.entries.map(({ id }) => id))
      const own = (await deliveriesAbout(page.entries, services))
        .filter(
          (delivery) => mayReadEdition(caller, delivery) && shown.has(reportId(editionOf(delivery), delivery.version)),
        )
        .toSorted((one, other) => (one.at > other.at ? -1 : 1))
      const next = page.next && cursorTo(page.next)
      const mails = (await mailbox?.list()) ?? []
      return {
        template: 'mail',
        frame: { title: words.say('room.mail'), at: 'mail' },
        value: mailValue(visit, named, wrong, own, mails, { first: after === undefined, next }),
        status: wrong ? 422 : 200,
      }
    }),
  )

  app.get(
    '/room/mail/:name',
    showing('reports:create', async (c, visit) => {
      const name = c.req.param('name') ?? ''
      const letter = mayReadMail(visit.caller, name) ? await mailbox?.read(name) : undefined
      if (!letter) throw new Stop('nothing')
      log('mail read', { who: visit.caller.who, mail: name })
      const stated = markings.filter((one) => letter.text.includes(one))
      const title = letter.headers.find((header) => header.name.toLowerCase() === 'subject')?.value
      return {
        template: 'letter',
        frame: { title: title || visit.words.say('room.mail.mail'), at: 'mail', markings: stated },
        value: letterValue(visit, name, letter),
      }
    }),
  )
}

const versionPages = (app: Hono, { showing, services, files, log }: Routes): void => {
  app.get(
    '/room/:territory/:period/:cap',
    showing('reports:read', async (c, visit) => {
      const { caller, words } = visit
      const edition = editionIn(c)
      const below = c.req.query('before')
      if (below !== undefined && !/^[1-9]\d{0,5}$/.test(below)) throw new Stop('cursor')
      const wanted = { before: below === undefined ? undefined : Number(below), limit: versionsOnPage }
      const seen = await versionHistory(edition, wanted, caller, services)
      if (seen.versions.length === 0) throw new Stop('nothing')
      const title = `${subjectOf(edition.territory).name[words.language]}, ${edition.period.id}`
      log('versions looked at', { who: caller.who, report: editionPath(edition) })
      return {
        template: 'versions',
        frame: { title, at: 'archive', markings: markingsOf(seen.versions) },
        value: versionsValue(visit, edition, {
          ...seen,
          dossiers: await services.reports.campaigns(),
          newestHere: mayDo(caller, 'reports:renew') ? await newestHere(edition, caller, services) : undefined,
          now: services.clock().getTime(),
        }),
      }
    }),
  )

  app.get(
    '/room/:territory/:period/:cap/:version/files/:name',
    showing('reports:read', async (c, { caller }) => {
      const [number = '', name = ''] = [c.req.param('version'), c.req.param('name')]
      if (!/^[1-9]\d{0,5}$/.test(number)) throw new Stop('nothing')
      const found = await findVersion(editionIn(c), Number(number), caller, services)
      const url =
        found.is === 'found'
          ? await openFile(found, name, { who: caller.who }, { files, archive: services.archive, log })
          : undefined
      return url === undefined ? stop('nothing') : c.redirect(url, 302)
    }),
  )

  app.get(
    signingKeyPath,
    showing('reports:read', async () => publicKeyAnswer(await services.signer.publicKey())),
  )
}

const requestSchema = z.object({ territory: schemas.subject, period: schemas.period, cap: schemas.cap })

const typed = (value: string | undefined, wrong = '') => ({ value: (value ?? '').slice(0, 100), wrong })

/** @throws Stop if this service did not issue the cursor */
const cursorOf = (c: Context): string | undefined => {
  const cursor = c.req.query('cursor')
  return cursor ? (placeOf(cursor.slice(0, 400)) ?? stop('cursor')) : undefined
}

/** Accepts only the caller's territories; the answer does not reveal that others exist. */
const territoryIn = (text: string, caller: Caller): TerritoryCode | undefined =>
  caller.territories.find((code) => code === text)

const filterSchemas = {
  cadence: z.enum(cadences),
  period: schemas.period,
  cap: schemas.cap,
  from: z.iso.date(),
  to: z.iso.date(),
} as const

const archiveQueryOf = (c: Context, caller: Caller) => {
  const word = (name: ArchiveName): string => (c.req.query(name) ?? '').trim().slice(0, 100)
  const names = ['territory', 'cadence', 'period', 'cap', 'from', 'to'] as const
  const asked = Object.fromEntries(names.map((name) => [name, word(name)])) as ArchiveWords
  const isRight = (name: ArchiveName): boolean =>
    name === 'territory' ? isSubjectFor(caller, asked.territory) : filterSchemas[name].safeParse(asked[name]).success
  return { asked, wrong: names.filter((name) => asked[name] !== '' && !isRight(name)) }
}
