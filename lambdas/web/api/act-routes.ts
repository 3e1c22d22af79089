/** Routes by which programs correct, withdraw, place and decide, by the rules of the reading room's forms. */
import type { Context, Hono } from 'hono'
import type * as z from 'zod'
import { type Caller, isOperator } from '../../domain/access/caller.ts'
import { faultText } from '../../domain/core/fault-text.ts'
import { eachOf } from '../../domain/core/fault.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { detectionFor, type KnownDetection } from '../../usecases/detections/show-detection.ts'
import { type LookServices, shownTo, viewFor } from '../../usecases/detections/view.ts'
import type { Desk } from '../../usecases/ingest/desk.ts'
import { type DetectionEdit, editDetection } from '../../usecases/ingest/edit/edit-detection.ts'
import * as waitingRecords from '../../usecases/ingest/edit/waiting-records.ts'
import { answerOnce, type KeyedServices } from '../../usecases/keyed.ts'
import type { Log } from '../../usecases/log.ts'
import { ApiProblemError } from '../shared/problems.ts'
import { type Answering, bodyOf, hasTag, keyOf, queryOf } from './requests.ts'
import * as schemas from './schemas.ts'

export type ActParts = Answering & {
  readonly services: LookServices & KeyedServices
  readonly desk: Desk
  readonly log: Log
}

type Outcome = z.infer<typeof schemas.actAnswer>['outcome']

type Act<Found> = (found: Found, caller: Caller) => Promise<Outcome | 'changed'>

/** What acts are done to; undefined where the caller may not know of it. */
type Find<Found> = (id: string, caller: Caller) => Promise<Found | undefined>

/** Also stored for repeated requests, so it holds nothing of the detection. */
type ActAnswer = { readonly id: string; readonly outcome: string; readonly etag?: string | undefined }

export const notKnown = () => new ApiProblemError('not-found', 'Nothing under this id is known to this caller')

export const conflict = (detail: string) => new ApiProblemError('conflict', detail)

const maxTries = 3

export const idIn = (c: Context): string => Object.values(c.req.param())[0] ?? ''

/** Acts are carried out on the state that If-Match names, and once for each Idempotency-Key. */
export const actsOn = <Found extends { readonly etag: string }>(
  app: Hono,
  { answering, limited, services, log }: Pick<ActParts, 'answering' | 'limited' | 'services' | 'log'>,
  { allowedToAct, find }: { allowedToAct(c: Context): Caller; find: Find<Found> },
) => {
  /** @param tries repeats when a change that the caller may not know happens meanwhile */
  const carryOut = async (c: Context, caller: Caller, act: Act<Found>, tries = maxTries): Promise<ActAnswer> => {
    const asked = c.req.header('if-match')
    if (asked === undefined) throw new ApiProblemError('unconditional', 'Send its ETag, or * for any')
    const id = idIn(c)
    const found = await find(id, caller)
    if (!found) throw notKnown()
    const { etag } = found
    if (!hasTag(asked, etag))
      throw new ApiProblemError('changed', 'It changed: read it again, and send its ETag', [], { etag })
    const outcome = await act(found, caller)
    if (outcome === 'changed' && tries > 1) return carryOut(c, caller, act, tries - 1)
    if (outcome === 'changed') throw conflict('It cannot be carried out on what is stored')
    log('changed by a program', { who: caller.who, id, act: c.req.routePath, outcome })
    return { id, outcome, etag: (await find(id, caller))?.etag }
  }
  return (method: 'post' | 'patch', at: string, read: (c: Context) => Promise<Act<Found>>): void => {
    const answer = answering(async (c) => {
      const caller = allowedToAct(c)
      const act = await read(c)
      const requestHash = sha256([c.req.method, c.req.url, await c.req.text()].join('\n'))
      const keyed = { caller, key: keyOf(c), requestHash }
      const { etag, ...done } = await answerOnce(keyed, () => carryOut(c, caller, act), services)
      return c.json(done, 200, etag === undefined ? {} : { etag })
    })
    app[method](at, limited, answer)
  }
}

