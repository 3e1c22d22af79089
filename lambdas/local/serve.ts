/** The web on this machine: on loopback, without sign-in, on the home's store, archive and outbox. */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { everything } from '../domain/caller.ts'
import { readersOn } from '../readers.ts'
import { roomDrawings } from '../render/room-drawings.ts'
import { takeDetections } from '../take-detections.ts'
import { webApp } from '../web/app.ts'
import { type ProgramParts, programRoutes } from '../web/programs.ts'
import { type RoomParts, roomRoutes } from '../web/room.ts'
import { intakeHere } from './ingest-files.ts'
import { jobRunner } from './job-runner.ts'
import type { Laptop } from './laptop.ts'
import { senderHere } from './mail.ts'
import { mailboxOf } from './mailbox.ts'
import { signedFolder } from './signed-files.ts'

export type Served = { readonly url: string; readonly ended: Promise<void> }

/** Listens on 127.0.0.1 until the laptop stops. */
export const serve = async ({ port }: { readonly port: number }, laptop: Laptop): Promise<Served> => {
  const { services, stopping } = laptop
  const files = signedFolder(services.archive, services.clock)
  const log = (what: string, facts: Readonly<Record<string, string | number>>) =>
    services.note(JSON.stringify({ what, ...facts }))
  const { mailer, from } = senderHere(laptop)
  const readers = readersOn(services, { mailer, from, files, log })
  const jobs = jobRunner(laptop)
  const programs: ProgramParts = {
    // Whoever uses this machine can read every file of it.
    callerOf: () => everything,
    services: { ...services, enqueue: jobs.enqueue },
    files,
    take: async (bytes, how) => takeDetections(bytes, { ...how, ...(await intakeHere(laptop)) }, services),
    log,
  }
  const visitor = { caller: everything, name: everything.who, formToken: randomBytes(32).toString('base64url') }
  const room: RoomParts = {
    visitorOf: () => visitor,
    services: { ...services, enqueue: jobs.enqueue },
    files,
    mailbox: mailboxOf(join(laptop.folder, 'outbox')),
    drawings: roomDrawings,
    log,
  }
  const app = webApp({
    ...{ readers, house: services.house, log, filesOrigin: files.origin, secure: false },
    also: (web, dress) => roomRoutes(web, room, dress),
  })
  programRoutes(app, programs)
  files.routes(app)
  const server = createAdaptorServer({
    fetch: (request) => (isHere(request) ? app.fetch(request) : new Response(null, { status: 421 })),
    overrideGlobalObjects: false,
  })
  await new Promise<void>((done, fail) => server.once('error', fail).listen(port, '127.0.0.1', done)).catch(
    (cause: unknown) => {
      throw new Error(`port ${port} cannot be listened on: ${cause instanceof Error ? cause.message : cause}`, {
        cause,
      })
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
  return { url: `http://127.0.0.1:${address.port}`, ended }
}

/** By this machine's own name: a page of elsewhere could make its name stand for this machine, and read along. */
const isHere = (request: Request): boolean => ['127.0.0.1', 'localhost'].includes(new URL(request.url).hostname)
