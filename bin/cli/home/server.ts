/** The web app on loopback. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { signedFolder } from '../../../lambdas/archive/signed-urls.local.ts'
import { readOrganisationLimits } from '../../../lambdas/config/organisation-file.ts'
import { everything } from '../../../lambdas/domain/access/caller.ts'
import { signInPaths } from '../../../lambdas/domain/access/sign-in.ts'
import { everyReport } from '../../../lambdas/domain/core/place/due.ts'
import { messageOf } from '../../../lambdas/domain/core/text/thrown.ts'
import { roomDrawings } from '../../../lambdas/render/drawings/drawings.ts'
import { plateUploadsIn } from '../../../lambdas/store/intake/plate-uploads.ts'
import { readerActions } from '../../../lambdas/usecases/links/reader-actions.ts'
import type { Decode } from '../../../lambdas/usecases/plates/take-upload.ts'
import { programTokensIn } from '../../../lambdas/usecases/program-tokens.local.ts'
import { type ApiParts, apiRoutes } from '../../../lambdas/web/api/routes.ts'
import { webApp } from '../../../lambdas/web/app.ts'
import { stageSignInLinks } from '../../../lambdas/web/reading-room/frame/sign-in-links.ts'
import { mailboxOf } from '../../../lambdas/web/reading-room/mailbox.local.ts'
import { type RoomParts, roomRoutes } from '../../../lambdas/web/reading-room/routes.ts'
import { tokenPages } from '../../../lambdas/web/reading-room/settings/token-pages.local.ts'
import { deliverer, keepAddress, senderHere, siteHere } from '../deliver.ts'
import { deskHere } from '../ingest-files.ts'
import type { CliContext } from './context.ts'
import { jobRunner } from './job-runner.ts'
import { nameIn } from './remembered-name.ts'
import type { SignInAsked } from './sign-in.ts'
import { programDoor, startToken } from './start-token.ts'

export type Served = {
  readonly url: string
  /** Which links of mails name. */
  readonly site: string
  /** Signs a browser in, itself or by the issuer. */
  readonly entrance: string
  /** For programs; none with an issuer. */
  readonly token: string | undefined
  readonly resumed: number
  readonly enqueue: ReturnType<typeof jobRunner>['enqueue']
  readonly ended: Promise<void>
}

/** `publicUrl` is the origin of the reverse proxy. Without sign-in, the printed address grants everything. */
export type ServeAsked = { readonly port: number } & (
  | { readonly publicUrl?: string | undefined; readonly signIn?: undefined }
  | { readonly publicUrl: string; readonly signIn: SignInAsked }
)

