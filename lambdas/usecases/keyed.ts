/** Ties the key that a caller sends to one request, so that a repeated request is carried out once. */
import type { Caller } from '../domain/access/caller.ts'
import { sha256 } from '../domain/core/text/canonical.ts'
import type { Jobs } from '../store/reports/jobs.ts'

export class KeyReusedError extends Error {
  override name = 'KeyReusedError'
}

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

/** Gives a repeated request the first answer. A request that failed is tried again. @throws KeyReusedError */
export const answerOnce = async <Answer extends object>(
  keyed: Keyed,
  work: () => Promise<Answer>,
  services: KeyedServices,
): Promise<Answer> => {
  const known = await resultOfKey(keyed, '', services)
  if (known !== '') return JSON.parse(known) as Answer
  const answer = await work()
  if (keyed.key !== undefined)
    await services.jobs.answer(hashOf(keyed), JSON.stringify(answer), keyed.requestHash, services.clock())
  return answer
}
