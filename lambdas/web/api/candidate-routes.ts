/** Routes by which programs sign and refuse candidates. */
import type { Context, Hono } from 'hono'
import { type Caller, isUnder } from '../../domain/access/caller.ts'
import { faultText, reasonText } from '../../domain/core/fault-text.ts'
import { sha256 } from '../../domain/core/text/canonical.ts'
import { harmless } from '../../domain/core/text/harmless.ts'
import { harmlessIn } from '../../domain/report/facts.ts'
import {
  type Candidate,
  decideCandidate,
  decisionIn,
  isWaiting,
  stampOf,
} from '../../usecases/detect/decide-candidates.ts'
import { shownTo, viewFor } from '../../usecases/detections/view.ts'
import { senderFor } from '../../usecases/ingest/desk.ts'
import type { Services } from '../../usecases/services.ts'
import { type ActParts, actsOn, conflict, idIn, notKnown } from './act-routes.ts'
import { bodyOf, queryOf } from './requests.ts'
import * as schemas from './schemas.ts'

type CandidateParts = ActParts & { readonly services: Pick<Services, 'candidates'> }

const mostListed = 200

export const candidateRoutes = (app: Hono, parts: CandidateParts): void => {
  const { allowed, answering, services, desk, log } = parts
  const allowedToAct = (c: Context) => allowed(c, 'candidates:sign')
  const find = async (id: string, caller: Caller) => {
    const candidate = await services.candidates.get(id)
    return candidate && isUnder(caller, candidate.detection) ? { candidate, etag: etagOf(candidate) } : undefined
  }
  const shown = async (candidates: readonly Candidate[], caller: Caller) => {
    const found = candidates.map(({ detection, revision, foundAt }) => ({ detection, revision, storedAt: foundAt }))
    const detections = await shownTo(found, await viewFor(caller, services), services)
    return candidates.map((candidate, at) => {
      const { id, state, revision, foundAt, signedRevision, lost, strength, shared, decidedAt, reason } = candidate
      const { accountRefs: accounts, summary, detector } = candidate.detection
      const made = decisionIn(candidate)
      const decision = made && { ...made, at: decidedAt, reason: reasonText(reason ?? '') }
      return {
        ...{ id, etag: etagOf(candidate), state, revision, foundAt, signedRevision, lostAt: lost?.at, strength },
        ...harmlessIn({ decision, summary, limits: detector.knownError, shared, accounts }),
        detection: detections[at],
      }
    })
  }

  app.get(
    '/candidates',
    answering(async (c) => {
      const caller = allowedToAct(c)
      queryOf(c, schemas.noQuery)
      const waiting = (await Array.fromAsync(services.candidates.all()))
        .filter((one) => isWaiting(one) && isUnder(caller, one.detection))
        .toSorted((one, other) => (one.foundAt < other.foundAt ? -1 : 1))
      log('candidates listed', { who: caller.who, listed: waiting.length })
      return c.json({ waiting: waiting.length, candidates: await shown(waiting.slice(0, mostListed), caller) })
    }),
  )
  app.get(
    '/candidates/:candidate',
    answering(async (c) => {
      const caller = allowedToAct(c)
      const found = await find(idIn(c), caller)
      if (!found) throw notKnown()
      const [one] = await shown([found.candidate], caller)
      log('candidate read', { who: caller.who, candidate: found.candidate.id })
      return c.json(one, 200, { etag: found.etag })
    }),
  )
  const acting = actsOn(app, parts, { allowedToAct, find })
  for (const [name, state] of [['sign', 'signed'] as const, ['refuse', 'refused'] as const])
    acting('post', `/candidates/:candidate/${name}`, async (c) => {
      const { reason } = await bodyOf(c, name === 'sign' ? schemas.signRequest : schemas.reasonRequest)
      return async ({ candidate }, caller) => {
        const by = caller.who
        const decision = { state, by, sender: senderFor(caller, by), ...(reason !== undefined && { reason }) }
        const failed = await decideCandidate(candidate, decision, { ...desk.services, candidates: services.candidates })
        if (failed) throw conflict(harmless(faultText(failed.reason)))
        return 'done'
      }
    })
}

const etagOf = (candidate: Candidate): string =>
  `"${candidate.revision}-${sha256(`${candidate.id} ${stampOf(candidate)}`).slice(0, 16)}"`
