/** Ties the key that a caller sends to one request, so that a repeated request is carried out once. */
import { randomUUID } from 'node:crypto'
import type { Caller } from '../domain/access/caller.ts'
import { sha256 } from '../domain/core/text/canonical.ts'
import type { Jobs } from '../store/reports/jobs.ts'

export class KeyReusedError extends Error {
  override name = 'KeyReusedError'
}

/** The first request with the key is under way. */
export class KeyBusyError extends Error {
  override name = 'KeyBusyError'
}

/** In milliseconds; after it a request without an answer is taken for lost. */
const busyMs = 60_000

const pending = 'pending '

type Keyed = {
  readonly caller: Pick<Caller, 'who'>
  readonly key: string | undefined
  readonly requestHash: string
}

export type KeyedServices = { readonly jobs: Pick<Jobs, 'name' | 'answer'>; clock(): Date }

const hashOf = ({ caller, key = '' }: Keyed): string => sha256(`${caller.who}\n${key}`)

/** @returns `result`, or that of the key's first request. @throws KeyReusedError */
export const resultOfKey = async (keyed: Keyed, result: string, { jobs, clock }: KeyedServices): Promise<string> => {
  if (keyed.key === undefined) return result
  const { job, requestHash } = await jobs.name(hashOf(keyed), result, keyed.requestHash, clock())
  if (requestHash === keyed.requestHash) return job
  throw new KeyReusedError('this key was sent with another request: take a new key for each')
}

/** Gives a repeated request the first answer. A request that failed is tried again. @throws KeyReusedError, KeyBusyError */
export const answerOnce = async <Answer extends object>(
  keyed: Keyed,
  work: () => Promise<Answer>,
  services: KeyedServices,
): Promise<Answer> => {
  const { key, requestHash } = keyed
  if (key === undefined) return work()
  const now = services.clock()
  const mine = `${pending}${now.toISOString()} ${randomUUID()}`
  const keep = (text: string) => services.jobs.answer(hashOf(keyed), text, requestHash, now)
  const known = await resultOfKey(keyed, mine, services)
  if (!known.startsWith(pending)) return JSON.parse(known) as Answer
  const since = Date.parse(known.slice(pending.length).split(' ')[0] ?? '')
  if (known !== mine && now.getTime() - since < busyMs)
    throw new KeyBusyError('a request with this key is under way: send it again in a minute')
  try {
    const answer = await work()
    await keep(JSON.stringify(answer))
    return answer
  } catch (error) {
    await keep(`${pending}${new Date(0).toISOString()}`)
    throw error
  }
}
