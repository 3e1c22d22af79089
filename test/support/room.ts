/**
 * The reading room on a home with a corrected report, a recalled one, mails and sources; whoever asks can be changed.
 */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Hono } from 'hono'
import { mailingHere } from '../../bin/cli/deliver.ts'
import { deskHere } from '../../bin/cli/ingest-files.ts'
import { story } from '../../bin/cli/story.ts'
import { signedFolder } from '../../lambdas/archive/signed-urls.local.ts'
import { type Caller, everything } from '../../lambdas/domain/access/caller.ts'
import { rightsOf, type Role } from '../../lambdas/domain/access/roles.ts'
import { everyReport } from '../../lambdas/domain/core/place/due.ts'
import { parsePeriod } from '../../lambdas/domain/core/time/period.ts'
import type { ReportMessage } from '../../lambdas/domain/report/messages.ts'
import type { Organisation, OrganisationLimits } from '../../lambdas/domain/report/organisation.ts'
import { readNdjson } from '../../lambdas/intake/json/ndjson.ts'
import { roomDrawings } from '../../lambdas/render/drawings/drawings.ts'
import { plateUploadsIn } from '../../lambdas/store/intake/plate-uploads.ts'
import { deliverReport } from '../../lambdas/usecases/delivery/deliver-report.ts'
import { recallVersion } from '../../lambdas/usecases/delivery/recall-version.ts'
import { ingestDetections } from '../../lambdas/usecases/ingest/ingest-detections.ts'
import { readerActions } from '../../lambdas/usecases/links/reader-actions.ts'
import { programTokensIn } from '../../lambdas/usecases/program-tokens.local.ts'
import { generateReport } from '../../lambdas/usecases/reports/generate-report.ts'
import { failJob, handleReportMessage } from '../../lambdas/usecases/reports/handle-report-message.ts'
import { apiRoutes } from '../../lambdas/web/api/routes.ts'
import { webApp } from '../../lambdas/web/app.ts'
import { mailboxOf } from '../../lambdas/web/reading-room/mailbox.local.ts'
import { roomRoutes } from '../../lambdas/web/reading-room/routes.ts'
import { tokenPages } from '../../lambdas/web/reading-room/settings/token-pages.local.ts'
import { ndjson, newFolder } from './cli.ts'
import { withoutRuns } from './date-runs.ts'
import { madeOnce } from './once.ts'
import { asItIsChecked } from './plates.ts'
import { postForm } from './post-form.ts'
import { recipient } from './recipients.ts'
import { type Opened, openServices } from './services.ts'

/** Somebody who signed in, with what a role gives. */
export const inRole = (role: Role, changes: Partial<Caller> = {}): Partial<Caller> => ({
  who: `sub-1 ${role}@example.org`,
  ...{ roles: [role], scopes: [...rightsOf([role])] },
  ...changes,
})

/** A name as only an enemy would write it. */
export const hostile = '"><script>alert(1)</script>'

