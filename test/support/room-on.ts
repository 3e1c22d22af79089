/** The reading room on services that a test has made, as one reader sees it. */
import { Hono } from 'hono'
import type { Caller } from '../../lambdas/domain/access/caller.ts'
import { everyReport } from '../../lambdas/domain/core/place/due.ts'
import { roomDrawings } from '../../lambdas/render/drawings/drawings.ts'
import { plateUploadsIn } from '../../lambdas/store/intake/plate-uploads.ts'
import { memoryTable } from '../../lambdas/store/table/memory-table.ts'
import type { Table } from '../../lambdas/store/table/table.ts'
import { deskOn } from '../../lambdas/usecases/ingest/desk.ts'
import type { Log } from '../../lambdas/usecases/log.ts'
import type { Services } from '../../lambdas/usecases/services.ts'
import { apiRoutes } from '../../lambdas/web/api/routes.ts'
import { roomRoutes } from '../../lambdas/web/reading-room/routes.ts'
import { withoutRuns } from './date-runs.ts'

export type Seen = { readonly status: number; readonly text: string; readonly headers: Headers }

/** Nothing is printed: reports are not made here. */
export const noPrinter = {
  print: () => Promise.reject(new Error('nothing is printed here')),
  close: async () => undefined,
} as never

/** Pictures are not decoded here. */
export const noDecoder = () => Promise.reject(new Error('nothing is decoded here'))

/**
 * The room's pages, and what programs are answered.
 * @param table what the services work on, where an analyst's pages are looked at too
 */
export const roomOn = (
  services: Services,
  caller: Caller,
  table: Table = memoryTable(),
  log: Log = () => undefined,
): ((path: string) => Promise<Seen>) => {
  const app = new Hono()
  const visitor = { caller, name: caller.who, formToken: 'token' }
  const parts = {
    visitorOf: () => visitor,
    services: { ...services, enqueue: async () => undefined },
    desk: deskOn(table, {
      clock: services.clock,
      run: () => services.run,
      intake: async () => ({ pseudonyms: async () => (account) => account }),
    }),
    due: everyReport,
    deliver: async () => undefined,
    files: { urlFor: async () => '' },
    plates: { uploads: plateUploadsIn(table), door: { is: 'here' as const, decode: noDecoder } },
    drawings: roomDrawings,
    log,
  }
  roomRoutes(app, parts, { organisation: {}, styleSheet: '/assets/x/pages.css' })
  const { plates: _, ...api } = parts
  apiRoutes(app, { ...api, callerOf: () => caller })
  return async (path) => {
    const answer = await app.request(`http://127.0.0.1${path}`, { headers: { 'accept-language': 'en' } })
    return { status: answer.status, text: withoutRuns(await answer.text()), headers: answer.headers }
  }
}