export const actRoutes = (app: Hono, parts: ActParts): void => {
  const { allowed, answering, services, desk } = parts
  const path = '/detections/:detection'
  const allowedToAct = (c: Context): Caller => {
    allowed(c, 'detections:read')
    return allowed(c, 'detections:write')
  }
  const find: Find<KnownDetection> = (id, caller) => detectionFor(id, caller, services)
  const acting = actsOn(app, parts, { allowedToAct, find })
  const waitingFor = async ({ stored }: KnownDetection, caller: Caller) =>
    waitingRecords.waitingRecordsFor(caller, desk.services, stored.id)
  const edited =
    (edit: DetectionEdit, reason: string): Act<KnownDetection> =>
    async ({ stored: { id, revision, status, territories } }, caller) => {
      if (status !== 'active') throw notKnown()
      if (edit.does === 'place' && territories.length > 0) throw conflict('It has territories: PATCH corrects them')
      const done = await editDetection({ id, revision, by: caller.who, reason, edit }, caller, desk)
      if (typeof done === 'string') return done
      if (done.fault !== 'words') {
        if (done.fault === 'beyond')
          throw new ApiProblemError('not-allowed', 'The result is above this caller’s rights')
        if (done.fault === 'refused') throw conflict('The same lower marking was refused before')
        return done.fault === 'same' ? 'unchanged' : done.fault
      }
      const faults = eachOf(done.reason).map(({ path: field = '', ...one }) => ({
        ...{ field: `/${field.replaceAll('.', '/')}`, fix: faultText(one) },
      }))
      throw new ApiProblemError('invalid', faultText(done.reason).slice(0, 1_000), faults)
    }

  acting('patch', path, async (c) => {
    const { reason } = queryOf(c, schemas.patchQuery)
    return edited({ does: 'patch', patch: await bodyOf(c, schemas.patchRequest, schemas.patchType) }, reason)
  })
  acting('post', `${path}/withdraw`, async (c) =>
    edited({ does: 'withdraw' }, (await bodyOf(c, schemas.reasonRequest)).reason),
  )
  acting('post', `${path}/place`, async (c) => {
    const { territories, reason = '' } = await bodyOf(c, schemas.placeRequest)
    return edited({ does: 'place', territories }, reason)
  })
  for (const [name, as] of [['accept', 'revision'] as const, ['refuse', 'refused'] as const])
    acting('post', `${path}/${name}`, async (c) => {
      const { record, reason } = await bodyOf(c, schemas.decideRequest)
      return async (found, caller) => {
        const waiting = (await waitingFor(found, caller)).find((one) => one.record.sha256 === record)
        if (!waiting) throw new ApiProblemError('not-found', 'There is no such waiting record for this caller')
        if (name === 'accept' && !waitingRecords.mayAccept(caller, caller.who, waiting))
          throw new ApiProblemError('not-allowed', 'Another caller has to accept a lower marking')
        if (name === 'accept' && waitingRecords.isOvertaken(waiting))
          throw conflict('The marking was changed since: it can only be refused')
        const decided = await waitingRecords.decideWaiting(waiting, { as, by: caller.who, reason }, desk.services)
        if (typeof decided === 'object') throw conflict('It was decided meanwhile')
        return decided
      }
    })

  app.get(
    `${path}/waiting`,
    answering(async (c) => {
      const caller = allowedToAct(c)
      const found = await find(idIn(c), caller)
      if (!found) throw notKnown()
      const view = await viewFor(caller, services)
      const waiting = (await waitingFor(found, caller)).map(async (one) => {
        const { record, effect, revision, sender, marking } = one
        const after = { detection: effect.after, revision, storedAt: record.storedAt }
        const [becomes] = await shownTo([after], view, services)
        const kind = waitingRecords.isLowering(one) ? 'lower' : 'contested'
        // Evidence images have their own markings.
        const changed = effect.changed.filter((field) => field !== 'plates' || isOperator(caller))
        return { record: record.sha256, kind, changed, sender, marking, becomes }
      })
      return c.json({ waiting: await Promise.all(waiting) }, 200, { etag: found.etag })
    }),
  )
}