export type Room = {
  readonly opened: Opened
  readonly app: Hono
  readonly outbox: string
  readonly logged: { readonly what: string; readonly facts: Readonly<Record<string, unknown>> }[]
  readonly queue: ReportMessage[]
  /** Does the work as somebody else, or as nobody. */
  as<Done>(who: Partial<Caller> | undefined, work: () => Promise<Done>): Promise<Done>
  /** Does what is queued, as the functions would. */
  work(): Promise<void>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Response>
  post(
    path: string,
    form: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>
  /** The same of a form that may send several values under one name. */
  postAll(path: string, form: readonly (readonly [string, string])[]): Promise<Response>
  /** What a reader of a language is shown. */
  page(path: string, language?: string): Promise<{ readonly status: number; readonly text: string }>
  /** The same of a form that bears the session's token, and where it leads to. */
  send(path: string, form: Readonly<Record<string, string>>): Promise<{ status: number; text: string; to: string }>
  close(): Promise<void>
}

export const formToken = 'the-token-of-this-process'

/** The home as every room has it at first. */
const furnish = async (folder: string): Promise<void> => {
  const opened = await openServices(folder, '2024-05-20T00:00:00.000Z')
  const { services, context } = opened
  const take = async (file: string, bytes: Buffer) => {
    const chunks = async function* () {
      yield bytes
    }
    await ingestDetections(readNdjson(chunks(), { file }), file, services)
  }
  await take('story', readFileSync(story.file))
  const [reader, odd] = [
    recipient('prefet@example.org', { clearance: 'TLP:AMBER' }),
    recipient('odd@example.org', { clearance: 'TLP:GREEN' }),
  ]
  await services.recipients.replace(reader)
  await services.recipients.replace(odd)
  const make = async (territory: 'NC' | 'PF', week: string, cap: 'TLP:AMBER' | 'TLP:GREEN' = 'TLP:AMBER') => {
    const { report } = await generateReport({ territory, period: parsePeriod(week), cap }, services)
    return report.version
  }
  const deliver = async (version: number, cap: 'TLP:AMBER' | 'TLP:GREEN') =>
    deliverReport(
      { territory: 'NC', period: '2024-W20', cap, version, to: 'everybody' },
      services,
      await mailingHere(context),
    )
  await make('NC', '2024-W19')
  await deliver(await make('NC', '2024-W20'), 'TLP:AMBER')
  await deliver(await make('NC', '2024-W20', 'TLP:GREEN'), 'TLP:GREEN')
  await make('PF', '2024-W20')
  opened.at(furnishedAt)
  const late = {
    id: 'late-1',
    detector: { name: hostile, expectedRhythm: 'PT6H' },
    kind: 'copy-paste',
    title: { fr: 'Constat tardif', en: 'Late finding' },
    territories: ['NC'],
    observed: { from: '2024-05-15' },
    counts: { posts: 7 },
    marking: 'TLP:AMBER',
  }
  await take('late', Buffer.from(ndjson(late)))
  await make('NC', '2024-W20')
  const edition = { territory: 'PF', period: parsePeriod('2024-W20'), cap: 'TLP:AMBER' } as const
  await recallVersion({ edition, version: 1, reason: hostile, by: 'A. Roy' }, services)
  await opened.close()
}

const furnishedAt = '2024-05-21T00:00:00.000Z'

/**
 * A room on a home of its own.
 * @param organisation how the house wants reports, where a test asks
 * @param signsIn people have names, as behind a sign-in
 */
export const openRoom = async (
  organisation: Organisation = {},
  { signsIn = false, limits = {} }: { readonly signsIn?: boolean; readonly limits?: OrganisationLimits } = {},
): Promise<Room> => {
  const { folder, remove } = await newFolder()
  await cp(await madeOnce('room', furnish), folder, { recursive: true })
  const opened = await openServices(folder, furnishedAt)
  const { services, context } = opened

  const logged: Room['logged'] = []
  const queue: ReportMessage[] = []
  let caller: Caller | undefined = everything
  const log = (what: string, facts: Readonly<Record<string, unknown>>) => void logged.push({ what, facts })
  const files = signedFolder(services.archive, services.clock)
  const callerOf = () => caller
  const visitorOf = () => caller && { caller, name: caller.who, formToken }
  const outbox = join(folder, 'outbox')
  const asking = { ...services, limits, enqueue: async (message: ReportMessage) => void queue.push(message) }
  const mailer = { send: async () => ({ messageId: randomUUID() }) }
  const readers = readerActions(services, { mailer, from: 'vigie@example.org', files, log })
  const app = webApp({
    ...{ readers, organisation, log, filesOrigin: files.origin, secure: false },
    also: (web, style) =>
      roomRoutes(
        web,
        {
          visitorOf,
          ...(signsIn
            ? { signInLinks: { signIn: () => '/sign-in', signOut: '/sign-out' } }
            : { tokenPages: tokenPages(programTokensIn(context.table), services.clock, log) }),
          services: asking,
          desk: deskHere(context),
          due: everyReport,
          deliver: async (message) => void (await deliverReport(message, services, await mailingHere(context))),
          files,
          plates: { uploads: plateUploadsIn(context.table), door: { is: 'here', decode: asItIsChecked } },
          mailbox: mailboxOf(outbox),
          drawings: roomDrawings,
          log,
        },
        style,
      ),
  })
  files.routes(app)
  apiRoutes(app, { callerOf, services: asking, files, desk: deskHere(context), log })

  const site = 'http://127.0.0.1'
  const get: Room['get'] = async (path, headers = {}) => app.request(`${site}${path}`, { headers })
  const post: Room['post'] = (path, form, headers) => postForm(app, `${site}${path}`, form, headers)
  return {
    opened,
    app,
    outbox,
    logged,
    queue,
    as: async (who, work) => {
      caller = who && { ...everything, ...who }
      try {
        return await work()
      } finally {
        caller = everything
      }
    },
    work: async () => {
      for (const message of queue.splice(0)) {
        await handleReportMessage(message, services, { report: async () => {}, delivery: async () => {} }).catch(
          (error: Error) => failJob(message, error, services),
        )
      }
    },
    get,
    post,
    postAll: (path, form) => postForm(app, `${site}${path}`, form),
    page: async (path, language = 'en') => {
      const answer = await get(path, { 'accept-language': language })
      return { status: answer.status, text: withoutRuns(await answer.text()) }
    },
    send: async (path, form) => {
      const answer = await post(path, { token: formToken, ...form }, { 'accept-language': 'en' })
      const to = answer.headers.get('location') ?? ''
      if (to.split('?').length > 2) throw new Error(`${path} leads to ${to}, which is no address`)
      return { status: answer.status, text: withoutRuns(await answer.text()), to }
    },
    close: async () => {
      await opened.close()
      await remove()
    },
  }
}