export const serve = async ({ port, publicUrl, signIn }: ServeAsked, context: CliContext): Promise<Served> => {
  const { services, stopping } = context
  const files = signedFolder(services.archive, services.clock)
  const log = (what: string, facts: Readonly<Record<string, string | number>>) =>
    services.log(JSON.stringify({ what, ...facts }))
  const { mailer, from } = await senderHere(context)
  const readers = readerActions(services, { mailer, from, files, log })
  const jobs = jobRunner(context)
  const programTokens = programTokensIn(context.table)
  const signedIn =
    signIn && (await (await import('./sign-in.ts')).signInHere(signIn, { site: publicUrl, log }, context))
  const start = signedIn ? undefined : startToken()
  const door = programDoor(programTokens, services.clock, start?.token)
  const desk = deskHere(context)
  const asking = { ...services, enqueue: jobs.enqueue, limits: await readOrganisationLimits(context.folder) }
  const programs: ApiParts = {
    callerOf: door.programOf,
    howToSignIn: `Send a token of vigie tokens add${start ? ', or the one that vigie serve printed' : ''}: Authorization: Bearer …`,
    services: asking,
    files,
    desk,
    log,
  }
  const visitor = { caller: everything, name: everything.who, formToken: randomBytes(32).toString('base64url') }
  const room: RoomParts = {
    ...(signedIn
      ? { visitorOf: signedIn.visitorOf, signInLinks: stageSignInLinks }
      : { visitorOf: (c) => (start?.isBrowserIn(c) ? visitor : undefined), names: nameIn(context.folder) }),
    services: asking,
    desk,
    due: everyReport,
    deliver: async (message) => void (await (await deliverer(context))(message)),
    files,
    plates: { uploads: plateUploadsIn(context.table), door: { is: 'here', decode } },
    tokenPages: tokenPages(programTokens, services.clock, log),
    mailbox: mailboxOf(join(context.folder, 'outbox')),
    drawings: roomDrawings,
    log,
  }
  const app = webApp({
    ...{ readers, log, organisation: services.organisation },
    ...{ filesOrigin: files.origin, secure: publicUrl !== undefined },
    also: (web, style) => roomRoutes(web, room, style),
  })
  start?.routes(app)
  if (signedIn) for (const path of Object.values(signInPaths)) app.all(path, (c) => signedIn.app.fetch(c.req.raw))
  app.use(door.programs)
  files.routes(app)
  apiRoutes(app, programs)
  const server = createAdaptorServer({
    fetch: (request) => {
      const address = addressOf(request, publicUrl)
      if (address === undefined) return new Response(null, { status: 421 })
      return forbidden.includes(request.method)
        ? new Response(null, { status: 405 })
        : app.fetch(plain(request, address))
    },
    overrideGlobalObjects: false,
    // Node waits a minute for slow headers.
    serverOptions: { headersTimeout: 15_000, connectionsCheckingInterval: 5_000 },
  })
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done)).catch(
    async (cause: unknown) => {
      const isTaken = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE'
      const reason = isTaken
        ? `is in use: --port ${await freeAfter(port)} is free`
        : `cannot be listened on: ${messageOf(cause)}`
      throw new Error(`port ${port} ${reason}`, { cause })
    },
  )
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port')
  const ended = new Promise<void>((done) => {
    stopping.addEventListener('abort', () => {
      server.close(() => done())
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  })
  const url = `http://127.0.0.1:${address.port}`
  await keepAddress(context, publicUrl ?? url)
  return {
    url,
    site: await siteHere(context),
    entrance: start ? `${url}${start.path}` : `${publicUrl}/room`,
    token: start?.token,
    resumed: await jobs.resume(),
    enqueue: jobs.enqueue,
    ended,
  }
}

const decode: Decode = async (file, masks) => {
  const { maskPicture } = await import('../../../lambdas/render/picture-decoder.ts')
  return maskPicture(file, masks)
}

/** The next port that can be listened on. */
const freeAfter = async (port: number): Promise<number> => {
  for (let next = port + 1; next <= 65_535; next += 1) {
    const probe = createServer()
    const isFree = await new Promise<boolean>((done) => {
      probe.once('error', () => done(false)).listen(next, '127.0.0.1', () => probe.close(() => done(true)))
    })
    if (isFree) return next
  }
  return 0 // which stands for any free one
}

/** Methods that the Request constructor refuses. */
const forbidden: readonly string[] = ['CONNECT', 'TRACE', 'TRACK']

/** Converts to a standard Request: the body limit cannot rebuild the server's own type. */
const plain = ({ method, headers, body }: Request, url: string): Request =>
  new Request(url, { method, headers, body, ...(body && { duplex: 'half' }) })

/**
 * The address that a browser has opened: undefined for a foreign host (DNS rebinding). Scheme and port of a proxy are
 * those of the public URL; headers about forwarding are not read.
 */
const addressOf = ({ url }: Request, publicUrl: string | undefined): string | undefined => {
  const { hostname, pathname, search } = new URL(url)
  if (['127.0.0.1', 'localhost'].includes(hostname)) return url
  return publicUrl !== undefined && hostname === new URL(publicUrl).hostname
    ? `${publicUrl}${pathname}${search}`
    : undefined
}
